package store

import (
	"rigistry/models"
)

type mergeRow struct {
	ID         string `gorm:"column:id"`
	Survivor   string `gorm:"column:survivor"`
	Duplicate  string `gorm:"column:duplicate"`
	State      string `gorm:"column:state"`
	Reason     string `gorm:"column:reason"`
	Drafter    string `gorm:"column:drafter"`
	ProposedAt int64  `gorm:"column:proposed_at"`
	Signer     string `gorm:"column:signer"`
	DecidedAt  int64  `gorm:"column:decided_at"`
	UndoneBy   string `gorm:"column:undone_by"`
	UndoneAt   int64  `gorm:"column:undone_at"`
	UndoReason string `gorm:"column:undo_reason"`
	Version    int64  `gorm:"column:version"`
}

func (r mergeRow) merge() models.Merge {
	return models.Merge{ID: r.ID, Survivor: r.Survivor, Duplicate: r.Duplicate, State: models.MergeState(r.State), Reason: r.Reason,
		Drafter: r.Drafter, ProposedAt: instant(r.ProposedAt), Signer: r.Signer, DecidedAt: instant(r.DecidedAt), UndoneBy: r.UndoneBy,
		UndoneAt: instant(r.UndoneAt), UndoReason: r.UndoReason, Version: r.Version}
}

// InsertMerge adds a proposed merge. A second one of the duplicate that is open or
// stands is a conflict.
func (tx *Tx) InsertMerge(m models.Merge) error {
	return insert(tx, "party_merges", &mergeRow{ID: m.ID, Survivor: m.Survivor, Duplicate: m.Duplicate, State: string(m.State), Reason: m.Reason,
		Drafter: m.Drafter, ProposedAt: micros(m.ProposedAt), Version: m.Version})
}

// UpdateMerge saves how a merge went, when it still has the version before
// m.Version.
func (tx *Tx) UpdateMerge(m models.Merge) error {
	return updateVersion(tx, "party_merges", m.ID, m.Version-1, map[string]any{"state": string(m.State), "signer": m.Signer,
		"decided_at": micros(m.DecidedAt), "undone_by": m.UndoneBy, "undone_at": micros(m.UndoneAt), "undo_reason": m.UndoReason})
}

// Merge gives one merge.
func (tx *Tx) Merge(id string) (models.Merge, error) {
	r, err := one[mergeRow](tx, "merge", id, "SELECT * FROM party_merges WHERE id = ?", id)
	return r.merge(), err
}

// MergeFilter narrows a list of merges; "" does not narrow.
type MergeFilter struct {
	Party string // of which it is survivor or duplicate
	State string
}

// Merges lists merges, the newest first, before the id.
func (tx *Tx) Merges(f MergeFilter, page Page) ([]models.Merge, error) {
	w := where{}
	if f.Party != "" {
		w.add("(survivor = ? OR duplicate = ?)", f.Party, f.Party)
	}
	w.equal("state", f.State)
	if page.After != "" {
		w.add("id < ?", page.After)
	}
	rows, err := many[mergeRow](tx, "SELECT * FROM party_merges"+w.sql()+" ORDER BY id DESC LIMIT ?", append(w.args, page.Size())...)
	out := make([]models.Merge, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.merge())
	}
	return out, err
}

// openApplication is the condition that an application is not decided.
const openApplication = "state NOT IN ('granted', 'refused', 'withdrawn')"

// movable is what a merge moves by statements: the kind of item, its table, the
// column of the party and the condition on what is moved.
var movable = []struct{ kind, table, column, only, oldBin string }{
	{"site", "sites", "owner", "", "''"},
	{"equipment", "equipment", "owner", "", "''"},
	{"application", "applications", "applicant", " AND " + openApplication, "applicant_bin"},
	{"user", "users", "party", "", "''"},
}

// Movable counts what a merge of the party would move, persons left out.
func (tx *Tx) Movable(party string) (m models.Moved, err error) {
	for _, x := range movable {
		n, err := one[int64](tx, "count", "", "SELECT COUNT(*) FROM "+x.table+" WHERE "+x.column+" = ?"+x.only, party)
		if err != nil {
			return m, err
		}
		switch x.kind {
		case "site":
			m.Sites = n
		case "equipment":
			m.Equipment = n
		case "application":
			m.Applications = n
		case "user":
			m.Users = n
		}
	}
	return m, nil
}

// MoveToSurvivor moves what belongs to the duplicate to the survivor, keeps what it
// moved, and leaves the duplicate as merged.
func (tx *Tx) MoveToSurvivor(m models.Merge, survivor models.Party) error {
	for _, x := range movable {
		if _, err := exec(tx, "INSERT INTO party_merge_items (merge_id, kind, item, old_bin) SELECT CAST(? AS TEXT), CAST(? AS TEXT), id, "+x.oldBin+" FROM "+x.table+
			" WHERE "+x.column+" = ?"+x.only, m.ID, x.kind, m.Duplicate); err != nil {
			return err
		}
		also, args := "", []any{m.Survivor, micros(tx.Now)}
		if x.kind == "application" {
			also, args = ", applicant_bin = ?", append(args, survivor.BinOrIin)
		}
		if _, err := exec(tx, "UPDATE "+x.table+" SET "+x.column+" = ?, version = version + 1, updated_at = ?"+also+
			" WHERE "+x.column+" = ?"+x.only, append(args, m.Duplicate)...); err != nil {
			return err
		}
	}
	n, err := exec(tx, "UPDATE parties SET merged_into = ?, version = version + 1, updated_at = ? WHERE id = ? AND merged_into IS NULL", m.Survivor, micros(tx.Now), m.Duplicate)
	if err == nil && n != 1 {
		err = errStale
	}
	if err != nil {
		return err
	}
	return tx.findMoved(m, m.Survivor)
}

// MoveBack moves what a merge moved back to the duplicate, which stands for itself
// again.
func (tx *Tx) MoveBack(m models.Merge) error {
	for _, x := range movable {
		also := ""
		if x.kind == "application" {
			also = ", applicant_bin = (SELECT i.old_bin FROM party_merge_items i WHERE i.merge_id = ? AND i.kind = 'application' AND i.item = applications.id)"
		}
		args := []any{m.Duplicate, micros(tx.Now)}
		if also != "" {
			args = append(args, m.ID)
		}
		if _, err := exec(tx, "UPDATE "+x.table+" SET "+x.column+" = ?, version = version + 1, updated_at = ?"+also+
			" WHERE id IN (SELECT item FROM party_merge_items WHERE merge_id = ? AND kind = ?)", append(args, m.ID, x.kind)...); err != nil {
			return err
		}
	}
	n, err := exec(tx, "UPDATE parties SET merged_into = NULL, version = version + 1, updated_at = ? WHERE id = ? AND merged_into = ?", micros(tx.Now), m.Duplicate, m.Survivor)
	if err == nil && n != 1 {
		err = errStale
	}
	if err != nil {
		return err
	}
	return tx.findMoved(m, m.Duplicate)
}

// findMoved makes what a merge moved findable as the party's that it belongs to now,
// and compares both parties anew.
func (tx *Tx) findMoved(m models.Merge, owner string) error {
	sites, err := sites(many[siteRow](tx, "SELECT * FROM sites WHERE id IN (SELECT item FROM party_merge_items WHERE merge_id = ? AND kind = 'site')", m.ID))
	if err != nil {
		return err
	}
	for _, s := range sites {
		if err := tx.replaceTerms(siteTerms(s)); err != nil {
			return err
		}
	}
	p, err := tx.Party(owner)
	if err != nil {
		return err
	}
	rows, err := many[applicationRow](tx, "SELECT * FROM applications WHERE id IN (SELECT item FROM party_merge_items WHERE merge_id = ? AND kind = 'application')", m.ID)
	if err != nil {
		return err
	}
	for _, r := range rows {
		a := models.Application{ID: r.ID, Number: r.Number, Applicant: r.Applicant, ApplicantBin: r.ApplicantBin}
		if err := tx.replaceTerms(applicationTerms(a, p)); err != nil {
			return err
		}
	}
	if err := tx.compareAnew(m.Duplicate); err != nil {
		return err
	}
	return tx.compareAnew(m.Survivor)
}

// KeepMovedPerson keeps that a merge moved the line of a person.
func (tx *Tx) KeepMovedPerson(merge, line string) error {
	_, err := exec(tx, "INSERT INTO party_merge_items (merge_id, kind, item, old_bin) VALUES (?, 'person', ?, '')", merge, line)
	return err
}

// MovedItems gives the ids of what a merge moved of a kind: site, equipment,
// application, user or person.
func (tx *Tx) MovedItems(merge, kind string) ([]string, error) {
	return many[string](tx, "SELECT item FROM party_merge_items WHERE merge_id = ? AND kind = ? ORDER BY item", merge, kind)
}

// CountMoved counts what a merge moved.
func (tx *Tx) CountMoved(merge string) (models.Moved, error) {
	type row struct {
		Kind string `gorm:"column:kind"`
		N    int64  `gorm:"column:n"`
	}
	rows, err := many[row](tx, "SELECT kind, COUNT(*) AS n FROM party_merge_items WHERE merge_id = ? GROUP BY kind", merge)
	of := map[string]int64{}
	for _, r := range rows {
		of[r.Kind] = r.N
	}
	return models.Moved{Sites: of["site"], Equipment: of["equipment"], Applications: of["application"], Users: of["user"], Persons: of["person"]}, err
}

// maxNamed is how many things of a kind are named as obstacles.
const maxNamed = 5

// LicensesInForce gives the numbers of the party's licenses that are in force.
func (tx *Tx) LicensesInForce(holder string) ([]string, error) {
	return many[string](tx, "SELECT number FROM licenses WHERE holder = ? AND state IN ('active', 'suspended') AND valid_until > ? ORDER BY number LIMIT ?",
		holder, micros(tx.Now), maxNamed)
}

// undoObstacles are the queries for what makes it impossible to undo a merge, each
// with its code and what to say of a thing. Arguments: the merge, the survivor.
var undoObstacles = []struct{ code, query, text string }{
	{"moved", `SELECT s.code FROM sites s JOIN party_merge_items i ON i.kind = 'site' AND i.item = s.id WHERE i.merge_id = ? AND s.owner <> ?`,
		"Site %s belongs to somebody else now."},
	{"moved", `SELECT e.serial FROM equipment e JOIN party_merge_items i ON i.kind = 'equipment' AND i.item = e.id WHERE i.merge_id = ? AND e.owner <> ?`,
		"Rig %s was sold since."},
	{"moved", `SELECT a.number FROM applications a JOIN party_merge_items i ON i.kind = 'application' AND i.item = a.id WHERE i.merge_id = ? AND a.applicant <> ?`,
		"Application %s is somebody else's now."},
	{"moved", `SELECT u.login FROM users u JOIN party_merge_items i ON i.kind = 'user' AND i.item = u.id WHERE i.merge_id = ? AND u.party <> ?`,
		"The account %s acts for somebody else now."},
	{"decided", `SELECT a.number FROM applications a JOIN party_merge_items i ON i.kind = 'application' AND i.item = a.id
		WHERE i.merge_id = ? AND a.applicant = ? AND a.state IN ('granted', 'refused')`,
		"Application %s was decided for the survivor. A decision stays with whom it was made for."},
	{"licensed_site", `SELECT DISTINCT s.code FROM sites s JOIN party_merge_items i ON i.kind = 'site' AND i.item = s.id
		JOIN license_sites ls ON ls.site = s.id JOIN licenses l ON l.number = ls.number AND l.version = ls.version
		WHERE i.merge_id = ? AND l.holder = ? AND l.state IN ('active', 'suspended')`,
		"Site %s stands on a license of the survivor that is in force. Take it off the license first."},
	{"licensed_rig", `SELECT e.serial FROM equipment e JOIN party_merge_items i ON i.kind = 'equipment' AND i.item = e.id
		JOIN licenses l ON l.number = e.license WHERE i.merge_id = ? AND l.holder = ? AND l.state IN ('active', 'suspended')`,
		"Rig %s runs under a license of the survivor that is in force. Take it off the license first."},
}

// UndoObstacles gives what makes it impossible to undo a merge, persons left out:
// what it moved and what became of that since.
func (tx *Tx) UndoObstacles(m models.Merge) ([]models.Obstacle, error) {
	var out []models.Obstacle
	for _, q := range undoObstacles {
		things, err := many[string](tx, q.query+" LIMIT ?", m.ID, m.Survivor, maxNamed)
		if err != nil {
			return nil, err
		}
		for _, thing := range things {
			out = append(out, models.NewObstacle(q.code, thing, q.text))
		}
	}
	return out, nil
}
