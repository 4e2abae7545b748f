package licensing

import (
	"context"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// ObligationView is an obligation with what a screen shows beside it.
type ObligationView struct {
	models.Obligation
	Date       string                 // the legal date of the read
	Shown      models.ObligationState // on that date
	Text       models.Text            // of the kind
	HolderName string
	MeterCode  string
	HandedName string
	WaiverName string
	DecideName string
	Allowed    []string
}

// viewer shows obligations in one transaction.
type viewer struct {
	tx     *store.Tx
	actor  models.Actor
	inside bool // the actor belongs to the registry
	date   string
	texts  map[string]models.Text
	names  map[string]string
}

func newViewer(tx *store.Tx, actor models.Actor, asAt time.Time) (v viewer, err error) {
	if asAt.IsZero() {
		asAt = tx.Now
	}
	v = viewer{tx: tx, actor: actor, inside: ownParty(actor, models.ActObligationRead) == "", date: models.LegalDate(asAt),
		texts: map[string]models.Text{}, names: map[string]string{}}
	rules, err := tx.ObligationRules()
	for _, r := range rules {
		v.texts[r.Code] = r.Text // the newest row is the last
	}
	return v, err
}

func (v viewer) party(id string) (string, error) {
	if name, known := v.names["party "+id]; known {
		return name, nil
	}
	p, err := v.tx.Party(id)
	v.names["party "+id] = p.Name()
	return p.Name(), err
}

func (v viewer) person(id string) (string, error) {
	if !v.inside {
		return "", nil
	}
	if name, known := v.names[id]; known {
		return name, nil
	}
	name, err := nameOf(v.tx, id)
	v.names[id] = name
	return name, err
}

func (v viewer) show(o models.Obligation) (out ObligationView, err error) {
	out = ObligationView{Obligation: o, Date: v.date, Shown: o.StateOn(v.date), Text: v.texts[o.Kind], Allowed: o.Allowed(v.actor, models.LegalDate(v.tx.Now))}
	if out.HolderName, err = v.party(o.Party); err != nil {
		return out, err
	}
	if o.Subject != "" {
		m, err := v.tx.Meter(o.Subject)
		if err != nil && models.CodeOf(err) != models.CodeNotFound {
			return out, err
		}
		out.MeterCode = m.Code
	}
	for _, p := range []struct {
		id   string
		name *string
	}{{o.HandedBy, &out.HandedName}, {o.Waiver.By, &out.WaiverName}, {o.DecidedBy, &out.DecideName}} {
		if *p.name, err = v.person(p.id); err != nil {
			return out, err
		}
	}
	if !v.inside {
		out.HandedBy, out.DecidedBy, out.Waiver = "", "", models.Waiver{}
	}
	return out, nil
}

// Obligations lists obligations in the order of their due dates, as they are or as
// they were at f.AsAt, and gives the cursor of the next page. An applicant sees its own.
func (s *Service) Obligations(ctx context.Context, actor models.Actor, f store.ObligationFilter, page store.Page) (out []ObligationView, cursor string, err error) {
	err = s.view(ctx, actor, models.ActObligationRead, func(tx *store.Tx) error {
		v, err := newViewer(tx, actor, f.AsAt)
		if err != nil {
			return err
		}
		found, err := tx.Obligations(v.filter(f), page)
		if err != nil {
			return err
		}
		out = out[:0]
		for _, o := range found {
			shown, err := v.show(o)
			if err != nil {
				return err
			}
			out = append(out, shown)
		}
		cursor = next(found, page, store.ObligationCursor)
		return nil
	})
	return out, cursor, err
}

func (v viewer) filter(f store.ObligationFilter) store.ObligationFilter {
	if own := ownParty(v.actor, models.ActObligationRead); own != "" {
		f.Party = own
	}
	f.License, f.Today = models.NormalizeIdentifier(f.License), v.date
	return f
}

// CountObligations counts obligations by state, whatever state f asks for.
func (s *Service) CountObligations(ctx context.Context, actor models.Actor, f store.ObligationFilter) (c store.ObligationCounts, err error) {
	err = s.view(ctx, actor, models.ActObligationRead, func(tx *store.Tx) error {
		v, err := newViewer(tx, actor, f.AsAt)
		if err == nil {
			c, err = tx.CountObligations(v.filter(f))
		}
		return err
	})
	return c, err
}

// Obligation gives an obligation as it is, or was at an instant. An applicant sees
// its own.
func (s *Service) Obligation(ctx context.Context, actor models.Actor, id string, asAt time.Time) (out ObligationView, err error) {
	err = s.view(ctx, actor, models.ActObligationRead, func(tx *store.Tx) error {
		o, err := tx.Obligation(id, asAt)
		if err == nil {
			err = models.Reach(actor, models.ActObligationRead, models.Scope{Party: o.Party}, "obligation", id)
		}
		if err != nil {
			return err
		}
		v, err := newViewer(tx, actor, asAt)
		if err == nil {
			out, err = v.show(o)
		}
		return err
	})
	return out, err
}

// ObligationRules gives the kinds of obligation with their dated rows, and the grounds
// of a waiver today. The law is public: anybody may read it.
func (s *Service) ObligationRules(ctx context.Context) (rules []models.ObligationRule, grounds []models.Ground, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		if rules, err = tx.ObligationRules(); err == nil {
			grounds, err = tx.WaiverGrounds(models.LegalDate(tx.Now))
		}
		return err
	})
	return rules, grounds, err
}

// ImposeObligation enters the obligation of a license for a quarter that the registry
// did not raise by itself: one from before it kept obligations.
func (s *Service) ImposeObligation(ctx context.Context, actor models.Actor, license, kind, period string) (out ObligationView, err error) {
	q, err := models.ParseQuarter(period)
	if err != nil {
		return out, err
	}
	err = s.update(ctx, actor, models.ActObligationDecide, func(tx *store.Tx) error {
		l, err := tx.License(models.NormalizeIdentifier(license), time.Time{})
		if err != nil {
			return err
		}
		r, err := newRaiser(tx)
		if err != nil {
			return err
		}
		rule, ok := r.rule(kind, l.SubType, models.AddDays(q.Until, -1))
		var v models.Invalid
		switch {
		case !ok || rule.Period != models.PeriodQuarter:
			v.Add("/kind", "unknown", "%q is not asked of this license for the quarter.", kind)
		case q.From > r.today:
			v.Add("/period", "range", "The quarter has not begun.")
		case q.Until <= models.LegalDate(l.ValidFrom) || !l.InForce(tx.Now) && q.From > models.LegalDate(l.EffectiveAt):
			v.Add("/period", "range", "The license was not in force in the quarter.")
		}
		if err := v.Err(); err != nil {
			return err
		}
		o, err := r.raise(actor, quarterly(l, rule, q))
		if err == nil && o.ID == "" {
			err = models.Errorf(models.CodeConflict, "License %s has this obligation for %s already.", l.Number, q.Name)
		}
		if err != nil {
			return err
		}
		view, err := newViewer(tx, actor, time.Time{})
		if err == nil {
			out, err = view.show(o)
		}
		return err
	})
	return out, err
}

// obligationStep is one command on an obligation: the change, and what goes with it
// in the same transaction.
type obligationStep struct {
	action models.Action
	change func(tx *store.Tx, o models.Obligation) (models.Obligation, error)
	after  func(tx *store.Tx, o models.Obligation) error
}

func (s *Service) changeObligation(ctx context.Context, actor models.Actor, id string, version int64, step obligationStep) (out ObligationView, err error) {
	err = s.update(ctx, actor, step.action, func(tx *store.Tx) error {
		o, err := tx.Obligation(id, time.Time{})
		if err == nil {
			err = models.Reach(actor, step.action, models.Scope{Party: o.Party}, "obligation", id)
		}
		if err == nil && step.action == models.ActObligationDecide {
			err = models.Disinterested(actor, o.Party)
		}
		if err == nil {
			err = sameVersion(version, o.Version)
		}
		if err == nil {
			o, err = step.change(tx, o)
		}
		if err == nil {
			err = tx.UpdateObligation(o)
		}
		if err == nil {
			err = step.after(tx, o)
		}
		if err != nil {
			return err
		}
		v, err := newViewer(tx, actor, time.Time{})
		if err == nil {
			out, err = v.show(o)
		}
		return err
	})
	return out, err
}

// FulfilObligation hands in what an obligation asks for: by the holder, or by a clerk
// on its behalf. An officer looks at it then.
func (s *Service) FulfilObligation(ctx context.Context, actor models.Actor, id string, version int64, h models.Handed) (ObligationView, error) {
	return s.changeObligation(ctx, actor, id, version, obligationStep{action: models.ActObligationFulfil,
		change: func(tx *store.Tx, o models.Obligation) (models.Obligation, error) {
			years, err := tx.LegalValue(models.ValueVerificationYears, models.LegalDate(tx.Now))
			if err != nil {
				return o, err
			}
			return o.Hand(h, int(years.Value), actor, tx.Now)
		},
		after: func(tx *store.Tx, o models.Obligation) error {
			if err := obligationFact(tx, actor, "obligation.fulfilled", o, map[string]any{"amount_tiyn": h.Amount, "energy_wh": models.SumEnergy(h.Energy),
				"late": o.HandedOn > o.Due}); err != nil {
				return err
			}
			if err := settleTasks(tx, actor, obligationRef(o), models.TaskDone, "fulfilled", models.TaskObligationDue, models.TaskObligationWaiver); err != nil {
				return err
			}
			return openForOfficer(tx, actor, o, models.TaskObligationAccept)
		}})
}

// openForOfficer opens a task about an obligation for an officer. After a return on
// the same day its due date is a working day later, because a task is there once for
// a date.
func openForOfficer(tx *store.Tx, actor models.Actor, o models.Obligation, kind models.TaskKind) error {
	cal, err := wholeCalendar(tx)
	if err != nil {
		return err
	}
	had, err := tx.Tasks(store.TaskFilter{Kind: string(kind), Subject: obligationRef(o)}, store.Page{Limit: 1000})
	if err != nil {
		return err
	}
	due := cal.AddWorkingDays(models.LegalDate(tx.Now), officerDays)
	for _, t := range had { // in the order of due dates
		if t.Due == due {
			due = cal.AddWorkingDays(due, 1)
		}
	}
	return openTask(tx, actor, models.Task{Kind: kind, Subject: obligationRef(o), License: o.License, Party: o.Party, Due: due, Role: models.RoleOfficer})
}

// AcceptObligation ends an obligation as fulfilled; whoever handed it in may not. The
// gate sees it in the same transaction. A verification renews the term of its meter.
func (s *Service) AcceptObligation(ctx context.Context, actor models.Actor, id string, version int64) (ObligationView, error) {
	return s.changeObligation(ctx, actor, id, version, obligationStep{action: models.ActObligationDecide,
		change: func(tx *store.Tx, o models.Obligation) (models.Obligation, error) { return o.Accept(actor, tx.Now) },
		after: func(tx *store.Tx, o models.Obligation) error {
			if o.Kind == models.ObligationVerification {
				if err := tx.SetMeterVerification(o.Subject, o.Handed.ValidUntil); err != nil {
					return err
				}
				if err := fact(tx, actor, "meter.verified", models.Ref{Kind: "meter", ID: o.Subject}, 0, map[string]any{"verification_by": o.Handed.ValidUntil}); err != nil {
					return err
				}
			}
			return decided(tx, actor, o, "obligation.accepted", models.NoticeObligationAccepted)
		}})
}

// decided leaves the entry and the notice of the end of an obligation and ends its
// tasks.
func decided(tx *store.Tx, actor models.Actor, o models.Obligation, kind string, notice models.NoticeKind) error {
	if err := obligationFact(tx, actor, kind, o, map[string]any{"waiver_ground": o.Waiver.Ground}); err != nil {
		return err
	}
	if err := tx.InsertNotice(noticeOf(tx, o, notice, "")); err != nil {
		return err
	}
	return settleTasks(tx, actor, obligationRef(o), models.TaskDone, string(o.State), models.TaskObligationAccept, models.TaskObligationOverdue,
		models.TaskObligationDue, models.TaskObligationWaiver)
}

// ReturnObligation gives what was handed in back to the holder with a word on what is
// wrong. The due date stays.
func (s *Service) ReturnObligation(ctx context.Context, actor models.Actor, id string, version int64, note string) (ObligationView, error) {
	return s.changeObligation(ctx, actor, id, version, obligationStep{action: models.ActObligationDecide,
		change: func(tx *store.Tx, o models.Obligation) (models.Obligation, error) {
			return o.Return(note, actor, tx.Now)
		},
		after: func(tx *store.Tx, o models.Obligation) error {
			if err := obligationFact(tx, actor, "obligation.returned", o, nil); err != nil {
				return err
			}
			n := noticeOf(tx, o, models.NoticeObligationReturned, o.Updated.Format(time.RFC3339Nano))
			n.Data.Note = note
			if err := tx.InsertNotice(n); err != nil {
				return err
			}
			return settleTasks(tx, actor, obligationRef(o), models.TaskDone, "returned", models.TaskObligationAccept)
		}})
}
