package gate

import (
	"slices"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// sheet issues a block of numbers to the utility and gives its lines as an officer
// sees them.
func (w *world) sheet(count int64) []PaperLine {
	w.t.Helper()
	w.drew(pointCode, 0)
	b, err := w.gate.IssuePaperBlock(w.ctx, person("o1"), "PRES", count)
	w.must(err)
	_, lines, err := w.gate.PaperSheet(w.ctx, person("o1"), b.ID)
	w.must(err)
	return lines
}

// phone is a call now about the usual question that ended with a permit for 900 kW and
// an energisation.
func (w *world) phone() (models.PaperAnswer, models.PaperReport) {
	at := w.clock.Now()
	return models.PaperAnswer{Question: w.request(), Outcome: models.OutcomePermit, Max: 900_000, At: at},
		models.PaperReport{Question: w.request(), Outcome: models.OutcomePermit, At: at, Person: "Dispatcher", EnergisedAt: at.Add(10 * time.Minute), Power: 850_000,
			MeterSerial: "SN-" + pointCode, SwitchingOrder: "SO-1"}
}

func TestPaper_BothSidesAndTheGateOfThatInstantAgreeAndTheLoadIsHeldByTheNormalRule(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		line := w.sheet(3)[1]
		a, r := w.phone()
		w.clock.Advance(2 * time.Hour)
		w.read(pointCode, 0)
		w.seal()
		w.seal()
		c, err := w.gate.ReportPaper(w.ctx, w.pres, " "+line.Number+" ", line.Codes[models.OutcomePermit], "en", r)
		if err != nil || c.State != models.PaperReported || c.Check == "" {
			t.Fatalf("the utility's side: %+v %v", c, err)
		}
		held, err := w.gate.Get(w.ctx, w.pres, c.Check)
		w.must(err)
		if held.Answer.Decision != models.OutcomePermit || held.Answer.Max != 850_000 || held.Reservation == nil || held.Reservation.State != "held" {
			t.Errorf("its load: %+v %+v, want it held and not confirmed", held.Answer, held.Reservation)
		}
		c, err = w.gate.AnswerPaper(w.ctx, person("o1"), line.Number, line.Call, a)
		if err != nil || c.State != models.PaperMatched || c.Gate != models.OutcomePermit || len(c.Differences) != 0 {
			t.Errorf("both sides: %+v %v", c, err)
		}
		for name, call := range map[string]func() error{
			"the registry's side": func() error { _, err := w.gate.AnswerPaper(w.ctx, person("o1"), line.Number, line.Call, a); return err },
			"the utility's side": func() error {
				_, err := w.gate.ReportPaper(w.ctx, w.pres, line.Number, line.Codes[models.OutcomePermit], "en", r)
				return err
			},
		} {
			if err := call(); models.CodeOf(err) != models.CodeConflict {
				t.Errorf("%s a second time: %v, want a conflict", name, err)
			}
		}
	})
}

func TestPaper_APermitThatTheGateWouldNotHaveGivenIsADifferenceForAnotherPerson(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		line := w.sheet(1)[0]
		hold := w.stand(models.StandingFact{Kind: models.StandingHold, Scope: models.ScopePoint, ScopeID: pointCode})
		w.clock.Advance(time.Minute)
		a, r := w.phone()
		w.clock.Advance(time.Hour)
		_, err := w.gate.EndStanding(w.ctx, person("o2"), hold.ID, "settled") // today the gate would permit
		w.must(err)
		w.clock.Advance(25 * time.Hour)
		w.read(pointCode, 0)
		w.seal()
		w.seal()
		_, err = w.gate.AnswerPaper(w.ctx, person("o1"), line.Number, line.Call, a)
		w.must(err)
		r.Power = 901_000
		c, err := w.gate.ReportPaper(w.ctx, w.pres, line.Number, line.Codes[models.OutcomePermit], "en", r)
		w.must(err)
		want := []models.PaperDifference{models.PaperGateDiffers, models.PaperCapExceeded, models.PaperLate}
		if c.State != models.PaperDiffers || c.Gate != models.OutcomeDeny || !slices.Equal(c.Differences, want) || !slices.Contains(c.GateReasons, "LEGAL_HOLD") {
			t.Fatalf("%+v, want %v by LEGAL_HOLD", c, want)
		}
		if _, err := w.gate.SettlePaper(w.ctx, person("o1"), line.Number, "mine"); models.CodeOf(err) != models.CodeFourEyes {
			t.Errorf("settled by who answered: %v", err)
		}
		if c, err = w.gate.SettlePaper(w.ctx, person("o2"), line.Number, "switched off again"); err != nil || c.State != models.PaperSettled {
			t.Errorf("settled: %+v %v", c, err)
		}
	})
}

func TestPaper_ALoadThatHasNoRoomWhenItIsEnteredIsADifferenceAndIsNotHeld(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		line := w.sheet(1)[0]
		a, r := w.phone()
		w.clock.Advance(time.Minute)
		if first := w.check(w.request()); first.Decision != models.OutcomePermit {
			t.Fatalf("%+v", first)
		}
		w.clock.Advance(time.Hour)
		w.read(pointCode, 0)
		w.seal()
		w.seal()
		before := w.load()
		c, err := w.gate.ReportPaper(w.ctx, w.pres, line.Number, line.Codes[models.OutcomePermit], "en", r)
		w.must(err)
		if c, err = w.gate.AnswerPaper(w.ctx, person("o1"), line.Number, line.Call, a); err != nil || !slices.Contains(c.Differences, models.PaperLoadRefused) || c.Gate != models.OutcomePermit {
			t.Errorf("%+v %v, want load_refused", c, err)
		}
		if after := w.load(); after != before {
			t.Errorf("the load went from %s to %s, want the same", before, after)
		}
	})
}

func TestPaper_UnknownForeignMisspeltAndGuessedNumbersAreRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		line := w.sheet(1)[0]
		_, r := w.phone()
		w.clock.Advance(time.Hour)
		permit := line.Codes[models.OutcomePermit]
		for name, c := range map[string]struct {
			actor        models.Actor
			number, code string
			want         models.Code
		}{
			"a number of no block":          {w.pres, models.PaperNumber(99), permit, models.CodeNotFound},
			"a number of another's block":   {w.rival, line.Number, permit, models.CodeNotFound},
			"a number with a swapped digit": {w.pres, "PC-000001-0", permit, models.CodeInvalid},
			"the code of a denial":          {w.pres, line.Number, line.Codes[models.OutcomeDeny], models.CodeInvalid},
			"the code of the call":          {w.pres, line.Number, line.Call, models.CodeInvalid},
			"the registry's own people":     {person("o1"), line.Number, permit, models.CodeForbidden},
		} {
			if _, err := w.gate.ReportPaper(w.ctx, c.actor, c.number, c.code, "en", r); models.CodeOf(err) != c.want {
				t.Errorf("%s: %v, want %s", name, err, c.want)
			}
		}
		for range 3 {
			_, err := w.gate.ReportPaper(w.ctx, w.pres, line.Number, "WRONG2", "en", r)
			if models.CodeOf(err) != models.CodeInvalid {
				t.Errorf("a wrong code: %v", err)
			}
		}
		if _, err := w.gate.ReportPaper(w.ctx, w.pres, line.Number, permit, "en", r); models.CodeOf(err) != models.CodeConflict {
			t.Errorf("the right code after five wrong ones: %v, want the number spoiled", err)
		}
		if checks, err := w.gate.Checks(w.ctx, w.pres, RecordFilter{}, store.Page{}); err != nil || len(checks) != 0 {
			t.Errorf("refused forms asked the gate %d times (%v)", len(checks), err)
		}
	})
}

func TestPaper_TheUtilitysSheetHasNoCodesOfAnswers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b, err := w.gate.IssuePaperBlock(w.ctx, person("o1"), "PRES", 2)
		w.must(err)
		_, lines, err := w.gate.PaperSheet(w.ctx, w.pres, b.ID)
		if err != nil || len(lines) != 2 || len(lines[0].Call) != callCodeSize || lines[0].Codes != nil || lines[0].Number >= lines[1].Number {
			t.Errorf("%+v %v", lines, err)
		}
		if _, _, err := w.gate.PaperSheet(w.ctx, w.rival, b.ID); models.CodeOf(err) != models.CodeNotFound {
			t.Errorf("another utility's sheet: %v", err)
		}
		auditor := models.Actor{ID: "a", Roles: []models.Role{models.RoleAuditor}}
		if _, lines, err := w.gate.PaperSheet(w.ctx, auditor, b.ID); err != nil || lines[0].Call != "" || lines[0].Codes != nil {
			t.Errorf("an auditor's sheet has codes: %+v %v", lines, err)
		}
	})
}
