package licensing

import (
	"context"

	"rigistry/models"
	"rigistry/services/store"
)

// ProposeTolling proposes a period in which no statutory term runs.
func (s *Service) ProposeTolling(ctx context.Context, actor models.Actor, t models.Tolling) (models.Tolling, error) {
	var out models.Tolling
	err := s.update(ctx, actor, models.ActTollingWrite, func(tx *store.Tx) (err error) {
		if out, err = models.ProposeTolling(t, actor, tx.Now); err != nil {
			return err
		}
		out.ID = tx.NewID()
		if err := tx.InsertTolling(out); err != nil {
			return err
		}
		return tollingFact(tx, actor, "tolling.proposed", out, nil)
	})
	return out, err
}

func tollingFact(tx *store.Tx, actor models.Actor, kind string, t models.Tolling, more map[string]any) error {
	body := map[string]any{"from": t.From, "until": t.Until, "legal_ref": t.LegalRef, "reason": t.Reason}
	for k, v := range more {
		body[k] = v
	}
	return fact(tx, actor, kind, models.Ref{Kind: "tolling", ID: t.ID}, t.Version, body)
}

// ConfirmTolling makes a proposed period hold; its proposer may not. Every due date
// that it moves is moved in the same transaction: decisions, and answers to
// requests.
func (s *Service) ConfirmTolling(ctx context.Context, actor models.Actor, id string) (models.Tolling, error) {
	return s.decideTolling(ctx, actor, id, models.TollingConfirmed)
}

// RejectTolling ends a proposed period.
func (s *Service) RejectTolling(ctx context.Context, actor models.Actor, id string) (models.Tolling, error) {
	return s.decideTolling(ctx, actor, id, models.TollingRejected)
}

func (s *Service) decideTolling(ctx context.Context, actor models.Actor, id string, to models.TollingState) (out models.Tolling, err error) {
	err = s.update(ctx, actor, models.ActTollingWrite, func(tx *store.Tx) error {
		before, err := wholeCalendar(tx)
		if err != nil {
			return err
		}
		t, err := tx.Tolling(id)
		if err == nil {
			out, err = t.Decide(to, actor, tx.Now)
		}
		if err == nil {
			err = tx.DecideTolling(out)
		}
		if err != nil || to != models.TollingConfirmed {
			if err == nil {
				err = tollingFact(tx, actor, "tolling.rejected", out, nil)
			}
			return err
		}
		moved, err := moveDues(tx, before, before.Tolled([]models.Tolling{out}))
		if err != nil {
			return err
		}
		return tollingFact(tx, actor, "tolling.confirmed", out, map[string]any{"proposed_by": out.ProposedBy, "moved": moved})
	})
	return out, err
}

// moveDues brings what is under way from one calendar to another and counts the
// due dates that moved.
func moveDues(tx *store.Tx, before, after models.Calendar) (moved int, err error) {
	dues, err := duesMoved(tx, before, after)
	if err != nil {
		return 0, err
	}
	for _, d := range dues {
		if d.Kind == dueOfApplication {
			err = tx.MoveDue(d.ID, d.After)
		} else {
			err = tx.MoveRequestDue(d.ID, d.After)
		}
		if err != nil {
			return 0, err
		}
	}
	return len(dues), nil
}

// The things whose due dates follow the calendar.
const (
	dueOfApplication = "application"
	dueOfRequest     = "request"
)

// duesMoved gives the due dates of what is under way that another calendar moves.
func duesMoved(tx *store.Tx, before, after models.Calendar) (out []MovedDue, err error) {
	page := store.Page{Limit: 1000}
	for {
		list, err := tx.Applications(store.ApplicationFilter{DueFrom: "0001-01-01"}, page)
		if err != nil {
			return nil, err
		}
		for _, a := range list {
			days, _, err := termOf(tx, a)
			if err != nil {
				return nil, err
			}
			if due := a.Clock.Read(after, days, tx.Now).Due; due != a.Due {
				out = append(out, MovedDue{Kind: dueOfApplication, ID: a.ID, Application: a.Number, Before: a.Due, After: due})
			}
		}
		if len(list) < page.Limit {
			break
		}
		page.After = list[len(list)-1].ID
	}
	open, err := tx.OpenRequests()
	if err != nil {
		return nil, err
	}
	for _, r := range open {
		asked := models.LegalDate(r.AskedAt)
		if due := after.AddWorkingDays(asked, before.WorkingDaysBetween(asked, r.Due)); due != r.Due {
			a, err := tx.Application(r.Application)
			if err != nil {
				return nil, err
			}
			out = append(out, MovedDue{Kind: dueOfRequest, ID: r.ID, Application: a.Number, Before: r.Due, After: due})
		}
	}
	return out, nil
}

// Tollings gives the tolling periods in the order of dates, with the names of the
// people by user id. An applicant sees those that hold, and nobody's name.
func (s *Service) Tollings(ctx context.Context, actor models.Actor) (out []models.Tolling, people map[string]string, err error) {
	inside := ownParty(actor, models.ActApplicationRead) == ""
	err = s.view(ctx, actor, models.ActApplicationRead, func(tx *store.Tx) error {
		all, err := tx.Tollings()
		if err != nil {
			return err
		}
		out, people = nil, map[string]string{}
		for _, t := range all {
			if !inside && t.State != models.TollingConfirmed {
				continue
			}
			if !inside {
				t.ProposedBy, t.DecidedBy = "", ""
			}
			for _, id := range []string{t.ProposedBy, t.DecidedBy} {
				if people[id], err = nameOf(tx, id); err != nil {
					return err
				}
			}
			out = append(out, t)
		}
		return nil
	})
	return out, people, err
}

// ClockEvents gives the ledger of an application's statutory clock: when it
// started, stood, was tolled and ended, and why.
func (s *Service) ClockEvents(ctx context.Context, actor models.Actor, key string) (out []models.ClockEvent, err error) {
	err = s.view(ctx, actor, models.ActApplicationRead, func(tx *store.Tx) error {
		a, err := tx.Application(key)
		if err == nil {
			err = models.Reach(actor, models.ActApplicationRead, models.Scope{Party: a.Applicant}, "application", key)
		}
		if err != nil {
			return err
		}
		periods, err := tx.Tollings()
		if err == nil {
			out, err = a.Clock.Events(periods)
		}
		return err
	})
	return out, err
}
