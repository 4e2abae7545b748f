package metering

import (
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"rigistry/models"
)

// The times of one transaction with 40 ms to answer, as measured on serial lines.
func TestRequestTime_IsThatOfASerialLine(t *testing.T) {
	for _, c := range []struct {
		endpoint string
		n        uint16
		ms       float64
	}{
		{"rtuovertcp://h:1", 2, 65}, {"rtuovertcp://h:1", 50, 165}, {"rtuovertcp://h:1?baud=9600", 80, 228}, {"rtuovertcp://h:1", 125, 321},
		{"rtuovertcp://h:1?baud=19200", 2, 53}, {"rtuoverudp://h:1?baud=19200", 125, 181}, {"rtuovertcp://h:1?baud=38400", 125, 112},
		{"tcp://h:1", 125, 20}, {"tcp://h:1?baud=9600", 125, 321},
	} {
		if got := float64(requestTime(c.endpoint, c.n)) / float64(time.Millisecond); math.Abs(got-c.ms) > 1 {
			t.Errorf("%s, %d registers: got %.1f ms, want %.0f", c.endpoint, c.n, got, c.ms)
		}
	}
}

func bus(url string, n int, every time.Duration) (out []models.Meter) {
	for i := range n {
		m := meterAt(fmt.Sprintf("%s-%d", url, i), url, uint8(i+1))
		m.PollInterval = every
		out = append(out, m)
	}
	return out
}

func TestCheckLoad_NamesTheLinkThatIsPlannedTooTight(t *testing.T) {
	// One 76-register read of an SDM630 takes 0.219 s at 9600 baud: 36 of them fit in 80 % of 10 s.
	fits := bus("rtuovertcp://10.0.0.1:502", 36, 10*time.Second)
	if err := CheckLoad(append(fits, bus("tcp://10.0.0.2:502", 20, time.Second)...)); err != nil {
		t.Errorf("links that fit: got %v", err)
	}
	for name, meters := range map[string][]models.Meter{
		"one meter too many":         bus("rtuovertcp://10.0.0.9:502", 37, 10*time.Second),
		"polled too often":           bus("rtuovertcp://10.0.0.9:502", 19, 5*time.Second),
		"one line under two names":   append(bus("rtuovertcp://10.0.0.9:502", 19, 10*time.Second), bus("rtuovertcp://10.0.0.9:502/", 18, 10*time.Second)...),
		"a serial line behind TCP":   bus("tcp://10.0.0.9:502?baud=9600", 37, 10*time.Second),
		"a direct one, ten a second": bus("tcp://10.0.0.9:502", 5, 100*time.Millisecond),
	} {
		err := CheckLoad(append(fits, meters...))
		if models.CodeOf(err) != models.CodeInvalid || !strings.Contains(fmt.Sprint(err), "10.0.0.9:502 would be busy") || strings.Contains(fmt.Sprint(err), "10.0.0.1") {
			t.Errorf("%s: got %v, want a refusal that names 10.0.0.9 only", name, err)
		}
	}
	if err := CheckLoad(bus("rtuovertcp://10.0.0.9:502?baud=38400", 37, 10*time.Second)); err != nil {
		t.Errorf("the same meters on a fast line: got %v", err)
	}
}

func TestCollector_OneEndpointIsOneConnectionHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	d := startDevice(t, healthy(7000))
	c := collect(t, meterAt("m1", d.url, 1), meterAt("m2", d.url+"/", 2), meterAt("m3", d.url+"?baud=9600", 3))
	for _, m := range []string{"m1", "m2", "m3"} {
		c.until(t, "has power", hasPower(m, 7000))
	}
	if n := d.conns.Load(); n != 1 {
		t.Errorf("got %d connections to one endpoint, want one", n)
	}
}

func TestCollector_WarnsOnceOfALinkPlannedTooTight(t *testing.T) {
	var out strings.Builder
	c := NewCollector(bus("rtuovertcp://10.0.0.9:502", 37, 10*time.Second), nil, time.Now, slog.New(slog.NewTextHandler(&out, nil)))
	c.warn()
	c.warn()
	if n := strings.Count(out.String(), "10.0.0.9:502 would be busy 81 %"); n != 1 {
		t.Errorf("got %d warnings, want one:\n%s", n, out.String())
	}
}
