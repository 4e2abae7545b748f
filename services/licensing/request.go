package licensing

import (
	"context"
	"errors"

	"rigistry/models"
	"rigistry/services/store"
)

// AskCorrection asks the applicant to correct fields within so many working days.
// The clock stands until the answer, or the end of that term.
func (s *Service) AskCorrection(ctx context.Context, actor models.Actor, id string, version int64, r models.Request, days int) (models.Application, error) {
	r.Kind, r.Agency = models.RequestCorrection, ""
	return s.ask(ctx, actor, id, command{action: models.ActApplicationDraft, kind: "application.correction_requested", version: version}, r,
		func(*store.Tx) (models.RequestTerms, error) { return models.RequestTerms{Answer: days}, nil })
}

// AskAgency asks another agency. Its silence counts as agreement when the term that
// the law gives it is over.
func (s *Service) AskAgency(ctx context.Context, actor models.Actor, id string, version int64, r models.Request) (models.Application, error) {
	r.Kind, r.Items = models.RequestAgency, nil
	return s.ask(ctx, actor, id, command{action: models.ActApplicationDraft, kind: "application.agency_asked", version: version}, r,
		func(tx *store.Tx) (terms models.RequestTerms, err error) {
			today := models.LegalDate(tx.Now)
			send, err := tx.LegalValue(models.ValueAgencySendDays, today)
			if err != nil {
				return terms, err
			}
			answer, err := tx.LegalValue(models.ValueAgencyDays, today)
			return models.RequestTerms{Send: int(send.Value), Answer: int(answer.Value)}, err
		})
}

func (s *Service) ask(ctx context.Context, actor models.Actor, id string, c command, r models.Request, termsOf func(*store.Tx) (models.RequestTerms, error)) (models.Application, error) {
	c.step = func(tx *store.Tx, a models.Application) (models.Application, map[string]any, error) {
		terms, err := termsOf(tx)
		if err != nil {
			return a, nil, err
		}
		cal, err := wholeCalendar(tx)
		if err != nil {
			return a, nil, err
		}
		a, sent, err := a.Send(r, cal, terms, actor, tx.Now)
		if err != nil {
			return a, nil, err
		}
		sent.ID = tx.NewID()
		body := map[string]any{"request": sent.ID, "answer_due": sent.Due}
		if sent.Kind == models.RequestAgency {
			body["agency"], body["late"] = sent.Agency, sent.Late()
		} else {
			body["fields"] = pointersOf(sent.Items)
		}
		return a, body, tx.InsertRequest(sent)
	}
	return s.run(ctx, actor, id, c)
}

func pointersOf(items []models.CorrectionItem) []string {
	out := make([]string, 0, len(items))
	for _, i := range items {
		out = append(out, i.Pointer)
	}
	return out
}

// wholeCalendar loads every day that does not count, as clocks that began long ago
// need it.
func wholeCalendar(tx *store.Tx) (models.Calendar, error) { return calendarFrom(tx, "") }

// term gives the statutory term of an application as it was at registration.
func term(tx *store.Tx, a models.Application) (models.Term, error) {
	cal, err := wholeCalendar(tx)
	if err != nil {
		return models.Term{}, err
	}
	days, _, err := termOf(tx, a)
	return models.Term{Calendar: cal, Days: days}, err
}

// Correct answers a correction request with the application as it is to be; answer
// is the applicant's word to it. What was asked for before is kept. The answer must
// be fit to be filed, at the fee of the day of filing.
func (s *Service) Correct(ctx context.Context, actor models.Actor, id string, version int64, request string, with models.Application, answer string) (models.Application, error) {
	return s.run(ctx, actor, id, command{models.ActApplicationFile, "application.corrected", version,
		func(tx *store.Tx, a models.Application) (models.Application, map[string]any, error) {
			r, err := correctionOf(tx, a, request)
			if err != nil {
				return a, nil, err
			}
			with, err := resolved(tx, with)
			if err != nil {
				return a, nil, err
			}
			t, err := term(tx, a)
			if err != nil {
				return a, nil, err
			}
			r.Answer = answer
			if r.Changed, err = documentsChanged(tx, a.ID, r.AskedAt); err != nil {
				return a, nil, err
			}
			with.Kind = a.Kind
			n, r, err := a.Correct(with, r, t, actor, tx.Now)
			if err != nil {
				return a, nil, err
			}
			if err := fitToFile(tx, n); err != nil {
				return a, nil, err
			}
			if err := tx.KeepContent(a, r.ID); err != nil {
				return a, nil, err
			}
			return n, map[string]any{"request": r.ID, "fields": r.Changed, "due": n.Due}, tx.UpdateRequest(r)
		}})
}

func correctionOf(tx *store.Tx, a models.Application, request string) (models.Request, error) {
	r, err := tx.Request(a.ID, request)
	if err == nil && r.Kind != models.RequestCorrection {
		err = models.NotFound("request", request) // an applicant sees no other
	}
	return r, err
}

// RecordAgencyAnswer records what an agency answered in time: agreed or objected.
func (s *Service) RecordAgencyAnswer(ctx context.Context, actor models.Actor, id string, version int64, request string, outcome models.RequestState, answer string) (models.Application, error) {
	return s.run(ctx, actor, id, command{models.ActApplicationReview, "application.agency_answered", version,
		func(tx *store.Tx, a models.Application) (models.Application, map[string]any, error) {
			r, err := tx.Request(a.ID, request)
			if err == nil && r.Kind != models.RequestAgency {
				err = models.Errorf(models.CodeConflict, "A correction is answered by the applicant.")
			}
			if err == nil {
				r, err = r.AnswerOfAgency(outcome, answer, actor, tx.Now)
			}
			if err != nil {
				return a, nil, err
			}
			if r.State == models.RequestObjected {
				a, err = a.Object(actor, tx.Now)
			} else {
				a, err = a.Touch(actor, tx.Now)
			}
			if err != nil {
				return a, nil, err
			}
			return a, map[string]any{"request": r.ID, "agency": r.Agency, "outcome": r.State}, tx.UpdateRequest(r)
		}})
}

// Requests gives the requests of an application in the order of time. An applicant
// sees what it was asked itself.
func (s *Service) Requests(ctx context.Context, actor models.Actor, key string) (out []Asked, err error) {
	err = s.view(ctx, actor, models.ActApplicationRead, func(tx *store.Tx) error {
		out = nil
		a, err := tx.Application(key)
		if err == nil {
			err = models.Reach(actor, models.ActApplicationRead, models.Scope{Party: a.Applicant}, "application", key)
		}
		if err != nil {
			return err
		}
		all, err := tx.Requests(a.ID)
		if err != nil {
			return err
		}
		inside := ownParty(actor, models.ActApplicationRead) == ""
		for _, r := range all {
			if !inside && r.Kind != models.RequestCorrection {
				continue
			}
			one := Asked{Request: r}
			if inside {
				if one.AskedName, err = nameOf(tx, r.AskedBy); err != nil {
					return err
				}
				if one.ClosedName, err = nameOf(tx, r.ClosedBy); err != nil {
					return err
				}
			} else {
				one.AskedBy, one.ClosedBy = "", ""
			}
			out = append(out, one)
		}
		return nil
	})
	return out, err
}

// Asked is a request with the names of the people, which an applicant does not see.
type Asked struct {
	models.Request
	AskedName  string
	ClosedName string
}

func nameOf(tx *store.Tx, id string) (string, error) {
	if id == "" || id == models.System().ID {
		return "", nil
	}
	u, err := tx.User(id)
	if models.CodeOf(err) == models.CodeNotFound {
		return "", nil
	}
	return u.Name, err
}

// people are names by user id, each read once for a list.
type people map[string]string

func (p people) name(tx *store.Tx, id string) (string, error) {
	return cached(p, id, func() (string, error) { return nameOf(tx, id) })
}

// Contents gives what an application asked for before each correction, the oldest
// first.
func (s *Service) Contents(ctx context.Context, actor models.Actor, key string) (out []store.Content, err error) {
	err = s.view(ctx, actor, models.ActApplicationRead, func(tx *store.Tx) error {
		a, err := tx.Application(key)
		if err == nil {
			err = models.Reach(actor, models.ActApplicationRead, models.Scope{Party: a.Applicant}, "application", key)
		}
		if err == nil {
			out, err = tx.Contents(a.ID)
		}
		for i := range out { // a correction changes no kind
			out[i].Application.Kind = a.Kind
		}
		return err
	})
	return out, err
}

const requestBatch = 200

// EndRequests ends the requests whose term is over and gives their number: a
// correction lapses and the clock goes on, an agency is deemed to agree.
func (s *Service) EndRequests(ctx context.Context) (ended int, err error) {
	for {
		var due []models.Request
		err := s.store.View(ctx, func(tx *store.Tx) (err error) {
			due, err = tx.RequestsEnded(models.LegalDate(tx.Now), requestBatch)
			return err
		})
		if err != nil {
			return ended, err
		}
		var failed error
		for _, r := range due {
			switch err := s.endRequest(ctx, r); models.CodeOf(err) {
			case "":
				if err == nil {
					ended++
				}
				failed = errors.Join(failed, err)
			case models.CodeConflict, models.CodeVersionConflict: // somebody was faster
			default:
				failed = errors.Join(failed, err)
			}
		}
		if failed != nil || len(due) < requestBatch {
			return ended, failed
		}
	}
}

func (s *Service) endRequest(ctx context.Context, seen models.Request) error {
	system, kind := models.System(), "application.correction_lapsed"
	if seen.Kind == models.RequestAgency {
		kind = "application.agency_deemed_agreed"
	}
	_, err := s.run(ctx, system, seen.Application, command{models.ActApplicationReview, kind, AnyVersion,
		func(tx *store.Tx, a models.Application) (models.Application, map[string]any, error) {
			r, err := tx.Request(a.ID, seen.ID)
			if err != nil {
				return a, nil, err
			}
			body := map[string]any{"request": r.ID, "answer_due": r.Due}
			if r.Kind == models.RequestAgency {
				body["agency"] = r.Agency
				if r, err = r.Deem(system, tx.Now); err == nil {
					a, err = a.Touch(system, tx.Now)
				}
			} else {
				var t models.Term
				if t, err = term(tx, a); err == nil {
					a, r, err = a.Lapse(r, t, system, tx.Now)
				}
				body["due"] = a.Due
			}
			if err != nil {
				return a, nil, err
			}
			return a, body, tx.UpdateRequest(r)
		}})
	return err
}

// agenciesLetGrant refuses a grant while an agency has not answered, or objects.
func agenciesLetGrant(tx *store.Tx, a models.Application, outcome string) error {
	if outcome != models.OutcomeGrant {
		return nil
	}
	all, err := tx.Requests(a.ID)
	if err != nil {
		return err
	}
	return models.GrantStops(all)
}
