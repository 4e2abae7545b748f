package enforcement

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/ledger"
	"rigistry/services/store"
)

// packageFormat is the form that this program writes and reads.
const packageFormat = "rigistry-evidence-package/1"

// The files that every package has. The first three come first; the others follow in
// the order of the manifest.
const (
	fileManifest   = "manifest.json"
	fileSignature  = "manifest.sig"
	fileKeys       = "keys.json"
	fileItems      = "items.txt"
	fileSalts      = "salts.jsonl"
	fileRecord     = "record.jsonl"
	fileCheckpoint = "ledger/checkpoint.txt"
	fileEntries    = "ledger/entries.jsonl"
	fileChunks     = "readings/chunks.jsonl"
	fileDevices    = "field/devices.jsonl"
	fileEvents     = "field/events.jsonl"
	folderOriginal = "originals/"
)

// Manifest says what a package holds. It is signed by the registry's document key.
type Manifest struct {
	Format       string         `json:"format"`
	CaseID       string         `json:"case_id"`
	CaseNumber   string         `json:"case_number"`
	Origin       string         `json:"ledger_origin"`
	LedgerSize   int64          `json:"ledger_size"`
	Root         string         `json:"ledger_root"`
	CheckpointAt time.Time      `json:"checkpoint_at"`
	ItemsSHA256  string         `json:"items_sha256"` // of items.txt: the same in the whole package and in each redacted one
	Removed      []string       `json:"removed"`      // items that were taken out, sorted; empty in the whole package
	RemovedFor   string         `json:"removed_for"`  // why
	RemovedBy    string         `json:"removed_by"`   // user id of who had it done
	Files        []ManifestFile `json:"files"`
}

// ManifestFile is one file of a package but the manifest and its signature.
type ManifestFile struct {
	Path   string `json:"path"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
	What   string `json:"what"`
	// Covered names what of the ledger covers the file, "" where it follows from the others.
	Covered string `json:"covered"`
}

func (m Manifest) bytes() ([]byte, error) {
	b, err := json.MarshalIndent(m, "", " ")
	return append(b, '\n'), err
}

const packageDomain = "rigistry/evidence-package/v1\x00"

// signatureText is the file with the signature.
func signatureText(kid string, signature []byte) string {
	return packageFormat + "\nkey " + kid + "\nsignature " + base64.StdEncoding.EncodeToString(signature) + "\n"
}

func kidOf(key ed25519.PublicKey) string {
	sum := sha256.Sum256(key)
	return hex.EncodeToString(sum[:8])
}

func signManifest(manifest []byte, key ed25519.PrivateKey) []byte {
	return []byte(signatureText(kidOf(key.Public().(ed25519.PublicKey)), ed25519.Sign(key, append([]byte(packageDomain), manifest...))))
}

// checkSignature tells by which key the manifest is signed.
func checkSignature(manifest, text []byte, keys []ed25519.PublicKey) (kid string, err error) {
	lines := strings.Split(string(text), "\n")
	if len(lines) != 4 {
		return "", broken(fileSignature, "it is not a signature")
	}
	kid = strings.TrimPrefix(lines[1], "key ")
	signature, err := base64.StdEncoding.Strict().DecodeString(strings.TrimPrefix(lines[2], "signature "))
	if err != nil || signatureText(kid, signature) != string(text) {
		return "", broken(fileSignature, "it is not a signature in its one form")
	}
	for _, key := range keys {
		if kidOf(key) != kid {
			continue
		}
		if !ed25519.Verify(key, append([]byte(packageDomain), manifest...), signature) {
			return "", broken(fileManifest, "its signature does not hold: it is not as the registry signed it")
		}
		return kid, nil
	}
	return "", broken(fileSignature, "it is by the key %s, which is not among the registry's keys for documents", kid)
}

func parseManifest(b []byte) (Manifest, error) {
	var m Manifest
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return m, broken(fileManifest, "it cannot be read: %v", err)
	}
	if again, err := m.bytes(); err != nil || !bytes.Equal(again, b) {
		return m, broken(fileManifest, "it is not written in its one form")
	}
	if m.Format != packageFormat {
		return m, broken(fileManifest, "its format is %q, and this program reads %q", m.Format, packageFormat)
	}
	if len(m.Files) == 0 || m.Files[0].Path != fileKeys || len(m.Files) > maxPackageFiles {
		return m, broken(fileManifest, "its list of files does not begin with %s, or is too long", fileKeys)
	}
	seen := map[string]bool{fileManifest: true, fileSignature: true}
	for i, f := range m.Files {
		if folded := strings.ToLower(f.Path); !goodPath(f.Path) || seen[folded] || i > 1 && f.Path <= m.Files[i-1].Path {
			return m, broken(fileManifest, "the path %q is twice there, out of order or no path", f.Path)
		} else {
			seen[folded] = true
		}
	}
	return m, nil
}

// recordLine is one field of the record: what the registry's tables say, as one value
// with its own salt, so that it can be taken out alone.
type recordLine struct {
	ID         string          `json:"id"`
	Salt       string          `json:"salt,omitempty"`
	Value      json.RawMessage `json:"value,omitempty"`
	Commitment string          `json:"commitment,omitempty"` // in place of salt and value where the field was taken out
}

func fieldCommitment(salt, id string, value []byte) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "rigistry/package-field/v1\x00%s\x00%s\x00%s", salt, id, value))
	return hex.EncodeToString(sum[:])
}

func (l recordLine) commitment() string {
	if l.Commitment != "" {
		return l.Commitment
	}
	return fieldCommitment(l.Salt, "record:"+l.ID, l.Value)
}

// saltLine opens the commitment of a file that is there.
type saltLine struct {
	Item string `json:"item"`
	Salt string `json:"salt"`
}

// saltOf gives the salt of an item: the same for each export of the same key, and
// nobody computes it without.
func saltOf(key ed25519.PrivateKey, caseID, item string) string {
	mac := hmac.New(sha256.New, key.Seed())
	_, _ = fmt.Fprintf(mac, "rigistry/package-salt/v1\x00%s\x00%s", caseID, item) // a hash takes everything
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// entryLine is an entry of the ledger with its path to the root of the checkpoint. The
// name and body of one that was taken out, or erased, stand as their digest.
type entryLine struct {
	Index          int64    `json:"index"`
	ID             string   `json:"id"`
	At             int64    `json:"at_us"`
	Kind           string   `json:"kind"`
	SubjectKind    string   `json:"subject_kind"`
	SubjectID      string   `json:"subject_id"`
	SubjectVersion int64    `json:"subject_version"`
	ActorKind      string   `json:"actor_kind"`
	ActorID        string   `json:"actor_id"`
	Utility        string   `json:"utility"`
	RequestID      string   `json:"request_id"`
	ActorName      string   `json:"actor_name,omitempty"`
	Body           string   `json:"body,omitempty"`
	Salt           string   `json:"salt,omitempty"`
	Digest         string   `json:"digest,omitempty"`
	Path           []string `json:"path"`
}

func lineOf(x ledger.Extract, removed bool) entryLine {
	e := x.Entry
	l := entryLine{Index: e.Index, ID: e.ID, At: e.At.UnixMicro(), Kind: e.Kind, SubjectKind: e.Subject.Kind, SubjectID: e.Subject.ID,
		SubjectVersion: e.SubjectVersion, ActorKind: e.ActorKind, ActorID: e.ActorID, Utility: e.Utility, RequestID: e.RequestID, Path: hashTexts(x.Path)}
	if removed || !e.Erased.IsZero() {
		l.Digest = hex.EncodeToString(ledger.PrivateDigest(e))
		return l
	}
	l.ActorName, l.Body, l.Salt = e.ActorName, e.Body, hex.EncodeToString(e.Salt)
	return l
}

func hashTexts(path []ledger.Hash) []string {
	out := make([]string, len(path))
	for i, h := range path {
		out[i] = h.String()
	}
	return out
}

func parseHashes(texts []string) ([]ledger.Hash, error) {
	out := make([]ledger.Hash, len(texts))
	for i, t := range texts {
		h, err := ledger.ParseHash(t)
		if err != nil || h.String() != t {
			return nil, fmt.Errorf("%q is no hash", t)
		}
		out[i] = h
	}
	return out, nil
}

// extract is the entry again, as the ledger has it.
func (l entryLine) extract() (ledger.Extract, error) {
	path, err := parseHashes(l.Path)
	if err != nil {
		return ledger.Extract{}, err
	}
	e := store.LedgerEntry{SealedEntry: models.SealedEntry{Index: l.Index, ID: l.ID, At: time.UnixMicro(l.At).UTC(), Kind: l.Kind,
		Subject: models.Ref{Kind: l.SubjectKind, ID: l.SubjectID}, SubjectVersion: l.SubjectVersion, ActorKind: l.ActorKind, ActorID: l.ActorID,
		Utility: l.Utility, RequestID: l.RequestID, ActorName: l.ActorName, Body: l.Body}, Sealed: true}
	if l.Digest != "" {
		if l.ActorName+l.Body+l.Salt != "" {
			return ledger.Extract{}, fmt.Errorf("entry %d has both a body and a digest in its place", l.Index)
		}
		e.Erased = time.UnixMicro(1)
		e.Digest, err = hex.DecodeString(l.Digest)
	} else {
		e.Salt, err = hex.DecodeString(l.Salt)
	}
	return ledger.Extract{Entry: e, Path: path}, err
}

// chunkLine says where in a file of readings a chunk stands, and its path to the root
// of the seal that the ledger holds.
type chunkLine struct {
	File    string   `json:"file"`
	Offset  int64    `json:"offset"`
	Bytes   int64    `json:"bytes"`
	Start   string   `json:"start"` // of the quarter of an hour
	Version int64    `json:"version"`
	Seal    int64    `json:"seal"`
	Size    int64    `json:"size"` // chunks in the seal
	Index   int64    `json:"index"`
	Path    []string `json:"path"`
	Root    string   `json:"root"`
}

// deviceLine is the key of a device that signed field events.
type deviceLine struct {
	ID        string `json:"id"`
	PublicKey string `json:"public_key"` // base64 of the raw P-256 point
}

// eventLine is a field event as its device signed it. Of one that was taken out the
// hash is left, so that the chain holds.
type eventLine struct {
	Payload   string `json:"payload,omitempty"`
	Signature string `json:"signature,omitempty"`
	Hash      string `json:"hash,omitempty"`
	Received  string `json:"received_at"`
	Flags     string `json:"flags,omitempty"`
	Entry     string `json:"entry,omitempty"` // id of the ledger's entry that names its hash
}

// jsonLines writes values as JSON, one a line.
func jsonLines[T any](list []T) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	for _, v := range list {
		if err := e.Encode(v); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}

// parseLines reads them again, in their one form.
func parseLines[T any](file string, b []byte) ([]T, error) {
	var out []T
	for line := range bytes.Lines(b) {
		var v T
		d := json.NewDecoder(bytes.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&v); err != nil {
			return nil, broken(file, "line %d cannot be read: %v", len(out)+1, err)
		}
		again, err := jsonLines([]T{v})
		if err != nil || !bytes.Equal(again, line) {
			return nil, broken(file, "line %d is not written in its one form", len(out)+1)
		}
		out = append(out, v)
	}
	return out, nil
}

// itemsText lists the commitments of all items, sorted by item.
func itemsText(items map[string]string) []byte {
	names := make([]string, 0, len(items))
	for n := range items {
		names = append(names, n)
	}
	slices.Sort(names)
	var out bytes.Buffer
	for _, n := range names {
		out.WriteString(items[n] + "  " + n + "\n")
	}
	return out.Bytes()
}
