package licensing

import (
	"context"

	"rigistry/models"
	"rigistry/services/store"
)

// RegisterParty adds a party. Its number is normalised first; a second party with
// it is a conflict. A state that is not given is active.
func (s *Service) RegisterParty(ctx context.Context, actor models.Actor, p models.Party) (models.Party, error) {
	given := p
	err := s.update(ctx, actor, models.ActPartyWrite, func(tx *store.Tx) error {
		p = newParty(tx, given)
		if err := p.Check(); err != nil {
			return err
		}
		if err := refuseKnownParty(tx, p); err != nil {
			return err
		}
		if err := tx.InsertParty(p); err != nil {
			return err
		}
		return fact(tx, actor, "party.registered", models.Ref{Kind: "party", ID: p.ID}, p.Version, partyBody(p))
	})
	return p, err
}

func newParty(tx *store.Tx, p models.Party) models.Party {
	p.ID, p.Version, p.Created, p.Updated = tx.NewID(), 1, tx.Now, tx.Now
	p.BinOrIin = models.NormalizeIdentifier(p.BinOrIin)
	if p.State == "" {
		p.State = models.PartyActive
	}
	return p
}

func refuseKnownParty(tx *store.Tx, p models.Party) error {
	known, err := tx.PartiesByBin([]string{p.BinOrIin})
	if _, taken := known[p.BinOrIin]; err == nil && taken {
		return &models.Error{Code: models.CodeConflict, Detail: "A party with this BIN or IIN is registered already. Use that one.",
			Fields: []models.FieldError{{Pointer: "/bin_or_iin", Code: "duplicate", Detail: "This number is registered already."}}}
	}
	return err
}

// partyBody keeps names out of the ledger where the party is a person.
func partyBody(p models.Party) map[string]any {
	body := map[string]any{"kind": p.Kind, "size": p.Size, "resident": p.Resident, "state": p.State}
	if !p.NaturalPerson() {
		body["bin"], body["name_kk"], body["name_ru"] = p.BinOrIin, p.NameKk, p.NameRu
	}
	return body
}

// PartyChange is what changes in a party; nil stays as it is.
type PartyChange struct {
	NameKk, NameRu, Address, Kato, Email, Phone *string
	Size                                        *models.BusinessSize
	Resident                                    *bool
	State                                       *models.PartyState
}

// UpdateParty changes a party that still has the version.
func (s *Service) UpdateParty(ctx context.Context, actor models.Actor, id string, version int64, c PartyChange) (p models.Party, err error) {
	err = s.update(ctx, actor, models.ActPartyWrite, func(tx *store.Tx) error {
		if p, err = tx.Party(id); err != nil {
			return err
		}
		if err := refuseMerged(p); err != nil {
			return err
		}
		if err := sameVersion(version, p.Version); err != nil {
			return err
		}
		set(&p.NameKk, c.NameKk)
		set(&p.NameRu, c.NameRu)
		set(&p.Address, c.Address)
		set(&p.Kato, c.Kato)
		set(&p.Email, c.Email)
		set(&p.Phone, c.Phone)
		set(&p.Size, c.Size)
		set(&p.Resident, c.Resident)
		set(&p.State, c.State)
		p.Version, p.Updated = p.Version+1, tx.Now
		if err := p.Check(); err != nil {
			return err
		}
		if err := tx.UpdateParty(p); err != nil {
			return err
		}
		return fact(tx, actor, "party.updated", models.Ref{Kind: "party", ID: p.ID}, p.Version, partyBody(p))
	})
	return p, err
}

func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}

// Party gives a party by id, BIN or IIN. An applicant sees its own.
func (s *Service) Party(ctx context.Context, actor models.Actor, key string) (p models.Party, err error) {
	err = s.view(ctx, actor, models.ActPartyRead, func(tx *store.Tx) error {
		if p, err = tx.Party(models.NormalizeIdentifier(key)); models.CodeOf(err) == models.CodeNotFound {
			p, err = tx.Party(key)
		}
		if err != nil {
			return err
		}
		return models.Reach(actor, models.ActPartyRead, models.Scope{Party: p.ID}, "party", key)
	})
	if err != nil {
		return models.Party{}, err
	}
	return p, nil
}

// Parties lists parties and gives the cursor of the next page. An applicant sees
// its own.
func (s *Service) Parties(ctx context.Context, actor models.Actor, f store.PartyFilter, page store.Page) (out []models.Party, cursor string, err error) {
	err = s.view(ctx, actor, models.ActPartyRead, func(tx *store.Tx) error {
		f.ID = ownParty(actor, models.ActPartyRead)
		out, err = tx.Parties(f, page)
		return err
	})
	return out, next(out, page, func(p models.Party) string { return p.ID }), err
}
