package licensing_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/licensing"
	"rigistry/services/store"
)

func ptr[T any](v T) *T { return &v }

// correct has a correction drafted by the officer and signed by the head.
func (r *registry) correct(number string, since time.Time, c models.Correction) models.License {
	r.t.Helper()
	a := must(r.DraftAct(r.ctx, officer, models.LicenseAct{License: number, Kind: models.CorrectionAct, Note: "The decision says so.", Since: since, Correction: &c}, licensing.AnyVersion))
	return *must(r.SignAct(r.ctx, head, a.ID, a.Version)).License
}

func TestCorrection_ReachesBackAndTouchesNoVersionThatStands(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		l := r.licensed("CP1")
		issued := r.clock.Now()
		r.clock.Advance(10 * time.Hour)
		r.done(l.Number, models.SuspensionAct, "REPORTS_OVERDUE", 3)
		suspended := r.clock.Now()
		r.clock.Advance(10 * time.Hour)
		known := r.clock.Now()
		r.clock.Advance(10 * time.Hour)
		since := issued.Add(5 * time.Hour)
		got := r.correct(l.Number, since, models.Correction{Approved: map[string]models.Watts{"001": 500_000}})
		corrected := r.clock.Now()
		if got.Version != 4 || got.State != models.LicenseSuspended || got.Approved != 500_000 || got.Corrects != 2 || !got.EffectiveAt.Equal(suspended) || !got.RecordedAt.Equal(corrected) {
			t.Fatalf("corrected = %+v", got)
		}
		r.clock.Advance(time.Hour)
		for _, c := range []struct {
			at, known time.Time
			version   int64
			approved  models.Watts
		}{
			{issued, time.Time{}, 1, 900_000},
			{since.Add(-time.Microsecond), time.Time{}, 1, 900_000},
			{since, time.Time{}, 3, 500_000},
			{suspended.Add(-time.Microsecond), time.Time{}, 3, 500_000},
			{suspended, time.Time{}, 4, 500_000},
			{since, known, 1, 900_000},
			{suspended, known, 2, 900_000},
			{suspended, corrected, 4, 500_000},
			{suspended, corrected.Add(-time.Microsecond), 2, 900_000},
		} {
			got := must(r.LicenseKnown(r.ctx, head, l.Number, c.at, c.known))
			list, _ := must2(r.Licenses(r.ctx, head, store.LicenseFilter{AsAt: c.at, KnownAt: c.known}, store.Page{}))
			if got.Version != c.version || got.Approved != c.approved || len(list) != 1 || list[0].Version != c.version {
				t.Errorf("at %s known %s: version %d with %s, listed %v; want version %d with %s", c.at, c.known, got.Version, got.Approved, list, c.version, c.approved)
			}
		}
		if n := len(r.inRegister("license.corrected")); n != 2 {
			t.Errorf("%d entries license.corrected, want one for each new version", n)
		}
		err := r.store.View(r.ctx, func(tx *store.Tx) error {
			of, err := tx.LicensesEverOf(l.HolderBin)
			if err != nil {
				return err
			}
			at, err := tx.LicensesEverAt("CP1")
			for _, list := range [][]models.License{of, at} {
				if len(list) != 3 || list[0].Version != 1 || list[1].Version != 3 || list[2].Version != 4 {
					t.Errorf("held for some time: %v, want the versions 1, 3 and 4", list)
				}
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
		for what, a := range map[string]models.LicenseAct{
			"more power":            {Since: since, Correction: &models.Correction{Approved: map[string]models.Watts{"001": 500_001}}},
			"nothing":               {Since: since, Correction: &models.Correction{}},
			"before it began":       {Since: issued.Add(-time.Hour), Correction: &models.Correction{HolderName: ptr("X")}},
			"the future":            {Since: r.clock.Now().Add(time.Hour), Correction: &models.Correction{HolderName: ptr("X")}},
			"a term that has ended": {Since: since, Correction: &models.Correction{LastDay: ptr("2026-01-01")}},
		} {
			a.License, a.Kind, a.Note = l.Number, models.CorrectionAct, "n"
			_, err := r.DraftAct(r.ctx, officer, a, licensing.AnyVersion)
			wantCode(t, what, err, models.CodeInvalid)
		}
		r.done(l.Number, models.LiftAct, "CURED", 0)
		if got := must(r.License(r.ctx, head, l.Number, time.Time{})); got.Version != 5 || got.Approved != 500_000 || got.Corrects != 0 {
			t.Errorf("after the lift: %+v", got)
		}
	})
}

func TestCorrection_TheDatabaseTakesNoneWithoutItsVersionNorFromTheFuture(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		l := r.licensed("CP1")
		insert := func(change func(*models.License)) error {
			next := l
			next.Version, next.Drafter, next.Signer, next.Corrects, next.RecordedAt = 2, "u-officer", "u-head", 1, l.RecordedAt.Add(time.Hour)
			change(&next)
			return r.store.Update(r.ctx, func(tx *store.Tx) error { return tx.InsertLicense(next) })
		}
		wantCode(t, "of no version", insert(func(l *models.License) { l.Corrects = 2 }), models.CodeConflict)
		wantCode(t, "before the version began", insert(func(l *models.License) { l.EffectiveAt = l.EffectiveAt.Add(-time.Microsecond) }), models.CodeConflict)
		wantCode(t, "from the future", insert(func(l *models.License) { l.EffectiveAt = l.RecordedAt.Add(time.Microsecond) }), models.CodeConflict)
		wantCode(t, "recorded before the version before it", insert(func(l *models.License) { l.RecordedAt = l.RecordedAt.Add(-2 * time.Hour); l.Corrects = 0 }), models.CodeConflict)
		if err := insert(func(*models.License) {}); err != nil {
			t.Errorf("a correction: %v", err)
		}
	})
}

// painted is a naive second model of two times: for each instant of knowledge, what
// each hour held, painted over version by version as they were recorded.
type painted struct {
	start time.Time
	hours []int64 // version that holds in each hour
}

func (p *painted) paint(v models.License) {
	from := int(v.EffectiveAt.Sub(p.start) / time.Hour)
	for h := from; h < len(p.hours); h++ {
		p.hours[h] = v.Version
	}
}

func TestTwoTimes_EveryAnswerIsThatOfTheNaiveModel(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		rng := rand.New(rand.NewPCG(20261122, 5)) //nolint:gosec // a test wants the same numbers again
		for round := range 6 {
			l := r.licensed(fmt.Sprintf("CP%d", round))
			start, hours := r.clock.Now(), 60
			model := painted{start: start, hours: make([]int64, hours+1)}
			model.paint(l)
			known := map[int][]int64{0: append([]int64(nil), model.hours...)}
			last, name := l, 0
			for h := 1; h <= hours; h++ {
				r.clock.Set(start.Add(time.Duration(h) * time.Hour))
				before := last.Version
				switch n := rng.IntN(6); {
				case n == 0 && last.State == models.LicenseActive:
					last = r.done(l.Number, models.SuspensionAct, "REPORTS_OVERDUE", 3)
				case n == 1 && last.State == models.LicenseSuspended:
					last = r.done(l.Number, models.LiftAct, "CURED", 0)
				case n == 2:
					name++
					since := start.Add(time.Duration(rng.IntN(h+1)) * time.Hour)
					last = r.correct(l.Number, since, models.Correction{HolderName: ptr(fmt.Sprintf("Name %d", name))})
				}
				for _, v := range must(r.LicenseVersions(r.ctx, head, l.Number)) {
					if v.Version > before {
						model.paint(v)
					}
				}
				known[h] = append([]int64(nil), model.hours...)
			}
			versions := must(r.LicenseVersions(r.ctx, head, l.Number))
			for k := 0; k <= hours; k++ {
				for h := 0; h <= hours; h++ {
					at, when := start.Add(time.Duration(h)*time.Hour), start.Add(time.Duration(k)*time.Hour)
					want := known[k][h]
					if got, ok := models.LicenseAt(versions, at, when); !ok || got.Version != want {
						t.Fatalf("round %d: LicenseAt(%d h, known %d h) = %d, want %d", round, h, k, got.Version, want)
					}
					if (h+k+round)%7 != 0 {
						continue // the database answers a seventh of the questions
					}
					got := must(r.LicenseKnown(r.ctx, head, l.Number, at, when))
					list, _ := must2(r.Licenses(r.ctx, head, store.LicenseFilter{Holder: l.Holder, AsAt: at, KnownAt: when}, store.Page{}))
					if got.Version != want || len(list) != 1 || list[0].Version != want {
						t.Fatalf("round %d: at %d h known %d h: version %d, listed %v, want %d", round, h, k, got.Version, list, want)
					}
				}
			}
			timeline := models.LicenseTimeline(versions, r.clock.Now())
			for i := 1; i < len(timeline); i++ {
				if !timeline[i].EffectiveAt.After(timeline[i-1].EffectiveAt) {
					t.Errorf("the timeline stands still at %s", timeline[i].EffectiveAt)
				}
			}
			if newest := versions[len(versions)-1]; timeline[len(timeline)-1].Version != newest.Version {
				t.Errorf("now holds version %d, the newest is %d", timeline[len(timeline)-1].Version, newest.Version)
			}
		}
	})
}
