package stream

import (
	"math"
	"testing"
)

// told is the alerts of a world as "target rule tier;".
func told(t *testing.T, w world, days int) string {
	t.Helper()
	out := ""
	for _, a := range w.play(t, days).Alerts() {
		out += a.Target + " " + a.Rule + " " + string(a.Tier) + ";"
	}
	return out
}

// refrigerator is what a house shows that nobody is in: three counts of its register.
func refrigerator(i int) float64 { return 0.08 + 0.02*float64(i%3) }

func TestStream_AHouseThatIsLeftWithTheTapIsNotTakenForAMeterThatStopped(t *testing.T) {
	w := newWorld()
	w.tap = func(node string, i int) float64 {
		if node == "T0" {
			return since(18, 6.6)(i)
		}
		return 0
	}
	w.shown = func(id string, i int, kw float64) float64 {
		if id == "T0-H03" && i >= 18*48+10 {
			return refrigerator(i)
		}
		return kw
	}
	if got, want := told(t, w, 30), "T0 balance_rise A;"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestStream_AMeterThatIsFrozenInAQuietNightIsNamed(t *testing.T) {
	w := newWorld()
	w.load = func(id string, i int) float64 {
		if id == "T0-H03" {
			return since(18, 9.9)(i)
		}
		return 0
	}
	w.shown = func(id string, i int, kw float64) float64 {
		switch h := i % 48 / 2; {
		case id != "T0-H03":
			return kw
		case i >= 18*48+10:
			return 0.1
		case h < 7 || h >= 22:
			return refrigerator(i)
		}
		return kw
	}
	if got, want := told(t, w, 30), "T0-H03 meter_frozen A;"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestStream_WhereHousesAreSwitchedOffEveryDayOneOfThemIsNotNamedForATap(t *testing.T) {
	for _, c := range []struct {
		name   string
		others bool
		want   string
	}{{"others too", true, "T0 balance_rise A;"}, {"it alone", false, "T0-H03 meter_zeroed A;"}} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld()
			w.tap = func(node string, i int) float64 {
				if node == "T0" {
					return since(18, 6.6)(i)
				}
				return 0
			}
			w.shown = func(id string, i int, kw float64) float64 {
				if id == "T0-H03" && i >= 18*48+10 {
					return 0
				}
				// Holiday flats: each is off for two days of six.
				if k := int(id[len(id)-1] - '0'); c.others && len(id) == 6 && id[:5] == "T0-H1" && (i/48+k)%6 < 2 {
					return 0
				}
				return kw
			}
			if got := told(t, w, 30); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestStream_AnExcessThatComesWithAnotherLoadIsHeldAgainstWhatLossesMayBe(t *testing.T) {
	for tap, want := range map[float64]string{0: "", 150: "T1 balance_rise A;"} {
		w := newWorld()
		w.topology.Nodes[21].KVA, w.topology.Licenses[0].ApprovedKW, w.loss = 400, 700, 0.0005
		if n := w.topology.Nodes[21]; n.ID != "T1" {
			t.Fatalf("node 21 is %s", n.ID)
		}
		w.load = func(id string, i int) float64 {
			if id == "SITE" && i < 22*48 {
				return 600 // then it is empty, and losses of the transformer with it
			}
			return 0
		}
		w.tap = func(node string, i int) float64 {
			if node == "T1" && i >= 22*48+10 {
				return tap
			}
			return 0
		}
		if got := told(t, w, 44); got != want {
			t.Errorf("with a tap of %.0f kW got %q, want %q", tap, got, want)
		}
	}
}

func TestStream_ARigBesideHousesWithoutAMeterIsAskedAbout(t *testing.T) {
	for kw, want := range map[float64]string{0: "", 1.5: "T0 balance_steady C;", 9: "T0 balance_steady B;"} {
		w := newWorld()
		w.topology.Nodes[0].UnmeteredCustomers, w.topology.Nodes[0].UnmeteredAvgKW = 10, 5.3
		w.tap = func(node string, i int) float64 {
			if node != "T0" {
				return 0
			}
			hour := float64(i%48) / 2
			return kw + 10*(0.45+0.4*math.Exp(-sq(hour-19)/8))
		}
		if got := told(t, w, 40); got != want {
			t.Errorf("with %.1f kW got %q, want %q", kw, got, want)
		}
	}
}

func TestStream_WhatABalanceMissedUntilARecordCameIsNoEvidenceAgainstTheRecord(t *testing.T) {
	const effective, recorded = 20, 25
	w := newWorld()
	w.topology.Changes = []Change{{Node: "T0-H05", From: "T0", To: "T1", Effective: begin.AddDate(0, 0, effective), Recorded: begin.AddDate(0, 0, recorded)}}
	w.topology.Parameters = []Dated{{begin, with(t, map[string]float64{"misplaced_nats": 200})}} // nobody sees it before
	w.moves = func(id string, i int) string {
		if id == "T0-H05" && i >= effective*48 {
			return "T1"
		}
		return ""
	}
	e := w.play(t, recorded+2)
	m := &e.meters[e.byMeter["T0-H05"]]
	for d := effective + 1; d < recorded+2; d++ {
		if slope := float64(m.sxy[d%ring] / m.sxx[d%ring]); math.Abs(slope) > 0.5 {
			t.Errorf("day %d: %.2f of the home's changes are in the excess of its balance, want next to none", d, slope)
		}
	}
}

func TestStream_AFarmAheadOfTheMetersIsFoundThoughItsRigsStandStillForDays(t *testing.T) {
	w := newWorld()
	w.tap = func(node string, i int) float64 {
		if node != "T0" {
			return 0
		}
		if d := i / 48; d%3 == 0 { // three rigs of thirty on a day of three
			return 90
		}
		return 99
	}
	for _, a := range w.play(t, 30).Alerts() {
		if a.Target == "T0" && a.Rule == "balance_steady" && a.Tier == Inspect {
			if a.Low > 96 || a.High < 96 {
				t.Errorf("estimated %.1f kW [%.1f, %.1f], want 96 within", a.KW, a.Low, a.High)
			}
			return
		}
	}
	t.Error("not found in thirty days")
}

// with is the first table with other numbers in the place of some.
func with(t *testing.T, numbers map[string]float64) Params {
	t.Helper()
	p, err := Begun().With(begin.Format("2006-01-02"), numbers)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
