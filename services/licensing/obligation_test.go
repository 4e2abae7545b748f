package licensing_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/licensing"
	"rigistry/services/store"
)

func (r *registry) sweep() {
	r.t.Helper()
	if err := r.SweepObligations(r.ctx); err != nil {
		r.t.Fatalf("SweepObligations: %v", err)
	}
}

// on moves the clock to a moment of a legal date in Astana.
func (r *registry) on(date string, sinceMidnight time.Duration) {
	at, err := models.StartOfDay(date)
	if err != nil {
		r.t.Fatal(err)
	}
	r.clock.Set(at.Add(sinceMidnight))
}

func (r *registry) obligations(f store.ObligationFilter) []licensing.ObligationView {
	r.t.Helper()
	list, _, err := r.Obligations(r.ctx, officer, f, store.Page{Limit: 1000})
	if err != nil {
		r.t.Fatal(err)
	}
	return list
}

func (r *registry) report(license, period string) licensing.ObligationView {
	r.t.Helper()
	list := r.obligations(store.ObligationFilter{License: license, Kind: models.ObligationReport, Period: period})
	if len(list) != 1 {
		r.t.Fatalf("%d reports of %s for %s, want one", len(list), license, period)
	}
	return list[0]
}

func (r *registry) blocking(license string) (n int) {
	r.t.Helper()
	err := r.store.View(r.ctx, func(tx *store.Tx) error {
		list, err := tx.BlockingObligations(license)
		n = len(list)
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return n
}

var handedReport = models.Handed{Energy: []models.SourceEnergy{{Source: "auction", Energy: 1_000_000}}, Document: "R-1"}

func TestObligations_AreRaisedOnceByTheCalendarAndEndWithTheLicense(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		l := r.licensed("CP1") // on 2 March 2026
		for range 3 {
			r.sweep()
		}
		kinds := map[string]string{}
		for _, o := range r.obligations(store.ObligationFilter{License: l.Number}) {
			kinds[o.Kind] += o.Period + " " + o.Due + " " + string(o.Shown) + ";"
		}
		want := map[string]string{models.ObligationReport: "2026-Q1 2026-04-10 upcoming;", models.ObligationMiningFee: "2026-Q1 2026-04-20 upcoming;",
			models.ObligationLicenseFee: "2026-03-02 2026-03-12 accepted;"}
		if fmt.Sprint(kinds) != fmt.Sprint(want) {
			t.Errorf("obligations = %v, want %v", kinds, want)
		}
		r.on("2026-10-02", 9*time.Hour) // the program slept over two quarters
		r.sweep()
		r.sweep()
		var periods []string
		for _, o := range r.obligations(store.ObligationFilter{License: l.Number, Kind: models.ObligationReport}) {
			periods = append(periods, o.Period+" "+o.Due+" "+string(o.Shown))
		}
		if fmt.Sprint(periods) != "[2026-Q1 2026-04-10 overdue 2026-Q2 2026-07-10 overdue 2026-Q3 2026-10-12 due 2026-Q4 2027-01-11 upcoming]" {
			t.Errorf("after half a year asleep: %v", periods)
		}
		if n := len(r.entries("obligation.overdue")); n != 4 {
			t.Errorf("%d entries obligation.overdue, want 4: two reports and two fees", n)
		}
		err := r.store.Update(r.ctx, func(tx *store.Tx) error {
			l, err := tx.License(l.Number, time.Time{})
			if err != nil {
				return err
			}
			ended, err := l.Terminate(models.Act{Ground: "HOLDER_REQUEST", Signer: "u-head"}, tx.Now)
			if err != nil {
				return err
			}
			return tx.InsertLicense(ended)
		})
		if err != nil {
			t.Fatal(err)
		}
		r.sweep()
		states := map[string]int{}
		for _, o := range r.obligations(store.ObligationFilter{License: l.Number}) {
			states[o.Kind+" "+string(o.Shown)]++
		}
		wantStates := map[string]int{"QUARTERLY_REPORT ended": 4, "DIGITAL_MINING_FEE overdue": 2, "DIGITAL_MINING_FEE due": 1, "DIGITAL_MINING_FEE upcoming": 1,
			"LICENSE_FEE accepted": 1, "STOPPING_NOTICE due": 1}
		if fmt.Sprint(states) != fmt.Sprint(wantStates) {
			t.Errorf("after the end: %v, want %v", states, wantStates)
		}
	})
}

func TestObligations_OverdueBlocksUntilAcceptedAndTasksFollow(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		l := r.licensed("CP1")
		r.sweep()
		r.on("2026-04-10", 24*time.Hour-time.Microsecond)
		if n := r.blocking(l.Number); n != 0 {
			t.Errorf("%d obligations block on the last day", n)
		}
		r.on("2026-04-11", 0)
		if n := r.blocking(l.Number); n != 1 {
			t.Errorf("%d obligations block from local midnight on, before anything was recorded; want 1", n)
		}
		r.sweep()
		open := func(kind models.TaskKind) int {
			list, _, err := r.TaskList(r.ctx, officer, licensing.TaskQuery{TaskFilter: store.TaskFilter{State: "open", Kind: string(kind)}}, store.Page{})
			if err != nil {
				t.Fatal(err)
			}
			return len(list)
		}
		if n := open(models.TaskObligationOverdue); n != 1 {
			t.Errorf("%d tasks for what is overdue, want 1", n)
		}
		o := r.report(l.Number, "2026-Q1")
		applicant := models.Actor{ID: "u-applicant", Kind: "person", Roles: []models.Role{models.RoleApplicant}, Party: o.Party}
		stranger := models.Actor{ID: "u-x", Kind: "person", Roles: []models.Role{models.RoleApplicant}, Party: "somebody"}
		_, err := r.FulfilObligation(r.ctx, stranger, o.ID, o.Version, handedReport)
		wantCode(t, "a stranger's report", err, models.CodeNotFound)
		_, err = r.FulfilObligation(r.ctx, officer, o.ID, o.Version, handedReport)
		wantCode(t, "an officer's report", err, models.CodeForbidden)
		_, err = r.FulfilObligation(r.ctx, applicant, o.ID, o.Version-1+100, handedReport)
		wantCode(t, "an old version", err, models.CodeVersionConflict)
		o = must(r.FulfilObligation(r.ctx, applicant, o.ID, o.Version, handedReport))
		if r.blocking(l.Number) != 1 || open(models.TaskObligationAccept) != 1 {
			t.Error("handed in late, it blocks until it is accepted, and an officer has a task")
		}
		o = must(r.ReturnObligation(r.ctx, officer, o.ID, o.Version, "The sum is wrong"))
		o = must(r.FulfilObligation(r.ctx, applicant, o.ID, o.Version, handedReport))
		if n := open(models.TaskObligationAccept); n != 1 {
			t.Errorf("handed in again on the same day: %d tasks, want 1", n)
		}
		before := r.clock.Now()
		r.clock.Advance(time.Minute)
		o = must(r.AcceptObligation(r.ctx, officer, o.ID, o.Version))
		if r.blocking(l.Number) != 0 || open(models.TaskObligationAccept)+open(models.TaskObligationOverdue) != 0 {
			t.Error("accepted, it blocks no longer and its tasks are done")
		}
		was, err := r.Obligation(r.ctx, officer, o.ID, before)
		if err != nil || was.Shown != models.ObligationFulfilled || o.Shown != models.ObligationAccepted {
			t.Errorf("as at before: %s (%v), now %s", was.Shown, err, o.Shown)
		}
		past := r.obligations(store.ObligationFilter{License: l.Number, State: models.ObligationFulfilled, AsAt: before})
		if len(past) != 1 {
			t.Errorf("the list as at before has %d fulfilled, want 1", len(past))
		}
	})
}

func TestObligations_AWaiverTakesTwoPeopleInTheDatabaseToo(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		l := r.licensed("CP1")
		r.sweep()
		r.on("2026-04-15", time.Hour)
		o := r.report(l.Number, "2026-Q1")
		_, err := r.ProposeWaiver(r.ctx, officer, o.ID, o.Version, models.Waiver{Ground: "NO_SUCH", Note: "x"})
		wantCode(t, "an unknown ground", err, models.CodeInvalid)
		o = must(r.ProposeWaiver(r.ctx, both, o.ID, o.Version, models.Waiver{Ground: "NOTHING_OWED", Note: "Off all quarter"}))
		_, err = r.ConfirmWaiver(r.ctx, both, o.ID, o.Version)
		wantCode(t, "confirming one's own", err, models.CodeFourEyes)
		err = r.store.Update(r.ctx, func(tx *store.Tx) error {
			forged := o.Obligation
			forged.State, forged.DecidedBy, forged.DecidedAt = models.ObligationWaived, both.ID, tx.Now
			forged.Version++
			return tx.UpdateObligation(forged)
		})
		if err == nil {
			t.Error("the database let one person waive")
		}
		if r.blocking(l.Number) != 1 {
			t.Error("a proposal alone lets the gate go")
		}
		o = must(r.ConfirmWaiver(r.ctx, head, o.ID, o.Version))
		if o.Shown != models.ObligationWaived || r.blocking(l.Number) != 0 {
			t.Errorf("waived: %s, %d block", o.Shown, r.blocking(l.Number))
		}
	})
}

func TestReminders_EachExactlyOnceAcrossRestartsSleepAndTwoProcesses(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		l := r.licensed("CP1") // the report of the first quarter is due on 10 April: 39 days ahead
		other := licensing.New(r.store)
		at := func(date string, sinceMidnight time.Duration) {
			r.on(date, sinceMidnight)
			var wg sync.WaitGroup
			for _, s := range []*licensing.Service{r.Service, other, licensing.New(r.store)} {
				wg.Go(func() {
					if err := s.SweepObligations(r.ctx); err != nil {
						t.Errorf("%s: %v", date, err)
					}
				})
			}
			wg.Wait()
		}
		sent := func() (out []string) {
			o := r.report(l.Number, "2026-Q1")
			for _, e := range r.entries("obligation.reminder") {
				if e.Subject.ID == o.ID {
					out = append(out, e.Body)
				}
			}
			return out
		}
		at("2026-03-10", 24*time.Hour-time.Microsecond)
		if n := len(sent()); n != 0 {
			t.Errorf("%d reminders before the day of the first, want 0: the one of 90 days was before the license", n)
		}
		at("2026-03-11", 0)
		at("2026-03-11", time.Hour)
		if n := len(sent()); n != 1 {
			t.Errorf("%d reminders at the local midnight 30 days before, want 1", n)
		}
		at("2026-04-08", 3*time.Hour) // asleep on the day of seven
		at("2026-04-09", 3*time.Hour)
		if n := len(sent()); n != 2 {
			t.Errorf("%d reminders after a sleep over the day of seven, want 2: %v", n, sent())
		}
		applicant := models.Actor{ID: "u-a", Kind: "person", Roles: []models.Role{models.RoleApplicant}, Party: l.Holder}
		notices, unread, _, err := r.Notices(r.ctx, applicant, store.NoticeFilter{}, store.Page{})
		of := func(kind string) (n int) {
			for _, x := range notices {
				if x.Data.Obligation == kind {
					n++
				}
			}
			return n
		}
		if err != nil || of(models.ObligationReport) != 2 || unread != int64(len(notices)) {
			t.Errorf("the holder has %d notices about the report, %d of %d unread (%v)", of(models.ObligationReport), unread, len(notices), err)
		}
		must(r.ReadNotice(r.ctx, applicant, notices[0].ID))
		_, err = r.ReadNotice(r.ctx, models.Actor{ID: "u-b", Kind: "person", Roles: []models.Role{models.RoleApplicant}, Party: "else"}, notices[1].ID)
		wantCode(t, "reading another party's notice", err, models.CodeNotFound)
		if _, unread, _, _ = r.Notices(r.ctx, applicant, store.NoticeFilter{}, store.Page{}); unread != int64(len(notices)-1) {
			t.Errorf("%d unread after reading one of %d", unread, len(notices))
		}
	})
}

func TestReminders_OfALicenseTermThatEnds(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		l := r.licensed("CP1") // until 2 March 2029, the last day
		days := func(date string) (out []int) {
			r.on(date, time.Minute)
			r.sweep()
			for _, e := range r.entries("license.reminder") {
				if e.Subject.ID == l.Number {
					out = append(out, len(e.Body))
				}
			}
			return out
		}
		for _, c := range []struct {
			date string
			want int
		}{{"2028-12-01", 0}, {"2028-12-02", 1}, {"2028-12-03", 1}, {"2029-02-22", 2}, {"2029-02-23", 3}, {"2029-03-02", 3}} {
			if got := days(c.date); len(got) != c.want {
				t.Errorf("on %s %d reminders, want %d", c.date, len(got), c.want)
			}
		}
		tasks, _, err := r.TaskList(r.ctx, officer, licensing.TaskQuery{TaskFilter: store.TaskFilter{Kind: string(models.TaskLicenseRenewal)}}, store.Page{})
		if err != nil || len(tasks) != 1 || tasks[0].Due != "2029-03-02" {
			t.Errorf("tasks to renew: %+v (%v), want one due on the last day", tasks, err)
		}
	})
}

func TestObligations_DueDatesMoveWithTheCalendar(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		l := r.licensed("CP1")
		r.sweep()
		period := must(r.ProposeTolling(r.ctx, officer, models.Tolling{From: "2026-04-10", Until: "2026-04-14", Reason: "The portal is down", LegalRef: "Order 7"}))
		r.sweep()
		if due := r.report(l.Number, "2026-Q1").Due; due != "2026-04-10" {
			t.Errorf("a proposal moved the due date to %s", due)
		}
		must(r.ConfirmTolling(r.ctx, head, period.ID))
		r.sweep()
		r.sweep()
		if due := r.report(l.Number, "2026-Q1").Due; due != "2026-04-14" {
			t.Errorf("due %s, want 2026-04-14: the first day that counts again", due)
		}
		if n := len(r.entries("obligation.due_moved")); n != 1 {
			t.Errorf("%d entries of a moved due date, want 1", n)
		}
	})
}

func TestEvidence_SaysWhatIsNotKnownAndNeverZero(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		l := r.licensed("CP1")
		r.sweep()
		r.on("2026-04-02", time.Hour)
		fee := r.obligations(store.ObligationFilter{License: l.Number, Kind: models.ObligationMiningFee})[0]
		e := must(r.ObligationEvidence(r.ctx, officer, fee.ID))
		if e.Known || e.Whole || e.FeeMeasured != nil || !slices.Equal(e.NoMeter, []string{"CP1"}) {
			t.Errorf("without a meter: %+v; want nothing known and the point named", e)
		}
		h := models.Handed{Energy: []models.SourceEnergy{{Source: "auction", Energy: 10_000}}, Amount: 25_000, Document: "PP-1"}
		must(r.FulfilObligation(r.ctx, clerk, fee.ID, fee.Version, h))
		e = must(r.ObligationEvidence(r.ctx, officer, fee.ID))
		if e.FeeDeclared == nil || e.FeeDeclared.Total != 25_000 || e.FeeDeclared.Lines[0].Rates[0].Source != models.GroundNoMeter {
			t.Errorf("fee on what was declared = %+v, want 10 kWh at 25 tenge: no meter raises the rate", e.FeeDeclared)
		}
	})
}

func TestTasks_OnlyWhoHasTheRoleDoesThem(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		l := r.licensed("CP1")
		err := r.store.Update(r.ctx, func(tx *store.Tx) error {
			_, err := tx.InsertTask(models.Task{Kind: models.TaskSuspensionEnds, Subject: models.Ref{Kind: "license", ID: l.Number}, License: l.Number,
				Party: l.Holder, Due: "2026-03-05", Role: models.RoleHead})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		mine := func(actor models.Actor) []licensing.TaskView {
			list, _, err := r.TaskList(r.ctx, actor, licensing.TaskQuery{Mine: true}, store.Page{})
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		if len(mine(officer)) != 0 || len(mine(head)) != 1 {
			t.Fatalf("on the desk of the officer %d, of the head %d; want 0 and 1", len(mine(officer)), len(mine(head)))
		}
		task := mine(head)[0]
		_, err = r.CompleteTask(r.ctx, officer, task.ID, task.Version, "done")
		wantCode(t, "an officer on a head's task", err, models.CodeForbidden)
		_, err = r.CompleteTask(r.ctx, head, task.ID, task.Version, " ")
		wantCode(t, "without a word", err, models.CodeInvalid)
		_, err = r.AssignTask(r.ctx, head, task.ID, task.Version, "nobody")
		wantCode(t, "to nobody known", err, models.CodeInvalid)
		task = must(r.AssignTask(r.ctx, head, task.ID, task.Version, head.ID))
		if len(mine(both)) != 0 {
			t.Error("what is assigned to one head is on the desk of another")
		}
		task = must(r.CompleteTask(r.ctx, head, task.ID, task.Version, "Lifted by order 5"))
		if task.State != models.TaskDone || len(task.Allowed) != 0 {
			t.Errorf("done: %+v", task)
		}
		_, err = r.CompleteTask(r.ctx, head, task.ID, task.Version, "again")
		wantCode(t, "twice", err, models.CodeConflict)
		holder := models.Actor{ID: "u-a", Kind: "person", Roles: []models.Role{models.RoleApplicant}, Party: l.Holder}
		if list, _, err := r.TaskList(r.ctx, holder, licensing.TaskQuery{}, store.Page{}); err != nil || len(list) != 0 {
			t.Errorf("the holder sees %d tasks of the registry (%v)", len(list), err)
		}
	})
}
