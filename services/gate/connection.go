package gate

import (
	"context"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// RegisterConnectionPoint adds a connection point below a feeder, named by id or
// code. State is planned when it is ""; an energised point is one that was there
// before the registry, with the load it carries.
func (s *Service) RegisterConnectionPoint(ctx context.Context, actor models.Actor, p models.ConnectionPoint) (models.ConnectionPoint, error) {
	var out models.ConnectionPoint
	err := s.change(ctx, actor, "connection.registered", "connection_point", func(tx *store.Tx) (models.Ref, int64, string, any, error) {
		if p.Energised != 0 { // it must fit beside what permits hold
			if err := tx.TakeGateTurn(); err != nil {
				return models.Ref{}, 0, "", nil, err
			}
		}
		id, feeder, err := s.insertPoint(tx, actor, p)
		if err != nil {
			return models.Ref{}, 0, "", nil, err
		}
		out, err = tx.ConnectionPoint(id)
		return models.Ref{ID: id}, 1, feeder.Utility, pointBody(out), err
	})
	return out, err
}

func pointBody(p models.ConnectionPoint) map[string]any {
	return map[string]any{"code": p.Code, "feeder": p.FeederCode, "state": p.State, "permitted_w": int64(p.Permitted),
		"energised_w": int64(p.Energised), "declared_use": p.DeclaredUse, "technical_conditions": p.Technical.Number,
		"technical_w": int64(p.Technical.Limit), "act": p.Act, "supply_contract": p.SupplyNumber}
}

func (s *Service) insertPoint(tx *store.Tx, actor models.Actor, p models.ConnectionPoint) (string, models.Feeder, error) {
	p = normalPoint(p)
	if err := checkPoint(p); err != nil {
		return "", models.Feeder{}, err
	}
	feeder, err := tx.Feeder(p.Feeder)
	if err == nil {
		err = owned(actor, feeder.Utility, "feeder", p.Feeder)
	}
	if err != nil {
		return "", feeder, err
	}
	if err := s.fits(tx, feeder, p.Energised); err != nil {
		return "", feeder, err
	}
	p.ID, p.Feeder, p.Utility, p.Version = tx.NewID(), feeder.ID, feeder.Utility, 1
	return p.ID, feeder, tx.InsertConnectionPoint(p)
}

// fits refuses load that a feeder or its substation cannot carry.
func (s *Service) fits(tx *store.Tx, feeder models.Feeder, more models.Watts) error {
	if more <= 0 {
		return nil
	}
	if err := tx.LockLoad(feeder.Substation, feeder.ID, "", ""); err != nil {
		return err
	}
	load, err := tx.FeederLoad(feeder.ID, "")
	if err != nil {
		return err
	}
	substation, err := tx.Substation(feeder.Substation)
	if err != nil {
		return err
	}
	total, err := tx.SubstationLoad(substation.ID, "")
	if err != nil {
		return err
	}
	if load+more > feeder.Limit || total+more > substation.Limit {
		return models.Errorf(models.CodeConflict, "Feeder %s would carry %s of %s, and substation %s %s of %s. Correct the load or the limits.",
			feeder.Code, load+more, feeder.Limit, substation.Code, total+more, substation.Limit)
	}
	return nil
}

func normalPoint(p models.ConnectionPoint) models.ConnectionPoint {
	p.ConsumerBin = models.NormalizeIdentifier(p.ConsumerBin)
	p.Technical.ValidUntil = p.Technical.ValidUntil.UTC().Truncate(time.Microsecond)
	p.SupplyUntil = p.SupplyUntil.UTC().Truncate(time.Microsecond)
	if p.State == "" {
		p.State = models.ConnectionPlanned
	}
	return p
}

func checkPoint(p models.ConnectionPoint) error {
	var v models.Invalid
	required(&v, "/code", p.Code)
	required(&v, "/feeder", p.Feeder)
	required(&v, "/declared_use", p.DeclaredUse)
	if p.ConsumerBin != "" {
		if _, err := models.CheckBin(p.ConsumerBin); err != nil {
			v.Add("/bin_or_iin", "checksum", "%s", err.Error())
		}
	}
	switch p.State {
	case models.ConnectionEnergised:
	case models.ConnectionPlanned, models.ConnectionDisconnected, models.ConnectionRemoved:
		if p.Energised != 0 {
			v.Add("/state", "range", "Only an energised point carries load.")
		}
	default:
		v.Add("/state", "unknown", "The state is planned, energised, disconnected or removed.")
	}
	if p.Permitted < 0 || p.Energised < 0 {
		v.Add("/permitted_kw", "range", "Power is 0 or more.")
	}
	if t := p.Technical; t.Number != "" && (t.Limit <= 0 || t.Purpose != "mining" && t.Purpose != "other") {
		v.Add("/technical_conditions", "range", "Technical conditions have a limit above 0 kW and the purpose mining or other.")
	}
	return v.Err()
}

// UpdateConnectionPoint saves what is known of a point, based on its version. The
// load is not changed by it: that is for Confirm and ExecuteOrder, but for the
// states that carry none.
func (s *Service) UpdateConnectionPoint(ctx context.Context, actor models.Actor, p models.ConnectionPoint) (models.ConnectionPoint, error) {
	p = normalPoint(p)
	var out models.ConnectionPoint
	err := s.change(ctx, actor, "connection.changed", "connection_point", func(tx *store.Tx) (models.Ref, int64, string, any, error) {
		none := func(err error) (models.Ref, int64, string, any, error) { return models.Ref{}, 0, "", nil, err }
		if err := tx.TakeGateTurn(); err != nil {
			return models.Ref{}, 0, "", nil, err
		}
		now, err := tx.ConnectionPoint(p.ID)
		if err == nil {
			err = owned(actor, now.Utility, "connection point", p.ID)
		}
		if err != nil {
			return none(err)
		}
		next := p
		next.ID, next.Code, next.Utility, next.Energised = now.ID, now.Code, now.Utility, now.Energised
		if next.Version == 0 {
			next.Version = now.Version
		}
		if next.State == models.ConnectionEnergised && now.State != models.ConnectionEnergised {
			return none(models.Errorf(models.CodeConflict, "A point is energised by the confirmation of a permit."))
		}
		if next.State != models.ConnectionEnergised && now.State == models.ConnectionEnergised && now.Energised > 0 {
			return none(models.Errorf(models.CodeConflict, "The point carries %s. It is disconnected by executing an order.", now.Energised))
		}
		feeder, err := tx.Feeder(next.Feeder)
		if err == nil {
			err = owned(actor, feeder.Utility, "feeder", next.Feeder)
		}
		if err != nil {
			return none(err)
		}
		if next.Feeder = feeder.ID; feeder.ID != now.Feeder {
			if feeder.Utility != now.Utility {
				return none(models.Errorf(models.CodeConflict, "A point does not move to another utility's feeder."))
			}
			if err := s.fits(tx, feeder, now.Energised+now.Reserved); err != nil {
				return none(err)
			}
		}
		if err := checkPoint(next); err != nil {
			return none(err)
		}
		if err := tx.UpdateConnectionPoint(next); err != nil {
			return none(err)
		}
		out, err = tx.ConnectionPoint(now.ID)
		return models.Ref{ID: now.ID}, out.Version, now.Utility, pointBody(out), err
	})
	return out, err
}

// ConnectionPoint gives a point by id or code. Another utility's is not found.
func (s *Service) ConnectionPoint(ctx context.Context, actor models.Actor, idOrCode string) (models.ConnectionPoint, error) {
	points, err := listed(ctx, s, actor, func(tx *store.Tx, scope string) ([]models.ConnectionPoint, error) {
		p, err := tx.ConnectionPoint(idOrCode)
		if err == nil && scope != "" && p.Utility != scope {
			err = models.NotFound("connection point", idOrCode)
		}
		return []models.ConnectionPoint{p}, err
	})
	if err != nil {
		return models.ConnectionPoint{}, err
	}
	return points[0], nil
}

// ConnectionPoints lists points by code; a utility sees those of its service area.
func (s *Service) ConnectionPoints(ctx context.Context, actor models.Actor, f store.ConnectionFilter, page store.Page) ([]models.ConnectionPoint, error) {
	return listed(ctx, s, actor, func(tx *store.Tx, scope string) ([]models.ConnectionPoint, error) {
		if scope != "" {
			f.Utility = scope
		}
		return tx.ConnectionPoints(f, page)
	})
}

// GridRow is one row of an import: a connection point with the path to it. The
// substation and the feeder are made when they are new.
type GridRow struct {
	Utility, Substation, SubstationName, Feeder string // codes
	SubstationVoltKV, FeederVoltKV              int64
	SubstationLimit, FeederLimit                models.Watts
	Kato                                        string
	Point                                       models.ConnectionPoint // Feeder is ignored; Code "" imports the path only
}

// RowError says what is wrong with a row, by its place from 0.
type RowError struct {
	Row int
	Err error
}

// Import adds rows of the grid, each in its own transaction, so that good rows
// stay when others are bad. A point that exists is an error of its row. progress,
// when not nil, is called after each row.
func (s *Service) Import(ctx context.Context, actor models.Actor, rows []GridRow, progress func(done int)) ([]RowError, error) {
	var bad []RowError
	for i, row := range rows {
		if err := s.importRow(ctx, actor, row); err != nil {
			if ctx.Err() != nil {
				return bad, ctx.Err()
			}
			if models.CodeOf(err) == "" {
				return bad, err
			}
			bad = append(bad, RowError{Row: i, Err: err})
		}
		if progress != nil {
			progress(i + 1)
		}
	}
	return bad, nil
}

func (s *Service) importRow(ctx context.Context, actor models.Actor, row GridRow) error {
	if _, err := s.substation(ctx, actor, row); err != nil {
		return err
	}
	feeder, err := s.feeder(ctx, actor, row)
	if err != nil || row.Point.Code == "" {
		return err
	}
	p := row.Point
	p.Feeder = feeder.Code
	_, err = s.RegisterConnectionPoint(ctx, actor, p)
	return err
}

func (s *Service) substation(ctx context.Context, actor models.Actor, row GridRow) (models.Substation, error) {
	var sub models.Substation
	err := s.store.View(ctx, func(tx *store.Tx) (err error) { sub, err = tx.Substation(row.Substation); return err })
	if err == nil {
		return sub, owned(actor, sub.Utility, "substation", row.Substation)
	}
	if models.CodeOf(err) != models.CodeNotFound {
		return sub, err
	}
	return s.RegisterSubstation(ctx, actor, models.Substation{Code: row.Substation, Name: row.SubstationName, Utility: row.Utility,
		VoltKV: row.SubstationVoltKV, Limit: row.SubstationLimit, Kato: row.Kato})
}

func (s *Service) feeder(ctx context.Context, actor models.Actor, row GridRow) (models.Feeder, error) {
	var f models.Feeder
	err := s.store.View(ctx, func(tx *store.Tx) (err error) { f, err = tx.Feeder(row.Feeder); return err })
	if err == nil {
		return f, owned(actor, f.Utility, "feeder", row.Feeder)
	}
	if models.CodeOf(err) != models.CodeNotFound {
		return f, err
	}
	return s.RegisterFeeder(ctx, actor, models.Feeder{Code: row.Feeder, Substation: row.Substation, VoltKV: row.FeederVoltKV, Limit: row.FeederLimit})
}

// Tree is the grid that an actor may see, parents before children in each list.
type Tree struct {
	Substations []models.Substation
	Feeders     []models.Feeder
	Points      []models.ConnectionPoint
	PDUs        []models.PDU
}

// Tree gives the grid that the actor may see, from one snapshot.
func (s *Service) Tree(ctx context.Context, actor models.Actor) (Tree, error) {
	scope, err := scopeOf(actor, models.ActGridRead)
	if err != nil {
		return Tree{}, err
	}
	if err := s.settle(ctx); err != nil {
		return Tree{}, err
	}
	var t Tree
	err = s.store.View(ctx, func(tx *store.Tx) (err error) {
		t = Tree{}
		if t.Substations, err = every(func(s models.Substation) string { return s.Code }, func(p store.Page) ([]models.Substation, error) { return tx.Substations(scope, p) }); err != nil {
			return err
		}
		if t.Feeders, err = every(func(f models.Feeder) string { return f.Code }, func(p store.Page) ([]models.Feeder, error) { return tx.Feeders(scope, "", p) }); err != nil {
			return err
		}
		if t.Points, err = every(func(c models.ConnectionPoint) string { return c.Code }, func(p store.Page) ([]models.ConnectionPoint, error) {
			return tx.ConnectionPoints(store.ConnectionFilter{Utility: scope}, p)
		}); err != nil {
			return err
		}
		t.PDUs, err = every(func(d models.PDU) string { return d.Code }, func(p store.Page) ([]models.PDU, error) { return tx.PDUs(scope, "", p) })
		return err
	})
	return t, err
}

// every reads all pages of a list.
func every[T any](cursor func(T) string, read func(store.Page) ([]T, error)) ([]T, error) {
	var all []T
	page := store.Page{Limit: 1000}
	for {
		some, err := read(page)
		all = append(all, some...)
		if err != nil || len(some) < page.Limit {
			return all, err
		}
		page.After = cursor(some[len(some)-1])
	}
}
