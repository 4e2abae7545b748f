package licensing

import (
	"context"

	"rigistry/models"
	"rigistry/services/store"
)

// ProposeWaiver asks a second person to let an obligation go on a ground of the
// catalogue.
func (s *Service) ProposeWaiver(ctx context.Context, actor models.Actor, id string, version int64, w models.Waiver) (ObligationView, error) {
	return s.changeObligation(ctx, actor, id, version, obligationStep{action: models.ActObligationDecide,
		change: func(tx *store.Tx, o models.Obligation) (models.Obligation, error) {
			known, err := tx.WaiverGrounds(models.LegalDate(tx.Now))
			if err != nil {
				return o, err
			}
			for _, g := range known {
				if g.Code == w.Ground {
					return o.ProposeWaiver(w, actor, tx.Now)
				}
			}
			var v models.Invalid
			v.Add("/ground", "unknown", "%q is no ground to let an obligation go today. See the catalogue of grounds.", w.Ground)
			return o, v.Err()
		},
		after: func(tx *store.Tx, o models.Obligation) error {
			if err := obligationFact(tx, actor, "obligation.waiver_proposed", o, map[string]any{"ground": w.Ground}); err != nil {
				return err
			}
			return openForOfficer(tx, actor, o, models.TaskObligationWaiver)
		}})
}

// ConfirmWaiver lets an obligation go; its proposer may not.
func (s *Service) ConfirmWaiver(ctx context.Context, actor models.Actor, id string, version int64) (ObligationView, error) {
	return s.changeObligation(ctx, actor, id, version, obligationStep{action: models.ActObligationDecide,
		change: func(tx *store.Tx, o models.Obligation) (models.Obligation, error) {
			return o.ConfirmWaiver(actor, tx.Now)
		},
		after: func(tx *store.Tx, o models.Obligation) error {
			return decided(tx, actor, o, "obligation.waived", models.NoticeObligationWaived)
		}})
}

// RejectWaiver puts a proposed waiver to rest with a word on why.
func (s *Service) RejectWaiver(ctx context.Context, actor models.Actor, id string, version int64, why string) (ObligationView, error) {
	return s.changeObligation(ctx, actor, id, version, obligationStep{action: models.ActObligationDecide,
		change: func(tx *store.Tx, o models.Obligation) (models.Obligation, error) { return o.RejectWaiver(why, tx.Now) },
		after: func(tx *store.Tx, o models.Obligation) error {
			if err := obligationFact(tx, actor, "obligation.waiver_rejected", o, nil); err != nil {
				return err
			}
			return settleTasks(tx, actor, obligationRef(o), models.TaskDone, "rejected", models.TaskObligationWaiver)
		}})
}
