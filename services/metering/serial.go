package metering

import (
	"net/url"
	"slices"
	"strconv"

	"rigistry/models"
)

// serialSettings is how a serial line is set. Modbus prescribes even parity and one
// stop bit, or no parity and two; many meters are delivered with none and one.
type serialSettings struct {
	baud   int
	parity string // none, even, odd
	stop   int
}

// bauds are the speeds a line may have.
var bauds = []int{1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200}

// serialSettingsOf reads rtu:///dev/ttyS0?baud=9600&parity=even&stop=1.
func serialSettingsOf(u *url.URL) (serialSettings, error) {
	s := serialSettings{baud: baudUsual, parity: "none", stop: 1}
	for name, values := range u.Query() {
		text := values[0]
		n, err := strconv.Atoi(text)
		switch {
		case name == "baud" && err == nil && slices.Contains(bauds, n):
			s.baud = n
		case name == "parity" && (text == "none" || text == "even" || text == "odd"):
			s.parity = text
		case name == "stop" && (text == "1" || text == "2"):
			s.stop = n
		default:
			return s, models.Errorf(models.CodeInvalid, "%q: %s=%s is not known. A serial line has baud (%v), parity (none, even, odd) and stop (1, 2).", u, name, text, bauds)
		}
	}
	return s, nil
}
