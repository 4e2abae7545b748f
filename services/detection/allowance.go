package detection

import (
	"context"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// allowanceFact is what the ledger keeps of an allowance; its words stay outside.
type allowanceFact struct {
	Point  string `json:"point"`
	Kind   string `json:"kind"`
	LimitW int64  `json:"limit_w"`
	From   string `json:"from,omitempty"`
	Until  string `json:"until"`
	State  string `json:"state"`
}

func appendAllowance(tx *store.Tx, actor models.Actor, kind string, a models.Allowance) error {
	_, err := tx.Append(models.Entry{Kind: kind, Subject: models.Ref{Kind: "allowance", ID: a.ID}, SubjectVersion: a.Version, Actor: actor,
		Body: allowanceFact{Point: a.PointCode, Kind: a.Kind, LimitW: int64(a.Limit), From: a.From, Until: a.Until, State: string(a.State)}})
	return err
}

// Allowances lists allowances, the newest first, by state and by the id or code of a
// connection point; "" does not narrow.
func (s *Service) Allowances(ctx context.Context, actor models.Actor, state, target string, page store.Page) (out []models.Allowance, err error) {
	if err := models.Can(actor, models.ActFindingRead, models.Scope{}); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		out, err = tx.Allowances(state, target, page)
		return err
	})
	return out, err
}

// ProposeAllowance proposes that a flat load at a connection point is known. Point
// is its id or code.
func (s *Service) ProposeAllowance(ctx context.Context, actor models.Actor, a models.Allowance) (models.Allowance, error) {
	if err := models.Can(actor, models.ActFindingTriage, models.Scope{}); err != nil {
		return a, err
	}
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		if err := a.Check(models.LegalDate(tx.Now)); err != nil {
			return err
		}
		point, err := tx.ConnectionPoint(a.Point)
		if models.CodeOf(err) == models.CodeNotFound {
			var v models.Invalid
			v.Add("/target", "unknown", "No connection point has the id or code %q.", a.Point)
			return v.Err()
		}
		if err != nil {
			return err
		}
		made := a
		made.ID, made.Point, made.PointCode, made.State, made.Version = tx.NewID(), point.ID, point.Code, models.AllowanceProposed, 1
		made.Reason, made.From, made.ProposedBy, made.ProposedAt = strings.TrimSpace(a.Reason), "", actor.ID, tx.Now
		if err := tx.InsertAllowance(made); err != nil {
			return err
		}
		a = made
		return appendAllowance(tx, actor, "allowance.proposed", made)
	})
	return a, err
}

// ConfirmAllowance puts a proposed allowance in force: another person than proposed it.
func (s *Service) ConfirmAllowance(ctx context.Context, actor models.Actor, id, reason string, version int64) (models.Allowance, error) {
	return s.moveAllowance(ctx, actor, id, version, "allowance.confirmed", func(a models.Allowance, today string, at time.Time) (models.Allowance, error) {
		return a.Decide(models.AllowanceActive, actor, today, reason, at)
	})
}

// RejectAllowance turns a proposed allowance down, with a reason.
func (s *Service) RejectAllowance(ctx context.Context, actor models.Actor, id, reason string, version int64) (models.Allowance, error) {
	return s.moveAllowance(ctx, actor, id, version, "allowance.rejected", func(a models.Allowance, today string, at time.Time) (models.Allowance, error) {
		return a.Decide(models.AllowanceRejected, actor, today, reason, at)
	})
}

// EndAllowance ends an allowance that is in force, with a reason.
func (s *Service) EndAllowance(ctx context.Context, actor models.Actor, id, reason string, version int64) (models.Allowance, error) {
	return s.moveAllowance(ctx, actor, id, version, "allowance.ended", func(a models.Allowance, today string, at time.Time) (models.Allowance, error) {
		return a.End(actor, today, reason, at)
	})
}

func (s *Service) moveAllowance(ctx context.Context, actor models.Actor, id string, version int64, kind string,
	move func(models.Allowance, string, time.Time) (models.Allowance, error)) (a models.Allowance, err error) {
	if err := models.Can(actor, models.ActAllowanceDecide, models.Scope{}); err != nil {
		return a, err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		if a, err = tx.Allowance(id); err != nil {
			return err
		}
		if version != 0 && version != a.Version {
			return models.Errorf(models.CodeVersionConflict, "The allowance has changed since. Load it again.")
		}
		if a, err = move(a, models.LegalDate(tx.Now), tx.Now); err != nil {
			return err
		}
		if err := tx.DecideAllowance(a); err != nil {
			return err
		}
		return appendAllowance(tx, actor, kind, a)
	})
	return a, err
}

// allow lowers suspicions from the shape of a load to tier C where an allowance
// covers the whole load. Balances, meters and documented limits are left alone.
func allow(u Unit, found []models.Finding) {
	today := models.LegalDate(u.Now)
	for i := range found {
		f := &found[i]
		if f.Rule != models.RuleUnlicensed || !fromStream(*f) || f.Tier == models.TierWatch {
			continue
		}
		load := models.Watts(1000 * f.Evidence.Numbers["measured_kw"])
		for _, a := range u.Allowances {
			if a.Point == f.Target.ID && a.Covers(load, today) {
				f.Tier, f.Evidence.Allowance, f.Evidence.TierReason = models.TierWatch, a.ID, "allowed"
			}
		}
	}
}
