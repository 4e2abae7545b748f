package licensing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// expiryCheck is how often Run looks for terms that have run out. The gate looks
// at the term itself, so nothing is permitted in between.
const expiryCheck = 2 * time.Second

// Run records the end of terms, of licenses and of requests, until the context
// ends. It returns nil then, and an error when the store does not take the record.
func (s *Service) Run(ctx context.Context) error {
	tick := time.NewTicker(expiryCheck)
	defer tick.Stop()
	for {
		_, expired := s.ExpireDue(ctx)
		_, ended := s.EndRequests(ctx)
		_, lapsed := s.LapseActs(ctx)
		_, over := s.NoteSuspensionsOver(ctx)
		for _, err := range []error{expired, ended, lapsed, over} {
			if err != nil && !passing(err) {
				if ctx.Err() != nil {
					return nil
				}
				return fmt.Errorf("record the end of terms: %w", err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// passing tells what the next tick may put right by itself.
func passing(err error) bool { return models.CodeOf(err) == models.CodeUnavailable }

const expiryBatch = 200

// ExpireDue records the end of every license in force whose term has run out, and
// gives their numbers. The version holds from the end of the term itself.
func (s *Service) ExpireDue(ctx context.Context) ([]string, error) {
	var done []string
	for {
		var due []string
		err := s.store.View(ctx, func(tx *store.Tx) (err error) {
			due, err = tx.LicensesDue(expiryBatch)
			return err
		})
		if err != nil {
			return done, err
		}
		var failed error
		for _, number := range due {
			switch err := s.expire(ctx, number); {
			case err == nil:
				done = append(done, number)
			case models.CodeOf(err) != models.CodeConflict: // a conflict: another process was faster
				failed = errors.Join(failed, err)
			}
		}
		if failed != nil || len(due) < expiryBatch {
			return done, failed
		}
	}
}

func (s *Service) expire(ctx context.Context, number string) error {
	system := models.System()
	return s.store.Update(ctx, func(tx *store.Tx) error {
		l, err := tx.License(number, time.Time{})
		if err != nil {
			return err
		}
		if l, err = l.Expire(models.Act{Ground: "TERM", Signer: system.ID}, tx.Now); err != nil {
			return err
		}
		if err := tx.InsertLicense(l); err != nil {
			return err
		}
		return licenseFacts(tx, system, "license.expired", l, nil)
	})
}
