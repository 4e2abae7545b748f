package metering_test

import (
	"strings"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/metering"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

var askue = metering.FileMapping{DecimalComma: true, Meter: "Счётчик", Time: "Дата", Clock: "Время", Zone: "kz", Value: "кВт·ч", Kind: metering.FileKWh,
	Length: 30 * time.Minute}

const askueHead = "Счётчик;Дата;Время;кВт·ч\n"

func TestFile_EachIntervalHoldsTheEnergyOfTheFileAndAgainChangesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store, clock *storetest.Clock) {
		s := metering.New(st, clock.Now)
		register(t, s, "A1")
		january := "\ufeff" + askueHead + "A1;31.01.2026;23:00;12,5\nA1;31.01.2026;23:30;1 000,25\n\nA1;31.01.2026;24:00;0\nX;31.01.2026;24:00;1\nA1;31.01.2026;abc;1\n"
		got, err := s.ImportFile(ctx, clerkOfAll, askue, []byte(january), metering.FileDryRun)
		if err != nil || got.Added != 0 || got.Readings != 4 || len(got.Bad) != 2 {
			t.Fatalf("dry run: got %+v, %v; want 4 readings, none added, two bad rows", got, err)
		}
		for run, added := range []int{4, 0} {
			if got, err = s.ImportFile(ctx, clerkOfAll, askue, []byte(january), metering.FileWrite); err != nil || got.Added != added || len(got.Bad) != 2 || got.Bad[0].Line != 6 && got.Bad[1].Line != 6 {
				t.Fatalf("run %d: got %+v, %v; want %d added and line 6 bad", run, got, err, added)
			}
		}
		february := askueHead + "A1;01.02.2026;00:30;7,0\nA1;01.02.2026;05:00;2\n" // goes on, then a hole
		if got, err = s.ImportFile(ctx, clerkOfAll, askue, []byte(february), metering.FileWrite); err != nil || got.Added != 3 {
			t.Fatalf("the next file: got %+v, %v; want 3 added", got, err)
		}
		from := time.Date(2026, 1, 31, 18, 0, 0, 0, time.UTC) // 23:00 at UTC+5
		var energy []models.WattHours
		for _, b := range quarters(t, s, "A1", from, from.Add(7*time.Hour)) {
			energy = append(energy, b.CounterImport)
		}
		var sum models.WattHours
		for _, e := range energy {
			sum += e
		}
		if sum != 12_500+1_000_250+7_000+2_000 || energy[0] != 6_250 || energy[2] != 500_125 {
			t.Errorf("got %v, in all %d Wh, want 1,021,750", energy, sum)
		}
	})
}

// clerkOfAll may write readings.
var clerkOfAll = models.System()

func TestFile_TheHourThatCameTwiceInFebruary2024IsTwoHours(t *testing.T) {
	var rows strings.Builder
	rows.WriteString(askueHead)
	for _, at := range []string{"29.02.2024;22:30", "29.02.2024;23:00", "29.02.2024;23:30", "29.02.2024;23:00", "29.02.2024;23:30", "01.03.2024;00:00"} {
		rows.WriteString("A1;" + at + ";1\n")
	}
	got, bad, err := askue.ReadFile([]byte(rows.String()))
	if err != nil || len(bad) != 0 || len(got) != 1 {
		t.Fatalf("got %d stretches, %v, %v; want one without a hole", len(got), bad, err)
	}
	first := time.Date(2024, 2, 29, 16, 30, 0, 0, time.UTC) // 22:30 at UTC+6
	for i, r := range got[0].Readings {
		if want := first.Add(time.Duration(i) * 30 * time.Minute); !r.At.Equal(want) {
			t.Errorf("reading %d is at %s, want %s", i, r.At, want)
		}
	}
	if n := len(got[0].Readings); n != 7 {
		t.Errorf("got %d readings, want 7", n)
	}
}

func TestFile_PowerAndRegistersAreReadToo(t *testing.T) {
	power := metering.FileMapping{Delimiter: ',', Code: "A1", Time: "at", Layout: time.RFC3339, Zone: "UTC", Value: "kw", Kind: metering.FileKW, Length: time.Hour, AtEnd: true}
	got, bad, err := power.ReadFile([]byte("at,kw\n2026-01-01T01:00:00Z,2.5\n2026-01-01T02:00:00Z,\"1,000\"\n"))
	if err != nil || len(bad) != 0 || len(got) != 1 {
		t.Fatalf("got %v, %v, %v", got, bad, err)
	}
	if wh, _ := got[0].Readings[2].Values.Get(models.QEImport); wh != 1_002_500 || got[0].Readings[0].At.Hour() != 0 {
		t.Errorf("got %d Wh from %s, want 1,002,500 from midnight", wh, got[0].Readings[0].At)
	}
	index := metering.FileMapping{Code: "A1", Time: "t", Zone: "+06:00", Value: "v", Kind: metering.FileIndex}
	got, bad, err = index.ReadFile([]byte("t;v\n01.01.2026 06:00;100.5\n01.01.2026 07:00;101\n01.01.2026 07:00;102\n"))
	if err != nil || len(bad) != 1 || bad[0].Line != 4 || len(got[0].Readings) != 2 || got[0].Readings[0].At.Hour() != 0 {
		t.Errorf("got %v, %v, %v; want two readings and line 4 named", got, bad, err)
	}
	if _, _, err := (metering.FileMapping{}).ReadFile(nil); models.CodeOf(err) != models.CodeInvalid {
		t.Errorf("no mapping: got %v, want it refused", err)
	}
}

func TestFile_NoSumOfItsIntervalsLeavesTheCounter(t *testing.T) {
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var rows strings.Builder
	rows.WriteString(askueHead)
	for n := range 20_000 {
		at := begin.Add(time.Duration(n) * 30 * time.Minute)
		rows.WriteString("A1;" + at.Format("02.01.2006;15:04") + ";999999999999\n")
	}
	stretches, bad, err := askue.ReadFile([]byte(rows.String()))
	for _, st := range stretches {
		for _, r := range st.Readings {
			if wh, _ := r.Values.Get(models.QEImport); wh < 0 {
				t.Fatalf("the counter is %d Wh at %s", wh, r.At)
			}
		}
	}
	if err == nil || len(bad) == 0 {
		t.Errorf("%d stretches, %d bad rows, %v; want a petawatt-hour in half an hour refused", len(stretches), len(bad), err)
	}
}

func FuzzReadFile(f *testing.F) {
	f.Add([]byte(askueHead+"A1;31.01.2026;23:00;12,5\nA1;29.02.2024;23:30;1 000,25\n"), ';', byte(0))
	f.Add([]byte(askueHead+"A1;\"31.01.2026\";24:00;0\n"), ';', byte(1))
	f.Add([]byte("Счётчик\tДата\tВремя\tкВт·ч\nA1\t01.01.1970\t00:00\t-1\n"), '\t', byte(2))
	f.Fuzz(func(t *testing.T, data []byte, delimiter rune, kind byte) {
		m := askue
		m.Delimiter = delimiter
		m.Kind = []metering.FileValue{metering.FileKWh, metering.FileKW, metering.FileIndex}[kind%3]
		stretches, _, err := m.ReadFile(data)
		if err != nil {
			return
		}
		for _, s := range stretches {
			for i, r := range s.Readings {
				if wh, ok := r.Values.Get(models.QEImport); !ok || wh < 0 || i > 0 && !r.At.After(s.Readings[i-1].At) {
					t.Fatalf("reading %d: %d Wh at %s", i, wh, r.At)
				}
			}
		}
	})
}
