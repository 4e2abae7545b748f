package licensing

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

const (
	importChunk    = 1000             // rows of one transaction
	importLease    = 15 * time.Second // how long a job waits for a worker that is gone
	importPoll     = time.Second      // how often other processes' jobs are looked for
	importRest     = 5 * time.Second  // after something that the next try may put right
	importAttempts = 8                // failures in a row before a job is given up
	importKept     = 30 * 24 * time.Hour
	importBroken   = time.Hour // after which an upload is taken for broken off
	forgetImports  = time.Hour // how often old files are looked for
	sampleRows     = 5
)

// ImportWorker does what imports ask for, one job after the other. Each chunk of rows
// is one transaction with its checkpoint, so a worker that is killed loses nothing,
// and another goes on where it was. One goroutine uses a worker.
type ImportWorker struct {
	s    *Service
	name string

	job       string // whose file is open
	rigs      *rigReader
	batch     *rigBatch
	state     string        // phase that the reader is for
	at        int64         // rows that the reader has given
	spent     time.Duration // of the last chunk, to be written with the next
	forgotten time.Time     // when old files were last looked for
}

// ImportWorker makes a worker; name tells it from those of other processes.
func (s *Service) ImportWorker(name string) *ImportWorker { return &ImportWorker{s: s, name: name} }

// Run works until the context ends.
func (w *ImportWorker) Run(ctx context.Context) error {
	defer w.closeFile()
	for ctx.Err() == nil {
		changed := w.s.store.Changed()
		wait := importPoll
		worked, err := w.Step(ctx)
		if worked && err == nil {
			continue
		}
		if err != nil {
			wait = importRest // the job says what it was; the next try may put it right
		}
		select {
		case <-ctx.Done():
		case <-changed:
			if err != nil {
				pause(ctx, wait)
			}
		case <-time.After(wait):
		}
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// Step does one piece of work: it reads a file's headings, checks or imports a chunk
// of rows, or undoes one. It tells whether there was any.
func (w *ImportWorker) Step(ctx context.Context) (bool, error) {
	if now := w.s.store.Now(); now.Sub(w.forgotten) >= forgetImports {
		err := w.s.store.Update(ctx, func(tx *store.Tx) error {
			_, err := tx.ForgetImports(now.Add(-importKept), now.Add(-importBroken))
			return err
		})
		if err != nil {
			return false, unlessOver(ctx, err)
		}
		w.forgotten = now
	}
	var job store.ImportJob
	var found bool
	err := w.s.store.View(ctx, func(tx *store.Tx) (err error) {
		job, found, err = tx.ImportWork(w.name)
		return err
	})
	if err != nil || !found {
		return false, unlessOver(ctx, err)
	}
	started := w.s.store.Now()
	err = w.work(ctx, job)
	w.spent = w.s.store.Now().Sub(started)
	switch {
	case err == nil:
		return true, nil
	case models.CodeOf(err) == models.CodeVersionConflict: // cancelled, or another worker has it
		w.closeFile()
		return true, nil
	case ctx.Err() != nil:
		return false, nil
	}
	w.closeFile()
	written := w.failed(ctx, job, err)
	if written == nil && ofTheFile(err) {
		return true, nil
	}
	return true, errors.Join(err, written)
}

// unlessOver is an error, nil when the context ended: a worker that is killed has not
// failed.
func unlessOver(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// ofTheFile tells what is wrong with the file, and no other try puts right.
func ofTheFile(err error) bool { return models.CodeOf(err) == models.CodeInvalid }

// failed writes down why a job does not go on. What is wrong with the file ends it;
// anything else is tried again a few times.
func (w *ImportWorker) failed(ctx context.Context, job store.ImportJob, why error) error {
	return w.s.store.Update(ctx, func(tx *store.Tx) error {
		j, err := tx.ImportJob(job.ID)
		if err != nil || j.State != job.State {
			return err
		}
		j.Attempts++
		j.Worker, j.LeaseUntil = "", 0
		if ofTheFile(why) || j.Attempts >= importAttempts {
			j.State, j.FinishedAt, j.Problem = ImportFailed, tx.Now.UnixMicro(), "internal"
		}
		if ofTheFile(why) {
			j.Problem = why.Error()
		}
		_, err = tx.SaveImportJob(j)
		return err
	})
}

func (w *ImportWorker) work(ctx context.Context, job store.ImportJob) error {
	switch job.State {
	case ImportUploaded:
		return w.readFile(ctx, job)
	case ImportUndoing:
		return w.undo(ctx, job)
	}
	if err := w.position(ctx, job); err != nil {
		return err
	}
	return w.chunk(ctx, job)
}

// save keeps the job with the worker's lease renewed.
func (w *ImportWorker) save(tx *store.Tx, j store.ImportJob) error {
	j.Worker, j.LeaseUntil = w.name, tx.Now.Add(importLease).UnixMicro()
	if j.FinishedAt != 0 || j.State == ImportChecked {
		j.Worker, j.LeaseUntil = "", 0
	}
	j.Attempts = 0
	j.WorkUS += w.spent.Microseconds()
	_, err := tx.SaveImportJob(j)
	return err
}

// file puts the bytes of a job's file together.
func (w *ImportWorker) file(ctx context.Context, job store.ImportJob) ([]byte, error) {
	var out bytes.Buffer
	out.Grow(int(job.Bytes))
	for n := int64(0); int64(out.Len()) < job.Bytes; n++ {
		var piece []byte
		var found bool
		err := w.s.store.View(ctx, func(tx *store.Tx) (err error) {
			piece, found, err = tx.ImportChunk(job.ID, n)
			return err
		})
		if err != nil {
			return nil, err
		}
		if !found {
			return nil, models.Errorf(models.CodeInvalid, "The file of this import is not kept any more. Send it again.")
		}
		out.Write(piece)
	}
	return out.Bytes(), nil
}

// readFile reads the headings, the first rows and how many there are.
func (w *ImportWorker) readFile(ctx context.Context, job store.ImportJob) error {
	data, err := w.file(ctx, job)
	if err != nil {
		return err
	}
	r, err := openRigs(job.Name, data, "", nil)
	if err != nil {
		return err
	}
	defer r.close()
	sample := [][]string{}
	total := int64(0)
	for {
		row, err := r.row()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if total++; total <= sampleRows {
			sample = append(sample, row.cells)
		}
	}
	columns, errA := json.Marshal(r.columns)
	first, errB := json.Marshal(sample)
	if err := errors.Join(errA, errB); err != nil {
		return fmt.Errorf("keep the headings: %w", err)
	}
	return w.s.store.Update(ctx, func(tx *store.Tx) error {
		j := job
		j.Columns, j.Sample, j.Encoding, j.Total = string(columns), string(first), r.table.encoding, total
		switch missing, twice := missingFields(r.columns), namedTwice(r.columns); {
		case len(missing) > 0:
			j.State, j.Problem, j.FinishedAt = ImportFailed, "columns_missing: "+strings.Join(missing, ", "), tx.Now.UnixMicro()
		case len(twice) > 0 && j.Goal == goalRun: // a dry run shows them, and a person decides
			j.State, j.Problem, j.FinishedAt = ImportFailed, "columns_twice: "+strings.Join(twice, ", "), tx.Now.UnixMicro()
		case total == 0:
			j.State, j.Problem, j.FinishedAt = ImportFailed, "no_rows", tx.Now.UnixMicro()
		case j.Goal == goalRun:
			beginPhase(&j, ImportRunning)
		default:
			beginPhase(&j, ImportChecking)
		}
		return w.save(tx, j)
	})
}

// position opens the file of the job where its checkpoint is. A check begins anew:
// it changes nothing, and must have seen every row to find those that stand twice.
func (w *ImportWorker) position(ctx context.Context, job store.ImportJob) error {
	if w.rigs != nil && w.job == job.ID && w.state == job.State && w.at == job.Done {
		return nil
	}
	w.closeFile()
	data, err := w.file(ctx, job)
	if err != nil {
		return err
	}
	var columns []ImportColumn
	var actor models.Actor
	if err := errors.Join(json.Unmarshal([]byte(job.Columns), &columns), json.Unmarshal([]byte(job.Actor), &actor)); err != nil {
		return fmt.Errorf("read import %s: %w", job.ID, err)
	}
	if err := models.Can(actor, models.ActEquipmentWrite, models.Scope{}); err != nil {
		return err
	}
	if w.rigs, err = openRigs(job.Name, data, "", columns); err != nil {
		return err
	}
	w.job, w.state = job.ID, job.State
	w.batch = &rigBatch{actor: actor, mode: ImportWrite, job: job.ID, seen: map[store.EquipmentKey]seenRig{}}
	if job.State == ImportChecking {
		w.batch.mode = ImportDryRun
		return nil
	}
	w.at = job.Done
	return w.rigs.skip(job.Done)
}

func (w *ImportWorker) closeFile() {
	if w.rigs != nil {
		w.rigs.close()
	}
	w.rigs, w.batch, w.job, w.state, w.at, w.spent = nil, nil, "", "", 0, 0
}

// chunk checks or imports the next rows. The rows, their errors, the checkpoint and
// the entry of the ledger are one transaction.
func (w *ImportWorker) chunk(ctx context.Context, job store.ImportJob) error {
	rows, err := w.rigs.next(importChunk)
	if err != nil {
		return err
	}
	good := make([]Row[models.Equipment], 0, len(rows))
	for _, r := range rows {
		if r.bad == nil {
			good = append(good, Row[models.Equipment]{Line: r.line, Value: r.rig})
		}
	}
	w.batch.from = w.at
	err = w.s.store.Update(ctx, func(tx *store.Tx) error {
		j := job
		if w.at == 0 {
			if err := tx.ClearImportErrors(j.ID, phaseOf(j)); err != nil {
				return err
			}
			if j.Done != 0 {
				beginPhase(&j, j.State)
			}
		}
		took, err := w.batch.take(tx, good)
		if err != nil {
			return err
		}
		list := importErrors(j, rows, took.failed, w.rigs.columns)
		if err := tx.InsertImportErrors(list); err != nil {
			return err
		}
		j.Done += int64(len(rows))
		j.Imported += int64(took.added)
		j.Known += int64(took.known)
		j.Refused += int64(len(rows) - took.added - took.known)
		j.Alarms += int64(w.batch.alarms)
		if j.Done >= j.Total || len(rows) == 0 {
			if err := w.finish(tx, &j); err != nil {
				return err
			}
		}
		return w.save(tx, j)
	})
	w.at += int64(len(rows))
	return err
}

// finish ends the phase of a job.
func (w *ImportWorker) finish(tx *store.Tx, j *store.ImportJob) error {
	if j.State == ImportChecking {
		j.State = ImportChecked
		return nil
	}
	j.State, j.FinishedAt = ImportDone, tx.Now.UnixMicro()
	return fact(tx, w.batch.actor, "import.done", models.Ref{Kind: "import", ID: j.ID}, 0, map[string]any{
		"imported": j.Imported, "known": j.Known, "refused": j.Refused, "alarms": j.Alarms, "digest": j.Digest})
}
