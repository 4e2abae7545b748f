package metering

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"rigistry/models"
)

// identifyEvery is how long a device is believed to be the one it was. It is
// also asked after every poll that failed and every connection that was lost.
const identifyEvery = 24 * time.Hour

// IdentityError says that what answers is not what the profile describes: its
// registers would be read with another device's meaning.
type IdentityError struct {
	Endpoint string
	Unit     uint8
	Profile  string
	Addr     uint16
	Got      string // what the register holds, or why it could not be read
	Want     []int64
}

// Error says what answered instead and what to do.
func (e *IdentityError) Error() string {
	want := make([]string, len(e.Want))
	for i, w := range e.Want {
		want[i] = fmt.Sprint(w)
	}
	return fmt.Sprintf("%s unit %d is not a %s: register %d holds %s, not %s. Check the profile and the unit id, or whether the meter was exchanged.",
		e.Endpoint, e.Unit, e.Profile, e.Addr, e.Got, strings.Join(want, " or "))
}

// checkIdentity reads the registers that tell which device answers. An error of
// type *IdentityError says that it is another; any other error, that it could
// not be asked.
func checkIdentity(p *models.Profile, endpoint string, unit uint8, read func(Request) ([]byte, error)) error {
	for i := range p.Identify {
		id := &p.Identify[i]
		wrong := IdentityError{Endpoint: endpoint, Unit: unit, Profile: p.ID, Addr: id.Addr, Want: id.AnyOf}
		raw, err := read(Request{FC: id.FC, Addr: id.Addr, Count: uint16(id.Enc.Width())})
		var failure *ReadError
		if errors.As(err, &failure) && failure.Kind == FailException && failure.Exception >= 1 && failure.Exception <= 3 {
			if id.Optional {
				continue
			}
			wrong.Got = "nothing (" + failure.Err.Error() + ")"
			return &wrong
		}
		if err != nil {
			return err
		}
		decoded := models.Decode(words(nil, raw), id.Enc)
		held, state := decoded.Scaled(models.RatioOne)
		if state != models.ValueOK || !slices.Contains(id.AnyOf, held) {
			wrong.Got = decoded.Decimal(models.RatioOne)
			return &wrong
		}
	}
	return nil
}

// identify makes sure that the unit is the device of its profile before any of
// its values counts.
func (l *link) identify(ctx context.Context, u *unit) error {
	now := l.now()
	if !u.identified.IsZero() && now.Sub(u.identified) < identifyEvery {
		return nil
	}
	err := checkIdentity(u.profile, l.endpoint, u.meter.Unit, func(req Request) ([]byte, error) {
		return l.readRetrying(ctx, u, req)
	})
	if err == nil {
		u.identified = now
	}
	return err
}

// refuse notes that another kind of device answers. The first time in a row is
// also a reading, without values.
func (l *link) refuse(ctx context.Context, u *unit, err *IdentityError) {
	if !u.refuse(l.now(), err) {
		return
	}
	l.log.Error("another device answers in a meter's place", "meter", u.meter.Code, "unit", u.meter.Unit, "error", err)
	l.out(ctx, &models.Reading{Meter: u.meter.ID, At: l.now().UTC().Truncate(time.Microsecond), Step: u.meter.PollInterval, Quality: models.QualityOtherDevice,
		Source: models.SourceModbus})
}
