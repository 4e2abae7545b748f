package metering

import (
	"context"
	"log/slog"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// Retention: how often it is looked for readings that have had their time, and how many
// rows one transaction takes away.
const (
	retainEvery = 6 * time.Hour
	expireMost  = 20_000
)

// Retained is what becomes of a resolution.
type Retained struct {
	Class models.RetentionClass
	Law   models.LegalValue // zero Value: no term is set, everything stays
	Until time.Time         // what is older goes; zero when everything stays
	store.Expired
}

// expiredFacts is the body of the ledger entry of readings that were taken away.
type expiredFacts struct {
	Class  models.RetentionClass `json:"class"`
	Before time.Time             `json:"before"`
	Rows   int64                 `json:"rows"`
	Month  string                `json:"month,omitempty"` // a whole partition
	Law    string                `json:"law"`
	Held   int                   `json:"held_meters"`
}

// RetentionPlan tells what the terms of today would take away, and what stays because of
// an open finding, an open case or a legal hold.
func (s *Service) RetentionPlan(ctx context.Context) (plan []Retained, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		held, err := tx.HeldMeters()
		if err != nil {
			return err
		}
		if plan, err = terms(tx); err != nil {
			return err
		}
		for i := range plan {
			if p := &plan[i]; !p.Until.IsZero() {
				if p.Expired, err = tx.Expired(p.Class, p.Until, held); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return plan, err
}

// terms gives the term of each class today.
func terms(tx *store.Tx) ([]Retained, error) {
	var out []Retained
	for _, class := range models.RetentionClasses() {
		law, err := tx.LegalValue(class.LegalCode(), models.LegalDate(tx.Now))
		if err != nil && models.CodeOf(err) != models.CodeNotFound {
			return nil, err
		}
		r := Retained{Class: class, Law: law}
		r.Until, _ = models.KeptSince(law, tx.Now)
		if err != nil {
			r.Until = time.Time{}
		}
		out = append(out, r)
	}
	return out, nil
}

// Retain takes away what has had its time and is not held, and gives how many rows of
// each class went. Each transaction asks anew what is held, and says in the ledger what
// it took.
func (s *Service) Retain(ctx context.Context) (map[models.RetentionClass]int64, error) {
	gone := map[models.RetentionClass]int64{}
	for _, class := range models.RetentionClasses() {
		for {
			n, err := s.retainSome(ctx, class)
			if err != nil {
				return gone, err
			}
			if n == 0 {
				break
			}
			gone[class] += n
		}
	}
	return gone, nil
}

func (s *Service) retainSome(ctx context.Context, class models.RetentionClass) (n int64, err error) {
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		n = 0
		all, err := terms(tx)
		if err != nil {
			return err
		}
		var term Retained
		for _, t := range all {
			if t.Class == class {
				term = t
			}
		}
		if term.Until.IsZero() {
			return nil
		}
		held, err := tx.HeldMeters()
		if err != nil {
			return err
		}
		facts := expiredFacts{Class: class, Before: term.Until, Law: term.Law.LegalRef, Held: len(held)}
		if class == models.RetainRaw {
			if facts.Month, n, err = tx.DropExpiredMonth(term.Until, held); err != nil {
				return err
			}
		}
		if facts.Month == "" {
			if n, err = tx.DropExpired(class, term.Until, held, expireMost); err != nil {
				return err
			}
		}
		if n == 0 && facts.Month == "" {
			return nil
		}
		facts.Rows = n
		n = max(n, 1) // an empty month was dropped: there may be more
		_, err = tx.Append(models.Entry{Kind: "readings.expired", Actor: models.System(), Body: facts,
			Subject: models.Ref{Kind: "readings", ID: string(class)}})
		return err
	})
	return n, err
}

// retainOn takes away what has had its time, from time to time until ctx ends.
func (s *Service) retainOn(ctx context.Context, log *slog.Logger) {
	ticker := time.NewTicker(retainEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		gone, err := s.Retain(ctx)
		if err != nil && ctx.Err() == nil {
			log.Error("readings that have had their time could not all be taken away", "gone", gone, "error", err)
		}
	}
}
