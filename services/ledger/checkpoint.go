package ledger

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Hash is a hash of the Merkle tree; its String is standard base64.
type Hash = tlog.Hash

// ParseHash reads a hash from base64.
func ParseHash(text string) (Hash, error) { return tlog.ParseHash(text) }

// Checkpoint says what the ledger was at an instant: so many entries with that
// root. Note is the same as a signed note (C2SP tlog-checkpoint: origin, size,
// base64 root, then one extension line with the time, then the signature line).
type Checkpoint struct {
	Origin string
	Size   int64
	Root   tlog.Hash
	At     time.Time
	Note   string
}

const (
	timePrefix = "time "
	timeLayout = "2006-01-02T15:04:05.000000Z"
)

func checkpointText(origin string, size int64, root tlog.Hash, at time.Time) string {
	return origin + "\n" + strconv.FormatInt(size, 10) + "\n" + root.String() + "\n" +
		timePrefix + at.UTC().Format(timeLayout) + "\n"
}

// signer signs notes with an Ed25519 key in the name of the origin.
type signer struct {
	name string
	hash uint32
	key  ed25519.PrivateKey
}

func newSigner(origin string, key ed25519.PrivateKey) (signer, error) {
	if len(key) != ed25519.PrivateKeySize {
		return signer{}, errors.New("the ledger key is not an Ed25519 private key")
	}
	v, err := verifier(origin, ed25519.PublicKey(key[ed25519.PrivateKeySize-ed25519.PublicKeySize:]))
	if err != nil {
		return signer{}, err
	}
	return signer{name: origin, hash: v.KeyHash(), key: key}, nil
}

func (s signer) Name() string                    { return s.name }
func (s signer) KeyHash() uint32                 { return s.hash }
func (s signer) Sign(msg []byte) ([]byte, error) { return ed25519.Sign(s.key, msg), nil }

func verifier(origin string, key ed25519.PublicKey) (note.Verifier, error) {
	vkey, err := note.NewEd25519VerifierKey(origin, key)
	if err != nil {
		return nil, fmt.Errorf("ledger key of %q: %w", origin, err)
	}
	v, err := note.NewVerifier(vkey)
	if err != nil {
		return nil, fmt.Errorf("ledger key of %q: %w", origin, err)
	}
	return v, nil
}

// ErrBadCheckpoint says that a checkpoint is not one that a known key signed.
var ErrBadCheckpoint = errors.New("bad checkpoint")

func badCheckpoint(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrBadCheckpoint, fmt.Sprintf(format, args...))
}

// OpenCheckpoint reads a signed note and checks its signature against the keys.
// It accepts the one form that the sealer writes, so no byte can be changed
// without notice. Errors wrap ErrBadCheckpoint.
func OpenCheckpoint(text string, keys []ed25519.PublicKey) (Checkpoint, error) {
	origin, _, _ := strings.Cut(text, "\n")
	known := make([]note.Verifier, 0, len(keys))
	for _, k := range keys {
		v, err := verifier(origin, k)
		if err != nil {
			return Checkpoint{}, badCheckpoint("%v", err)
		}
		known = append(known, v)
	}
	n, err := note.Open([]byte(text), note.VerifierList(known...))
	if err != nil {
		return Checkpoint{}, badCheckpoint("the signature does not hold: %v", err)
	}
	c, err := parseCheckpoint(n.Text)
	if err != nil {
		return Checkpoint{}, err
	}
	c.Note = text
	if len(n.Sigs) != 1 || len(n.UnverifiedSigs) != 0 {
		return Checkpoint{}, badCheckpoint("it has not exactly one signature")
	}
	sig, err := base64.StdEncoding.Strict().DecodeString(n.Sigs[0].Base64)
	if err != nil || n.Text+"\n— "+c.Origin+" "+base64.StdEncoding.EncodeToString(sig)+"\n" != text {
		return Checkpoint{}, badCheckpoint("it is not written in its one form")
	}
	return c, nil
}

func parseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 5 {
		return Checkpoint{}, badCheckpoint("it has %d lines, want origin, size, root and time", len(lines)-1)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 {
		return Checkpoint{}, badCheckpoint("the size %q is no number", lines[1])
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return Checkpoint{}, badCheckpoint("the root %q is no hash", lines[2])
	}
	at, err := time.Parse(timePrefix+timeLayout, lines[3])
	if err != nil {
		return Checkpoint{}, badCheckpoint("the time line %q is no time", lines[3])
	}
	c := Checkpoint{Origin: lines[0], Size: size, Root: root, At: at}
	if checkpointText(c.Origin, c.Size, c.Root, c.At) != text {
		return Checkpoint{}, badCheckpoint("it is not written in its one form")
	}
	return c, nil
}
