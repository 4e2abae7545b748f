package licensing

import (
	"context"
	"errors"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// LapseActs ends urgent suspensions that nobody confirmed in time: the license is
// active again and a head is told. It gives the numbers of the acts.
func (s *Service) LapseActs(ctx context.Context) (done []string, err error) {
	var due []models.LicenseAct
	err = s.store.View(ctx, func(tx *store.Tx) (err error) {
		due, err = tx.LicenseActsDue(expiryBatch)
		return err
	})
	if err != nil {
		return nil, err
	}
	var failed error
	for _, a := range due {
		switch err := s.lapse(ctx, a.ID); {
		case err == nil:
			done = append(done, a.Number)
		case models.CodeOf(err) != models.CodeConflict && models.CodeOf(err) != models.CodeVersionConflict: // else somebody was faster
			failed = errors.Join(failed, err)
		}
	}
	return done, failed
}

func (s *Service) lapse(ctx context.Context, id string) error {
	system := models.System()
	return s.store.Update(ctx, func(tx *store.Tx) error {
		a, err := tx.LicenseAct(id)
		if err != nil {
			return err
		}
		if a, err = a.Lapse(tx.Now); err != nil {
			return err
		}
		if err := tx.UpdateLicenseAct(a); err != nil {
			return err
		}
		if err := actFact(tx, system, "license.act_lapsed", a); err != nil {
			return err
		}
		if err := fall(tx, system, a); err != nil {
			return err
		}
		l, err := tx.License(a.License, time.Time{})
		if err != nil {
			return err
		}
		return openTask(tx, system, models.Task{Kind: models.TaskUrgentUnconfirmed, Subject: models.Ref{Kind: "license_act", ID: a.ID}, License: a.License,
			Party: l.Holder, Due: models.LegalDate(tx.Now), Role: models.RoleHead, Reason: a.Number})
	})
}

// NoteSuspensionsOver makes a task for each suspended license whose term of
// suspension is over: nothing resumes by itself, somebody lifts, extends or revokes.
// It gives the numbers of the licenses.
func (s *Service) NoteSuspensionsOver(ctx context.Context) (done []string, err error) {
	var over []string
	err = s.store.View(ctx, func(tx *store.Tx) (err error) {
		over, err = tx.SuspensionsOver(models.TaskSuspensionEnds, expiryBatch)
		return err
	})
	if err != nil {
		return nil, err
	}
	var failed error
	for _, number := range over {
		noted, err := s.noteSuspensionOver(ctx, number)
		if failed = errors.Join(failed, err); noted {
			done = append(done, number)
		}
	}
	return done, failed
}

func (s *Service) noteSuspensionOver(ctx context.Context, number string) (noted bool, err error) {
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		noted = false
		l, err := tx.License(number, time.Time{})
		if err != nil || l.StateAt(tx.Now) != models.LicenseSuspended || l.Suspension == nil || l.Suspension.Until.After(tx.Now) {
			return err
		}
		noted, err = newTask(tx, models.System(), models.Task{Kind: models.TaskSuspensionEnds, Subject: models.Ref{Kind: "license", ID: number}, License: number,
			Party: l.Holder, Due: models.LegalDate(l.Suspension.Until), Role: models.RoleOfficer})
		if err != nil || !noted {
			return err
		}
		return fact(tx, models.System(), "license.suspension_over", models.Ref{Kind: "license", ID: number}, 0,
			map[string]any{"number": number, "suspended_until": l.Suspension.Until})
	})
	return noted, err
}
