package enforcement

import (
	"crypto/sha256"
	"fmt"
	"io"
	"strconv"
	"strings"

	"rigistry/models"
)

// What a package has of the registers that its readings were made of: the layouts that
// the sealed chunks name by their digests, each with the digest of the profile of its
// day, and a table of the words as the meter answered them.
const (
	folderLayouts  = "readings/layouts/"
	tableRegisters = ".registers.csv"

	maxLayoutBytes = 1 << 20

	// maxTableWords is how many words of a meter are written out as a table; of more the
	// sealed chunks and the layouts are the only place, and the gaps say so.
	maxTableWords = 16 << 20
)

// registersHeading is the first line of a table of registers: one line for each request
// that was answered. The words are in hex, four digits each, in the order of the wire.
const registersHeading = "at,chunk_version,layout,function,first_register,words\n"

func layoutPath(d models.LayoutDigest) string { return folderLayouts + d.String() + ".txt" }

// writeRegisters writes the words of readings as lines of a table.
func writeRegisters(w io.Writer, version int64, readings []models.Reading) error {
	const hex = "0123456789abcdef"
	var b []byte
	for i := range readings {
		r := readings[i].Registers
		if r == nil {
			continue
		}
		head := readings[i].At.UTC().AppendFormat(nil, "2006-01-02T15:04:05.000000Z")
		head = strconv.AppendInt(append(head, ','), version, 10)
		head = append(append(append(head, ','), r.Layout.Digest().String()...), ',')
		words := r.Words
		for k := range r.Layout.Blocks {
			if r.Came>>k&1 == 0 {
				continue
			}
			block := &r.Layout.Blocks[k]
			b = strconv.AppendUint(append(b, head...), uint64(block.FC), 10)
			b = append(strconv.AppendUint(append(b, ','), uint64(block.Addr), 10), ',')
			for _, x := range words[:block.Count] {
				b = append(b, hex[x>>12], hex[x>>8&15], hex[x>>4&15], hex[x&15])
			}
			words = words[block.Count:]
			b = append(b, '\n')
		}
	}
	_, err := w.Write(b)
	return err
}

// wordsIn counts the words of readings.
func wordsIn(readings []models.Reading) (n int64) {
	for i := range readings {
		if r := readings[i].Registers; r != nil {
			n += int64(len(r.Words))
		}
	}
	return n
}

// whole reads a chunk with its registers, and remembers and names its layouts.
func (d *dossier) whole(body []byte, named map[models.LayoutDigest]bool) ([]models.Reading, error) {
	digests, err := models.ChunkLayouts(body)
	if err != nil {
		return nil, err
	}
	found, err := d.tx.RegisterLayouts(digests)
	if err != nil {
		return nil, err
	}
	for digest, l := range found {
		d.layouts[digest], named[digest] = l, true
	}
	return d.again(body)
}

// again reads a chunk whose layouts are known.
func (d *dossier) again(body []byte) ([]models.Reading, error) {
	return models.ParseChunkRegisters(body, func(digest models.LayoutDigest) *models.RegisterLayout { return d.layouts[digest] })
}

// sealedChunk is the body of a chunk that goes into a package, and its version.
type sealedChunk struct {
	body    []byte
	version int64
}

// layoutFiles adds the layouts that the chunks of the package name.
func (d *dossier) layoutFiles() {
	for digest := range d.named {
		l := d.layouts[digest]
		d.derived(layoutPath(digest), fmt.Sprintf("Which registers were read, and what the profile %s of that day made of them. Sealed chunks name it by its SHA-256.", l.Profile), []byte(l.Text()))
	}
}

// registersCheck makes the table of the registers of one file of chunks again.
type registersCheck struct {
	sum   *summer
	words int64
}

func newRegistersCheck() registersCheck {
	c := registersCheck{sum: newSummer()}
	_, _ = io.WriteString(c.sum, registersHeading) // a hash takes everything
	return c
}

func (c *registersCheck) add(version int64, readings []models.Reading) error {
	c.words += wordsIn(readings)
	return writeRegisters(c.sum, version, readings)
}

// end compares the table with the one in the package: it is there when there are words,
// and not too many of them.
func (c *registersCheck) end(v *packageCheck, name string) error {
	table := name + tableRegisters
	at, there := v.at[table]
	switch {
	case there && c.words == 0:
		return broken(table, "the sealed readings have no registers")
	case c.words == 0, !there && c.words > maxTableWords:
		return nil
	case !there || at.sum != c.sum.hex():
		return broken(table, "it is not what the sealed registers say")
	}
	v.report.Words += c.words
	return nil
}

// layout reads a layout that a sealed chunk names, and checks that it is the one.
func (v *packageCheck) layout(d models.LayoutDigest) (*models.RegisterLayout, error) {
	if l := v.layouts[d]; l != nil {
		return l, nil
	}
	path := layoutPath(d)
	at, there := v.at[path]
	if !there {
		return nil, broken(path, "a sealed chunk names it, and it is not here")
	}
	if at.size > maxLayoutBytes {
		return nil, broken(path, "it has %d bytes, and no layout has more than %d", at.size, maxLayoutBytes)
	}
	text := make([]byte, at.size)
	if _, err := v.zip.r.ReadAt(text, at.from); err != nil {
		return nil, err
	}
	if sha256.Sum256(text) != d {
		return nil, broken(path, "it is not the layout that the sealed chunks name: its SHA-256 is another")
	}
	l, err := models.ParseRegisterLayout(string(text))
	if err != nil {
		return nil, broken(path, "%v", err)
	}
	v.layouts[d] = l
	return l, nil
}

// readings reads a sealed chunk with its registers.
func (v *packageCheck) readings(l chunkLine, body []byte) ([]models.Reading, error) {
	digests, err := models.ChunkLayouts(body)
	if err != nil {
		return nil, broken(l.File, "the chunk of %s cannot be read", l.Start)
	}
	for _, d := range digests {
		if _, err := v.layout(d); err != nil {
			return nil, err
		}
	}
	readings, err := models.ParseChunkRegisters(body, func(d models.LayoutDigest) *models.RegisterLayout { return v.layouts[d] })
	if err != nil || len(readings) == 0 {
		return nil, broken(l.File, "the chunk of %s cannot be read", l.Start)
	}
	return readings, nil
}

// registersNamed checks that the package has no layout and no table of registers but
// those that its sealed chunks call for.
func (v *packageCheck) registersNamed() error {
	known := make(map[string]bool, len(v.layouts))
	for d := range v.layouts {
		known[layoutPath(d)] = true
	}
	for path := range v.at {
		if strings.HasPrefix(path, folderLayouts) && !known[path] {
			return broken(path, "no sealed chunk names it")
		}
		if name, table := strings.CutSuffix(path, tableRegisters); table {
			if _, there := v.at[name+".chunks"]; !there {
				return broken(path, "it belongs to no sealed readings")
			}
		}
	}
	return nil
}
