package gate

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// codeLetters leaves out what is taken for something else in writing or by phone.
var codeLetters = base32.NewEncoding("23456789ABCDEFGHJKMNPQRSTUVWXYZ#").WithPadding(base32.NoPadding)

const (
	callCodeSize   = 4 // letters that the dispatcher says to show that the sheet is at hand
	answerCodeSize = 6 // letters that the officer says with the answer, and the dispatcher reads back
)

// paperCode makes a code of a number. role is call, permit, deny or refer.
func paperCode(secret, number, role string, size int) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "rigistry/paper/v1\n%s\n%s", number, role)
	return strings.ReplaceAll(codeLetters.EncodeToString(mac.Sum(nil)), "#", "2")[:size]
}

func sameCode(got, want string) bool {
	return subtle.ConstantTimeCompare([]byte(models.NormalizeIdentifier(got)), []byte(want)) == 1
}

// PaperLine is a line of a sheet: a number with its codes. The utility's sheet has
// Call only, the registry's has all.
type PaperLine struct {
	Number string
	Call   string
	Codes  map[models.Outcome]string // what the officer says with each answer
	State  models.PaperState
}

// IssuePaperBlock gives a utility, named by id or code, a block of numbers for checks
// by phone.
func (s *Service) IssuePaperBlock(ctx context.Context, actor models.Actor, utility string, count int64) (models.PaperBlock, error) {
	if err := models.Can(actor, models.ActPaperIssue, models.Scope{}); err != nil {
		return models.PaperBlock{}, err
	}
	if count < 1 || count > models.MaxPaperBlock {
		var v models.Invalid
		v.Add("/count", "range", "A block has 1 to %d numbers.", models.MaxPaperBlock)
		return models.PaperBlock{}, v.Err()
	}
	var secret [32]byte
	if _, err := rand.Read(secret[:]); err != nil {
		return models.PaperBlock{}, fmt.Errorf("make the secret of a block: %w", err)
	}
	var out models.PaperBlock
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		u, err := tx.Utility(utility)
		if err != nil {
			return err
		}
		first, err := tx.TakePaperNumbers(count)
		if err != nil {
			return err
		}
		out = models.PaperBlock{ID: tx.NewID(), Utility: u.ID, First: first, Last: first + count - 1, Secret: hex.EncodeToString(secret[:]),
			IssuedBy: actor.ID, Issued: tx.Now}
		if err := tx.InsertPaperBlock(out); err != nil {
			return err
		}
		_, err = tx.Append(models.Entry{Kind: "paper.issued", Subject: models.Ref{Kind: "paper_block", ID: out.ID}, Actor: actor, Utility: u.ID,
			Body: map[string]any{"first": models.PaperNumber(out.First), "last": models.PaperNumber(out.Last), "count": count}})
		return err
	})
	return out, err
}

// PaperBlocks lists blocks, the newest first; a utility sees its own.
func (s *Service) PaperBlocks(ctx context.Context, actor models.Actor, page store.Page) (out []models.PaperBlock, err error) {
	scope, err := scopeOf(actor, models.ActPaperRead)
	if err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx *store.Tx) (err error) {
		out, err = tx.PaperBlocks(scope, page)
		return err
	})
	return out, err
}

// PaperSheet gives the lines of a block. The codes of the answers are on it for those
// alone who may answer: with them a dispatcher could write a permit that nobody gave.
func (s *Service) PaperSheet(ctx context.Context, actor models.Actor, id string) (block models.PaperBlock, lines []PaperLine, err error) {
	scope, err := scopeOf(actor, models.ActPaperRead)
	if err != nil {
		return block, nil, err
	}
	answers := models.Can(actor, models.ActPaperAnswer, models.Scope{}) == nil
	err = s.store.View(ctx, func(tx *store.Tx) error {
		if block, err = tx.PaperBlock(id); err != nil {
			return err
		}
		if scope != "" && block.Utility != scope {
			return models.NotFound("paper block", id)
		}
		forms, err := tx.PaperChecks(store.PaperFilter{Block: id}, store.Page{Limit: models.MaxPaperBlock})
		if err != nil {
			return err
		}
		lines = make([]PaperLine, 0, len(forms))
		for i := range forms { // the list has the highest first, a sheet the lowest
			form := forms[len(forms)-1-i]
			line := PaperLine{Number: form.Number, State: form.State}
			if scope != "" || answers {
				line.Call = paperCode(block.Secret, form.Number, "call", callCodeSize)
			}
			if answers {
				line.Codes = map[models.Outcome]string{}
				for _, o := range []models.Outcome{models.OutcomePermit, models.OutcomeDeny, models.OutcomeRefer} {
					line.Codes[o] = paperCode(block.Secret, form.Number, string(o), answerCodeSize)
				}
			}
			lines = append(lines, line)
		}
		return nil
	})
	return block, lines, err
}

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

// paperFor finds a form, whatever spaces its number is written with, and the secret of
// its codes. What belongs to another utility is not there.
func (s *Service) paperFor(tx *store.Tx, actor models.Actor, action models.Action, number string) (models.PaperCheck, string, error) {
	scope, err := scopeOf(actor, action)
	if err != nil {
		return models.PaperCheck{}, "", err
	}
	written, err := models.CheckPaperNumber(number)
	if err != nil {
		return models.PaperCheck{}, "", err
	}
	c, err := tx.PaperCheck(written)
	if err == nil && scope != "" && c.Utility != scope {
		err = models.NotFound("paper check", written)
	}
	if err != nil {
		return models.PaperCheck{}, "", err
	}
	block, err := tx.PaperBlock(c.Block)
	return c, block.Secret, err
}

// PaperCheck gives a form by its number.
func (s *Service) PaperCheck(ctx context.Context, actor models.Actor, number string) (c models.PaperCheck, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) (err error) {
		c, _, err = s.paperFor(tx, actor, models.ActPaperRead, number)
		return err
	})
	return c, err
}

// PaperChecks lists forms, the highest number first; a utility sees its own.
func (s *Service) PaperChecks(ctx context.Context, actor models.Actor, f store.PaperFilter, page store.Page) (out []models.PaperCheck, err error) {
	scope, err := scopeOf(actor, models.ActPaperRead)
	if err != nil {
		return nil, err
	}
	if scope != "" {
		f.Utility = scope
	}
	err = s.store.View(ctx, func(tx *store.Tx) (err error) {
		out, err = tx.PaperChecks(f, page)
		return err
	})
	return out, err
}

// SettlePaper records what an officer decided about a difference: another person than
// who gave the answer.
func (s *Service) SettlePaper(ctx context.Context, actor models.Actor, number, reason string) (models.PaperCheck, error) {
	if err := models.Can(actor, models.ActPaperSettle, models.Scope{}); err != nil {
		return models.PaperCheck{}, err
	}
	var out models.PaperCheck
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		c, _, err := s.paperFor(tx, actor, models.ActPaperSettle, number)
		if err != nil {
			return err
		}
		if out, err = c.Settle(actor, reason, tx.Now); err != nil {
			return err
		}
		if err := tx.UpdatePaperCheck(out); err != nil {
			return err
		}
		return appendPaper(tx, actor, "paper.settled", out, map[string]any{"differences": out.Differences, "reason": reason})
	})
	return out, err
}
