package licensing_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/licensing"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

var (
	clerk   = models.Actor{ID: "u-clerk", Kind: "person", Name: "Clerk", Roles: []models.Role{models.RoleClerk}}
	officer = models.Actor{ID: "u-officer", Kind: "person", Name: "Officer", Roles: []models.Role{models.RoleOfficer}}
	head    = models.Actor{ID: "u-head", Kind: "person", Name: "Head", Roles: []models.Role{models.RoleHead}}
	both    = models.Actor{ID: "u-both", Kind: "person", Name: "Both", Roles: []models.Role{models.RoleOfficer, models.RoleHead}}
	utility = models.Actor{ID: "c-utility", Kind: "client", Roles: []models.Role{models.RoleUtility}, Utility: "UT"}
)

// registry is a service with reference data and the means to make what a test needs.
type registry struct {
	*licensing.Service
	t     testing.TB
	ctx   context.Context
	store *store.Store
	clock *storetest.Clock
	n     int
}

func each(t *testing.T, test func(t *testing.T, r *registry)) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) { test(t, open(t, s, clock)) })
}

func open(t testing.TB, s *store.Store, clock *storetest.Clock) *registry {
	r := &registry{Service: licensing.New(s), t: t, ctx: context.Background(), store: s, clock: clock}
	if added, err := r.Seed(r.ctx); err != nil || added < 60 {
		t.Fatalf("Seed() = %d, %v; want the reference data", added, err)
	}
	return r
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(fmt.Sprintf("%T: %v", err, err))
	}
	return v
}

// bin makes the n-th valid BIN of the test.
func (r *registry) bin() string {
	for {
		r.n++
		if bin, err := models.CompleteBin(fmt.Sprintf("21044%06d", r.n)); err == nil {
			return bin
		}
	}
}

func (r *registry) party(change func(*models.Party)) models.Party {
	p := models.Party{BinOrIin: r.bin(), Kind: models.PartyLegalEntity, NameKk: "«Қазақ Майнинг» ЖШС", NameRu: "ТОО «Казах Майнинг»",
		Size: models.SizeLarge, Resident: true, Kato: "551010000"}
	if change != nil {
		change(&p)
	}
	return must(r.RegisterParty(r.ctx, clerk, p))
}

func (r *registry) site(owner string, points ...string) models.Site {
	r.points(points...)
	return must(r.RegisterSite(r.ctx, clerk, models.Site{Owner: owner, NameKk: "Екібастұз ДӨО", NameRu: "ЦОД Экибастуз", Address: "Екібастұз",
		Kato: "551610000", GridZone: "north", HostCapacity: 20_000_000, ConnectionCode: points}))
}

// points makes the connection points that the grid does not have yet, on a feeder of
// their own that carries everything.
func (r *registry) points(codes ...string) {
	err := r.store.Update(r.ctx, func(tx *store.Tx) error {
		for _, code := range codes {
			if _, err := tx.ConnectionPoint(code); models.CodeOf(err) != models.CodeNotFound {
				continue
			}
			if _, err := tx.Utility("GRID"); models.CodeOf(err) == models.CodeNotFound {
				if err := errors.Join(tx.InsertUtility(models.Utility{ID: "GRID", Code: "GRID", Bin: "210440038887", Version: 1}),
					tx.InsertSubstation(models.Substation{ID: "S", Code: "S", Utility: "GRID", VoltKV: 110, Limit: 1e12, Version: 1}),
					tx.InsertFeeder(models.Feeder{ID: "F", Code: "F", Substation: "S", Utility: "GRID", VoltKV: 10, Limit: 1e12, Version: 1})); err != nil {
					return err
				}
			}
			if err := tx.InsertConnectionPoint(models.ConnectionPoint{ID: tx.NewID(), Code: code, Feeder: "F", Utility: "GRID", State: models.ConnectionPlanned,
				Permitted: 20_000_000, Act: "A-1", Version: 1}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

func request(p models.Party, site models.Site) models.Application {
	return models.Application{SubType: models.SubTypeI, Applicant: p.ID, Language: "kk", SupplyBasis: "auction",
		Sites:     []models.ApplicationSite{{Site: site.Code, ConnectionPoints: site.ConnectionCode, Approved: 900_000}},
		Equipment: []models.DeclaredEquipment{{Manufacturer: "Bitmain", Model: "S19", Units: 250, Nameplate: 3250}},
		FeePaid:   865_000_000, FeeDocument: "PP-1"}
}

// drafted brings an application to a decision drafted by the officer.
func (r *registry) drafted(req models.Application, outcome string) models.Application {
	a := must(r.CreateDraft(r.ctx, clerk, req))
	a = must(r.Submit(r.ctx, clerk, a.ID, a.Version))
	a = must(r.Register(r.ctx, clerk, a.ID, a.Version))
	a = must(r.CompletenessCheck(r.ctx, officer, a.ID, a.Version, nil))
	a = r.allMet(a)
	d := models.Decision{Outcome: outcome}
	if outcome == models.OutcomeRefuse {
		d.Reasons = []string{"REQUIREMENTS_NOT_MET"}
	}
	return must(r.DraftDecision(r.ctx, officer, a.ID, a.Version, d))
}

func (r *registry) allMet(a models.Application) models.Application {
	for _, c := range a.Checklist {
		a = must(r.CheckItem(r.ctx, officer, a.ID, a.Version, models.ChecklistItem{Code: c.Code, Result: models.ChecklistMet}))
	}
	return a
}

// licensed issues a license of sub-type I for the points.
func (r *registry) licensed(points ...string) models.License {
	p := r.party(nil)
	a := r.drafted(request(p, r.site(p.ID, points...)), models.OutcomeGrant)
	return *must(r.Sign(r.ctx, head, a.ID, a.Version)).License
}

func (r *registry) entries(kind string) []store.LedgerEntry {
	var out []store.LedgerEntry
	err := r.store.View(r.ctx, func(tx *store.Tx) error {
		all, err := tx.UnsealedEntries(100_000)
		out = slices.DeleteFunc(all, func(e store.LedgerEntry) bool { return e.Kind != kind })
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return out
}

func wantCode(t *testing.T, what string, err error, code models.Code) {
	t.Helper()
	if models.CodeOf(err) != code {
		t.Errorf("%s gave %q (%v), want %q", what, models.CodeOf(err), err, code)
	}
}

// pointers are the JSON pointers and codes of an error's fields.
func pointers(err error) []string {
	var e *models.Error
	var out []string
	if errors.As(err, &e) {
		for _, f := range e.Fields {
			out = append(out, f.Pointer+" "+f.Code)
		}
	}
	return out
}

func TestProcedure_FromDraftToLicense(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		p := r.party(nil)
		site := r.site(p.ID, "PS12-F03-CP007", "PS12-F03-CP008")
		a := must(r.CreateDraft(r.ctx, clerk, request(p, site)))
		if a.State != models.ApplicationDraft || a.Number != "A-2026-00001" || a.Sites[0].Site != site.ID || a.Declared != 900_000 {
			t.Fatalf("draft = %+v", a)
		}
		a = must(r.Submit(r.ctx, clerk, a.ID, a.Version))
		a = must(r.Register(r.ctx, clerk, a.ID, a.Version))
		// Monday 2 March + 15 working days: 9 March and 23, 24, 25 March are off.
		if a.Due != "2026-03-27" {
			t.Errorf("due = %s, want 2026-03-27", a.Due)
		}
		a = must(r.CompletenessCheck(r.ctx, officer, a.ID, a.Version, nil))
		if len(a.Checklist) != 11 || a.Officer != officer.ID || a.State != models.ApplicationInReview {
			t.Fatalf("after the completeness check: %d items, officer %q, %s", len(a.Checklist), a.Officer, a.State)
		}
		_, err := r.DraftDecision(r.ctx, officer, a.ID, a.Version, models.Decision{Outcome: models.OutcomeGrant})
		wantCode(t, "a grant with an unchecked list", err, models.CodeInvalid)
		a = r.allMet(a)
		a = must(r.DraftDecision(r.ctx, officer, a.ID, a.Version, models.Decision{Outcome: models.OutcomeGrant}))

		signed := must(r.Sign(r.ctx, head, a.ID, a.Version))
		l := signed.License
		if l == nil || signed.Application.State != models.ApplicationGranted || signed.Application.License != l.Number {
			t.Fatalf("signed = %+v", signed)
		}
		if err := models.CheckLicenseNumber(l.Number); err != nil || l.Number[4:] != "DMA00000001" {
			t.Errorf("number %s: %v", l.Number, err)
		}
		if want := time.Date(2029, 3, 2, 19, 0, 0, 0, time.UTC); !l.ValidUntil.Equal(want) {
			t.Errorf("valid until %s, want %s", l.ValidUntil, want)
		}
		got := must(r.License(r.ctx, utility, strings.ToLower(l.Number), time.Time{}))
		if got.Version != 1 || got.State != models.LicenseActive || got.Drafter != officer.ID || got.Signer != head.ID ||
			!slices.Equal(got.Sites[0].ConnectionPoints, site.ConnectionCode) || got.Approved != 900_000 || len(got.Verification) != 14 {
			t.Errorf("license = %+v", got)
		}
		for _, kind := range []string{"party.registered", "site.registered", "application.drafted", "application.submitted",
			"application.registered", "application.checked", "decision.drafted", "decision.signed", "license.issued"} {
			register := slices.DeleteFunc(r.entries(kind), func(e store.LedgerEntry) bool { return e.Utility != "" })
			if len(register) != 1 {
				t.Errorf("%d entries %s, want 1", len(register), kind)
			}
		}
		if n := len(r.entries("application.item_checked")); n != 11 {
			t.Errorf("%d entries application.item_checked, want 11", n)
		}
		pub := must(r.Public(r.ctx, strings.ToLower(strings.ReplaceAll(l.Verification, "-", " "))))
		if pub.Number != l.Number || pub.HolderBin != p.BinOrIin || !slices.Equal(pub.Regions, []string{"55"}) {
			t.Errorf("public = %+v", pub)
		}
	})
}

func TestSign_TheDrafterMayNotAndNothingChanges(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		p := r.party(nil)
		a := r.drafted(request(p, r.site(p.ID, "CP1")), models.OutcomeGrant)
		_, err := r.Sign(r.ctx, officer, a.ID, a.Version)
		wantCode(t, "the drafter's signature", err, models.CodeFourEyes)
		if got := must(r.Application(r.ctx, head, a.ID)); got.State != models.ApplicationDrafted || got.Version != a.Version {
			t.Errorf("after the refusal: %s version %d", got.State, got.Version)
		}
		_, err = r.Sign(r.ctx, clerk, a.ID, a.Version)
		wantCode(t, "a clerk's signature", err, models.CodeForbidden)
		_, err = r.Sign(r.ctx, both, a.ID, a.Version-1)
		wantCode(t, "a signature under an old version", err, models.CodeVersionConflict)
		if _, err = r.Sign(r.ctx, both, a.ID, a.Version); err != nil {
			t.Errorf("another officer's signature: %v", err)
		}
	})
}

func TestSign_TheDatabaseItselfKeepsFourEyes(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		p := r.party(nil)
		a := r.drafted(request(p, r.site(p.ID, "CP1")), models.OutcomeGrant)
		d := *a.Decision
		d.Signer, a.Decision, a.State, a.Version = d.Drafter, &d, models.ApplicationGranted, a.Version+1
		err := r.store.Update(r.ctx, func(tx *store.Tx) error { return tx.UpdateApplication(a) })
		wantCode(t, "an application signed by its drafter", err, models.CodeConflict)

		l := r.licensed("CP2")
		l.Version, l.Drafter, l.Signer = 2, head.ID, head.ID
		err = r.store.Update(r.ctx, func(tx *store.Tx) error { return tx.InsertLicense(l) })
		wantCode(t, "a license version signed by its drafter", err, models.CodeConflict)
	})
}

func TestCheckItem_AnEditAfterDraftingVoidsTheDraft(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		p := r.party(nil)
		a := r.drafted(request(p, r.site(p.ID, "CP1")), models.OutcomeGrant)
		a = must(r.CheckItem(r.ctx, officer, a.ID, a.Version, models.ChecklistItem{Code: "FIRE_SAFETY", Result: models.ChecklistNotMet, Note: "no exit"}))
		if a.Decision != nil || a.State != models.ApplicationInReview {
			t.Errorf("the draft stands after an edit: %s %+v", a.State, a.Decision)
		}
		_, err := r.Sign(r.ctx, head, a.ID, a.Version)
		wantCode(t, "signing a voided draft", err, models.CodeConflict)
	})
}

func TestSubmit_RefusesWithPointersAndArticles(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		good := r.party(nil)
		foreign := r.party(func(p *models.Party) { p.Resident = false; p.Size = models.SizeSmall })
		site, foreignSite := r.site(good.ID, "CP1"), r.site(foreign.ID, "CP9")
		cases := map[string]struct {
			change func(*models.Application)
			want   []string
		}{
			"empty": {func(a *models.Application) {
				*a = models.Application{Applicant: good.ID, Language: "kk", SubType: models.SubTypeI}
			}, []string{"/supply_basis unknown", "/sites required", "/equipment required", "/fee_paid_kzt range", "/fee_document required"}},
			"small and foreign": {func(a *models.Application) {
				a.Applicant, a.Sites[0].Site, a.Sites[0].ConnectionPoints = foreign.ID, foreignSite.ID, nil
			},
				[]string{"/applicant residency", "/applicant size", "/sites/0/connection_points required"}},
			"somebody else's site":   {func(a *models.Application) { a.Sites[0].Site = foreignSite.ID }, []string{"/sites/0/site owner", "/sites/0/connection_points/0 unknown"}},
			"no such site":           {func(a *models.Application) { a.Sites[0].Site = "nowhere" }, []string{"/sites/0/site unknown"}},
			"a tiyn too little":      {func(a *models.Application) { a.FeePaid-- }, []string{"/fee_paid_kzt range"}},
			"sub-type II, no host":   {func(a *models.Application) { a.SubType = models.SubTypeII }, []string{"/host_license required", "/host_contract/number required", "/host_contract/date required", "/sites/0/connection_points not_allowed"}},
			"more than the site has": {func(a *models.Application) { a.Sites[0].Approved = 20_000_001 }, []string{"/sites/0/approved_kw range"}},
		}
		for name, c := range cases {
			req := request(good, site)
			c.change(&req)
			a := must(r.CreateDraft(r.ctx, clerk, req))
			_, err := r.Submit(r.ctx, clerk, a.ID, a.Version)
			wantCode(t, name, err, models.CodeInvalid)
			if got := pointers(err); !slices.Equal(got, c.want) {
				t.Errorf("%s: fields %v, want %v", name, got, c.want)
			}
			if name == "small and foreign" && (!strings.Contains(err.Error(), "193-VII") || !strings.Contains(err.Error(), "ст. 1")) {
				t.Errorf("the refusal names no article: %v", err)
			}
		}
		if n := len(r.entries("application.submitted")); n != 0 {
			t.Errorf("%d applications were submitted", n)
		}
	})
}

func TestCompletenessCheck_ReturnedApplicationCanBeCompletedAndFiledAgain(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		p := r.party(nil)
		req := request(p, r.site(p.ID, "CP1"))
		a := must(r.CreateDraft(r.ctx, clerk, req))
		a = must(r.Submit(r.ctx, clerk, a.ID, a.Version))
		a = must(r.Register(r.ctx, clerk, a.ID, a.Version))
		a = must(r.CompletenessCheck(r.ctx, officer, a.ID, a.Version, []string{"technical conditions"}))
		if a.State != models.ApplicationReturned || len(a.Missing) != 1 || a.Clock.Stopped.IsZero() {
			t.Fatalf("returned = %+v", a)
		}
		a = must(r.UpdateDraft(r.ctx, clerk, a.ID, a.Version, req))
		a = must(r.Submit(r.ctx, clerk, a.ID, a.Version))
		r.clock.Advance(24 * time.Hour)
		a = must(r.Register(r.ctx, clerk, a.ID, a.Version))
		if a.Due != "2026-03-30" || len(a.Missing) != 0 || !a.Clock.Stopped.IsZero() {
			t.Errorf("filed again: due %s, missing %v, clock %+v", a.Due, a.Missing, a.Clock)
		}
	})
}

func TestRefusal_NeedsReasonsOfTheCatalogueAndIssuesNothing(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		p := r.party(nil)
		a := r.drafted(request(p, r.site(p.ID, "CP1")), models.OutcomeGrant)
		a = must(r.VoidDraft(r.ctx, officer, a.ID, a.Version))
		for _, reasons := range [][]string{nil, {"BECAUSE"}} {
			_, err := r.DraftDecision(r.ctx, officer, a.ID, a.Version, models.Decision{Outcome: models.OutcomeRefuse, Reasons: reasons})
			wantCode(t, fmt.Sprintf("a refusal for %v", reasons), err, models.CodeInvalid)
		}
		a = must(r.DraftDecision(r.ctx, officer, a.ID, a.Version, models.Decision{Outcome: models.OutcomeRefuse, Reasons: []string{"FEE_NOT_PAID"}}))
		signed := must(r.Sign(r.ctx, head, a.ID, a.Version))
		if signed.License != nil || signed.Application.State != models.ApplicationRefused {
			t.Errorf("signed = %+v", signed)
		}
		if list, _, err := r.Licenses(r.ctx, head, store.LicenseFilter{}, store.Page{}); err != nil || len(list) != 0 {
			t.Errorf("licenses = %v, %v", list, err)
		}
	})
}

func TestApplicant_SeesItsOwnAndNoUnsignedDecision(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		mine, other := r.party(nil), r.party(nil)
		me := models.Actor{ID: "u-me", Roles: []models.Role{models.RoleApplicant}, Party: mine.ID}
		stranger := models.Actor{ID: "u-x", Roles: []models.Role{models.RoleApplicant}, Party: other.ID}
		a := r.drafted(request(mine, r.site(mine.ID, "CP1")), models.OutcomeGrant)
		if got := must(r.Application(r.ctx, me, a.ID)); got.Decision != nil || got.State != models.ApplicationInReview {
			t.Errorf("the applicant sees the draft: %s %+v", got.State, got.Decision)
		}
		_, err := r.Application(r.ctx, stranger, a.ID)
		wantCode(t, "somebody else's application", err, models.CodeNotFound)
		if list, _ := must2(r.Applications(r.ctx, stranger, store.ApplicationFilter{Applicant: mine.ID}, store.Page{})); len(list) != 0 {
			t.Errorf("a stranger lists %d", len(list))
		}
		if list, _ := must2(r.Parties(r.ctx, me, store.PartyFilter{}, store.Page{})); len(list) != 1 || list[0].ID != mine.ID {
			t.Errorf("an applicant lists parties %v", list)
		}
		_, err = r.CreateDraft(r.ctx, stranger, request(mine, r.site(mine.ID, "CP2")))
		wantCode(t, "filing for another party", err, models.CodeInvalid)
		_, err = r.Withdraw(r.ctx, stranger, a.ID, licensing.AnyVersion)
		wantCode(t, "withdrawing another's", err, models.CodeNotFound)
		if a, err = r.Withdraw(r.ctx, me, a.ID, a.Version); err != nil || a.State != models.ApplicationWithdrawn {
			t.Errorf("withdraw: %s %v", a.State, err)
		}
	})
}

func must2[T, U any](v T, u U, err error) (T, U) {
	if err != nil {
		panic(err)
	}
	return v, u
}
