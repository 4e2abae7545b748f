package detection

import (
	"fmt"
	"testing"

	"rigistry/services/detection/stream"
)

func TestDoubts_TransformersThatAreNotThoseOfTheRegisterAreToldWithBothRatios(t *testing.T) {
	for _, c := range []struct {
		factor float64
		want   string
	}{
		{0.5, "metering_doubt works ct_plate B 200/400"},
		{1, ""},
		{4. / 3, "metering_doubt works ct_plate C 200/150"},
	} {
		u := meteringUnit(26, 1)
		s := u.Points[0].Channel
		s.CT = 40
		for i := range s.W {
			if i >= 16*perDay+50 {
				s.W[i] *= c.factor
			}
		}
		got := ""
		for _, f := range evaluate(nil, u, streamed(t, u)) {
			got += fmt.Sprintf("%s %s %s %s %.0f/%.0f", f.Rule, f.TargetCode, f.Evidence.Kind, f.Tier, f.Evidence.Numbers["entered_a"], f.Evidence.Numbers["fits_a"])
			if d := f.FirstSeen.Sub(u.Start).Hours() / 24; d < 15 || d > 17 {
				t.Errorf("it is told to have begun on day %.0f, it began on the sixteenth", d)
			}
		}
		if got != c.want {
			t.Errorf("a meter that shows %.2f of what it showed: %q, want %q", c.factor, got, c.want)
		}
	}
}

func TestDoubts_ARatioThatTheMeterItselfToldIsAFindingAboutTheMeter(t *testing.T) {
	u := meteringUnit(8, 1)
	e := streamed(t, u)
	e.RatioTold(e.Meter("m-works"), u.Head.at(u.Closed-10).Unix())
	got := ""
	for _, f := range doubts(paramsOf(stream.Begun()), u, e) {
		got += fmt.Sprintf("%s %s %s", f.TargetCode, f.Evidence.Kind, f.Tier)
	}
	if got != "works ct_told C" {
		t.Errorf("got %q", got)
	}
}
