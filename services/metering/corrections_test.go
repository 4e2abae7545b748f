package metering_test

import (
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/metering"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

var (
	officer = models.Actor{ID: "o1", Kind: "person", Roles: []models.Role{models.RoleOfficer}}
	second  = models.Actor{ID: "o2", Kind: "person", Roles: []models.Role{models.RoleOfficer}}
)

// hours of a meter with 1 kW, a reading every minute.
func measuredHours(t testing.TB, s *metering.Service, clock *storetest.Clock, code string) (models.Meter, time.Time) {
	t.Helper()
	m := register(t, s, code)
	from := models.IntervalStart(clock.Now().Add(-30 * time.Hour))
	var rows []models.Reading
	for i := range 4*60 + 1 {
		r := reading(m.ID, from.Add(time.Duration(i)*time.Minute), 1000, int64(i)*1000/60)
		r.Step = time.Minute
		rows = append(rows, r)
	}
	ingested(t, s, 1, rows...)
	return m, from
}

func putRight(from time.Time, wh ...models.WattHours) models.IntervalCorrection {
	c := models.IntervalCorrection{From: from, Until: from.Add(time.Duration(len(wh)) * models.IntervalLength), Reason: models.CorrectionMeterFault, Act: "12/2026"}
	for i, v := range wh {
		c.Intervals = append(c.Intervals, models.CorrectedInterval{Start: from.Add(time.Duration(i) * models.IntervalLength), Import: v})
	}
	return c
}

func energies(t testing.TB, s *metering.Service, meter string, from, until, known time.Time, r metering.Resolution) (out []models.WattHours) {
	t.Helper()
	got, err := s.Query(ctx, clerk, metering.Query{Meter: meter, From: from, Until: until, Resolution: r, KnownAt: known})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range got.Buckets {
		wh, _ := b.Energy()
		out = append(out, wh)
	}
	return out
}

// A correction counts once another person has confirmed it, in quarters, hours, days and
// for obligations; what was measured stays, and is what counts again when it is withdrawn.
func TestCorrection_CountsWhenAnotherPersonConfirmsItAndNothingMeasuredIsLost(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store, clock *storetest.Clock) {
		s := metering.New(st, clock.Now)
		m, from := measuredHours(t, s, clock, "M1")
		until := from.Add(4 * time.Hour)
		clock.Advance(3 * time.Minute)
		sealAll(t, s) // hours and days are added up
		hoursBefore := energies(t, s, "M1", from, until, time.Time{}, metering.ResolutionHour)
		if n := len(energies(t, s, "M1", from, until, time.Time{}, metering.Resolution15m)); n < 16 || hoursBefore[0] < 900 {
			t.Fatalf("%d quarters and %v Wh in hours are no beginning", n, hoursBefore)
		}
		measured := energies(t, s, "M1", from, until, time.Time{}, metering.Resolution15m)

		preview, err := s.PreviewCorrection(ctx, officer, "M1", putRight(from.Add(time.Hour), 5000, 6000))
		if err != nil || len(preview.Rows) != 2 || preview.After != 11_000 || preview.Before != measured[4]+measured[5] {
			t.Fatalf("the preview is %+v, %v", preview, err)
		}
		c, err := s.ProposeCorrection(ctx, officer, "M1", putRight(from.Add(time.Hour), 5000, 6000))
		if err != nil {
			t.Fatal(err)
		}
		if got := energies(t, s, "M1", from, until, time.Time{}, metering.Resolution15m); got[4] != measured[4] {
			t.Errorf("a proposal counts already: %v", got)
		}
		if _, err := s.ProposeCorrection(ctx, second, "M1", putRight(from, 1)); models.CodeOf(err) != models.CodeConflict {
			t.Errorf("a second proposal while one waits: %v, want a conflict", err)
		}
		if _, err := s.ApplyCorrection(ctx, officer, "M1", c.ID, c.Version); models.CodeOf(err) != models.CodeForbidden {
			t.Errorf("confirmed by who proposed it: %v, want that it is forbidden", err)
		}
		if _, err := s.ApplyCorrection(ctx, clerk, "M1", c.ID, c.Version); models.CodeOf(err) != models.CodeForbidden {
			t.Errorf("confirmed by a clerk: %v, want that it is forbidden", err)
		}
		if _, err := s.ApplyCorrection(ctx, second, "M1", c.ID, c.Version+1); models.CodeOf(err) != models.CodeVersionConflict {
			t.Errorf("another version: %v, want a conflict", err)
		}
		clock.Advance(time.Minute)
		instantBefore := clock.Now()
		clock.Advance(time.Minute)
		if _, err := s.ApplyCorrection(ctx, second, "M1", c.ID, c.Version); err != nil {
			t.Fatal(err)
		}
		got := energies(t, s, "M1", from, until, time.Time{}, metering.Resolution15m)
		if got[4] != 5000 || got[5] != 6000 || got[3] != measured[3] || got[6] != measured[6] {
			t.Errorf("after it is confirmed: %v", got)
		}
		if hours := energies(t, s, "M1", from, until, time.Time{}, metering.ResolutionHour); hours[1] != 11_000+measured[6]+measured[7] || hours[0] != hoursBefore[0] {
			t.Errorf("the hours are %v, were %v", hours, hoursBefore)
		}
		if old := energies(t, s, "M1", from, until, instantBefore, metering.Resolution15m); old[4] != measured[4] {
			t.Errorf("as it was known before: %v, want %v", old, measured)
		}
		checkMetered(t, st, m.ID, from, until, sumOf(measured)-measured[4]-measured[5]+11_000)
		// A late reading makes the measured quarter anew, and the correction still counts.
		late := reading(m.ID, from.Add(time.Hour+90*time.Second), 1000, 1025)
		late.Step = time.Minute
		ingested(t, s, 2, late)
		clock.Advance(3 * time.Minute)
		sealAll(t, s) // the hour and the day are added up again
		if hours := energies(t, s, "M1", from, until, time.Time{}, metering.ResolutionHour); hours[1] != 11_000+measured[6]+measured[7] {
			t.Errorf("after late readings the hours are %v", hours)
		}

		undo := models.IntervalCorrection{From: from.Add(time.Hour), Until: from.Add(75 * time.Minute), Reason: models.CorrectionWithdrawn, Act: "13/2026"}
		w, err := s.ProposeCorrection(ctx, second, "M1", undo)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.ApplyCorrection(ctx, officer, "M1", w.ID, w.Version); err != nil {
			t.Fatal(err)
		}
		got = energies(t, s, "M1", from, until, time.Time{}, metering.Resolution15m)
		if got[4] > 300 || got[5] != 6000 {
			t.Errorf("after a part is withdrawn: %v, want the measured quarter and the corrected one", got)
		}
		list, err := s.Corrections(ctx, clerk, "M1")
		if err != nil || len(list) != 2 || list[1].State != models.CorrectionApplied || list[1].DecidedBy != second.ID {
			t.Errorf("the corrections are %+v, %v", list, err)
		}
		if kinds := entryKinds(t, st); kinds["readings.correction_proposed"] != 2 || kinds["readings.corrected"] != 2 {
			t.Errorf("the ledger has %v", kinds)
		}
	})
}

func sumOf(all []models.WattHours) (sum models.WattHours) {
	for _, wh := range all {
		sum += wh
	}
	return sum
}

// checkMetered compares what obligations count.
func checkMetered(t testing.TB, st *store.Store, meter string, from, until time.Time, want models.WattHours) {
	t.Helper()
	if err := st.View(ctx, func(tx *store.Tx) error {
		got, err := tx.MeteredEnergy([]string{meter}, from, until)
		if got[meter].Energy != int64(want) {
			t.Errorf("obligations count %d Wh, want %d", got[meter].Energy, want)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func entryKinds(t testing.TB, st *store.Store) map[string]int {
	t.Helper()
	out := map[string]int{}
	if err := st.View(ctx, func(tx *store.Tx) error {
		all, err := tx.UnsealedEntries(1000)
		clear(out)
		for _, e := range all {
			out[e.Kind]++
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestCorrection_IsNotConfirmedOverReadingsThatCameSince(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store, clock *storetest.Clock) {
		s := metering.New(st, clock.Now)
		m, from := measuredHours(t, s, clock, "M1")
		c, err := s.ProposeCorrection(ctx, officer, "M1", putRight(from.Add(5*time.Hour), 250))
		if err != nil {
			t.Fatal(err)
		}
		ingested(t, s, 2, reading(m.ID, from.Add(5*time.Hour+time.Minute), 1000, 9000), reading(m.ID, from.Add(5*time.Hour+2*time.Minute), 1000, 9016))
		if _, err := s.ApplyCorrection(ctx, second, "M1", c.ID, c.Version); models.CodeOf(err) != models.CodeConflict {
			t.Errorf("got %v, want a conflict: the period was read since", err)
		}
		if _, err := s.RejectCorrection(ctx, officer, "M1", c.ID, c.Version); err != nil {
			t.Errorf("who proposed it cannot take it back: %v", err)
		}
		if _, err := s.RejectCorrection(ctx, second, "M1", c.ID, c.Version+1); models.CodeOf(err) != models.CodeConflict {
			t.Errorf("rejected twice: %v, want a conflict", err)
		}
		if _, err := s.ProposeCorrection(ctx, officer, "M1", putRight(from.Add(5*time.Hour), 250)); err != nil {
			t.Errorf("a new proposal after the rejection: %v", err)
		}
	})
}

func TestCorrection_RefusesWhatCannotBeAndAnotherUtilitysMeter(t *testing.T) {
	clock := storetest.NewClock()
	s := metering.New(storetest.SQLite(t, clock.Now), clock.Now)
	_, from := measuredHours(t, s, clock, "M1")
	wrong := func(change func(*models.IntervalCorrection)) models.IntervalCorrection {
		c := putRight(from, 1, 2)
		change(&c)
		return c
	}
	for name, c := range map[string]models.IntervalCorrection{
		"not a quarter": wrong(func(c *models.IntervalCorrection) { c.From = c.From.Add(time.Minute) }),
		"the future": wrong(func(c *models.IntervalCorrection) {
			c.Until = models.IntervalStart(clock.Now()).Add(models.IntervalLength)
		}),
		"too long":           wrong(func(c *models.IntervalCorrection) { c.From = c.From.Add(-100 * 24 * time.Hour) }),
		"no reason":          wrong(func(c *models.IntervalCorrection) { c.Reason = "" }),
		"no paper":           wrong(func(c *models.IntervalCorrection) { c.Act = " " }),
		"outside the period": wrong(func(c *models.IntervalCorrection) { c.Intervals[1].Start = c.Until }),
		"twice":              wrong(func(c *models.IntervalCorrection) { c.Intervals[1].Start = c.Intervals[0].Start }),
		"negative":           wrong(func(c *models.IntervalCorrection) { c.Intervals[0].Import = -1 }),
		"no values":          wrong(func(c *models.IntervalCorrection) { c.Intervals = nil }),
		"values withdrawn":   wrong(func(c *models.IntervalCorrection) { c.Reason = models.CorrectionWithdrawn }),
	} {
		if _, err := s.PreviewCorrection(ctx, officer, "M1", c); models.CodeOf(err) != models.CodeInvalid {
			t.Errorf("%s: %v, want that it is invalid", name, err)
		}
	}
	own := models.Actor{ID: "u", Roles: []models.Role{models.RoleUtility}, Utility: "u-north"}
	other := models.Actor{ID: "u", Roles: []models.Role{models.RoleUtility}, Utility: "another"}
	if _, err := s.PreviewCorrection(ctx, own, "M1", putRight(from, 1)); err != nil {
		t.Errorf("its own utility: %v", err)
	}
	if _, err := s.ProposeCorrection(ctx, other, "M1", putRight(from, 1)); models.CodeOf(err) != models.CodeNotFound {
		t.Errorf("another utility: %v, want that there is no such meter", err)
	}
}
