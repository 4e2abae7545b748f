package licensing

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// Attach adds a file as evidence of a requirement. The type is found in the content,
// and files that do more than show pages are refused. The same bytes for the same
// requirement are the attachment that is there already.
func (s *Service) Attach(ctx context.Context, actor models.Actor, id, requirement, name string, content []byte) (out models.Attachment, err error) {
	err = s.update(ctx, actor, models.ActApplicationFile, func(tx *store.Tx) error {
		a, err := fileable(tx, actor, id)
		if err != nil {
			return err
		}
		media, err := models.CheckAttachment(name, content)
		if err != nil {
			return err
		}
		if err := knownRequirement(tx, a, requirement); err != nil {
			return err
		}
		sum := sha256.Sum256(content)
		out = models.Attachment{ID: tx.NewID(), Application: a.ID, Requirement: requirement, Name: name, MediaType: media, Bytes: int64(len(content)),
			SHA256: hex.EncodeToString(sum[:]), By: actor.ID, Created: tx.Now}
		standing, err := standingAttachments(tx, a.ID)
		if err != nil {
			return err
		}
		same := func(x models.Attachment) bool { return x.Requirement == requirement && x.SHA256 == out.SHA256 }
		if i := slices.IndexFunc(standing, same); i >= 0 {
			out = standing[i]
			return nil
		}
		if len(standing) >= models.MaxAttachments {
			var v models.Invalid
			v.Add("?requirement", "range", "An application has at most %d files. Remove one that is not needed.", models.MaxAttachments)
			return v.Err()
		}
		if err := tx.InsertAttachment(out, content); err != nil {
			return err
		}
		return attachmentFact(tx, actor, "application.attachment_added", a, out)
	})
	if err != nil {
		return models.Attachment{}, err
	}
	return out, nil
}

// fileable loads an application whose documents the actor may change now.
func fileable(tx *store.Tx, actor models.Actor, id string) (models.Application, error) {
	a, err := tx.Application(id)
	if err == nil {
		err = models.Reach(actor, models.ActApplicationFile, models.Scope{Party: a.Applicant}, "application", id)
	}
	if err == nil {
		err = a.TakesAttachments(actor)
	}
	return a, err
}

func knownRequirement(tx *store.Tx, a models.Application, code string) error {
	requirements, err := checklistOf(tx, a)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(requirements, func(r models.Requirement) bool { return r.Code == code }) {
		return nil
	}
	var v models.Invalid
	v.Add("?requirement", "unknown", "%q is no requirement of this kind of application. See GET /v1/reference/requirements.", code)
	return v.Err()
}

func attachmentFact(tx *store.Tx, actor models.Actor, kind string, a models.Application, x models.Attachment) error {
	return fact(tx, actor, kind, models.Ref{Kind: "application", ID: a.ID}, a.Version, map[string]any{"number": a.Number, "applicant": a.Applicant,
		"attachment": x.ID, "requirement": x.Requirement, "media_type": x.MediaType, "bytes": x.Bytes, "sha256": x.SHA256})
}

func standingAttachments(tx *store.Tx, application string) ([]models.Attachment, error) {
	all, err := tx.Attachments(application)
	return slices.DeleteFunc(all, func(x models.Attachment) bool { return x.RemovedBy != "" }), err
}

// Attachments gives the files of an application that stand, in the order of time.
func (s *Service) Attachments(ctx context.Context, actor models.Actor, key string) (out []models.Attachment, err error) {
	err = s.viewOne(ctx, actor, key, func(tx *store.Tx, a models.Application) (err error) {
		out, err = standingAttachments(tx, a.ID)
		return err
	})
	return out, err
}

// AttachmentFile gives a file of an application with its content. A removed one is
// there for the office only.
func (s *Service) AttachmentFile(ctx context.Context, actor models.Actor, key, attachment string) (out models.Attachment, content []byte, err error) {
	err = s.viewOne(ctx, actor, key, func(tx *store.Tx, a models.Application) (err error) {
		if out, err = tx.Attachment(a.ID, attachment); err != nil {
			return err
		}
		if out.RemovedBy != "" && ownParty(actor, models.ActApplicationRead) != "" {
			return models.NotFound("attachment", attachment)
		}
		content, err = tx.AttachmentFile(out.SHA256)
		return err
	})
	return out, content, err
}

// RemoveAttachment takes a file away while the application can be changed. The
// record stays, and what was filed before with it stays filed.
func (s *Service) RemoveAttachment(ctx context.Context, actor models.Actor, id, attachment string) error {
	return s.update(ctx, actor, models.ActApplicationFile, func(tx *store.Tx) error {
		a, err := fileable(tx, actor, id)
		if err != nil {
			return err
		}
		x, err := tx.Attachment(a.ID, attachment)
		if err != nil {
			return err
		}
		if x, err = x.Remove(actor, tx.Now); err != nil {
			return err
		}
		if err := tx.RemoveAttachment(x); err != nil {
			return err
		}
		return attachmentFact(tx, actor, "application.attachment_removed", a, x)
	})
}

// documentsChanged names the field documents when files were added or removed since
// an instant.
func documentsChanged(tx *store.Tx, application string, since time.Time) ([]string, error) {
	all, err := tx.Attachments(application)
	changed := slices.ContainsFunc(all, func(x models.Attachment) bool { return !x.Created.Before(since) || !x.Removed.Before(since) })
	if err != nil || !changed {
		return nil, err
	}
	return []string{"documents"}, nil
}
