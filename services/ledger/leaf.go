package ledger

import (
	"crypto/sha256"
	"encoding/binary"

	"golang.org/x/mod/sumdb/tlog"

	"rigistry/services/store"
)

// leafDomain begins every leaf. Another layout gets another number, so that no
// leaf can be read as a leaf of another kind or version.
const leafDomain = "rigistry/ledger-entry/v1\x00"

// Leaf gives the bytes of an entry in the tree: every column but its place,
// each with its length, and for the name of the actor and the body a salted
// digest, so that a leaf that is kept with its proof tells neither.
func Leaf(e store.LedgerEntry) []byte {
	b := []byte(leafDomain)
	b = appendText(b, e.ID)
	b = binary.BigEndian.AppendUint64(b, uint64(e.At.UnixMicro())) //nolint:gosec // the bit pattern is what is hashed
	for _, s := range []string{e.Kind, e.Subject.Kind, e.Subject.ID} {
		b = appendText(b, s)
	}
	b = binary.BigEndian.AppendUint64(b, uint64(e.SubjectVersion)) //nolint:gosec // the bit pattern is what is hashed
	for _, s := range []string{e.ActorKind, e.ActorID, e.Utility, e.RequestID} {
		b = appendText(b, s)
	}
	return append(b, privateDigest(e)...)
}

// privateDigest is the salted digest of what may be erased; of an erased entry, the
// one that stands in its place.
func privateDigest(e store.LedgerEntry) []byte {
	if !e.Erased.IsZero() {
		return e.Digest
	}
	private := appendText(nil, string(e.Salt))
	private = appendText(private, e.ActorName)
	private = appendText(private, e.Body)
	digest := sha256.Sum256(private)
	return digest[:]
}

// appendText appends the length as four bytes, then the text.
func appendText(b []byte, s string) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(s))) //nolint:gosec // a column is shorter than 4 GiB
	return append(b, s...)
}

func leafHash(e store.LedgerEntry) tlog.Hash { return tlog.RecordHash(Leaf(e)) }
