package enforcement_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/enforcement"
	"rigistry/services/licensing"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

// rigsAt puts an owner, two sites and machines into the register: at the
// first site, B-1 sold, and TWIN of two makers at each site.
func rigsAt(t *testing.T, s *store.Store) {
	t.Helper()
	err := s.Update(context.Background(), func(tx *store.Tx) error {
		if err := tx.InsertParty(models.Party{ID: "p1", BinOrIin: "210440038887", Kind: models.PartyLegalEntity, NameKk: "A", NameRu: "A", Size: models.SizeLarge,
			State: models.PartyActive, Created: tx.Now, Updated: tx.Now, Version: 1}); err != nil {
			return err
		}
		for _, id := range []string{"s1", "s2"} {
			if err := tx.InsertSite(models.Site{ID: id, Code: "S-" + id, Owner: "p1", NameRu: id, Kato: "551010000", Region: "55", GridZone: "north", Version: 1}); err != nil {
				return err
			}
		}
		for _, e := range []models.Equipment{{ID: "r1", Serial: "A-1", Site: "s1"}, {ID: "r2", Serial: "A-2", Site: "s1"}, {ID: "r3", Serial: "B-1", State: models.EquipmentSold},
			{ID: "r4", Serial: "TWIN", Site: "s1"}, {ID: "r5", Serial: "TWIN", Manufacturer: "Other", Site: "s2"}} {
			e.Model, e.Owner, e.Nameplate, e.Created, e.Version = "S21", "p1", 3400, tx.Now, 1
			if e.Manufacturer == "" {
				e.Manufacturer = "Bitmain"
			}
			if e.State == "" {
				e.State = models.EquipmentActive
			}
			if err := tx.InsertEquipment(e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func seizure(on string, serials ...string) models.CaseAct {
	return models.CaseAct{Kind: models.CaseSeized, On: on, Number: "P-7", Agency: "financial_monitoring", Place: "Склад № 3, Ломова 7", Serials: serials}
}

func stateOf(t *testing.T, s *store.Store, rig string) (e models.Equipment, kinds string) {
	t.Helper()
	err := s.View(context.Background(), func(tx *store.Tx) (err error) {
		if e, err = tx.Equipment(rig); err != nil {
			return err
		}
		events, err := tx.EquipmentEvents(rig)
		for _, x := range events {
			kinds += string(x.Kind) + " "
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return e, strings.TrimSpace(kinds)
}

func TestSeizure_MarksTheRigsOfTheRegisterAndKeepsThoseItDoesNotKnow(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		svc, ctx := office(t, s, 1), context.Background()
		rigsAt(t, s)
		law := licensing.New(s)
		m, err := svc.Open(ctx, officer, tip(80), []models.CaseSubject{{Kind: "site", Ref: "s1"}})
		if err != nil {
			t.Fatal(err)
		}
		id, day := m.Case.ID, models.LegalDate(clock.Now())
		if m, err = svc.Act(ctx, officer, id, seizure(day, "a1", "B-1", "TWIN", "NOBODYS-9", "A-l")); err != nil {
			t.Fatal(err)
		}
		got := []string{}
		for _, x := range m.Seized {
			got = append(got, fmt.Sprintf("%s=%s/%s/%s", x.Serial, x.Rig, x.Was, x.Fate))
		}
		if want := []string{"a1=r1/active/held", "B-1=r3/sold/held", "TWIN=r4/active/held", "NOBODYS-9=//held", "A-l=//held"}; !slices.Equal(got, want) {
			t.Fatalf("seized %v, want %v", got, want)
		}
		for rig, want := range map[string]string{"r1": "seized seized", "r2": "active ", "r3": "sold ", "r4": "seized seized", "r5": "active "} {
			if e, kinds := stateOf(t, s, rig); string(e.State)+" "+kinds != want {
				t.Errorf("%s is %s with the events %q, want %q", rig, e.State, kinds, want)
			}
		}
		// Nobody moves, sells or releases it past the case.
		clerk := models.Actor{ID: "u-officer", Kind: "person", Roles: []models.Role{models.RoleOfficer}}
		e, _ := stateOf(t, s, "r1")
		for _, act := range []models.EquipmentAct{{Kind: models.EquipmentMoved, To: models.EquipmentPosition{Site: "s2"}},
			{Kind: models.EquipmentSale, To: models.EquipmentPosition{Owner: "p1"}, Document: "D"}, {Kind: models.EquipmentReleased, Document: "D"},
			{Kind: models.EquipmentRemoved, To: models.EquipmentPosition{State: models.EquipmentExported}, Document: "D"}} {
			if _, err := law.RecordEquipment(ctx, clerk, "r1", e.Version, licensing.Declaration{EquipmentAct: act}); models.CodeOf(err) != models.CodeConflict {
				t.Errorf("%s of a seized rig: %v", act.Kind, err)
			}
		}
		if _, err := svc.Act(ctx, officer, id, seizure(day, "A-2", "A1")); models.CodeOf(err) != models.CodeInvalid || !strings.Contains(fmt.Sprint(fieldsOf(err)), "/serials/1 held") {
			t.Errorf("a machine that is held is seized again: %v", err)
		}
		if e, _ := stateOf(t, s, "r2"); e.State != models.EquipmentActive {
			t.Error("a refused record took one of its machines")
		}
		if own, err := svc.RigSeizures(ctx, auditor, "r1"); err != nil || len(own) != 1 || own[0].CaseNumber != m.Case.Number || own[0].Seized.Place == "" {
			t.Errorf("the rig's seizures: %+v %v", own, err)
		}
		// A ruling gives one back and confiscates the rest.
		ruling := models.CaseAct{Kind: models.CaseJudged, On: day, Number: "3-88", Ruling: "convicted", Fate: models.RigReturned, Serials: []string{"A-1"}}
		if m, err = svc.Act(ctx, officer, id, ruling); err != nil {
			t.Fatal(err)
		}
		if e, kinds := stateOf(t, s, "r1"); e.State != models.EquipmentStored || kinds != "seized released" {
			t.Errorf("given back: %s, %s", e.State, kinds)
		}
		ruling.Serials, ruling.Fate = nil, models.RigConfiscated
		if m, err = svc.Act(ctx, officer, id, ruling); err != nil {
			t.Fatal(err)
		}
		if _, err = svc.Act(ctx, officer, id, ruling); !slices.Equal(fieldsOf(err), []string{"/fate nothing_held"}) {
			t.Errorf("nothing is held and was confiscated again: %v", err)
		}
		for _, x := range m.Seized {
			if want := map[bool]models.RigFate{true: models.RigReturned, false: models.RigConfiscated}[x.Rig == "r1"]; x.Fate != want || x.Until != day || x.Decided == "" {
				t.Errorf("%s: %s on %s by %q", x.Serial, x.Fate, x.Until, x.Decided)
			}
		}
		if e, kinds := stateOf(t, s, "r4"); e.State != models.EquipmentSeized || kinds != "seized" {
			t.Errorf("confiscated: %s, %s", e.State, kinds)
		}
		if _, err := law.RecordEquipment(ctx, clerk, "r4", 2, licensing.Declaration{EquipmentAct: models.EquipmentAct{Kind: models.EquipmentReleased, Document: "D"}}); models.CodeOf(err) != models.CodeConflict {
			t.Errorf("a confiscated rig is released: %v", err)
		}
		entriesWithoutWords(t, s, "Склад", "Ломова")
	})
}

func fieldsOf(err error) (out []string) {
	var e *models.Error
	if asError(err, &e) {
		for _, f := range e.Fields {
			out = append(out, f.Pointer+" "+f.Code)
		}
	}
	return out
}

// TestSeizure_WhateverIsDoneAMachineIsHeldByOneCaseAndTheRegisterAgrees drives two cases at
// random and compares the register with a list kept beside it.
func TestSeizure_WhateverIsDoneAMachineIsHeldByOneCaseAndTheRegisterAgrees(t *testing.T) {
	clock := storetest.NewClock()
	s := storetest.SQLite(t, clock.Now)
	svc, ctx := office(t, s, 1), context.Background()
	rigsAt(t, s)
	var ids []string
	for range 2 {
		m, err := svc.Open(ctx, officer, tip(80), []models.CaseSubject{{Kind: "site", Ref: "s1"}})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, m.Case.ID)
	}
	serials := map[string]string{"A-1": "r1", "A-2": "r2", "TWIN": "r4", "X-1": "", "X-2": ""}
	names := []string{"A-1", "A-2", "TWIN", "X-1", "X-2"}
	holder, gone := map[string]string{}, map[string]bool{} // by serial
	random := rand.New(rand.NewPCG(3, 9))
	done := map[models.CaseActKind]int{}
	for n := range 150 {
		clock.Advance(time.Hour)
		day, id := models.LegalDate(clock.Now()), ids[random.IntN(2)]
		one := names[random.IntN(len(names))]
		act, want := seizure(day, one), holder[one] == "" && !gone[one]
		if n%2 == 0 {
			act = models.CaseAct{Kind: models.CaseReleased, On: day, Number: "R", Serials: []string{one}}
			if random.IntN(12) == 0 {
				act = models.CaseAct{Kind: models.CaseJudged, On: day, Number: "C", Ruling: "convicted", Fate: models.RigConfiscated, Serials: []string{one}}
			}
			want = holder[one] == id && !gone[one]
		}
		_, err := svc.Act(ctx, officer, id, act)
		if (err == nil) != want {
			t.Fatalf("step %d: %s of %s in %s: %v; the list says %v", n, act.Kind, one, id, err, want)
		}
		if err != nil {
			continue
		}
		done[act.Kind]++
		switch act.Kind {
		case models.CaseSeized:
			holder[one] = id
		case models.CaseReleased:
			holder[one] = ""
		default:
			gone[one] = true
		}
		for _, name := range names {
			if rig := serials[name]; rig != "" {
				if e, _ := stateOf(t, s, rig); (e.State == models.EquipmentSeized) != (holder[name] != "") {
					t.Fatalf("step %d: %s is %s, held by %q", n, name, e.State, holder[name])
				}
			}
		}
	}
	if done[models.CaseSeized] < 5 || done[models.CaseReleased] < 3 || done[models.CaseJudged] < 1 {
		t.Errorf("hardly anything happened: %v", done)
	}
}

func TestSeizure_WhatWasTakenOnAVisitWaitsForItsRecord(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		svc, _ := fieldOffice(t, s)
		ctx := context.Background()
		m, err := svc.Open(ctx, officer, tip(80), mill)
		if err != nil {
			t.Fatal(err)
		}
		day := models.LegalDate(clock.Now())
		v, err := svc.PlanInspection(ctx, head, models.Inspection{Kind: models.InspectionOutOfTurn, Title: "Mill", Case: m.Case.ID, PlannedOn: day, Lead: inspector.ID})
		if err != nil {
			t.Fatal(err)
		}
		p := newPhone(t, svc, inspector)
		events := []enforcement.SignedEvent{p.event("e1", v.Inspection.ID, "visit.started", clock.Now(), map[string]any{}),
			p.event("e2", v.Inspection.ID, "equipment.seized", clock.Now(), map[string]any{"serials": []string{"Q-1", "Q-2"}, "note": ""})}
		if _, refused, err := svc.ReceiveEvents(ctx, inspector, events); err != nil || len(refused) > 0 {
			t.Fatal(refused, err)
		}
		found := func() string {
			m, err := svc.Case(ctx, officer, m.Case.ID)
			if err != nil {
				t.Fatal(err)
			}
			return strings.Join(m.Found, " ")
		}
		if got := found(); got != "Q-1 Q-2" {
			t.Errorf("the case waits for the record of %q", got)
		}
		if _, err := svc.Act(ctx, officer, m.Case.ID, seizure(day, "q1")); err != nil {
			t.Fatal(err)
		}
		if got := found(); got != "Q-2" {
			t.Errorf("after the record of one, the case waits for %q", got)
		}
	})
}
