package models

import "time"

// Entry is one fact in the ledger. A service hands it to Tx.Append in the same
// transaction as the state it describes; the sealer gives it its place.
//
// Body must hold no personal data in the clear that the law may order erased:
// the leaf of the Merkle tree holds a salted digest of Body, so a leaf that is
// kept with its proof tells nothing and still proves. A body that the law orders
// erased leaves its digest in its place, and a fact that says so.
type Entry struct {
	ID             string    // UUIDv7, set by Append
	At             time.Time // the transaction's instant, set by Append
	Kind           string    // "license.suspended": noun.past-participle
	Subject        Ref       // what it is about
	SubjectVersion int64     // version of the subject after the fact, 0 where it has none
	Actor          Actor     // who did it
	Utility        string    // the utility that may see it in its feed, "" for none
	Body           any       // a value that encoding/json can write; keys are the field names
}

// Ref names a thing by kind and identifier.
type Ref struct {
	Kind string // license, application, party, connection_point, meter, …
	ID   string
}

// SealedEntry is an entry with its place in the tree.
type SealedEntry struct {
	Index          int64 // position in the Merkle tree, from 0, without gaps
	ID             string
	At             time.Time
	Kind           string
	Subject        Ref
	SubjectVersion int64
	ActorID        string
	ActorName      string
	ActorKind      string
	Utility        string
	RequestID      string
	Body           string // JSON text
}
