package gate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

const watchPart = 500 // orders looked at in one transaction

// watch is what Run's round remembers from one to the next.
type watch struct {
	ordered map[string]time.Time // standing facts of which every point has its order, and when that was seen
}

// verifyOrders is one round of following orders through: the numbers of the day are
// read, restrictions and holds order off what they are about, what is over is closed,
// executed orders are held against the meters, and what is late is raised.
func (s *Service) verifyOrders(ctx context.Context) error {
	return errors.Join(s.loadParameters(ctx), s.orderStanding(ctx), s.endStanding(ctx), s.watchMeters(ctx), s.escalate(ctx))
}

// watchMeters marks executed orders verified whose meters say so, and executed or
// verified ones contradicted whose meters draw. Most say nothing new, so it looks
// without the right to write first.
func (s *Service) watchMeters(ctx context.Context) error {
	after := ""
	for {
		var part, speak []models.DisconnectionOrder
		err := s.store.View(ctx, func(tx *store.Tx) (err error) {
			if part, err = tx.OrdersToWatch(after, watchPart); err != nil {
				return err
			}
			speak, err = s.speaking(tx, part)
			return err
		})
		if err != nil {
			return err
		}
		for _, o := range speak {
			if err := s.heed(ctx, o.ID); err != nil {
				return fmt.Errorf("hold order %s against the meters: %w", o.Number, err)
			}
		}
		if len(part) < watchPart {
			return nil
		}
		after = part[len(part)-1].ID
	}
}

// speaking picks the orders of which the meters say something new.
func (s *Service) speaking(tx *store.Tx, all []models.DisconnectionOrder) ([]models.DisconnectionOrder, error) {
	points := make([]string, 0, len(all))
	for _, o := range all {
		points = append(points, o.Point)
	}
	meters, err := metersOf(tx, points)
	if err != nil {
		return nil, err
	}
	p := s.parameters(tx.Now)
	var out []models.DisconnectionOrder
	for _, o := range all {
		if !mayBeNew(o, meters[o.Point], tx.Now, p) {
			continue
		}
		evidence, err := judge(tx, o, meters[o.Point], p)
		if err != nil {
			return nil, err
		}
		if says(o, evidence) != "" {
			out = append(out, o)
		}
	}
	return out, nil
}

// pointMeter is a revenue meter with the last power it read well.
type pointMeter struct {
	store.OrderMeter
	last  time.Time
	power models.Watts
}

func metersOf(tx *store.Tx, points []string) (map[string][]pointMeter, error) {
	found, err := tx.RevenueMetersOf(points)
	if err != nil {
		return nil, err
	}
	ids := make([]string, 0, len(found))
	for _, m := range found {
		ids = append(ids, m.Meter)
	}
	states, err := tx.MeterStates(ids)
	if err != nil {
		return nil, err
	}
	out := make(map[string][]pointMeter, len(points))
	for _, m := range found {
		pm := pointMeter{OrderMeter: m}
		if state, ok := states[m.Meter]; ok {
			pm.last = state.Base.At
			pm.power, _ = state.Base.Values.Power()
			pm.power = max(pm.power, -pm.power)
		}
		out[m.Point] = append(out[m.Point], pm)
	}
	return out, nil
}

// mayBeNew tells cheaply, by the last readings, whether it is worth reading the series:
// an executed order once its time is over and data come, and a load at a point where
// there should be none that is not known yet.
func mayBeNew(o models.DisconnectionOrder, meters []pointMeter, now time.Time, p models.GateParameters) bool {
	if len(meters) == 0 || now.Sub(o.Executed) < min(p.QuietTime, p.ContradictTime) {
		return false
	}
	draws, silent := models.Watts(0), false
	for _, m := range meters {
		silent = silent || now.Sub(m.last) > max(p.QuietTime, p.ContradictTime)/3
		draws += m.power
	}
	if o.Kind == models.OrderReconnect {
		return o.State == models.OrderExecuted && draws > p.QuietLoad
	}
	if draws > p.QuietLoad+o.Limit {
		return o.Contradicted.IsZero()
	}
	return o.State == models.OrderExecuted && !silent
}

// says is the entry that the evidence makes of an order, "" for nothing new.
func says(o models.DisconnectionOrder, e models.OrderEvidence) string {
	switch {
	case o.State == models.OrderExecuted && e.Verifies(o.Kind):
		return "order.verified"
	case o.Kind != models.OrderReconnect && e.Contradicts && o.Contradicted.IsZero():
		return "order.contradicted"
	}
	return ""
}

// heed writes what the meters say about an order, if they still say so.
func (s *Service) heed(ctx context.Context, id string) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		o, err := tx.Order(id)
		if err != nil || o.State != models.OrderExecuted && o.State != models.OrderVerified {
			return err
		}
		evidence, _, err := s.evidence(tx, o)
		if err != nil {
			return err
		}
		entry := says(o, evidence)
		switch entry {
		case "order.verified":
			if !o.Contradicted.IsZero() {
				return nil // only a new execution takes the contradiction away
			}
			if o, err = o.Verify(tx.Now); err != nil {
				return err
			}
		case "order.contradicted":
			o = o.Contradict(evidence.By, tx.Now)
			if err := openOrderTask(tx, models.TaskOrderContradicted, models.RoleHead, o, evidence.By.String()); err != nil {
				return err
			}
		default:
			return nil
		}
		return saveOrder(tx, models.System(), entry, o)
	})
}

// evidence judges an order by the readings of its point's revenue meters until now.
func (s *Service) evidence(tx *store.Tx, o models.DisconnectionOrder) (models.OrderEvidence, []models.MeterSeries, error) {
	meters, err := metersOf(tx, []string{o.Point})
	if err != nil {
		return models.OrderEvidence{}, nil, err
	}
	p := s.parameters(tx.Now)
	series, err := seriesOf(tx, meters[o.Point], max(p.QuietTime, p.ContradictTime))
	return o.Judge(series, tx.Now, p), series, err
}

func judge(tx *store.Tx, o models.DisconnectionOrder, meters []pointMeter, p models.GateParameters) (models.OrderEvidence, error) {
	series, err := seriesOf(tx, meters, max(p.QuietTime, p.ContradictTime))
	return o.Judge(series, tx.Now, p), err
}

const mostReadings = 100_000 // a day of a meter that is read each second

func seriesOf(tx *store.Tx, meters []pointMeter, reach time.Duration) ([]models.MeterSeries, error) {
	out := make([]models.MeterSeries, 0, len(meters))
	for _, m := range meters {
		readings, err := tx.Readings(m.Meter, tx.Now.Add(-reach), tx.Now.Add(time.Microsecond), mostReadings)
		if err != nil {
			return nil, err
		}
		out = append(out, models.MeterSeries{Meter: m.Code, Linked: m.URL != "" || !m.last.IsZero(), Readings: readings})
	}
	return out, nil
}

// escalate raises orders whose deadline has passed: once at the deadline and again on
// each working day, with a task for a head.
func (s *Service) escalate(ctx context.Context) error {
	var due []string
	err := s.store.View(ctx, func(tx *store.Tx) error {
		due = due[:0]
		var cal *models.Calendar
		for n := 0; ; n += watchPart {
			late, err := tx.OrdersOverdue(watchPart, n)
			if err != nil || len(late) == 0 {
				return err
			}
			if cal == nil {
				c, err := tx.Calendar()
				if err != nil {
					return err
				}
				cal = &c
			}
			for _, o := range late {
				if o.EscalationsDue(*cal, tx.Now) > o.Escalations {
					due = append(due, o.ID)
				}
			}
		}
	})
	if err != nil {
		return err
	}
	for _, id := range due {
		if err := s.raise(ctx, id); err != nil {
			return fmt.Errorf("raise the overdue order %s: %w", id, err)
		}
	}
	return nil
}

func (s *Service) raise(ctx context.Context, id string) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		o, err := tx.Order(id)
		if err != nil {
			return err
		}
		cal, err := tx.Calendar()
		if err != nil {
			return err
		}
		times := o.EscalationsDue(cal, tx.Now)
		if times <= o.Escalations {
			return nil
		}
		o = o.Escalate(times, tx.Now)
		if err := openOrderTask(tx, models.TaskOrderOverdue, models.RoleHead, o, ""); err != nil {
			return err
		}
		return saveOrder(tx, models.System(), "order.overdue", o)
	})
}

// OrderEvidence gives an order and what the revenue meters of its point say about it
// now, with their readings.
func (s *Service) OrderEvidence(ctx context.Context, actor models.Actor, id string) (o models.DisconnectionOrder, e models.OrderEvidence, series []models.MeterSeries, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) (err error) {
		if o, err = orderFor(tx, actor, models.ActOrderRead, id); err != nil {
			return err
		}
		e, series, err = s.evidence(tx, o)
		return err
	})
	return o, e, series, err
}
