package detection

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rigistry/models"
	"rigistry/services/detection/stream"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

// pastRig is a registry with four weeks of the small grid.
func pastRig(t *testing.T, s *store.Store, clock *storetest.Clock) *rig {
	t.Helper()
	r := newRig(t, s, clock)
	meters := install(t, s, smallGrid())
	now := monday.AddDate(0, 0, historyDays)
	clock.Set(now)
	for part := range slices.Chunk(readings(t, smallGrid(), meters, monday, now, step), 3000) {
		r.ingest(part...)
	}
	return r
}

// work steps what runs until nothing does.
func work(t *testing.T, service *Service) {
	t.Helper()
	for more := true; more; {
		var err error
		if more, err = service.stepWhatIf(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
}

func causesOf(list []models.WhatIfFinding) []string {
	out := make([]string, 0, len(list))
	for _, f := range list {
		out = append(out, string(f.Rule)+" "+f.Code)
	}
	slices.Sort(out)
	return out
}

// twice is what two backtests say: the stream and the limits, with one table each.
func twice(t *testing.T, r *rig, values map[string]float64) (before, after []string) {
	t.Helper()
	with, err := stream.Begun().With("x", values)
	if err != nil {
		t.Fatal(err)
	}
	for i, table := range []stream.Params{stream.Begun(), with} {
		var units []Unit
		var all []models.Interval
		err := r.store.View(context.Background(), func(tx *store.Tx) error {
			feeders, err := tx.Feeders("", "", store.Page{})
			if err != nil {
				return err
			}
			units, all = nil, nil
			for _, f := range feeders {
				p := paramsOf(table)
				p.Window = historyDays * 24 * time.Hour
				u, err := load(tx, p, f, store.DetectionState{})
				if err != nil {
					return err
				}
				units = append(units, u)
			}
			g, err := gridOf(units, nil)
			if err != nil {
				return err
			}
			all, err = tx.IntervalsOf(g.meters, monday.AddDate(0, 0, -1), tx.Now)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		g, err := gridOf(units, []stream.Dated{{Params: table}})
		if err != nil {
			t.Fatal(err)
		}
		g.topology.Start = legalMidnight(monday)
		e, err := stream.New(g.topology)
		if err != nil {
			t.Fatal(err)
		}
		slices.SortStableFunc(all, func(a, b models.Interval) int { return a.Start.Compare(b.Start) })
		for k := range all {
			if w, known := powerOf(&all[k], closedCover); known {
				e.Push(e.Meter(all[k].Meter), all[k].Start.Unix(), w/1000, nan)
			}
		}
		e.Finish(r.clock.Now().Unix())
		var out []string
		for _, u := range units {
			for _, pt := range u.Points {
				for _, f := range licenseFindings(paramsOf(table), u, pt) {
					out = append(out, string(f.Rule)+" "+f.TargetCode)
				}
			}
			for _, a := range e.Alerts() {
				rule := map[bool]models.FindingRule{true: models.RuleBalance, false: models.RuleUnlicensed}[a.Target == u.Feeder.ID]
				if slices.Contains(tampering, a.Rule) {
					rule = models.RuleMeterTampered
				}
				if a.Target == u.Feeder.ID {
					out = append(out, string(rule)+" "+u.Feeder.Code)
				}
				for _, pt := range u.Points {
					if pt.ID == a.Target && pt.DeclaredUse != "mining" {
						out = append(out, string(rule)+" "+pt.Code)
					}
				}
			}
		}
		slices.Sort(out)
		out = slices.Compact(out)
		if i == 0 {
			before = out
		} else {
			after = out
		}
	}
	return before, after
}

func TestWhatIf_SaysWhatTwoBacktestsSay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx, r := context.Background(), pastRig(t, s, clock)
		rng := rand.New(rand.NewPCG(9, 9))
		table := stream.Table()
		changed := 0
		cases := []map[string]float64{
			{"drift_kw": 50, "alarm_kwd": 500, "steady_kw": 100, "steady_sure_kw": 500, "rig_kw": 50, "business_kw": 200, "cycle_kw": 100, "alarm_nats": 50},
			{"drift_kw": 0.1, "alarm_kwd": 0.5, "alarm_sigma": 1, "drift_sigma": 0, "alarm_nats": 2, "business_kw": 0.5},
			{"drift_kw": 50, "alarm_kwd": 500, "steady_kw": 100, "steady_sure_kw": 500},
		}
		for range 3 {
			values := map[string]float64{}
			for range 1 + rng.IntN(12) {
				p := table[rng.IntN(len(table))]
				values[p.Name] = p.Min + (p.Max-p.Min)*rng.Float64()
				if p.Whole {
					values[p.Name] = float64(int(values[p.Name]))
				}
			}
			cases = append(cases, values)
		}
		for _, values := range cases {
			w, err := r.service.AskWhatIf(ctx, officer, values, time.Time{}, time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			work(t, r.service)
			if w, err = r.service.WhatIf(ctx, auditor, w.ID); err != nil || w.State != models.WhatIfDone || w.Permille != 1000 {
				t.Fatalf("%+v, %v", w, err)
			}
			before, after := twice(t, r, values)
			minus := func(a, b []string) []string {
				out := slices.DeleteFunc(slices.Clone(a), func(c string) bool { return slices.Contains(b, c) })
				return append([]string{}, out...)
			}
			for name, c := range map[string][2][]string{"gained": {minus(after, before), causesOf(w.Found.Gained)}, "lost": {minus(before, after), causesOf(w.Found.Lost)},
				"kept": {minus(after, minus(after, before)), causesOf(w.Found.Kept)}} {
				if diff := cmp.Diff(c[0], c[1]); diff != "" {
					t.Errorf("%s with %v (-two backtests +what-if):\n%s", name, values, diff)
				}
			}
			t.Logf("%v: gained %v, lost %v, kept %v", values, causesOf(w.Found.Gained), causesOf(w.Found.Lost), causesOf(w.Found.Kept))
			changed += len(w.Found.Gained) + len(w.Found.Lost)
		}
		if changed < 3 {
			t.Errorf("the changes gain and lose %d findings: the test proves nothing", changed)
		}
	})
}

func TestWhatIf_GoesOnAfterAKillAndEndsWhenItIsCancelled(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx, r := context.Background(), pastRig(t, s, clock)
		values := map[string]float64{"over_margin": 1.1, "over_sure": 1.5, "over_fixed_kw": 10}
		ask := func() models.WhatIf {
			w, err := r.service.AskWhatIf(ctx, officer, values, monday, clock.Now())
			if err != nil {
				t.Fatal(err)
			}
			return w
		}
		w := ask()
		if _, err := r.service.AskWhatIf(ctx, head, values, monday, clock.Now()); models.CodeOf(err) != models.CodeConflict {
			t.Errorf("a second one was taken: %v", err)
		}
		// Killed in the middle: the process is gone, its lease is not.
		dying, stop := context.WithCancel(ctx)
		calls := 0
		first := New(s, func() time.Time {
			if calls++; calls == 20 {
				stop()
			}
			return clock.Now()
		}, quietLog)
		if _, err := first.stepWhatIf(dying); err == nil {
			t.Fatal("nothing was interrupted: the test proves nothing")
		}
		second := New(s, clock.Now, quietLog)
		if more, err := second.stepWhatIf(ctx); more || err != nil {
			t.Errorf("another process took it while the lease held: %v", err)
		}
		if got, _ := second.WhatIf(ctx, officer, w.ID); got.State != models.WhatIfRunning || got.Permille == 0 || got.Permille == 1000 {
			t.Errorf("after the kill: %s, %d per mille", got.State, got.Permille)
		}
		clock.Advance(leaseTime)
		work(t, second)
		got, err := second.WhatIf(ctx, officer, w.ID)
		if err != nil || got.State != models.WhatIfDone || !slices.Equal(causesOf(got.Found.Lost), []string{"license_overdraw S-B-3"}) && len(got.Found.Lost)+len(got.Found.Kept) == 0 {
			t.Errorf("after the restart: %+v, %v", got, err)
		}
		if kinds := r.countAll("detection.what_if_done"); kinds != 1 {
			t.Errorf("the end was told %d times", kinds)
		}
		// Cancelled in the middle by somebody else.
		w, calls = ask(), 0
		canceller := New(s, clock.Now, quietLog)
		worker := New(s, func() time.Time {
			if calls++; calls == 20 {
				if _, err := canceller.CancelWhatIf(ctx, head, w.ID); err != nil {
					t.Error(err)
				}
			}
			return clock.Now()
		}, quietLog)
		clock.Advance(leaseTime)
		work(t, worker)
		if got, err = worker.WhatIf(ctx, officer, w.ID); err != nil || got.State != models.WhatIfCancelled || got.Permille >= 1000 || calls < 20 || calls > 60 {
			t.Errorf("after a cancellation: %s, %d per mille, the clock was asked %d times, %v", got.State, got.Permille, calls, err)
		}
		if _, err := canceller.CancelWhatIf(ctx, head, w.ID); models.CodeOf(err) != models.CodeConflict {
			t.Errorf("cancelled twice: %v", err)
		}
		if _, err := canceller.CancelWhatIf(ctx, auditor, w.ID); models.CodeOf(err) != models.CodeForbidden {
			t.Errorf("an auditor cancelled: %v", err)
		}
	})
}

// countAll counts entries of a kind in the ledger, after sealing.
func (r *rig) countAll(kind string) int {
	r.t.Helper()
	for {
		if n, err := r.ledger.Seal(context.Background()); err != nil {
			r.t.Fatal(err)
		} else if n == 0 {
			return r.count(kind)
		}
	}
}

func TestWhatIf_TellsWhichFindingsOfTheRegistryItIsAboutAndHowTheyTurnedOut(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx, r := context.Background(), pastRig(t, s, clock)
		r.follow()
		r.look()
		var over models.Finding
		for _, f := range r.findings() {
			if f.Rule == models.RuleOverdraw {
				over = f
			}
		}
		if err := s.Update(ctx, func(tx *store.Tx) error {
			return tx.SetOutcome("case", models.FindingOutcome{Finding: over.ID, Rule: over.Rule, Confirmed: true, At: tx.Now})
		}); err != nil {
			t.Fatal(err)
		}
		w, err := r.service.AskWhatIf(ctx, officer, map[string]float64{"rig_kw": 3}, monday, clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		work(t, r.service)
		if w, err = r.service.WhatIf(ctx, officer, w.ID); err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(w.Found.Kept, func(f models.WhatIfFinding) bool { return f.Rule == models.RuleOverdraw })
		if i < 0 || w.Found.Kept[i].Finding != over.ID || w.Found.Kept[i].Outcome != "confirmed" {
			t.Fatalf("kept are %+v", w.Found.Kept)
		}
		before, after := w.Found.Judged()
		if p, known := before.Precision(); !known || p != 1 || after != before {
			t.Errorf("judged %+v and %+v", before, after)
		}
		// A proposal may name this what-if, and only with its numbers.
		c := models.ParameterChange{From: models.AddDays(models.LegalDate(clock.Now()), 2), Note: "n", WhatIf: w.ID, Values: map[string]float64{"rig_kw": 3.1}}
		if _, err := r.service.ProposeParameters(ctx, officer, c); models.CodeOf(err) != models.CodeInvalid || !strings.Contains(pointers(err), "/what_if") {
			t.Errorf("other numbers than looked at: %v", err)
		}
		c.Values["rig_kw"] = 3
		if _, err := r.service.ProposeParameters(ctx, officer, c); err != nil {
			t.Error(err)
		}
	})
}

func TestWhatIf_ComparesWithTheTableInForceAndGainsWhatThatDoesNotSee(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx, r := context.Background(), pastRig(t, s, clock)
		deaf := map[string]float64{"drift_kw": 50, "alarm_kwd": 500, "steady_kw": 100, "steady_sure_kw": 500, "business_kw": 200, "cycle_kw": 100, "alarm_nats": 50}
		own, back := stream.Begun().Values(), map[string]float64{}
		for name := range deaf {
			back[name] = own[name]
		}
		if err := s.Update(ctx, func(tx *store.Tx) error {
			return tx.InsertParameterChange(models.ParameterChange{ID: tx.NewID(), From: "2026-05-20", Note: "n", Values: deaf, State: models.ReferenceConfirmed,
				ProposedBy: "a", ProposedAt: monday, DecidedBy: "b", DecidedAt: monday, Reason: "r", Version: 2})
		}); err != nil {
			t.Fatal(err)
		}
		w, err := r.service.AskWhatIf(ctx, officer, back, monday, clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		work(t, r.service)
		if w, err = r.service.WhatIf(ctx, officer, w.ID); err != nil || w.Present != "2026-05-20" {
			t.Fatalf("compared with %s, %v", w.Present, err)
		}
		if diff := cmp.Diff([]string{"feeder_balance S-A", "unlicensed_draw S-B-1"}, causesOf(w.Found.Gained)); diff != "" || len(w.Found.Lost) > 0 {
			t.Errorf("gained (-want +got), lost %v:\n%s", causesOf(w.Found.Lost), diff)
		}
		for _, f := range w.Found.Gained {
			if f.Estimated < 5000 || f.Tier == "" || f.Raised.Before(monday) || f.Target.ID == "" {
				t.Errorf("a finding says too little: %+v", f)
			}
		}
	})
}
