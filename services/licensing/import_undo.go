package licensing

import (
	"context"
	"encoding/json"
	"fmt"

	"rigistry/models"
	"rigistry/services/store"
)

// undo takes the next rigs of an import out of the register.
func (w *ImportWorker) undo(ctx context.Context, job store.ImportJob) error {
	w.spent = 0
	return w.s.store.Update(ctx, func(tx *store.Tx) error {
		j := job
		if j.Cursor == "" {
			if err := tx.ClearImportErrors(j.ID, "undo"); err != nil {
				return err
			}
		}
		rigs, changed, err := tx.ImportedEquipment(j.ID, j.Cursor, importChunk)
		if err != nil {
			return err
		}
		var actor models.Actor
		if err := json.Unmarshal([]byte(j.Actor), &actor); err != nil {
			return fmt.Errorf("read import %s: %w", j.ID, err)
		}
		var ids []string
		var keys []store.EquipmentKey
		var kept []store.ImportError
		for _, e := range rigs {
			if changed[e.ID] {
				j.Kept++
				cells, _ := json.Marshal([]string{e.ID, e.Manufacturer, e.Model, e.Serial}) // strings always marshal
				kept = append(kept, store.ImportError{Job: j.ID, Phase: "undo", Line: j.Kept, Field: "serial", Code: "changed_since", Value: e.Serial,
					Detail: "Something was recorded about this rig since, or an alarm is about it. It stays.", Cells: string(cells)})
				continue
			}
			ids, keys = append(ids, e.ID), append(keys, keyOf(e))
		}
		if err := tx.DeleteEquipment(ids); err != nil {
			return err
		}
		if err := tx.InsertImportErrors(kept); err != nil {
			return err
		}
		j.Undone += int64(len(ids))
		if len(ids) > 0 {
			err := fact(tx, actor, "equipment.import_undone", models.Ref{Kind: "equipment_batch", ID: j.ID}, 0, map[string]any{"count": len(ids), "digest": digestOf(keys)})
			if err != nil {
				return err
			}
		}
		if len(rigs) < importChunk {
			j.State, j.FinishedAt = ImportUndone, tx.Now.UnixMicro()
		} else {
			j.Cursor = rigs[len(rigs)-1].ID
		}
		return w.save(tx, j)
	})
}
