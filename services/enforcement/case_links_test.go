package enforcement_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"rigistry/models"
	"rigistry/services/enforcement"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

// TestCase_LeadsToConnectionSiteOwnerAndTenantAndMeetsTheCasesThere has one site with two
// connections of two tenants, and a site of the same owner.
func TestCase_LeadsToConnectionSiteOwnerAndTenantAndMeetsTheCasesThere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		svc, ctx := office(t, s, 1), context.Background()
		party := func(id, bin string) models.Party {
			return models.Party{ID: id, BinOrIin: bin, Kind: models.PartyLegalEntity, NameKk: id + " ЖШС", NameRu: "ТОО " + id, Size: models.SizeLarge,
				Resident: true, Address: "x", Kato: "551010000", State: models.PartyActive, Version: 1}
		}
		point := func(id, bin, site string) models.ConnectionPoint {
			return models.ConnectionPoint{ID: id, Code: "PS1-F01-" + id, Feeder: "fd", Utility: "u-north", ConsumerBin: bin, Site: site, State: models.ConnectionEnergised,
				Permitted: 100_000, Version: 1}
		}
		err := s.Update(ctx, func(tx *store.Tx) error {
			steps := []error{
				tx.InsertUtility(models.Utility{ID: "u-north", Code: "U1", NameKk: "U", NameRu: "U", NameEn: "U", Bin: "000440038881", Version: 1}),
				tx.InsertSubstation(models.Substation{ID: "ss", Code: "PS1", Utility: "u-north", Name: "PS", VoltKV: 110, Limit: 9_000_000, Kato: "551010000", Version: 1}),
				tx.InsertFeeder(models.Feeder{ID: "fd", Code: "F01", Substation: "ss", Utility: "u-north", VoltKV: 10, Limit: 1_000_000, Version: 1}),
				tx.InsertParty(party("owner", "210440038887")), tx.InsertParty(party("tenant", "220440038884")), tx.InsertParty(party("other", "230440038881")),
				tx.InsertSite(models.Site{ID: "s1", Code: "S-1", Owner: "owner", NameKk: "Ескі диірмен", NameRu: "Старая мельница", Kato: "551010000", Region: "55", GridZone: "north", Version: 1}),
				tx.InsertSite(models.Site{ID: "s2", Code: "S-2", Owner: "owner", NameRu: "Склад", Kato: "551010000", Region: "55", GridZone: "north", Version: 1}),
				tx.InsertConnectionPoint(point("CP1", "220440038884", "s1")), tx.InsertConnectionPoint(point("CP2", "230440038881", "s1")),
				tx.InsertConnectionPoint(point("CP3", "", "s2")), tx.InsertConnectionPoint(point("CP4", "", "")),
			}
			for _, err := range steps {
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		about := func(kind, ref string) models.Case {
			t.Helper()
			m, err := svc.Open(ctx, officer, tip(5), []models.CaseSubject{{Kind: kind, Ref: ref}})
			if err != nil {
				t.Fatal(err)
			}
			return m.Case
		}
		first, same := about("connection_point", "PS1-F01-CP1"), about("connection_point", "CP1")
		neighbour, owned, hidden, far := about("connection_point", "CP2"), about("site", "s2"), about("party", "owner"), about("connection_point", "CP4")
		if _, err := svc.Restrict(ctx, head, hidden.ID, nil, 0); err != nil {
			t.Fatal(err)
		}
		numbers := func(found []models.Case) (out []string) {
			for _, c := range found {
				out = append(out, c.Number)
			}
			return out
		}
		m, err := svc.Case(ctx, officer, first.ID)
		if err != nil {
			t.Fatal(err)
		}
		links := []string{}
		for _, l := range m.Links {
			links = append(links, l.Role+":"+l.Ref+":"+l.Name.Kk)
		}
		want := []string{"connection_point:PS1-F01-CP1:", "site:s1:Ескі диірмен", "owner:owner:owner ЖШС", "tenant:tenant:tenant ЖШС", "tenant:other:other ЖШС"}
		if !slices.Equal(links, want) {
			t.Errorf("the case leads to\n%s\nwant\n%s", strings.Join(links, "\n"), strings.Join(want, "\n"))
		}
		if got := numbers(m.Related); !slices.Equal(got, []string{same.Number}) {
			t.Errorf("about the same thing: %v, want %s", got, same.Number)
		}
		if got := numbers(m.Near); !slices.Equal(got, []string{owned.Number, neighbour.Number}) {
			t.Errorf("at the same place: %v, want %s and %s and neither the restricted %s nor %s", got, owned.Number, neighbour.Number, hidden.Number, far.Number)
		}
		if m, err := svc.Case(ctx, head, first.ID); err != nil || !slices.Contains(numbers(m.Near), hidden.Number) {
			t.Errorf("a head does not see the restricted case there: %v %v", numbers(m.Near), err)
		}
		visit, err := svc.PlanInspection(ctx, head, models.Inspection{Kind: models.InspectionOutOfTurn, Title: "Far", Point: "CP4", PlannedOn: models.LegalDate(clock.Now()), Lead: officer.ID})
		if err != nil || visit.Inspection.Region != "55" {
			t.Errorf("a visit of a connection without a site is in region %q, %v", visit.Inspection.Region, err)
		}
		if m, err := svc.Case(ctx, head, far.ID); err != nil || len(m.Near) != 0 || len(m.Links) != 1 {
			t.Errorf("a connection without a site leads to %+v and meets %v, %v", m.Links, numbers(m.Near), err)
		}
	})
}

// TestInspection_ListsSayWhatHasComeInAndUntilWhenNoticeIsGiven sends a part of a visit.
func TestInspection_ListsSayWhatHasComeInAndUntilWhenNoticeIsGiven(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		svc, _ := fieldOffice(t, s)
		ctx := context.Background()
		day := models.AddDays(models.LegalDate(clock.Now()), 40)
		v, err := svc.PlanInspection(ctx, head, models.Inspection{Kind: models.InspectionByPlan, Title: "Old mill", Address: "x", PlannedOn: day, Lead: inspector.ID})
		if err != nil || v.NoticeBy != models.AddDays(day, -30) {
			t.Fatalf("notice by %q, %v", v.NoticeBy, err)
		}
		photo := []byte("photo of a rack")
		p := newPhone(t, svc, inspector)
		named := func(id string, content []byte) enforcement.SignedEvent {
			return p.event(id, v.Inspection.ID, "photo.taken", clock.Now(), map[string]any{"sha256": hashOf(content), "source": "camera"})
		}
		events := []enforcement.SignedEvent{p.event("e1", v.Inspection.ID, "visit.started", clock.Now(), map[string]any{}),
			p.event("e2", v.Inspection.ID, "serial.scanned", clock.Now(), map[string]any{"serial": "SN-1"}), p.event("e3", v.Inspection.ID, "serial.scanned", clock.Now(), map[string]any{"serial": "SN-2"}),
			p.event("e4", v.Inspection.ID, "answer.set", clock.Now(), map[string]any{"question": "q", "value": "yes"}), named("e5", photo), named("e6", []byte("another"))}
		if _, refused, err := svc.ReceiveEvents(ctx, inspector, events); err != nil || len(refused) > 0 {
			t.Fatal(refused, err)
		}
		counts := func() store.VisitCounts {
			t.Helper()
			list, err := svc.Inspections(ctx, head, store.InspectionFilter{}, store.Page{})
			if err != nil || len(list) != 1 {
				t.Fatal(list, err)
			}
			return list[0].Counts
		}
		if got := counts(); got.Serials != 2 || got.Answers != 1 || got.Files != 2 || got.Received != 0 {
			t.Errorf("before the files: %+v", got)
		}
		if _, _, err := svc.PutEvidence(ctx, inspector, hashOf(photo), "image/png", photo); err != nil {
			t.Fatal(err)
		}
		if got := counts(); got.Files != 2 || got.Received != 1 {
			t.Errorf("after one of two files: %+v", got)
		}
		if v, err := svc.SetLegal(ctx, inspector, v.Inspection.ID, map[string]string{"notice_exception": "Hidden load"}, 0); err != nil || v.NoticeBy != "" {
			t.Errorf("an exception stands and notice is asked by %q, %v", v.NoticeBy, err)
		}
	})
}
