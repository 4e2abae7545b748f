package metering

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"rigistry/models"
)

// Row is one quantity of a meter read once.
type Row struct {
	Quantity  models.Quantity
	Value     *float64 // in the base unit (W, Wh, V, A, Hz); nil when there is none
	Unit      string
	Quality   models.Quality
	Registers string // as on the wire, four hex digits each
}

// ReadOnce opens a connection, reads every quantity of a profile but its extras,
// and closes. timeout bounds the connection and each request. When the meter
// does not answer, answers late or with something else, or the connection
// breaks, there is an error that says so and no row at all; a quantity that the
// meter refuses or marks as not available is a row without a value.
func ReadOnce(ctx context.Context, endpoint string, unit uint8, profileID string, timeout time.Duration) ([]Row, error) {
	return Credentials{}.ReadOnce(ctx, endpoint, unit, profileID, timeout)
}

// ReadOnce is as the function of that name, for a meter that may want TLS.
func (f Credentials) ReadOnce(ctx context.Context, endpoint string, unit uint8, profileID string, timeout time.Duration) ([]Row, error) {
	profiles, err := ShippedProfiles()
	if err != nil {
		return nil, err
	}
	p, err := profiles.Find(profileID)
	if err != nil {
		return nil, err
	}
	if err := checkEndpoint(endpoint); err != nil {
		return nil, err
	}
	c, err := dial(ctx, endpoint, timeout, make(chan struct{}, 1), f.opener())
	if err != nil {
		return nil, err
	}
	defer c.close()
	if err := pause(ctx, p.Limits.AfterConnect); err != nil {
		return nil, err
	}
	if err := checkIdentity(p, endpoint, unit, func(req Request) ([]byte, error) {
		if err := pause(ctx, p.Limits.MinDelay); err != nil {
			return nil, err
		}
		return c.read(ctx, unit, req, timeout)
	}); err != nil {
		return nil, err
	}
	d := newDecoder(p, nil)
	read := func(req Request) ([]byte, error) { return c.read(ctx, unit, req, timeout) }
	blocks, err := readBlocks(ctx, read, plan(p, d.points, costOf(endpoint)), &p.Limits)
	if err != nil {
		return nil, err
	}
	return d.rows(blocks), nil
}

// readBlocks reads all requests. One that is refused by address is read again
// in its parts; a part that is refused is missing. When everything is refused,
// that is the error.
func readBlocks(ctx context.Context, read func(Request) ([]byte, error), requests []Request, l *models.ProfileLimits) ([]block, error) {
	var (
		blocks  []block
		refusal error
	)
	for len(requests) > 0 {
		req := requests[0]
		requests = requests[1:]
		if err := pause(ctx, l.MinDelay); err != nil {
			return nil, err
		}
		raw, err := read(req)
		if err == nil {
			blocks = append(blocks, block{req: req, regs: words(nil, raw), ok: true})
			continue
		}
		var failure *ReadError
		if !errors.As(err, &failure) || failure.Kind != FailException || failure.Exception >= 10 {
			return nil, err
		}
		if refusal == nil {
			refusal = err
		}
		if len(req.items) > 1 && failure.Exception >= 2 && failure.Exception <= 3 {
			requests = append(req.split(l), requests...)
		}
	}
	if len(blocks) == 0 {
		return nil, refusal
	}
	return blocks, nil
}

// rows gives what blocks say about every point of the decoder.
func (d *decoder) rows(blocks []block) []Row {
	values, quality := d.decode(blocks)
	var out []Row
	for _, i := range d.points {
		pt := &d.profile.Points[i]
		if !d.holds(pt, blocks) {
			continue
		}
		row := Row{Quantity: pt.Q, Unit: pt.Q.Unit(), Quality: models.QualityNotAvailable}
		m := d.measure(i, blocks, &values)
		if m.read {
			_, row.Quality = m.store(pt)
			row.Registers = Hex(m.regs)
		}
		if quality == models.QualityCanaryFailed {
			row.Quality = quality
		}
		if m.read && row.Quality == models.QualityGood {
			if base, ok := m.scale.Times(models.Ratio{Num: 1, Den: pt.Q.PerUnit()}); ok {
				if v, err := strconv.ParseFloat(m.raw.Decimal(base), 64); err == nil {
					row.Value = &v
				}
			}
		}
		out = append(out, row)
	}
	return out
}

// Hex writes registers as on the wire, four hex digits each.
func Hex(regs []uint16) string {
	parts := make([]string, len(regs))
	for i, r := range regs {
		parts[i] = fmt.Sprintf("%04X", r)
	}
	return strings.Join(parts, " ")
}
