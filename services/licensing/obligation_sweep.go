package licensing

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"rigistry/models"
	"rigistry/services/ledger"
	"rigistry/services/store"
)

// obligationCheck is how often RunObligations looks for what the calendar brought.
// The gate looks at due dates itself, so nothing is permitted in between.
const obligationCheck = 5 * time.Second

// RunObligations raises obligations as their periods begin, reminds of due dates,
// records what is overdue, and tells parties what the ledger says about them, until
// the context ends. Everything in it happens once, whoever is killed when.
func (s *Service) RunObligations(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return ledger.Follow(ctx, s.store, "licensing.notices", s.followNotices) })
	group.Go(func() error {
		tick := time.NewTicker(obligationCheck)
		defer tick.Stop()
		for {
			if err := s.SweepObligations(ctx); err != nil && !passing(err) {
				if ctx.Err() != nil {
					return nil
				}
				return fmt.Errorf("keep the calendar of obligations: %w", err)
			}
			select {
			case <-ctx.Done():
				return nil
			case <-tick.C:
			}
		}
	})
	return group.Wait()
}

const (
	sweepBatch = 50
	// verificationAhead is how many days before its end the verification of a meter
	// becomes an obligation: before the first reminder.
	verificationAhead = 120
)

// SweepObligations does once what RunObligations does again and again.
func (s *Service) SweepObligations(ctx context.Context) error {
	for _, step := range []func(*store.Tx) (more bool, err error){beginBooks, raiseBatch, moveObligationDues, recordOverdue, remindBatch} {
		for more := true; more; {
			err := s.store.Update(ctx, func(tx *store.Tx) (err error) { more, err = step(tx); return err })
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// beginBooks notes the day on which the registry began to keep obligations: what fell due
// before was kept elsewhere, unless an officer enters it.
func beginBooks(tx *store.Tx) (bool, error) {
	mark, err := tx.ObligationMark("")
	if err != nil || mark.SweptOn != "" {
		return false, err
	}
	return false, tx.SetObligationMark(store.ObligationMark{SweptOn: models.LegalDate(tx.Now)})
}

// raiseBatch looks at the licenses that changed, and once a day at every one in force.
func raiseBatch(tx *store.Tx) (more bool, err error) {
	due, err := tx.LicensesToSweep(sweepBatch)
	if err != nil || len(due) == 0 {
		return false, err
	}
	r, err := newRaiser(tx)
	if err != nil {
		return false, err
	}
	for _, number := range due {
		if err := r.license(number); err != nil {
			return false, fmt.Errorf("obligations of %s: %w", number, err)
		}
	}
	return len(due) == sweepBatch, nil
}

// raiser raises the obligations of licenses in one transaction.
type raiser struct {
	tx    *store.Tx
	rules []models.ObligationRule
	cal   models.Calendar
	began string // legal date
	today string
}

func newRaiser(tx *store.Tx) (r raiser, err error) {
	r.tx, r.today = tx, models.LegalDate(tx.Now)
	if r.rules, err = tx.ObligationRules(); err != nil {
		return r, err
	}
	if r.cal, err = wholeCalendar(tx); err != nil {
		return r, err
	}
	mark, err := tx.ObligationMark("")
	r.began = mark.SweptOn
	if r.began == "" {
		r.began = r.today
	}
	return r, err
}

// rule gives the row of a kind that holds on a date and is for the sub-type.
func (r raiser) rule(code string, subType models.SubType, date string) (models.ObligationRule, bool) {
	i := slices.IndexFunc(r.rules, func(x models.ObligationRule) bool {
		return x.Code == code && x.Holds(date) && (x.SubType == "" || x.SubType == subType)
	})
	if i < 0 {
		return models.ObligationRule{}, false
	}
	return r.rules[i], true
}

// codes gives the kinds of a period, each once.
func (r raiser) codes(p models.ObligationPeriod) (out []string) {
	for _, x := range r.rules {
		if x.Period == p && !slices.Contains(out, x.Code) {
			out = append(out, x.Code)
		}
	}
	return out
}

func (r raiser) license(number string) error {
	l, err := r.tx.License(number, time.Time{})
	if err != nil {
		return err
	}
	mark, err := r.tx.ObligationMark(number)
	if err != nil {
		return err
	}
	switch l.State {
	case models.LicenseActive, models.LicenseSuspended:
		err = r.inForce(l, mark)
	default:
		err = r.ended(l)
	}
	if err != nil {
		return err
	}
	return r.tx.SetObligationMark(store.ObligationMark{License: number, Version: l.Version, SweptOn: r.today})
}

func (r raiser) inForce(l models.License, mark store.ObligationMark) error {
	from := max(models.LegalDate(l.ValidFrom), r.began, mark.SweptOn)
	last, err := models.QuarterOf(r.today)
	if err != nil {
		return err
	}
	for q, err := models.QuarterOf(from); q.From <= last.From; q, err = models.QuarterOf(q.Until) {
		if err != nil {
			return err
		}
		for _, code := range r.codes(models.PeriodQuarter) {
			rule, ok := r.rule(code, l.SubType, models.AddDays(q.Until, -1))
			if !ok || l.State == models.LicenseSuspended && !rule.WhileSuspended && models.LegalDate(l.Suspension.From) <= q.From {
				continue
			}
			if _, err := r.raise(models.System(), quarterly(l, rule, q)); err != nil {
				return err
			}
		}
	}
	if l.Issued >= r.began {
		if err := r.fee(l); err != nil {
			return err
		}
	}
	return r.verifications(l)
}

func quarterly(l models.License, rule models.ObligationRule, q models.Quarter) models.Obligation {
	return obligationOf(l, rule, models.Obligation{Period: q.Name, From: q.From, Until: q.Until, LawDue: models.AddDays(q.Until, rule.DueDay-1)})
}

func obligationOf(l models.License, rule models.ObligationRule, o models.Obligation) models.Obligation {
	o.Kind, o.License, o.Party = rule.Code, l.Number, l.Holder
	o.LegalRef, o.Grade, o.BlocksGate, o.Outlives, o.DayOff = rule.LegalRef, rule.Grade, rule.BlocksGate, rule.Outlives, rule.DayOff
	return o
}

// raise adds an obligation, unless there is one for its kind, license, subject and
// period; o.State may be final from the start.
func (r raiser) raise(actor models.Actor, o models.Obligation) (models.Obligation, error) {
	o.ID, o.Created, o.Updated, o.Version = r.tx.NewID(), r.tx.Now, r.tx.Now, 1
	o.Due = r.cal.DueOn(o.LawDue, o.DayOff)
	if o.State == "" {
		o.State = models.ObligationOpen
	}
	inserted, err := r.tx.InsertObligation(o)
	if err != nil || !inserted {
		return models.Obligation{}, err
	}
	return o, obligationFact(r.tx, actor, "obligation.raised", o, map[string]any{"state": o.State})
}

func obligationFact(tx *store.Tx, actor models.Actor, kind string, o models.Obligation, more map[string]any) error {
	body := map[string]any{"kind": o.Kind, "license": o.License, "period": o.Period, "due": o.Due}
	if o.Subject != "" {
		body["subject"] = o.Subject
	}
	for k, v := range more {
		body[k] = v
	}
	return fact(tx, actor, kind, models.Ref{Kind: "obligation", ID: o.ID}, o.Version, body)
}

// fee raises the license fee. Where it was paid with the application, whoever signed
// the license has accepted the payment.
func (r raiser) fee(l models.License) error {
	for _, code := range r.codes(models.PeriodIssue) {
		rule, ok := r.rule(code, l.SubType, l.Issued)
		if !ok {
			continue
		}
		o := obligationOf(l, rule, models.Obligation{Period: l.Issued, From: l.Issued, Until: l.Issued, LawDue: models.AddDays(l.Issued, rule.DueDay)})
		a, err := r.tx.Application(l.Application)
		switch {
		case err != nil && models.CodeOf(err) != models.CodeNotFound:
			return err
		case err == nil && a.FeePaid > 0:
			o.State, o.Amount, o.Handed = models.ObligationAccepted, a.FeePaid, models.Handed{Amount: a.FeePaid, Document: a.FeeDocument}
			o.HandedBy, o.HandedAt, o.HandedOn = l.Holder, a.SubmittedAt, models.LegalDate(a.SubmittedAt)
			o.DecidedBy, o.DecidedAt = l.Signer, l.EffectiveAt
		default:
			if o.Amount, err = feeDue(r.tx, l.SubType, l.Issued); err != nil {
				return err
			}
		}
		if _, err := r.raise(models.System(), o); err != nil {
			return err
		}
	}
	return nil
}

// verifications raises the next verification of each revenue meter of the license
// whose term comes near or is over.
func (r raiser) verifications(l models.License) error {
	codes := r.codes(models.PeriodVerification)
	if len(codes) == 0 {
		return nil
	}
	meters, err := r.tx.MetersOfPoints(licensedCodes(l), r.tx.Now, r.tx.Now.Add(time.Microsecond))
	if err != nil {
		return err
	}
	for _, m := range meters {
		opens := models.AddDays(m.VerificationBy, -verificationAhead)
		if m.VerificationBy == "" || r.today < opens {
			continue
		}
		for _, code := range codes {
			rule, ok := r.rule(code, l.SubType, r.today)
			if !ok {
				continue
			}
			o := obligationOf(l, rule, models.Obligation{Subject: m.ID, Period: m.VerificationBy, From: opens, Until: opens,
				LawDue: models.AddDays(m.VerificationBy, rule.DueDay)})
			if _, err := r.raise(models.System(), o); err != nil {
				return err
			}
		}
	}
	return nil
}

// ended puts the open obligations of a license that ended to rest, but those that
// outlive it, and raises what its end itself asks for.
func (r raiser) ended(l models.License) error {
	end, superseded := models.LegalDate(l.EffectiveAt), l.State == models.LicenseSuperseded
	page := store.Page{Limit: 1000}
	for {
		list, err := r.tx.Obligations(store.ObligationFilter{License: l.Number}, page)
		if err != nil {
			return err
		}
		for _, o := range list {
			if !o.EndsWith(end) && !(superseded && o.State == models.ObligationOpen && o.Until > end) {
				continue
			}
			if err := endObligation(r.tx, o, string(l.State)); err != nil {
				return err
			}
		}
		if len(list) < page.Limit {
			break
		}
		page.After = store.ObligationCursor(list[len(list)-1])
	}
	if superseded || end < r.began {
		return nil
	}
	for _, code := range r.codes(models.PeriodEnd) {
		if rule, ok := r.rule(code, l.SubType, end); ok {
			o := obligationOf(l, rule, models.Obligation{Period: end, From: end, Until: end, LawDue: models.AddDays(end, rule.DueDay)})
			if _, err := r.raise(models.System(), o); err != nil {
				return err
			}
		}
	}
	return nil
}

func endObligation(tx *store.Tx, o models.Obligation, why string) error {
	n, err := o.End(why, models.System(), tx.Now)
	if err == nil {
		err = tx.UpdateObligation(n)
	}
	if err == nil {
		err = obligationFact(tx, models.System(), "obligation.ended", n, map[string]any{"license_state": why})
	}
	if err != nil {
		return err
	}
	return settleTasks(tx, models.System(), obligationRef(o), models.TaskCancelled, why, models.TaskObligationDue, models.TaskObligationOverdue, models.TaskObligationWaiver)
}

func obligationRef(o models.Obligation) models.Ref { return models.Ref{Kind: "obligation", ID: o.ID} }
