package licensing

import (
	"context"
	"strings"

	"rigistry/models"
	"rigistry/services/store"
)

// ImportEquipment takes rigs into the register. A rig that is there already with the
// same owner, place and model counts as known, so an import can be repeated. With
// another owner or at another site the row fails and raises an alarm, because two
// rigs under one serial number are a sign of fraud. progress may be nil.
func (s *Service) ImportEquipment(ctx context.Context, actor models.Actor, mode ImportMode, rows []Row[models.Equipment], progress func(done int)) (Report, error) {
	if err := models.Can(actor, models.ActEquipmentWrite, models.Scope{}); err != nil {
		return Report{}, err
	}
	b := rigBatch{actor: actor, mode: mode, seen: map[store.EquipmentKey]seenRig{}}
	return batches(ctx, s, mode, rows, progress, b.take)
}

// ReadRigs reads a CSV or XLSX file of rigs. Rows that cannot be read are failures of
// their lines; headings without which no rig can be read are an error.
func ReadRigs(name string, data []byte, sheet string) (rows []Row[models.Equipment], failed []RowError, err error) {
	r, err := openRigs(name, data, sheet, nil)
	if err != nil {
		return nil, nil, err
	}
	defer r.close()
	if err := checkColumns(r.columns); err != nil {
		return nil, nil, err
	}
	if twice := namedTwice(r.columns); len(twice) > 0 {
		return nil, nil, models.Errorf(models.CodeInvalid, "%s has two columns that are read as %s. Leave one out.", name, strings.Join(twice, ", "))
	}
	for {
		some, err := r.next(importBatch)
		if err != nil || len(some) == 0 {
			return rows, failed, err
		}
		for _, x := range some {
			if x.bad != nil {
				failed = append(failed, RowError{x.line, x.bad})
				continue
			}
			rows = append(rows, Row[models.Equipment]{Line: x.line, Value: x.rig})
		}
	}
}

// rigBatch is an import of rigs, batch by batch.
type rigBatch struct {
	actor models.Actor
	mode  ImportMode
	job   string // import job, "" outside of one
	from  int64  // rows of the file before the batch
	// seen is where each rig stood first in the file, as far as this process read it;
	// a batch that runs again meets its own lines.
	seen map[store.EquipmentKey]seenRig
	// alarms is how many claims of the last batch did not go with the register.
	alarms int
}

type seenRig struct {
	line int
	rig  models.Equipment
}

func rowRefusal(pointer, code, format string, args ...any) error {
	var v models.Invalid
	v.Add(pointer, code, format, args...)
	return v.Err()
}

// take checks one batch and, unless it is a dry run, takes it into the register.
func (b *rigBatch) take(tx *store.Tx, rows []Row[models.Equipment]) (out imported, err error) {
	claims := make([]models.Equipment, 0, len(rows))
	for _, r := range rows {
		claims = append(claims, r.Value)
	}
	refs, err := refsOf(tx, claims)
	if err != nil {
		return out, err
	}
	var fresh []models.Equipment
	var alarms []models.EquipmentAlarm
	for _, r := range rows {
		e, err := refs.resolve(r.Value)
		if err != nil {
			out.failed = append(out.failed, RowError{r.Line, err})
			continue
		}
		e.ID, e.Version, e.Created, e.Updated, e.ImportJob = tx.NewID(), 1, tx.Now, tx.Now, b.job
		rig, kind, met := refs.meets(e)
		if first, twice := b.seen[foldOf(e)]; !met && twice && first.line != r.Line && b.mode == ImportDryRun {
			rig, kind, met = first.rig, models.AlarmSimilar, true
			if keyOf(rig) == keyOf(e) {
				kind = models.AlarmSame
			}
		}
		if !met {
			fresh = append(fresh, e)
			refs.add(e)
			b.seen[foldOf(e)] = seenRig{r.Line, models.Equipment{Manufacturer: e.Manufacturer, Serial: e.Serial, Model: e.Model, Owner: e.Owner, Site: e.Site, State: e.State}}
			continue
		}
		if refused := b.verdict(rig, e, kind, r.Line); refused != nil {
			out.failed = append(out.failed, RowError{r.Line, refused})
			if kind == models.AlarmSimilar || rig.ClaimConflict(e) {
				alarms = append(alarms, newAlarm(tx, b.actor, kind, rig, e, models.AlarmFromImport, b.job))
			}
			continue
		}
		out.known++
	}
	out.added, b.alarms = len(fresh), len(alarms)
	if b.mode == ImportDryRun {
		return out, nil
	}
	return out, b.write(tx, fresh, alarms, len(rows))
}

// verdict says why a row about a rig that is there already is refused, nil when it
// says the same.
func (b *rigBatch) verdict(rig, e models.Equipment, kind models.AlarmKind, line int) error {
	first, seen := b.seen[foldOf(e)]
	inFile := seen && first.line != line
	switch {
	case kind == models.AlarmSimilar && inFile:
		return rowRefusal("/serial", "similar_serial", "The serial number %s in line %d of the file is easily mistaken for this one. An officer decides whether they are two machines.", rig.Serial, first.line)
	case kind == models.AlarmSimilar:
		return rowRefusal("/serial", "similar_serial", "The register has the serial number %s, which is easily mistaken for this one. An officer decides whether they are two machines.", rig.Serial)
	case rig.ClaimConflict(e):
		return rowRefusal("/serial", "claimed_elsewhere", "This rig is registered with another owner or at another site. An alarm goes to an officer, who decides.")
	case inFile:
		return rowRefusal("/serial", "duplicate_in_file", "The same rig stands in line %d of the file.", first.line)
	case b.job != "" && rig.ImportJob == b.job:
		return rowRefusal("/serial", "duplicate_in_file", "The same rig stands further up in the file.")
	case rig.Model != e.Model:
		return rowRefusal("/model", "other_model", "This rig is registered as model %s. Correct the file, or the register.", rig.Model)
	}
	return nil
}

// write puts a batch into the register: one entry of the ledger holds all of it.
func (b *rigBatch) write(tx *store.Tx, fresh []models.Equipment, alarms []models.EquipmentAlarm, rows int) error {
	if len(fresh) > 0 {
		if err := tx.InsertEquipment(fresh...); err != nil {
			return err
		}
		keys := make([]store.EquipmentKey, 0, len(fresh))
		for _, e := range fresh {
			keys = append(keys, keyOf(e))
		}
		subject := fresh[0].ID
		body := map[string]any{"count": len(fresh), "digest": digestOf(keys)}
		if b.job != "" {
			subject = b.job
			body["from_row"], body["to_row"] = b.from+1, b.from+int64(rows)
		}
		if err := fact(tx, b.actor, "equipment.imported", models.Ref{Kind: "equipment_batch", ID: subject}, 0, body); err != nil {
			return err
		}
	}
	return raise(tx, b.actor, alarms...)
}
