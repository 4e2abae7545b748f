package models_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"rigistry/models"
)

func issuedOrder() models.DisconnectionOrder {
	return models.DisconnectionOrder{ID: "o1", Number: "DO-1", Kind: models.OrderDisconnect, State: models.OrderIssued, Issued: gateAt, Deadline: gateAt.Add(time.Hour), Reading: -1}
}

func TestDisconnectionOrder_GoesThroughItsStatesInOrder(t *testing.T) {
	o := issuedOrder()
	if _, err := o.Execute(models.Execution{By: "A. B.", At: gateAt}, gateAt); models.CodeOf(err) != models.CodeConflict {
		t.Errorf("executed before it was acknowledged: %v", err)
	}
	if o.Overdue(gateAt.Add(time.Hour-1)) || !o.Overdue(gateAt.Add(time.Hour)) {
		t.Error("overdue not exactly from the deadline on")
	}
	if _, err := o.Acknowledge("A. B.", gateAt.Add(-1), gateAt); models.CodeOf(err) != models.CodeInvalid {
		t.Errorf("planned for the past: %v", err)
	}
	o, err := o.Acknowledge("A. B.", gateAt.Add(time.Hour), gateAt)
	if err != nil || o.State != models.OrderAcknowledged || o.Delivered.IsZero() {
		t.Fatalf("acknowledge: %+v, %v", o, err)
	}
	if _, err := o.Execute(models.Execution{By: "A. B.", At: gateAt.Add(-1)}, gateAt); models.CodeOf(err) != models.CodeInvalid {
		t.Errorf("executed before it was issued: %v", err)
	}
	if _, err := o.Execute(models.Execution{By: "A. B.", At: gateAt, Photo: "cafe"}, gateAt); models.CodeOf(err) != models.CodeInvalid {
		t.Errorf("a photograph without a digest: %v", err)
	}
	if _, err := o.Verify(gateAt); models.CodeOf(err) != models.CodeConflict {
		t.Errorf("verified before it was executed: %v", err)
	}
	if o, err = o.Execute(models.Execution{By: "A. B.", At: gateAt, Reading: 7}, gateAt); err != nil || o.State != models.OrderExecuted || o.Reading != 7 {
		t.Fatalf("execute: %+v, %v", o, err)
	}
	if o, err = o.Verify(gateAt); err != nil || o.State != models.OrderVerified {
		t.Fatalf("verify: %+v, %v", o, err)
	}
	if _, err := o.Object("c1", models.ObjectionOther, "late", gateAt); models.CodeOf(err) != models.CodeConflict {
		t.Errorf("objected after verification: %v", err)
	}
	if _, err := o.Execute(models.Execution{By: "A. B.", At: gateAt}, gateAt); models.CodeOf(err) != models.CodeConflict {
		t.Errorf("executed again although nothing contradicts: %v", err)
	}
}

func TestDisconnectionOrder_OnlyANewExecutionTakesAContradictionAway(t *testing.T) {
	o := issuedOrder()
	o.State, o.Executed, o.Verified = models.OrderVerified, gateAt, gateAt
	o = o.Contradict(400_000, gateAt.Add(time.Hour))
	if _, err := o.CloseVerified(gateAt.Add(2 * time.Hour)); models.CodeOf(err) != models.CodeConflict {
		t.Errorf("a contradicted order was closed: %v", err)
	}
	now := gateAt.Add(3 * time.Hour)
	if _, err := o.Execute(models.Execution{By: "A. B.", At: gateAt.Add(time.Minute)}, now); models.CodeOf(err) != models.CodeInvalid {
		t.Errorf("the execution that was contradicted was reported again: %v", err)
	}
	again, err := o.Execute(models.Execution{By: "A. B.", At: now}, now)
	if err != nil || !again.Contradicted.IsZero() || again.State != models.OrderExecuted || !again.Verified.IsZero() {
		t.Errorf("executed again: %+v, %v", again, err)
	}
}

func TestDisconnectionOrder_AnObjectionIsDecidedByAnother(t *testing.T) {
	o, err := issuedOrder().Object("c1", models.ObjectionCritical, "A hospital.", gateAt)
	if err != nil || !o.Objection.Waits() {
		t.Fatalf("object: %+v, %v", o, err)
	}
	accept := models.ObjectionDecision{Decision: models.ObjectionAccepted, Reply: "Right."}
	if _, err := o.DecideObjection(accept, "c1", gateAt); models.CodeOf(err) != models.CodeFourEyes {
		t.Errorf("who objected decided: %v", err)
	}
	closed, err := o.DecideObjection(accept, "u1", gateAt)
	if err != nil || closed.State != models.OrderClosed || closed.Objection.Waits() {
		t.Errorf("accepted: %+v, %v; want closed", closed, err)
	}
	accept.Deadline = gateAt.Add(48 * time.Hour)
	later, err := o.Escalate(2, gateAt).DecideObjection(accept, "u1", gateAt)
	if err != nil || later.State != models.OrderIssued || !later.Deadline.Equal(accept.Deadline) || later.Escalations != 0 {
		t.Errorf("accepted with a deadline: %+v, %v", later, err)
	}
	refused, err := o.DecideObjection(models.ObjectionDecision{Decision: models.ObjectionRefused, Reply: "It has a second feed."}, "u1", gateAt)
	if err != nil || refused.State != models.OrderIssued || refused.Objection.Waits() || !refused.Deadline.Equal(o.Deadline) {
		t.Errorf("refused: %+v, %v; want the order to go on", refused, err)
	}
	if _, err := refused.DecideObjection(accept, "u2", gateAt); models.CodeOf(err) != models.CodeConflict {
		t.Errorf("decided twice: %v", err)
	}
}

func TestOrders_AreRaisedAtTheDeadlineAndOnEachWorkingDayAfter(t *testing.T) {
	friday := time.Date(2026, 3, 6, 5, 0, 0, 0, time.UTC)
	o := models.DisconnectionOrder{Kind: models.OrderDisconnect, State: models.OrderIssued, Deadline: friday}
	cal := models.NewCalendar([]models.Holiday{{Date: "2026-03-09", Kind: models.DayHoliday}})
	for days, want := range []int64{1, 1, 1, 1, 2, 3} { // Friday, Saturday, Sunday, the holiday, Tuesday, Wednesday
		if got := o.EscalationsDue(cal, friday.AddDate(0, 0, days)); got != want {
			t.Errorf("%d days after the deadline it was to be raised %d times, want %d", days, got, want)
		}
	}
	if got := o.EscalationsDue(cal, friday.Add(-1)); got != 0 {
		t.Errorf("raised %d times before the deadline", got)
	}
	o.Kind = models.OrderReconnect
	if got := o.EscalationsDue(cal, friday.AddDate(0, 0, 5)); got != 0 {
		t.Errorf("a reconnection was raised %d times; nobody has to connect", got)
	}
}

// seriesOf reads the meters of a row, see testdata/order_verification.md.
func seriesOf(t *testing.T, text string) (out []models.MeterSeries) {
	t.Helper()
	if text == "none" {
		return nil
	}
	for i, one := range strings.Split(text, "+") {
		m := models.MeterSeries{Meter: fmt.Sprint("M", i+1), Linked: true}
		var minutes []string
		for _, part := range strings.Fields(one) {
			if part == "unlinked" {
				m.Linked = false
				continue
			}
			times, what, _ := strings.Cut(part, "x")
			n, err := strconv.Atoi(times)
			if err != nil {
				t.Fatalf("%q: %v", part, err)
			}
			for range n {
				minutes = append(minutes, what)
			}
		}
		for k, what := range minutes {
			r := models.Reading{Meter: m.Meter, At: gateAt.Add(time.Duration(k-len(minutes)+1) * time.Minute)}
			if what == "-" {
				continue
			}
			if what == "bad" {
				r.Quality = models.QualityCommError
			} else {
				value, estimated := strings.CutPrefix(what, "est")
				kw, err := strconv.ParseFloat(value, 64)
				if err != nil {
					t.Fatalf("%q: %v", what, err)
				}
				r.Values.Set(models.QPTotal, int64(kw*1000))
				if estimated {
					r.Quality = models.QualityEstimated
				}
			}
			m.Readings = append(m.Readings, r)
		}
		out = append(out, m)
	}
	return out
}

func TestOrderVerification_EveryRowOfTheTableIsWhatTheMetersSay(t *testing.T) {
	text, err := os.ReadFile("testdata/order_verification.md")
	if err != nil {
		t.Fatal(err)
	}
	word := map[bool]string{true: "yes", false: "no"}
	seen := map[models.OrderVerdict]bool{}
	rows := 0
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 7 || strings.HasPrefix(cells[0], "---") || strings.TrimSpace(cells[0]) == "order" {
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		rows++
		minutes, err := strconv.Atoi(cells[1])
		if err != nil {
			t.Fatal(err)
		}
		o := models.DisconnectionOrder{Kind: models.OrderKind(cells[0]), State: models.OrderExecuted, Executed: gateAt.Add(-time.Duration(minutes) * time.Minute)}
		if o.Kind == models.OrderLimit {
			o.Limit = 100_000
		}
		e := o.Judge(seriesOf(t, cells[2]), gateAt, models.DefaultGateParameters())
		seen[e.Verdict] = true
		got := []string{string(e.Verdict), word[e.Verifies(o.Kind)], word[e.Contradicts], word[e.Verdict.NeedsPerson()]}
		if strings.Join(got, " ") != strings.Join(cells[3:], " ") {
			t.Errorf("%s %s: got %v, want %v", cells[0], cells[2], got, cells[3:])
		}
		if _, err := o.VerifyByHand("u1", "Seen.", e, gateAt); (err == nil) != (cells[6] == "yes") {
			t.Errorf("%s %s: a person verifies: %v", cells[0], cells[2], err)
		}
	}
	if rows < 30 || len(seen) != 6 {
		t.Errorf("%d rows with %d verdicts were read, want 30 or more with all 6", rows, len(seen))
	}
}

func TestGateParameters_HoldFromTheirDayOn(t *testing.T) {
	row := func(code, value, from, until string) models.ReferenceRow {
		return models.ReferenceRow{Values: map[string]string{"code": code, "value": value}, ValidFrom: from, ValidUntil: until}
	}
	rows := []models.ReferenceRow{row("quiet_minutes", "15", "2026-01-01", "2026-07-01"), row("quiet_minutes", "30", "2026-07-01", "")}
	before, err := models.GateParametersOn(rows, "2026-06-30")
	after, err2 := models.GateParametersOn(rows, "2026-07-01")
	if err != nil || err2 != nil || before.QuietTime != 15*time.Minute || after.QuietTime != 30*time.Minute || after.From != "2026-07-01" {
		t.Errorf("before %+v (%v), after %+v (%v)", before, err, after, err2)
	}
	if models.RulesVersion(before) == models.RulesVersion(after) {
		t.Error("another number gives the same version of the rules")
	}
	table, err := models.ReferenceTableOf(models.RefGate)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ value, unit, op, want string }{
		{"20", "minutes", "add", ""}, {"2", "minutes", "add", "range"}, {"20", "w", "add", "choice"}, {"20", "minutes", "close", "choice"},
	} {
		line := models.ReferenceLine{Op: models.ReferenceOp(c.op), From: "2026-12-01", Values: map[string]string{"code": "quiet_minutes", "value": c.value, "unit": c.unit, "legal_ref": "x", "grade": "R"}}
		_, err := table.Effects([]models.ReferenceLine{line}, rows, "2026-11-22")
		if got := fmt.Sprint(err); (err == nil) != (c.want == "") {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

func TestOrderTerms_AreCountedInHoursOrWorkingDays(t *testing.T) {
	friday := time.Date(2026, 3, 6, 5, 0, 0, 0, time.UTC)
	rows := []models.ReferenceRow{{Values: map[string]string{"ground": "license.revoked", "orders": "1", "term": "2", "unit": "working_days"}, ValidFrom: "2026-01-01"}}
	term, err := models.OrderTermOn(rows, "license.revoked", "2026-03-06")
	if err != nil || !term.Orders {
		t.Fatal(term, err)
	}
	cal := models.NewCalendar([]models.Holiday{{Date: "2026-03-09", Kind: models.DayHoliday}})
	end, err := term.Deadline(cal, friday)
	if want := time.Date(2026, 3, 11, 19, 0, 0, 0, time.UTC); err != nil || !end.Equal(want) {
		t.Errorf("two working days after Friday end %s (%v), want %s", end, err, want)
	}
	if none, err := models.OrderTermOn(rows, "license.expired", "2026-03-06"); err != nil || none.Orders {
		t.Errorf("a ground without a row makes orders: %+v, %v", none, err)
	}
}
