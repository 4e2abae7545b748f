package simulator

import (
	"encoding/binary"
	"slices"
	"sync"
	"time"

	"rigistry/models"
)

// The exceptions of the Modbus Application Protocol V1.1b3, section 7.
const (
	exFunction      = 1
	exAddress       = 2
	exValue         = 3
	exGatewayTarget = 11
)

func exception(fc, code byte) []byte { return []byte{fc | 0x80, code} }

// images keeps what the registers of each meter hold now. One lock owns the
// cursor, which only goes forward.
type images struct {
	world  *World
	mu     sync.Mutex
	cursor *cursor
	cached map[*meter]*image
}

// image is the registers of a meter at an instant.
type image struct {
	at   time.Time
	regs map[register]uint16
	// blocks are the ranges of addresses that the device answers, holes included.
	blocks []models.RegRange
}

type register struct {
	fc   uint8
	addr uint16
}

func newImages(w *World) *images {
	return &images{world: w, cached: map[*meter]*image{}}
}

// warm walks to an instant before the first request asks for it: from the start
// of a grid file that may take longer than a collector waits.
func (im *images) warm(at time.Time) {
	im.mu.Lock()
	defer im.mu.Unlock()
	im.stand(at)
}

// stand moves the cursor to an instant. The caller holds the lock.
func (im *images) stand(at time.Time) {
	if im.cursor == nil {
		im.cursor = im.world.cursor()
	}
	im.cursor.advance(at)
}

// refresh is how long a meter shows the same values.
const refresh = time.Second

// imageOf gives the registers of a meter at an instant.
func (im *images) imageOf(m *meter, at time.Time) (*image, error) {
	im.mu.Lock()
	defer im.mu.Unlock()
	if img := im.cached[m]; img != nil && at.Sub(img.at) < refresh && !at.Before(img.at) {
		return img, nil
	}
	im.stand(at)
	values := im.world.measured(m, im.cursor, at)
	img := &image{at: at, regs: map[register]uint16{}}
	err := m.profile.Image(&values, func(fc uint8, addr uint16, regs []uint16) {
		for i, r := range regs {
			img.regs[register{fc, addr + uint16(i)}] = r
		}
	})
	if err != nil {
		return nil, err
	}
	img.blocks = blocksOf(img.regs)
	im.cached[m] = img
	return img, nil
}

// hole is how many registers without a meaning a device lets itself be read
// through: what one request can span.
const hole = 125

// blocksOf joins registers that are near each other.
func blocksOf(regs map[register]uint16) []models.RegRange {
	keys := make([]register, 0, len(regs))
	for k := range regs {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b register) int { return int(a.fc)<<16 + int(a.addr) - int(b.fc)<<16 - int(b.addr) })
	var out []models.RegRange
	for _, k := range keys {
		if n := len(out) - 1; n >= 0 && out[n].FC == k.fc && int(k.addr) < int(out[n].Addr)+int(out[n].Count)+hole {
			out[n].Count = k.addr - out[n].Addr + 1
			continue
		}
		out = append(out, models.RegRange{FC: k.fc, Addr: k.addr, Count: 1})
	}
	return out
}

// read answers functions 03 and 04 as a device of the meter's profile does.
func (im *images) read(m *meter, at time.Time, pdu []byte) ([]byte, error) {
	fc := pdu[0]
	if fc != 3 && fc != 4 {
		return exception(fc, exFunction), nil
	}
	if len(pdu) != 5 {
		return exception(fc, exValue), nil
	}
	addr, count := binary.BigEndian.Uint16(pdu[1:]), binary.BigEndian.Uint16(pdu[3:])
	limit, multiple := m.profile.Limits.MaxRegs, max(1, m.profile.Limits.QtyMultiple)
	if limit == 0 {
		limit = 125
	}
	if count == 0 || count > limit || count%multiple != 0 {
		return exception(fc, exValue), nil
	}
	if out, ok, err := identityOf(m.profile, fc, addr, count); ok || err != nil {
		return out, err
	}
	img, err := im.imageOf(m, at)
	if err != nil {
		return nil, err
	}
	if !img.covers(m.profile, fc, addr, count) {
		return exception(fc, exAddress), nil
	}
	out := []byte{fc, byte(2 * count)}
	for i := range count {
		out = binary.BigEndian.AppendUint16(out, img.regs[register{fc, addr + i}])
	}
	return out, nil
}

// identityOf answers for a register that tells which device this is: read by
// itself it does, also where the same register is part of a value.
func identityOf(p *models.Profile, fc uint8, addr, count uint16) (answer []byte, ok bool, err error) {
	for i := range p.Identify {
		id := &p.Identify[i]
		if id.FC != fc || id.Addr != addr || id.Enc.Width() != int(count) {
			continue
		}
		regs, err := models.Encode(models.IntRaw(id.AnyOf[0]), id.Enc)
		if err != nil {
			return nil, false, err
		}
		answer = []byte{fc, byte(2 * count)}
		for _, r := range regs {
			answer = binary.BigEndian.AppendUint16(answer, r)
		}
		return answer, true, nil
	}
	return nil, false, nil
}

// covers tells whether the device lets the range be read: inside one block, and
// no atomic block in part.
func (g *image) covers(p *models.Profile, fc uint8, addr, count uint16) bool {
	from, until := int(addr), int(addr)+int(count)
	for _, a := range p.Limits.Atomic {
		lo, hi := int(a.Addr), int(a.Addr)+int(a.Count)
		if a.FC == fc && from < hi && lo < until && (from > lo || until < hi) {
			return false
		}
	}
	return slices.ContainsFunc(g.blocks, func(b models.RegRange) bool {
		return b.FC == fc && from >= int(b.Addr) && until <= int(b.Addr)+int(b.Count)
	})
}
