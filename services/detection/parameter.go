package detection

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/detection/stream"
	"rigistry/services/store"
)

// ParameterTable is the table of numbers on one legal date, with what changed it.
type ParameterTable struct {
	Version string // legal date from which it is in force
	Rows    []models.DetectionParameter
	// Changes are the confirmed changes, by their day; those to come too.
	Changes []models.ParameterChange
}

// dayOf is the instant at which a legal date begins.
func dayOf(date string) (time.Time, error) {
	d, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return d, fmt.Errorf("legal date of a table: %w", err)
	}
	return d.Add(-models.LegalOffset), nil
}

// tablesOf gives the tables that confirmed changes made, by their day. A name that this
// program does not know any more is left out.
func tablesOf(tx *store.Tx) ([]stream.Dated, error) {
	changes, err := tx.ConfirmedParameters()
	if err != nil {
		return nil, err
	}
	return tablesFrom(changes)
}

func tablesFrom(changes []models.ParameterChange) ([]stream.Dated, error) {
	p := stream.Begun()
	names := p.Values()
	out := make([]stream.Dated, 0, len(changes))
	for _, c := range changes {
		from, err := dayOf(c.From)
		if err != nil {
			return nil, err
		}
		values := map[string]float64{}
		for name, v := range c.Values {
			if _, known := names[name]; known {
				values[name] = v
			}
		}
		if p, err = p.With(c.From, values); err != nil {
			return nil, err
		}
		out = append(out, stream.Dated{From: from, Params: p})
	}
	return out, nil
}

// inForce gives what limits compare with at an instant.
func inForce(tables []stream.Dated, at time.Time) Params { return paramsOf(stream.InForce(tables, at)) }

// Table gives the parameters in force on a legal date, "" today, with every confirmed
// change.
func (s *Service) Table(ctx context.Context, actor models.Actor, date string) (out ParameterTable, err error) {
	if err := models.Can(actor, models.ActFindingRead, models.Scope{}); err != nil {
		return out, err
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		if date == "" {
			date = models.LegalDate(tx.Now)
		}
		at, err := dayOf(date)
		if err != nil {
			var v models.Invalid
			v.Add("?on", "format", "Write the day as YYYY-MM-DD.")
			return v.Err()
		}
		changes, err := tx.ConfirmedParameters()
		if err != nil {
			return err
		}
		tables, err := tablesFrom(changes)
		if err != nil {
			return err
		}
		out = tableOn(stream.InForce(tables, at))
		out.Changes = changes
		return nil
	})
	return out, err
}

func tableOn(p stream.Params) ParameterTable {
	out := ParameterTable{Version: p.Version, Rows: stream.Table()}
	values := p.Values()
	for i := range out.Rows {
		out.Rows[i].Value = values[out.Rows[i].Name]
	}
	return out
}

// RulesOf gives the table that a finding was raised or last changed with, by its
// version; it goes into evidence packages.
func RulesOf(ctx context.Context, s *store.Store, f models.Finding) (out ParameterTable, err error) {
	_, version, _ := strings.Cut(f.RuleVersion, "+")
	err = s.View(ctx, func(tx *store.Tx) error {
		tables, err := tablesOf(tx)
		if err != nil {
			return err
		}
		p := stream.Begun()
		if i := slices.IndexFunc(tables, func(t stream.Dated) bool { return t.Version == version }); i >= 0 {
			p = tables[i].Params
		}
		out = tableOn(p)
		return nil
	})
	return out, err
}

// parameterFact is what the ledger keeps of a change; its words stay outside.
type parameterFact struct {
	From       string             `json:"from"`
	Values     map[string]float64 `json:"values"`
	State      string             `json:"state"`
	WhatIf     string             `json:"what_if,omitempty"`
	ProposedBy string             `json:"proposed_by,omitempty"`
}

func appendParameters(tx *store.Tx, actor models.Actor, kind string, c models.ParameterChange) error {
	_, err := tx.Append(models.Entry{Kind: kind, Subject: models.Ref{Kind: "parameter_change", ID: c.ID}, SubjectVersion: c.Version, Actor: actor,
		Body: parameterFact{From: c.From, Values: c.Values, State: string(c.State), WhatIf: c.WhatIf, ProposedBy: c.ProposedBy}})
	return err
}

// ParameterChanges lists changes of parameters, the newest first, with the names of
// their people by user id; "" does not narrow.
func (s *Service) ParameterChanges(ctx context.Context, actor models.Actor, state string, page store.Page) (out []models.ParameterChange, people map[string]string, err error) {
	if err := models.Can(actor, models.ActFindingRead, models.Scope{}); err != nil {
		return nil, nil, err
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		if out, err = tx.ParameterChanges(state, page); err != nil {
			return err
		}
		people, err = namesOf(tx, out...)
		return err
	})
	return out, people, err
}

// ParameterChange gives one change, with the names of its people by user id.
func (s *Service) ParameterChange(ctx context.Context, actor models.Actor, id string) (c models.ParameterChange, people map[string]string, err error) {
	if err := models.Can(actor, models.ActFindingRead, models.Scope{}); err != nil {
		return c, nil, err
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		if c, err = tx.ParameterChange(id); err != nil {
			return err
		}
		people, err = namesOf(tx, c)
		return err
	})
	return c, people, err
}

func namesOf(tx *store.Tx, changes ...models.ParameterChange) (map[string]string, error) {
	people := map[string]string{}
	for _, c := range changes {
		for _, id := range []string{c.ProposedBy, c.DecidedBy} {
			if _, known := people[id]; known || id == "" {
				continue
			}
			u, err := tx.User(id)
			if err != nil && models.CodeOf(err) != models.CodeNotFound {
				return nil, err
			}
			people[id] = u.Name
		}
	}
	return people, nil
}

// ProposeParameters proposes other numbers from a legal date on. They are in force
// when another person has confirmed them.
func (s *Service) ProposeParameters(ctx context.Context, actor models.Actor, c models.ParameterChange) (out models.ParameterChange, err error) {
	if err := models.Can(actor, models.ActParameterWrite, models.Scope{}); err != nil {
		return out, err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		if out, err = c.Propose(stream.Table(), actor, tx.Now); err != nil {
			return err
		}
		if out.WhatIf != "" {
			if err := shown(tx, out); err != nil {
				return err
			}
		}
		out.ID = tx.NewID()
		if err := tx.InsertParameterChange(out); err != nil {
			return err
		}
		return appendParameters(tx, actor, "detection.parameters_proposed", out)
	})
	return out, err
}

// shown refuses a what-if that did not look at the numbers that are proposed.
func shown(tx *store.Tx, c models.ParameterChange) error {
	var v models.Invalid
	w, err := tx.WhatIf(c.WhatIf)
	switch {
	case models.CodeOf(err) == models.CodeNotFound:
		v.Add("/what_if", "unknown", "There is no such what-if.")
	case err != nil:
		return err
	case w.State != models.WhatIfDone:
		v.Add("/what_if", "state", "The what-if is %s. Name one that is done, or none.", w.State)
	case !sameValues(w.Values, c.Values):
		v.Add("/what_if", "differs", "The what-if looked at other numbers. Run it with those that you propose, or name none.")
	}
	return v.Err()
}

func sameValues(a, b map[string]float64) bool {
	for name, v := range a {
		if w, ok := b[name]; !ok || v != w {
			return false
		}
	}
	return len(a) == len(b)
}

// ConfirmParameters puts a proposed change in force from its day: another person than
// proposed it, with a reason.
func (s *Service) ConfirmParameters(ctx context.Context, actor models.Actor, id, reason string, version int64) (models.ParameterChange, error) {
	return s.decideParameters(ctx, actor, id, version, "detection.parameters_confirmed", func(tx *store.Tx, c models.ParameterChange) (models.ParameterChange, error) {
		next, err := c.Decide(models.ReferenceConfirmed, reason, actor, tx.Now)
		if err != nil {
			return c, err
		}
		confirmed, err := tx.ConfirmedParameters()
		if err != nil {
			return c, err
		}
		for _, o := range confirmed {
			if o.From == c.From {
				return c, models.Errorf(models.CodeConflict, "A change from %s is confirmed already. Propose this one for another day.", c.From)
			}
		}
		return next, models.CheckParameters(stream.Table(), "/values/", c.Values)
	})
}

// RejectParameters turns a proposed change down, with a reason; whoever proposed it
// takes it back so.
func (s *Service) RejectParameters(ctx context.Context, actor models.Actor, id, reason string, version int64) (models.ParameterChange, error) {
	return s.decideParameters(ctx, actor, id, version, "detection.parameters_rejected", func(tx *store.Tx, c models.ParameterChange) (models.ParameterChange, error) {
		return c.Decide(models.ReferenceRejected, reason, actor, tx.Now)
	})
}

func (s *Service) decideParameters(ctx context.Context, actor models.Actor, id string, version int64, kind string,
	decide func(*store.Tx, models.ParameterChange) (models.ParameterChange, error)) (c models.ParameterChange, err error) {
	if err := models.Can(actor, models.ActParameterWrite, models.Scope{}); err != nil {
		return c, err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		if c, err = tx.ParameterChange(id); err != nil {
			return err
		}
		if version != 0 && version != c.Version {
			return models.Errorf(models.CodeVersionConflict, "The change was decided meanwhile. Load it again.")
		}
		if c, err = decide(tx, c); err != nil {
			return err
		}
		if err := tx.DecideParameterChange(c); err != nil {
			return err
		}
		return appendParameters(tx, actor, kind, c)
	})
	return c, err
}
