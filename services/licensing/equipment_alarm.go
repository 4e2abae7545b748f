package licensing

import (
	"context"

	"rigistry/models"
	"rigistry/services/store"
)

// newAlarm is an alarm about a claim that does not go with a rig of the register.
func newAlarm(tx *store.Tx, actor models.Actor, kind models.AlarmKind, rig, claim models.Equipment, source models.AlarmSource, ref string) models.EquipmentAlarm {
	return models.EquipmentAlarm{ID: tx.NewID(), Kind: kind, Rig: rig.ID, First: rig.Position(), Claim: claim, Source: source, SourceRef: ref,
		State: models.AlarmOpen, OpenedAt: tx.Now, OpenedBy: actor.ID, Version: 1}
}

// raise records alarms. One that is open about the same claim already stays alone.
func raise(tx *store.Tx, actor models.Actor, alarms ...models.EquipmentAlarm) error {
	fresh, err := tx.InsertEquipmentAlarms(alarms...)
	if err != nil {
		return err
	}
	for _, a := range fresh {
		err := fact(tx, actor, "equipment.duplicate_serial", models.Ref{Kind: "equipment_alarm", ID: a.ID}, 1, map[string]any{
			"kind": a.Kind, "rig": a.Rig, "manufacturer": a.Claim.Manufacturer, "serial": a.Claim.Serial, "source": a.Source,
			"first_owner": a.First.Owner, "first_site": a.First.Site, "second_owner": a.Claim.Owner, "second_site": a.Claim.Site})
		if err != nil {
			return err
		}
	}
	return nil
}

func claimedElsewhere(kind models.AlarmKind) error {
	code, detail := "claimed_elsewhere", "This rig is registered with another owner or at another site. The claim was not taken; an alarm was raised, and an officer decides."
	if kind == models.AlarmSimilar {
		code, detail = "similar_serial", "A rig is registered whose serial number is easily mistaken for this one. The claim was not taken; an alarm was raised, and an officer decides."
	}
	return &models.Error{Code: models.CodeConflict, Detail: detail, Fields: []models.FieldError{{Pointer: "/serial", Code: code, Detail: detail}}}
}

// EquipmentAlarms lists alarms, the newest first, and gives the cursor of the next
// page.
func (s *Service) EquipmentAlarms(ctx context.Context, actor models.Actor, f store.AlarmFilter, page store.Page) (out []models.EquipmentAlarm, cursor string, err error) {
	err = s.view(ctx, actor, models.ActAlarmRead, func(tx *store.Tx) error {
		out, err = tx.EquipmentAlarms(f, page)
		return err
	})
	return out, next(out, page, func(a models.EquipmentAlarm) string { return a.ID }), err
}

// EquipmentAlarm gives one alarm.
func (s *Service) EquipmentAlarm(ctx context.Context, actor models.Actor, id string) (a models.EquipmentAlarm, err error) {
	err = s.view(ctx, actor, models.ActAlarmRead, func(tx *store.Tx) error {
		a, err = tx.EquipmentAlarm(id)
		return err
	})
	return a, err
}

// ResolveEquipmentAlarm closes an alarm that still has the version. Where the second
// is right, the rig of the register goes to who claimed it; where there are two
// machines, or the right number of a mistyped one is given, the second is registered.
func (s *Service) ResolveEquipmentAlarm(ctx context.Context, actor models.Actor, id string, version int64, r models.Resolution) (a models.EquipmentAlarm, err error) {
	err = s.update(ctx, actor, models.ActAlarmResolve, func(tx *store.Tx) error {
		if a, err = tx.EquipmentAlarm(id); err != nil {
			return err
		}
		if err := sameVersion(version, a.Version); err != nil {
			return err
		}
		var claim *models.Equipment
		if a, claim, err = a.Resolve(r, actor, tx.Now); err != nil {
			return err
		}
		switch {
		case claim != nil:
			if a.Registered, err = registerClaim(tx, actor, *claim, a.Rig); err != nil {
				return err
			}
		case a.Outcome == models.OutcomeSecondRight:
			if err := award(tx, actor, a); err != nil {
				return err
			}
		}
		if err := tx.ResolveEquipmentAlarm(a); err != nil {
			return err
		}
		return fact(tx, actor, "equipment.alarm_resolved", models.Ref{Kind: "equipment_alarm", ID: a.ID}, a.Version, map[string]any{
			"outcome": a.Outcome, "rig": a.Rig, "serial": a.Claim.Serial, "registered": a.Registered})
	})
	if err != nil {
		return models.EquipmentAlarm{}, err
	}
	return a, nil
}

// registerClaim registers the second of two machines and gives its id. first is the
// one whose number resembles it.
func registerClaim(tx *store.Tx, actor models.Actor, claim models.Equipment, first string) (string, error) {
	refs, err := refsOf(tx, []models.Equipment{claim})
	if err != nil {
		return "", err
	}
	if claim, err = refs.resolve(claim); err != nil {
		return "", err
	}
	if rig, kind, met := refs.meets(claim); met && (kind == models.AlarmSame || rig.ID != first) {
		var v models.Invalid
		v.Add("/serial", "duplicate", "A rig with this serial number, or one easily mistaken for it, is registered already (%s %s).", rig.Manufacturer, rig.Serial)
		return "", v.Err()
	}
	claim.ID, claim.Version, claim.Created, claim.Updated, claim.ImportJob = tx.NewID(), 1, tx.Now, tx.Now, ""
	return claim.ID, insertRig(tx, actor, claim)
}

// award gives the rig of the register to who claimed it.
func award(tx *store.Tx, actor models.Actor, a models.EquipmentAlarm) error {
	e, err := tx.Equipment(a.Rig)
	if err != nil {
		return err
	}
	act := models.EquipmentAct{Kind: models.EquipmentAwarded, To: a.Claim.Position(), Note: a.Note}
	_, err = apply(tx, actor, e, act, a.ID)
	return err
}
