package licensing_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/licensing"
	"rigistry/services/store"
)

var deputy = models.Actor{ID: "u-deputy", Kind: "person", Name: "Deputy", Roles: []models.Role{models.RoleHead}, Unit: "legal"}

// act is an act as a person drafts it.
func act(number string, kind models.LicenseActKind, ground string, months int) models.LicenseAct {
	return models.LicenseAct{License: number, Kind: kind, Ground: ground, Months: months}
}

// done has an act drafted by the officer and signed by the head.
func (r *registry) done(number string, kind models.LicenseActKind, ground string, months int) models.License {
	r.t.Helper()
	a := must(r.DraftAct(r.ctx, officer, act(number, kind, ground, months), licensing.AnyVersion))
	return *must(r.SignAct(r.ctx, head, a.ID, a.Version)).License
}

// inRegister are the entries of a kind but for those of the utilities' feeds.
func (r *registry) inRegister(kind string) []store.LedgerEntry {
	return slices.DeleteFunc(r.entries(kind), func(e store.LedgerEntry) bool { return e.Utility != "" })
}

func TestActs_OnePersonIsNeverOnBothSides(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		l := r.licensed("CP1")
		a := must(r.DraftAct(r.ctx, both, act(l.Number, models.SuspensionAct, "FALSE_INFORMATION", 3), 1))
		_, err := r.SignAct(r.ctx, both, a.ID, a.Version)
		wantCode(t, "the drafter signing", err, models.CodeFourEyes)
		_, err = r.SignAct(r.ctx, officer, a.ID, a.Version)
		wantCode(t, "an officer signing", err, models.CodeForbidden)
		err = r.store.Update(r.ctx, func(tx *store.Tx) error {
			bad := a
			bad.State, bad.Signer, bad.ClosedBy, bad.ClosedAt, bad.Version = models.LicenseActSigned, bad.Drafter, bad.Drafter, tx.Now, a.Version+1
			return tx.UpdateLicenseAct(bad)
		})
		wantCode(t, "the drafter as signer in the table", err, models.CodeConflict)
		if got := must(r.License(r.ctx, head, l.Number, time.Time{})); got.Version != 1 {
			t.Fatalf("a draft made version %d", got.Version)
		}
		got := must(r.SignAct(r.ctx, head, a.ID, a.Version)).License
		if got.Version != 2 || got.State != models.LicenseSuspended || got.Drafter != both.ID || got.Signer != head.ID || got.ActID != a.ID {
			t.Errorf("signed = %+v", got)
		}
		_, err = r.SignAct(r.ctx, deputy, a.ID, licensing.AnyVersion)
		wantCode(t, "a second signature", err, models.CodeConflict)

		sameUnit := officer
		sameUnit.ID, sameUnit.Unit = "u-officer9", deputy.Unit
		b := must(r.DraftAct(r.ctx, sameUnit, act(l.Number, models.LiftAct, "CURED", 0), licensing.AnyVersion))
		_, err = r.SignAct(r.ctx, deputy, b.ID, b.Version)
		wantCode(t, "a signer of the drafter's unit", err, models.CodeFourEyes)
		if got := must(r.SignAct(r.ctx, head, b.ID, b.Version)).License; got.State != models.LicenseActive || got.Version != 3 {
			t.Errorf("lifted = %+v", got)
		}
	})
}

func TestOrder_WhatItIsDependsOnWhoGivesIt(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		l := r.licensed("CP1")
		drafted := must(r.Suspend(r.ctx, officer, l.Number, suspend3))
		if drafted.License != nil || drafted.Act.State != models.LicenseActDrafted {
			t.Fatalf("an officer's order = %+v, want a draft", drafted)
		}
		_, err := r.Suspend(r.ctx, officer, l.Number, suspend3)
		wantCode(t, "the same draft again", err, models.CodeConflict)
		tired := suspend3
		tired.Proof = models.Errorf(models.CodeStepUp, "prove it")
		_, err = r.Suspend(r.ctx, head, l.Number, tired)
		wantCode(t, "signing without the password", err, models.CodeStepUp)
		signed := must(r.Suspend(r.ctx, head, l.Number, suspend3))
		if signed.License == nil || signed.Act.ID != drafted.Act.ID || signed.Act.State != models.LicenseActSigned || signed.License.Drafter != officer.ID {
			t.Fatalf("the head's order = %+v, want the officer's draft signed", signed)
		}
		for _, kind := range []struct {
			run    func(licensing.Order) (licensing.ActResult, error)
			ground string
		}{
			{func(o licensing.Order) (licensing.ActResult, error) { return r.Lift(r.ctx, head, l.Number, o) }, "CURED"},
			{func(o licensing.Order) (licensing.ActResult, error) { return r.Revoke(r.ctx, head, l.Number, o) }, "COURT"},
			{func(o licensing.Order) (licensing.ActResult, error) { return r.Terminate(r.ctx, head, l.Number, o) }, "HOLDER_REQUEST"},
		} {
			got := must(kind.run(licensing.Order{Ground: kind.ground}))
			if got.License != nil || got.Act.State != models.LicenseActDrafted {
				t.Errorf("a head alone: %+v, want a draft", got)
			}
		}
		lifted := must(r.Lift(r.ctx, deputy, l.Number, licensing.Order{Ground: "CURED"}))
		if lifted.License == nil || lifted.License.State != models.LicenseActive {
			t.Fatalf("the second head's order = %+v, want the first one's draft signed", lifted)
		}
		for _, a := range r.acts(l.Number, models.LicenseActVoid) {
			if !strings.Contains(a.Reason, "version 3") {
				t.Errorf("void act %s says %q", a.Number, a.Reason)
			}
		}
		if n := len(r.acts(l.Number, models.LicenseActVoid)); n != 2 {
			t.Errorf("%d drafts are void after the license changed, want the revocation and the termination", n)
		}
	})
}

func (r *registry) acts(number string, state models.LicenseActState) []licensing.DescribedAct {
	out, _ := must2(r.Acts(r.ctx, head, store.LicenseActFilter{License: number, State: string(state)}, store.Page{}))
	return out
}

func TestUrgentSuspension_HoldsUntilTheNextWorkingDayAndFallsUnconfirmed(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		r.clock.Set(time.Date(2026, 3, 6, 10, 0, 0, 0, time.UTC)) // Friday; Monday 9 March is off
		confirmed, fallen, refused := r.licensed("CP1"), r.licensed("CP2"), r.licensed("CP3")
		end := time.Date(2026, 3, 10, 19, 0, 0, 0, time.UTC) // midnight after Tuesday 10 March
		urgent := map[string]models.LicenseAct{}
		for _, l := range []models.License{confirmed, fallen, refused} {
			tired := suspend3
			tired.Proof = models.Errorf(models.CodeStepUp, "prove it")
			_, err := r.Suspend(r.ctx, head, l.Number, tired)
			wantCode(t, "an urgent suspension without a fresh proof of who signs", err, models.CodeStepUp)
			got := must(r.Suspend(r.ctx, head, l.Number, suspend3))
			if got.License == nil || got.License.State != models.LicenseSuspended || got.Act.State != models.LicenseActProvisional || !got.Act.ConfirmBy.Equal(end) {
				t.Fatalf("urgent = %+v, want provisional until %s", got, end)
			}
			urgent[l.Number] = got.Act
		}
		_, err := r.ConfirmAct(r.ctx, head, urgent[confirmed.Number].ID, licensing.AnyVersion)
		wantCode(t, "the head confirming itself", err, models.CodeFourEyes)
		_, err = r.ConfirmAct(r.ctx, clerk, urgent[confirmed.Number].ID, licensing.AnyVersion)
		wantCode(t, "a clerk confirming", err, models.CodeForbidden)
		_, err = r.RejectAct(r.ctx, head, urgent[refused.Number].ID, licensing.AnyVersion, "no")
		wantCode(t, "the head rejecting itself", err, models.CodeFourEyes)
		must(r.ConfirmAct(r.ctx, officer, urgent[confirmed.Number].ID, licensing.AnyVersion))
		must(r.RejectAct(r.ctx, officer, urgent[refused.Number].ID, licensing.AnyVersion, "There is no ground."))

		r.clock.Set(end.Add(-time.Microsecond))
		if got := must(r.LapseActs(r.ctx)); len(got) != 0 {
			t.Errorf("%v lapsed a microsecond early", got)
		}
		r.clock.Set(end)
		_, err = r.ConfirmAct(r.ctx, officer, urgent[fallen.Number].ID, licensing.AnyVersion)
		wantCode(t, "confirming at the end", err, models.CodeConflict)
		if got := must(r.LapseActs(r.ctx)); len(got) != 1 || got[0] != urgent[fallen.Number].Number {
			t.Errorf("lapsed = %v, want %s", got, urgent[fallen.Number].Number)
		}
		if got := must(r.LapseActs(r.ctx)); len(got) != 0 {
			t.Errorf("lapsed twice: %v", got)
		}
		for number, want := range map[string]models.LicenseState{confirmed.Number: models.LicenseSuspended, fallen.Number: models.LicenseActive, refused.Number: models.LicenseActive} {
			got := must(r.License(r.ctx, head, number, time.Time{}))
			if got.State != want || want == models.LicenseActive && got.Ground != models.GroundUnconfirmed {
				t.Errorf("license %s is %s on %s, want %s", number, got.State, got.Ground, want)
			}
		}
		r.wantTasks(models.TaskUrgentUnconfirmed, 1)
	})
}

func (r *registry) wantTasks(kind models.TaskKind, want int) []models.Task {
	r.t.Helper()
	var out []models.Task
	err := r.store.View(r.ctx, func(tx *store.Tx) (err error) {
		out, err = tx.Tasks(store.TaskFilter{Kind: string(kind), State: string(models.TaskOpen)}, store.Page{})
		return err
	})
	if err != nil || len(out) != want {
		r.t.Errorf("%d open tasks %s, want %d (%v)", len(out), kind, want, err)
	}
	return out
}

func TestSuspension_IsExtendedToSixMonthsAtMostAndEndsInATask(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		l := r.licensed("CP1")
		l = r.done(l.Number, models.SuspensionAct, "REPORTS_OVERDUE", 2)
		from := l.Suspension.From
		_, err := r.DraftAct(r.ctx, officer, act(l.Number, models.ExtensionAct, "REPORTS_OVERDUE", 5), licensing.AnyVersion)
		if got := pointers(err); len(got) != 1 || got[0] != "/months range" {
			t.Errorf("two and five months: %v", err)
		}
		r.clock.Set(l.Suspension.Until.Add(-time.Microsecond))
		if got := must(r.NoteSuspensionsOver(r.ctx)); len(got) != 0 {
			t.Errorf("%v over a microsecond early", got)
		}
		r.clock.Set(l.Suspension.Until)
		for range 2 {
			must(r.NoteSuspensionsOver(r.ctx))
		}
		task := r.wantTasks(models.TaskSuspensionEnds, 1)[0]
		if task.License != l.Number || task.Due != "2026-05-03" {
			t.Errorf("task = %+v", task)
		}
		l = r.done(l.Number, models.ExtensionAct, "FALSE_INFORMATION", 4)
		if want := time.Date(2026, 9, 2, 19, 0, 0, 0, time.UTC); l.State != models.LicenseSuspended || !l.Suspension.From.Equal(from) || l.Suspension.Months != 6 ||
			!l.Suspension.Until.Equal(want) || l.Suspension.Ground != "FALSE_INFORMATION" {
			t.Errorf("extended = %+v, want until %s", l.Suspension, want)
		}
		r.wantTasks(models.TaskSuspensionEnds, 0)
		r.clock.Set(l.Suspension.Until)
		if got := must(r.NoteSuspensionsOver(r.ctx)); len(got) != 1 {
			t.Errorf("after the extension %v", got)
		}
		_, err = r.DraftAct(r.ctx, officer, act(l.Number, models.ExtensionAct, "REPORTS_OVERDUE", 1), licensing.AnyVersion)
		wantCode(t, "a seventh month", err, models.CodeInvalid)
		r.done(l.Number, models.RevocationAct, "NOT_CURED", 0)
		r.wantTasks(models.TaskSuspensionEnds, 0)
	})
}

func TestHost_ItsTenantsAndTheirUtilitiesAreToldAndToldAgain(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		if err := r.store.Update(r.ctx, func(tx *store.Tx) error { return gridOf(tx, "PRES", "CP1") }); err != nil {
			t.Fatal(err)
		}
		host := r.licensed("CP1")
		r.clock.Advance(24 * time.Hour) // so that the tenant's term ends later
		tenant := r.tenantOf(host)
		seen := func(kind string) (register, utilities int) {
			for _, e := range r.entries(kind) {
				if e.Subject.ID != tenant.Number || !strings.Contains(e.Body, host.Number) {
					t.Errorf("%s is about %s: %s", kind, e.Subject.ID, e.Body)
				}
				if e.Utility == "" {
					register++
				} else if strings.Contains(e.Body, "CP1") {
					utilities++
				}
			}
			return register, utilities
		}
		want := func(kind string, n int) {
			t.Helper()
			if register, utilities := seen(kind); register != n || utilities != n {
				t.Errorf("%s: %d in the register and %d in feeds, want %d each", kind, register, utilities, n)
			}
		}
		r.clock.Advance(time.Minute)
		since := r.clock.Now()
		r.done(host.Number, models.SuspensionAct, "REPORTS_OVERDUE", 1)
		want("license.host_suspended", 1)
		r.clock.Advance(time.Minute)
		r.done(host.Number, models.ExtensionAct, "REPORTS_OVERDUE", 1)
		want("license.host_suspended", 1)
		h := must(r.HostStates(r.ctx, []models.License{tenant}, time.Time{}))[host.Number]
		if h.State != models.LicenseSuspended || !h.Since.Equal(since) || h.Ground != "REPORTS_OVERDUE" {
			t.Errorf("host = %+v, want suspended since %s", h, since)
		}
		r.done(host.Number, models.LiftAct, "CURED", 0)
		want("license.host_resumed", 1)
		r.clock.Set(host.ValidUntil)
		must(r.ExpireDue(r.ctx))
		if register, _ := seen("license.host_suspended"); register < 2 {
			t.Errorf("the end of the host's term told nobody")
		}
	})
}

// tenantOf issues a license of sub-type II in the data centre of a host.
func (r *registry) tenantOf(host models.License) models.License {
	p := r.party(nil)
	a := r.drafted(models.Application{SubType: models.SubTypeII, Applicant: p.BinOrIin, Language: "ru", Host: host.Number,
		HostContract: models.HostContract{Number: "HC-1", Date: "2026-02-01"},
		Sites:        []models.ApplicationSite{{Site: host.Sites[0].SiteCode, Approved: 300_000}},
		Equipment:    []models.DeclaredEquipment{{Manufacturer: "MicroBT", Model: "M30S", Units: 80, Nameplate: 3400}},
		FeePaid:      2_162_500, FeeDocument: "PP-2"}, models.OutcomeGrant)
	return *must(r.Sign(r.ctx, head, a.ID, a.Version)).License
}

func TestImpact_ShowsWhatWillHappenAndWhatChangedSince(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		if err := r.store.Update(r.ctx, func(tx *store.Tx) error { return gridOf(tx, "PRES", "CP1", "CP2", "CP3") }); err != nil {
			t.Fatal(err)
		}
		host := r.licensed("CP1", "CP2")
		tenant := r.tenantOf(host)
		load := func(code string, w models.Watts) {
			err := r.store.Update(r.ctx, func(tx *store.Tx) error {
				p, err := tx.ConnectionPoint(code)
				if err != nil {
					return err
				}
				p.State, p.Energised = models.ConnectionEnergised, w
				return tx.UpdateConnectionPoint(p)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		load("CP1", 700_000)
		got := must(r.Impact(r.ctx, officer, host.Number, models.LicenseAct{Kind: models.SuspensionAct, Months: 3}))
		points := fmt.Sprint(got.Points)
		if len(got.Points) != 2 || !strings.Contains(points, "CP1 PRES energised 700") || !strings.Contains(points, "closes LICENSE_SUSPENDED") {
			t.Errorf("points = %s", points)
		}
		if len(got.Tenants) != 1 || got.Tenants[0].Number != tenant.Number || got.Tenants[0].Reason != models.ReasonHostSuspended || fmt.Sprint(got.Tenants[0].Points) != "[CP1 CP2]" {
			t.Errorf("tenants = %+v", got.Tenants)
		}
		if len(got.Orders) != 1 || got.Orders[0].Point != "CP1" || !got.Orders[0].Deadline.Equal(r.clock.Now().Add(72*time.Hour)) {
			t.Errorf("orders = %+v", got.Orders)
		}
		if got.Energised() != 700_000 || len(got.Utilities) != 1 || len(got.Letters) != 4 {
			t.Errorf("energised %v, utilities %v, letters %v", got.Energised(), got.Utilities, got.Letters)
		}
		a := must(r.DraftAct(r.ctx, officer, act(host.Number, models.SuspensionAct, "REPORTS_OVERDUE", 3), licensing.AnyVersion))
		if d := must(r.Act(r.ctx, head, a.ID)); len(d.Changes) != 0 || d.Now == nil {
			t.Errorf("right after the draft: %+v", d.Changes)
		}
		load("CP2", 50_000)
		d := must(r.Act(r.ctx, head, a.Number))
		if fmt.Sprint(d.Changes) != "[{energised CP2 0 W 50.0 kW} {order_added CP2  50.0 kW}]" {
			t.Errorf("changes = %v", d.Changes)
		}
		_, err := r.Impact(r.ctx, officer, host.Number, models.LicenseAct{Kind: models.LiftAct})
		wantCode(t, "lifting what is not suspended", err, models.CodeConflict)
		_, err = r.Impact(r.ctx, utility, host.Number, models.LicenseAct{Kind: models.SuspensionAct, Months: 3})
		wantCode(t, "a utility asking", err, models.CodeForbidden)
	})
}
