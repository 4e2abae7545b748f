package store

import (
	"crypto/rand"
	"fmt"

	"rigistry/models"
)

type entryRow struct {
	ID             string `gorm:"column:id"`
	At             int64  `gorm:"column:at"`
	Kind           string `gorm:"column:kind"`
	SubjectKind    string `gorm:"column:subject_kind"`
	SubjectID      string `gorm:"column:subject_id"`
	SubjectVersion int64  `gorm:"column:subject_version"`
	ActorKind      string `gorm:"column:actor_kind"`
	ActorID        string `gorm:"column:actor_id"`
	ActorName      string `gorm:"column:actor_name"`
	Utility        string `gorm:"column:utility"`
	RequestID      string `gorm:"column:request_id"`
	Body           string `gorm:"column:body"`
	Salt           []byte `gorm:"column:salt"`
	LeafIndex      *int64 `gorm:"column:leaf_index"`
	Digest         []byte `gorm:"column:digest;->"`
	ErasedAt       int64  `gorm:"column:erased_at;->"`
}

// saltBytes is enough that a digest tells nothing about a short body.
const saltBytes = 16

// actorName is who did it for a reader: a client with the person it acts for.
func actorName(a models.Actor) string {
	if a.Operator == "" {
		return a.Name
	}
	return a.Name + " / " + a.Operator
}

// Append adds one fact to the ledger in this transaction and gives its id. Its
// place in the tree is given after commit by the sealer.
func (tx *Tx) Append(e models.Entry) (string, error) {
	body, err := text(e.Body)
	if err != nil {
		return "", fmt.Errorf("ledger entry %s: %w", e.Kind, err)
	}
	salt := make([]byte, saltBytes)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("salt a ledger entry: %w", err)
	}
	row := entryRow{
		ID: tx.NewID(), At: micros(tx.Now), Kind: e.Kind,
		SubjectKind: e.Subject.Kind, SubjectID: e.Subject.ID, SubjectVersion: e.SubjectVersion,
		ActorKind: e.Actor.Kind, ActorID: e.Actor.ID, ActorName: actorName(e.Actor),
		Utility: e.Utility, RequestID: e.Actor.RequestID, Body: body, Salt: salt,
	}
	if err := insert(tx, "ledger_entries", &row); err != nil {
		return "", fmt.Errorf("append %s to the ledger: %w", e.Kind, err)
	}
	tx.appended++
	return row.ID, nil
}
