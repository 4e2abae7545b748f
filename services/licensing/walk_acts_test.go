package licensing_test

import (
	"fmt"
	"slices"
	"time"

	"rigistry/models"
	"rigistry/services/licensing"
	"rigistry/services/store"
)

// onLicense does one random command to a license: drafts an act, signs or rejects
// what waits, or orders it in one go.
func (w *walker) onLicense(number string) {
	switch w.rng.IntN(6) {
	case 0, 1:
		w.draftAct(number)
	case 2, 3:
		w.closeAct(number)
	case 4:
		w.orderAct(number)
	default:
		w.correctLicense(number)
	}
	if l := w.licenseNow(number); !l.InForce(w.clock.Now()) && w.rng.IntN(3) > 0 {
		w.licenses = slices.DeleteFunc(w.licenses, func(n string) bool { return n == number })
	}
}

func (w *walker) licenseNow(number string) models.License {
	l, err := w.License(w.ctx, models.System(), number, time.Time{})
	if err != nil {
		w.t.Fatalf("read %s: %v", number, err)
	}
	return l
}

// actOn is a random act: suspensions and lifts mostly, ends now and then.
func (w *walker) actOn(number string) models.LicenseAct {
	a := models.LicenseAct{License: number, Kind: models.SuspensionAct, Ground: "FALSE_INFORMATION", Months: w.rng.IntN(8)}
	if w.licenseNow(number).State == models.LicenseSuspended {
		a.Kind, a.Ground = models.LiftAct, "CURED"
	}
	switch w.rng.IntN(12) {
	case 0:
		a.Kind, a.Ground = models.RevocationAct, "COURT"
	case 1:
		a.Kind, a.Ground = models.TerminationAct, "HOLDER_REQUEST"
	case 2, 3:
		a.Kind, a.Ground, a.Months = models.ExtensionAct, "FALSE_INFORMATION", 1+w.rng.IntN(4)
	case 4:
		a.Kind, a.Ground = models.LiftAct, "CURED"
	}
	return a
}

func (w *walker) draftAct(number string) {
	actor := w.who(models.RoleOfficer, models.RoleHead)
	a, err := w.DraftAct(w.ctx, actor, w.actOn(number), w.version(w.licenseNow(number).Version))
	if w.note("draft "+string(a.Kind), actor, err) {
		w.drafter[a.ID] = actor.ID
	}
}

// closeAct signs, confirms or rejects what waits on a license, now and then by the
// very person who drafted it.
func (w *walker) closeAct(number string) {
	acts, _, err := w.Acts(w.ctx, models.System(), store.LicenseActFilter{License: number, Open: "open"}, store.Page{})
	if err != nil {
		w.t.Fatalf("acts on %s: %v", number, err)
	}
	for _, a := range acts {
		actor := w.who(models.RoleHead)
		if w.rng.IntN(4) == 0 {
			actor = w.named(w.drafter[a.ID])
		}
		name := "sign " + string(a.Kind)
		switch {
		case w.rng.IntN(8) == 0:
			_, err := w.RejectAct(w.ctx, actor, a.ID, w.version(a.Version), "No.")
			w.note("reject", actor, err)
			continue
		case a.State == models.LicenseActProvisional:
			name = "confirm"
			_, err = w.ConfirmAct(w.ctx, actor, a.ID, w.version(a.Version))
		default:
			_, err = w.SignAct(w.ctx, actor, a.ID, w.version(a.Version))
		}
		if w.note(name, actor, err) && (w.drafter[a.ID] == actor.ID || w.drafter[a.ID] == "") {
			w.t.Errorf("act %s (%s) was drafted by %q and closed by %s", a.Number, a.Kind, w.drafter[a.ID], actor.ID)
		}
	}
}

func (w *walker) named(id string) models.Actor {
	i := slices.IndexFunc(w.people, func(a models.Actor) bool { return a.ID == id })
	return w.people[max(i, 0)]
}

// orderAct orders in one command: a head suspends at once, or signs what waits.
func (w *walker) orderAct(number string) {
	actor := w.who(models.RoleHead, models.RoleOfficer)
	a := w.actOn(number)
	o := licensing.Order{Ground: a.Ground, Months: a.Months}
	run := w.Suspend
	switch a.Kind {
	case models.LiftAct:
		run = w.Lift
	case models.RevocationAct:
		run = w.Revoke
	case models.TerminationAct:
		run = w.Terminate
	}
	out, err := run(w.ctx, actor, number, o)
	if !w.note("order", actor, err) {
		return
	}
	before, known := w.drafter[out.Act.ID]
	switch {
	case !known:
		w.drafter[out.Act.ID] = actor.ID
		if out.License != nil && out.Act.State != models.LicenseActProvisional {
			w.t.Errorf("%s of %s held by the word of %s alone", out.Act.Kind, number, actor.ID)
		}
	case out.License != nil && before == actor.ID:
		w.t.Errorf("act %s (%s) was drafted and signed by %s", out.Act.Number, out.Act.Kind, actor.ID)
	}
}

// correctLicense drafts a correction of the holder's name or the power since some
// instant of the past.
func (w *walker) correctLicense(number string) {
	l := w.licenseNow(number)
	name := fmt.Sprintf("«Түзетілген %d» ЖШС", w.rng.IntN(1000))
	c := &models.Correction{HolderName: &name}
	if len(l.Sites) > 0 && w.rng.IntN(2) == 0 {
		c = &models.Correction{Approved: map[string]models.Watts{l.Sites[0].Appendix: l.Sites[0].Approved - 1000}}
	}
	back := time.Duration(w.rng.Int64N(int64(max(time.Hour, w.clock.Now().Sub(l.ValidFrom)))))
	a := models.LicenseAct{License: number, Kind: models.CorrectionAct, Note: "The paper says otherwise.", Since: w.clock.Now().Add(-back).Truncate(time.Microsecond), Correction: c}
	actor := w.who(models.RoleOfficer)
	a, err := w.DraftAct(w.ctx, actor, a, l.Version)
	if w.note("draft correction", actor, err) {
		w.drafter[a.ID] = actor.ID
	}
}
