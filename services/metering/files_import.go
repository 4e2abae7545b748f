package metering

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// FileReport is what became of an interval file.
type FileReport struct {
	Readings, Added, Known int
	Bad                    []FileRow
}

// ImportFile takes an interval file in through the door of collectors; the collector is
// named file- and the digest of the bytes, which marks where the readings came from. A
// file again changes nothing, and one that goes on where another ended continues its
// counter. In a dry run nothing is written, but everything is checked.
func (s *Service) ImportFile(ctx context.Context, actor models.Actor, m FileMapping, data []byte, mode FileMode) (FileReport, error) {
	if err := models.Can(actor, models.ActReadingWrite, models.Scope{}); err != nil {
		return FileReport{}, err
	}
	stretches, bad, err := m.ReadFile(data)
	report := FileReport{Bad: bad}
	if err != nil {
		return report, err
	}
	digest := sha256.Sum256(data)
	batch := Batch{Collector: "file-" + hex.EncodeToString(digest[:12])}
	flush := func() error {
		if len(batch.Readings) == 0 || mode == FileDryRun {
			batch.Readings = nil
			return nil
		}
		got, err := s.Ingest(ctx, actor, batch)
		report.Added, report.Known = report.Added+got.Accepted, report.Known+got.Duplicate
		for _, what := range got.Rejected {
			report.Bad = append(report.Bad, FileRow{0, models.Errorf(models.CodeInvalid, "Left out: %s.", what)})
		}
		batch.Readings, batch.Sequence = nil, batch.Sequence+1
		return err
	}
	for _, st := range stretches {
		if err := s.continueCounter(ctx, st.Readings, m.Kind); models.CodeOf(err) == models.CodeNotFound {
			report.Bad = append(report.Bad, FileRow{st.Line, models.Errorf(models.CodeNotFound, "There is no meter %q. Register it first, or check its code.", st.Readings[0].Meter)})
			continue
		} else if err != nil {
			return report, err
		}
		report.Readings += len(st.Readings)
		for part := range slices.Chunk(st.Readings, fileBatch) {
			if len(batch.Readings)+len(part) > maxBatch {
				if err := flush(); err != nil {
					return report, err
				}
			}
			batch.Readings = append(batch.Readings, part...)
		}
	}
	return report, flush()
}

// fileBatch is how many readings of a stretch stay together.
const fileBatch = 2000

// FileMode says whether a file is only checked.
type FileMode int

// The modes of an import of a file.
const (
	FileWrite FileMode = iota
	FileDryRun
)

// continueCounter lets a stretch of energies begin from the counter that is known of its
// first instant.
func (s *Service) continueCounter(ctx context.Context, readings []models.Reading, kind FileValue) error {
	return s.store.View(ctx, func(tx *store.Tx) error {
		m, err := tx.Meter(readings[0].Meter)
		if err != nil || kind == FileIndex {
			return err
		}
		first := readings[0].At
		there, err := tx.Readings(m.ID, first, first.Add(time.Microsecond), 1)
		if err != nil || len(there) == 0 {
			return err
		}
		known, _ := there[0].Values.Get(models.QEImport)
		begun, _ := readings[0].Values.Get(models.QEImport)
		for i := range readings {
			wh, _ := readings[i].Values.Get(models.QEImport)
			readings[i].Values.Set(models.QEImport, wh-begun+known)
		}
		return nil
	})
}
