package client

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Seen is what a client remembers so that nobody can show it an older state: the newest
// facts of an answer and the newest status list.
type Seen struct {
	Version  int64     `json:"version"` // of the status list; 0 for none
	IssuedAt time.Time `json:"issued_at"`
	Revision int64     `json:"revision,omitempty"` // entries of the ledger that an answer knew
	Keys     []string  `json:"keys,omitempty"`     // ids of the keys first pinned
}

// Memory keeps what was seen. Save is durable before it returns.
type Memory interface {
	Load() (Seen, error) // the zero Seen when nothing was saved yet
	Save(s Seen) error
}

type forgetful struct{}

func (forgetful) Load() (Seen, error) { return Seen{}, nil }
func (forgetful) Save(Seen) error     { return nil }

// FileMemory keeps what was seen in a file, which holds the old or the new state after
// a crash. `rigistry verify --state` reads and writes the same file.
type FileMemory string

// Load reads the file. One that is damaged is an error: nothing is believed anew.
func (f FileMemory) Load() (Seen, error) {
	var s Seen
	content, err := os.ReadFile(string(f))
	if errors.Is(err, os.ErrNotExist) {
		return s, nil
	}
	if err == nil {
		err = json.Unmarshal(content, &s)
	}
	if err == nil && (s.Version < 0 || s.Revision < 0) {
		err = errors.New("the file is damaged")
	}
	return s, err
}

// Save writes the file and waits until it is on the disk. What another process kept in
// the meantime and is newer stays.
func (f FileMemory) Save(s Seen) error {
	kept, err := f.Load()
	if err != nil {
		return err
	}
	if kept.Version > s.Version {
		s.Version, s.IssuedAt = kept.Version, kept.IssuedAt
	}
	s.Revision = max(s.Revision, kept.Revision)
	content, err := json.Marshal(s)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(string(f)+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	if err := os.Rename(string(f)+".new", string(f)); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(string(f)))
}

// syncFolder waits until the names in a folder are on the disk. Where folders cannot be
// opened or synced, such as on Windows, the names are kept by the system.
func syncFolder(name string) error {
	folder, err := os.Open(name)
	if err != nil {
		return nil //nolint:nilerr // see above
	}
	err = folder.Sync()
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, os.ErrPermission) || errors.Is(err, os.ErrInvalid) {
		err = nil
	}
	return errors.Join(err, folder.Close())
}

// PinKeys gives the digest of keys that a memory pins: the same for the same keys.
func PinKeys(keys Keys) []string {
	var out []string
	for id, key := range keys {
		sum := sha256.Sum256(key)
		out = append(out, id+":"+hex.EncodeToString(sum[:]))
	}
	slices.Sort(out)
	return out
}

// noteRevision remembers the newest facts that an answer knew.
func (c *Client) noteRevision(revision int64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if revision <= c.seen.Revision {
		return nil
	}
	next := c.seen
	next.Revision = revision
	return c.remember(next)
}

// remember keeps a state, and goes on from it only when it is kept. c.mu is held.
func (c *Client) remember(next Seen) error {
	if err := c.cfg.Memory.Save(next); err != nil {
		return fault(KindMemory, "what was seen cannot be kept: %w", err)
	}
	c.seen = next
	return nil
}
