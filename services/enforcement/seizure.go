package enforcement

import (
	"context"
	"fmt"
	"strconv"

	"rigistry/models"
	"rigistry/services/store"
)

// carriesOut does what an act says of machines: a record of seizure takes them, also in
// the register of equipment; a release and a ruling settle what becomes of them. It
// gives what the ledger says of that.
func carriesOut(tx *store.Tx, actor models.Actor, c models.Case, a models.CaseAct) (map[string]any, error) {
	switch {
	case a.Kind == models.CaseSeized && len(a.Serials) > 0:
		return seizes(tx, actor, c, a)
	case a.Fate != "":
		return settles(tx, actor, c, a)
	}
	return map[string]any{}, nil
}

// seizes writes down each machine, and takes those that the register knows out of use
// there. A machine that some case holds already is refused.
func seizes(tx *store.Tx, actor models.Actor, c models.Case, a models.CaseAct) (map[string]any, error) {
	held, err := tx.HeldRigs(a.Serials)
	if err != nil {
		return nil, err
	}
	var v models.Invalid
	for i, s := range a.Serials {
		for _, h := range held {
			if models.SameSerial(h.Serial, s) {
				v.Add("/serials/"+strconv.Itoa(i), "held", "A case holds the machine %s already.", s)
				break
			}
		}
	}
	if err := v.Err(); err != nil {
		return nil, err
	}
	sites, err := tx.CaseSites(c.ID)
	if err != nil {
		return nil, err
	}
	folds := make([]string, 0, len(a.Serials))
	for _, s := range a.Serials {
		folds = append(folds, models.SerialFold(s))
	}
	known, err := tx.KnownEquipment(folds)
	if err != nil {
		return nil, err
	}
	rigs, found := make([]models.SeizedRig, 0, len(a.Serials)), 0
	for _, s := range a.Serials {
		x := models.SeizedRig{ID: tx.NewID(), Case: c.ID, Act: a.ID, Serial: s, Place: a.Place, On: a.On, At: a.At, Fate: models.RigHeld}
		if e, yes := models.RigCandidate(s, known, sites); yes {
			x.Rig, x.Was, found = e.ID, e.State, found+1
			if err := takes(tx, actor, e, models.EquipmentAct{Kind: models.EquipmentTaken, EffectiveOn: a.On, Document: a.Number, Authority: models.AgencyName(a.Agency)}); err != nil {
				return nil, err
			}
		}
		rigs = append(rigs, x)
	}
	return map[string]any{"in_register": found, "not_in_register": len(rigs) - found}, tx.InsertSeizedRigs(rigs)
}

// takes brings an act about in the register of equipment. A rig that is not in use there
// any more, sold or scrapped, stays as the register has it; what was found stands in the
// case. The register's days go forward only, so an event that it knows of later than the
// paper gives the day.
func takes(tx *store.Tx, actor models.Actor, e models.Equipment, act models.EquipmentAct) error {
	inUse := e.State == models.EquipmentActive || e.State == models.EquipmentStored
	if act.Kind == models.EquipmentTaken && !inUse || act.Kind == models.EquipmentReleased && e.State != models.EquipmentSeized {
		return nil
	}
	last, err := tx.LastEquipmentEvent(e.ID)
	if err != nil {
		return err
	}
	act.EffectiveOn = max(act.EffectiveOn, last, models.LegalDate(e.Created))
	next, event, err := e.Apply(act, tx.Now, last)
	if err != nil {
		return err
	}
	event.ID, event.ActorID, event.ActorName = tx.NewID(), actor.ID, actor.Name
	if err := tx.UpdateEquipment(next); err != nil {
		return err
	}
	if err := tx.InsertEquipmentEvent(event); err != nil {
		return err
	}
	_, err = tx.Append(models.Entry{Kind: "equipment." + string(act.Kind), Subject: models.Ref{Kind: "equipment", ID: e.ID}, SubjectVersion: next.Version, Actor: actor,
		Body: map[string]any{"serial": e.Serial, "effective_on": event.EffectiveOn, "document": event.Document, "authority": event.Authority,
			"from_owner": event.Before.Owner, "from_site": event.Before.Site, "from_license": event.Before.License, "from_state": event.Before.State,
			"owner": event.After.Owner, "site": event.After.Site, "license": event.After.License, "state": event.After.State}})
	return err
}

// settles writes down what becomes of the machines that the act names, or of all that
// are held. One that is given back is in storage in the register again; a confiscated
// one stays seized there, so nobody sells or moves it.
func settles(tx *store.Tx, actor models.Actor, c models.Case, a models.CaseAct) (map[string]any, error) {
	all, err := tx.SeizedRigs(c.ID)
	if err != nil {
		return nil, err
	}
	settled, err := a.Settles(all)
	if err != nil {
		return nil, err
	}
	for _, x := range settled {
		if x.Rig == "" || a.Fate != models.RigReturned {
			continue
		}
		e, err := tx.Equipment(x.Rig)
		if err != nil {
			return nil, err
		}
		if err := takes(tx, actor, e, models.EquipmentAct{Kind: models.EquipmentReleased, EffectiveOn: a.On, Document: a.Number}); err != nil {
			return nil, err
		}
	}
	return map[string]any{"fate": a.Fate, "settled": len(settled)}, tx.SettleSeizedRigs(settled, a)
}

// foundOnVisits gives the serial numbers that inspectors took on the visits of a case
// and that no record of seizure names yet: an event of a device takes nobody's machine
// by itself, the record does.
func foundOnVisits(tx *store.Tx, c models.Case, seized []models.SeizedRig) ([]string, error) {
	visits, err := tx.Inspections(store.InspectionFilter{Case: c.ID}, store.Page{Limit: maxRelated})
	if err != nil {
		return nil, err
	}
	out := []string{}
	named := func(serial string) bool {
		for _, x := range seized {
			if models.SameSerial(x.Serial, serial) {
				return true
			}
		}
		for _, s := range out {
			if models.SameSerial(s, serial) {
				return true
			}
		}
		return false
	}
	for _, i := range visits {
		events, err := tx.InspectionEvents(i.ID)
		if err != nil {
			return nil, err
		}
		for _, s := range models.FoldProtocol(events).Seized {
			if !named(s) {
				out = append(out, s)
			}
		}
	}
	return out, nil
}

// RigSeizure is a seizure of a rig with the case that took it.
type RigSeizure struct {
	Seized     models.SeizedRig
	CaseNumber string
}

// RigSeizures gives the seizures of a rig of the register in cases that the actor may
// know of, the oldest first.
func (s *Service) RigSeizures(ctx context.Context, actor models.Actor, equipment string) (out []RigSeizure, err error) {
	if err := models.Can(actor, models.ActCaseRead, models.Scope{}); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		out = []RigSeizure{}
		if _, err := tx.Equipment(equipment); err != nil {
			return err
		}
		found, err := tx.RigSeizures(equipment)
		if err != nil {
			return err
		}
		for _, x := range found {
			c, err := load(tx, actor, x.Case)
			if models.CodeOf(err) == models.CodeNotFound {
				continue
			}
			if err != nil {
				return err
			}
			out = append(out, RigSeizure{Seized: x, CaseNumber: c.Number})
		}
		return nil
	})
	return out, err
}

// seizedOf adds each machine that was seized to the record of a package, with what the
// register says happened to it.
func (d *dossier) seizedOf() error {
	seized, err := d.tx.SeizedRigs(d.caseID)
	for i, x := range seized {
		if x.Rig != "" {
			d.about = append(d.about, models.Ref{Kind: "equipment", ID: x.Rig})
		}
		if err := d.note(fmt.Sprintf("seized.%04d", i+1), classWords, map[string]any{"act": x.Act, "number": x.Number, "serial": x.Serial, "rig": x.Rig, "was": x.Was,
			"place": x.Place, "on": x.On, "fate": x.Fate, "decided": x.Decided, "until": x.Until}); err != nil {
			return err
		}
	}
	return err
}
