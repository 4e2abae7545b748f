package licensing_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/licensing"
	"rigistry/services/store"
)

// about asks for something about a license, paid in full.
func about(kind models.ApplicationKind, l models.License, reason string) models.Application {
	return models.Application{Kind: kind, Base: l.Number, Reason: reason, Applicant: l.Holder, Language: "kk", FeePaid: 865_000_000, FeeDocument: "PP-9"}
}

// signed brings an application to a signed grant.
func (r *registry) signed(req models.Application) licensing.Signed {
	a := r.drafted(req, models.OutcomeGrant)
	return must(r.Sign(r.ctx, head, a.ID, a.Version))
}

func (r *registry) holderOf(point string) (number string) {
	r.t.Helper()
	if err := r.store.View(r.ctx, func(tx *store.Tx) (err error) { number, err = tx.PointHolder(point); return err }); err != nil {
		r.t.Fatal(err)
	}
	return number
}

func TestReissue_TheNewNumberHasThePointsTheRigsAndTheTenants(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		old := r.licensed("CP1", "CP2")
		rig := must(r.RegisterEquipment(r.ctx, clerk, models.Equipment{Manufacturer: "Bitmain", Model: "S19", Serial: "SM-1", Nameplate: 3250,
			Owner: old.Holder, Site: old.Sites[0].Site, License: old.Number, State: models.EquipmentActive}))
		tenant := r.party(nil)
		lodged := *r.signed(models.Application{SubType: models.SubTypeII, Applicant: tenant.ID, Host: old.Number, HostContract: models.HostContract{Number: "H-1", Date: "2026-02-01"},
			Sites:     []models.ApplicationSite{{Site: old.Sites[0].SiteCode, Approved: 300_000}},
			Equipment: []models.DeclaredEquipment{{Manufacturer: "MicroBT", Model: "M30S", Units: 80, Nameplate: 3400}}, FeePaid: 2_162_500, FeeDocument: "PP-2"}).License
		r.clock.Advance(time.Hour)

		a := r.drafted(about(models.ApplicationReissue, old, "name_changed"), models.OutcomeGrant)
		if len(a.Checklist) != 4 || a.Pinned.Fee.Due != 86_500_000 || a.Pinned.Days != 3 || a.Due != "2026-03-05" {
			t.Errorf("checklist %d, fee %s, %d days, due %s; want 4, a tenth of the fee, 3 days", len(a.Checklist), a.Pinned.Fee.Due, a.Pinned.Days, a.Due)
		}
		fresh := *must(r.Sign(r.ctx, head, a.ID, a.Version)).License
		was := must(r.License(r.ctx, head, old.Number, time.Time{}))
		if was.State != models.LicenseSuperseded || was.Version != 2 || fresh.Number == old.Number || fresh.State != models.LicenseActive ||
			fresh.FirstIssued != old.FirstIssued || !fresh.ValidUntil.Equal(old.ValidUntil) || !slices.Equal(fresh.Sites[0].ConnectionPoints, old.Sites[0].ConnectionPoints) {
			t.Errorf("old %+v\nnew %+v", was, fresh)
		}
		for _, point := range []string{"CP1", "CP2"} {
			if got := r.holderOf(point); got != fresh.Number {
				t.Errorf("%s is held by %q, want %s", point, got, fresh.Number)
			}
		}
		if chain := must(r.Succession(r.ctx, old.Number)); chain.SupersededBy != fresh.Number {
			t.Errorf("succession = %+v", chain)
		}
		if got := must(r.Equipment(r.ctx, clerk, rig.ID)); got.License != fresh.Number {
			t.Errorf("the rig is on %s, want %s", got.License, fresh.Number)
		}
		if states := must(r.HostStates(r.ctx, []models.License{lodged}, time.Time{})); states[old.Number].State != models.LicenseActive {
			t.Errorf("the tenant's host is %v, want the new number's state", states)
		}
		err := r.store.View(r.ctx, func(tx *store.Tx) error {
			if tenants, err := tx.TenantsOf(fresh.Number); err != nil || !slices.Equal(tenants, []string{lodged.Number}) {
				t.Errorf("tenants of %s = %v (%v)", fresh.Number, tenants, err)
			}
			host, ok, err := tx.HostOf(old.Number)
			if !ok || host.Number != fresh.Number {
				t.Errorf("host by the old number = %+v (%v)", host, err)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
		_, err = r.Submit(r.ctx, clerk, must(r.CreateDraft(r.ctx, clerk, about(models.ApplicationRenewal, old, ""))).ID, licensing.AnyVersion)
		if got := pointers(err); !slices.Equal(got, []string{"/base_license state"}) {
			t.Errorf("an application about the superseded number: %v", got)
		}
	})
}

func TestReissue_AfterAReorganisationTheSuccessorHoldsItAndItTakes30Days(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		old := r.licensed("CP1")
		successor := r.party(nil)
		req := about(models.ApplicationReissue, old, models.ReasonReorganisation)
		req.Applicant = successor.ID
		a := r.drafted(req, models.OutcomeGrant)
		if a.Pinned.Days != 30 {
			t.Errorf("%d working days, want 30", a.Pinned.Days)
		}
		l := *must(r.Sign(r.ctx, head, a.ID, a.Version)).License
		if l.Holder != successor.ID || l.HolderBin != successor.BinOrIin {
			t.Errorf("holder = %s", l.HolderBin)
		}
		if site := must(r.Site(r.ctx, clerk, l.Sites[0].Site)); site.Owner != successor.ID {
			t.Errorf("the site belongs to %s still", site.Owner)
		}
	})
}

func TestAppendixChange_IsTheNextVersionAndFreesWhatItDropped(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		l := r.licensed("CP1", "CP2")
		more := r.site(l.Holder, "CP3")
		r.clock.Advance(time.Hour)
		req := about(models.ApplicationAppendixChange, l, "site_added")
		req.Sites = []models.ApplicationSite{{Site: l.Sites[0].Site, ConnectionPoints: []string{"CP1"}, Approved: 600_000},
			{Site: more.ID, ConnectionPoints: []string{"CP3"}, Approved: 200_000}}
		changed := *r.signed(req).License
		if changed.Number != l.Number || changed.Version != 2 || changed.Approved != 800_000 || len(changed.Sites) != 2 || changed.Sites[1].Appendix != "002" {
			t.Errorf("changed = %+v", changed)
		}
		for point, want := range map[string]string{"CP1": l.Number, "CP2": "", "CP3": l.Number} {
			if got := r.holderOf(point); got != want {
				t.Errorf("%s is held by %q, want %q", point, got, want)
			}
		}
		if got := r.entries("license.points_dropped"); len(got) != 2 || !strings.Contains(got[0].Body, "CP2") {
			t.Errorf("%d entries license.points_dropped, want one for the register and one for the utility", len(got))
		}
		other := r.licensed("CP2") // the point is free for others
		req.Sites[1].ConnectionPoints, req.Sites[1].Site = []string{"CP2"}, other.Sites[0].Site
		_, err := r.Submit(r.ctx, clerk, must(r.CreateDraft(r.ctx, clerk, req)).ID, licensing.AnyVersion)
		wantCode(t, "another holder's site", err, models.CodeInvalid)
	})
}

func TestRenewal_ExtendsTheTermWithinItsWindowAndOneChangeAtATime(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		l := r.licensed("CP1") // until 2029-03-02
		req := about(models.ApplicationRenewal, l, "")
		_, err := r.Submit(r.ctx, clerk, must(r.CreateDraft(r.ctx, clerk, req)).ID, licensing.AnyVersion)
		if got := pointers(err); !slices.Equal(got, []string{"/base_license early"}) {
			t.Errorf("years before the end: %v", got)
		}
		r.clock.Set(time.Date(2028, 12, 4, 5, 0, 0, 0, time.UTC))
		first := must(r.CreateDraft(r.ctx, clerk, req))
		first = must(r.Submit(r.ctx, clerk, first.ID, first.Version))
		second := must(r.CreateDraft(r.ctx, clerk, about(models.ApplicationTermination, l, "own_wish")))
		_, err = r.Submit(r.ctx, clerk, second.ID, second.Version)
		if got := pointers(err); !slices.Equal(got, []string{"/base_license pending"}) {
			t.Errorf("a second change at the same time: %v", got)
		}
		must(r.Withdraw(r.ctx, clerk, first.ID, first.Version))
		renewed := *r.signed(req).License
		if want := time.Date(2032, 3, 2, 19, 0, 0, 0, time.UTC); renewed.Number != l.Number || renewed.Version != 2 || !renewed.ValidUntil.Equal(want) {
			t.Errorf("renewed = version %d until %s, want 2 until %s", renewed.Version, renewed.ValidUntil, want)
		}
	})
}

func TestDuplicateAndTermination_LeaveAFactAndAnEnd(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		l := r.licensed("CP1")
		if got := *r.signed(about(models.ApplicationDuplicate, l, "lost")).License; got.Version != 1 || got.Number != l.Number {
			t.Errorf("a duplicate made version %d", got.Version)
		}
		if got := r.entries("license.duplicate_issued"); len(got) != 1 || !strings.Contains(got[0].Body, l.Number) {
			t.Errorf("%d entries license.duplicate_issued, want 1", len(got))
		}
		r.clock.Advance(time.Hour)
		ended := *r.signed(about(models.ApplicationTermination, l, "own_wish")).License
		if ended.State != models.LicenseTerminated || ended.Ground != "HOLDER_REQUEST" || ended.Version != 2 || r.holderOf("CP1") != "" {
			t.Errorf("ended = %+v, point held by %q", ended, r.holderOf("CP1"))
		}
	})
}

func TestPinning_ACaseStandsUnderTheLawOfItsFiling(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		p := r.party(nil)
		req := request(p, r.site(p.ID, "CP1"))
		before := must(r.CreateDraft(r.ctx, clerk, req))
		before = must(r.Submit(r.ctx, clerk, before.ID, before.Version))
		r.newLaw("2026-03-03")
		r.clock.Advance(24 * time.Hour)
		before = must(r.Register(r.ctx, clerk, before.ID, before.Version))
		before = must(r.CompletenessCheck(r.ctx, officer, before.ID, before.Version, nil))
		if before.Due != "2026-03-30" || len(before.Checklist) != 11 {
			t.Errorf("filed before: due %s with %d requirements, want 15 days and 11", before.Due, len(before.Checklist))
		}
		described := must(r.Describe(r.ctx, before))[0]
		if described.Term.Days != 15 || described.Requirements["APPLICANT"].ValidFrom != "2023-04-01" {
			t.Errorf("shown with %d days and the requirement of %s", described.Term.Days, described.Requirements["APPLICANT"].ValidFrom)
		}
		signed := must(r.Sign(r.ctx, head, r.draftOf(before).ID, licensing.AnyVersion))
		if signed.License == nil {
			t.Error("the old fee is no ground to refuse")
		}

		q := r.party(nil)
		req = request(q, r.site(q.ID, "CP2"))
		_, err := r.Submit(r.ctx, clerk, must(r.CreateDraft(r.ctx, clerk, req)).ID, licensing.AnyVersion)
		if got := pointers(err); !slices.Equal(got, []string{"/fee_paid_kzt range"}) {
			t.Errorf("filed after with the old fee: %v", got)
		}
		req.FeePaid *= 2
		after := must(r.CreateDraft(r.ctx, clerk, req))
		after = must(r.Submit(r.ctx, clerk, after.ID, after.Version))
		after = must(r.Register(r.ctx, clerk, after.ID, after.Version))
		if after = must(r.CompletenessCheck(r.ctx, officer, after.ID, after.Version, nil)); after.Pinned.Days != 5 || len(after.Checklist) != 12 {
			t.Errorf("filed after: %d days and %d requirements, want 5 and 12", after.Pinned.Days, len(after.Checklist))
		}
	})
}

// draftOf looks at everything and drafts the grant.
func (r *registry) draftOf(a models.Application) models.Application {
	a = r.allMet(a)
	return must(r.DraftDecision(r.ctx, officer, a.ID, a.Version, models.Decision{Outcome: models.OutcomeGrant}))
}

// newLaw changes the fee, the term and the checklist from a legal date on.
func (r *registry) newLaw(from string) {
	r.t.Helper()
	err := r.store.Update(r.ctx, func(tx *store.Tx) error {
		_, err := tx.AddReference(store.Reference{
			Values: []models.LegalValue{{Code: models.ValueFeeI, Value: 4000, Unit: "mci", LegalRef: "new", Grade: "S", ValidFrom: from},
				{Code: models.ValueDecisionDays, Value: 5, Unit: "working_days", LegalRef: "new", Grade: "S", ValidFrom: from}},
			Requirements: []models.Requirement{{Code: "NOISE", SubType: models.SubTypeI, Position: 99, Evidence: "inspection", Kinds: "issue", LegalRef: "new", Grade: "S", ValidFrom: from}}})
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

func TestAttachments_AreOneByHashStandBehindTheReceiptAndStayOnRecord(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		p := r.party(nil)
		req := request(p, r.site(p.ID, "CP1"))
		req.Documents = models.DocumentsAttached
		a := must(r.CreateDraft(r.ctx, clerk, req))
		tasks := must(r.Tasks(r.ctx, clerk, a.ID))
		documents := tasks.Tasks[len(tasks.Tasks)-1]
		if tasks.Ready || documents.Code != "documents" || documents.State != models.FilingTodo || len(documents.Problems) != 4 || tasks.TermDays != 15 || tasks.Fee.Due != 865_000_000 {
			t.Errorf("tasks of a draft without files = %+v", tasks)
		}
		_, err := r.Submit(r.ctx, clerk, a.ID, a.Version)
		if got := pointers(err); len(got) != 4 || got[0] != "/documents/DATA_CENTRE_RIGHT required" {
			t.Errorf("filing without files: %v", got)
		}
		pdf := []byte("%PDF-1.4 the same act for all")
		var first models.Attachment
		for _, code := range []string{"DATA_CENTRE_RIGHT", "LAND_USE", "TECHNICAL_CONDITIONS", "SUPPLY_CONTRACT"} {
			first = must(r.Attach(r.ctx, clerk, a.ID, code, "act.pdf", pdf))
		}
		if again := must(r.Attach(r.ctx, clerk, a.ID, "SUPPLY_CONTRACT", "renamed.pdf", pdf)); again.ID != first.ID || again.Name != "act.pdf" {
			t.Errorf("the same bytes again are %+v, want %+v", again, first)
		}
		_, err = r.Attach(r.ctx, clerk, a.ID, "NO_SUCH", "act.pdf", pdf)
		wantCode(t, "a file for no requirement", err, models.CodeInvalid)
		stranger := models.Actor{ID: "u9", Roles: []models.Role{models.RoleApplicant}, Party: r.party(nil).ID}
		_, _, err = r.AttachmentFile(r.ctx, stranger, a.ID, first.ID)
		wantCode(t, "a stranger's look at a file", err, models.CodeNotFound)
		_, err = r.Attach(r.ctx, stranger, a.ID, "LAND_USE", "x.pdf", pdf)
		wantCode(t, "a stranger's file", err, models.CodeNotFound)

		a = must(r.Submit(r.ctx, clerk, a.ID, a.Version))
		receipt := must(r.Receipt(r.ctx, clerk, a.ID))
		if receipt.Reference != a.Number || receipt.RegisterBy != "2026-03-04" || strings.Count(receipt.Content, first.SHA256) != 4 || len(receipt.Digest) != 64 {
			t.Errorf("receipt = %+v", receipt)
		}
		wantCode(t, "removing what was filed", r.RemoveAttachment(r.ctx, clerk, a.ID, first.ID), models.CodeConflict)

		a = must(r.Register(r.ctx, clerk, a.ID, a.Version))
		a = must(r.CompletenessCheck(r.ctx, officer, a.ID, a.Version, []string{"a readable act"}))
		if err := r.RemoveAttachment(r.ctx, clerk, a.ID, first.ID); err != nil {
			t.Errorf("removing from a returned application: %v", err)
		}
		if got := must(r.Attachments(r.ctx, clerk, a.ID)); len(got) != 3 {
			t.Errorf("%d files stand, want 3", len(got))
		}
		if _, content, err := r.AttachmentFile(r.ctx, officer, a.ID, first.ID); err != nil || string(content) != string(pdf) {
			t.Errorf("the office reads what was removed: %q, %v", content, err)
		}
		applicant := models.Actor{ID: "u8", Roles: []models.Role{models.RoleApplicant}, Party: p.ID}
		_, _, err = r.AttachmentFile(r.ctx, applicant, a.ID, first.ID)
		wantCode(t, "the applicant's look at what it removed", err, models.CodeNotFound)
		if again := must(r.Attach(r.ctx, applicant, a.ID, "SUPPLY_CONTRACT", "act.pdf", pdf)); again.ID == first.ID {
			t.Error("a file given again after its removal is another attachment")
		}
		if added, removed := len(r.entries("application.attachment_added")), len(r.entries("application.attachment_removed")); added != 5 || removed != 1 {
			t.Errorf("%d added and %d removed in the ledger, want 5 and 1", added, removed)
		}
	})
}

func TestSites_AnApplicantRegistersItsOwnWithPointsOfTheGrid(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		p, other := r.party(nil), r.party(nil)
		r.points("CP1")
		applicant := models.Actor{ID: "u8", Kind: "person", Roles: []models.Role{models.RoleApplicant}, Party: p.ID}
		site := models.Site{Owner: p.ID, NameRu: "ЦОД", Address: "Екібастұз", Kato: "551610000", GridZone: "north", HostCapacity: 1_000_000, ConnectionCode: []string{"CP1"}}
		saved := must(r.RegisterSite(r.ctx, applicant, site))
		foreign := site
		foreign.Owner = other.ID
		_, err := r.RegisterSite(r.ctx, applicant, foreign)
		if got := pointers(err); !slices.Equal(got, []string{"/owner unknown"}) {
			t.Errorf("somebody else's site: %v", err)
		}
		site.ConnectionCode = []string{"CP1", "NOWHERE"}
		_, err = r.RegisterSite(r.ctx, applicant, site)
		if got := pointers(err); !slices.Equal(got, []string{"/connection_points/1 unknown"}) {
			t.Errorf("an unknown point: %v", err)
		}
		saved.HostCapacity = 2_000_000
		saved = must(r.UpdateSite(r.ctx, applicant, saved.ID, saved.Version, saved))
		r.signed(request(p, saved))
		_, err = r.UpdateSite(r.ctx, applicant, saved.ID, licensing.AnyVersion, saved)
		wantCode(t, "an applicant's change of a licensed site", err, models.CodeConflict)
		_, err = r.UpdateSite(r.ctx, models.Actor{ID: "u9", Roles: []models.Role{models.RoleApplicant}, Party: other.ID}, saved.ID, licensing.AnyVersion, saved)
		wantCode(t, "a stranger's change", err, models.CodeNotFound)
	})
}

func TestHosting_TenantsTogetherNeverExceedWhatTheSiteFeeds(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		host := r.licensed("CP1") // its site feeds 20 MW
		ask := func(kw models.Watts) (models.Application, error) {
			a := must(r.CreateDraft(r.ctx, clerk, models.Application{SubType: models.SubTypeII, Applicant: r.party(nil).ID, Host: host.Number,
				HostContract: models.HostContract{Number: "H-1", Date: "2026-02-01"}, Sites: []models.ApplicationSite{{Site: host.Sites[0].Site, Approved: kw}},
				Equipment: []models.DeclaredEquipment{{Manufacturer: "MicroBT", Model: "M30S", Units: 80, Nameplate: 3400}}, FeePaid: 2_162_500, FeeDocument: "PP-2"}))
			return r.Submit(r.ctx, clerk, a.ID, a.Version)
		}
		review := func(a models.Application) models.Application {
			a = must(r.Register(r.ctx, clerk, a.ID, a.Version))
			return r.draftOf(must(r.CompletenessCheck(r.ctx, officer, a.ID, a.Version, nil)))
		}
		one, two := review(must(ask(12_000_000))), review(must(ask(12_000_000)))
		must(r.Sign(r.ctx, head, one.ID, one.Version))
		_, err := r.Sign(r.ctx, head, two.ID, two.Version)
		wantCode(t, "a second tenant for the same power", err, models.CodeConflict)
		_, err = ask(8_000_001)
		if got := pointers(err); !slices.Equal(got, []string{"/sites/0/approved_kw host_capacity"}) {
			t.Errorf("a watt too much at filing: %v", got)
		}
		if _, err = ask(8_000_000); err != nil {
			t.Errorf("what is left: %v", err)
		}
	})
}
