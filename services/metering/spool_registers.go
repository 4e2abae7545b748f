package metering

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"strings"

	"rigistry/models"
)

// maxSpoolLayouts bounds the layouts of one batch, in bytes of their texts.
const maxSpoolLayouts = 16 << 20

// spoolRegisters adds the words of registers to the rows of a batch and gives the
// layouts, packed.
func spoolRegisters(b *Batch, rows []spooledReading) ([]byte, error) {
	all := b.Layouts()
	if len(all) == 0 {
		return nil, nil
	}
	place := make(map[models.LayoutDigest]int, len(all))
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.DefaultCompression)
	if err != nil {
		return nil, err
	}
	for i, l := range all {
		place[l.Digest()] = i + 1
		if _, err := io.WriteString(w, l.Text()+"\n"); err != nil {
			return nil, err
		}
	}
	for i := range b.Readings {
		if r := &b.Readings[i]; r.Registers != nil {
			rows[i].Layout, rows[i].Words = place[r.Registers.Layout.Digest()], r.Registers.AppendBinary(nil, &r.Values)
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}

// unspoolLayouts gives the layouts of a batch in the spool.
func unspoolLayouts(packed []byte) ([]*models.RegisterLayout, error) {
	if len(packed) == 0 {
		return nil, nil
	}
	text, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), maxSpoolLayouts))
	if err != nil {
		return nil, fmt.Errorf("the layouts of registers: %w", err)
	}
	var out []*models.RegisterLayout
	for part := range strings.SplitSeq(strings.TrimSuffix(string(text), "\n\n"), "\n\n") {
		l, err := models.ParseRegisterLayout(part + "\n")
		if err != nil {
			return nil, fmt.Errorf("the layouts of registers: %w", err)
		}
		out = append(out, l)
	}
	return out, nil
}

// registers gives the words of a reading. Words that cannot be read are left out: the
// reading is worth more than they.
func (r *spooledReading) registers(layouts []*models.RegisterLayout, v *models.Values) *models.Registers {
	if r.Layout < 1 || r.Layout > len(layouts) {
		return nil
	}
	out, err := models.ParseRegisters(layouts[r.Layout-1], r.Words, v)
	if err != nil {
		return nil
	}
	return out
}
