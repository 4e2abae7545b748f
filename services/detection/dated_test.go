package detection

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"rigistry/models"
	"rigistry/services/detection/stream"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

// putInForce puts numbers in force from a day, whatever today is.
func putInForce(t *testing.T, s *store.Store, from string, values map[string]float64) {
	t.Helper()
	if err := s.Update(context.Background(), func(tx *store.Tx) error {
		return tx.InsertParameterChange(models.ParameterChange{ID: tx.NewID(), From: from, Note: "n", Values: values, State: models.ReferenceConfirmed,
			ProposedBy: "a", ProposedAt: monday, DecidedBy: "b", DecidedAt: monday, Reason: "r", Version: 2})
	}); err != nil {
		t.Fatal(err)
	}
}

func TestEngine_AChangeOfNumbersTakesEffectOnItsDayHoweverLateTheReadingsCome(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		const changed = 22 // day on which the program's own numbers come back
		day := func(d int) string { return models.LegalDate(monday.AddDate(0, 0, d)) }
		deaf := map[string]float64{"drift_kw": 50, "alarm_kwd": 500, "steady_kw": 100, "steady_sure_kw": 500, "business_kw": 200, "cycle_kw": 100, "alarm_nats": 50}
		own, back := stream.Begun().Values(), map[string]float64{}
		for name := range deaf {
			back[name] = own[name]
		}
		// In one registry everything is known from the beginning and comes in order.
		r := newRig(t, s, clock)
		meters := install(t, s, smallGrid())
		putInForce(t, s, day(-3), deaf)
		putInForce(t, s, day(changed), back)
		r.play(meters)
		end := clock.Now()
		// In the other, readings come in any order and late, day after day; the change is
		// proposed and confirmed while some of them wait, and the process restarts.
		other := storetest.SQLite(t, clock.Now)
		clock.Set(monday)
		late := newRig(t, other, clock)
		meters = install(t, other, smallGrid())
		putInForce(t, other, day(-3), deaf)
		rng := rand.New(rand.NewPCG(4, 2))
		var waiting [][]models.Reading
		for d := range historyDays {
			from := monday.AddDate(0, 0, d)
			clock.Set(from.Add(24 * time.Hour))
			for part := range slices.Chunk(readings(t, smallGrid(), meters, from, from.Add(24*time.Hour), step), 300) {
				waiting = append(waiting, part)
			}
			rng.Shuffle(len(waiting), func(i, j int) { waiting[i], waiting[j] = waiting[j], waiting[i] })
			keep := min(len(waiting), rng.IntN(4))
			if d == historyDays-1 {
				keep = 0
			}
			for _, part := range waiting[keep:] {
				late.ingest(part...)
			}
			waiting = waiting[:keep]
			if d%4 == 2 || d == historyDays-1 {
				late.service = New(other, clock.Now, quietLog)
				late.follow()
				late.look()
			}
			if d == changed-3 {
				c, err := late.service.ProposeParameters(context.Background(), officer, models.ParameterChange{From: day(changed), Note: "n", Values: back})
				if err == nil {
					_, err = late.service.ConfirmParameters(context.Background(), head, c.ID, "r", c.Version)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		now := monday.AddDate(0, 0, historyDays)
		clock.Set(now.Add(leaseTime))
		late.service = New(other, clock.Now, quietLog)
		late.live(meters, now, 3*time.Minute)
		clock.Set(end.Add(leaseTime))
		for _, r := range []*rig{r, late} {
			r.service = New(r.store, clock.Now, quietLog)
			markAll(t, r)
			r.look()
		}
		want, got := r.findings(), late.findings()
		for _, all := range [][]models.Finding{want, got} {
			for i := range all {
				f := &all[i]
				f.Target.ID, f.Feeder, f.Substation, f.Evidence.Meters = "", "", "", nil
				if fromStream(*f) && !strings.HasSuffix(f.RuleVersion, "+"+day(changed)) {
					t.Errorf("%s at %s was raised by the table of %s, want that of %s", f.Rule, f.TargetCode, f.RuleVersion, day(changed))
				}
			}
		}
		if diff := cmp.Diff(planted, causes(got)); diff != "" {
			t.Errorf("causes (-want +got):\n%s", diff)
		}
		// What lasted longer than a window was first seen by whoever looked then.
		limits := cmpopts.IgnoreFields(models.Finding{}, "FirstSeen")
		if diff := cmp.Diff(want, got, settled, limits, cmpopts.EquateApprox(0, 1e-9)); diff != "" {
			t.Errorf("findings differ (-in order +late):\n%s", diff)
		}
	})
}
