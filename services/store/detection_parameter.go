package store

import (
	"errors"
	"time"

	"rigistry/models"
)

type parameterChangeRow struct {
	ID         string `gorm:"column:id"`
	From       string `gorm:"column:valid_from"`
	Note       string `gorm:"column:note"`
	Named      string `gorm:"column:named"`
	WhatIf     string `gorm:"column:what_if"`
	State      string `gorm:"column:state"`
	ProposedBy string `gorm:"column:proposed_by"`
	ProposedAt int64  `gorm:"column:proposed_at"`
	DecidedBy  string `gorm:"column:decided_by"`
	DecidedAt  int64  `gorm:"column:decided_at"`
	Reason     string `gorm:"column:reason"`
	Version    int64  `gorm:"column:version"`
}

func (r parameterChangeRow) change() (models.ParameterChange, error) {
	c := models.ParameterChange{ID: r.ID, From: r.From, Note: r.Note, WhatIf: r.WhatIf, State: models.ReferenceChangeState(r.State), ProposedBy: r.ProposedBy,
		ProposedAt: instant(r.ProposedAt), DecidedBy: r.DecidedBy, DecidedAt: instant(r.DecidedAt), Reason: r.Reason, Version: r.Version}
	return c, parse(r.Named, &c.Values)
}

func parameterChanges(rows []parameterChangeRow, err error) ([]models.ParameterChange, error) {
	out := make([]models.ParameterChange, 0, len(rows))
	for _, r := range rows {
		c, bad := r.change()
		out, err = append(out, c), errors.Join(err, bad)
	}
	return out, err
}

// InsertParameterChange adds a proposed change of the parameters of detection.
func (tx *Tx) InsertParameterChange(c models.ParameterChange) error {
	named, err := text(c.Values)
	if err != nil {
		return err
	}
	return insert(tx, "detection_parameter_changes", &parameterChangeRow{c.ID, c.From, c.Note, named, c.WhatIf, string(c.State),
		c.ProposedBy, micros(c.ProposedAt), c.DecidedBy, micros(c.DecidedAt), c.Reason, c.Version})
}

// DecideParameterChange saves the decision on a change when it still has the version
// before c.Version.
func (tx *Tx) DecideParameterChange(c models.ParameterChange) error {
	return updateVersion(tx, "detection_parameter_changes", c.ID, c.Version-1, map[string]any{"state": string(c.State), "decided_by": c.DecidedBy,
		"decided_at": micros(c.DecidedAt), "reason": c.Reason})
}

// ParameterChange gives the change with the id.
func (tx *Tx) ParameterChange(id string) (models.ParameterChange, error) {
	r, err := one[parameterChangeRow](tx, "change of parameters", id, "SELECT * FROM detection_parameter_changes WHERE id = ?", id)
	if err != nil {
		return models.ParameterChange{}, err
	}
	return r.change()
}

// ParameterChanges lists changes, the newest first, before the id; "" does not narrow.
func (tx *Tx) ParameterChanges(state string, page Page) ([]models.ParameterChange, error) {
	w := where{}
	w.equal("state", state)
	if page.After != "" {
		w.add("id < ?", page.After)
	}
	return parameterChanges(many[parameterChangeRow](tx, "SELECT * FROM detection_parameter_changes"+w.sql()+" ORDER BY id DESC LIMIT ?", append(w.args, page.Size())...))
}

// ConfirmedParameters gives every confirmed change, by its day.
func (tx *Tx) ConfirmedParameters() ([]models.ParameterChange, error) {
	return parameterChanges(many[parameterChangeRow](tx, "SELECT * FROM detection_parameter_changes WHERE state = 'confirmed' ORDER BY valid_from"))
}

type whatIfRow struct {
	ID       string `gorm:"column:id"`
	Named    string `gorm:"column:named"`
	Present  string `gorm:"column:present"`
	From     int64  `gorm:"column:from_at"`
	Until    int64  `gorm:"column:until_at"`
	State    string `gorm:"column:state"`
	Permille int64  `gorm:"column:permille"`
	Passed   string `gorm:"column:passed"`
	Found    string `gorm:"column:found"`
	Fault    string `gorm:"column:fault"`
	AskedBy  string `gorm:"column:asked_by"`
	AskedAt  int64  `gorm:"column:asked_at"`
	EndedAt  int64  `gorm:"column:ended_at"`
	Version  int64  `gorm:"column:version"`
}

func (r whatIfRow) whatIf() (models.WhatIf, error) {
	w := models.WhatIf{ID: r.ID, Present: r.Present, From: instant(r.From), Until: instant(r.Until), State: models.WhatIfState(r.State), Permille: r.Permille,
		Fault: r.Fault, AskedBy: r.AskedBy, AskedAt: instant(r.AskedAt), EndedAt: instant(r.EndedAt), Version: r.Version}
	return w, errors.Join(parse(r.Named, &w.Values), parse(r.Passed, &w.Passed), parse(r.Found, &w.Found))
}

// InsertWhatIf adds a what-if. One runs at a time: CodeConflict says that one does.
func (tx *Tx) InsertWhatIf(w models.WhatIf) error {
	running, err := one[int64](tx, "count", "", "SELECT COUNT(*) FROM detection_what_ifs WHERE state = 'running'")
	if err != nil {
		return err
	}
	if running > 0 {
		return models.Errorf(models.CodeConflict, "A what-if is running. Wait for its end or cancel it; one runs at a time.")
	}
	named, err := text(w.Values)
	if err != nil {
		return err
	}
	return insert(tx, "detection_what_ifs", &whatIfRow{w.ID, named, w.Present, micros(w.From), micros(w.Until), string(w.State), w.Permille, "[]", "{}", w.Fault,
		w.AskedBy, micros(w.AskedAt), micros(w.EndedAt), w.Version})
}

// SaveWhatIf saves how far a what-if is, when it still has the version before
// w.Version.
func (tx *Tx) SaveWhatIf(w models.WhatIf) error {
	passed, err := text(nonNil(w.Passed))
	if err != nil {
		return err
	}
	found, err := text(w.Found)
	if err != nil {
		return err
	}
	return updateVersion(tx, "detection_what_ifs", w.ID, w.Version-1, map[string]any{"state": string(w.State), "permille": w.Permille, "passed": passed,
		"found": found, "fault": w.Fault, "ended_at": micros(w.EndedAt)})
}

// AdvanceWhatIf tells how far a running what-if is, in thousandths, and whether it
// still runs. It is no change that anybody decides by, so the version stays.
func (tx *Tx) AdvanceWhatIf(id string, permille int64) (running bool, err error) {
	n, err := exec(tx, "UPDATE detection_what_ifs SET permille = ? WHERE id = ? AND state = 'running'", permille, id)
	return n == 1, err
}

// WhatIf gives the what-if with the id.
func (tx *Tx) WhatIf(id string) (models.WhatIf, error) {
	r, err := one[whatIfRow](tx, "what-if", id, "SELECT * FROM detection_what_ifs WHERE id = ?", id)
	if err != nil {
		return models.WhatIf{}, err
	}
	return r.whatIf()
}

// WhatIfs lists what-ifs, the newest first, before the id; "" does not narrow.
func (tx *Tx) WhatIfs(state string, page Page) ([]models.WhatIf, error) {
	w := where{}
	w.equal("state", state)
	if page.After != "" {
		w.add("id < ?", page.After)
	}
	rows, err := many[whatIfRow](tx, "SELECT * FROM detection_what_ifs"+w.sql()+" ORDER BY id DESC LIMIT ?", append(w.args, page.Size())...)
	out := make([]models.WhatIf, 0, len(rows))
	for _, r := range rows {
		one, bad := r.whatIf()
		out, err = append(out, one), errors.Join(err, bad)
	}
	return out, err
}

// IntervalSpan gives the start of the first interval that is kept; zero for none.
func (tx *Tx) IntervalSpan() (time.Time, error) {
	first, err := one[int64](tx, "intervals", "", "SELECT COALESCE(MIN(start_at), 0) FROM intervals")
	if err != nil || first == 0 {
		return time.Time{}, err
	}
	return instant(first), nil
}
