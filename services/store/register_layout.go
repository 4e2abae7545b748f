package store

import (
	"fmt"
	"sync"
	"time"

	"rigistry/models"
)

// layoutCache remembers layouts of registers: one with a digest never changes.
type layoutCache struct {
	mu sync.Mutex
	of map[models.LayoutDigest]*models.RegisterLayout
}

func (c *layoutCache) get(d models.LayoutDigest) *models.RegisterLayout {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.of[d]
}

func (c *layoutCache) put(l *models.RegisterLayout) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of == nil {
		c.of = map[models.LayoutDigest]*models.RegisterLayout{}
	}
	c.of[l.Digest()] = l
}

// KeepRegisterLayouts keeps layouts that are not there yet, before readings name them.
func (tx *Tx) KeepRegisterLayouts(layouts []*models.RegisterLayout) error {
	for _, l := range layouts {
		if _, err := exec(tx, "INSERT INTO register_layouts (digest, body, first_at) VALUES (?, ?, ?) ON CONFLICT (digest) DO NOTHING",
			l.Digest().String(), l.Text(), micros(tx.Now)); err != nil {
			return fmt.Errorf("keep a layout of registers: %w", err)
		}
	}
	return nil
}

// RegisterLayouts gives layouts by their digests; one that is not there is CodeNotFound.
func (tx *Tx) RegisterLayouts(digests []models.LayoutDigest) (map[models.LayoutDigest]*models.RegisterLayout, error) {
	out := make(map[models.LayoutDigest]*models.RegisterLayout, len(digests))
	for _, d := range digests {
		if out[d] = tx.places.layouts.get(d); out[d] != nil {
			continue
		}
		body, err := one[string](tx, "layout of registers", d.String(), "SELECT body FROM register_layouts WHERE digest = ?", d.String())
		if err != nil {
			return nil, err
		}
		l, err := models.ParseRegisterLayout(body)
		if err != nil || l.Digest() != d {
			return nil, fmt.Errorf("the layout of registers %s is not what it was: %w", d, err)
		}
		tx.places.layouts.put(l)
		out[d] = l
	}
	return out, nil
}

// WholeChunk reads a chunk with the words of its registers.
func (tx *Tx) WholeChunk(body []byte) ([]models.Reading, error) {
	digests, err := models.ChunkLayouts(body)
	if err != nil {
		return nil, err
	}
	layouts, err := tx.RegisterLayouts(digests)
	if err != nil {
		return nil, err
	}
	return models.ParseChunkRegisters(body, func(d models.LayoutDigest) *models.RegisterLayout { return layouts[d] })
}

// wholePackets gives the readings of packets with the words of their registers, by meter.
func (tx *Tx) wholePackets(bodies [][]byte) (map[string][]models.Reading, error) {
	out := map[string][]models.Reading{}
	for _, b := range bodies {
		digests, err := models.PacketLayouts(b)
		if err != nil {
			return nil, fmt.Errorf("readings that wait to be folded: %w", err)
		}
		layouts, err := tx.RegisterLayouts(digests)
		if err != nil {
			return nil, err
		}
		if err := models.ParsePacketRegisters(b, func(d models.LayoutDigest) *models.RegisterLayout { return layouts[d] },
			func(meter string, part []models.Reading) { out[meter] = append(out[meter], part...) }); err != nil {
			return nil, fmt.Errorf("readings that wait to be folded: %w", err)
		}
	}
	return byTime(out), nil
}

// ReadingsWhole gives the readings of a meter in [from, until) that are folded, by time,
// with the words of their registers as far as they are known.
func (tx *Tx) ReadingsWhole(meter string, from, until time.Time) ([]models.Reading, error) {
	return tx.bodiesRead(meter, from, until, 1<<30, tx.WholeChunk)
}
