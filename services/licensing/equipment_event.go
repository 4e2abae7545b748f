package licensing

import (
	"context"
	"slices"

	"rigistry/models"
	"rigistry/services/store"
)

// Declaration is what somebody declares about a rig. Owner and site may be given by
// BIN, IIN or code. Declarant is the party that declares a move, "" for the owner.
type Declaration struct {
	models.EquipmentAct
	Declarant string
}

// RecordEquipment records what happened to a rig that still has the version: a move,
// sale, seizure, release, storage or removal. A move that another party than the
// registered owner declares is not taken: it raises an alarm and is a conflict.
func (s *Service) RecordEquipment(ctx context.Context, actor models.Actor, id string, version int64, d Declaration) (e models.Equipment, err error) {
	var parked error
	err = s.update(ctx, actor, models.ActEquipmentWrite, func(tx *store.Tx) error {
		parked = nil
		if e, err = tx.Equipment(id); err != nil {
			return err
		}
		if err := sameVersion(version, e.Version); err != nil {
			return err
		}
		declarant := e.Owner
		act := d.EquipmentAct
		if act.To, declarant, err = resolveTo(tx, act.To, d.Declarant, declarant); err != nil {
			return err
		}
		if act.Kind == models.EquipmentMoved && declarant != e.Owner {
			claim := e.Placed(models.EquipmentPosition{Owner: declarant, Site: act.To.Site, License: act.To.License, State: models.EquipmentActive})
			parked = claimedElsewhere(models.AlarmSame)
			return raise(tx, actor, newAlarm(tx, actor, models.AlarmSame, e, claim, models.AlarmFromMove, ""))
		}
		if err := releasable(tx, e, act); err != nil {
			return err
		}
		e, err = apply(tx, actor, e, act, "")
		return err
	})
	if err == nil {
		err = parked
	}
	if err != nil {
		return models.Equipment{}, err
	}
	return e, nil
}

// releasable refuses the release of a rig that a case of enforcement holds: what becomes
// of it is decided there.
func releasable(tx *store.Tx, e models.Equipment, act models.EquipmentAct) error {
	if act.Kind != models.EquipmentReleased {
		return nil
	}
	seizures, err := tx.RigSeizures(e.ID)
	for _, x := range seizures {
		if x.Fate != models.RigReturned {
			return models.Errorf(models.CodeConflict, "This rig was seized by record %s in a case of enforcement. It is given back there, by a release or a ruling.", x.Number)
		}
	}
	return err
}

// resolveTo puts ids in the place of BINs, IINs and codes.
func resolveTo(tx *store.Tx, to models.EquipmentPosition, declared, owner string) (models.EquipmentPosition, string, error) {
	var v models.Invalid
	for _, x := range []struct {
		given   string
		into    *string
		pointer string
	}{{to.Owner, &to.Owner, "/buyer"}, {declared, &owner, "/owner"}} {
		if x.given == "" {
			continue
		}
		p, err := tx.Party(models.NormalizeIdentifier(x.given))
		if models.CodeOf(err) == models.CodeNotFound {
			p, err = tx.Party(x.given)
		}
		switch {
		case err == nil:
			*x.into = p.ID
		case models.CodeOf(err) == models.CodeNotFound:
			v.Add(x.pointer, "unknown", "There is no such party.")
		default:
			return to, owner, err
		}
	}
	if to.Site != "" {
		site, err := tx.Site(to.Site)
		switch {
		case err == nil:
			to.Site = site.ID
		case models.CodeOf(err) == models.CodeNotFound:
			v.Add("/site", "unknown", "There is no such site.")
		default:
			return to, owner, err
		}
	}
	to.License = models.NormalizeIdentifier(to.License)
	return to, owner, v.Err()
}

// apply brings an act about: the rig's next version, its event and the entry of the
// ledger.
func apply(tx *store.Tx, actor models.Actor, e models.Equipment, act models.EquipmentAct, alarm string) (models.Equipment, error) {
	last, err := tx.LastEquipmentEvent(e.ID)
	if err != nil {
		return e, err
	}
	next, event, err := e.Apply(act, tx.Now, last)
	if err != nil {
		return e, err
	}
	if err := licenseCovers(tx, event.After, event.Before); err != nil {
		return e, err
	}
	event.ID, event.Alarm, event.ActorID, event.ActorName = tx.NewID(), alarm, actor.ID, actor.Name
	if err := tx.UpdateEquipment(next); err != nil {
		return e, err
	}
	if err := tx.InsertEquipmentEvent(event); err != nil {
		return e, err
	}
	b, a := event.Before, event.After
	return next, fact(tx, actor, "equipment."+string(act.Kind), models.Ref{Kind: "equipment", ID: e.ID}, next.Version, map[string]any{
		"serial": e.Serial, "effective_on": event.EffectiveOn, "document": event.Document, "authority": event.Authority, "alarm": alarm,
		"from_owner": b.Owner, "from_site": b.Site, "from_license": b.License, "from_state": b.State,
		"owner": a.Owner, "site": a.Site, "license": a.License, "state": a.State})
}

// licenseCovers refuses a license that is not in force, is held by somebody else
// than the owner or does not name the site, where an act puts a rig under it.
func licenseCovers(tx *store.Tx, after, before models.EquipmentPosition) error {
	if after.License == "" || after.State != models.EquipmentActive || after == before {
		return nil
	}
	l, err := tx.License(after.License, tx.Now)
	if err != nil {
		return unknownField("/license", "There is no such license.", err)
	}
	var v models.Invalid
	switch {
	case l.State != models.LicenseActive || !tx.Now.Before(l.ValidUntil):
		v.Add("/license", "not_in_force", "This license is not in force.")
	case l.Holder != after.Owner:
		v.Add("/license", "holder", "This license is held by somebody else than the owner of the rig.")
	case after.Site != "" && !slices.ContainsFunc(l.Sites, func(x models.LicensedSite) bool { return x.Site == after.Site }):
		v.Add("/license", "site", "This license does not name the site. Its appendix comes first.")
	}
	return v.Err()
}

// EquipmentEvents gives what happened to a rig, in order; as at an instant of the past,
// what had happened and was known. An applicant sees its own, and of another owner's
// time only the state.
func (s *Service) EquipmentEvents(ctx context.Context, actor models.Actor, id string) (out []models.EquipmentEvent, err error) {
	err = s.view(ctx, actor, models.ActEquipmentRead, func(tx *store.Tx) error {
		if _, err := ownRig(tx, actor, id); err != nil {
			return err
		}
		if out, err = tx.EquipmentEvents(id); err != nil {
			return err
		}
		m := tx.Moment()
		out = slices.DeleteFunc(out, func(x models.EquipmentEvent) bool {
			return x.RecordedAt.After(m.KnownAt) || x.EffectiveOn > models.LegalDate(m.AsAt)
		})
		if own := ownParty(actor, models.ActEquipmentRead); own != "" {
			for i, x := range out {
				out[i] = x.SeenBy(own)
			}
		}
		return nil
	})
	return out, err
}

func ownRig(tx *store.Tx, actor models.Actor, id string) (models.Equipment, error) {
	e, err := tx.Equipment(id)
	if err != nil {
		return e, err
	}
	return e, models.Reach(actor, models.ActEquipmentRead, models.Scope{Party: e.Owner}, "rig", id)
}

// Equipment gives a rig by id. An applicant sees its own. Read as at an instant of
// the past, it stands where the events up to the legal date of that instant put it, as
// far as they were recorded by the instant of knowledge: an event may be recorded later
// than it took effect. What was not in the register then is not found.
func (s *Service) Equipment(ctx context.Context, actor models.Actor, id string) (e models.Equipment, err error) {
	m := store.MomentOf(ctx)
	if m.Past() {
		ctx = store.At(ctx, store.Moment{KnownAt: m.KnownAt}) // all that was known; the events tell what held
	}
	err = s.view(ctx, actor, models.ActEquipmentRead, func(tx *store.Tx) error {
		if e, err = ownRig(tx, actor, id); err != nil || !m.Past() {
			return err
		}
		at := m.AsAt
		if at.IsZero() {
			at = s.store.Now()
		}
		events, err := tx.EquipmentEvents(id)
		if err != nil {
			return err
		}
		position, was := e.PositionAsAt(events, at, tx.Moment().KnownAt)
		if !was {
			return models.NotFound("rig", id)
		}
		e = e.Placed(position)
		return models.Reach(actor, models.ActEquipmentRead, models.Scope{Party: e.Owner}, "rig", id)
	})
	if err != nil {
		return models.Equipment{}, err
	}
	return e, nil
}

// EquipmentNames are the parties and sites that rigs refer to, by id.
type EquipmentNames struct {
	Parties map[string]models.Party
	Sites   map[string]models.Site
}

// EquipmentNames gives what a screen shows beside positions that the caller was
// allowed to read.
func (s *Service) EquipmentNames(ctx context.Context, positions ...models.EquipmentPosition) (names EquipmentNames, err error) {
	owners, places := map[string]bool{}, map[string]bool{}
	for _, p := range positions {
		owners[p.Owner], places[p.Site] = true, true
	}
	names.Sites = map[string]models.Site{}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		if names.Parties, err = tx.PartiesByID(keys(owners)); err != nil {
			return err
		}
		sites, err := tx.SitesByKey(keys(places))
		for _, x := range sites {
			names.Sites[x.ID] = x
		}
		return err
	})
	return names, err
}

// EquipmentRigs gives rigs of alarms by id, as the register has them now.
func (s *Service) EquipmentRigs(ctx context.Context, actor models.Actor, ids []string) (out map[string]models.Equipment, err error) {
	err = s.view(ctx, actor, models.ActAlarmRead, func(tx *store.Tx) error {
		out, err = tx.EquipmentOf(ids)
		return err
	})
	return out, err
}
