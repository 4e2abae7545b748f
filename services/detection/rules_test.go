package detection

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rigistry/models"
	"rigistry/services/detection/stream"
)

// flatUnit is a feeder with one point whose power is given by a function of the
// interval, over so many days, live.
func flatUnit(days int, pt models.ConnectionPoint, spans []Span, power func(i int) float64) Unit {
	n := days * perDay
	s := Series{Start: monday, W: make([]float64, n)}
	for i := range s.W {
		s.W[i] = power(i)
	}
	now := s.at(n)
	pt.ID, pt.Code = "p", "P"
	if pt.State == "" {
		pt.State = models.ConnectionEnergised
	}
	return Unit{Feeder: models.Feeder{ID: "f", Code: "F", Limit: 400_000}, Start: monday, Closed: n, Now: now, Live: now.Add(-10 * time.Minute),
		Points: []Point{{ConnectionPoint: pt, Channel: &Channel{Meter: "m", Class: "0.5S", Read: true, Series: s}, Spans: spans}}}
}

// between is true for intervals from hour a to hour b of the window.
func between(i, a, b int) bool { return i >= 4*a && i < 4*b }

func active(from, until time.Time) Span {
	return Span{License: "KZ", State: models.LicenseActive, Approved: 100_000, From: from, Until: until}
}

func TestRules_TableOfLicenses(t *testing.T) {
	before, after := monday.AddDate(-1, 0, 0), monday.AddDate(1, 0, 0)
	mining := models.ConnectionPoint{DeclaredUse: "mining", Permitted: 200_000}
	suspendedAt := monday.Add(24*time.Hour + 7*time.Minute)
	suspended := []Span{active(before, suspendedAt), {License: "KZ", State: models.LicenseSuspended, Approved: 100_000, From: suspendedAt, Until: after}}
	ended := func(state models.LicenseState) []Span {
		return []Span{active(before, suspendedAt), {License: "KZ", State: state, Approved: 100_000, From: suspendedAt, Until: after}}
	}
	level := func(w float64) func(int) float64 { return func(int) float64 { return w } }
	for _, c := range []struct {
		name  string
		pt    models.ConnectionPoint
		spans []Span
		power func(i int) float64
		want  string // rule and kind, "" for silence
	}{
		{"at the margin", mining, []Span{active(before, after)}, level(101_999), ""},
		{"above the margin", mining, []Span{active(before, after)}, level(102_100), "license_overdraw overdraw"},
		{"two intervals of four per cent", mining, []Span{active(before, after)}, func(i int) float64 {
			if i == 50 || i == 51 {
				return 104_000
			}
			return 90_000
		}, ""},
		{"three intervals of four per cent", mining, []Span{active(before, after)}, func(i int) float64 {
			if i >= 50 && i <= 52 {
				return 104_000
			}
			return 90_000
		}, "license_overdraw overdraw"},
		{"one interval of five per cent, less the meter's uncertainty", mining, []Span{active(before, after)}, func(i int) float64 {
			if i == 50 {
				return 105_500
			}
			return 90_000
		}, ""},
		{"one interval far above", mining, []Span{active(before, after)}, func(i int) float64 {
			if i == 50 {
				return 150_000
			}
			return 90_000
		}, "license_overdraw overdraw"},
		{"three intervals", mining, []Span{active(before, after)}, func(i int) float64 {
			if i >= 50 && i <= 52 {
				return 150_000
			}
			return 90_000
		}, "license_overdraw overdraw"},
		{"three intervals with a gap", mining, []Span{active(before, after)}, func(i int) float64 {
			if i == 51 {
				return math.NaN()
			}
			if i >= 50 && i <= 53 {
				return 104_000
			}
			return 90_000
		}, ""},
		{"goes on while suspended", mining, suspended, level(90_000), "draw_while_suspended suspended"},
		{"obeys the suspension", mining, suspended, func(i int) float64 {
			if i <= 24*4 { // the interval of the change itself still shows the load
				return 90_000
			}
			return 1500
		}, ""},
		{"obeys one interval late", mining, suspended, func(i int) float64 {
			if i <= 24*4+1 {
				return 90_000
			}
			return 0
		}, "draw_while_suspended suspended"},
		{"light in the first quarter hour after the stop", mining, suspended, func(i int) float64 {
			if i <= 24*4 {
				return 90_000
			}
			return 1990
		}, ""},
		{"goes on after revocation", mining, ended(models.LicenseRevoked), level(90_000), "draw_after_license revoked"},
		{"goes on after expiry", mining, ended(models.LicenseExpired), level(90_000), "draw_after_license expired"},
		{"another use after revocation", models.ConnectionPoint{DeclaredUse: "cold_store", Permitted: 200_000}, ended(models.LicenseRevoked), level(90_000), ""},
		{"mining without any license", mining, nil, level(40_000), "unlicensed_draw without_license"},
		{"light in an empty hall", mining, nil, level(900), ""},
		{"lawful license", mining, []Span{active(before, after)}, level(99_000), ""},
		{"not connected and drawing", models.ConnectionPoint{DeclaredUse: "workshop", State: models.ConnectionDisconnected, Updated: monday}, nil,
			func(i int) float64 {
				if between(i, 10, 14) {
					return 4000
				}
				return 0
			}, "draw_not_energised not_energised"},
		{"not connected and quiet", models.ConnectionPoint{DeclaredUse: "workshop", State: models.ConnectionDisconnected, Updated: monday}, nil, level(300), ""},
		{"drawing before it was disconnected", models.ConnectionPoint{DeclaredUse: "workshop", State: models.ConnectionDisconnected, Updated: monday.Add(30 * time.Hour)}, nil,
			func(i int) float64 {
				if i < 30*4 {
					return 4000
				}
				return 0
			}, ""},
		{"drawing on after it was disconnected", models.ConnectionPoint{DeclaredUse: "workshop", State: models.ConnectionDisconnected, Updated: monday.Add(30 * time.Hour)}, nil,
			func(i int) float64 {
				if i <= 30*4 {
					return 4000
				}
				return 0
			}, "draw_not_energised not_energised"},
	} {
		got := ""
		for _, f := range evaluate(nil, flatUnit(2, c.pt, c.spans, c.power), nil) {
			got += string(f.Rule) + " " + f.Evidence.Kind
		}
		if got != c.want {
			t.Errorf("%s: found %q, want %q", c.name, got, c.want)
		}
	}
}

// dayShape is an ordinary business: busy by day, quiet by night.
func dayShape(i int) float64 {
	if h := (i/4 + 5) % 24; h >= 8 && h < 18 {
		return 20_000 + 4000*math.Sin(float64(i))
	}
	return 1200
}

func TestRules_TableOfShapes(t *testing.T) {
	from := func(day int, w float64) func(int) float64 {
		return func(i int) float64 { return dayShape(i) + rigAfter(i, day, w) }
	}
	for _, c := range []struct {
		name  string
		use   string
		kw    models.Watts
		power func(i int) float64
		want  string
	}{
		{"a workshop", "workshop", 60_000, dayShape, ""},
		{"a farm behind it", "workshop", 60_000, from(18, 41_000), "added_load"},
		{"less than two rigs behind a workshop", "workshop", 60_000, from(18, 4_000), ""},
		{"a second day shift", "workshop", 60_000, func(i int) float64 {
			if i >= 18*perDay {
				return 3 * dayShape(i)
			}
			return dayShape(i)
		}, ""},
		{"night baking that began", "workshop", 60_000, func(i int) float64 {
			if h := (i/4 + 5) % 24; i >= 18*perDay && (h >= 22 || h < 6) {
				return dayShape(i) + 40_000
			}
			return dayShape(i)
		}, ""},
		{"a farm that stopped days ago", "workshop", 60_000, func(i int) float64 {
			if i >= 18*perDay && i < 25*perDay {
				return dayShape(i) + 41_000
			}
			return dayShape(i)
		}, ""},
		{"a farm that was always there", "workshop", 60_000, func(i int) float64 { return dayShape(i) + 41_000 }, "flat_load"},
		{"a mast", "telecom", 6000, func(int) float64 { return 4000 }, ""},
		{"a declared data centre", "data_centre", 140_000, func(int) float64 { return 105_000 }, ""},
		{"rigs that come to a declared data centre", "data_centre", 200_000, func(i int) float64 { return 105_000 + rigAfter(i, 18, 60_000) }, "added_load"},
		{"and take it above what its act permits", "data_centre", 140_000, func(i int) float64 { return 105_000 + rigAfter(i, 18, 60_000) }, "declared_exceeded"},
		{"the same in an office", "office", 140_000, func(int) float64 { return 105_000 }, "flat_load"},
		{"one rig at home", "household", 9000, func(i int) float64 { return 400 + 300*math.Abs(math.Sin(float64(i)/9)) + rigAfter(i, 18, 3300) }, "added_load"},
		{"a heater that cycles at home", "household", 9000, func(i int) float64 {
			return 400 + 300*math.Abs(math.Sin(float64(i)/9)) + rigAfter(i, 18, 3000*float64(i/2%2))
		}, ""},
	} {
		u := flatUnit(28, models.ConnectionPoint{DeclaredUse: c.use, Permitted: c.kw}, nil, c.power)
		got := ""
		for _, f := range evaluate(nil, u, streamed(t, u)) {
			got += f.Evidence.Kind
		}
		if got != c.want {
			t.Errorf("%s: found %q, want %q", c.name, got, c.want)
		}
		u.Live = time.Time{}
		if n := len(evaluate(nil, u, streamed(t, u))); n != 0 {
			t.Errorf("%s: %d suspicions from a shape that nobody sees live", c.name, n)
		}
	}
}

// streamed is the stream of units from the beginning of their window on.
func streamed(t testing.TB, units ...Unit) *stream.Engine {
	t.Helper()
	g, err := gridOf(units, nil)
	if err != nil {
		t.Fatal(err)
	}
	g.topology.Start = legalMidnight(units[0].Start)
	e, err := stream.New(g.topology)
	if err != nil {
		t.Fatal(err)
	}
	for i := range units[0].Closed {
		for _, u := range units {
			channels := []*Channel{u.Head}
			for _, pt := range u.Points {
				channels = append(channels, pt.Channel)
			}
			for _, c := range channels {
				if c != nil && e.Meter(c.Meter) >= 0 && c.W[i] == c.W[i] {
					e.Push(e.Meter(c.Meter), c.at(i).Unix(), c.W[i]/1000, nan)
				}
			}
		}
	}
	e.Finish(units[0].Start.Add(time.Duration(units[0].Closed) * step).Unix())
	return e
}

func rigAfter(i, day int, w float64) float64 {
	if i >= day*perDay {
		return w
	}
	return 0
}

func TestOverdraw_ScalesWithTheLicenseAndDoesNotDependOnTheWeek(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scale := rapid.Float64Range(1, 50).Draw(t, "scale")
		excess := rapid.Float64Range(0.05, 2).Draw(t, "excess")
		begin := rapid.IntRange(0, 150).Draw(t, "begin")
		length := rapid.IntRange(3, 40).Draw(t, "length")
		approved := 100_000 * scale
		span := active(monday.AddDate(-1, 0, 0), monday.AddDate(1, 0, 0))
		span.Approved = models.Watts(approved)
		u := flatUnit(2, models.ConnectionPoint{DeclaredUse: "mining"}, []Span{span}, func(i int) float64 {
			if i >= begin && i < begin+length {
				return approved * (1 + excess)
			}
			return approved
		})
		all := evaluate(nil, u, nil)
		if len(all) != 1 {
			t.Fatalf("%d findings, want 1", len(all))
		}
		f := all[0]
		if got, want := float64(f.Estimated)/approved, excess; math.Abs(got-want) > 0.001 {
			t.Errorf("the excess is %.4f of the license, want %.4f", got, want)
		}
		if last := min(begin+length, 192); !f.FirstSeen.Equal(u.Points[0].Channel.at(begin)) || !f.LastSeen.Equal(u.Points[0].Channel.at(last)) {
			t.Errorf("seen from %s to %s, want intervals %d to %d", f.FirstSeen, f.LastSeen, begin, last)
		}
	})
}

// balanced is a unit with a head meter: loads below it, their losses, and a tap.
func balanced(tap func(i int) float64) Unit {
	u := flatUnit(28, models.ConnectionPoint{DeclaredUse: "office", Permitted: 300_000}, nil, func(i int) float64 { return 4 * dayShape(i) })
	own := u.Points[0].Channel
	head := &Channel{Meter: "h", Class: "0.5S", Read: true, Series: Series{Start: u.Start, W: make([]float64, len(own.W))}}
	for i, w := range own.W {
		through := w + tap(i)
		head.W[i] = through + 700 + 5e-8*through*through
	}
	u.Head = head
	return u
}

func TestBalance_Table(t *testing.T) {
	quiet := func(int) float64 { return 0 }
	for _, c := range []struct {
		name  string
		unit  func() Unit
		kind  string
		about float64 // kW
	}{
		{name: "honest", unit: func() Unit { return balanced(quiet) }},
		{name: "one rig from day twenty", unit: func() Unit { return balanced(func(i int) float64 { return rigAfter(i, 20, 3300) }) }, kind: "balance_rise", about: 3.3},
		{name: "a tap since two days", unit: func() Unit { return balanced(func(i int) float64 { return rigAfter(i, 25, 24_000) }) }, kind: "balance_rise", about: 24},
		{name: "a tap that was always there", unit: func() Unit { return balanced(func(int) float64 { return 24_000 }) }, kind: "balance_steady", about: 24},
		{name: "a tap that has gone", unit: func() Unit {
			return balanced(func(i int) float64 {
				if i > 18*perDay && i < 25*perDay {
					return 24_000
				}
				return 0
			})
		}},
		{name: "no meter at the head", unit: func() Unit { u := balanced(quiet); u.Head = nil; return u }},
		{name: "a meter below that was never read", unit: func() Unit {
			u := balanced(func(int) float64 { return 24_000 })
			dead := u.Points[0]
			dead.ID, dead.Channel = "dead", &Channel{Meter: "dead", Series: Series{Start: u.Start, W: nans(len(u.Head.W))}}
			u.Points = append(u.Points, dead)
			return u
		}},
		{name: "a point without a meter", unit: func() Unit {
			u := balanced(func(int) float64 { return 24_000 })
			bare := u.Points[0]
			bare.ID, bare.Channel = "bare", nil
			u.Points = append(u.Points, bare)
			return u
		}},
		{name: "not live", unit: func() Unit { u := balanced(func(int) float64 { return 24_000 }); u.Live = time.Time{}; return u }},
	} {
		u := c.unit()
		kind, kw := "", 0.0
		for _, f := range evaluate(nil, u, streamed(t, u)) {
			kind, kw = kind+f.Evidence.Kind, float64(f.Estimated)/1000
		}
		if kind != c.kind || math.Abs(kw-c.about) > 0.15*c.about+0.5 {
			t.Errorf("%s: found %q of %.1f kW, want %q of %.1f kW", c.name, kind, kw, c.kind, c.about)
		}
	}
}

func nans(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = math.NaN()
	}
	return out
}

func TestBalance_LoadSwitchedOverFromANeighbourIsHeld(t *testing.T) {
	u := balanced(func(i int) float64 { return rigAfter(i, 22, 24_000) })
	other := func(w float64) Unit {
		o := balanced(func(i int) float64 { return rigAfter(i, 22, w) })
		o.Feeder.ID, o.Points[0].ID, o.Points[0].Channel.Meter, o.Head.Meter = "f2", "p2", "m2", "h2"
		return o
	}
	for w, want := range map[float64]int{0: 1, -24_000: 0} {
		if got := len(evaluate(nil, u, streamed(t, u, other(w)))); got != want {
			t.Errorf("a rise while a neighbour's balance changed by %.0f W gave %d findings, want %d", w, got, want)
		}
	}
}

func TestEvaluate_LooksAtNothingAfterItsInstant(t *testing.T) {
	r := record(t, smallGrid(), historyDays*24*time.Hour, step)
	now := monday.Add((historyDays-1)*24*time.Hour + 7*time.Minute)
	whole := r.found(t, now)
	cut := r
	cut.intervals = map[string][]models.Interval{}
	for code, all := range r.intervals {
		for _, iv := range all {
			if iv.Start.Before(now) {
				cut.intervals[code] = append(cut.intervals[code], iv)
			}
		}
	}
	if diff := cmp.Diff(whole, cut.found(t, now)); diff != "" || len(whole) == 0 {
		t.Errorf("%d findings change when later readings are taken away:\n%s", len(whole), diff)
	}
}
