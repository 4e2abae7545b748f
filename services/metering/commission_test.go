package metering_test

import (
	"context"
	"encoding/binary"
	"io"
	"log/slog"
	"math"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/metering"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

var (
	edge     = models.Actor{ID: "c-edge", Kind: "client", Roles: []models.Role{models.RoleCollector}, Collector: "edge", Utility: "u-north"}
	stranger = models.Actor{ID: "c-other", Kind: "client", Roles: []models.Role{models.RoleCollector}, Collector: "other", Utility: "u-north"}
	engineer = models.Actor{ID: "e1", Kind: "person", Roles: []models.Role{models.RoleUtility}, Utility: "u-north"}
	foreign  = models.Actor{ID: "e2", Kind: "person", Roles: []models.Role{models.RoleUtility}, Utility: "u-south"}
)

// unitsGateway is a Modbus/TCP gateway with SDM630 meters behind it, one request at a
// time. A unit that is not there is refused as by a gateway; function 43 by every meter.
type unitsGateway struct {
	url   string
	mu    sync.Mutex
	watts map[uint8]float32
	asked map[uint8]int
	takes time.Duration
}

func startUnits(t *testing.T, watts map[uint8]float32, takes time.Duration) *unitsGateway {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &unitsGateway{url: "tcp://" + l.Addr().String(), watts: watts, asked: map[uint8]int{}, takes: takes}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = c.Close() })
			go g.serve(c)
		}
	}()
	return g
}

func (g *unitsGateway) serve(c net.Conn) {
	for {
		header := make([]byte, 7)
		if _, err := io.ReadFull(c, header); err != nil {
			return
		}
		pdu := make([]byte, int(binary.BigEndian.Uint16(header[4:]))-1)
		if _, err := io.ReadFull(c, pdu); err != nil {
			return
		}
		answer := g.answer(header[6], pdu)
		if answer == nil {
			continue
		}
		binary.BigEndian.PutUint16(header[4:], uint16(1+len(answer)))
		if _, err := c.Write(append(header, answer...)); err != nil {
			return
		}
	}
}

func (g *unitsGateway) answer(unit uint8, pdu []byte) []byte {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.asked[unit]++
	if g.takes > 0 {
		<-time.After(g.takes)
	}
	watts, there := g.watts[unit]
	switch {
	case !there:
		return []byte{pdu[0] | 0x80, 11}
	case watts < 0:
		return nil
	case pdu[0] != 4:
		return []byte{pdu[0] | 0x80, 1}
	}
	addr, count := binary.BigEndian.Uint16(pdu[1:]), binary.BigEndian.Uint16(pdu[3:])
	if int(addr)+int(count) > 0x180 {
		return []byte{pdu[0] | 0x80, 2}
	}
	out := []byte{4, byte(2 * count)}
	for a := addr; a < addr+count; a += 2 {
		v := float32(0)
		switch {
		case a < 6:
			v = 230
		case a < 12:
			v = 4
		case a == 0x34:
			v = watts
		case a == 0x46:
			v = 50
		case a == 0x3E || (a >= 0x1E && a < 0x24):
			v = 0.95
		case a == 0x48:
			v = 1000 + float32(g.asked[unit])*0.01
		}
		out = binary.BigEndian.AppendUint32(out, math.Float32bits(v))
	}
	return out
}

func (g *unitsGateway) requests(unit uint8) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.asked[unit]
}

func askFor(t *testing.T, s *metering.Service, in metering.CommissionAsk) models.CommissionJob {
	t.Helper()
	j, err := s.AskCommission(ctx, engineer, in)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func taken(t *testing.T, s *metering.Service, actor models.Actor, links ...string) *models.CommissionJob {
	t.Helper()
	offer, err := s.TakeCommission(ctx, actor, "", links)
	if err != nil {
		t.Fatal(err)
	}
	return offer.Job
}

const gateway9 = "tcp://10.9.9.9:502"

func scanOf(units ...uint8) metering.CommissionAsk {
	return metering.CommissionAsk{Task: models.CommissionScan, Collector: "edge", Endpoint: gateway9, Units: units}
}

func wantCode(t *testing.T, what string, err error, want models.Code) {
	t.Helper()
	if models.CodeOf(err) != want || err == nil {
		t.Errorf("%s: got %v, want %s", what, err, want)
	}
}

func TestCommission_AJobIsForTheCollectorOfTheLinkAndForNobodyElse(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store, _ *storetest.Clock) {
		s := metering.New(st, st.Now)
		_, err := s.AskCommission(ctx, engineer, scanOf(1, 2))
		wantCode(t, "a collector that never asked for work", err, models.CodeInvalid)
		taken(t, s, edge, gateway9)
		taken(t, s, stranger, "tcp://10.1.1.1:502")
		in := scanOf(1, 2)
		in.Collector = "other"
		_, err = s.AskCommission(ctx, engineer, in)
		wantCode(t, "a link of another collector", err, models.CodeInvalid)
		_, err = s.AskCommission(ctx, foreign, scanOf(1, 2))
		wantCode(t, "an engineer of another utility", err, models.CodeInvalid)
		_, err = s.AskCommission(ctx, models.Actor{ID: "i", Roles: []models.Role{models.RoleInspector}}, scanOf(1))
		wantCode(t, "an inspector", err, models.CodeForbidden)
		if links, err := s.CommissionLinks(ctx, foreign); err != nil || len(links) != 0 {
			t.Errorf("another utility sees the links %+v, %v", links, err)
		}
		if links, err := s.CommissionLinks(ctx, engineer); err != nil || len(links) != 2 || links[0].Endpoint != gateway9 || links[0].Asked.IsZero() {
			t.Errorf("got the links %+v, %v; want two, of edge first, with when it asked", links, err)
		}

		j := askFor(t, s, scanOf(2, 1, 2))
		if !slices.Equal(j.Units, []uint8{1, 2}) {
			t.Errorf("got the units %v, want each once in order", j.Units)
		}
		if got := taken(t, s, stranger, gateway9); got != nil {
			t.Errorf("another collector was given %+v", got)
		}
		held := taken(t, s, edge, gateway9)
		if held == nil || held.ID != j.ID || held.Lease == "" {
			t.Fatalf("got %+v, want the job under a lease", held)
		}
		found := metering.CommissionAnswer{Scan: &metering.ScanResult{}}
		wantCode(t, "the answer of another collector", s.AnswerCommission(ctx, stranger, "", j.ID, held.Lease, found), models.CodeNotFound)
		wantCode(t, "an answer under no lease", s.AnswerCommission(ctx, edge, "", j.ID, "", found), models.CodeConflict)
		_, err = s.CommissionJob(ctx, foreign, j.ID)
		wantCode(t, "a job of another utility", err, models.CodeNotFound)
		wrong := metering.CommissionAnswer{Scan: &metering.ScanResult{Units: []metering.ScannedUnit{{Found: metering.Found{Unit: 9}}}}}
		wantCode(t, "a unit that was not asked for", s.AnswerCommission(ctx, edge, "", j.ID, held.Lease, wrong), models.CodeInvalid)
		wantCode(t, "a read as the answer to a scan", s.AnswerCommission(ctx, edge, "", j.ID, held.Lease, metering.CommissionAnswer{Read: &metering.ReadResult{}}), models.CodeInvalid)
		if err := s.AnswerCommission(ctx, edge, "", j.ID, held.Lease, found); err != nil {
			t.Error(err)
		}
	})
}

func TestCommission_AJobHasOneAnswerByWhoeverHoldsIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store, clock *storetest.Clock) {
		s := metering.New(st, st.Now)
		taken(t, s, edge, gateway9)
		good, other := metering.CommissionAnswer{Scan: &metering.ScanResult{}}, metering.CommissionAnswer{Failure: "no connection"}

		j := askFor(t, s, scanOf(1))
		first := taken(t, s, edge, gateway9)
		if again := taken(t, s, edge, gateway9); again != nil {
			t.Errorf("a job that is held was given out again: %+v", again)
		}
		clock.Advance(models.CommissionLease - time.Second)
		if err := s.GoOnCommission(ctx, edge, "", j.ID, first.Lease, 1); err != nil {
			t.Error(err)
		}
		clock.Advance(models.CommissionLease - time.Second)
		if again := taken(t, s, edge, gateway9); again != nil {
			t.Error("a job of whose holder something was heard was given away")
		}
		clock.Advance(time.Second)
		second := taken(t, s, edge, gateway9)
		if second == nil || second.Lease == first.Lease || second.Progress != 0 {
			t.Fatalf("got %+v, want the job again under another lease", second)
		}
		wantCode(t, "to go on under an old lease", s.GoOnCommission(ctx, edge, "", j.ID, first.Lease, 1), models.CodeConflict)
		wantCode(t, "an answer under an old lease", s.AnswerCommission(ctx, edge, "", j.ID, first.Lease, good), models.CodeConflict)
		for range 2 {
			if err := s.AnswerCommission(ctx, edge, "", j.ID, second.Lease, good); err != nil {
				t.Errorf("the answer, and the same again: %v", err)
			}
		}
		wantCode(t, "another answer", s.AnswerCommission(ctx, edge, "", j.ID, second.Lease, other), models.CodeConflict)
		_, err := s.CancelCommission(ctx, engineer, j.ID)
		wantCode(t, "to cancel what is answered", err, models.CodeConflict)
		if got, err := s.CommissionJob(ctx, engineer, j.ID); err != nil || got.Outcome != models.CommissionDone || got.Why != "" {
			t.Errorf("got %+v, %v", got, err)
		}

		j = askFor(t, s, scanOf(1))
		held := taken(t, s, edge, gateway9)
		if _, err := s.CancelCommission(ctx, engineer, j.ID); err != nil {
			t.Error(err)
		}
		wantCode(t, "to go on with what is cancelled", s.GoOnCommission(ctx, edge, "", j.ID, held.Lease, 1), models.CodeConflict)
		wantCode(t, "to answer what is cancelled", s.AnswerCommission(ctx, edge, "", j.ID, held.Lease, good), models.CodeConflict)

		j = askFor(t, s, scanOf(1))
		held = taken(t, s, edge, gateway9)
		clock.Advance(models.CommissionLife)
		wantCode(t, "to answer what is out of time", s.AnswerCommission(ctx, edge, "", j.ID, held.Lease, good), models.CodeConflict)

		j = askFor(t, s, scanOf(1))
		for range models.CommissionTries {
			if taken(t, s, edge, gateway9) == nil {
				t.Fatal("the job was not given out again")
			}
			clock.Advance(models.CommissionLease)
		}
		if taken(t, s, edge, gateway9) != nil {
			t.Error("a job that three collectors went silent over was given out again")
		}
		if got, err := s.CommissionJob(ctx, engineer, j.ID); err != nil || got.State(clock.Now()) != models.CommissionExpired {
			t.Errorf("got %s, %v; want expired", got.State(clock.Now()), err)
		}
	})
}

// Whatever collectors, people and the clock do in whatever order, a job ends once, and
// only by whoever held it last or by a cancellation.
func TestCommission_InAnyOrderOfEventsAJobEndsOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store, clock *storetest.Clock) {
		s := metering.New(st, st.Now)
		rng := rand.New(rand.NewPCG(5, 7))
		for range 12 {
			taken(t, s, edge, gateway9)
			j := askFor(t, s, scanOf(1, 2))
			var leases []string
			var until time.Time
			end := ""
			asked := clock.Now()
			for range 20 {
				now := clock.Now()
				open := end == "" && now.Before(asked.Add(models.CommissionLife))
				switch rng.IntN(5) {
				case 0:
					clock.Advance(time.Duration(rng.Int64N(int64(models.CommissionLease))))
				case 1:
					want := open && !now.Before(until) && len(leases) < models.CommissionTries
					if got := taken(t, s, edge, gateway9); (got != nil) != want {
						t.Fatalf("given out: %v, want %v (%d leases, end %q)", got != nil, want, len(leases), end)
					} else if got != nil {
						leases, until = append(leases, got.Lease), now.Add(models.CommissionLease)
					}
				case 2, 3:
					if len(leases) == 0 {
						continue
					}
					i := rng.IntN(len(leases))
					alive := open && i == len(leases)-1
					if rng.IntN(2) == 0 {
						err := s.GoOnCommission(ctx, edge, "", j.ID, leases[i], 1)
						if alive != (err == nil) {
							t.Fatalf("to go on: %v, want it allowed: %v", err, alive)
						}
						if alive {
							until = now.Add(models.CommissionLease)
						}
						continue
					}
					answer := metering.CommissionAnswer{Failure: "because " + leases[i]}
					again := end == leases[i]
					if err := s.AnswerCommission(ctx, edge, "", j.ID, leases[i], answer); (alive || again) != (err == nil) {
						t.Fatalf("to answer: %v, want it taken: %v", err, alive || again)
					}
					if alive {
						end = leases[i]
					}
				default:
					gone := len(leases) == models.CommissionTries && !now.Before(until)
					if _, err := s.CancelCommission(ctx, engineer, j.ID); (open && !gone) != (err == nil) {
						t.Fatalf("to cancel: %v, want it done: %v", err, open && !gone)
					} else if err == nil {
						end = "cancelled"
					}
				}
			}
			got, err := s.CommissionJob(ctx, engineer, j.ID)
			if err != nil || (got.Outcome == "") != (end == "") || (end != "" && end != "cancelled" && got.Why != "because "+end) {
				t.Fatalf("got %+v, %v; want the end %q", got, err, end)
			}
			clock.Advance(models.CommissionLife)
		}
	})
}

func plate() models.Nameplate {
	return models.Nameplate{Serial: "41700012", Vendor: "Eastron", Model: "SDM630", AccuracyClass: "0.5S", CTNum: 1, CTDen: 1, VTNum: 1, VTDen: 1,
		MaxA: 100, NominalV: 230, VerifiedOn: "2026-01-10", VerifiedUntil: "2099-01-10"}
}

func binding(job, code string) metering.Binding {
	return metering.Binding{Job: job, Code: code, Role: models.MeterCheck, Node: models.Ref{Kind: "transformer", ID: "tx-9"}, Every: 200 * time.Millisecond,
		Plate: plate(), Seals: "К-1, К-2", Act: "17/2026", Installer: "Бригада 4"}
}

// The whole way over real Modbus/TCP, with the collector that also polls the gateway.
func TestCommission_AUnitIsScannedReadBoundAndCommissionedByItsFirstReading(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store, clock *storetest.Clock) {
		clock.Set(time.Now())
		s := metering.New(st, st.Now)
		g := startUnits(t, map[uint8]float32{1: 2000, 7: 2500}, 0)
		m, err := s.RegisterMeter(ctx, clerk, models.Meter{Code: "M1", Role: models.MeterRevenue, Utility: "u-north", Node: models.Ref{Kind: "transformer", ID: "tx-1"},
			URL: g.url, Unit: 1, Profile: "eastron/sdm630", PollInterval: 200 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		c := metering.NewCollector([]models.Meter{m}, s.Local(edge, "edge"), time.Now, slog.New(slog.DiscardHandler))
		stop := runCollector(t, c)
		defer stop()
		w := &metering.Worker{Collector: c, Desk: s.LocalDesk(edge, "edge"), Log: slog.New(slog.DiscardHandler)}
		work := func() {
			t.Helper()
			clock.Set(time.Now())
			if err := w.Once(ctx); err != nil {
				t.Fatal(err)
			}
		}
		work()

		scan := askFor(t, s, metering.CommissionAsk{Task: models.CommissionScan, Collector: "edge", Endpoint: g.url, Units: []uint8{1, 2, 7}})
		before := g.requests(1)
		work()
		scan, err = s.CommissionJob(ctx, engineer, scan.ID)
		if err != nil || scan.Outcome != models.CommissionDone {
			t.Fatalf("got %+v, %v", scan, err)
		}
		found, err := metering.ScanOf(&scan)
		if err != nil || len(found.Units) != 2 || found.Units[0].Meter != "M1" || found.Units[1].Unit != 7 {
			t.Fatalf("got %+v, %v; want the known unit 1 by its meter, and unit 7", found, err)
		}
		if p := found.Units[1].Proposals; len(p) == 0 || !strings.HasPrefix(p[0].Profile, "eastron/") {
			t.Fatalf("got the proposals %+v", p)
		}
		if polls := g.requests(1) - before; polls == 0 {
			t.Error("the living unit was not polled during the scan")
		}

		read := askFor(t, s, metering.CommissionAsk{Task: models.CommissionRead, Collector: "edge", Endpoint: g.url, Units: []uint8{7}, Profile: "eastron/sdm630"})
		_, _, err = s.BindMeter(ctx, engineer, binding(read.ID, "M7"))
		wantCode(t, "to bind before it was read", err, models.CodeInvalid)
		work()
		read, err = s.CommissionJob(ctx, engineer, read.ID)
		if err != nil || read.Outcome != models.CommissionDone {
			t.Fatalf("got %+v, %v", read, err)
		}
		result, err := metering.ReadOf(&read)
		if err != nil || result.Quality != models.QualityGood || len(result.Raw) == 0 || len(result.Rows) < 8 || len(result.Raw[0].Words) == 0 {
			t.Fatalf("got %+v, %v; want values beside their raw registers", result, err)
		}

		b := binding(read.ID, "M7")
		b.Plate.NominalV = 100
		check, err := s.CheckBinding(ctx, engineer, b)
		if err != nil || len(check.Differences) != 1 || check.Differences[0].Code != models.DifferenceVoltage || check.Load.Meters != 2 {
			t.Fatalf("got %+v, %v; want the voltage named, and the link with two meters", check, err)
		}
		_, _, err = s.BindMeter(ctx, engineer, b)
		wantCode(t, "a difference without a reason", err, models.CodeInvalid)
		b.Every = 100 * time.Millisecond
		b.Reasons = map[string]string{models.DifferenceVoltage: "The plate was painted over; measured by hand."}
		_, _, err = s.BindMeter(ctx, foreign, b)
		wantCode(t, "an engineer of another utility", err, models.CodeNotFound)
		bound, record, err := s.BindMeter(ctx, engineer, b)
		if err != nil {
			t.Fatal(err)
		}
		if len(record.Differences) != 1 || record.Differences[0].Reason == "" || bound.Unit != 7 || bound.URL != g.url {
			t.Errorf("got %+v, %+v", bound, record)
		}
		_, _, err = s.BindMeter(ctx, engineer, b)
		wantCode(t, "to bind it again", err, models.CodeConflict)

		if n, err := s.ConfirmCommissionings(ctx); err != nil || n != 0 {
			t.Errorf("confirmed %d, %v before any reading came", n, err)
		}
		c.Replace([]models.Meter{m, bound})
		deadline := time.Now().Add(20 * time.Second)
		for confirmed := 0; confirmed == 0; {
			if time.Now().After(deadline) {
				t.Fatal("the first reading never confirmed the meter")
			}
			<-time.After(100 * time.Millisecond)
			clock.Set(time.Now())
			if confirmed, err = s.ConfirmCommissionings(ctx); err != nil {
				t.Fatal(err)
			}
		}
		record, err = s.Commissioning(ctx, engineer, bound.ID)
		if err != nil || record.Confirmed.IsZero() || !record.FirstReading.After(record.Bound) {
			t.Errorf("got %+v, %v; want it confirmed by a reading after it was bound", record, err)
		}
	})
}

// runCollector runs a collector until it is stopped.
func runCollector(t *testing.T, c *metering.Collector) func() {
	t.Helper()
	running, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := c.Run(running); err != nil {
			t.Error(err)
		}
	}()
	return func() { cancel(); <-done }
}
