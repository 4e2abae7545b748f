package enforcement

import (
	"context"

	"rigistry/models"
	"rigistry/services/store"
)

// UnlockDevice lets a device that was locked send and take packs again. Only a head
// unlocks, and with a reason; again changes nothing. What the device recorded before it
// was locked then comes in as it was signed.
func (s *Service) UnlockDevice(ctx context.Context, actor models.Actor, id string) (out models.FieldDevice, err error) {
	if err := models.Can(actor, models.ActFieldUnlock, models.Scope{}); err != nil {
		return out, err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		d, err := tx.FieldDevice(id)
		if err != nil {
			return err
		}
		if out = d; d.Locked.IsZero() {
			return nil
		}
		if err := tx.UnlockFieldDevice(d.ID); err != nil {
			return err
		}
		out.Locked, out.LockedBy = models.FieldDevice{}.Locked, ""
		return deviceFact(tx, actor, "field.device_unlocked", d, map[string]any{"locked_by": d.LockedBy})
	})
	return out, err
}

// versionsOfDevices gives what two devices recorded differently on one visit: answers to
// one question, counts of one rack, and the end of the visit. All of it stands; somebody
// has to say which is right.
func versionsOfDevices(events []models.FieldEvent, voided map[string]string) (out []EventVersions) {
	last := map[string]map[string]models.FieldEvent{} // what was recorded -> device -> its last word
	order, standing := []string{}, models.Standing(events)
	for _, e := range events {
		about, ok := e.About()
		if _, void := voided[e.ID]; !ok || void {
			continue
		}
		if last[about] == nil {
			last[about] = map[string]models.FieldEvent{}
			order = append(order, about)
		}
		if before, known := last[about][e.Device]; !known || before.Seq <= e.Seq {
			last[about][e.Device] = e
		}
	}
	for _, about := range order {
		versions := EventVersions{ID: about, Counts: standing[about]}
		said := map[string]bool{}
		for _, e := range events {
			if last[about][e.Device].Hash == e.Hash {
				versions.Versions = append(versions.Versions, e)
				said[e.Said()] = true
			}
		}
		if len(said) > 1 {
			out = append(out, versions)
		}
	}
	return out
}
