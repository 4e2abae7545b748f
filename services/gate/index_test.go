package gate

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rigistry/models"
	"rigistry/services/store"
)

// indexWalk changes a world at random, in every way that the gate's facts can change.
type indexWalk struct {
	*world
	random   *rand.Rand
	points   []string
	numbers  []string
	facts    []string // standing facts that hold
	rigs     []models.Equipment
	meters   []models.Meter
	duties   []models.Obligation
	permits  []Answer
	seed     int
	permited int
}

func (w *indexWalk) pick(from []string) string { return from[w.random.IntN(len(from))] }

func (w *indexWalk) update(fn func(tx *store.Tx) error) {
	w.t.Helper()
	w.must(w.store.Update(w.ctx, fn))
}

// bakeryCode is a point where something else than mining is permitted.
const bakeryCode = "PS12-F03-CP900"

func (w *indexWalk) bakery() {
	_, err := w.gate.RegisterConnectionPoint(w.ctx, w.pres, models.ConnectionPoint{Code: bakeryCode, Feeder: "PS12-F03", DeclaredUse: "bakery",
		Permitted: 2_000_000, Act: "ACT-1", SupplyNumber: "SC-1", Technical: models.TechnicalConditions{Number: "TC-1", Limit: 1_500_000, Purpose: "other"}})
	w.must(err)
	w.points = append(w.points, bakeryCode)
}

// steps are the changes by name; each may find nothing to do.
func (w *indexWalk) steps() map[string]func() {
	return map[string]func(){
		"check": w.ask, "check 2": w.ask, "check 3": w.ask, "check 4": w.ask, "check 5": w.ask, "confirm": w.confirm,
		"time goes on": func() { w.clock.Advance(time.Duration(w.random.IntN(9*3600)) * time.Second) },
		"lapse":        func() { w.must(w.gate.lapse(w.ctx)) },
		"settle":       func() { w.must(w.gate.settle(w.ctx)) },
		"seal":         w.seal,
		"a point": func() {
			code := fmt.Sprintf("PS12-F03-CP2%02d", len(w.points))
			w.point(code)
			w.points = append(w.points, code)
		},
		"a point changes": w.movePoint,
		"a license": func() {
			w.seed++
			free := w.points[len(w.points)-1]
			on := []string{}
			w.must(w.store.View(w.ctx, func(tx *store.Tx) error {
				covers, err := tx.LicensedPoints(free)
				if len(covers) == 0 && free != bakeryCode {
					on = append(on, free)
				}
				return err
			}))
			w.numbers = append(w.numbers, w.issue(int64(500+w.seed), models.Watts(1+w.random.IntN(3_000_000)), on...).Number)
		},
		"a license changes": func() {
			states := []models.LicenseState{models.LicenseSuspended, models.LicenseActive, models.LicenseSuspended, models.LicenseActive}
			w.turn(states[w.random.IntN(len(states))], "license.suspended")
		},
		"a standing fact": w.stand, "a standing fact ends": w.unstand,
		"rigs": w.rig, "a rig moves": w.moveRig,
		"a meter": w.exchange, "a reading": func() {
			w.clock.Advance(time.Second)
			w.read(pointCode, models.Watts(w.random.IntN(1000)))
		},
		"an obligation": w.owe, "an obligation changes": w.fulfil,
		"the party changes": func() {
			w.update(func(tx *store.Tx) error {
				p, err := tx.Party("party1")
				if err != nil {
					return err
				}
				states := []models.PartyState{models.PartyActive, models.PartyBankrupt}
				p.State, p.Version = states[w.random.IntN(2)], p.Version+1
				return tx.UpdateParty(p)
			})
		},
		"an application moves": func() {
			w.update(func(tx *store.Tx) error {
				a, err := tx.Application("app1")
				if err != nil {
					return err
				}
				states := []models.ApplicationState{models.ApplicationDraft, models.ApplicationSubmitted}
				a.State, a.Version = states[w.random.IntN(2)], a.Version+1
				return tx.UpdateApplication(a)
			})
		},
	}
}

func (w *indexWalk) ask() {
	r := w.request()
	r.ConnectionPoint, r.Requested = w.pick(w.points), models.Watts(1+w.random.IntN(700_000))
	if w.random.IntN(3) > 0 {
		r.ConnectionPoint, r.Applicant, r.License, r.Purpose, r.Requested = bakeryCode, otherBin, "", models.PurposeOther, models.Watts(1+w.random.IntN(90_000))
	}
	w.seal()
	if a := w.check(r); a.Decision == models.OutcomePermit {
		w.permits, w.permited = append(w.permits, a), w.permited+1
	}
}

func (w *indexWalk) confirm() {
	if len(w.permits) == 0 {
		return
	}
	a := w.permits[len(w.permits)-1]
	w.permits = w.permits[:len(w.permits)-1]
	_, err := w.gate.Confirm(w.ctx, w.pres, a.ID, Confirmation{EnergisedAt: a.DecidedAt, Power: a.Max, MeterSerial: "SN-" + a.ConnectionPoint, SwitchingOrder: "1"})
	if code := models.CodeOf(err); err != nil && code != models.CodeConflict && code != models.CodeInvalid {
		w.t.Fatal(err)
	}
}

func (w *indexWalk) movePoint() {
	p, err := w.gate.ConnectionPoint(w.ctx, w.pres, w.pick(w.points))
	w.must(err)
	p.Permitted, p.Act = models.Watts(w.random.IntN(3_000_000)), []string{"ACT-2", ""}[w.random.IntN(2)]
	p.Site = []string{"site1", ""}[w.random.IntN(2)]
	if w.random.IntN(3) == 0 {
		w.seed++
		code := fmt.Sprintf("PS12-F1%03d", w.seed)
		_, err := w.gate.RegisterFeeder(w.ctx, w.pres, models.Feeder{Code: code, Substation: "PS12", VoltKV: 10, Limit: 5_000_000})
		w.must(err)
		p.Feeder = code
	}
	if _, err = w.gate.UpdateConnectionPoint(w.ctx, w.pres, p); err != nil && models.CodeOf(err) != models.CodeConflict {
		w.t.Fatal(err)
	}
}

func (w *indexWalk) stand() {
	clerk := models.Actor{ID: "officer", Kind: "person", Roles: []models.Role{models.RoleSystem}}
	f := models.StandingFact{From: w.clock.Now().Add(time.Duration(w.random.IntN(7200)-3600) * time.Second), Document: "D-1"}
	if w.random.IntN(2) == 0 {
		f.Until = f.From.Add(time.Duration(1+w.random.IntN(40)) * time.Hour)
	}
	switch w.random.IntN(5) {
	case 0:
		f.Kind, f.Scope, f.Power = models.StandingCurtailment, models.ScopeFeeder, 3_000_000
		f.ScopeID = "PS12-F03"
	case 1:
		f.Kind, f.Scope, f.ScopeID = models.StandingHold, models.ScopeParty, holderBin
	case 2:
		f.Kind, f.Scope, f.ScopeID, f.Source, f.Hours = models.StandingSupply, models.ScopePoint, w.pick(w.points), "auction", models.AllHours
	case 3:
		f.Kind, f.Scope, f.ScopeID = models.StandingSuspect, models.ScopeSite, "S-1"
	case 4:
		f.Kind, f.Scope, f.Power = models.StandingCurtailment, models.ScopeSubstation, 9_000_000
		f.ScopeID = "PS12"
	}
	out, err := w.gate.RecordStanding(w.ctx, clerk, f)
	w.must(err)
	w.facts = append(w.facts, out.ID)
}

func (w *indexWalk) unstand() {
	if len(w.facts) == 0 {
		return
	}
	_, err := w.gate.EndStanding(w.ctx, models.Actor{ID: "officer2", Kind: "person", Roles: []models.Role{models.RoleSystem}}, w.facts[0], "over")
	w.must(err)
	w.facts = w.facts[1:]
}

func (w *indexWalk) rig() {
	w.seed++
	e := models.Equipment{ID: fmt.Sprint("rig", w.seed), Manufacturer: "M", Model: "X", Serial: fmt.Sprint("S", w.seed), Nameplate: models.Watts(1000 + w.random.IntN(300_000)),
		Owner: "party1", Site: "site1", License: w.pick(w.numbers), State: models.EquipmentActive, Version: 1, Created: w.clock.Now(), Updated: w.clock.Now()}
	w.update(func(tx *store.Tx) error { return tx.InsertEquipment(e) })
	w.rigs = append(w.rigs, e)
}

func (w *indexWalk) moveRig() {
	if len(w.rigs) == 0 {
		return
	}
	e := &w.rigs[w.random.IntN(len(w.rigs))]
	next := *e
	next.Version++
	next.License, next.State = w.pick(append([]string{""}, w.numbers...)), []models.EquipmentState{models.EquipmentActive, models.EquipmentStored}[w.random.IntN(2)]
	w.update(func(tx *store.Tx) error { return tx.UpdateEquipment(next) })
	*e = next
}

func (w *indexWalk) exchange() {
	w.seed++
	if len(w.meters) > 0 && w.random.IntN(2) == 0 {
		m := &w.meters[w.random.IntN(len(w.meters))]
		next := *m
		next.InstalledUntil = w.clock.Now().Add(time.Duration(w.random.IntN(5)) * time.Hour)
		w.update(func(tx *store.Tx) error { return tx.UpdateMeter(next) })
		next.Version++
		*m = next
		return
	}
	m := models.Meter{ID: fmt.Sprint("mm", w.seed), Code: fmt.Sprint("A-", w.seed), Serial: fmt.Sprint("SNX", w.seed), Role: models.MeterRevenue,
		Node: models.Ref{Kind: "connection_point", ID: w.pick(w.points)}, Utility: w.pres.Utility, CTNum: 1, CTDen: 1, VTNum: 1, VTDen: 1, PollInterval: time.Second, Version: 1}
	w.update(func(tx *store.Tx) error { return tx.InsertMeter(m) })
	w.meters = append(w.meters, m)
}

func (w *indexWalk) owe() {
	w.seed++
	o := models.Obligation{ID: fmt.Sprint("o", w.seed), Kind: "QUARTERLY_REPORT", License: w.pick(w.numbers), Party: "party1", Period: fmt.Sprint("P", w.seed), From: "2026-01-01", Until: "2026-03-01",
		LawDue: "2026-03-03", Due: fmt.Sprintf("2026-03-%02d", 1+w.random.IntN(5)), LegalRef: "x", Grade: "R", BlocksGate: w.random.IntN(4) > 0, State: models.ObligationOpen,
		Created: w.clock.Now(), Updated: w.clock.Now(), Version: 1}
	w.update(func(tx *store.Tx) error { _, err := tx.InsertObligation(o); return err })
	w.duties = append(w.duties, o)
}

func (w *indexWalk) fulfil() {
	if len(w.duties) == 0 {
		return
	}
	o := &w.duties[w.random.IntN(len(w.duties))]
	next := *o
	next.Version++
	next.State, next.HandedBy, next.HandedOn, next.HandedAt = models.ObligationFulfilled, "u", []string{"2026-03-01", "2026-03-09"}[w.random.IntN(2)], w.clock.Now()
	w.update(func(tx *store.Tx) error { return tx.UpdateObligation(next) })
	*o = next
}

// compare holds the facts of the index against those that the loader reads, for every
// point, license and purpose.
func (w *indexWalk) compare(x *index, step string) {
	w.t.Helper()
	w.must(w.gate.settle(w.ctx)) // the loader reads rows
	w.must(w.store.View(w.ctx, func(tx *store.Tx) error {
		x.advance(tx.Now)
		for _, point := range append([]string{"PS99"}, w.points...) {
			for _, number := range []string{"", w.license.Number, w.pick(w.numbers), "KZ00DMA00000042"} {
				for _, purpose := range []models.Purpose{models.PurposeMining, models.PurposeOther} {
					r := models.CheckRequest{ConnectionPoint: point, Applicant: holderBin, License: number, Purpose: purpose, Requested: 1}
					got := x.load(w.pres.Utility, r, tx.Now)
					want, err := factLoader{tx: tx, seen: freshness{revision: got.Revision, waiting: got.Waiting, behind: got.Behind}}.load(w.pres.Utility, r)
					if err != nil {
						return err
					}
					for _, f := range []models.Facts{want, got} {
						for i := range f.Meters { // followed by the minute
							f.Meters[i].Last = f.Meters[i].Last.Truncate(time.Minute)
						}
					}
					if diff := cmp.Diff(want, got); diff != "" {
						w.t.Fatalf("after %q the index differs at %s, license %q, %s (-loader +index):\n%s", step, point, number, purpose, diff)
					}
				}
			}
		}
		return nil
	}))
}

func TestIndex_EqualsTheLoaderAfterEveryStepOfARandomWalk(t *testing.T) {
	each(t, func(t *testing.T, world *world) {
		w := &indexWalk{world: world, random: rand.New(rand.NewPCG(4, 2)), points: []string{pointCode}, numbers: []string{world.license.Number}} //nolint:gosec // a walk is repeated
		w.bakery()
		followed, err := newIndex().follow(w.ctx, w.store, nil)
		w.must(err)
		all := w.steps()
		names := make([]string, 0, len(all))
		for name := range all {
			names = append(names, name)
		}
		slices.Sort(names)
		first := followed
		for range 120 {
			name := names[w.random.IntN(len(names))]
			all[name]()
			followed, err = followed.follow(w.ctx, w.store, nil)
			w.must(err)
			w.compare(followed, name)
		}
		if followed != first {
			t.Error("the index was read anew; it should have followed")
		}
		fresh, err := newIndex().follow(w.ctx, w.store, nil)
		w.must(err)
		w.compare(fresh, "reading anew")
		if w.permited < 5 {
			t.Errorf("%d permits were given: the walk hardly tests what is held", w.permited)
		}
		// The control: an index that does not follow is behind.
		w.turn(models.LicenseRevoked, "license.revoked")
		w.must(w.store.View(w.ctx, func(tx *store.Tx) error {
			r := w.request()
			want, err := factLoader{tx: tx}.load(w.pres.Utility, r)
			if err == nil && followed.load(w.pres.Utility, r, tx.Now).License.State == want.License.State {
				t.Error("control: an index that did not follow knows of the revocation")
			}
			return err
		}))
	})
}
