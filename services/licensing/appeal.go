package licensing

import (
	"context"

	"rigistry/models"
	"rigistry/services/store"
)

// FileAppeal files an appeal against the refusal of an application: the applicant,
// or a clerk for them. After the last day for it, it is a conflict.
func (s *Service) FileAppeal(ctx context.Context, actor models.Actor, id, text string) (models.Application, error) {
	return s.appeal(ctx, actor, id, models.ActApplicationFile, func(tx *store.Tx, a models.Application) (string, map[string]any, error) {
		route, err := appealOf(tx, a)
		if err != nil {
			return "", nil, err
		}
		p, err := a.FileAppeal(models.Appeal{Text: text}, route.Until, actor, tx.Now)
		if err != nil {
			return "", nil, err
		}
		open, err := openAppeal(tx, a)
		if err != nil {
			return "", nil, err
		}
		if open != nil {
			return "", nil, models.Errorf(models.CodeConflict, "An appeal against this refusal is under way already.")
		}
		p.ID = tx.NewID()
		return "application.appealed", map[string]any{"appeal": p.ID, "order": p.Decision.Order}, tx.InsertAppeal(p)
	})
}

// RecordAppeal records what the higher body decided on the open appeal. Upheld, the
// application is reviewed again with a new clock in the same transaction.
func (s *Service) RecordAppeal(ctx context.Context, actor models.Actor, id string, outcome models.AppealState, decision models.Appeal) (models.Application, error) {
	return s.appeal(ctx, actor, id, models.ActAppealRecord, func(tx *store.Tx, a models.Application) (string, map[string]any, error) {
		open, err := openAppeal(tx, a)
		if err != nil {
			return "", nil, err
		}
		if open == nil {
			return "", nil, models.Errorf(models.CodeConflict, "No appeal against this application is under way.")
		}
		p := *open
		p.Outcome, p.Note = decision.Outcome, decision.Note
		if p, err = p.Close(outcome, actor, tx.Now); err != nil {
			return "", nil, err
		}
		if err := tx.CloseAppeal(p); err != nil {
			return "", nil, err
		}
		return "application.appeal_decided", map[string]any{"appeal": p.ID, "outcome": p.State, "decision": p.Outcome}, reopen(tx, actor, a, p.State)
	})
}

// reopen takes an application whose appeal was upheld back to review.
func reopen(tx *store.Tx, actor models.Actor, a models.Application, outcome models.AppealState) error {
	if outcome != models.AppealUpheld {
		return nil
	}
	t, err := term(tx, a)
	if err != nil {
		return err
	}
	n, err := a.Reopen(t, actor, tx.Now)
	if err != nil {
		return err
	}
	if err := tx.UpdateApplication(n); err != nil {
		return err
	}
	return applicationFact(tx, actor, "application.reopened", n, map[string]any{"due": n.Due})
}

// appeal runs a command about an appeal, which leaves the application's version as
// it is unless it reopens it.
func (s *Service) appeal(ctx context.Context, actor models.Actor, id string, action models.Action,
	do func(tx *store.Tx, a models.Application) (kind string, body map[string]any, err error)) (out models.Application, err error) {
	err = s.update(ctx, actor, action, func(tx *store.Tx) error {
		a, err := tx.Application(id)
		if err != nil {
			return err
		}
		if err := models.Reach(actor, action, models.Scope{Party: a.Applicant}, "application", id); err != nil {
			return err
		}
		if action == models.ActAppealRecord { // who has a conflict of interest does not bring the case back either
			if err := unbiased(tx, a, actor); err != nil {
				return err
			}
		}
		kind, body, err := do(tx, a)
		if err != nil {
			return err
		}
		if err := applicationFact(tx, actor, kind, a, body); err != nil {
			return err
		}
		out, err = tx.Application(a.ID)
		return err
	})
	if err != nil {
		return models.Application{}, err
	}
	return out, nil
}

func openAppeal(tx *store.Tx, a models.Application) (*models.Appeal, error) {
	all, err := tx.Appeals(a.ID)
	for i := range all {
		if all[i].State == models.AppealOpen {
			return &all[i], err
		}
	}
	return nil, err
}

// Appealable is how one refusal is appealed.
type Appealable struct {
	models.AppealRoute
	Until string // last legal date for it
	Open  bool   // the time has not ended
}

// appealOf gives how a refused application is appealed, by the law of the day on
// which it was signed.
func appealOf(tx *store.Tx, a models.Application) (Appealable, error) {
	if a.State != models.ApplicationRefused || a.Decision == nil {
		return Appealable{}, models.Errorf(models.CodeConflict, "Application %s is not refused. A refusal can be appealed.", a.Number)
	}
	cal, err := wholeCalendar(tx)
	if err != nil {
		return Appealable{}, err
	}
	route, err := tx.AppealRoute(models.AppealRefusal, models.LegalDate(a.Decision.SignedAt))
	until := route.Until(cal, a.Decision.SignedAt)
	return Appealable{AppealRoute: route, Until: until, Open: models.LegalDate(tx.Now) <= until}, err
}

// AppealRoute gives how the refusal of an application is appealed.
func (s *Service) AppealRoute(ctx context.Context, actor models.Actor, key string) (out Appealable, err error) {
	err = s.view(ctx, actor, models.ActApplicationRead, func(tx *store.Tx) error {
		a, err := tx.Application(key)
		if err == nil {
			err = models.Reach(actor, models.ActApplicationRead, models.Scope{Party: a.Applicant}, "application", key)
		}
		if err == nil {
			out, err = appealOf(tx, a)
		}
		return err
	})
	return out, err
}

// Appeals gives the appeals against the refusals of an application in the order of
// time. An applicant sees its own, without the office's people.
func (s *Service) Appeals(ctx context.Context, actor models.Actor, key string) (out []models.Appeal, err error) {
	inside := ownParty(actor, models.ActApplicationRead) == ""
	err = s.view(ctx, actor, models.ActApplicationRead, func(tx *store.Tx) error {
		a, err := tx.Application(key)
		if err == nil {
			err = models.Reach(actor, models.ActApplicationRead, models.Scope{Party: a.Applicant}, "application", key)
		}
		if err != nil {
			return err
		}
		out, err = tx.Appeals(a.ID)
		for i := range out {
			if !inside {
				out[i].RecordedBy, out[i].Note = "", ""
			}
		}
		return err
	})
	return out, err
}
