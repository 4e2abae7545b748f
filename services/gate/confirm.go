package gate

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// Confirmation reports that a permitted connection was energised.
type Confirmation struct {
	EnergisedAt    time.Time
	Power          models.Watts
	MeterSerial    string
	SwitchingOrder string
}

// Confirm turns what a permit holds into energised load. It is refused when the
// permit has lapsed, when a limit would be exceeded or when the license has lost
// its right or the point was removed since; the same confirmation again changes
// nothing. A load that is reported on no permit that holds is an entry of the ledger,
// once for the person and the reason.
func (s *Service) Confirm(ctx context.Context, actor models.Actor, id string, c Confirmation) (Record, error) {
	c.EnergisedAt = c.EnergisedAt.UTC().Truncate(time.Microsecond)
	var out Record
	defer s.group.stale.Store(true)
	var refused refusal
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		refused = refusal{}
		if err := tx.TakeGateTurn(); err != nil {
			return err
		}
		record, err := s.recordFor(tx, actor, models.ActGateConfirm, id)
		if err != nil {
			return err
		}
		if record.Reservation == nil {
			refused = refusal{record, "no_permit"}
			return models.Errorf(models.CodeConflict, "The answer was %s. Only a permit can be confirmed.", record.Answer.Decision)
		}
		r := *record.Reservation
		if r.State == "confirmed" {
			if r.EnergisedAt.Equal(c.EnergisedAt) && r.Energised == c.Power && r.MeterSerial == c.MeterSerial && r.SwitchingOrder == c.SwitchingOrder {
				out = record
				return nil
			}
			return models.Errorf(models.CodeConflict, "This permit was confirmed before, with other details.")
		}
		if err := c.check(r, record.Answer, tx.Now); err != nil {
			if models.CodeOf(err) == models.CodeConflict {
				refused = refusal{record, "lapsed"}
			}
			return err
		}
		if err := s.energise(tx, actor, record, c); err != nil {
			if models.CodeOf(err) == models.CodeConflict {
				refused = refusal{record, "forbidden"}
			}
			return err
		}
		out, err = s.recordFor(tx, actor, models.ActGateConfirm, id)
		return err
	})
	if err != nil && refused.why != "" {
		if fault := s.noteRefusal(ctx, actor, refused, c); fault != nil {
			return Record{}, fault
		}
	}
	return out, err
}

// refusal is why a confirmation was refused; "" for none.
type refusal struct {
	record Record
	why    string // no_permit, lapsed or forbidden
}

// noteRefusal writes the entry of a refused confirmation, once for its person and
// reason: whoever reports a load on no permit says that there is a load.
func (s *Service) noteRefusal(ctx context.Context, actor models.Actor, r refusal, c Confirmation) error {
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		first, err := tx.RefuseConfirmation(r.record.Answer.ID, r.why, actor.PersonKey())
		if err != nil || !first {
			return err
		}
		_, err = tx.Append(models.Entry{Kind: "gate.confirmation_refused", Subject: models.Ref{Kind: "gate_check", ID: r.record.Answer.ID}, Actor: actor,
			Utility: r.record.Utility, Body: map[string]any{"connection_point": r.record.Answer.ConnectionPoint, "check": r.record.Answer.ID, "why": r.why,
				"license": r.record.Answer.License, "stated_w": int64(c.Power), "stated_at": c.EnergisedAt}})
		return err
	})
	if err != nil {
		return fmt.Errorf("record a refused confirmation of %s: %w", r.record.Answer.ID, err)
	}
	return nil
}

// check refuses what no confirmation of the permit can be.
func (c Confirmation) check(r store.Reservation, a Answer, now time.Time) error {
	if r.State != "held" || !now.Before(r.Until) {
		return models.Errorf(models.CodeConflict, "The permit lapsed at %s and its power is free for others. Ask the gate again.", r.Until.Format(time.RFC3339))
	}
	var v models.Invalid
	if c.EnergisedAt.Before(a.DecidedAt) || c.EnergisedAt.After(now) {
		v.Add("/energised_at", "range", "The instant lies between the permit (%s) and now.", a.DecidedAt.Format(time.RFC3339))
	}
	if c.Power < 0 || c.Power > r.Max {
		v.Add("/kw", "range", "The permit is for at most %s kW.", kilowatts(r.Max))
	}
	if strings.TrimSpace(c.MeterSerial) == "" {
		v.Add("/meter_serial", "required", "Give the serial number of the revenue meter.")
	}
	if strings.TrimSpace(c.SwitchingOrder) == "" {
		v.Add("/switching_order", "required", "Give the number of the switching order.")
	}
	return v.Err()
}

// forbids tells whether a reason forbids the use of a permit that was given.
func forbids(code models.ReasonCode) bool {
	switch code {
	case models.ReasonCPUnknown, models.ReasonLicenseSuspended, models.ReasonLicenseRevoked, models.ReasonLicenseExpired,
		models.ReasonLicenseTerminated, models.ReasonHostSuspended, models.ReasonCapacityExceeded,
		models.ReasonLegalHold, models.ReasonCurtailed, models.ReasonNoSupplyBasis, models.ReasonCPNotInServiceArea:
		return true
	}
	return false
}

func (s *Service) energise(tx *store.Tx, actor models.Actor, record Record, c Confirmation) error {
	request := record.Request
	loader := factLoader{tx: tx, lock: tx.LockLoad, except: record.Answer.ID, seen: freshness{revision: record.Answer.Revision}}
	facts, err := loader.load(actor.Utility, request)
	if err != nil {
		return fmt.Errorf("facts for a confirmation: %w", err)
	}
	if facts.Point == nil {
		return models.NotFound("connection point", request.ConnectionPoint)
	}
	now := request
	now.Requested, now.PlannedAt = max(c.Power, 1), time.Time{}
	var against []string
	for _, r := range models.Decide(facts, now, tx.Now, s.parameters(tx.Now)).Reasons {
		if forbids(r.Code) {
			against = append(against, string(r.Code))
		}
	}
	if len(against) > 0 {
		return models.Errorf(models.CodeConflict, "The connection may not be energised any more: %s. Keep it off, or switch it off, and ask the gate again.", strings.Join(against, ", "))
	}
	if len(facts.Meters) > 0 && !slices.ContainsFunc(facts.Meters, func(m models.MeterFacts) bool { return m.Serial == c.MeterSerial }) {
		var v models.Invalid
		v.Add("/meter_serial", "unknown", "No revenue meter of this connection point has that serial number.")
		return v.Err()
	}
	point, err := tx.ConnectionPoint(facts.Point.ID)
	if err != nil {
		return err
	}
	point.State, point.Energised = models.ConnectionEnergised, point.Energised+c.Power
	if request.Event == models.EventChangeOfConsumer {
		point.Energised = c.Power
	}
	if request.Event == models.EventChangeOfConsumer || point.ConsumerBin == "" {
		point.ConsumerBin = request.Applicant
	}
	if request.Purpose == models.PurposeMining {
		point.DeclaredUse = string(models.PurposeMining)
	}
	if err := tx.UpdateConnectionPoint(point); err != nil {
		return err
	}
	err = tx.ConfirmReservation(store.Reservation{Check: record.Answer.ID, EnergisedAt: c.EnergisedAt, Energised: c.Power,
		MeterSerial: c.MeterSerial, SwitchingOrder: c.SwitchingOrder})
	if err != nil {
		return err
	}
	_, err = tx.Append(models.Entry{Kind: "connection.energised", Subject: models.Ref{Kind: "connection_point", ID: point.ID},
		SubjectVersion: point.Version + 1, Actor: actor, Utility: actor.Utility, Body: map[string]any{
			"connection_point": point.Code, "check": record.Answer.ID, "license": record.Answer.License, "energised_w": int64(c.Power),
			"load_w": int64(point.Energised), "energised_at": c.EnergisedAt, "meter_serial": c.MeterSerial, "switching_order": c.SwitchingOrder,
		}})
	return err
}

// Record is a past answer with what was asked and what its permit holds now.
type Record struct {
	Answer      Answer
	Request     models.CheckRequest
	Utility     string
	Reservation *store.Reservation // nil unless the answer was permit
}

// Held gives the power a permit holds at an instant, and its state: none, held,
// confirmed or lapsed.
func (r Record) Held(at time.Time) (models.Watts, string) {
	switch {
	case r.Reservation == nil:
		return 0, "none"
	case r.Reservation.State == "held" && !at.Before(r.Reservation.Until):
		return 0, "lapsed"
	case r.Reservation.State == "held":
		return r.Reservation.Held, "held"
	}
	return 0, r.Reservation.State
}

// Get gives a past answer to the utility that asked, or to the registry.
func (s *Service) Get(ctx context.Context, actor models.Actor, id string) (Record, error) {
	var out Record
	if err := s.settle(ctx); err != nil {
		return out, err
	}
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		out, err = s.recordFor(tx, actor, models.ActGateRead, id)
		return err
	})
	return out, err
}

// RecordFilter narrows the log of the gate; "" does not narrow.
type RecordFilter struct {
	Utility         string
	ConnectionPoint string // code
	Decision        string
}

// Checks lists past answers, newest first; a utility sees its own.
func (s *Service) Checks(ctx context.Context, actor models.Actor, f RecordFilter, page store.Page) ([]Record, error) {
	scope, err := scopeOf(actor, models.ActGateRead)
	if err != nil {
		return nil, err
	}
	if scope != "" {
		f.Utility = scope
	}
	if err := s.settle(ctx); err != nil {
		return nil, err
	}
	var out []Record
	err = s.store.View(ctx, func(tx *store.Tx) error {
		rows, err := tx.GateChecks(f.Utility, f.ConnectionPoint, f.Decision, page)
		if err != nil {
			return err
		}
		out, err = recordsOf(tx, rows)
		return err
	})
	return out, err
}

// scopeOf gives the utility that the actor is bound to for the action, "" when it
// sees all.
func scopeOf(actor models.Actor, action models.Action) (string, error) {
	if err := models.Can(actor, action, models.Scope{}); err != nil {
		return "", err
	}
	for _, r := range models.RolesFor(action) {
		if r != models.RoleUtility && actor.Is(r) {
			return "", nil
		}
	}
	if actor.Is(models.RoleSystem) {
		return "", nil
	}
	if actor.Utility == "" {
		return "", models.Errorf(models.CodeForbidden, "Your account belongs to no utility. Ask an administrator to set it.")
	}
	return actor.Utility, nil
}

func (s *Service) recordFor(tx *store.Tx, actor models.Actor, action models.Action, id string) (Record, error) {
	scope, err := scopeOf(actor, action)
	if err != nil {
		return Record{}, err
	}
	row, err := tx.GateCheckOf(scope, id)
	if err != nil {
		return Record{}, err
	}
	records, err := recordsOf(tx, []store.GateCheck{row})
	if err != nil {
		return Record{}, err
	}
	return records[0], nil
}

func recordsOf(tx *store.Tx, rows []store.GateCheck) ([]Record, error) {
	ids := make([]string, 0, len(rows))
	for _, row := range rows {
		ids = append(ids, row.ID)
	}
	reservations, err := tx.Reservations(ids)
	if err != nil {
		return nil, err
	}
	out := make([]Record, 0, len(rows))
	for _, row := range rows {
		record := Record{Utility: row.Utility}
		if record.Answer, err = parseAnswer(row); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(row.Request), &record.Request); err != nil {
			return nil, fmt.Errorf("read the stored request %s: %w", row.ID, err)
		}
		if r, ok := reservations[row.ID]; ok {
			record.Reservation = &r
		}
		out = append(out, record)
	}
	return out, nil
}
