package gate

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// AnswerPaper records the registry's side of a check by phone. call is the code that
// the dispatcher said.
func (s *Service) AnswerPaper(ctx context.Context, actor models.Actor, number, call string, a models.PaperAnswer) (models.PaperCheck, error) {
	if err := models.Can(actor, models.ActPaperAnswer, models.Scope{}); err != nil {
		return models.PaperCheck{}, err
	}
	normalizeQuestion(&a.Question)
	return s.enterPaper(ctx, actor, models.ActPaperAnswer, number, entry{role: "call", code: call, pointer: "/call_code", fill: func(tx *store.Tx, c models.PaperCheck) (models.PaperCheck, error) {
		a.Question.Reference = c.Number
		return c.WithAnswer(actor, a, tx.Now)
	}})
}

// ReportPaper records the utility's side. code is the one that the officer said with
// the answer. When something was energised on a permit, the gate is asked for that load
// now, as for any other: what it permits is held until the utility confirms it as it
// confirms every permit, and what it does not permit is a difference.
func (s *Service) ReportPaper(ctx context.Context, actor models.Actor, number, code, lang string, r models.PaperReport) (models.PaperCheck, error) {
	if err := models.Can(actor, models.ActPaperEnter, models.Scope{}); err != nil {
		return models.PaperCheck{}, err
	}
	normalizeQuestion(&r.Question)
	load, err := s.paperLoad(ctx, actor, number, code, lang, r)
	if err != nil {
		return models.PaperCheck{}, err
	}
	return s.enterPaper(ctx, actor, models.ActPaperEnter, number, entry{role: string(r.Outcome), code: code, pointer: "/answer_code", load: load,
		fill: func(tx *store.Tx, c models.PaperCheck) (models.PaperCheck, error) {
			r.Question.Reference = c.Number
			return c.WithReport(actor, r, tx.Now)
		}})
}

func normalizeQuestion(q *models.CheckRequest) {
	q.Applicant, q.License = models.NormalizeIdentifier(q.Applicant), models.NormalizeIdentifier(q.License)
	q.ConnectionPoint = strings.TrimSpace(q.ConnectionPoint)
	q.Reference = "paper"
	q.PlannedAt = q.PlannedAt.UTC()
}

// paperLoad asks the gate for what was energised on a permit by phone. The key is the
// number of the form, so it is asked once. Nothing is asked for a form that cannot be
// entered.
func (s *Service) paperLoad(ctx context.Context, actor models.Actor, number, code, lang string, r models.PaperReport) (Answer, error) {
	if r.Outcome != models.OutcomePermit || r.EnergisedAt.IsZero() {
		return Answer{}, nil
	}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		c, secret, err := s.paperFor(tx, actor, models.ActPaperEnter, number)
		if err != nil {
			return err
		}
		if err := c.Usable(c.Report != nil); err != nil {
			return err
		}
		r.Question.Reference = c.Number
		if _, err := c.WithReport(actor, r, tx.Now); err != nil {
			return err
		}
		if !sameCode(code, paperCode(secret, c.Number, string(r.Outcome), answerCodeSize)) {
			return errWrongCode
		}
		number = c.Number
		return nil
	})
	if errors.Is(err, errWrongCode) { // counted, and refused, where the form is entered
		return Answer{}, nil
	}
	if err != nil {
		return Answer{}, err
	}
	q := r.Question
	q.Reference, q.Requested, q.PlannedAt = number, r.Power, time.Time{}
	return s.Check(ctx, actor, "paper/"+number, lang, q)
}

var errWrongCode = errors.New("this is not the code of that answer")

// entry is how one side of a form is entered.
type entry struct {
	role, code, pointer string
	load                Answer // of the gate, zero when it was not asked
	fill                func(tx *store.Tx, c models.PaperCheck) (models.PaperCheck, error)
}

// enterPaper checks the number and the code, fills in a side, and compares when both
// are there. A wrong code is counted although the entry is refused.
func (s *Service) enterPaper(ctx context.Context, actor models.Actor, action models.Action, number string, e entry) (models.PaperCheck, error) {
	if err := s.settle(ctx); err != nil {
		return models.PaperCheck{}, err
	}
	for range 3 {
		then, err := s.replayPaper(ctx, actor, action, number, e)
		if err != nil {
			return models.PaperCheck{}, err
		}
		out, outcome, err := s.writePaper(ctx, actor, action, number, e, then)
		switch {
		case err != nil:
			return models.PaperCheck{}, err
		case outcome == paperWrong:
			var v models.Invalid
			v.Add(e.pointer, "wrong", "This is not the code for number %s. Look at the form again: after five wrong codes the number is spoiled.", out.Number)
			return models.PaperCheck{}, v.Err()
		case outcome == paperWritten:
			return out, nil
		}
	}
	return models.PaperCheck{}, models.Errorf(models.CodeVersionConflict, "The other side was entered at the same moment. Enter yours again.")
}

// paperOutcome is what became of an attempt to enter a side.
type paperOutcome int

const (
	paperWritten  paperOutcome = iota
	paperWrong                 // the code was wrong, and that was counted
	paperOvertook              // the other side came in between: what the gate would have said is to be looked up
)

// replayPaper says what the gate would have said at the instant of the call, from the
// facts as they were then; nil while the entry does not complete the form.
func (s *Service) replayPaper(ctx context.Context, actor models.Actor, action models.Action, number string, e entry) (*models.GateDecision, error) {
	var c models.PaperCheck
	err := s.store.View(ctx, func(tx *store.Tx) error {
		form, _, err := s.paperFor(tx, actor, action, number)
		if err == nil {
			c, err = e.fill(tx, form)
		}
		return err
	})
	if err != nil || c.Answer == nil || c.Report == nil {
		return nil, err
	}
	var then models.GateDecision
	err = s.store.View(store.At(ctx, store.Moment{AsAt: c.Answer.At}), func(tx *store.Tx) error {
		facts, err := factLoader{tx: tx, except: c.Check}.load(c.Utility, c.Answer.Question)
		if err == nil && facts.Point != nil {
			facts.Meters, err = tx.RevenueMetersThen(facts.Point.ID, facts.Point.Code)
		}
		if err == nil {
			then = models.Decide(facts, c.Answer.Question, tx.Now, s.parameters(tx.Now))
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("replay the gate at %s: %w", c.Answer.At, err)
	}
	return &then, nil
}

func (s *Service) writePaper(ctx context.Context, actor models.Actor, action models.Action, number string, e entry, then *models.GateDecision) (out models.PaperCheck, outcome paperOutcome, err error) {
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		outcome = paperWritten
		c, secret, err := s.paperFor(tx, actor, action, number)
		if err != nil {
			return err
		}
		filled, err := e.fill(tx, c)
		if err != nil {
			return err
		}
		size := answerCodeSize
		if e.role == "call" {
			size = callCodeSize
		}
		if !sameCode(e.code, paperCode(secret, c.Number, e.role, size)) {
			out, outcome = c.Misspelled(), paperWrong
			if err := tx.UpdatePaperCheck(out); err != nil {
				return err
			}
			return appendPaper(tx, actor, "paper.wrong_code", out, map[string]any{"wrong_codes": out.WrongCodes, "spoiled": out.State == models.PaperSpoiled})
		}
		if e.load.ID != "" {
			filled.Check = e.load.ID
		}
		if filled.Answer != nil && filled.Report != nil {
			if then == nil {
				outcome = paperOvertook
				return nil
			}
			if filled, err = comparePaper(tx, filled, *then); err != nil {
				return err
			}
		}
		out = filled
		return savePaper(tx, actor, c, out)
	})
	return out, outcome, err
}

// savePaper saves a form with a side filled in, and the entry of the ledger.
func savePaper(tx *store.Tx, actor models.Actor, before, c models.PaperCheck) error {
	kind, side := "paper.answered", any(c.Answer)
	if before.Report == nil && c.Report != nil {
		kind, side = "paper.reported", any(c.Report)
	}
	if err := tx.UpdatePaperCheck(c); err != nil {
		return err
	}
	block, err := tx.PaperBlock(c.Block)
	if err != nil {
		return err
	}
	whole, err := json.Marshal(side)
	if err != nil {
		return fmt.Errorf("write a side of a form: %w", err)
	}
	mac := hmac.New(sha256.New, []byte(block.Secret)) // a name and a BIN or IIN are in it
	mac.Write(whole)
	body := map[string]any{"state": c.State, "side_digest": "hmac-sha256:" + hex.EncodeToString(mac.Sum(nil)), "check": c.Check}
	if c.Gate != "" {
		body["gate"], body["gate_reasons"], body["differences"] = c.Gate, c.GateReasons, c.Differences
	}
	return appendPaper(tx, actor, kind, c, body)
}

func appendPaper(tx *store.Tx, actor models.Actor, kind string, c models.PaperCheck, body map[string]any) error {
	body["number"] = c.Number
	_, err := tx.Append(models.Entry{Kind: kind, Subject: models.Ref{Kind: "paper_check", ID: c.Number}, SubjectVersion: c.Version, Actor: actor, Utility: c.Utility, Body: body})
	return err
}

// comparePaper says what does not agree between the sides and with the gate.
func comparePaper(tx *store.Tx, c models.PaperCheck, then models.GateDecision) (models.PaperCheck, error) {
	reasons := make([]models.ReasonCode, 0, len(then.Reasons))
	for _, r := range then.Reasons {
		reasons = append(reasons, r.Code)
	}
	var load models.Outcome
	if c.Check != "" {
		row, err := tx.GateCheck(c.Check)
		if err != nil {
			return c, err
		}
		load = models.Outcome(row.Decision)
	}
	return c.Compare(then.Outcome, reasons, load), nil
}
