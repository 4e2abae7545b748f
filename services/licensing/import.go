package licensing

import (
	"context"
	"errors"

	"rigistry/models"
	"rigistry/services/store"
)

// Row is one row of a file to import: the line a person would look for, and what
// it says.
type Row[T any] struct {
	Line  int
	Value T
}

// RowError is why a row was not taken.
type RowError struct {
	Line int
	Err  error
}

// Report is what became of an import. Rows that failed changed nothing; all
// others stand.
type Report struct {
	Rows   int // seen
	Added  int // new in the register; in a dry run, would be
	Known  int // there already, saying the same
	Failed []RowError
}

// ImportMode says whether an import writes.
type ImportMode int

// The modes.
const (
	ImportWrite  ImportMode = iota
	ImportDryRun            // checks every row and writes none
)

// importBatch rows are one transaction and one entry of the ledger.
const importBatch = 500

// errDryRun takes back what a dry run did.
var errDryRun = errors.New("dry run")

// imported is what became of one batch.
type imported struct {
	added, known int
	failed       []RowError
}

// batches runs rows through fn, one transaction a batch, and tells progress the
// number of rows seen after each.
func batches[T any](ctx context.Context, s *Service, mode ImportMode, rows []Row[T], progress func(done int), fn func(tx *store.Tx, rows []Row[T]) (imported, error)) (Report, error) {
	report := Report{Rows: len(rows)}
	for from := 0; from < len(rows); from += importBatch {
		batch := rows[from:min(from+importBatch, len(rows))]
		var result imported
		err := s.store.Update(ctx, func(tx *store.Tx) (err error) {
			if result, err = fn(tx, batch); err == nil && mode == ImportDryRun {
				err = errDryRun
			}
			return err
		})
		if err != nil && !errors.Is(err, errDryRun) {
			return report, err
		}
		report.Added += result.added
		report.Known += result.known
		report.Failed = append(report.Failed, result.failed...)
		if progress != nil {
			progress(from + len(batch))
		}
	}
	return report, nil
}

// ImportParties takes parties into the register. One whose number is registered
// counts as known and stays as it is. progress may be nil.
func (s *Service) ImportParties(ctx context.Context, actor models.Actor, mode ImportMode, rows []Row[models.Party], progress func(done int)) (Report, error) {
	if err := models.Can(actor, models.ActPartyWrite, models.Scope{}); err != nil {
		return Report{}, err
	}
	return batches(ctx, s, mode, rows, progress, func(tx *store.Tx, rows []Row[models.Party]) (imported, error) {
		return importParties(tx, actor, rows)
	})
}

func importParties(tx *store.Tx, actor models.Actor, rows []Row[models.Party]) (out imported, err error) {
	bins := make([]string, 0, len(rows))
	for _, r := range rows {
		bins = append(bins, models.NormalizeIdentifier(r.Value.BinOrIin))
	}
	known, err := tx.PartiesByBin(bins)
	if err != nil {
		return out, err
	}
	for _, r := range rows {
		p := newParty(tx, r.Value)
		if err := p.Check(); err != nil {
			out.failed = append(out.failed, RowError{r.Line, err})
			continue
		}
		if _, taken := known[p.BinOrIin]; taken {
			out.known++
			continue
		}
		if err := tx.InsertParty(p); err != nil {
			return out, err
		}
		known[p.BinOrIin] = p
		out.added++
		if err := fact(tx, actor, "party.registered", models.Ref{Kind: "party", ID: p.ID}, p.Version, partyBody(p)); err != nil {
			return out, err
		}
	}
	return out, nil
}
