package gate

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

var update = flag.Bool("update", false, "write the golden files anew")

func permitsOf(n int) []Permit {
	out := make([]Permit, 0, n)
	for i := range n {
		out = append(out, Permit{ID: fmt.Sprintf("0197-%04d", i), Utility: "u", ConnectionPoint: "PS12-F03-CP007", License: "KZ29DMA00000042", LicenseVersion: 3,
			MaxKW: "900.5", ValidUntil: time.Unix(1_780_000_000, 0).UTC(), DecidedAt: time.Unix(1_779_990_000, 0).UTC(), RulesVersion: "0011223344556677",
			Revision: int64(i), FactsDigest: "sha256:00", Event: "new_connection", Reference: "WO <1> & «2»"})
	}
	return out
}

func TestSignPermits_EachOfABatchVerifiesAloneAndTheTreeIsRFC6962(t *testing.T) {
	keys := []ed25519.PublicKey{seeded("permit").Public().(ed25519.PublicKey)}
	for _, n := range []int{1, 2, 3, 4, 5, 7, 8, 9, 31, 33, 100} {
		permits := permitsOf(n)
		texts, err := SignPermits(seeded("permit"), "b1", permits)
		if err != nil {
			t.Fatal(err)
		}
		var leaves [][32]byte
		var stored []tlog.Hash
		read := tlog.HashReaderFunc(func(at []int64) (out []tlog.Hash, _ error) {
			for _, i := range at {
				out = append(out, stored[i])
			}
			return out, nil
		})
		for i, text := range texts {
			p, err := VerifyPermit(text, keys, permits[i].DecidedAt)
			if err != nil || p != permits[i] {
				t.Fatalf("%d of %d: %+v, %v", i, n, p, err)
			}
			payload, _ := json.Marshal(p)
			leaves = append(leaves, permitLeaf(payload))
			more, err := tlog.StoredHashes(int64(i), payload, read)
			if err != nil {
				t.Fatal(err)
			}
			stored = append(stored, more...)
		}
		root, _ := permitTree(leaves)
		if want, err := tlog.TreeHash(int64(n), read); err != nil || tlog.Hash(root) != want {
			t.Errorf("root of %d leaves %x, want %x, %v", n, root, want, err)
		}
	}
}

func TestVerifyPermit_RefusesEveryChangedByteOfABatch(t *testing.T) {
	texts, err := SignPermits(seeded("permit"), "0197-batch", permitsOf(5))
	if err != nil {
		t.Fatal(err)
	}
	keys := []ed25519.PublicKey{seeded("permit").Public().(ed25519.PublicKey)}
	at := permitsOf(1)[0].DecidedAt
	for _, token := range []string{texts[0], texts[4]} {
		if _, err := VerifyPermit(token, keys, at); err != nil {
			t.Fatalf("control: %v", err)
		}
		for i := range len(token) {
			for _, c := range []byte{'A', 'B', 'w', '_', '.', '=', '\n', token[i] ^ 1} {
				if c == token[i] {
					continue
				}
				if _, err := VerifyPermit(token[:i]+string(c)+token[i+1:], keys, at); !errors.Is(err, ErrPermit) {
					t.Fatalf("character %d changed to %q: %v, want ErrPermit", i, c, err)
				}
			}
			if _, err := VerifyPermit(token[:i]+token[i+1:], keys, at); !errors.Is(err, ErrPermit) {
				t.Fatalf("without character %d: %v, want ErrPermit", i, err)
			}
		}
	}
}

func TestPermitRoot_APathLeadsFromOnePlaceOnly(t *testing.T) {
	var leaves [][32]byte
	for i := range 11 {
		leaves = append(leaves, sha256.Sum256([]byte{byte(i)}))
	}
	root, paths := permitTree(leaves)
	for i, path := range paths {
		for index := int64(-1); index < 20; index++ {
			got, fits := permitRoot(leaves[i], index, 11, path)
			if same := fits && got == root; same != (index == int64(i)) {
				t.Errorf("the path of leaf %d leads from place %d to the root: %t", i, index, same)
			}
		}
	}
}

// vector is one row of testdata/permits.json, which other implementations of the
// verification are held against.
type vector struct {
	Name   string `json:"name"`
	Token  string `json:"token"`
	At     string `json:"at"`
	Result string `json:"result"` // valid, expired or refused
}

func TestVerifyPermit_AgreesWithTheVectors(t *testing.T) {
	key := seeded("permit")
	pub := key.Public().(ed25519.PublicKey)
	permits := permitsOf(5)
	texts, err := SignPermits(key, "0197-batch", permits)
	if err != nil {
		t.Fatal(err)
	}
	alone, err := SignPermits(key, "0197-single", permits[:1])
	if err != nil {
		t.Fatal(err)
	}
	old, err := SignPermit(key, permits[0])
	if err != nil {
		t.Fatal(err)
	}
	in, before, after := permits[0].DecidedAt, permits[0].DecidedAt.Add(-1), permits[0].ValidUntil
	rows := []vector{{"signed alone", old, in.Format(time.RFC3339Nano), "valid"}, {"a batch of one", alone[0], in.Format(time.RFC3339Nano), "valid"}}
	for i, text := range texts {
		rows = append(rows, vector{fmt.Sprintf("%d of 5", i), text, in.Format(time.RFC3339Nano), "valid"})
	}
	rows = append(rows, vector{"before its time", texts[2], before.Format(time.RFC3339Nano), "expired"},
		vector{"at its end", texts[2], after.Format(time.RFC3339Nano), "expired"},
		vector{"the header of another", texts[1][:strings.IndexByte(texts[1], '.')] + texts[2][strings.IndexByte(texts[2], '.'):], in.Format(time.RFC3339Nano), "refused"},
		vector{"padded", texts[1] + "=", in.Format(time.RFC3339Nano), "refused"}, vector{"cut", texts[1][:len(texts[1])-1], in.Format(time.RFC3339Nano), "refused"},
		vector{"empty", "", in.Format(time.RFC3339Nano), "refused"})
	whole := struct {
		PublicKey []byte   `json:"public_key"` // base64
		KeyID     string   `json:"kid"`
		Vectors   []vector `json:"vectors"`
	}{pub, KeyID(pub), rows}
	made, err := json.MarshalIndent(whole, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("testdata/permits.json", append(made, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile("testdata/permits.json")
	if err != nil || string(kept) != string(made)+"\n" {
		t.Fatalf("testdata/permits.json is not what is signed now (%v); the form of permits never changes", err)
	}
	for _, v := range rows {
		at, err := time.Parse(time.RFC3339Nano, v.At)
		if err != nil {
			t.Fatal(err)
		}
		_, err = VerifyPermit(v.Token, []ed25519.PublicKey{pub}, at)
		got := "valid"
		if errors.Is(err, ErrPermitExpired) {
			got = "expired"
		} else if err != nil {
			got = "refused"
		}
		if got != v.Result {
			t.Errorf("%s: %s, want %s (%v)", v.Name, got, v.Result, err)
		}
	}
}
