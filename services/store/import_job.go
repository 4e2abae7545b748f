package store

import (
	"time"

	"rigistry/models"
)

// ImportJob is an import as it is stored. Columns, Sample and Actor are JSON of the
// service.
type ImportJob struct {
	ID         string `gorm:"column:id"`
	Kind       string `gorm:"column:kind"`
	Name       string `gorm:"column:name"` // of the file
	State      string `gorm:"column:state"`
	Goal       string `gorm:"column:goal"` // check or run
	Bytes      int64  `gorm:"column:bytes"`
	Digest     string `gorm:"column:digest"`
	Encoding   string `gorm:"column:encoding"`
	Columns    string `gorm:"column:columns"`
	Sample     string `gorm:"column:sample"`
	Total      int64  `gorm:"column:total"` // data rows of the file
	Done       int64  `gorm:"column:done"`  // rows that the phase is through with
	Imported   int64  `gorm:"column:imported"`
	Known      int64  `gorm:"column:known"`
	Refused    int64  `gorm:"column:refused"`
	Alarms     int64  `gorm:"column:alarms"`
	Undone     int64  `gorm:"column:undone"`
	Kept       int64  `gorm:"column:kept"`
	Cursor     string `gorm:"column:cursor"` // of an undo: the last rig looked at
	WorkUS     int64  `gorm:"column:work_us"`
	Problem    string `gorm:"column:problem"`
	Attempts   int64  `gorm:"column:attempts"`
	Worker     string `gorm:"column:worker"`
	LeaseUntil int64  `gorm:"column:lease_until"`
	Actor      string `gorm:"column:actor"`
	ActorID    string `gorm:"column:actor_id"`
	RequestKey string `gorm:"column:request_key"`
	CreatedAt  int64  `gorm:"column:created_at;autoCreateTime:false"`
	UpdatedAt  int64  `gorm:"column:updated_at;autoUpdateTime:false"`
	FinishedAt int64  `gorm:"column:finished_at"`
	Version    int64  `gorm:"column:version"`
}

// Created is when the upload began.
func (j ImportJob) Created() time.Time { return instant(j.CreatedAt) }

// Updated is when the job last went on.
func (j ImportJob) Updated() time.Time { return instant(j.UpdatedAt) }

// Finished is when it ended, zero while it has not.
func (j ImportJob) Finished() time.Time { return instant(j.FinishedAt) }

// InsertImportJob begins a job.
func (tx *Tx) InsertImportJob(j ImportJob) error {
	j.CreatedAt, j.UpdatedAt, j.Version = micros(tx.Now), micros(tx.Now), 1
	return insert(tx, "import_jobs", &j)
}

// ImportJob finds a job by id.
func (tx *Tx) ImportJob(id string) (ImportJob, error) {
	return one[ImportJob](tx, "import", id, "SELECT * FROM import_jobs WHERE id = ?", id)
}

// ImportJobByKey finds the job that somebody began with a key, and whether there is
// one.
func (tx *Tx) ImportJobByKey(actor, key string) (ImportJob, bool, error) {
	rows, err := many[ImportJob](tx, "SELECT * FROM import_jobs WHERE actor_id = ? AND request_key = ? AND request_key <> ''", actor, key)
	if err != nil || len(rows) == 0 {
		return ImportJob{}, false, err
	}
	return rows[0], true, nil
}

// ImportJobs lists jobs, the newest first, after the id.
func (tx *Tx) ImportJobs(page Page) ([]ImportJob, error) {
	w := where{}
	if page.After != "" {
		w.add("id < ?", page.After)
	}
	return many[ImportJob](tx, "SELECT * FROM import_jobs"+w.sql()+" ORDER BY id DESC LIMIT ?", append(w.args, page.Size())...)
}

// SaveImportJob saves everything that changes of a job that still has the version
// before the one it gets.
func (tx *Tx) SaveImportJob(j ImportJob) (ImportJob, error) {
	j.UpdatedAt = micros(tx.Now)
	err := updateVersion(tx, "import_jobs", j.ID, j.Version, map[string]any{"state": j.State, "goal": j.Goal, "bytes": j.Bytes, "digest": j.Digest,
		"encoding": j.Encoding, "columns": j.Columns, "sample": j.Sample, "total": j.Total, "done": j.Done, "imported": j.Imported, "known": j.Known,
		"refused": j.Refused, "alarms": j.Alarms, "undone": j.Undone, "kept": j.Kept, "cursor": j.Cursor, "work_us": j.WorkUS, "problem": j.Problem,
		"attempts": j.Attempts, "worker": j.Worker, "lease_until": j.LeaseUntil, "updated_at": j.UpdatedAt, "finished_at": j.FinishedAt})
	j.Version++
	return j, err
}

// ImportWork gives the job that waits longest for a worker: uploaded, checking,
// running or undoing, and nobody holds it at the instant. It tells whether there is
// one.
func (tx *Tx) ImportWork(worker string) (ImportJob, bool, error) {
	rows, err := many[ImportJob](tx, `SELECT * FROM import_jobs WHERE state IN ('uploaded', 'checking', 'running', 'undoing')
		AND (worker = ? OR lease_until <= ?) ORDER BY id LIMIT 1`, worker, micros(tx.Now))
	if err != nil || len(rows) == 0 {
		return ImportJob{}, false, err
	}
	return rows[0], true, nil
}

// InsertImportChunk adds the n-th part of a job's file.
func (tx *Tx) InsertImportChunk(job string, n int64, data []byte) error {
	changed, err := exec(tx, "INSERT INTO import_chunks (job, n, data) VALUES (?, ?, ?)", job, n, data)
	if err == nil && changed != 1 {
		err = errStale
	}
	return err
}

// ImportChunk gives the n-th part of a job's file, and whether there is one.
func (tx *Tx) ImportChunk(job string, n int64) ([]byte, bool, error) {
	rows, err := many[chunkRow](tx, "SELECT data FROM import_chunks WHERE job = ? AND n = ?", job, n)
	if err != nil || len(rows) == 0 {
		return nil, false, err
	}
	return rows[0].Data, true, nil
}

type chunkRow struct {
	Data []byte `gorm:"column:data"`
}

// ForgetImports removes the bytes of files, and the rows of the errors, of jobs that
// ended before the instant, and uploads that were broken off before another one. It
// gives the number of files removed.
func (tx *Tx) ForgetImports(ended, brokenOff time.Time) (int64, error) {
	old := "SELECT id FROM import_jobs WHERE (finished_at > 0 AND finished_at < ?) OR (state = 'uploading' AND updated_at < ?)"
	n, err := exec(tx, "DELETE FROM import_chunks WHERE n = 0 AND job IN ("+old+")", micros(ended), micros(brokenOff))
	if err != nil {
		return 0, err
	}
	for _, query := range []string{"DELETE FROM import_chunks WHERE job IN (" + old + ")", "DELETE FROM import_errors WHERE job IN (" + old + ")"} {
		if _, err := exec(tx, query, micros(ended), micros(brokenOff)); err != nil {
			return 0, err
		}
	}
	_, err = exec(tx, "UPDATE import_jobs SET state = 'failed', problem = 'broken_off', finished_at = ?, version = version + 1 WHERE state = 'uploading' AND updated_at < ?",
		micros(tx.Now), micros(brokenOff))
	return n, err
}

// ImportError is why one row of a file was refused. Cells is JSON of the service.
type ImportError struct {
	Job    string `gorm:"column:job"`
	Phase  string `gorm:"column:phase"` // check, run or undo
	Line   int64  `gorm:"column:line"`  // of the file; for an undo a running number
	N      int64  `gorm:"column:n"`     // which error of the line, from 0
	Field  string `gorm:"column:field"` // of the register: serial, owner, …
	Code   string `gorm:"column:code"`
	Detail string `gorm:"column:detail"`
	Value  string `gorm:"column:value"`
	Cells  string `gorm:"column:cells"`
}

// InsertImportErrors adds errors.
func (tx *Tx) InsertImportErrors(list []ImportError) error {
	if len(list) == 0 {
		return nil
	}
	return tx.db.Table("import_errors").CreateInBatches(&list, 500).Error
}

// ClearImportErrors removes the errors of a phase, which begins anew.
func (tx *Tx) ClearImportErrors(job, phase string) error {
	_, err := exec(tx, "DELETE FROM import_errors WHERE job = ? AND phase = ?", job, phase)
	return err
}

// ImportErrors lists errors of a phase in the order of the file, after a line and n;
// code "" is every code.
func (tx *Tx) ImportErrors(job, phase, code string, line, n int64, limit int) ([]ImportError, error) {
	w := where{}
	w.equal("job", job)
	w.equal("phase", phase)
	w.equal("code", code)
	w.add("(line > ? OR line = ? AND n > ?)", line, line, n)
	return many[ImportError](tx, "SELECT * FROM import_errors"+w.sql()+" ORDER BY line, n LIMIT ?", append(w.args, limit)...)
}

// ImportErrorCount is how many rows have an error of a kind.
type ImportErrorCount struct {
	Field string `gorm:"column:field"`
	Code  string `gorm:"column:code"`
	Rows  int64  `gorm:"column:rows"`
}

// ImportErrorCounts counts the errors of a phase by field and code, the most frequent
// first.
func (tx *Tx) ImportErrorCounts(job, phase string) ([]ImportErrorCount, error) {
	return many[ImportErrorCount](tx, `SELECT field, code, COUNT(*) AS rows FROM import_errors WHERE job = ? AND phase = ?
		GROUP BY field, code ORDER BY COUNT(*) DESC, field, code`, job, phase)
}

// ImportedEquipment gives rigs that an import registered, in order of id, after the
// id, and for each whether something was recorded about it since.
func (tx *Tx) ImportedEquipment(job, after string, limit int) (rigs []models.Equipment, changed map[string]bool, err error) {
	rows, err := many[equipmentRow](tx, "SELECT * FROM equipment WHERE import_job = ? AND import_job <> '' AND id > ? ORDER BY id LIMIT ?", job, after, limit)
	if err != nil {
		return nil, nil, err
	}
	ids := make([]string, 0, len(rows))
	changed = map[string]bool{}
	for _, r := range rows {
		rigs = append(rigs, r.equipment())
		ids = append(ids, r.ID)
		changed[r.ID] = r.Version > 1
	}
	held, err := many[string](tx, "SELECT DISTINCT rig FROM equipment_alarms WHERE rig IN ?", orNothing(ids))
	for _, id := range held {
		changed[id] = true
	}
	return rigs, changed, err
}

// DeleteEquipment takes rigs out of the register that nothing was recorded about
// since they were registered; all of them or none.
func (tx *Tx) DeleteEquipment(ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	n, err := exec(tx, "DELETE FROM equipment WHERE version = 1 AND id IN ?", ids)
	if err == nil && n != int64(len(ids)) {
		err = errStale
	}
	return err
}
