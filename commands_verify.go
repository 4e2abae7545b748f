package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/documents"
	"rigistry/services/gate"
	"rigistry/services/ledger"
	"rigistry/services/store"
)

// VerifyCmd is `rigistry verify`: it checks with public keys alone, no network and
// no server.
type VerifyCmd struct {
	Keys   string    `help:"JWKS file with the registry's public keys; keys/jwks.json beside the file or in ./data when absent." placeholder:"JWKS"`
	Ledger string    `help:"Data folder whose whole ledger to check." placeholder:"DATA"`
	At     time.Time `help:"Check validity as at this instant (RFC 3339); now when absent." placeholder:"INSTANT"`
	State  string    `help:"File that remembers the newest status list seen: an older one is refused." placeholder:"FILE"`
	File   string    `arg:"" optional:"" help:"A permit or the whole answer of the gate, a status list, a document (PDF), an evidence package (ZIP), a checkpoint, or a proof."`
}

// errNotGenuine is the error of everything that does not check out.
var errNotGenuine = errors.New("verification failed")

func notGenuine(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errNotGenuine, fmt.Sprintf(format, args...))
}

// Run checks the file or the ledger and says what it checked.
func (c *VerifyCmd) Run(app *App) error {
	switch {
	case c.Ledger != "" && c.File != "", c.Ledger == "" && c.File == "":
		return models.Errorf(models.CodeInvalid, "Give a file to verify, or --ledger with a data folder.")
	case c.Ledger != "":
		return c.ledger(app)
	}
	if isPackage(c.File) {
		return c.evidence(app)
	}
	content, err := os.ReadFile(c.File)
	if err != nil {
		return fmt.Errorf("read what to verify: %w", err)
	}
	keys, err := c.keys(app, filepath.Dir(c.File))
	if err != nil {
		return err
	}
	if bytes.HasPrefix(content, []byte("%PDF-")) {
		return document(app, keys, content)
	}
	content = bytes.TrimPrefix(content, []byte("\xef\xbb\xbf"))
	if c.At.IsZero() {
		c.At = app.Now()
	}
	text := strings.TrimSpace(string(content))
	switch {
	case strings.HasPrefix(text, "{"):
		return c.object(app, keys, []byte(text))
	case strings.Contains(text, "\n\n— "):
		return checkpoint(app, keys, text+"\n")
	case strings.Count(text, ".") == 2 && !strings.ContainsAny(text, " \n"):
		if typ, _, _ := strings.Cut(text, "."); isStatusList(typ) {
			return c.statusList(app, keys, text)
		}
		_, err := c.permit(app, keys, text)
		return err
	}
	return notGenuine("%s is neither a permit, an answer of the gate, a status list, a document, a checkpoint nor a proof", c.File)
}

// keySet is the public keys of a JWKS by purpose; a key without one serves all.
type keySet map[string][]ed25519.PublicKey

func (k keySet) of(purpose string) []ed25519.PublicKey {
	return append(append([]ed25519.PublicKey(nil), k[purpose]...), k[""]...)
}

// keys reads the key file that was named, or the first of those looked for, and
// says which.
func (c *VerifyCmd) keys(app *App, beside string) (keySet, error) {
	paths := []string{c.Keys}
	if c.Keys == "" {
		paths = []string{filepath.Join(beside, "keys", "jwks.json"), filepath.Join(beside, "jwks.json"), filepath.Join(app.Config.Data, "keys", "jwks.json")}
	}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read the keys: %w", err)
		}
		_, _ = fmt.Fprintln(app.Stdout, "keys:", path)
		return parseKeys(path, content)
	}
	return nil, models.Errorf(models.CodeInvalid, "There is no key file at %s. Name one with --keys.", strings.Join(paths, " or "))
}

func parseKeys(path string, content []byte) (keySet, error) {
	var set struct {
		Keys []struct {
			Kty     string `json:"kty"`
			Crv     string `json:"crv"`
			X       string `json:"x"`
			Purpose string `json:"purpose"`
		} `json:"keys"`
	}
	if err := json.Unmarshal(content, &set); err != nil {
		return nil, models.Errorf(models.CodeInvalid, "%s is not a JWKS: %v", path, err)
	}
	keys := keySet{}
	for _, k := range set.Keys {
		if k.Kty != "OKP" || k.Crv != "Ed25519" {
			continue
		}
		x, err := base64.RawURLEncoding.DecodeString(k.X)
		if err != nil || len(x) != ed25519.PublicKeySize {
			return nil, models.Errorf(models.CodeInvalid, "%s has an Ed25519 key that is no key.", path)
		}
		keys[k.Purpose] = append(keys[k.Purpose], x)
	}
	if len(keys) == 0 {
		return nil, models.Errorf(models.CodeInvalid, "%s has no Ed25519 key.", path)
	}
	return keys, nil
}

// permit checks a permit's signature, form and term.
func (c *VerifyCmd) permit(app *App, keys keySet, token string) (gate.Permit, error) {
	p, err := gate.VerifyPermit(token, keys.of("permit"), c.At)
	if err != nil {
		return p, notGenuine("permit: %v", err)
	}
	_, _ = fmt.Fprintf(app.Stdout, "permit %s: the signature holds\n  connection point %s, license %s, at most %s kW, for %s\n  valid from %s until %s\n",
		p.ID, p.ConnectionPoint, licenseOf(p.License, p.LicenseVersion), p.MaxKW, p.Event, p.DecidedAt.Format(time.RFC3339), p.ValidUntil.Format(time.RFC3339))
	return p, nil
}

// licenseOf names the license of a permit; a use that needs none has none.
func licenseOf(number string, version int64) string {
	if number == "" {
		return "none, as this use needs none"
	}
	return fmt.Sprintf("%s version %d", number, version)
}

// object checks a JSON document by what it holds.
func (c *VerifyCmd) object(app *App, keys keySet, content []byte) error {
	var doc struct {
		Permit     string `json:"permit"`
		Decision   string `json:"decision"`
		Leaf       string `json:"leaf"`
		Checkpoint string `json:"checkpoint"`
		Note       string `json:"note"`
		SHA256     string `json:"sha256"`
		Signature  string `json:"signature"`
		Versions   []any  `json:"versions"`
		StatusList string `json:"status_list"`
	}
	if err := json.Unmarshal(content, &doc); err != nil {
		return notGenuine("the file is no JSON: %v", err)
	}
	switch {
	case doc.Permit != "":
		p, err := c.permit(app, keys, doc.Permit)
		if err != nil {
			return err
		}
		return answerAgrees(app, p, content)
	case doc.StatusList != "":
		return c.statusList(app, keys, doc.StatusList)
	case doc.Decision != "":
		return notGenuine("the answer was %q: it carries no permit", doc.Decision)
	case doc.Leaf != "" && doc.Checkpoint != "":
		return proof(app, keys, content)
	case doc.Versions != nil:
		if err := documents.VerifyHistory(content, doc.SHA256, doc.Signature, keys.of("document")); err != nil {
			return notGenuine("the history of licenses: %v", err)
		}
		_, _ = fmt.Fprintf(app.Stdout, "history of licenses: %d versions, signed, no byte changed\n", len(doc.Versions))
		return checkpoint(app, keys, doc.Note)
	case doc.Note != "":
		return checkpoint(app, keys, doc.Note)
	}
	return notGenuine("the JSON holds neither a permit, a checkpoint nor a proof")
}

// answerAgrees compares what an answer says around its permit with what was signed.
func answerAgrees(app *App, p gate.Permit, content []byte) error {
	var a struct {
		ID              *string      `json:"id"`
		Decision        *string      `json:"decision"`
		ConnectionPoint *string      `json:"connection_point"`
		License         *string      `json:"license"`
		LicenseVersion  *int64       `json:"license_version"`
		Reference       *string      `json:"reference"`
		MaxKw           *json.Number `json:"max_kw"`
		RulesVersion    *string      `json:"rules_version"`
		Revision        *int64       `json:"revision"`
		FactsDigest     *string      `json:"facts_digest"`
		ValidUntil      *time.Time   `json:"valid_until"`
		DecidedAt       *time.Time   `json:"decided_at"`
	}
	if err := json.Unmarshal(content, &a); err != nil {
		return notGenuine("the answer around the permit: %v", err)
	}
	permit := string(models.OutcomePermit)
	for _, f := range []struct {
		name  string
		agree bool
	}{
		{"id", same(a.ID, p.ID)}, {"decision", same(a.Decision, permit)}, {"connection_point", same(a.ConnectionPoint, p.ConnectionPoint)},
		{"license", same(a.License, p.License)}, {"license_version", same(a.LicenseVersion, p.LicenseVersion)}, {"reference", same(a.Reference, p.Reference)},
		{"max_kw", sameNumber(a.MaxKw, p.MaxKW)}, {"rules_version", same(a.RulesVersion, p.RulesVersion)}, {"revision", same(a.Revision, p.Revision)},
		{"facts_digest", same(a.FactsDigest, p.FactsDigest)}, {"valid_until", a.ValidUntil == nil || a.ValidUntil.Equal(p.ValidUntil)},
		{"decided_at", a.DecidedAt == nil || a.DecidedAt.Equal(p.DecidedAt)},
	} {
		if !f.agree {
			return notGenuine("the answer's %s is not what the permit says", f.name)
		}
	}
	_, _ = fmt.Fprintln(app.Stdout, "answer: it says what the permit says")
	return nil
}

func same[T comparable](said *T, signed T) bool { return said == nil || *said == signed }

func sameNumber(said *json.Number, signed json.Number) bool {
	if said == nil {
		return true
	}
	a, err := said.Float64()
	b, err2 := signed.Float64()
	return err == nil && err2 == nil && a == b
}

// document checks that every byte of a PDF is as the registry signed it.
func document(app *App, keys keySet, content []byte) error {
	s, err := documents.VerifyFile(content, keys.of("document"))
	if err != nil {
		return notGenuine("document: %v", err)
	}
	_, _ = fmt.Fprintf(app.Stdout, "document %s (%s): the signature holds for all %d bytes of the file\n  it shows the register as at %s, with %d sealed entries in the ledger\n  sha256 %x; the ledger's entry document.issued with this number holds the same\n",
		s.Number, s.Kind, len(content), s.AsAt.Format(time.RFC3339), s.LedgerSize, sha256.Sum256(content))
	return nil
}

func checkpoint(app *App, keys keySet, note string) error {
	cp, err := ledger.OpenCheckpoint(note, keys.of("ledger"))
	if err != nil {
		return notGenuine("%v", err)
	}
	_, _ = fmt.Fprintf(app.Stdout, "checkpoint of %s: the signature holds\n  %d entries, root %s, %s\n", cp.Origin, cp.Size, cp.Root, cp.At.Format(time.RFC3339))
	return nil
}

// proof checks that a leaf is in the tree of a signed checkpoint.
func proof(app *App, keys keySet, content []byte) error {
	var doc struct {
		Index      int64    `json:"index"`
		Leaf       string   `json:"leaf"`
		LeafHash   string   `json:"leaf_hash"`
		Hashes     []string `json:"hashes"`
		Checkpoint string   `json:"checkpoint"`
	}
	if err := json.Unmarshal(content, &doc); err != nil {
		return notGenuine("the proof: %v", err)
	}
	if err := checkpoint(app, keys, doc.Checkpoint); err != nil {
		return err
	}
	cp, err := ledger.OpenCheckpoint(doc.Checkpoint, keys.of("ledger"))
	if err != nil {
		return notGenuine("%v", err)
	}
	leaf, err := base64.StdEncoding.DecodeString(doc.Leaf)
	if err != nil {
		return notGenuine("the leaf is no base64")
	}
	p := ledger.InclusionProof{Index: doc.Index, Leaf: leaf, Checkpoint: cp}
	if doc.LeafHash != "" && doc.LeafHash != p.LeafHash().String() {
		return notGenuine("entry %d: the leaf does not have the hash that the proof names", doc.Index)
	}
	for _, text := range doc.Hashes {
		h, err := ledger.ParseHash(text)
		if err != nil {
			return notGenuine("entry %d: a hash of the path is no hash", doc.Index)
		}
		p.Path = append(p.Path, h)
	}
	if err := p.Check(); err != nil {
		return notGenuine("entry %d is not in the tree of the checkpoint: %v", doc.Index, err)
	}
	_, _ = fmt.Fprintf(app.Stdout, "entry %d: it is in the ledger of the checkpoint\n", doc.Index)
	return nil
}

// ledger checks the whole ledger of a data folder, or of the database that was
// named with --database, with the keys of the folder.
func (c *VerifyCmd) ledger(app *App) error {
	keys, err := c.keys(app, c.Ledger)
	if err != nil {
		return err
	}
	s, err := c.openLedger(app)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	report, err := ledger.Verify(app.Ctx, s, keys.of("ledger"))
	if err != nil {
		return notGenuine("the ledger cannot be read: %v", err)
	}
	_, _ = fmt.Fprintf(app.Stdout, "ledger %s: %d entries, %d hashes and %d signed checkpoints checked\n", c.Ledger, report.Entries, report.Hashes, report.Checkpoints)
	if report.Erased > 0 {
		_, _ = fmt.Fprintf(app.Stdout, "  %d entries were erased by facts of the ledger; their digests stand in their places\n", report.Erased)
	}
	if report.Unsealed > 0 {
		_, _ = fmt.Fprintf(app.Stdout, "  %d committed entries wait to be sealed and are covered by no checkpoint yet\n", report.Unsealed)
	}
	if report.Bad != nil {
		return notGenuine("the first bad entry is %v", report.Bad)
	}
	_, _ = fmt.Fprintf(app.Stdout, "  root %s, signed %s\n  every entry is as it was sealed\n", report.Head.Root, report.Head.At.Format(time.RFC3339))
	return nil
}

// openLedger opens the database that was named, or that of the data folder. An
// embedded database is only read.
func (c *VerifyCmd) openLedger(app *App) (*store.Store, error) {
	url, err := app.databaseURL()
	if err != nil {
		return nil, err
	}
	if url == app.ownDatabase() {
		url = "sqlite:" + filepath.Join(c.Ledger, "rigistry.db")
	}
	if path, embedded := strings.CutPrefix(url, "sqlite:"); embedded {
		return store.OpenReadOnly(app.Ctx, path, app.Now)
	}
	return store.Open(app.Ctx, url, app.Now)
}
