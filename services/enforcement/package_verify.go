package enforcement

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"

	"rigistry/models"
	"rigistry/services/ledger"
)

// PackageKeys are the registry's public keys that a package is checked with.
type PackageKeys struct{ Document, Ledger []ed25519.PublicKey }

// PackageReport is what VerifyPackage looked at.
type PackageReport struct {
	Manifest   Manifest
	KeyID      string // of the key that signed the manifest
	Checkpoint ledger.Checkpoint
	Files      int
	Fields     int // of the record that are there
	Entries    int
	Erased     int // entries whose name and body were taken out or erased
	Chunks     int
	Readings   int64
	Words      int64 // of registers, in the tables that were made again from the chunks
	Given      int64 // values that the words of registers give
	Elsewhere  int64 // values of readings with registers whose scale or form stands elsewhere
	NotGiven   int64 // values that the words do not give; the gaps say so
	Bare       int64 // readings with values and without registers
	Events     int
	Pictures   int // files that an event signed by a device names
	Acts       int // of the case, whose words give the digest in the ledger
}

const (
	maxManifest = 64 << 20
	maxKept     = 256 << 20 // bytes of a file that is read whole
)

// VerifyPackage checks every byte of a package with public keys alone: the form of the
// ZIP, the signature of the manifest, each file's digest, the ledger's entries up to its
// signed checkpoint, the readings up to their seals, the pictures up to the events that
// the inspectors' devices signed, and that nothing was taken out but what the manifest
// lists. keys gives the keys; it is handed the package's own, which prove nothing by
// themselves. A *Broken names the part that does not hold.
func VerifyPackage(r io.ReaderAt, size int64, keys func(own []byte) (PackageKeys, error)) (PackageReport, error) {
	v := &packageCheck{zip: zipReader{r: r, size: size}, kept: map[string][]byte{}, at: map[string]spot{}, items: map[string]string{},
		layouts: map[models.LayoutDigest]*models.RegisterLayout{}}
	for _, step := range []func() error{
		func() error { return v.files(keys) }, v.checkpoint, v.list, v.fields, v.entries, v.originals, v.acts, v.chunks, v.events, v.complete,
	} {
		if err := step(); err != nil {
			return v.report, err
		}
	}
	return v.report, nil
}

type spot struct {
	from, size int64
	sum        string
}

type packageCheck struct {
	zip    zipReader
	keys   PackageKeys
	report PackageReport
	kept   map[string][]byte // files that are read whole
	at     map[string]spot
	items  map[string]string // item: commitment
	seen   map[string]bool   // items that are there

	layouts map[models.LayoutDigest]*models.RegisterLayout // that sealed chunks name

	byID   map[string]entryLine
	fieldv map[string]recordLine
}

// read takes the next file into memory.
func (v *packageCheck) read(path string, size, limit int64) ([]byte, error) {
	var b bytes.Buffer
	err := v.zip.next(path, size, limit, &b)
	return b.Bytes(), err
}

// files walks the package: every byte of it is either checked here or part of a file
// whose digest is.
func (v *packageCheck) files(keys func([]byte) (PackageKeys, error)) error {
	manifest, err := v.read(fileManifest, -1, maxManifest)
	if err != nil {
		return err
	}
	signature, err := v.read(fileSignature, -1, 1<<10)
	if err != nil {
		return err
	}
	own, err := v.read(fileKeys, -1, 1<<20)
	if err != nil {
		return err
	}
	if v.keys, err = keys(own); err != nil {
		return err
	}
	if v.report.KeyID, err = checkSignature(manifest, signature, v.keys.Document); err != nil {
		return err
	}
	if v.report.Manifest, err = parseManifest(manifest); err != nil {
		return err
	}
	for i, f := range v.report.Manifest.Files {
		sum := sha256.New()
		if i == 0 {
			_, _ = sum.Write(own) // a hash takes everything
			if f.Bytes != int64(len(own)) {
				return broken(f.Path, "it has %d bytes, and the manifest says %d", len(own), f.Bytes)
			}
		} else if err := v.file(f, sum); err != nil {
			return err
		}
		if got := hex.EncodeToString(sum.Sum(nil)); got != f.SHA256 {
			return broken(f.Path, "its SHA-256 is %s, and the manifest says %s", got, f.SHA256)
		}
	}
	v.report.Files = len(v.report.Manifest.Files)
	return v.zip.end()
}

func (v *packageCheck) file(f ManifestFile, sum hash.Hash) error {
	to := io.Writer(sum)
	var kept *bytes.Buffer
	if strings.HasSuffix(f.Path, ".jsonl") || f.Path == fileItems || f.Path == fileCheckpoint {
		if f.Bytes > maxKept {
			return broken(f.Path, "it has %d bytes, and no more than %d are read", f.Bytes, maxKept)
		}
		kept = &bytes.Buffer{}
		to = io.MultiWriter(sum, kept)
	}
	v.at[f.Path] = spot{from: v.zip.at + zipLocalSize + int64(len(f.Path)), size: f.Bytes, sum: f.SHA256}
	err := v.zip.next(f.Path, f.Bytes, f.Bytes, to)
	if kept != nil {
		v.kept[f.Path] = kept.Bytes()
	}
	return err
}

func (v *packageCheck) checkpoint() error {
	cp, err := ledger.OpenCheckpoint(string(v.kept[fileCheckpoint]), v.keys.Ledger)
	if err != nil {
		return broken(fileCheckpoint, "%v", err)
	}
	m := v.report.Manifest
	if cp.Origin != m.Origin || cp.Size != m.LedgerSize || cp.Root.String() != m.Root || !cp.At.Equal(m.CheckpointAt) {
		return broken(fileCheckpoint, "it is not the checkpoint that the manifest names")
	}
	v.report.Checkpoint = cp
	return nil
}

// list reads the commitments of everything that the whole package has.
func (v *packageCheck) list() error {
	m := v.report.Manifest
	if v.at[fileItems].sum != m.ItemsSHA256 {
		return broken(fileItems, "it is not the list that the manifest names")
	}
	for line := range strings.Lines(string(v.kept[fileItems])) {
		commitment, item, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		if !ok || len(commitment) != 64 || v.items[item] != "" {
			return broken(fileItems, "the line %q is no item", line)
		}
		v.items[item] = commitment
	}
	if !bytes.Equal(itemsText(v.items), v.kept[fileItems]) {
		return broken(fileItems, "it is not written in its one form")
	}
	v.seen = map[string]bool{}
	return nil
}

// present notes that an item is there, with the commitment that its content gives.
func (v *packageCheck) present(file, item, commitment string) error {
	switch {
	case v.items[item] == "":
		return broken(file, "%s is not in the list of items: it was added", item)
	case v.items[item] != commitment:
		return broken(file, "%s does not give the commitment in the list of items: it was changed", item)
	case v.seen[item]:
		return broken(file, "%s is twice there", item)
	case slices.Contains(v.report.Manifest.Removed, item):
		return broken(file, "%s is there, and the manifest says that it was taken out", item)
	}
	v.seen[item] = true
	return nil
}

// gone checks an item of which only the commitment stands.
func (v *packageCheck) gone(file, item, commitment string) error {
	if v.items[item] != commitment {
		return broken(file, "what stands in the place of %s is not its commitment in the list of items", item)
	}
	if _, listed := slices.BinarySearch(v.report.Manifest.Removed, item); !listed {
		return broken(file, "%s was taken out, and the manifest does not list it", item)
	}
	return nil
}

func (v *packageCheck) fields() error {
	lines, err := parseLines[recordLine](fileRecord, v.kept[fileRecord])
	if err != nil {
		return err
	}
	v.fieldv = make(map[string]recordLine, len(lines))
	for _, l := range lines {
		if l.Commitment != "" {
			if len(l.Salt)+len(l.Value) > 0 {
				return broken(fileRecord, "the field %s is there and taken out", l.ID)
			}
			err = v.gone(fileRecord, "record:"+l.ID, l.Commitment)
		} else {
			err = v.present(fileRecord, "record:"+l.ID, l.commitment())
			v.report.Fields++
		}
		if err != nil {
			return err
		}
		v.fieldv[l.ID] = l
	}
	return nil
}

func (v *packageCheck) entries() error {
	lines, err := parseLines[entryLine](fileEntries, v.kept[fileEntries])
	if err != nil {
		return err
	}
	v.byID = make(map[string]entryLine, len(lines))
	for i, l := range lines {
		if i > 0 && l.Index <= lines[i-1].Index {
			return broken(fileEntries, "entry %d is twice there or out of order", l.Index)
		}
		x, err := l.extract()
		if err != nil {
			return broken(fileEntries, "entry %d cannot be read: %v", l.Index, err)
		}
		if err := x.Check(v.report.Checkpoint); err != nil {
			return broken(fileEntries, "entry %d (%s) is not in the ledger of the checkpoint as it stands here: %v", l.Index, l.Kind, err)
		}
		item := fmt.Sprintf("entry:%d", l.Index)
		digest := hex.EncodeToString(ledger.PrivateDigest(x.Entry))
		if _, removed := slices.BinarySearch(v.report.Manifest.Removed, item); l.Digest != "" && removed {
			err = v.gone(fileEntries, item, digest)
		} else {
			err = v.present(fileEntries, item, digest)
		}
		if err != nil {
			return err
		}
		if l.Digest != "" {
			v.report.Erased++
		}
		v.byID[l.ID] = l
	}
	v.report.Entries = len(lines)
	return nil
}

// originals checks the commitments of the files that are there.
func (v *packageCheck) originals() error {
	lines, err := parseLines[saltLine](fileSalts, v.kept[fileSalts])
	if err != nil {
		return err
	}
	for _, l := range lines {
		path, isFile := strings.CutPrefix(l.Item, "file:")
		at, there := v.at[path]
		if !isFile || !there {
			return broken(fileSalts, "%s is not in the package", l.Item)
		}
		if err := v.present(path, l.Item, fieldCommitment(l.Salt, l.Item, []byte(at.sum))); err != nil {
			return err
		}
	}
	return nil
}

// complete checks that everything of the whole package is there or listed as taken out.
func (v *packageCheck) complete() error {
	if !slices.IsSorted(v.report.Manifest.Removed) {
		return broken(fileManifest, "the items that were taken out are not in order")
	}
	for _, item := range v.report.Manifest.Removed {
		if v.items[item] == "" {
			return broken(fileManifest, "%s was taken out, and the list of items does not have it", item)
		}
	}
	for item := range v.items {
		if _, removed := slices.BinarySearch(v.report.Manifest.Removed, item); !v.seen[item] && !removed {
			return broken(fileItems, "%s is missing, and the manifest does not say that it was taken out", item)
		}
	}
	return nil
}
