package documents

import (
	"context"
	"encoding/json"
	"fmt"

	"rigistry/models"
	"rigistry/services/ledger"
	"rigistry/services/store"
)

// follower is the name under which the position in the ledger is saved.
const follower = "documents"

// Run issues what facts of the registry call for, each once, until the context
// ends: the license on paper when it is issued or changes, the letter of a refusal
// and the order of a suspension. It returns nil then, and an error when the store
// fails for good.
func (i *Issuer) Run(ctx context.Context) error {
	return ledger.Follow(ctx, i.store, follower, func(_ context.Context, tx *store.Tx, entries []models.SealedEntry) error {
		for _, e := range entries {
			if err := i.answer(tx, e); err != nil {
				return err
			}
		}
		return nil
	})
}

// calledFor says which document a fact calls for.
var calledFor = map[string]models.DocumentKind{
	"license.issued":           models.DocumentLicense,
	"license.reissued":         models.DocumentLicense,
	"license.appendix_changed": models.DocumentLicense,
	"license.renewed":          models.DocumentLicense,
	"license.suspended":        models.DocumentSuspension,
	"decision.signed":          models.DocumentRefusal,
}

// requestOf gives what an entry calls for, and false when it calls for nothing. The
// copies of a fact for utilities call for nothing of their own.
func requestOf(e models.SealedEntry) (r models.DocumentRequest, ok bool) {
	if r.Kind, ok = calledFor[e.Kind]; !ok || e.Utility != "" {
		return r, false
	}
	if r.Kind != models.DocumentRefusal {
		r.License = e.Subject.ID
		return r, true
	}
	var body struct {
		Outcome string `json:"outcome"`
	}
	if json.Unmarshal([]byte(e.Body), &body) != nil || body.Outcome != models.OutcomeRefuse {
		return r, false
	}
	r.Application = e.Subject.ID
	return r, true
}

// answer issues what an entry calls for, unless the same was issued since, or the
// register has moved on and holds it no more.
func (i *Issuer) answer(tx *store.Tx, e models.SealedEntry) error {
	r, ok := requestOf(e)
	if !ok {
		return nil
	}
	issued, err := tx.Documents(store.DocumentFilter{Kind: string(r.Kind), Subject: e.Subject.ID}, store.Page{Limit: 1})
	if err != nil {
		return fmt.Errorf("documents of %s %s: %w", e.Subject.Kind, e.Subject.ID, err)
	}
	if len(issued) == 1 && !issued[0].AsAt.Before(e.At) {
		return nil
	}
	system := models.System()
	d, w, err := i.begin(tx, system, r)
	switch models.CodeOf(err) {
	case models.CodeConflict, models.CodeInvalid, models.CodeNotFound:
		return nil
	}
	if err != nil {
		return fmt.Errorf("gather the document for %s: %w", e.ID, err)
	}
	file, err := i.draw(w, &d, system.Name)
	if err != nil {
		return fmt.Errorf("draw the document for %s: %w", e.ID, err)
	}
	return keep(tx, system, d, file)
}
