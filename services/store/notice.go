package store

import (
	"time"

	"rigistry/models"
)

type noticeRow struct {
	ID          string `gorm:"column:id"`
	Party       string `gorm:"column:party"`
	Kind        string `gorm:"column:kind"`
	SubjectKind string `gorm:"column:subject_kind"`
	SubjectID   string `gorm:"column:subject_id"`
	Occasion    string `gorm:"column:occasion"`
	License     string `gorm:"column:license"`
	Due         string `gorm:"column:due"`
	Data        string `gorm:"column:data"`
	At          int64  `gorm:"column:at"`
	ReadAt      int64  `gorm:"column:read_at"`
	ReadBy      string `gorm:"column:read_by"`
}

func (r noticeRow) notice() (models.Notice, error) {
	n := models.Notice{ID: r.ID, Party: r.Party, Kind: models.NoticeKind(r.Kind), Subject: models.Ref{Kind: r.SubjectKind, ID: r.SubjectID},
		Occasion: r.Occasion, License: r.License, Due: r.Due, At: instant(r.At), ReadAt: instant(r.ReadAt), ReadBy: r.ReadBy}
	return n, parse(r.Data, &n.Data)
}

// InsertNotice tells a party something, once for its kind, subject and occasion. Its
// id is new and sorts by the time of writing.
func (tx *Tx) InsertNotice(n models.Notice) error {
	data, err := text(n.Data)
	if err != nil {
		return err
	}
	_, err = exec(tx, `INSERT INTO notices (id, party, kind, subject_kind, subject_id, occasion, license, due, data, at, read_at, read_by)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '') ON CONFLICT (party, kind, subject_kind, subject_id, occasion) DO NOTHING`,
		tx.NewID(), n.Party, string(n.Kind), n.Subject.Kind, n.Subject.ID, n.Occasion, n.License, n.Due, data, micros(n.At))
	return err
}

// NoticeFilter narrows a list of notices; "" and false do not narrow.
type NoticeFilter struct {
	Party  string
	Kind   string
	Unread bool
}

// Notices lists notices, the newest first. The cursor is the id of the last one.
func (tx *Tx) Notices(f NoticeFilter, page Page) ([]models.Notice, error) {
	w := where{}
	w.equal("party", f.Party)
	w.equal("kind", f.Kind)
	if f.Unread {
		w.add("read_at = 0")
	}
	if page.After != "" {
		w.add("id < ?", page.After)
	}
	rows, err := many[noticeRow](tx, "SELECT * FROM notices"+w.sql()+" ORDER BY id DESC LIMIT ?", append(w.args, page.Size())...)
	out := make([]models.Notice, 0, len(rows))
	for _, r := range rows {
		n, bad := r.notice()
		if err == nil {
			err = bad
		}
		out = append(out, n)
	}
	return out, err
}

// UnreadNotices counts what a party has not read.
func (tx *Tx) UnreadNotices(party string) (int64, error) {
	return one[int64](tx, "count", "notices", "SELECT COUNT(*) FROM notices WHERE party = ? AND read_at = 0", party)
}

// ReadNotice marks a notice of a party as read; one that was read stays as it was.
func (tx *Tx) ReadNotice(party, id, by string) (models.Notice, error) {
	if _, err := exec(tx, "UPDATE notices SET read_at = ?, read_by = ? WHERE party = ? AND id = ? AND read_at = 0", micros(tx.Now), by, party, id); err != nil {
		return models.Notice{}, err
	}
	r, err := one[noticeRow](tx, "notice", id, "SELECT * FROM notices WHERE id = ? AND party = ?", id, party)
	if err != nil {
		return models.Notice{}, err
	}
	return r.notice()
}

// SetReminder records that a reminder was sent, or that its day was before the thing
// itself, and tells whether it was not recorded yet.
func (tx *Tx) SetReminder(subject models.Ref, days int, sent bool) (first bool, err error) {
	n, err := exec(tx, `INSERT INTO obligation_reminders (subject_kind, subject_id, days, sent, at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT DO NOTHING`, subject.Kind, subject.ID, days, flag(sent), micros(tx.Now))
	return n == 1, err
}

// ObligationsToRemind gives open obligations that are due within so many days and
// have no record of the reminder of that day, at most limit.
func (tx *Tx) ObligationsToRemind(days, limit int) ([]models.Obligation, error) {
	today := models.LegalDate(tx.Now)
	return obligations(many[obligationRow](tx, `SELECT o.* FROM obligations o WHERE o.state = 'open' AND o.due >= ? AND o.due <= ?
		AND NOT EXISTS (SELECT 1 FROM obligation_reminders r WHERE r.subject_kind = 'obligation' AND r.subject_id = o.id AND r.days = ?)
		ORDER BY o.due, o.id LIMIT ?`, today, models.AddDays(today, days), days, limit))
}

// LicenseTerm is when a license in force ends.
type LicenseTerm struct {
	Number string
	Holder string
	From   time.Time
	Until  time.Time
}

// LicensesToRemind gives licenses in force whose term ends within so many days and
// that have no record of the reminder of that day for this term, at most limit.
func (tx *Tx) LicensesToRemind(days, limit int) ([]LicenseTerm, error) {
	end, err := models.StartOfDay(models.AddDays(models.LegalDate(tx.Now), days+2))
	if err != nil {
		return nil, err
	}
	type row struct {
		Number string `gorm:"column:number"`
		Holder string `gorm:"column:holder"`
		From   int64  `gorm:"column:valid_from"`
		Until  int64  `gorm:"column:valid_until"`
	}
	rows, err := many[row](tx, `SELECT l.number, l.holder, l.valid_from, l.valid_until FROM licenses l
		WHERE l.state IN ('active', 'suspended') AND l.valid_until > ? AND l.valid_until < ?
		AND NOT EXISTS (SELECT 1 FROM obligation_reminders r WHERE r.subject_kind = 'license_term'
			AND r.subject_id = l.number || '/' || CAST(l.valid_until AS TEXT) AND r.days = ?)
		ORDER BY l.valid_until, l.number LIMIT ?`, micros(tx.Now), micros(end), days, limit)
	out := make([]LicenseTerm, 0, len(rows))
	for _, r := range rows {
		out = append(out, LicenseTerm{r.Number, r.Holder, instant(r.From), instant(r.Until)})
	}
	return out, err
}
