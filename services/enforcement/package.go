package enforcement

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/ledger"
	"rigistry/services/store"
)

// kindPackaged is the fact that a case was exported as a package.
const kindPackaged = "case.packaged"

// Packager makes evidence packages: one file that proves a case to whoever has nothing
// else, and that VerifyPackage checks. It is safe for concurrent use.
type Packager struct {
	store   *store.Store
	sources PackageSources
}

// NewPackager makes the packager. It starts nothing.
func NewPackager(s *store.Store, sources PackageSources) *Packager {
	return &Packager{store: s, sources: sources}
}

// PackageRequest says which package: of a case, as of a size of the ledger (0: the newest
// checkpoint), and what is taken out of it.
type PackageRequest struct {
	Case   string // id or number
	Size   int64
	Redact []string // classes and items
	Reason string   // why something is taken out
}

// Package is a package that is ready to be written.
type Package struct {
	Name   string
	Bytes  int64
	SHA256 string
	files  []packed
}

// WriteTo writes the package; each time the same bytes.
func (p *Package) WriteTo(w io.Writer) (int64, error) {
	n := &counter{w: w}
	err := writeZip(n, p.files)
	return n.n, err
}

// Export makes the package of a case and leaves that in the ledger, with the SHA-256 of
// the file. The same request at the same size of the ledger gives the same bytes.
func (p *Packager) Export(ctx context.Context, actor models.Actor, r PackageRequest) (*Package, error) {
	if err := models.Can(actor, models.ActCasePackage, models.Scope{}); err != nil {
		return nil, err
	}
	remove, err := r.removal()
	if err != nil {
		return nil, err
	}
	var cp ledger.Checkpoint
	err = p.store.View(store.At(ctx, store.Moment{}), func(tx *store.Tx) (err error) {
		if _, err := load(tx, actor, r.Case); err != nil {
			return err
		}
		cp, err = ledger.CheckpointOf(tx, r.Size)
		return err
	})
	if err != nil {
		return nil, err
	}
	cp.Origin, _, _ = strings.Cut(cp.Note, "\n")
	var out *Package
	err = p.store.View(store.At(ctx, store.Moment{AsAt: cp.At, KnownAt: cp.At}), func(tx *store.Tx) (err error) {
		out, err = p.build(tx, actor, r, cp, remove)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, p.store.Update(ctx, func(tx *store.Tx) error {
		c, err := load(tx, actor, r.Case)
		if err != nil {
			return err
		}
		return fact(tx, actor, kindPackaged, c, map[string]any{"sha256": out.SHA256, "bytes": out.Bytes, "ledger_size": cp.Size,
			"redacted": r.Redact, "items": len(remove)})
	})
}

// removal checks what is to be taken out.
func (r PackageRequest) removal() (map[string]bool, error) {
	remove := map[string]bool{}
	for _, name := range r.Redact {
		if name = strings.TrimSpace(name); name != "" {
			remove[name] = true
		}
	}
	var v models.Invalid
	switch {
	case len(remove) > 0 && strings.TrimSpace(r.Reason) == "":
		v.Add("/reason", "required", "Say on what ground something is taken out; it stands in the manifest.")
	case len(remove) == 0 && r.Reason != "":
		v.Add("/reason", "not_here", "Nothing is taken out, so there is no reason to give.")
	case len(r.Reason) > maxCaseReason || len(remove) > maxRemoved:
		v.Add("/redact", "length", "At most %d items, and a reason of at most %d bytes.", maxRemoved, maxCaseReason)
	case r.Size < 0:
		v.Add("/size", "range", "A size of the ledger is not negative.")
	}
	return remove, v.Err()
}

const (
	maxCaseReason = 1000
	maxRemoved    = 5000
)

func (p *Packager) build(tx *store.Tx, actor models.Actor, r PackageRequest, cp ledger.Checkpoint, remove map[string]bool) (*Package, error) {
	c, err := load(tx, actor, r.Case)
	if models.CodeOf(err) == models.CodeNotFound {
		return nil, models.Errorf(models.CodeConflict, "The newest checkpoint does not cover this case yet. Wait a few seconds and ask again.")
	}
	if err != nil {
		return nil, err
	}
	d := &dossier{tx: tx, key: p.sources.Key, caseID: c.ID, checkpoint: cp, remove: remove, reason: strings.TrimSpace(r.Reason), used: map[string]bool{}, items: map[string]string{},
		windows: map[string][2]time.Time{}, layouts: map[models.LayoutDigest]*models.RegisterLayout{}, named: map[models.LayoutDigest]bool{},
		profiles: map[string]any{}, digests: map[string]string{}}
	if d.matter, err = matterOf(tx, c); err != nil {
		return nil, err
	}
	if err := d.gather(p.sources); err != nil {
		return nil, err
	}
	files, items, err := d.all(p.sources)
	if err != nil {
		return nil, err
	}
	m := Manifest{Format: packageFormat, CaseID: c.ID, CaseNumber: c.Number, Origin: cp.Origin, LedgerSize: cp.Size, Root: cp.Root.String(), CheckpointAt: cp.At,
		ItemsSHA256: items, Removed: append([]string{}, d.removed...), RemovedFor: strings.TrimSpace(r.Reason)}
	if slices.Sort(m.Removed); len(m.Removed) > 0 {
		m.RemovedBy = actor.ID
	}
	return pack(m, files, p.sources)
}

// matterOf is what a package tells of a case. Who else's cases are about the same is
// not in it, and people are named where the ledger names them.
func matterOf(tx *store.Tx, c models.Case) (out Matter, err error) {
	out.Case = c
	if out.Subjects, err = tx.CaseSubjects(c.ID); err != nil {
		return out, err
	}
	out.Acts, err = tx.CaseActs(c.ID)
	return out, err
}

// all gives every file but the manifest and its signature, and the digest of the list
// of items.
func (d *dossier) all(sources PackageSources) (files []madeFile, items string, err error) {
	record, err := jsonLines(d.record)
	if err != nil {
		return nil, "", err
	}
	salts, err := jsonLines(d.salts)
	if err != nil {
		return nil, "", err
	}
	list := itemsText(d.items)
	_, items, _, err = measure(plain(list))
	if err != nil {
		return nil, "", err
	}
	d.derived(fileKeys, "The registry's public keys. Compare them with those that it publishes; keys that come with a file prove nothing by themselves.", sources.KeySet)
	d.derived(fileItems, "A salted commitment for each item that the whole package has. It is the same in every redacted one.", list)
	d.derived(fileSalts, "What opens the commitments of the files that are here.", salts)
	d.derived(fileRecord, "What the register says of the case, one field a line, each with its own salt.", record)
	d.derived(fileCheckpoint, "The ledger's checkpoint, signed by the registry.", []byte(d.checkpoint.Note))
	d.derived("story.html", "The case told in Kazakh, Russian and English, with a timeline and charts.", storyPage(d, sources.Texts))
	d.derived("certificate.html", "What the custodian of the records signs, in Kazakh and Russian.", certificate(d, sources.Texts, items))
	custody, err := d.custody()
	if err != nil {
		return nil, "", err
	}
	d.derived("custody.csv", "Who did what with the case and its evidence, from the ledger.", custody)
	d.derived("commands.txt", "The exact commands that check this package.", []byte(commands(d)))
	if len(sources.Page) > 0 {
		d.derived("verify.html", "A page that checks this package in a browser, with no network.", sources.Page)
	}
	slices.SortFunc(d.files, func(a, b madeFile) int {
		switch {
		case a.path == b.path:
			return 0
		case a.path == fileKeys:
			return -1
		case b.path == fileKeys:
			return 1
		}
		return strings.Compare(a.path, b.path)
	})
	return d.files, items, nil
}

// custody lists the entries of the ledger as a table.
func (d *dossier) custody() ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write([]string{"entry", "at", "what", "subject", "by", "actor"}) // into memory; Error below
	for _, l := range d.lines {
		if l.Kind == "readings.sealed" {
			continue
		}
		_ = w.Write([]string{itoa(l.Index), time.UnixMicro(l.At).UTC().Format(time.RFC3339Nano), l.Kind, l.SubjectKind + " " + l.SubjectID, l.ActorID, l.ActorName})
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

func commands(d *dossier) string {
	name := packageName(d.matter.Case.Number, d.checkpoint.Size, len(d.removed) > 0)
	return strings.Join([]string{
		"# Check everything, with no database and no network. It exits with 0 when all holds, and else names what does not.",
		"rigistry verify " + name,
		"",
		"# The same with the keys that the registry publishes, which you have from elsewhere (https://REGISTRY/.well-known/jwks.json):",
		"rigistry verify --keys jwks.json " + name,
		"",
		"# By hand: the digest of a file must be the one in manifest.json.",
		"unzip -o " + name + " -d package && cd package && sha256sum items.txt record.jsonl ledger/entries.jsonl",
		"",
		"# In a browser: open verify.html and choose " + name + ".",
		"",
	}, "\n")
}

// packageName is what the file is called.
func packageName(number string, size int64, redacted bool) string {
	name := fmt.Sprintf("%s-ledger-%d", number, size)
	if redacted {
		name += "-redacted"
	}
	return name + ".zip"
}

// pack measures the files, signs the manifest and measures the whole.
func pack(m Manifest, files []madeFile, sources PackageSources) (*Package, error) {
	out := &Package{Name: packageName(m.CaseNumber, m.LedgerSize, len(m.Removed) > 0), files: make([]packed, 2, len(files)+2)}
	for _, f := range files {
		if !goodPath(f.path) {
			return nil, fmt.Errorf("%q cannot be a path in a package", f.path)
		}
		size, sum, crc, err := measure(f.content)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.path, err)
		}
		m.Files = append(m.Files, ManifestFile{Path: f.path, Bytes: size, SHA256: sum, What: f.what, Covered: f.covered})
		out.files = append(out.files, packed{zipFile{f.path, size, crc}, f.content})
	}
	manifest, err := m.bytes()
	if err != nil {
		return nil, err
	}
	for i, f := range []struct {
		path string
		b    []byte
	}{{fileManifest, manifest}, {fileSignature, signManifest(manifest, sources.Key)}} {
		size, _, crc, err := measure(plain(f.b))
		if err != nil {
			return nil, err
		}
		out.files[i] = packed{zipFile{f.path, size, crc}, plain(f.b)}
	}
	sum := newSummer()
	n, err := out.WriteTo(sum)
	out.Bytes, out.SHA256 = n, hex.EncodeToString(sum.Sum(nil))
	return out, err
}
