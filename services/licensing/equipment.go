package licensing

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"slices"

	"rigistry/models"
	"rigistry/services/store"
)

// RegisterEquipment adds a rig to the register. Owner is a party's id, BIN or IIN
// and site a site's id or code. A serial number that is registered already is a
// conflict, and an alarm too when the register has the rig with another owner or at
// another site, or when the numbers are easily mistaken for one another.
func (s *Service) RegisterEquipment(ctx context.Context, actor models.Actor, e models.Equipment) (models.Equipment, error) {
	given := e
	var parked error
	err := s.update(ctx, actor, models.ActEquipmentWrite, func(tx *store.Tx) error {
		parked = nil
		refs, err := refsOf(tx, []models.Equipment{given})
		if err != nil {
			return err
		}
		if e, err = refs.resolve(given); err != nil {
			return err
		}
		e.ID, e.Version, e.Created, e.Updated = tx.NewID(), 1, tx.Now, tx.Now
		if rig, kind, met := refs.meets(e); met {
			if kind == models.AlarmSame && !rig.ClaimConflict(e) {
				return registeredAlready()
			}
			parked = claimedElsewhere(kind)
			return raise(tx, actor, newAlarm(tx, actor, kind, rig, e, models.AlarmFromRegistration, ""))
		}
		return insertRig(tx, actor, e)
	})
	if err == nil {
		err = parked
	}
	if err != nil {
		return models.Equipment{}, err
	}
	return e, nil
}

func insertRig(tx *store.Tx, actor models.Actor, e models.Equipment) error {
	if err := tx.InsertEquipment(e); err != nil {
		return err
	}
	return fact(tx, actor, "equipment.registered", models.Ref{Kind: "equipment", ID: e.ID}, 1, rigBody(e))
}

func registeredAlready() error {
	return &models.Error{Code: models.CodeConflict, Detail: "A rig of this manufacturer with this serial number is registered already.",
		Fields: []models.FieldError{{Pointer: "/serial", Code: "duplicate", Detail: "It is registered already; look at who has it."}}}
}

// UpdateEquipment corrects what the register says of a rig that still has the
// version: where it is, whose it is, its state and what is known of it. Manufacturer
// and serial number stay. What happened to a rig is recorded with RecordEquipment.
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
		if e, err = refs.resolve(e); err != nil {
			return err
		}
		e.ID, e.Created, e.ImportJob, e.Updated, e.Version = old.ID, old.Created, old.ImportJob, tx.Now, old.Version+1
		if err := tx.UpdateEquipment(e); err != nil {
			return err
		}
		if e.Position() != old.Position() {
			err := tx.InsertEquipmentEvent(models.EquipmentEvent{ID: tx.NewID(), Equipment: e.ID, Version: e.Version, Kind: models.EquipmentCorrected,
				EffectiveOn: models.LegalDate(tx.Now), RecordedAt: tx.Now, Before: old.Position(), After: e.Position(), ActorID: actor.ID, ActorName: actor.Name})
			if err != nil {
				return err
			}
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

// EquipmentList lists rigs and gives the cursor of the next page. The owner of the
// filter may be given by BIN or IIN and the site by code. An applicant sees its own.
func (s *Service) EquipmentList(ctx context.Context, actor models.Actor, f store.EquipmentFilter, page store.Page) (out []models.Equipment, cursor string, err error) {
	err = s.view(ctx, actor, models.ActEquipmentRead, func(tx *store.Tx) error {
		by := f
		if by.Owner, err = idOf(by.Owner, tx.Party, func(p models.Party) string { return p.ID }); err != nil {
			return err
		}
		if by.Site, err = idOf(by.Site, tx.Site, func(x models.Site) string { return x.ID }); err != nil {
			return err
		}
		if own := ownParty(actor, models.ActEquipmentRead); own != "" {
			by.Owner = own
		}
		out, err = tx.EquipmentList(by, page)
		return err
	})
	return out, next(out, page, func(e models.Equipment) string { return e.ID }), err
}

// idOf gives the id of what a key names; a key that names nothing stays, and finds
// nothing.
func idOf[T any](key string, find func(string) (T, error), id func(T) string) (string, error) {
	if key == "" {
		return "", nil
	}
	x, err := find(key)
	if models.CodeOf(err) == models.CodeNotFound {
		return key, nil
	}
	return id(x), err
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
