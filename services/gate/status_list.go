package gate

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// Status is what a license or a connection is, for use without a network.
type Status byte

// The statuses, two bits each. A license that has ended in any way is revoked, one
// whose term has not begun pending; a connection is valid while energised, suspended
// while disconnected, revoked when removed and pending before it is first energised.
const (
	StatusValid Status = iota
	StatusSuspended
	StatusRevoked
	StatusPending
)

// String gives the word of a status.
func (s Status) String() string { return [...]string{"valid", "suspended", "revoked", "pending"}[s&3] }

// StatusListType is the typ of the header of a status list; StatusListLife how long
// one is good for.
const (
	StatusListType = "status-list+jws"
	StatusListLife = 24 * time.Hour
)

// StatusBits are ids in rising order with two bits each: id i has the bits 2(i mod 4)
// and up of byte i/4 of Bits, which is base64url.
type StatusBits struct {
	IDs  []string `json:"ids"`
	Bits string   `json:"bits"`
}

// StatusList is what a signed status list says. Its JSON is the signed form. With
// Since 0 it is the whole list, else what changed after that version. Utility is the
// id of whose connections it lists, "" for all.
type StatusList struct {
	Version     int64      `json:"version"`
	Since       int64      `json:"since"`
	Utility     string     `json:"utility"`
	IssuedAt    time.Time  `json:"issued_at"`
	ExpiresAt   time.Time  `json:"expires_at"` // half-open
	Licenses    StatusBits `json:"licenses"`
	Connections StatusBits `json:"connections"`
}

// ErrStatusList says that a text is no status list that a known key signed;
// ErrStatusListExpired that it was one, and its time is over or has not come.
var (
	ErrStatusList        = errors.New("not a valid status list")
	ErrStatusListExpired = errors.New("the status list is not valid at this time")
)

func (b *StatusBits) add(bits []byte, id string, s Status) []byte {
	i := len(b.IDs)
	if i%4 == 0 {
		bits = append(bits, 0)
	}
	bits[i/4] |= byte(s&3) << (2 * (i % 4))
	b.IDs = append(b.IDs, id)
	return bits
}

// Of gives the status of an id, and whether the list says anything of it.
func (b StatusBits) Of(id string) (Status, bool) {
	bits, err := base64.RawURLEncoding.DecodeString(b.Bits)
	i, found := slices.BinarySearch(b.IDs, id)
	if err != nil || !found || i/4 >= len(bits) {
		return 0, false
	}
	return Status(bits[i/4]>>(2*(i%4))) & 3, true
}

// wellFormed tells whether ids rise and the bits are exactly theirs.
func (b StatusBits) wellFormed() bool {
	bits, err := base64.RawURLEncoding.Strict().DecodeString(b.Bits)
	if err != nil || len(bits) != (len(b.IDs)+3)/4 || base64.RawURLEncoding.EncodeToString(bits) != b.Bits { // a reader of base64 overlooks line ends
		return false
	}
	for i := 1; i < len(b.IDs); i++ {
		if b.IDs[i-1] >= b.IDs[i] {
			return false
		}
	}
	rest := len(b.IDs) % 4
	return rest == 0 || bits[len(bits)-1]>>(2*rest) == 0
}

// StatusList counts the status list and gives it signed: all, or what changed after
// a version. A utility gets every license and its own connections.
func (s *Service) StatusList(ctx context.Context, actor models.Actor, since int64) (StatusList, string, error) {
	utility, err := scopeOf(actor, models.ActGateRead)
	if err != nil {
		return StatusList{}, "", err
	}
	if err := s.countStatus(ctx); err != nil {
		return StatusList{}, "", err
	}
	var (
		list StatusList
		rows []store.StatusEntry
	)
	err = s.store.View(ctx, func(tx *store.Tx) error {
		version, err := tx.StatusVersion()
		if err != nil {
			return err
		}
		if since < 0 || since > version {
			return models.Errorf(models.CodeInvalid, "The list is at version %d; there are no changes after version %d. Get the whole list.", version, since)
		}
		list = StatusList{Version: version, Since: since, Utility: utility, IssuedAt: tx.Now, ExpiresAt: tx.Now.Add(StatusListLife)}
		rows, err = tx.StatusSince(since, utility)
		return err
	})
	if err != nil {
		return StatusList{}, "", err
	}
	list.fill(rows)
	token, err := SignStatusList(s.key, list)
	return list, token, err
}

func (l *StatusList) fill(rows []store.StatusEntry) {
	slices.SortFunc(rows, func(a, b store.StatusEntry) int { return strings.Compare(a.ID, b.ID) }) // by bytes, whatever the database's order
	l.Licenses.IDs, l.Connections.IDs = []string{}, []string{}
	var licenses, connections []byte
	for _, r := range rows {
		if r.Kind == "license" {
			licenses = l.Licenses.add(licenses, r.ID, Status(r.Status))
		} else {
			connections = l.Connections.add(connections, r.ID, Status(r.Status))
		}
	}
	l.Licenses.Bits = base64.RawURLEncoding.EncodeToString(licenses)
	l.Connections.Bits = base64.RawURLEncoding.EncodeToString(connections)
}

// countStatus gives the list a new version when anything differs from it. Most times
// nothing does, so it looks without the right to write first.
func (s *Service) countStatus(ctx context.Context) error {
	differs := false
	err := s.store.View(ctx, func(tx *store.Tx) error {
		changes, err := tx.StatusChanges()
		differs = len(changes) > 0
		return err
	})
	if err != nil || !differs {
		return err
	}
	return s.store.Update(ctx, func(tx *store.Tx) error {
		version, err := tx.NextStatusVersion()
		if err != nil {
			return err
		}
		changes, err := tx.StatusChanges()
		if err != nil {
			return err
		}
		for _, c := range changes {
			if err := tx.SetStatus(c, version); err != nil {
				return fmt.Errorf("status of %s %s: %w", c.Kind, c.ID, err)
			}
		}
		return nil
	})
}

// SignStatusList writes a status list as a compact JWS (EdDSA).
func SignStatusList(key ed25519.PrivateKey, l StatusList) (string, error) {
	return signJWS(key, StatusListType, l)
}

// VerifyStatusList checks a status list with public keys alone, as at an instant. It
// takes the one form that the gate writes. A list that is good but for the time comes
// back with ErrStatusListExpired. That it is no older than one seen before is for the
// caller to check, who knows what was seen.
func VerifyStatusList(token string, keys []ed25519.PublicKey, at time.Time) (StatusList, error) {
	var l StatusList
	if err := openJWS(token, StatusListType, keys, &l); err != nil {
		return StatusList{}, fmt.Errorf("%w: %w", ErrStatusList, err)
	}
	if l.Since < 0 || l.Since > l.Version || !l.Licenses.wellFormed() || !l.Connections.wellFormed() || !l.ExpiresAt.Equal(l.IssuedAt.Add(StatusListLife)) {
		return StatusList{}, fmt.Errorf("%w: its content contradicts itself", ErrStatusList)
	}
	if at.Before(l.IssuedAt) || !at.Before(l.ExpiresAt) {
		return l, fmt.Errorf("%w: it is valid from %s until %s", ErrStatusListExpired, l.IssuedAt.Format(time.RFC3339), l.ExpiresAt.Format(time.RFC3339))
	}
	return l, nil
}

// signJWS writes v as a compact JWS of a type.
func signJWS(key ed25519.PrivateKey, typ string, v any) (string, error) {
	if len(key) != ed25519.PrivateKeySize {
		return "", errors.New("the key is not an Ed25519 private key")
	}
	pub := ed25519.PublicKey(key[ed25519.PrivateKeySize-ed25519.PublicKeySize:])
	header, err := json.Marshal(permitHeader{Algorithm: "EdDSA", Type: typ, KeyID: KeyID(pub)})
	if err != nil {
		return "", fmt.Errorf("write a header: %w", err)
	}
	payload, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("write what to sign: %w", err)
	}
	signed := base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(payload)
	return signed + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(key, []byte(signed))), nil
}

// openJWS reads v from the one form that signJWS writes.
func openJWS(token, typ string, keys []ed25519.PublicKey, v any) error {
	parts, err := threeParts(token)
	if err != nil {
		return err
	}
	var header permitHeader
	if !strictJSON(parts[0], &header) || header.Algorithm != "EdDSA" || header.Type != typ {
		return errors.New("its header is of another type")
	}
	signed := []byte(token[:strings.LastIndexByte(token, '.')])
	if !slices.ContainsFunc(keys, func(key ed25519.PublicKey) bool {
		return len(key) == ed25519.PublicKeySize && KeyID(key) == header.KeyID && ed25519.Verify(key, signed, parts[2])
	}) {
		return fmt.Errorf("no known key with the id %s signed it", header.KeyID)
	}
	if !strictJSON(parts[1], v) {
		return errors.New("its content is not of the form that is signed")
	}
	return nil
}

// threeParts decodes a compact text of three parts, each in its one written form.
func threeParts(token string) (parts [3][]byte, err error) {
	texts := strings.Split(token, ".")
	if len(texts) != 3 {
		return parts, errors.New("it has not three parts")
	}
	for i, text := range texts {
		b, err := base64.RawURLEncoding.Strict().DecodeString(text)
		if err != nil || base64.RawURLEncoding.EncodeToString(b) != text {
			return parts, fmt.Errorf("part %d is not base64url", i+1)
		}
		parts[i] = b
	}
	return parts, nil
}
