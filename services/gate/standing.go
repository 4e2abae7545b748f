package gate

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// placeOf names what a connection point hangs on.
func placeOf(tx *store.Tx, p models.ConnectionPoint) (store.StandingPlace, error) {
	place := store.StandingPlace{Point: p.Code}
	feeder, err := tx.Feeder(p.Feeder)
	if err != nil {
		return place, fmt.Errorf("feeder of %s: %w", p.Code, err)
	}
	substation, err := tx.Substation(feeder.Substation)
	if err != nil {
		return place, fmt.Errorf("substation of %s: %w", p.Code, err)
	}
	place.Feeder, place.Substation = feeder.Code, substation.Code
	if p.Site != "" {
		site, err := tx.Site(p.Site)
		if err != nil && models.CodeOf(err) != models.CodeNotFound {
			return place, err
		}
		place.Site = site.Code
	}
	return place, nil
}

// RecordStanding records a standing fact: hours of supply, a curtailment, a legal
// hold, suspect premises, a claim, or a transfer to another grid company. What it is
// recorded for must be in the register, but for a party, who need not be.
func (s *Service) RecordStanding(ctx context.Context, actor models.Actor, f models.StandingFact) (models.StandingFact, error) {
	if err := models.Can(actor, models.ActStandingWrite, models.Scope{}); err != nil {
		return models.StandingFact{}, err
	}
	f.Claimant = models.NormalizeIdentifier(f.Claimant)
	if f.Scope == models.ScopeLicense || f.Scope == models.ScopeParty {
		f.ScopeID = models.NormalizeIdentifier(f.ScopeID)
	}
	f.From, f.Until = f.From.UTC().Truncate(time.Microsecond), f.Until.UTC().Truncate(time.Microsecond)
	if err := f.Check(); err != nil {
		return models.StandingFact{}, err
	}
	var out models.StandingFact
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		if err := standsFor(tx, f); err != nil {
			return err
		}
		f.ID, f.RecordedBy, f.Recorded = tx.NewID(), actor.ID, tx.Now
		if err := tx.InsertStanding(f); err != nil {
			return err
		}
		out = f
		return appendStanding(tx, actor, "standing.recorded", 1, f)
	})
	return out, err
}

// standsFor refuses a fact about what is not in the register.
func standsFor(tx *store.Tx, f models.StandingFact) (err error) {
	var code string
	switch f.Scope {
	case models.ScopePoint:
		var p models.ConnectionPoint
		p, err = tx.ConnectionPoint(f.ScopeID)
		code = p.Code
	case models.ScopeFeeder:
		var feeder models.Feeder
		feeder, err = tx.Feeder(f.ScopeID)
		code = feeder.Code
	case models.ScopeSubstation:
		var sub models.Substation
		sub, err = tx.Substation(f.ScopeID)
		code = sub.Code
	case models.ScopeSite:
		var site models.Site
		site, err = tx.Site(f.ScopeID)
		code = site.Code
	case models.ScopeLicense:
		var found bool
		if _, found, err = tx.GateLicense(f.ScopeID); found {
			code = f.ScopeID
		}
	case models.ScopeParty:
		if _, err := models.CheckBin(f.ScopeID); err != nil {
			return scopeError("The number breaks the rules of a BIN or IIN.")
		}
		return nil
	case models.ScopeGrid:
		return nil
	}
	if models.CodeOf(err) == models.CodeNotFound || err == nil && code != f.ScopeID {
		return scopeError("There is no " + string(f.Scope) + " with this code or number in the register.")
	}
	return err
}

func scopeError(detail string) error {
	var v models.Invalid
	v.Add("/scope_id", "unknown", "%s", detail)
	return v.Err()
}

// appendStanding writes the entry of a fact. A BIN or IIN of a party stays out of the
// ledger: a digest over the fact, with its random id, stands for it.
func appendStanding(tx *store.Tx, actor models.Actor, kind string, version int64, f models.StandingFact) error {
	whole, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("write a standing fact: %w", err)
	}
	body := map[string]any{"kind": f.Kind, "scope": f.Scope, "from": f.From, "until": f.Until, "source": f.Source, "hours": f.Hours,
		"power_w": int64(f.Power), "mining_only": f.MiningOnly, "document": f.Document, "fact_digest": digestOf(whole)}
	if f.Scope != models.ScopeParty {
		body["scope_id"] = f.ScopeID
	}
	if !f.Ended.IsZero() {
		body["ended"], body["reason"] = f.Ended, f.EndReason
	}
	_, err = tx.Append(models.Entry{Kind: kind, Subject: models.Ref{Kind: "standing_fact", ID: f.ID}, SubjectVersion: version, Actor: actor, Body: body})
	return err
}

// EndStanding ends a standing fact now, with a reason; a legal hold and a suspicion by
// another person than recorded it.
func (s *Service) EndStanding(ctx context.Context, actor models.Actor, id, reason string) (models.StandingFact, error) {
	if err := models.Can(actor, models.ActStandingWrite, models.Scope{}); err != nil {
		return models.StandingFact{}, err
	}
	var out models.StandingFact
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		f, err := tx.Standing(id)
		if err != nil {
			return err
		}
		if out, err = f.End(actor, reason, tx.Now); err != nil {
			return err
		}
		if err := tx.EndStanding(out); err != nil {
			return err
		}
		return appendStanding(tx, actor, "standing.ended", 2, out)
	})
	return out, err
}

// Standing gives a standing fact.
func (s *Service) Standing(ctx context.Context, actor models.Actor, id string) (f models.StandingFact, err error) {
	if err := models.Can(actor, models.ActStandingRead, models.Scope{}); err != nil {
		return f, err
	}
	err = s.store.View(ctx, func(tx *store.Tx) (err error) {
		f, err = tx.Standing(id)
		return err
	})
	return f, err
}

// StandingFacts lists standing facts, newest first.
func (s *Service) StandingFacts(ctx context.Context, actor models.Actor, f store.StandingFilter, page store.Page) (out []models.StandingFact, err error) {
	if err := models.Can(actor, models.ActStandingRead, models.Scope{}); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx *store.Tx) (err error) {
		out, err = tx.StandingFacts(f, page)
		return err
	})
	return out, err
}
