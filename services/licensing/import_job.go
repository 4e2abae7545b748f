package licensing

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// The states of an import.
const (
	ImportUploading = "uploading"
	ImportUploaded  = "uploaded"
	ImportChecking  = "checking"
	ImportChecked   = "checked"
	ImportRunning   = "running"
	ImportDone      = "done"
	ImportFailed    = "failed"
	ImportUndoing   = "undoing"
	ImportUndone    = "undone"
	ImportCancelled = "cancelled"
)

const (
	// MaxImportBytes is the longest file of an import.
	MaxImportBytes = 64 << 20

	importPiece = 1 << 20 // bytes of a file that are stored at once
	goalCheck   = "check"
	goalRun     = "run"
)

// NewImport begins an import. Mode dry run ends with what an import would do; Start
// then goes on. Key is the client's own, so that a repeated upload is one import.
type NewImport struct {
	Kind string // equipment
	Name string // of the file, with its ending
	Mode ImportMode
	Key  string
}

// Import is an import with what a screen shows of it.
type Import struct {
	store.ImportJob
	Columns []ImportColumn
	Sample  [][]string // the first rows
	Counts  []store.ImportErrorCount
	Rate    float64       // rows a second, 0 when not known yet
	ETA     time.Duration // until the phase ends, 0 when it has or is not known
	ByName  string        // who uploaded, started or undid it last
	Allowed []string      // map, start, cancel, undo
}

// UploadImport stores a file and begins its import. The file is stored piece by
// piece; an upload that breaks off is forgotten after an hour.
func (s *Service) UploadImport(ctx context.Context, actor models.Actor, n NewImport, file io.Reader) (Import, error) {
	if err := models.Can(actor, models.ActImportRun, models.Scope{}); err != nil {
		return Import{}, err
	}
	job, fresh, err := s.beginImport(ctx, actor, n)
	if err != nil {
		return Import{}, err
	}
	if !fresh {
		return s.again(ctx, actor, job, file)
	}
	digest, bytes, err := readUpload(file, func(n int64, piece []byte) error {
		return s.store.Update(ctx, func(tx *store.Tx) error { return tx.InsertImportChunk(job.ID, n, piece) })
	})
	if err == nil && bytes == 0 {
		err = rowRefusal("", "empty", "The file is empty.")
	}
	if err != nil {
		return Import{}, s.giveUp(ctx, job, err)
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		j := job
		j.State, j.Bytes, j.Digest = ImportUploaded, bytes, digest
		if _, err := tx.SaveImportJob(j); err != nil {
			return err
		}
		return fact(tx, actor, "import.uploaded", models.Ref{Kind: "import", ID: j.ID}, 0, map[string]any{"kind": j.Kind, "bytes": bytes, "digest": digest})
	})
	if err != nil {
		return Import{}, err
	}
	return s.Import(ctx, actor, job.ID)
}

const maxImportName = 200

// beginImport makes the job, or finds the one that was begun with the key.
func (s *Service) beginImport(ctx context.Context, actor models.Actor, n NewImport) (job store.ImportJob, fresh bool, err error) {
	var v models.Invalid
	if n.Kind != "equipment" {
		v.Add("?kind", "unknown", "An import brings equipment.")
	}
	n.Name = strings.TrimSpace(n.Name)
	if ending := strings.ToLower(filepath.Ext(n.Name)); !slices.Contains([]string{".csv", ".txt", ".tsv", ".xlsx"}, ending) || len(n.Name) > maxImportName {
		v.Add("?name", "format", "The name of the file ends with .csv or .xlsx. Save an .xls file as .xlsx.")
	}
	if err := v.Err(); err != nil {
		return job, false, err
	}
	who, err := json.Marshal(actor)
	if err != nil {
		return job, false, fmt.Errorf("keep who imports: %w", err)
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		var known bool
		if job, known, err = tx.ImportJobByKey(actor.ID, n.Key); err != nil || known {
			fresh = false
			if err == nil && job.State == ImportUploading {
				err = models.Errorf(models.CodeConflict, "The first upload with this key has not finished, or was cut off. Send the file with a new key.")
			}
			return err
		}
		fresh = true
		job = store.ImportJob{ID: tx.NewID(), Kind: n.Kind, Name: n.Name, State: ImportUploading, Goal: goalRun, Columns: "[]", Sample: "[]",
			Actor: string(who), ActorID: actor.ID, RequestKey: n.Key, Version: 1}
		if n.Mode == ImportDryRun {
			job.Goal = goalCheck
		}
		return tx.InsertImportJob(job)
	})
	return job, fresh, err
}

// again answers an upload whose key was used before: the same file is the same import.
func (s *Service) again(ctx context.Context, actor models.Actor, job store.ImportJob, file io.Reader) (Import, error) {
	digest, _, err := readUpload(file, func(int64, []byte) error { return nil })
	if err != nil {
		return Import{}, err
	}
	if job.Digest != digest {
		return Import{}, models.Errorf(models.CodeIdempotency, "This Idempotency-Key was used with another file. Make a new key.")
	}
	return s.Import(ctx, actor, job.ID)
}

// readUpload hands a file to keep piece by piece and gives its digest and length.
func readUpload(file io.Reader, keep func(n int64, piece []byte) error) (digest string, bytes int64, err error) {
	hash, piece := sha256.New(), make([]byte, importPiece)
	for n := int64(0); ; n++ {
		got, err := io.ReadFull(file, piece)
		if bytes += int64(got); bytes > MaxImportBytes {
			return "", 0, models.Errorf(models.CodeTooLarge, "The file is larger than %d MiB. Split it.", MaxImportBytes>>20)
		}
		if got > 0 {
			_, _ = hash.Write(piece[:got]) // a hash never fails
			if err := keep(n, piece[:got]); err != nil {
				return "", 0, err
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return "sha256:" + hex.EncodeToString(hash.Sum(nil)), bytes, nil
		}
		if err != nil {
			return "", 0, models.Errorf(models.CodeInvalidRequest, "The upload broke off after %d bytes. Nothing was imported; send the file again.", bytes)
		}
	}
}

// giveUp ends a job whose upload failed, and gives the failure.
func (s *Service) giveUp(ctx context.Context, job store.ImportJob, why error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		j := job
		j.State, j.Problem, j.FinishedAt = ImportFailed, why.Error(), tx.Now.UnixMicro()
		_, err := tx.SaveImportJob(j)
		return err
	})
	return errors.Join(why, err)
}

// Import gives an import with what a screen shows of it.
func (s *Service) Import(ctx context.Context, actor models.Actor, id string) (out Import, err error) {
	err = s.view(ctx, actor, models.ActImportRead, func(tx *store.Tx) error {
		job, err := tx.ImportJob(id)
		if err != nil {
			return err
		}
		if out, err = shownImport(actor, job); err != nil {
			return err
		}
		out.Counts, err = tx.ImportErrorCounts(id, phaseOf(job))
		return err
	})
	return out, err
}

// Imports lists imports, the newest first, and gives the cursor of the next page.
func (s *Service) Imports(ctx context.Context, actor models.Actor, page store.Page) (out []Import, cursor string, err error) {
	err = s.view(ctx, actor, models.ActImportRead, func(tx *store.Tx) error {
		jobs, err := tx.ImportJobs(page)
		if err != nil {
			return err
		}
		out = make([]Import, 0, len(jobs))
		for _, j := range jobs {
			one, err := shownImport(actor, j)
			if err != nil {
				return err
			}
			out = append(out, one)
		}
		return nil
	})
	return out, next(out, page, func(i Import) string { return i.ID }), err
}

func shownImport(actor models.Actor, j store.ImportJob) (Import, error) {
	out := Import{ImportJob: j, Allowed: []string{}}
	var who models.Actor
	for _, x := range []struct {
		text string
		into any
	}{{j.Columns, &out.Columns}, {j.Sample, &out.Sample}, {j.Actor, &who}} {
		if err := json.Unmarshal([]byte(x.text), x.into); err != nil {
			return out, fmt.Errorf("read import %s: %w", j.ID, err)
		}
	}
	out.ByName = who.Name
	if j.WorkUS > 0 {
		out.Rate = float64(j.Done) / (float64(j.WorkUS) / 1e6)
		if left := j.Total - j.Done; out.Rate > 0 && left > 0 && (j.State == ImportChecking || j.State == ImportRunning) {
			out.ETA = time.Duration(float64(left) / out.Rate * float64(time.Second))
		}
	}
	if models.Can(actor, models.ActImportRun, models.Scope{}) == nil {
		for _, step := range importSteps {
			if step.from(j) {
				out.Allowed = append(out.Allowed, step.name)
			}
		}
	}
	return out, nil
}

// importSteps are what a person may do with an import as it stands.
var importSteps = []struct {
	name string
	from func(j store.ImportJob) bool
}{
	{"map", func(j store.ImportJob) bool {
		return j.State == ImportChecked || j.State == ImportFailed && j.Columns != "[]" && j.Imported == 0
	}},
	{"start", func(j store.ImportJob) bool { return j.State == ImportChecked && j.Imported > 0 }},
	{"cancel", func(j store.ImportJob) bool {
		return slices.Contains([]string{ImportUploaded, ImportChecking, ImportChecked, ImportRunning}, j.State)
	}},
	{"undo", func(j store.ImportJob) bool {
		return (j.State == ImportDone || j.State == ImportCancelled || j.State == ImportFailed) && j.Goal == goalRun && j.Imported > 0
	}},
}

// phaseOf is whose errors an import shows.
func phaseOf(j store.ImportJob) string {
	switch {
	case j.State == ImportUndoing || j.State == ImportUndone:
		return "undo"
	case j.Goal == goalRun:
		return "run"
	}
	return "check"
}

// ImportErrors lists why rows were refused, or why an undo kept rigs, in the order of
// the file, after a line and the number of an error in it; "" is every code.
func (s *Service) ImportErrors(ctx context.Context, actor models.Actor, id, code string, line, n int64, limit int) (out []store.ImportError, err error) {
	err = s.view(ctx, actor, models.ActImportRead, func(tx *store.Tx) error {
		job, err := tx.ImportJob(id)
		if err != nil {
			return err
		}
		out, err = tx.ImportErrors(id, phaseOf(job), code, line, n, limit)
		return err
	})
	return out, err
}

// importStep changes an import that may take it.
func (s *Service) importStep(ctx context.Context, actor models.Actor, id, name, kind string, change func(tx *store.Tx, j *store.ImportJob) error) (Import, error) {
	err := s.update(ctx, actor, models.ActImportRun, func(tx *store.Tx) error {
		j, err := tx.ImportJob(id)
		if err != nil {
			return err
		}
		for _, step := range importSteps {
			if step.name == name && !step.from(j) {
				return models.Errorf(models.CodeConflict, "The import is %s; this is not possible now. Load it again.", j.State)
			}
		}
		if err := change(tx, &j); err != nil {
			return err
		}
		j.Worker, j.LeaseUntil, j.Attempts = "", 0, 0
		if _, err := tx.SaveImportJob(j); err != nil {
			return err
		}
		return fact(tx, actor, kind, models.Ref{Kind: "import", ID: id}, 0, map[string]any{"state": j.State, "imported": j.Imported})
	})
	if err != nil {
		return Import{}, err
	}
	return s.Import(ctx, actor, id)
}

// MapImport says which column of the file is which field, and checks it anew.
// columns has a field for each column, "" for one that is left out.
func (s *Service) MapImport(ctx context.Context, actor models.Actor, id string, fields []string) (Import, error) {
	return s.importStep(ctx, actor, id, "map", "import.mapped", func(_ *store.Tx, j *store.ImportJob) error {
		var columns []ImportColumn
		if err := json.Unmarshal([]byte(j.Columns), &columns); err != nil {
			return fmt.Errorf("read the columns of import %s: %w", id, err)
		}
		if len(fields) != len(columns) {
			return rowRefusal("/columns", "length", "The file has %d columns; name a field, or nothing, for each.", len(columns))
		}
		for i := range columns {
			columns[i].Field = fields[i]
		}
		if err := checkColumns(columns); err != nil {
			return err
		}
		text, err := json.Marshal(columns)
		j.Columns, j.Goal = string(text), goalCheck
		beginPhase(j, ImportChecking)
		return err
	})
}

// StartImport takes into the register what a dry run found good.
func (s *Service) StartImport(ctx context.Context, actor models.Actor, id string) (Import, error) {
	who, err := json.Marshal(actor)
	if err != nil {
		return Import{}, fmt.Errorf("keep who imports: %w", err)
	}
	return s.importStep(ctx, actor, id, "start", "import.started", func(_ *store.Tx, j *store.ImportJob) error {
		j.Actor, j.Goal = string(who), goalRun
		beginPhase(j, ImportRunning)
		return nil
	})
}

// CancelImport stops an import. What it brought so far stays, and can be undone.
func (s *Service) CancelImport(ctx context.Context, actor models.Actor, id string) (Import, error) {
	return s.importStep(ctx, actor, id, "cancel", "import.cancelled", func(tx *store.Tx, j *store.ImportJob) error {
		j.State, j.FinishedAt = ImportCancelled, tx.Now.UnixMicro()
		return nil
	})
}

// UndoImport takes out of the register the rigs that an import brought, except those
// that something was recorded about since: they stay, and are listed.
func (s *Service) UndoImport(ctx context.Context, actor models.Actor, id string) (Import, error) {
	who, err := json.Marshal(actor)
	if err != nil {
		return Import{}, fmt.Errorf("keep who undoes: %w", err)
	}
	return s.importStep(ctx, actor, id, "undo", "import.undo_started", func(_ *store.Tx, j *store.ImportJob) error {
		j.Actor = string(who)
		j.State, j.Cursor, j.Undone, j.Kept, j.FinishedAt = ImportUndoing, "", 0, 0, 0
		return nil
	})
}

// beginPhase sets an import to the beginning of a phase.
func beginPhase(j *store.ImportJob, state string) {
	j.State, j.Done, j.Imported, j.Known, j.Refused, j.Alarms, j.WorkUS, j.Problem, j.FinishedAt = state, 0, 0, 0, 0, 0, 0, "", 0
}
