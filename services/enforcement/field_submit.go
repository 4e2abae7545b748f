package enforcement

import (
	"context"
	"fmt"

	"rigistry/models"
	"rigistry/services/store"
)

// Submission is what a device says it has sent of a visit.
type Submission struct {
	Device   string
	LastSeq  int64
	LastHash string
}

// SubmitInspection says that a device has sent all of a visit. While events or files are
// missing it is refused, with each of them.
func (s *Service) SubmitInspection(ctx context.Context, actor models.Actor, id string, sub Submission) (Visit, error) {
	return s.inspect(ctx, actor, id, inspectionStep{models.ActInspectionWork, "", AnyVersion,
		func(tx *store.Tx, i models.Inspection, _ []models.InspectionRule) (models.Inspection, map[string]any, error) {
			if err := complete(tx, i, sub); err != nil {
				return i, nil, err
			}
			next, err := i.Submit(actor, tx.Now)
			return next, map[string]any{"device": sub.Device, "last_seq": sub.LastSeq, "last_hash": sub.LastHash}, err
		}})
}

// complete refuses a submission of which something has not come in.
func complete(tx *store.Tx, i models.Inspection, sub Submission) error {
	there, err := tx.DeviceSeqs(sub.Device, sub.LastSeq)
	if err != nil {
		return err
	}
	missing := models.Errorf(models.CodeEventsMissing, "Some of what the device recorded has not come in. Send what is named, then submit again.")
	add := func(pointer, code, detail string) {
		if len(missing.Fields) < maxMissing {
			missing.Fields = append(missing.Fields, models.FieldError{Pointer: pointer, Code: code, Detail: detail})
		}
	}
	next := int64(1)
	for _, seq := range append(there, sub.LastSeq+1) {
		for ; next < seq && len(missing.Fields) < maxMissing; next++ {
			add(fmt.Sprintf("/seq/%d", next), "missing", "This event has not come in.")
		}
		next = seq + 1
	}
	last, err := tx.FieldEventOf(sub.Device, sub.LastSeq)
	if err != nil {
		return err
	}
	if last != nil && last.Hash != sub.LastHash {
		versions, err := tx.FieldEventVersions([]string{last.ID})
		if err != nil {
			return err
		}
		known := false
		for _, v := range versions {
			known = known || v.Hash == sub.LastHash
		}
		if !known {
			add("/last_hash", "different", "The last event that came in is another one.")
		}
	}
	files, err := tx.MissingEvidence(i.ID, maxMissing)
	if err != nil {
		return err
	}
	for _, sha := range files {
		add("/blobs/"+sha, "missing", "This file has not come in.")
	}
	if len(missing.Fields) > 0 {
		return missing
	}
	return nil
}
