package licensing

import (
	"context"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// Order is an order about a license as one command gives it: suspend, lift, revoke
// or terminate.
type Order struct {
	Version int64  // of the license it is based on, or AnyVersion
	Ground  string // code of the catalogue
	Months  int    // of a suspension, 1 to 6
	Note    string
	Proof   error // why the caller may not sign now, nil when it may; see SignAct
}

// Suspend orders a suspension for 1 to 6 months; it does not end by itself. What
// the order is depends on who gives it: a head signs a draft of another person with
// the same ground and term where one waits. Where none does, a head suspends at
// once, until the end of the working day by which another person has to confirm it.
// An officer drafts.
func (s *Service) Suspend(ctx context.Context, actor models.Actor, number string, o Order) (ActResult, error) {
	return s.order(ctx, actor, number, o, models.SuspensionAct)
}

// Lift orders the end of a suspension: it signs the draft of another person where
// one with the same ground waits, and drafts where none does.
func (s *Service) Lift(ctx context.Context, actor models.Actor, number string, o Order) (ActResult, error) {
	return s.order(ctx, actor, number, o, models.LiftAct)
}

// Revoke orders that a license is taken away, which is final; signing and drafting
// as with Lift.
func (s *Service) Revoke(ctx context.Context, actor models.Actor, number string, o Order) (ActResult, error) {
	return s.order(ctx, actor, number, o, models.RevocationAct)
}

// Terminate orders the end of a license on a ground that is no breach, which is
// final; signing and drafting as with Lift.
func (s *Service) Terminate(ctx context.Context, actor models.Actor, number string, o Order) (ActResult, error) {
	return s.order(ctx, actor, number, o, models.TerminationAct)
}

func (s *Service) order(ctx context.Context, actor models.Actor, number string, o Order, kind models.LicenseActKind) (out ActResult, err error) {
	err = s.update(ctx, actor, models.ActLicenseDraft, func(tx *store.Tx) error {
		versions, err := tx.LicenseVersions(models.NormalizeIdentifier(number))
		if err != nil {
			return err
		}
		newest := versions[len(versions)-1]
		if err := sameVersion(o.Version, newest.Version); err != nil {
			return err
		}
		a := models.LicenseAct{License: newest.Number, Kind: kind, Ground: o.Ground, Months: o.Months, Note: o.Note}
		waiting, err := tx.LicenseActs(store.LicenseActFilter{License: newest.Number, Kind: string(kind), State: string(models.LicenseActDrafted)}, store.Page{Limit: 1})
		if err != nil {
			return err
		}
		if len(waiting) == 1 && models.Can(actor, models.ActLicenseSign, models.Scope{}) == nil {
			if w := waiting[0]; w.Drafter != actor.ID && w.Ground == a.Ground && (w.Months == a.Months || kind != models.SuspensionAct) {
				if o.Proof != nil {
					return o.Proof
				}
				out, err = signAct(tx, actor, w)
				return err
			}
		}
		if kind == models.SuspensionAct && models.Can(actor, models.ActLicenseSuspend, models.Scope{}) == nil {
			if o.Proof != nil { // it holds at once, by one person
				return o.Proof
			}
			out, err = urgent(tx, actor, a, versions, waiting)
			return err
		}
		out.License = nil
		out.Act, err = draftAct(tx, actor, a, versions)
		return err
	})
	if err != nil {
		return ActResult{}, err
	}
	return out, nil
}

// urgent suspends at once. Drafts of a suspension that wait become void with it.
func urgent(tx *store.Tx, actor models.Actor, a models.LicenseAct, versions []models.License, waiting []models.LicenseAct) (ActResult, error) {
	for _, w := range waiting {
		w = w.Void("an urgent suspension", actor, tx.Now)
		if err := tx.UpdateLicenseAct(w); err != nil {
			return ActResult{}, err
		}
		if err := actFact(tx, actor, "license.act_voided", w); err != nil {
			return ActResult{}, err
		}
	}
	a, err := prepared(tx, actor, a, versions)
	if err != nil {
		return ActResult{}, err
	}
	days, err := tx.LegalValue(models.ValueUrgentConfirmDays, models.LegalDate(tx.Now))
	if err != nil {
		return ActResult{}, err
	}
	cal, err := calendar(tx)
	if err != nil {
		return ActResult{}, err
	}
	last := cal.AddWorkingDays(models.LegalDate(tx.Now), int(days.Value))
	if a.ConfirmBy, err = models.StartOfDay(models.AddDays(last, 1)); err != nil {
		return ActResult{}, err
	}
	a.State = models.LicenseActProvisional
	return enact(tx, actor, a, versions, actor.ID)
}

// Act gives an act by id or number, with what it would bring about now while it
// waits, and the names of its people by user id.
func (s *Service) Act(ctx context.Context, actor models.Actor, id string) (out DescribedAct, err error) {
	err = s.view(ctx, actor, models.ActLicenseActRead, func(tx *store.Tx) error {
		a, err := tx.LicenseAct(id)
		if err != nil {
			return err
		}
		if out, err = describeAct(tx, a, people{}); err != nil || a.State != models.LicenseActDrafted {
			return err
		}
		versions, err := tx.LicenseVersions(a.License)
		if err != nil {
			return err
		}
		now, err := impactOf(tx, versions, a)
		if models.CodeOf(err) != "" { // it can no longer be done; the signature will say why
			out.Hindrance = err.Error()
			return nil
		}
		if err == nil {
			out.Now, out.Changes = &now, out.Then.Changes(now)
		}
		return err
	})
	return out, err
}

// DescribedAct is an act with what a screen shows beside it.
type DescribedAct struct {
	models.LicenseAct
	Then      models.Impact
	Now       *models.Impact // of a draft that waits
	Changes   []models.ImpactChange
	Hindrance string // why a draft that waits can no longer be signed, ""
	Holder    string // name
	People    map[string]string
}

func describeAct(tx *store.Tx, a models.LicenseAct, known people) (out DescribedAct, err error) {
	out = DescribedAct{LicenseAct: a, People: map[string]string{}}
	if out.Then, err = unpacked(a.Impact); err != nil {
		return out, err
	}
	l, err := tx.License(a.License, time.Time{})
	if err != nil {
		return out, err
	}
	out.Holder = l.HolderName
	for _, id := range []string{a.Drafter, a.Signer, a.ClosedBy} {
		if out.People[id], err = known.name(tx, id); err != nil {
			return out, err
		}
	}
	return out, nil
}

// Acts lists acts on licenses, the newest first, and gives the cursor of the next
// page.
func (s *Service) Acts(ctx context.Context, actor models.Actor, f store.LicenseActFilter, page store.Page) (out []DescribedAct, cursor string, err error) {
	err = s.view(ctx, actor, models.ActLicenseActRead, func(tx *store.Tx) error {
		f.License = models.NormalizeIdentifier(f.License)
		acts, err := tx.LicenseActs(f, page)
		if err != nil {
			return err
		}
		out = make([]DescribedAct, 0, len(acts))
		known := people{}
		for _, a := range acts {
			d, err := describeAct(tx, a, known)
			if err != nil {
				return err
			}
			out = append(out, d)
		}
		return nil
	})
	return out, next(out, page, func(a DescribedAct) string { return a.ID }), err
}

// Urgent gives the urgent suspension of a license that waits to be confirmed, nil
// when there is none. An applicant sees that of its own license.
func (s *Service) Urgent(ctx context.Context, actor models.Actor, number string) (out *models.LicenseAct, err error) {
	err = s.view(ctx, actor, models.ActLicenseRead, func(tx *store.Tx) error {
		out = nil
		l, err := tx.License(models.NormalizeIdentifier(number), time.Time{})
		if err == nil {
			err = models.Reach(actor, models.ActLicenseRead, models.Scope{Party: l.Holder}, "license", number)
		}
		if err != nil {
			return err
		}
		acts, err := tx.LicenseActs(store.LicenseActFilter{License: models.NormalizeIdentifier(number), State: string(models.LicenseActProvisional)}, store.Page{Limit: 1})
		if len(acts) == 1 {
			out = &acts[0]
		}
		return err
	})
	return out, err
}
