package ledger

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"rigistry/models"
)

// The headers and forms of Standard Webhooks 1.0. A message is signed over
// id.timestamp.body; v1a is Ed25519, so that whoever checks cannot forge.
const (
	headerID        = "webhook-id"
	headerTimestamp = "webhook-timestamp"
	headerSignature = "webhook-signature"
	versionEd25519  = "v1a,"
	publicKeyForm   = "whpk_"
)

// signingKey derives the key of an endpoint. The same registry key, endpoint and
// number give the same key, so none is stored; no two endpoints share one, so a
// message of one utility proves nothing to another.
func signingKey(master []byte, endpoint string, number int64) (ed25519.PrivateKey, error) {
	seed, err := hkdf.Key(sha256.New, master, nil, "rigistry webhook "+endpoint+" "+strconv.FormatInt(number, 10), ed25519.SeedSize)
	if err != nil {
		return nil, fmt.Errorf("derive the key of a webhook: %w", err)
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// numbers are the keys that sign at an instant, the newest first.
func numbers(w models.Webhook, at time.Time) []int64 {
	if w.KeyNumber > 1 && at.Before(w.PreviousUntil) {
		return []int64{w.KeyNumber, w.KeyNumber - 1}
	}
	return []int64{w.KeyNumber}
}

// sign gives the value of the signature header: one signature for each key, with
// spaces between.
func sign(master []byte, w models.Webhook, id, body string, at time.Time) (string, error) {
	var signatures []string
	for _, n := range numbers(w, at) {
		key, err := signingKey(master, w.ID, n)
		if err != nil {
			return "", err
		}
		signed := ed25519.Sign(key, []byte(id+"."+strconv.FormatInt(at.Unix(), 10)+"."+body))
		signatures = append(signatures, versionEd25519+base64.StdEncoding.EncodeToString(signed))
	}
	return strings.Join(signatures, " "), nil
}

// PublicKeys gives the keys that an endpoint's messages are checked with now, the
// newest first, in the form of Standard Webhooks: whpk_ and base64.
func (w *Webhooks) PublicKeys(e models.Webhook) ([]string, error) {
	var out []string
	for _, n := range numbers(e, w.store.Now()) {
		key, err := signingKey(w.master, e.ID, n)
		if err != nil {
			return nil, err
		}
		public, _ := key.Public().(ed25519.PublicKey)
		out = append(out, publicKeyForm+base64.StdEncoding.EncodeToString(public))
	}
	return out, nil
}
