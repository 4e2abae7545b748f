package metering

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"

	"rigistry/models"
)

// layouts are the layouts that units of one profile share: many meters have the same
// requests and the same transformers.
type layouts struct {
	mu sync.Mutex
	of map[string]*models.RegisterLayout
}

// layout gives the layout of a meter's requests, nil when it cannot have one.
func (l *layouts) layout(p *models.Profile, m *models.Meter, blocks []block) *models.RegisterLayout {
	requests := make([]models.RegRange, len(blocks))
	for i := range blocks {
		requests[i] = models.RegRange{FC: blocks[i].req.FC, Addr: blocks[i].req.Addr, Count: blocks[i].req.Count}
	}
	key := fmt.Sprint(m.RatioText(), requests)
	l.mu.Lock()
	defer l.mu.Unlock()
	known, ok := l.of[key]
	if !ok {
		if l.of == nil {
			l.of = map[string]*models.RegisterLayout{}
		}
		known = models.NewRegisterLayout(p, m, requests)
		l.of[key] = known
	}
	return known
}

// registers gives the words of the blocks that came, to keep.
func (u *unit) registers() *models.Registers {
	if u.layout == nil {
		if u.layout = u.layouts.layout(u.profile, &u.meter, u.blocks); u.layout == nil {
			return nil
		}
	}
	out := &models.Registers{Layout: u.layout}
	for i := range u.blocks {
		b := &u.blocks[i]
		if b.ok && len(b.regs) == int(b.req.Count) {
			out.Came |= 1 << i
		}
	}
	if out.Came == 0 {
		return nil
	}
	out.Words = make([]uint16, 0, u.layout.Words(out.Came))
	for i := range u.blocks {
		if out.Came>>i&1 == 1 {
			out.Words = append(out.Words, u.blocks[i].regs...)
		}
	}
	return out
}

// Layouts gives the layouts of the batch's registers, each once.
func (b *Batch) Layouts() []*models.RegisterLayout {
	var out []*models.RegisterLayout
	seen := map[models.LayoutDigest]bool{}
	for i := range b.Readings {
		if r := b.Readings[i].Registers; r != nil && !seen[r.Layout.Digest()] {
			seen[r.Layout.Digest()] = true
			out = append(out, r.Layout)
		}
	}
	return out
}

// Bare is the batch without the words of registers and without sources, as a server takes
// it that does not know them. It has the same digest.
func (b Batch) Bare() Batch {
	b.Readings = append([]models.Reading(nil), b.Readings...)
	for i := range b.Readings {
		b.Readings[i].Registers, b.Readings[i].Source = nil, models.SourceUnknown
	}
	return b
}

// IsBare tells whether there is nothing in the batch that an older server does not know.
func (b *Batch) IsBare() bool {
	return !slices.ContainsFunc(b.Readings, func(r models.Reading) bool { return r.Registers != nil || r.Source != models.SourceUnknown })
}

// registersDigest is SHA-256 over the words of the batch's registers, "" when it has none.
func (b *Batch) registersDigest() string {
	h, some := sha256.New(), false
	var buf []byte
	for i := range b.Readings {
		r := b.Readings[i].Registers
		if r == nil {
			continue
		}
		some = true
		digest := r.Layout.Digest()
		buf = append(binary.AppendUvarint(buf[:0], uint64(i)), digest[:]...)
		buf = binary.AppendUvarint(buf, r.Came)
		for _, w := range r.Words {
			buf = binary.BigEndian.AppendUint16(buf, w)
		}
		_, _ = h.Write(buf)
	}
	if !some {
		return ""
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// keepLayouts keeps the layouts that the batch brings for the first time.
func (in *ingest) keepLayouts() error {
	all := in.batch.Layouts()
	in.learned.layouts = all
	return in.tx.KeepRegisterLayouts(in.heads.unknownLayouts(all))
}

// unknownLayouts gives those of which it is not remembered that they are kept.
func (h *heads) unknownLayouts(all []*models.RegisterLayout) (out []*models.RegisterLayout) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, l := range all {
		if !h.layouts[l.Digest()] {
			out = append(out, l)
		}
	}
	return out
}
