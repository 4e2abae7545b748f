package licensing

import (
	"context"
	"fmt"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// ActResult is what a command on a license led to: an act and, where it holds
// already, the license's newest version.
type ActResult struct {
	Act     models.LicenseAct
	License *models.License // nil while the act waits for a signature
}

// DraftAct drafts an act on a license for another person to sign, with what it will
// bring about. version is the license's version that the drafter saw, or AnyVersion.
// A second draft of the kind on the license is a conflict.
func (s *Service) DraftAct(ctx context.Context, actor models.Actor, a models.LicenseAct, version int64) (out models.LicenseAct, err error) {
	err = s.update(ctx, actor, models.ActLicenseDraft, func(tx *store.Tx) error {
		versions, err := tx.LicenseVersions(models.NormalizeIdentifier(a.License))
		if err != nil {
			return err
		}
		if err := sameVersion(version, versions[len(versions)-1].Version); err != nil {
			return err
		}
		out, err = draftAct(tx, actor, a, versions)
		return err
	})
	if err != nil {
		return models.LicenseAct{}, err
	}
	return out, nil
}

func draftAct(tx *store.Tx, actor models.Actor, a models.LicenseAct, versions []models.License) (models.LicenseAct, error) {
	a, err := prepared(tx, actor, a, versions)
	if err != nil {
		return a, err
	}
	if err := tx.InsertLicenseAct(a); err != nil {
		return a, err
	}
	return a, actFact(tx, actor, "license.act_drafted", a)
}

// prepared checks an act, gives it its number and what it will bring about.
func prepared(tx *store.Tx, actor models.Actor, a models.LicenseAct, versions []models.License) (models.LicenseAct, error) {
	newest := versions[len(versions)-1]
	if err := models.Disinterested(actor, newest.Holder); err != nil {
		return a, err
	}
	waiting, err := tx.LicenseActs(store.LicenseActFilter{License: newest.Number, Kind: string(a.Kind), Open: "open"}, store.Page{Limit: 1})
	if err != nil {
		return a, err
	}
	if len(waiting) > 0 && waiting[0].State == models.LicenseActDrafted {
		return a, models.Errorf(models.CodeConflict, "Act %s of the same kind waits for a signature on this license already. Sign it, or reject it first.", waiting[0].Number)
	}
	if a, err = models.DraftAct(a, versions, actor, tx.Now); err != nil {
		return a, err
	}
	if kind := a.Kind.Grounds(); kind != "" {
		if err := knownGround(tx, kind, a.Ground, "/ground"); err != nil {
			return a, err
		}
	}
	impact, err := impactOf(tx, versions, a)
	if err != nil {
		return a, err
	}
	if a.Impact, a.ImpactDigest, err = packed(impact); err != nil {
		return a, err
	}
	series, n, err := tx.NextNumber("act")
	if err != nil {
		return a, err
	}
	a.ID, a.Number = tx.NewID(), fmt.Sprintf("%s-%s-%05d", series, models.LegalDate(tx.Now)[:4], n)
	return a, nil
}

// actFact leaves an entry about an act on the license. It is no version of the
// license, so its body has none.
func actFact(tx *store.Tx, actor models.Actor, kind string, a models.LicenseAct) error {
	body := map[string]any{"act": a.Number, "act_id": a.ID, "act_kind": a.Kind, "base_version": a.Base, "drafter": a.Drafter, "impact_digest": a.ImpactDigest}
	if a.Ground != "" {
		body["ground"] = a.Ground
	}
	if a.Months > 0 {
		body["months"] = a.Months
	}
	if a.Reason != "" {
		body["reason"] = a.Reason
	}
	if !a.ConfirmBy.IsZero() {
		body["confirm_by"] = a.ConfirmBy
	}
	return fact(tx, actor, kind, models.Ref{Kind: "license", ID: a.License}, 0, body)
}

// SignAct signs a draft of another person: the license gets its next version and
// the order its number, in one transaction. version is of the act, or AnyVersion.
func (s *Service) SignAct(ctx context.Context, actor models.Actor, id string, version int64) (out ActResult, err error) {
	err = s.update(ctx, actor, models.ActLicenseSign, func(tx *store.Tx) error {
		a, err := tx.LicenseAct(id)
		if err == nil {
			err = sameVersion(version, a.Version)
		}
		if err != nil {
			return err
		}
		out, err = signAct(tx, actor, a)
		return err
	})
	return out, err
}

func signAct(tx *store.Tx, actor models.Actor, a models.LicenseAct) (ActResult, error) {
	versions, err := tx.LicenseVersions(a.License)
	if err != nil {
		return ActResult{}, err
	}
	newest := versions[len(versions)-1]
	if err := models.Disinterested(actor, newest.Holder); err != nil {
		return ActResult{}, err
	}
	if newest.Version != a.Base {
		return ActResult{}, models.Errorf(models.CodeConflict, "Act %s was drafted on version %d of license %s, which has version %d by now. Draft it anew.", a.Number, a.Base, a.License, newest.Version)
	}
	if a, err = a.Sign(actor, tx.Now); err != nil {
		return ActResult{}, err
	}
	return enact(tx, actor, a, versions, a.Signer)
}

// enact makes the versions of an act whose signature stands, or that is urgent.
func enact(tx *store.Tx, actor models.Actor, a models.LicenseAct, versions []models.License, signer string) (ActResult, error) {
	series, n, err := tx.NextNumber("order")
	if err != nil {
		return ActResult{}, err
	}
	a.Order = fmt.Sprintf("%s-%s-%05d", series, models.LegalDate(tx.Now)[:4], n)
	paper := models.Act{Order: a.Order, Drafter: a.Drafter, Signer: signer}
	if paper.Drafter == signer { // urgent: one person until somebody confirms
		paper.Drafter = ""
	}
	made, err := a.Apply(versions, paper, tx.Now)
	if err != nil {
		return ActResult{}, err
	}
	last := made[len(made)-1]
	a.ResultVersion = last.Version
	if a.State == models.LicenseActProvisional {
		err = tx.InsertLicenseAct(a)
	} else {
		err = tx.UpdateLicenseAct(a)
	}
	if err != nil {
		return ActResult{}, err
	}
	more := map[string]any{"act": a.Number, "act_id": a.ID, "impact_digest": a.ImpactDigest}
	if paper.Drafter != "" {
		more["drafter"] = paper.Drafter
	}
	if a.State == models.LicenseActProvisional {
		more["provisional"], more["confirm_by"] = true, a.ConfirmBy
	}
	for _, l := range made {
		if err := tx.InsertLicense(l); err != nil {
			return ActResult{}, err
		}
		if err := licenseFacts(tx, actor, a.EntryKind(), l, more); err != nil {
			return ActResult{}, err
		}
	}
	return ActResult{Act: a, License: &last}, nil
}

// ConfirmAct confirms an urgent suspension of another person, so that it holds for
// its whole term.
func (s *Service) ConfirmAct(ctx context.Context, actor models.Actor, id string, version int64) (out models.LicenseAct, err error) {
	err = s.update(ctx, actor, models.ActLicenseConfirm, func(tx *store.Tx) error {
		a, err := actToDecide(tx, actor, id, version)
		if err != nil {
			return err
		}
		if out, err = a.Confirm(actor, tx.Now); err != nil {
			return err
		}
		if err := tx.UpdateLicenseAct(out); err != nil {
			return err
		}
		return actFact(tx, actor, "license.suspension_confirmed", out)
	})
	return out, err
}

// actToDecide loads an act that still has the version, for somebody who is not of the
// holder's party.
func actToDecide(tx *store.Tx, actor models.Actor, id string, version int64) (models.LicenseAct, error) {
	a, err := tx.LicenseAct(id)
	if err == nil {
		err = sameVersion(version, a.Version)
	}
	if err != nil {
		return a, err
	}
	l, err := tx.License(a.License, time.Time{})
	if err == nil {
		err = models.Disinterested(actor, l.Holder)
	}
	return a, err
}

// RejectAct ends an act that waits: another person refuses it, or its drafter takes
// a draft back. A rejected urgent suspension falls at once.
func (s *Service) RejectAct(ctx context.Context, actor models.Actor, id string, version int64, reason string) (out models.LicenseAct, err error) {
	err = s.update(ctx, actor, models.ActLicenseDraft, func(tx *store.Tx) error {
		a, err := actToDecide(tx, actor, id, version)
		if err != nil {
			return err
		}
		if a.State == models.LicenseActDrafted && a.Drafter != actor.ID {
			if err := models.Can(actor, models.ActLicenseSign, models.Scope{}); err != nil {
				return err
			}
		}
		urgent := a.State == models.LicenseActProvisional
		if out, err = a.Reject(actor, reason, tx.Now); err != nil {
			return err
		}
		if err := tx.UpdateLicenseAct(out); err != nil {
			return err
		}
		if err := actFact(tx, actor, "license.act_rejected", out); err != nil || !urgent {
			return err
		}
		return fall(tx, actor, out)
	})
	return out, err
}

// fall ends an urgent suspension that was not confirmed, unless another act came
// between.
func fall(tx *store.Tx, actor models.Actor, a models.LicenseAct) error {
	l, err := tx.License(a.License, time.Time{})
	if err != nil {
		return err
	}
	if l.StateAt(tx.Now) != models.LicenseSuspended || l.Suspension == nil || !l.Suspension.From.Equal(a.DraftedAt) {
		return nil
	}
	series, n, err := tx.NextNumber("order")
	if err != nil {
		return err
	}
	paper := models.Act{ID: a.ID, Order: fmt.Sprintf("%s-%s-%05d", series, models.LegalDate(tx.Now)[:4], n), Ground: models.GroundUnconfirmed, Signer: actor.ID}
	if l, err = l.Lift(paper, tx.Now); err != nil {
		return err
	}
	if err := tx.InsertLicense(l); err != nil {
		return err
	}
	return licenseFacts(tx, actor, "license.lifted", l, map[string]any{"act": a.Number, "act_id": a.ID})
}

// voidActs ends what waits on an earlier version of a license that has another now:
// drafts always, an urgent suspension when another act took its place.
func voidActs(tx *store.Tx, actor models.Actor, l models.License) error {
	open, err := tx.LicenseActs(store.LicenseActFilter{License: l.Number, Open: "open"}, store.Page{Limit: 100})
	if err != nil {
		return err
	}
	for _, a := range open {
		holds := a.State == models.LicenseActProvisional && (l.ActID == a.ID || l.Corrects > 0)
		if holds || a.Base >= l.Version {
			continue
		}
		a = a.Void(fmt.Sprintf("version %d of the license", l.Version), actor, tx.Now)
		if err := tx.UpdateLicenseAct(a); err != nil {
			return err
		}
		if err := actFact(tx, actor, "license.act_voided", a); err != nil {
			return err
		}
	}
	return closeSuspensionTasks(tx, l)
}

// closeSuspensionTasks ends the tasks about a suspension that was lifted, extended
// or ended with the license.
func closeSuspensionTasks(tx *store.Tx, l models.License) error {
	if l.Corrects > 0 || l.State == models.LicenseSuspended && l.Suspension != nil && !l.Suspension.Until.After(tx.Now) {
		return nil
	}
	tasks, err := tx.Tasks(store.TaskFilter{Kind: string(models.TaskSuspensionEnds), State: string(models.TaskOpen),
		Subject: models.Ref{Kind: "license", ID: l.Number}}, store.Page{Limit: 100})
	if err != nil {
		return err
	}
	for _, t := range tasks {
		done, err := t.Complete(string(l.State), models.System(), tx.Now)
		if err != nil {
			return err
		}
		if err := saveClosed(tx, models.System(), done); err != nil {
			return err
		}
	}
	return nil
}
