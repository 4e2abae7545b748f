package enforcement

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"maps"
	"strconv"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/ledger"
)

const maxPackageChunks = 250_000

// readingsHeading is the first line of a table of readings. Powers are in W, var and VA,
// energies in Wh, everything else in its base unit.
var readingsHeading = func() string {
	names := []string{"at", "step_ms", "quality", "chunk_version"}
	for q := range models.Quantities() {
		names = append(names, q.String())
	}
	return strings.Join(names, ",") + "\n"
}()

// writeReadings writes readings as lines of a table, each number exactly as it is stored.
func writeReadings(w io.Writer, version int64, readings []models.Reading) error {
	var b []byte
	for i := range readings {
		r := &readings[i]
		b = r.At.UTC().AppendFormat(b, "2006-01-02T15:04:05.000000Z")
		b = append(strconv.AppendInt(append(b, ','), r.Step.Milliseconds(), 10), ',')
		b = append(append(b, r.Quality.String()...), ',')
		b = strconv.AppendInt(b, version, 10)
		for q := range models.Quantities() {
			b = append(b, ',')
			if v, there := r.Values.Get(q); there {
				b = appendBase(b, v, q.PerUnit())
			}
		}
		b = append(b, '\n')
	}
	_, err := w.Write(b)
	return err
}

// appendBase writes a stored whole number in its base unit, without rounding.
func appendBase(b []byte, v, per int64) []byte {
	if per == 1 {
		return strconv.AppendInt(b, v, 10)
	}
	if v < 0 {
		b, v = append(b, '-'), -v
	}
	b = append(strconv.AppendInt(b, v/per, 10), '.')
	rest := strconv.FormatInt(per+v%per, 10)
	return append(b, rest[1:]...)
}

func stampOf(at time.Time) string { return at.UTC().Format(time.RFC3339) }

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// summer is a SHA-256 to write to.
type summer struct{ hash.Hash }

func newSummer() *summer { return &summer{sha256.New()} }

func (s *summer) hex() string { return hex.EncodeToString(s.Sum(nil)) }

// sealProof is a seal of readings with the path of each of its chunks.
type sealProof struct {
	branches map[string]ledger.Branch // by the chunk's digest
	root     string
}

// readingsOf adds the sealed readings of the meters: as they are stored, and as a table.
func (d *dossier) readingsOf() error {
	seals := map[int64]*sealProof{}
	for _, m := range d.meters {
		if err := d.readingsOfMeter(m, seals); err != nil {
			return err
		}
	}
	d.layoutFiles()
	lines, err := jsonLines(d.chunks)
	if err != nil {
		return err
	}
	d.derived(fileChunks, "Where each sealed quarter of an hour stands in the files of readings, and its path to the root of its seal.", lines)
	return nil
}

func (d *dossier) readingsOfMeter(m models.Meter, seals map[int64]*sealProof) error {
	window := d.windows[m.ID]
	from := window[0].Truncate(models.IntervalLength)
	found, err := d.tx.Chunks(m.ID, from, window[1], maxPackageChunks)
	if err != nil {
		return err
	}
	name := "readings/" + safeName(m.Code)
	var (
		kept    []sealedChunk
		named   = map[models.LayoutDigest]bool{}
		words   int64
		tally   = newRegistersTally(d.recordOf(m))
		lines   []chunkLine
		offset  int64
		sealed  = map[int64]bool{}
		drawing = chart{meter: m}
	)
	for _, c := range found {
		seal, err := d.seal(c.Seal, seals)
		if err != nil {
			return err
		}
		if seal == nil { // sealed after the checkpoint
			continue
		}
		digest := sha256.Sum256(c.Body)
		branch, there := seal.branches[string(digest[:])]
		if !there {
			d.missing("chunk_not_in_seal", m.Code+" "+stampOf(time.UnixMicro(c.Start)), 0)
			continue
		}
		readings, err := d.whole(c.Body, named)
		if err != nil {
			return fmt.Errorf("chunk of meter %s at %d: %w", m.Code, c.Start, err)
		}
		words += wordsIn(readings)
		tally.add(readings)
		drawing.add(time.UnixMicro(c.Start), readings)
		kept, sealed[c.Start] = append(kept, sealedChunk{c.Body, c.Version}), true
		lines = append(lines, chunkLine{File: name + ".chunks", Offset: offset, Bytes: int64(len(c.Body)), Start: stampOf(time.UnixMicro(c.Start)),
			Version: c.Version, Seal: c.Seal, Size: branch.Size, Index: branch.Index, Path: hashTexts(branch.Path), Root: seal.root})
		offset += int64(len(c.Body))
	}
	if want := int64(window[1].Sub(from) / models.IntervalLength); int64(len(sealed)) < want {
		d.missing("quarters_without_sealed_readings", m.Code, want-int64(len(sealed)))
	}
	tally.gapsOf(d, m.Code)
	if words > maxTableWords {
		d.missing("registers_only_sealed", m.Code, words)
	}
	if len(kept) == 0 {
		return nil
	}
	raw := func(w io.Writer) error {
		for _, c := range kept {
			if _, err := w.Write(c.body); err != nil {
				return err
			}
		}
		return nil
	}
	_, sum, _, err := measure(raw)
	if err != nil {
		return err
	}
	what := fmt.Sprintf("Readings of meter %s as they were sealed, one chunk a quarter of an hour.", m.Code)
	if !d.original(madeFile{name + ".chunks", what, "readings.sealed", raw}, sum, "") {
		return nil
	}
	d.chunks = append(d.chunks, lines...)
	d.charts = append(d.charts, drawing)
	what = fmt.Sprintf("The same readings of meter %s as a table; the check makes it again from the chunks.", m.Code)
	d.table(madeFile{path: name + ".csv", what: what}, readingsHeading, kept, writeReadings)
	if words > 0 && words <= maxTableWords {
		what = fmt.Sprintf("What meter %s answered, word for word, of which its readings were made; the check makes it again from the chunks and the layouts.", m.Code)
		d.table(madeFile{path: name + tableRegisters, what: what}, registersHeading, kept, writeRegisters)
	}
	maps.Copy(d.named, named)
	return nil
}

// table adds a table that is made from chunks.
func (d *dossier) table(f madeFile, heading string, chunks []sealedChunk, write func(io.Writer, int64, []models.Reading) error) {
	f.content = func(w io.Writer) error {
		if _, err := io.WriteString(w, heading); err != nil {
			return err
		}
		for _, c := range chunks {
			readings, err := d.again(c.body)
			if err != nil {
				return err
			}
			if err := write(w, c.version, readings); err != nil {
				return err
			}
		}
		return nil
	}
	d.files = append(d.files, f)
}

// seal gives a seal whose entry is in the ledger of the checkpoint, nil when it is not.
func (d *dossier) seal(number int64, known map[int64]*sealProof) (*sealProof, error) {
	if s, seen := known[number]; seen {
		return s, nil
	}
	known[number] = nil
	ref := models.Ref{Kind: "reading_seal", ID: itoa(number)}
	found, err := d.tx.EntriesAbout([]models.Ref{ref}, d.checkpoint.Size)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	var body struct {
		Root string `json:"root"`
	}
	if err := json.Unmarshal([]byte(found[0].Body), &body); err != nil {
		return nil, fmt.Errorf("entry %d of the ledger: %w", found[0].Index, err)
	}
	stored, err := d.tx.SealOf(number)
	if err != nil {
		return nil, err
	}
	var leaves [][]byte
	for at := 0; at+sha256.Size <= len(stored.Digests); at += sha256.Size {
		leaves = append(leaves, stored.Digests[at:at+sha256.Size])
	}
	if len(leaves) == 0 {
		return nil, fmt.Errorf("seal %d has no chunks", number)
	}
	branches, err := ledger.Branches(leaves)
	if err != nil {
		return nil, err
	}
	s := &sealProof{branches: make(map[string]ledger.Branch, len(leaves)), root: body.Root}
	for i, b := range branches {
		s.branches[string(leaves[i])] = b
	}
	known[number] = s
	d.about = append(d.about, ref)
	return s, nil
}

// safeName makes a name that can stand in a path of a package.
func safeName(code string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_':
			return r
		}
		return '_'
	}, code)
}
