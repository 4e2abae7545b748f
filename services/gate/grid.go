package gate

import (
	"context"
	"strings"

	"rigistry/models"
	"rigistry/services/store"
)

// Ready tells whether the gate can answer: the store can be read and written.
func (s *Service) Ready(ctx context.Context) error {
	_, err := s.freshness(ctx)
	return err
}

// Revision is how many entries of the ledger the facts in memory include, 0 before the
// first question. The next one that is asked brings them up to date.
func (s *Service) Revision() int64 { return s.group.revision.Load() }

// RulesVersion is the version of the rules and parameters in force.
func (s *Service) RulesVersion() string { return models.RulesVersion(s.parameters(s.store.Now())) }

func required(v *models.Invalid, pointer, value string) {
	if strings.TrimSpace(value) == "" || len(value) > 300 {
		v.Add(pointer, "required", "This is needed, at most 300 characters.")
	}
}

func (s *Service) change(ctx context.Context, actor models.Actor, kind, subject string,
	fn func(tx *store.Tx) (ref models.Ref, version int64, utility string, body any, err error)) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		ref, version, utility, body, err := fn(tx)
		if err != nil {
			return err
		}
		ref.Kind = subject
		_, err = tx.Append(models.Entry{Kind: kind, Subject: ref, SubjectVersion: version, Actor: actor, Utility: utility, Body: body})
		return err
	})
}

// RegisterUtility adds a utility; only the registry may.
func (s *Service) RegisterUtility(ctx context.Context, actor models.Actor, u models.Utility) (models.Utility, error) {
	if scope, err := scopeOf(actor, models.ActGridWrite); err != nil {
		return models.Utility{}, err
	} else if scope != "" {
		return models.Utility{}, models.Errorf(models.CodeForbidden, "Only the registry adds utilities.")
	}
	var v models.Invalid
	required(&v, "/code", u.Code)
	required(&v, "/name_ru", u.NameRu)
	if _, err := models.CheckBin(u.Bin); err != nil {
		v.Add("/bin", "checksum", "%s", err.Error())
	}
	if err := v.Err(); err != nil {
		return models.Utility{}, err
	}
	err := s.change(ctx, actor, "utility.registered", "utility", func(tx *store.Tx) (models.Ref, int64, string, any, error) {
		u.ID, u.Version = tx.NewID(), 1
		return models.Ref{ID: u.ID}, 1, u.ID, map[string]any{"code": u.Code, "bin": u.Bin}, tx.InsertUtility(u)
	})
	return u, err
}

// Utilities lists utilities by code; a utility sees itself.
func (s *Service) Utilities(ctx context.Context, actor models.Actor, page store.Page) ([]models.Utility, error) {
	return listed(ctx, s, actor, func(tx *store.Tx, scope string) ([]models.Utility, error) { return tx.Utilities(scope, page) })
}

// listed reads a list within what the actor may see of the grid.
func listed[T any](ctx context.Context, s *Service, actor models.Actor, read func(tx *store.Tx, scope string) ([]T, error)) ([]T, error) {
	scope, err := scopeOf(actor, models.ActGridRead)
	if err != nil {
		return nil, err
	}
	if err := s.settle(ctx); err != nil {
		return nil, err
	}
	var out []T
	err = s.store.View(ctx, func(tx *store.Tx) (err error) {
		out, err = read(tx, scope)
		return err
	})
	return out, err
}

// owned gives an error that tells nothing when the actor may not write to what
// the utility owns.
func owned(actor models.Actor, utility, noun, name string) error {
	scope, err := scopeOf(actor, models.ActGridWrite)
	if err == nil && scope != "" && scope != utility {
		err = models.NotFound(noun, name)
	}
	return err
}

// RegisterSubstation adds a substation. Utility is an id or a code; "" is the
// actor's own.
func (s *Service) RegisterSubstation(ctx context.Context, actor models.Actor, sub models.Substation) (models.Substation, error) {
	if sub.Utility == "" {
		sub.Utility = actor.Utility
	}
	if err := limits(sub.Code, sub.VoltKV, sub.Limit); err != nil {
		return models.Substation{}, err
	}
	err := s.change(ctx, actor, "substation.registered", "substation", func(tx *store.Tx) (models.Ref, int64, string, any, error) {
		u, err := tx.Utility(sub.Utility)
		if err == nil {
			err = owned(actor, u.ID, "utility", sub.Utility)
		}
		if err != nil {
			return models.Ref{}, 0, "", nil, err
		}
		sub.ID, sub.Utility, sub.Version = tx.NewID(), u.ID, 1
		return models.Ref{ID: sub.ID}, 1, u.ID, map[string]any{"code": sub.Code, "limit_w": int64(sub.Limit)}, tx.InsertSubstation(sub)
	})
	return sub, err
}

func limits(code string, volts int64, limit models.Watts) error {
	var v models.Invalid
	required(&v, "/code", code)
	if volts < 1 || volts > 1200 {
		v.Add("/volt_kv", "range", "The voltage is 1 to 1200 kV.")
	}
	if limit <= 0 {
		v.Add("/limit_kw", "range", "The limit is more than 0 kW.")
	}
	return v.Err()
}

// Substations lists substations by code.
func (s *Service) Substations(ctx context.Context, actor models.Actor, page store.Page) ([]models.Substation, error) {
	return listed(ctx, s, actor, func(tx *store.Tx, scope string) ([]models.Substation, error) { return tx.Substations(scope, page) })
}

// RegisterFeeder adds a feeder. Substation is an id or a code.
func (s *Service) RegisterFeeder(ctx context.Context, actor models.Actor, f models.Feeder) (models.Feeder, error) {
	if err := limits(f.Code, f.VoltKV, f.Limit); err != nil {
		return models.Feeder{}, err
	}
	err := s.change(ctx, actor, "feeder.registered", "feeder", func(tx *store.Tx) (models.Ref, int64, string, any, error) {
		sub, err := tx.Substation(f.Substation)
		if err == nil {
			err = owned(actor, sub.Utility, "substation", f.Substation)
		}
		if err != nil {
			return models.Ref{}, 0, "", nil, err
		}
		f.ID, f.Substation, f.Utility, f.Version = tx.NewID(), sub.ID, sub.Utility, 1
		return models.Ref{ID: f.ID}, 1, f.Utility, map[string]any{"code": f.Code, "substation": sub.Code, "limit_w": int64(f.Limit)}, tx.InsertFeeder(f)
	})
	return f, err
}

// Feeders lists feeders by code, of one substation id when it is not "".
func (s *Service) Feeders(ctx context.Context, actor models.Actor, substation string, page store.Page) ([]models.Feeder, error) {
	return listed(ctx, s, actor, func(tx *store.Tx, scope string) ([]models.Feeder, error) {
		return tx.Feeders(scope, substation, page)
	})
}

// RegisterPDU adds a PDU behind a connection point, named by id or code.
func (s *Service) RegisterPDU(ctx context.Context, actor models.Actor, p models.PDU) (models.PDU, error) {
	var v models.Invalid
	required(&v, "/code", p.Code)
	if err := v.Err(); err != nil {
		return models.PDU{}, err
	}
	err := s.change(ctx, actor, "pdu.registered", "pdu", func(tx *store.Tx) (models.Ref, int64, string, any, error) {
		point, err := tx.ConnectionPoint(p.ConnectionPoint)
		if err == nil {
			err = owned(actor, point.Utility, "connection point", p.ConnectionPoint)
		}
		if err != nil {
			return models.Ref{}, 0, "", nil, err
		}
		p.ID, p.ConnectionPoint, p.Utility, p.Version = tx.NewID(), point.ID, point.Utility, 1
		return models.Ref{ID: p.ID}, 1, p.Utility, map[string]any{"code": p.Code, "connection_point": point.Code}, tx.InsertPDU(p)
	})
	return p, err
}

// PDUs lists PDUs by code, of one connection point id when it is not "".
func (s *Service) PDUs(ctx context.Context, actor models.Actor, point string, page store.Page) ([]models.PDU, error) {
	return listed(ctx, s, actor, func(tx *store.Tx, scope string) ([]models.PDU, error) { return tx.PDUs(scope, point, page) })
}
