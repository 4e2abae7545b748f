package simulator_test

import (
	"context"
	"encoding/binary"
	"io"
	"log/slog"
	"math"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rigistry/models"
	"rigistry/services/simulator"
)

var start = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// plainProfiles gives every profile the grid names the same simple registers:
// power at 0, voltage at 10, energy at 200, all by function 3.
func plainProfiles(g simulator.Grid) []models.Profile {
	var out []models.Profile
	for _, m := range g.Meters {
		if slices.ContainsFunc(out, func(p models.Profile) bool { return p.ID == m.Profile }) {
			continue
		}
		out = append(out, models.Profile{ID: m.Profile, Vendor: "Test", Models: []string{"T1"},
			Limits: models.ProfileLimits{MaxRegs: 60, QtyMultiple: 2},
			Points: []models.ProfilePoint{
				{Q: models.QPTotal, FC: 3, Addr: 0, Enc: models.Encoding{Type: models.RegI32}, Scale: models.Ratio{Num: 1, Den: 1}},
				{Q: models.QVL1, FC: 3, Addr: 10, Enc: models.Encoding{Type: models.RegU32}, Scale: models.Ratio{Num: 1, Den: 10}},
				{Q: models.QEImport, FC: 3, Addr: 200, Enc: models.Encoding{Type: models.RegU64}, Scale: models.Ratio{Num: 1, Den: 1}},
			}})
	}
	return out
}

func newWorld(t *testing.T, g simulator.Grid) *simulator.World {
	t.Helper()
	w, err := simulator.New(g, plainProfiles(g))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func kw(t *testing.T, w *simulator.World, code string, at time.Time) float64 {
	t.Helper()
	p, ok := w.Power(code, at)
	if !ok {
		t.Fatalf("no node %s", code)
	}
	return p / 1000
}

func TestWorld_TheSameSeedGivesTheSamePowerAndAnotherSeedAnother(t *testing.T) {
	a, b, c := newWorld(t, simulator.DefaultGrid(5, start)), newWorld(t, simulator.DefaultGrid(5, start)), newWorld(t, simulator.DefaultGrid(6, start))
	at := start.Add(31*time.Hour + 17*time.Minute + 12*time.Second)
	if x, y := kw(t, a, "PS12-F01-CP001", at), kw(t, b, "PS12-F01-CP001", at); x != y {
		t.Errorf("the same seed gave %v and %v kW", x, y)
	}
	if x, y := kw(t, a, "PS12-F01-CP001", at), kw(t, c, "PS12-F01-CP001", at); x == y {
		t.Errorf("two seeds gave the same %v kW", x)
	}
}

func TestWorld_AFeederCarriesItsPointsItsLossesAndWhatPassesNoMeter(t *testing.T) {
	g := simulator.DefaultGrid(5, start)
	w := newWorld(t, g)
	for _, c := range []struct {
		at   time.Time
		want float64 // kW that no meter below the feeder sees, without losses
	}{{start.Add(24 * time.Hour), 0}, {start.Add(22 * 24 * time.Hour), 23.8}} {
		sum := 0.0
		var a, b float64
		for _, n := range g.Nodes {
			if n.Code == "PS12-F01" {
				a, b = n.LossA, n.LossB
			}
			if n.Parent == "PS12-F01" {
				sum += kw(t, w, n.Code, c.at)
			}
		}
		through := sum + c.want
		got, want := kw(t, w, "PS12-F01", c.at)-sum, c.want+a+b*through*through
		if math.Abs(got-want) > 0.5 {
			t.Errorf("at %v the residual is %.2f kW, want %.2f", c.at, got, want)
		}
	}
}

func TestWorld_RegistersAreTheIntegralOfPowerAndContinueFromHistoryToLive(t *testing.T) {
	g := simulator.DefaultGrid(7, start)
	w := newWorld(t, g)
	last := map[string]models.Reading{}
	power := map[string]float64{}
	from := start.Add(time.Hour)
	for r := range w.History(from, from.Add(3*time.Hour), time.Minute) {
		if before, ok := last[r.Meter]; ok {
			a, _ := before.Values.Power()
			b, _ := r.Values.Power()
			power[r.Meter] += float64(a+b) / 120
			e0, _ := before.Values.Get(models.QEImport)
			e1, _ := r.Values.Get(models.QEImport)
			if e1 < e0 {
				t.Fatalf("%s counts back from %d to %d", r.Meter, e0, e1)
			}
		}
		last[r.Meter] = r
	}
	first := map[string]int64{}
	for r := range w.History(from, from.Add(time.Minute), time.Minute) {
		first[r.Meter], _ = r.Values.Get(models.QEImport)
	}
	if len(last) < 25 {
		t.Fatalf("only %d meters have a history", len(last))
	}
	for code, r := range last {
		e, _ := r.Values.Get(models.QEImport)
		counted := float64(e - first[code])
		if math.Abs(counted-power[code]) > 3+0.005*power[code] {
			t.Errorf("%s counted %.0f Wh while its power makes %.0f", code, counted, power[code])
		}
	}

	// Live: the registers of a server begin where history ends.
	at := from.Add(3*time.Hour - time.Minute)
	server, conn := dial(t, w, at, "GW-F01")
	_ = server
	end := last["M-PS12-F01-CP001"]
	want, _ := end.Values.Get(models.QEImport)
	answer := ask(t, conn, 1, []byte{3, 0, 200, 0, 4})
	if got := int64(binary.BigEndian.Uint64(answer[2:])); got != want {
		t.Errorf("live register is %d Wh, history ends at %d", got, want)
	}
}

func TestHouseholds_KeepThePercentilesOfRealHomes(t *testing.T) {
	g := simulator.Grid{Seed: 3, Start: start, Code: "S", Nodes: []simulator.Node{{Code: "F", Kind: "feeder", Parent: "S"}}}
	const homes, days = 150, 4
	for i := range homes {
		g.Nodes = append(g.Nodes, simulator.Node{Code: "C" + string(rune('0'+i/100)) + string(rune('0'+i/10%10)) + string(rune('0'+i%10)),
			Kind: "connection_point", Parent: "F", Loads: []simulator.Load{{Kind: "households", Count: 1}}})
	}
	for _, n := range g.Nodes[1:] {
		g.Endpoints = append(g.Endpoints, simulator.Endpoint{Name: n.Code, Address: "127.0.0.1:0"})
		g.Meters = append(g.Meters, simulator.Meter{Code: n.Code, Node: n.Code, Profile: "p", Endpoint: n.Code, Class: "1", Unit: 1})
	}
	w := newWorld(t, g)
	half := map[string][]float64{}
	energy := map[string]int64{}
	for r := range w.History(start, start.Add(days*24*time.Hour+time.Minute), 30*time.Minute) {
		e, _ := r.Values.Get(models.QEImport)
		if before, ok := energy[r.Meter]; ok {
			half[r.Meter] = append(half[r.Meter], float64(e-before)/500)
		}
		energy[r.Meter] = e
	}
	var floors []float64
	mean := 0.0
	for _, hh := range half {
		for _, v := range hh {
			mean += v / float64(len(hh)*len(half))
		}
		for d := range days {
			day := slices.Sorted(slices.Values(hh[48*d : 48*d+48]))
			floors = append(floors, day[7])
		}
	}
	slices.Sort(floors)
	at := func(p float64) float64 { return floors[int(p*float64(len(floors)-1))] }
	t.Logf("mean %.3f kW, floor p50 %.3f p99 %.3f max %.3f", mean, at(.5), at(.99), at(1))
	for _, c := range []struct {
		name           string
		got, low, high float64
	}{{"mean", mean, .36, .52}, {"floor p50", at(.5), .09, .16}, {"floor p99", at(.99), .35, .8}, {"floor max", at(1), .3, 2.3}} {
		if c.got < c.low || c.got > c.high {
			t.Errorf("%s is %.3f kW, want %.2f to %.2f", c.name, c.got, c.low, c.high)
		}
	}
}

func TestTruth_NamesEveryHiddenLoadAndNoHonestOne(t *testing.T) {
	truth := newWorld(t, simulator.DefaultGrid(1, start)).Truth()
	var rules []string
	for _, o := range truth.Hidden {
		rules = append(rules, o.Rule)
		if slices.ContainsFunc(truth.Honest, func(h simulator.Honest) bool { return h.Target == o.Target }) {
			t.Errorf("%s is both honest and not", o.Target)
		}
	}
	slices.Sort(rules)
	want := []string{"draw_while_suspended", "feeder_balance", "license_overdraw", "unlicensed_draw"}
	if diff := cmp.Diff(want, rules); diff != "" {
		t.Errorf("hidden (-want +got):\n%s", diff)
	}
	for _, use := range []string{"bakery", "telecom", "water_pump", "data_centre", "household", "workshop"} {
		if !slices.ContainsFunc(truth.Honest, func(h simulator.Honest) bool { return h.Use == use }) {
			t.Errorf("no honest %s in the world", use)
		}
	}
}

func TestGrid_FileRoundTripsAndRefusesWhatPointsNowhere(t *testing.T) {
	g := simulator.DefaultGrid(9, start)
	data, err := g.JSON()
	if err != nil {
		t.Fatal(err)
	}
	back, err := simulator.ParseGrid(data)
	if err != nil || cmp.Diff(g, back) != "" {
		t.Errorf("ParseGrid gave %v and a difference %s", err, cmp.Diff(g, back))
	}
	for name, spoil := range map[string]func(*simulator.Grid){
		"parent":   func(g *simulator.Grid) { g.Nodes[1].Parent = "nowhere" },
		"load":     func(g *simulator.Grid) { g.Nodes[1].Loads[0].Kind = "perpetuum mobile" },
		"endpoint": func(g *simulator.Grid) { g.Meters[0].Endpoint = "nowhere" },
		"unit":     func(g *simulator.Grid) { g.Meters[1].Unit = g.Meters[0].Unit },
		"start":    func(g *simulator.Grid) { g.Start = time.Time{} },
	} {
		bad := simulator.DefaultGrid(9, start)
		spoil(&bad)
		if _, err := simulator.New(bad, plainProfiles(bad)); models.CodeOf(err) != models.CodeInvalid {
			t.Errorf("a grid with a wrong %s gave %v, want an invalid error", name, err)
		}
	}
	if _, err := simulator.ParseGrid([]byte(`{"seeds": 1}`)); models.CodeOf(err) != models.CodeInvalid {
		t.Errorf("an unknown field gave %v", err)
	}
}

// dial serves the world with a clock that stands and connects to an endpoint.
func dial(t *testing.T, w *simulator.World, at time.Time, endpoint string) (*simulator.Server, net.Conn) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s, err := simulator.Listen(ctx, w, func() time.Time { return at }, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run ended with %v", err)
		}
	})
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", s.Addresses()[endpoint])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return s, conn
}

// ask sends one request and gives the PDU of the answer.
func ask(t *testing.T, conn net.Conn, unit byte, pdu []byte) []byte {
	t.Helper()
	frame := append([]byte{0x12, 0x34, 0, 0, 0, byte(len(pdu) + 1), unit}, pdu...)
	if _, err := conn.Write(frame); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	header := make([]byte, 7)
	if _, err := io.ReadFull(conn, header); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, binary.BigEndian.Uint16(header[4:])-1)
	if _, err := io.ReadFull(conn, answer); err != nil {
		t.Fatal(err)
	}
	if header[0] != 0x12 || header[1] != 0x34 || header[6] != unit {
		t.Fatalf("header % x does not answer unit %d", header, unit)
	}
	return answer
}

func TestServer_AnswersAsTheProtocolSays(t *testing.T) {
	w := newWorld(t, simulator.DefaultGrid(2, start))
	_, conn := dial(t, w, start.Add(5*time.Hour), "GW-F01")
	for _, c := range []struct {
		name string
		unit byte
		pdu  []byte
		want []byte // beginning of the answer
	}{
		{"power", 1, []byte{3, 0, 0, 0, 2}, []byte{3, 4}},
		{"through holes", 1, []byte{3, 0, 0, 0, 12}, []byte{3, 24}},
		{"another function", 1, []byte{6, 0, 0, 0, 2}, []byte{0x86, 1}},
		{"function without registers", 1, []byte{4, 0, 0, 0, 2}, []byte{0x84, 2}},
		{"beyond the map", 1, []byte{3, 0, 204, 0, 2}, []byte{0x83, 2}},
		{"over the end", 1, []byte{3, 0, 202, 0, 4}, []byte{0x83, 2}},
		{"no registers", 1, []byte{3, 0, 0, 0, 0}, []byte{0x83, 3}},
		{"more than the device gives", 1, []byte{3, 0, 0, 0, 62}, []byte{0x83, 3}},
		{"odd quantity", 1, []byte{3, 0, 0, 0, 3}, []byte{0x83, 3}},
		{"a unit that is not there", 99, []byte{3, 0, 0, 0, 2}, []byte{0x83, 11}},
	} {
		if got := ask(t, conn, c.unit, c.pdu); !slices.Equal(got[:len(c.want)], c.want) {
			t.Errorf("%s: answer % x, want % x…", c.name, got, c.want)
		}
	}
}

func TestServer_DeadOnesStayDead(t *testing.T) {
	w := newWorld(t, simulator.DefaultGrid(2, start))
	s, conn := dial(t, w, start.Add(5*time.Hour), "IP-PS12-F03-CP001-PDU4")
	if _, err := conn.Write([]byte{0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 2}); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(150 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if n, err := conn.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Errorf("a silent meter gave %d bytes, %v", n, err)
	}
	if c, err := net.DialTimeout("tcp", s.Addresses()["IP-MAST"], time.Second); err == nil {
		_ = c.Close()
		t.Error("the endpoint that refuses accepted a connection")
	}
	for _, m := range s.Meters() {
		if m.URL == "tcp://" || m.Profile == "" || m.Node.ID == "" || m.Unit == 0 {
			t.Errorf("meter %+v is not complete", m)
		}
	}
}
