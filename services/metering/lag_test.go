package metering

import (
	"testing"
	"time"
)

func TestLags_QuantilesAreAtMostAStepAbove(t *testing.T) {
	var tally lagTally
	if got := tally.lags(); got != (Lags{}) {
		t.Errorf("without polls: got %+v", got)
	}
	for i := range 1000 {
		tally.add(time.Duration(i+1) * time.Millisecond)
	}
	got := tally.lags()
	for _, c := range []struct {
		name      string
		got, true time.Duration
	}{{"p50", got.P50, 500 * time.Millisecond}, {"p99", got.P99, 990 * time.Millisecond}} {
		if c.got < c.true || c.got > c.true*6/5 {
			t.Errorf("%s: got %s, want from %s to a fifth more", c.name, c.got, c.true)
		}
	}
	if got.Polls != 1000 || got.Max != time.Second {
		t.Errorf("got %+v, want 1000 polls and at most 1 s", got)
	}
	tally.add(5 * time.Minute)
	if got := tally.lags(); got.Max != 5*time.Minute || got.Polls != 1001 {
		t.Errorf("beyond the last step: got %+v", got)
	}
}
