package detection

import (
	"testing"
	"time"

	"rigistry/models"
)

// TestLimits_TierFollowsHowLongItLasted: one quarter hour is to be looked at, what
// lasts is to be acted on.
func TestLimits_TierFollowsHowLongItLasted(t *testing.T) {
	stop := monday.Add(24 * time.Hour)
	mining := models.ConnectionPoint{DeclaredUse: "mining", Permitted: 200_000}
	span := func(state models.LicenseState) []Span {
		return []Span{active(monday.AddDate(-1, 0, 0), stop), {License: "KZ", State: state, Approved: 100_000, From: stop, Until: monday.AddDate(1, 0, 0)}}
	}
	licensed := []Span{active(monday.AddDate(-1, 0, 0), monday.AddDate(1, 0, 0))}
	dead := models.ConnectionPoint{DeclaredUse: "workshop", State: models.ConnectionDisconnected, Updated: stop}
	for _, c := range []struct {
		name       string
		pt         models.ConnectionPoint
		spans      []Span
		low, high  float64 // W before and while
		act        int     // quarter hours until tier A
		firstIsAll bool    // one quarter hour says it at all
	}{
		{"suspended", mining, span(models.LicenseSuspended), 0, 90_000, 2, true},
		{"revoked", mining, span(models.LicenseRevoked), 0, 90_000, 2, true},
		{"not energised", dead, nil, 0, 4000, 3, true},
		{"far over", mining, licensed, 90_000, 120_000, 3, true},
		{"a little over", mining, licensed, 90_000, 104_000, 3, false},
	} {
		for n := 1; n <= 4; n++ {
			u := flatUnit(2, c.pt, c.spans, func(i int) float64 {
				if i >= perDay+4 && i < perDay+4+n {
					return c.high
				}
				return c.low
			})
			got := evaluate(nil, u, nil)
			want := models.TierInspect
			if n >= c.act {
				want = models.TierAct
			}
			if silent := n < c.act && !c.firstIsAll; silent != (len(got) == 0) {
				t.Errorf("%s for %d quarter hours: %d findings", c.name, n, len(got))
			} else if !silent && got[0].Tier != want {
				t.Errorf("%s for %d quarter hours: tier %s, want %s", c.name, n, got[0].Tier, want)
			}
		}
	}
}

// TestWhileStopped_AMeterWhoseClockIsWrongAccusesNobody: the decision takes effect at
// the beginning of a quarter hour and is obeyed at once, by a clock that is a minute off.
func TestWhileStopped_AMeterWhoseClockIsWrongAccusesNobody(t *testing.T) {
	for _, off := range []time.Duration{-time.Minute, -20 * time.Second, 0, 20 * time.Second, time.Minute} {
		for _, into := range []time.Duration{0, 30 * time.Second, time.Minute, 61 * time.Second, 7 * time.Minute, 14 * time.Minute} {
			stop := monday.Add(24*time.Hour + into)
			spans := []Span{active(monday.AddDate(-1, 0, 0), stop), {License: "KZ", State: models.LicenseSuspended, Approved: 100_000, From: stop, Until: monday.AddDate(1, 0, 0)}}
			u := flatUnit(2, models.ConnectionPoint{DeclaredUse: "mining", Permitted: 200_000}, spans, func(i int) float64 {
				from := monday.Add(time.Duration(i) * step)
				on := min(max(stop.Add(off).Sub(from), 0), step)
				return 98_000 * float64(on) / float64(step)
			})
			if got := evaluate(nil, u, nil); len(got) > 0 {
				t.Errorf("clock off by %s, stop %s into the quarter hour: %s of tier %s", off, into, got[0].Estimated, got[0].Tier)
			}
		}
	}
}
