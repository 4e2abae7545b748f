package metering

import (
	"io"
	"net"
	"testing"
	"time"
)

func TestCollector_AUnitShowsItsRegistersItsTimingAndWhatFailed(t *testing.T) {
	answer := healthy(7603)
	d := startDevice(t, func(conn net.Conn, n int, header []byte, unit, fc uint8, addr, count uint16) error {
		if n > 6 {
			return io.EOF
		}
		return answer(conn, n, header, unit, fc, addr, count)
	})
	m := meterAt("m1", d.url, 1)
	m.PollInterval = 100 * time.Millisecond
	c := NewCollector(nil, nil, time.Now, discard())
	got := run(t, c, m)
	got.until(t, "a reading", hasPower("m1", 7603))
	detail := func(what string, ok func(UnitDetail) bool) UnitDetail {
		for deadline := time.Now().Add(5 * time.Second); ; {
			if d, there := c.Unit("m1"); there && ok(d) {
				return d
			}
			if time.Now().After(deadline) {
				d, _ := c.Unit("m1")
				t.Fatalf("%s: never, at last %+v", what, d)
			}
			<-time.After(5 * time.Millisecond)
		}
	}
	good := detail("registers", func(d UnitDetail) bool { return len(d.Raw) > 0 && len(d.Raw[0].Words) > 0 && d.RTT50 > 0 })
	power := 0.0
	for _, r := range good.Rows {
		if r.Quantity.String() == "p_total" && r.Value != nil {
			power = *r.Value
		}
	}
	if power != 7603 || len(good.Raw) != len(good.Plan) || good.RTT99 < good.RTT50 || good.LastGood.IsZero() {
		t.Errorf("got power %v, %d answers to %d requests, round trips %v and %v", power, len(good.Raw), len(good.Plan), good.RTT50, good.RTT99)
	}
	bad := detail("a failure", func(d UnitDetail) bool { return len(d.Failures) > 0 && d.Closed > 0 })
	if f := bad.Failures[0]; f.Fault != FaultClosed || f.Text == "" || f.First.IsZero() || bad.LastFault != FaultClosed {
		t.Errorf("got %+v, want that the other side closed the connection", f)
	}
	if _, there := c.Unit("nobody"); there {
		t.Error("a meter that is not polled has a unit")
	}
}

func TestTrail_QuantilesAndFailuresKeepTheNewest(t *testing.T) {
	var s steps
	for i := range 200 {
		s.add(time.Duration(i+1) * time.Millisecond)
	}
	if p50, p99 := s.at(); p50 != 168*time.Millisecond || p99 != 200*time.Millisecond {
		t.Errorf("of the last 64 of 1 to 200 ms got %v and %v, want 168ms and 200ms", p50, p99)
	}
	var tr trail
	at := time.Unix(0, 0)
	for i := range 50 {
		tr.fail(at.Add(time.Duration(i)), &ReadError{Endpoint: "tcp://a:1", Unit: uint8(i / 2), Kind: FailTimeout})
	}
	if n := len(tr.failures); n != trailFailures || tr.failures[n-1].Count != 2 || tr.failures[n-1].Last != at.Add(49) || tr.failures[0].First != at.Add(10) {
		t.Errorf("got %d failures, the last %+v: want %d, the same again being one", n, tr.failures[n-1], trailFailures)
	}
}
