package gate

import (
	"context"
	"math/bits"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

const (
	standingPart = 200             // orders made or ended in one transaction
	lookAgain    = 5 * time.Minute // at a standing fact of which every point had its order
)

// orderStanding makes the orders of curtailments and legal holds that hold or are to
// come: each energised point they are about gets one. A partial curtailment limits, and
// what may be taken from a feeder or substation is shared by load.
func (s *Service) orderStanding(ctx context.Context) error {
	if s.watch.ordered == nil {
		s.watch.ordered = map[string]time.Time{}
	}
	var facts []models.StandingFact
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		facts, err = tx.StandingToOrder()
		return err
	})
	if err != nil {
		return err
	}
	for _, f := range facts {
		if s.store.Now().Sub(s.watch.ordered[f.ID]) < lookAgain {
			continue
		}
		for more := true; more; {
			err := s.store.Update(ctx, func(tx *store.Tx) (err error) {
				more, err = s.orderFact(tx, f)
				return err
			})
			if models.CodeOf(err) == models.CodeConflict {
				break // another replica made them; the next round looks again
			}
			if err != nil {
				return err
			}
			if !more {
				s.watch.ordered[f.ID] = s.store.Now()
			}
		}
	}
	return nil
}

func standingSource(f models.StandingFact) string { return "standing:" + f.ID }

// orderFact makes some of the orders that a standing fact asks for and tells whether
// there may be more.
func (s *Service) orderFact(tx *store.Tx, f models.StandingFact) (bool, error) {
	points, err := tx.PointsUnder(f)
	if err != nil {
		return false, err
	}
	done, err := tx.OrdersFrom(standingSource(f))
	if err != nil {
		return false, err
	}
	var load models.Watts
	for _, p := range points {
		load += p.Energised
	}
	d := orderDraft{kind: models.OrderDisconnect, ground: models.GroundHold, source: standingSource(f), from: f.From, until: f.Until}
	if f.Kind == models.StandingCurtailment {
		d.ground = models.GroundCurtailment
		if f.Power > 0 {
			d.kind = models.OrderLimit
		}
	}
	made := 0
	for _, p := range points {
		if done[p.ID] {
			continue
		}
		if made == standingPart {
			return true, nil
		}
		d.point, d.license, d.version = p, p.License, 0
		if d.kind == models.OrderLimit {
			if d.limit = share(f.Power, p.Energised, load); d.limit >= p.Energised {
				continue // it takes no more than it may
			}
		}
		if issued, err := s.issueOrder(tx, d); err != nil || !issued {
			return false, err // the law of the day has no order for the ground
		}
		made++
	}
	return false, nil
}

// share is a point's part of what may be taken, by load, rounded down.
func share(power, load, sum models.Watts) models.Watts {
	if sum <= 0 {
		return 0
	}
	high, low := bits.Mul64(uint64(power), uint64(min(load, sum))) // neither is negative
	part, _ := bits.Div64(high, low, uint64(sum))
	return models.Watts(part)
}

// endStanding closes the orders whose window is over or whose hold was lifted, and
// authorises to connect again what they had switched off.
func (s *Service) endStanding(ctx context.Context) error {
	for {
		var over []models.DisconnectionOrder
		err := s.store.View(ctx, func(tx *store.Tx) (err error) {
			over, err = tx.OrdersOver(1)
			return err
		})
		if err != nil || len(over) == 0 {
			return err
		}
		err = s.store.Update(ctx, func(tx *store.Tx) error {
			over, err := tx.OrdersOver(standingPart)
			if err != nil {
				return err
			}
			return s.endOrders(tx, over, "standing.ended")
		})
		if err != nil {
			return err
		}
	}
}
