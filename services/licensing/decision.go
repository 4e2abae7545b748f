package licensing

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"

	"rigistry/models"
	"rigistry/services/store"
)

// DraftDecision drafts a decision. The reasons of a refusal are codes of the
// catalogue that are in force today.
func (s *Service) DraftDecision(ctx context.Context, actor models.Actor, id string, version int64, d models.Decision) (models.Application, error) {
	return s.run(ctx, actor, id, command{models.ActApplicationDraft, "decision.drafted", version,
		func(tx *store.Tx, a models.Application) (models.Application, map[string]any, error) {
			a, err := a.DraftDecision(d, actor, tx.Now)
			if err == nil {
				err = agenciesLetGrant(tx, a, d.Outcome)
			}
			if err != nil {
				return a, nil, err
			}
			for i, code := range d.Reasons {
				if err := knownGround(tx, models.GroundRefuse, code, fmt.Sprintf("/reasons/%d", i)); err != nil {
					return a, nil, err
				}
			}
			return a, map[string]any{"outcome": d.Outcome, "reasons": d.Reasons}, nil
		}})
}

// VoidDraft takes a drafted decision back to review.
func (s *Service) VoidDraft(ctx context.Context, actor models.Actor, id string, version int64) (models.Application, error) {
	return s.run(ctx, actor, id, command{models.ActApplicationDraft, "decision.voided", version,
		func(tx *store.Tx, a models.Application) (models.Application, map[string]any, error) {
			a, err := a.VoidDraft(actor, tx.Now)
			return a, nil, err
		}})
}

func knownGround(tx *store.Tx, kind models.GroundKind, code, pointer string) error {
	known, err := tx.Grounds(kind, models.LegalDate(tx.Now))
	if err != nil {
		return err
	}
	for _, g := range known {
		if g.Code == code {
			return nil
		}
	}
	var v models.Invalid
	v.Add(pointer, "unknown", "%q is no ground to %s today. See the catalogue of grounds.", code, kind)
	return v.Err()
}

// Signed is a signed decision: the application and, when it was granted, the license
// that was issued on it or that it is about.
type Signed struct {
	Application models.Application
	License     *models.License
}

// Sign makes a drafted decision final; the drafter may not (CodeFourEyes). A
// grant takes effect on the license in the same transaction. When something changed
// since the filing so that it can no longer be granted, another license in force
// holds one of the points, or the grid cannot carry the power, it is a conflict and
// nothing changes.
func (s *Service) Sign(ctx context.Context, actor models.Actor, id string, version int64) (Signed, error) {
	return s.SignSeen(ctx, actor, id, version, "")
}

// SignSeen is Sign by somebody who says what they were shown: the digest of Sheet.
// When anything of it changed, the error has CodeVersionConflict and nothing is
// signed; "" says nothing. The ledger keeps the digest of what was signed either way.
func (s *Service) SignSeen(ctx context.Context, actor models.Actor, id string, version int64, seen string) (Signed, error) {
	var issued *models.License
	a, err := s.run(ctx, actor, id, command{models.ActApplicationSign, "decision.signed", version,
		func(tx *store.Tx, a models.Application) (models.Application, map[string]any, error) {
			issued = nil
			digest, err := sameAsSeen(tx, a, seen)
			if err != nil {
				return a, nil, err
			}
			if _, err := a.Sign("", actor, tx.Now); err != nil { // before anything else is looked at
				return a, nil, err
			}
			grant, err := prepare(tx, a)
			if err != nil {
				return a, nil, err
			}
			series, n, err := tx.NextNumber("order")
			if err != nil {
				return a, nil, err
			}
			order := fmt.Sprintf("%s-%s-%05d", series, models.LegalDate(tx.Now)[:4], n)
			if a, err = a.Sign(order, actor, tx.Now); err != nil {
				return a, nil, err
			}
			a.Decision.Seen = seen
			body := map[string]any{"content_digest": digest, "outcome": a.Decision.Outcome, "order": order, "drafter": a.Decision.Drafter, "reasons": a.Decision.Reasons}
			if a.State != models.ApplicationGranted {
				return a, body, nil
			}
			l, err := grant.apply(tx, actor, a)
			if err != nil {
				return a, nil, err
			}
			issued, a.License = &l, l.Number
			body["license"] = l.Number
			return a, body, nil
		}})
	if err != nil {
		return Signed{}, err
	}
	return Signed{Application: a, License: issued}, nil
}

// crockford is base 32 without letters that people mistake for digits.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// verificationCode is 60 random bits that people can read to one another.
func verificationCode() (string, error) {
	var raw [12]byte
	if _, err := rand.Read(raw[:]); err != nil {
		return "", fmt.Errorf("make a verification code: %w", err)
	}
	var b strings.Builder
	for i, r := range raw {
		if i > 0 && i%4 == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(crockford[r&31])
	}
	return b.String(), nil
}

// normalizeCode reads a verification code as people write it.
func normalizeCode(text string) string {
	t := strings.NewReplacer("O", "0", "I", "1", "L", "1").Replace(models.NormalizeIdentifier(text))
	if len(t) != 12 {
		return t
	}
	return t[:4] + "-" + t[4:8] + "-" + t[8:]
}
