package ledger

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"rigistry/models"
	"rigistry/services/store"
)

// kindErased is the fact that an entry's name and body were erased.
const kindErased = "ledger.entry_erased"

// Erase takes the actor's name and the body out of a sealed entry, on a ground such
// as a court's order, and leaves that as a fact of its own. The entry's leaf, and so
// every proof and checkpoint, stays what it was; Verify counts it and wants the fact.
// The fact of an erasure cannot be erased.
func (l *Ledger) Erase(ctx context.Context, actor models.Actor, index int64, ground string) error {
	if err := models.Can(actor, models.ActLedgerErase, models.Scope{}); err != nil {
		return err
	}
	if strings.TrimSpace(ground) == "" {
		var v models.Invalid
		v.Add("/ground", "required", "Name the order or article on which the entry is erased.")
		return v.Err()
	}
	return l.store.Update(ctx, func(tx *store.Tx) error {
		found, err := tx.StoredEntries(index, 1)
		if err != nil {
			return fmt.Errorf("read entry %d: %w", index, err)
		}
		if len(found) == 0 || found[0].Index != index {
			return models.NotFound("ledger entry", strconv.FormatInt(index, 10))
		}
		e := found[0]
		if e.Kind == kindErased {
			return models.Errorf(models.CodeConflict, "Entry %d says that another was erased; it stays.", index)
		}
		digest := privateDigest(e)
		if err := tx.EraseEntry(index, digest); err != nil {
			return err
		}
		_, err = tx.Append(models.Entry{Kind: kindErased, Subject: models.Ref{Kind: "ledger_entry", ID: e.ID}, Actor: actor,
			Body: erasure{Index: index, Digest: hex.EncodeToString(digest), Ground: ground}})
		return err
	})
}

// erasure is the body of the fact.
type erasure struct {
	Index  int64  `json:"index"`
	Digest string `json:"digest"`
	Ground string `json:"ground"`
}

// erasedAs gives what a fact of an erasure says, if the entry is one.
func erasedAs(e store.LedgerEntry) (erasure, bool) {
	var x erasure
	if e.Kind != kindErased || json.Unmarshal([]byte(e.Body), &x) != nil {
		return erasure{}, false
	}
	return x, true
}
