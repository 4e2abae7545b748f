package licensing

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"rigistry/models"
	"rigistry/services/store"
)

// Sheet is what somebody who reviews or signs an application is shown beside it,
// from one snapshot.
type Sheet struct {
	Application models.Application
	// Digest binds what was shown: the content, the checklist, the draft, the
	// answers of agencies and the files. A signature that names it fails when any of
	// them changed.
	Digest    string
	Barred    string // why the caller takes no part in the review, "" when nothing forbids it
	Conflicts []Declared
	Party     models.Party
	Sites     []models.Site
	Points    []models.ConnectionPoint // asked for, by code; without those that the register does not have
	Unknown   []string                 // codes of points that the register does not have
	Utilities map[string]models.Utility
	Silent    []string          // agencies whose silence counts as agreement
	People    map[string]string // names of who drafted and who felled the last draft, by user id
	Contents  []store.Content   // what was asked for before each correction, the oldest first
}

// Sheet gives what the review of an application rests on. It is for the registry's
// own people.
func (s *Service) Sheet(ctx context.Context, actor models.Actor, key string) (out Sheet, err error) {
	declared, err := s.Conflicts(ctx, actor, key)
	if err != nil {
		return Sheet{}, err
	}
	err = s.view(ctx, actor, models.ActStaffRead, func(tx *store.Tx) error {
		a, err := tx.Application(key)
		if err != nil {
			return err
		}
		out = Sheet{Application: a, Conflicts: declared, Utilities: map[string]models.Utility{}, People: map[string]string{}}
		if err := unbiased(tx, a, actor); models.CodeOf(err) == models.CodeForbidden {
			out.Barred = err.Error()
		} else if err != nil {
			return err
		}
		if out.Digest, err = contentDigest(tx, a); err != nil {
			return err
		}
		if out.Contents, err = tx.Contents(a.ID); err != nil {
			return err
		}
		return out.gather(tx, a)
	})
	return out, err
}

// gather adds what the register knows.
func (s *Sheet) gather(tx *store.Tx, a models.Application) (err error) {
	if s.Party, err = tx.Party(a.Applicant); err != nil {
		return err
	}
	keys := make([]string, 0, len(a.Sites))
	for _, as := range a.Sites {
		keys = append(keys, as.Site)
		for _, code := range as.ConnectionPoints {
			if err := s.point(tx, code); err != nil {
				return err
			}
		}
	}
	if s.Sites, err = tx.SitesByKey(keys); err != nil {
		return err
	}
	if v := a.Voided; v != nil {
		for _, id := range []string{v.Drafter, v.By} {
			if s.People[id], err = nameOf(tx, id); err != nil {
				return err
			}
		}
	}
	asked, err := tx.Requests(a.ID)
	for _, r := range asked {
		if r.State == models.RequestDeemedAgreed {
			s.Silent = append(s.Silent, r.Agency)
		}
	}
	return err
}

func (s *Sheet) point(tx *store.Tx, code string) error {
	p, err := tx.ConnectionPoint(code)
	if models.CodeOf(err) == models.CodeNotFound {
		s.Unknown = append(s.Unknown, code)
		return nil
	}
	if err != nil {
		return err
	}
	s.Points = append(s.Points, p)
	if _, known := s.Utilities[p.Utility]; known {
		return nil
	}
	s.Utilities[p.Utility], err = tx.Utility(p.Utility)
	return err
}

// contentDigest gives the SHA-256 of what a decision on an application rests on, as
// hex after "sha256:". Who is in charge, the clock and the version are no part of it.
func contentDigest(tx *store.Tx, a models.Application) (string, error) {
	a.Officer, a.Due, a.Version, a.Clock, a.Voided = "", "", 0, models.Clock{}, nil
	a.Updated = a.Created
	requests, err := tx.Requests(a.ID)
	if err != nil {
		return "", err
	}
	files, err := tx.Attachments(a.ID)
	if err != nil {
		return "", err
	}
	text, err := json.Marshal([]any{a, requests, files})
	if err != nil {
		return "", fmt.Errorf("digest of application %s: %w", a.Number, err)
	}
	sum := sha256.Sum256(text)
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}

// sameAsSeen refuses a signature under what is not what the signer was shown.
func sameAsSeen(tx *store.Tx, a models.Application, seen string) (string, error) {
	digest, err := contentDigest(tx, a)
	if err == nil && seen != "" && seen != digest {
		err = models.Errorf(models.CodeVersionConflict, "What you looked at is not what would be signed any more. Load it again and look at what changed.")
	}
	return digest, err
}
