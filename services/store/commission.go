package store

import (
	"strings"
	"time"

	"rigistry/models"
)

// CommissionLinks is a collector that takes work of commissioning, and the links at
// which it may ask.
type CommissionLinks struct {
	Collector string
	Utility   string // of the client that asked, "" when it has none
	Endpoints []string
	Asked     time.Time // when it last asked for work
}

type commissionLinksRow struct {
	Collector string `gorm:"column:collector"`
	Utility   string `gorm:"column:utility"`
	Endpoints string `gorm:"column:endpoints"`
	Asked     int64  `gorm:"column:asked_at"`
}

// KeepCommissionLinks notes that the collector asks for work, as of now. A name that a
// client of another utility asks under gives CodeConflict.
func (tx *Tx) KeepCommissionLinks(l CommissionLinks) error {
	n, err := exec(tx, `INSERT INTO commissioning_links (collector, utility, endpoints, asked_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (collector) DO UPDATE SET endpoints = excluded.endpoints, asked_at = excluded.asked_at
		WHERE commissioning_links.utility = excluded.utility`, l.Collector, l.Utility, strings.Join(l.Endpoints, "\n"), micros(tx.Now))
	if err == nil && n == 0 {
		return models.Errorf(models.CodeConflict, "Another utility's collector asks for work as %q. Give this one a name of its own.", l.Collector)
	}
	return err
}

// CommissionLinks gives the collectors that asked for work since, by name.
func (tx *Tx) CommissionLinks(since time.Time) ([]CommissionLinks, error) {
	rows, err := many[commissionLinksRow](tx, "SELECT * FROM commissioning_links WHERE asked_at >= ? ORDER BY collector", micros(since))
	out := make([]CommissionLinks, len(rows))
	for i, r := range rows {
		out[i] = CommissionLinks{Collector: r.Collector, Utility: r.Utility, Asked: instant(r.Asked)}
		if r.Endpoints != "" {
			out[i].Endpoints = strings.Split(r.Endpoints, "\n")
		}
	}
	return out, err
}

type commissionJobRow struct {
	ID         string `gorm:"column:id"`
	Task       string `gorm:"column:task"`
	Utility    string `gorm:"column:utility"`
	Collector  string `gorm:"column:collector"`
	Endpoint   string `gorm:"column:endpoint"`
	Units      string `gorm:"column:units"`
	Profile    string `gorm:"column:profile"`
	AskedBy    string `gorm:"column:asked_by"`
	Asked      int64  `gorm:"column:asked_at"`
	Expires    int64  `gorm:"column:expires_at"`
	Lease      string `gorm:"column:lease"`
	LeaseUntil int64  `gorm:"column:lease_until"`
	Tries      int64  `gorm:"column:tries"`
	Progress   int64  `gorm:"column:progress"`
	Seen       int64  `gorm:"column:seen_at"`
	Outcome    string `gorm:"column:outcome"`
	Why        string `gorm:"column:why"`
	Result     string `gorm:"column:result"`
	Ended      int64  `gorm:"column:ended_at"`
}

func (r commissionJobRow) job() (models.CommissionJob, error) {
	j := models.CommissionJob{ID: r.ID, Task: models.CommissionTask(r.Task), Utility: r.Utility, Collector: r.Collector, Endpoint: r.Endpoint,
		Profile: r.Profile, AskedBy: r.AskedBy, Asked: instant(r.Asked), Expires: instant(r.Expires), Lease: r.Lease, LeaseUntil: instant(r.LeaseUntil),
		Tries: int(r.Tries), Progress: int(r.Progress), Seen: instant(r.Seen), Outcome: models.CommissionState(r.Outcome), Why: r.Why,
		Result: []byte(r.Result), Ended: instant(r.Ended)}
	var units []int
	err := parse(r.Units, &units)
	for _, u := range units {
		j.Units = append(j.Units, uint8(u))
	}
	return j, err
}

func jobsOf(rows []commissionJobRow, err error) ([]models.CommissionJob, error) {
	out := make([]models.CommissionJob, 0, len(rows))
	for _, r := range rows {
		j, failed := r.job()
		if failed != nil {
			return nil, failed
		}
		out = append(out, j)
	}
	return out, err
}

// InsertCommissionJob adds a job that was asked for now.
func (tx *Tx) InsertCommissionJob(j models.CommissionJob) error {
	numbers := make([]int, len(j.Units))
	for i, u := range j.Units {
		numbers[i] = int(u)
	}
	units, err := text(numbers)
	if err != nil {
		return err
	}
	return insert(tx, "commissioning_jobs", &commissionJobRow{ID: j.ID, Task: string(j.Task), Utility: j.Utility, Collector: j.Collector, Endpoint: j.Endpoint,
		Units: units, Profile: j.Profile, AskedBy: j.AskedBy, Asked: micros(j.Asked), Expires: micros(j.Expires)})
}

// CommissionJob gives a job, or CodeNotFound.
func (tx *Tx) CommissionJob(id string) (models.CommissionJob, error) {
	row, err := one[commissionJobRow](tx, "job", id, "SELECT * FROM commissioning_jobs WHERE id = ?", id)
	if err != nil {
		return models.CommissionJob{}, err
	}
	return row.job()
}

// OpenCommissionJobs gives the jobs of a collector that have no end and are not out of
// time, the oldest first; of every collector when the name is empty.
func (tx *Tx) OpenCommissionJobs(collector string) ([]models.CommissionJob, error) {
	return jobsOf(many[commissionJobRow](tx, `SELECT * FROM commissioning_jobs WHERE ended_at = 0 AND expires_at > ? AND (collector = ? OR ? = '')
		ORDER BY asked_at, id`, micros(tx.Now), collector, collector))
}

// CommissionJobs gives jobs without their results, the newest first; of all utilities
// when utility is empty. The cursor of a page is the last id.
func (tx *Tx) CommissionJobs(utility string, page Page) ([]models.CommissionJob, error) {
	return jobsOf(many[commissionJobRow](tx, `SELECT id, task, utility, collector, endpoint, units, profile, asked_by, asked_at, expires_at, lease, lease_until, tries,
		progress, seen_at, outcome, why, ended_at FROM commissioning_jobs WHERE (utility = ? OR ? = '') AND (id < ? OR ? = '') ORDER BY id DESC LIMIT ?`,
		utility, utility, page.After, page.After, page.Size()))
}

// MoveCommissionJob keeps how far a job has come, if it is still held under the lease
// that was seen and has no end; else somebody was faster, which is CodeVersionConflict.
func (tx *Tx) MoveCommissionJob(seen string, j models.CommissionJob) error {
	n, err := exec(tx, `UPDATE commissioning_jobs SET lease = ?, lease_until = ?, tries = ?, progress = ?, seen_at = ?, outcome = ?, why = ?, result = ?, ended_at = ?
		WHERE id = ? AND lease = ? AND ended_at = 0`, j.Lease, micros(j.LeaseUntil), j.Tries, j.Progress, micros(j.Seen), string(j.Outcome), j.Why, string(j.Result),
		micros(j.Ended), j.ID, seen)
	if err == nil && n != 1 {
		return errStale
	}
	return err
}

type commissioningRow struct {
	ID          string `gorm:"column:id"`
	Meter       string `gorm:"column:meter_id"`
	Job         string `gorm:"column:job_id"`
	Utility     string `gorm:"column:utility"`
	Collector   string `gorm:"column:collector"`
	Plate       string `gorm:"column:plate"`
	Differences string `gorm:"column:differences"`
	Seals       string `gorm:"column:seals"`
	Act         string `gorm:"column:act"`
	Installer   string `gorm:"column:installer"`
	Salt        string `gorm:"column:salt"`
	BoundBy     string `gorm:"column:bound_by"`
	Bound       int64  `gorm:"column:bound_at"`
	Confirmed   int64  `gorm:"column:confirmed_at"`
	First       int64  `gorm:"column:first_at"`
}

func (r commissioningRow) commissioning() (models.Commissioning, error) {
	c := models.Commissioning{ID: r.ID, Meter: r.Meter, Job: r.Job, Utility: r.Utility, Collector: r.Collector, Seals: r.Seals, Act: r.Act, Installer: r.Installer,
		Salt: r.Salt, BoundBy: r.BoundBy, Bound: instant(r.Bound), Confirmed: instant(r.Confirmed), FirstReading: instant(r.First)}
	if err := parse(r.Plate, &c.Plate); err != nil {
		return c, err
	}
	return c, parse(r.Differences, &c.Differences)
}

func commissioningsOf(rows []commissioningRow, err error) ([]models.Commissioning, error) {
	out := make([]models.Commissioning, 0, len(rows))
	for _, r := range rows {
		c, failed := r.commissioning()
		if failed != nil {
			return nil, failed
		}
		out = append(out, c)
	}
	return out, err
}

// InsertCommissioning adds how a meter was bound. A second one of a meter, or by one
// job, gives CodeConflict.
func (tx *Tx) InsertCommissioning(c models.Commissioning) error {
	plate, err := text(c.Plate)
	if err != nil {
		return err
	}
	differences, err := text(c.Differences)
	if err != nil {
		return err
	}
	return insert(tx, "commissionings", &commissioningRow{ID: c.ID, Meter: c.Meter, Job: c.Job, Utility: c.Utility, Collector: c.Collector, Plate: plate,
		Differences: differences, Seals: c.Seals, Act: c.Act, Installer: c.Installer, Salt: c.Salt, BoundBy: c.BoundBy, Bound: micros(c.Bound)})
}

// Commissioning gives how a meter, by its id, or by the job it was read with, was
// bound, or CodeNotFound.
func (tx *Tx) Commissioning(meterOrJob string) (models.Commissioning, error) {
	row, err := one[commissioningRow](tx, "commissioning", meterOrJob, "SELECT * FROM commissionings WHERE meter_id = ? OR job_id = ?", meterOrJob, meterOrJob)
	if err != nil {
		return models.Commissioning{}, err
	}
	return row.commissioning()
}

// WaitingCommissionings gives those whose first reading has not come, the oldest first.
func (tx *Tx) WaitingCommissionings() ([]models.Commissioning, error) {
	return commissioningsOf(many[commissioningRow](tx, "SELECT * FROM commissionings WHERE confirmed_at = 0 ORDER BY bound_at, id"))
}

// CommissionedBy gives those that a collector is to read, by id.
func (tx *Tx) CommissionedBy(collector string) ([]models.Commissioning, error) {
	return commissioningsOf(many[commissioningRow](tx, "SELECT * FROM commissionings WHERE collector = ? ORDER BY id", collector))
}

// ConfirmCommissioning notes the first good reading, now; false when it was noted before.
func (tx *Tx) ConfirmCommissioning(id string, first time.Time) (bool, error) {
	n, err := exec(tx, "UPDATE commissionings SET confirmed_at = ?, first_at = ? WHERE id = ? AND confirmed_at = 0", micros(tx.Now), micros(first), id)
	return n == 1, err
}
