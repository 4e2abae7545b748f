package metering

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"rigistry/models"
)

// loadMost is the part of its time, in hundredths, that a link may be planned to
// be busy: the rest is for retries, probes and other masters on the line.
const loadMost = 80

// What a request is reckoned to take besides its bytes: how long a device thinks
// before it answers on a serial line, and a round trip with the answer on TCP.
const (
	turnaround = 40 * time.Millisecond
	roundTrip  = 20 * time.Millisecond
	baudUsual  = 9600
)

// LinkLoad is how busy the polls of its meters keep an endpoint.
type LinkLoad struct {
	Endpoint string
	Meters   int
	Requests float64 // a second
	Busy     float64 // part of its time, 1 being all of it
}

// Over tells whether the link is planned too tight.
func (l LinkLoad) Over() bool { return l.Busy*100 > loadMost }

// String names the link with its numbers.
func (l LinkLoad) String() string {
	return fmt.Sprintf("%s would be busy %.0f %% of the time with %d meters and %.1f requests a second, and at most %d %% may be planned",
		l.Endpoint, l.Busy*100, l.Meters, l.Requests, loadMost)
}

// PlannedLoad reckons how busy each endpoint of the meters will be, the busiest
// first. The speed of a serial line may be given in its endpoint as ?baud=19200;
// 9600 is assumed. Meters that cannot be polled are left out.
func PlannedLoad(meters []models.Meter) []LinkLoad {
	links, _ := byEndpoint(meters)
	out := make([]LinkLoad, 0, len(links))
	for endpoint, units := range links {
		load := LinkLoad{Endpoint: endpoint, Meters: len(units)}
		for _, u := range units {
			interval := u.meter.PollInterval.Seconds()
			for _, r := range plan(u.profile, wanted(u.profile, nil), costOf(endpoint)) {
				load.Requests += 1 / interval
				load.Busy += (requestTime(u.meter.URL, r.Count) + u.profile.Limits.MinDelay).Seconds() / interval
			}
		}
		out = append(out, load)
	}
	slices.SortFunc(out, func(a, b LinkLoad) int {
		switch {
		case a.Busy > b.Busy:
			return -1
		case a.Busy < b.Busy:
			return 1
		}
		return strings.Compare(a.Endpoint, b.Endpoint)
	})
	return out
}

// CheckLoad refuses meters of which a link would be planned too tight, with
// CodeInvalid and the names of all such links.
func CheckLoad(meters []models.Meter) error {
	var bad models.Invalid
	for _, l := range PlannedLoad(meters) {
		if l.Over() {
			bad.Add("/meters", "overload", "%s. Poll its meters less often, or put some of them on another gateway.", l)
		}
	}
	return bad.Err()
}

// requestTime is how long a read of n registers keeps the endpoint busy: on a
// serial line 8 bytes out and 5 + 2n back, ten bits each, a silence of three and
// a half characters on either side, and the device's own time.
func requestTime(endpoint string, n uint16) time.Duration {
	u, err := url.Parse(endpoint)
	if err != nil {
		return roundTrip
	}
	baud, err := strconv.Atoi(u.Query().Get("baud"))
	if err != nil || baud <= 0 {
		if !strings.HasPrefix(u.Scheme, "rtu") {
			return roundTrip
		}
		baud = baudUsual
	}
	char := time.Second * 10 / time.Duration(baud)
	silence := max(char*7/2, 1750*time.Microsecond)
	return char*time.Duration(13+2*int(n)) + 2*silence + turnaround
}

// endpointOf is what a link is known by: however a meter's URL is written, two
// meters at one host and port share one connection.
func endpointOf(meterURL string) string {
	u, err := url.Parse(meterURL)
	if err != nil {
		return meterURL
	}
	if u.Scheme == "rtu" {
		return u.Scheme + "://" + u.Path
	}
	return strings.ToLower(u.Scheme + "://" + u.Host)
}
