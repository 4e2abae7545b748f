package metering_test

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/metering"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

// A sealed chunk says what it holds, by which profile and where from; its bytes have the
// digest that the list gives, and another utility does not see it.
func TestChunks_TellWhatIsSealedAndGiveItsBytesWithItsRegisters(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store, clock *storetest.Clock) {
		s := metering.New(st, clock.Now)
		m := register(t, s, "M1")
		from := models.IntervalStart(clock.Now().Add(-2 * time.Hour))
		all := answered(t, every(m.ID, from, 10*time.Second, 180))
		for i := range all {
			all[i].Source = models.SourceModbus
		}
		ingested(t, s, 1, append(append([]models.Reading{}, all[:20]...), all[21:]...)...)
		clock.Advance(3 * time.Minute)
		sealAll(t, s)
		file := all[20]
		file.Registers, file.Source = nil, models.SourceFile
		ingested(t, s, 2, file)
		clock.Advance(3 * time.Minute)
		sealAll(t, s)

		list, err := s.Chunks(ctx, clerk, "M1", from, from.Add(time.Hour), 0)
		if err != nil || len(list) != 3 {
			t.Fatalf("got %d chunks, %v; want two quarters, the first in two versions", len(list), err)
		}
		if list[0].Version != 1 || list[1].Version != 2 || !list[2].Start.Equal(from.Add(models.IntervalLength)) || list[0].Readings != 89 || list[1].Readings != 90 {
			t.Errorf("got %+v", list)
		}
		if list[0].Sources != models.SourceModbus.Set() || list[1].Sources != models.SourceModbus.Set()|models.SourceFile.Set() {
			t.Errorf("the sources are %v and %v", list[0].Sources.Names(), list[1].Sources.Names())
		}
		if len(list[1].Layouts) != 1 || list[1].Layouts[0].Profile != "eastron/sdm630" || len(list[1].Layouts[0].ProfileDigest) != 64 {
			t.Errorf("the layouts are %+v", list[1].Layouts)
		}
		newest, err := s.Chunk(ctx, clerk, "M1", from, 0)
		if err != nil || newest.Version != 2 || len(newest.Rows) != 90 || newest.Rows[20].Registers != nil || newest.Rows[21].Registers == nil {
			t.Fatalf("the newest is version %d of %d rows, %v", newest.Version, len(newest.Rows), err)
		}
		first, err := s.Chunk(ctx, clerk, "M1", from, 1)
		if err != nil || len(first.Rows) != 89 {
			t.Fatalf("the first version has %d rows, %v", len(first.Rows), err)
		}
		if sum := sha256.Sum256(first.Body); hex.EncodeToString(sum[:]) != list[0].Digest {
			t.Error("the bytes have another digest than the list says")
		}
		if _, err := s.Chunk(ctx, clerk, "M1", from, 3); models.CodeOf(err) != models.CodeNotFound {
			t.Errorf("a version that there is not: %v", err)
		}
		other := models.Actor{ID: "u", Roles: []models.Role{models.RoleUtility}, Utility: "another"}
		if _, err := s.Chunks(ctx, other, "M1", from, from.Add(time.Hour), 0); err == nil {
			t.Error("another utility sees the chunks")
		}
		if _, err := s.Chunk(ctx, other, "M1", from, 0); err == nil {
			t.Error("another utility sees a chunk")
		}
		series, err := s.Query(ctx, clerk, metering.Query{Meter: "M1", From: from, Until: from.Add(time.Hour), Resolution: metering.Resolution15m})
		if err != nil || len(series.Buckets) == 0 || series.Buckets[0].Sources != list[1].Sources {
			t.Errorf("the interval says another source: %+v, %v", series.Buckets, err)
		}
		day, err := s.Query(ctx, clerk, metering.Query{Meter: "M1", From: from.AddDate(0, 0, -1), Until: from.AddDate(0, 0, 1), Resolution: metering.ResolutionDay})
		if err != nil || len(day.Buckets) == 0 || day.Buckets[0].Sources != list[1].Sources {
			t.Errorf("the day says another source: %+v, %v", day.Buckets, err)
		}
	})
}
