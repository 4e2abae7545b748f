package licensing

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"strings"

	"rigistry/models"
	"rigistry/services/store"
)

// RegisterEquipment adds a rig to the register. Owner is a party's id, BIN or IIN
// and site a site's id or code. The same manufacturer and serial number again is a
// conflict.
func (s *Service) RegisterEquipment(ctx context.Context, actor models.Actor, e models.Equipment) (models.Equipment, error) {
	given := e
	err := s.update(ctx, actor, models.ActEquipmentWrite, func(tx *store.Tx) error {
		refs, err := refsOf(tx, []models.Equipment{given})
		if err != nil {
			return err
		}
		if e, err = newRig(tx, refs, given); err != nil {
			return err
		}
		if err := tx.InsertEquipment(e); err != nil {
			return err
		}
		return fact(tx, actor, "equipment.registered", models.Ref{Kind: "equipment", ID: e.ID}, 1, rigBody(e))
	})
	if err != nil {
		return models.Equipment{}, err
	}
	return e, nil
}

// UpdateEquipment changes where a rig is, whose it is, its state and what is known
// of it, when it still has the version. Manufacturer and serial number stay.
func (s *Service) UpdateEquipment(ctx context.Context, actor models.Actor, id string, version int64, with models.Equipment) (e models.Equipment, err error) {
	err = s.update(ctx, actor, models.ActEquipmentWrite, func(tx *store.Tx) error {
		old, err := tx.Equipment(id)
		if err != nil {
			return err
		}
		if err := sameVersion(version, old.Version); err != nil {
			return err
		}
		e = with
		e.Manufacturer, e.Serial = old.Manufacturer, old.Serial
		refs, err := refsOf(tx, []models.Equipment{e})
		if err != nil {
			return err
		}
		delete(refs.known, keyOf(e))
		if e, err = newRig(tx, refs, e); err != nil {
			return err
		}
		e.ID, e.Created, e.Version = old.ID, old.Created, old.Version+1
		if err := tx.UpdateEquipment(e); err != nil {
			return err
		}
		return fact(tx, actor, "equipment.updated", models.Ref{Kind: "equipment", ID: e.ID}, e.Version, rigBody(e))
	})
	if err != nil {
		return models.Equipment{}, err
	}
	return e, nil
}

func rigBody(e models.Equipment) map[string]any {
	return map[string]any{"manufacturer": e.Manufacturer, "model": e.Model, "serial": e.Serial, "nameplate_w": e.Nameplate,
		"owner": e.Owner, "site": e.Site, "license": e.License, "state": e.State}
}

// rigRefs is what rigs refer to and what is in the register already.
type rigRefs struct {
	parties  map[string]models.Party // by BIN or IIN
	byID     map[string]bool         // ids of parties that exist
	sites    map[string]models.Site  // by id and by code
	licenses map[string]bool
	known    map[store.EquipmentKey]models.Equipment
}

func keyOf(e models.Equipment) store.EquipmentKey {
	m, s := e.Key()
	return store.EquipmentKey{Manufacturer: m, Serial: s}
}

// refsOf loads them with a few queries for any number of rigs.
func refsOf(tx *store.Tx, rigs []models.Equipment) (rigRefs, error) {
	r := rigRefs{byID: map[string]bool{}, sites: map[string]models.Site{}, licenses: map[string]bool{}}
	var owners, places, numbers []string
	keys := make([]store.EquipmentKey, 0, len(rigs))
	for _, e := range rigs {
		owners, places, numbers = append(owners, models.NormalizeIdentifier(e.Owner), e.Owner), append(places, e.Site), append(numbers, e.License)
		keys = append(keys, keyOf(e))
	}
	var err error
	if r.parties, err = tx.PartiesByBin(distinct(owners)); err != nil {
		return r, err
	}
	for _, p := range r.parties {
		r.byID[p.ID] = true
	}
	for _, id := range distinct(owners) {
		if p, err := tx.Party(id); err == nil {
			r.byID[p.ID] = true
		} else if models.CodeOf(err) != models.CodeNotFound {
			return r, err
		}
	}
	found, err := tx.SitesByKey(distinct(places))
	if err != nil {
		return r, err
	}
	for _, site := range found {
		r.sites[site.ID], r.sites[site.Code] = site, site
	}
	for _, n := range distinct(numbers) {
		if _, err := tx.License(models.NormalizeIdentifier(n), tx.Now); err == nil {
			r.licenses[models.NormalizeIdentifier(n)] = true
		} else if models.CodeOf(err) != models.CodeNotFound {
			return r, err
		}
	}
	r.known, err = tx.KnownEquipment(keys)
	return r, err
}

func distinct(list []string) []string {
	out := slices.Compact(slices.Sorted(slices.Values(list)))
	return slices.DeleteFunc(out, func(s string) bool { return s == "" })
}

// newRig resolves and checks one rig.
func newRig(tx *store.Tx, refs rigRefs, e models.Equipment) (models.Equipment, error) {
	e.ID, e.Version, e.Created, e.Updated = tx.NewID(), 1, tx.Now, tx.Now
	e.Manufacturer, e.Model, e.Serial = strings.TrimSpace(e.Manufacturer), strings.TrimSpace(e.Model), strings.TrimSpace(e.Serial)
	if e.State == "" {
		e.State = models.EquipmentActive
	}
	var v models.Invalid
	if p, ok := refs.parties[models.NormalizeIdentifier(e.Owner)]; ok {
		e.Owner = p.ID
	} else if e.Owner != "" && !refs.byID[e.Owner] {
		v.Add("/owner", "unknown", "There is no such party.")
	}
	if e.Site != "" {
		if site, ok := refs.sites[e.Site]; ok {
			e.Site = site.ID
		} else {
			v.Add("/site", "unknown", "There is no such site.")
		}
	}
	if e.License = models.NormalizeIdentifier(e.License); e.License != "" && !refs.licenses[e.License] {
		v.Add("/license", "unknown", "There is no such license.")
	}
	if _, taken := refs.known[keyOf(e)]; taken {
		return e, &models.Error{Code: models.CodeConflict, Detail: "A rig of this manufacturer with this serial number is registered already.",
			Fields: []models.FieldError{{Pointer: "/serial", Code: "duplicate", Detail: "It is registered already; look at who has it."}}}
	}
	return e, merged(e.Check(), v.Err())
}

// merged gives one refusal with the fields of both.
func merged(a, b error) error {
	if a == nil || b == nil {
		if a == nil {
			return b
		}
		return a
	}
	var x, y *models.Error
	if errors.As(a, &x) && errors.As(b, &y) {
		return &models.Error{Code: x.Code, Detail: x.Detail, Fields: append(slices.Clone(x.Fields), y.Fields...)}
	}
	return a
}

// Equipment gives a rig by id. An applicant sees its own.
func (s *Service) Equipment(ctx context.Context, actor models.Actor, id string) (e models.Equipment, err error) {
	err = s.view(ctx, actor, models.ActEquipmentRead, func(tx *store.Tx) error {
		if e, err = tx.Equipment(id); err != nil {
			return err
		}
		return models.Reach(actor, models.ActEquipmentRead, models.Scope{Party: e.Owner}, "rig", id)
	})
	if err != nil {
		return models.Equipment{}, err
	}
	return e, nil
}

// EquipmentList lists rigs and gives the cursor of the next page. An applicant
// sees its own.
func (s *Service) EquipmentList(ctx context.Context, actor models.Actor, f store.EquipmentFilter, page store.Page) (out []models.Equipment, cursor string, err error) {
	err = s.view(ctx, actor, models.ActEquipmentRead, func(tx *store.Tx) error {
		if own := ownParty(actor, models.ActEquipmentRead); own != "" {
			f.Owner = own
		}
		out, err = tx.EquipmentList(f, page)
		return err
	})
	return out, next(out, page, func(e models.Equipment) string { return e.ID }), err
}

// digestOf is one digest over a batch, so that the ledger holds the whole batch
// in one entry.
func digestOf(keys []store.EquipmentKey) string {
	h := sha256.New()
	for _, k := range keys {
		_, _ = io.WriteString(h, k.Manufacturer+"\x00"+k.Serial+"\n") // a hash never fails
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}
