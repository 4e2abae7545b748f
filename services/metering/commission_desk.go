package metering

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// CommissionOffer is what a collector that asks for work is given: a job or none, and
// the meters that were commissioned for it to read.
type CommissionOffer struct {
	Job    *models.CommissionJob
	Meters []models.Meter
}

// TakeCommission gives a collector the oldest job that waits for it, for as long as it
// says now and then that it is at it. endpoints are its links, at which it may be asked.
func (s *Service) TakeCommission(ctx context.Context, actor models.Actor, collector string, endpoints []string) (CommissionOffer, error) {
	var out CommissionOffer
	collector, err := asCollector(actor, collector)
	if err != nil {
		return out, err
	}
	if len(endpoints) > 5000 {
		return out, models.Errorf(models.CodeInvalid, "A collector may name at most 5,000 links.")
	}
	for _, e := range endpoints {
		if err := checkEndpoint(e); err != nil {
			return out, models.Errorf(models.CodeInvalid, "/endpoints: %v", err)
		}
	}
	quiet := false
	err = s.store.View(ctx, func(tx *store.Tx) error {
		out = CommissionOffer{}
		known, err := tx.CommissionLinks(tx.Now.Add(-linksEvery))
		if err != nil {
			return err
		}
		open, err := tx.OpenCommissionJobs(collector)
		if err != nil {
			return err
		}
		quiet = slices.ContainsFunc(known, func(l store.CommissionLinks) bool {
			return l.Collector == collector && l.Utility == actor.Utility && slices.Equal(l.Endpoints, endpoints)
		}) && !slices.ContainsFunc(open, func(j models.CommissionJob) bool { return j.State(tx.Now) == models.CommissionAsked })
		if !quiet {
			return nil
		}
		out.Meters, err = commissionedFor(tx, actor, collector)
		return err
	})
	if err != nil || quiet {
		return out, err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		out = CommissionOffer{}
		if err := tx.KeepCommissionLinks(store.CommissionLinks{Collector: collector, Utility: actor.Utility, Endpoints: endpoints}); err != nil {
			return err
		}
		if out.Job, err = lease(tx, actor, collector); err != nil {
			return err
		}
		out.Meters, err = commissionedFor(tx, actor, collector)
		return err
	})
	return out, err
}

// lease gives out the oldest job that waits; nil when none does.
func lease(tx *store.Tx, actor models.Actor, collector string) (*models.CommissionJob, error) {
	open, err := tx.OpenCommissionJobs(collector)
	if err != nil {
		return nil, err
	}
	for i := range open {
		j := &open[i]
		if j.State(tx.Now) != models.CommissionAsked || (actor.Utility != "" && j.Utility != actor.Utility) {
			continue
		}
		before := j.Lease
		j.Lease, j.LeaseUntil, j.Seen, j.Progress = tx.NewID(), tx.Now.Add(models.CommissionLease), tx.Now, 0
		j.Tries++
		return j, tx.MoveCommissionJob(before, *j)
	}
	return nil, nil
}

func commissionedFor(tx *store.Tx, actor models.Actor, collector string) ([]models.Meter, error) {
	bound, err := tx.CommissionedBy(collector)
	if err != nil || len(bound) == 0 {
		return nil, err
	}
	ids := make([]string, 0, len(bound))
	for _, c := range bound {
		ids = append(ids, c.Meter)
	}
	meters, err := tx.MetersNamed(ids)
	meters = slices.DeleteFunc(meters, func(m models.Meter) bool {
		return m.URL == "" || !m.InstalledUntil.IsZero() || (actor.Utility != "" && m.Utility != actor.Utility)
	})
	slices.SortFunc(meters, func(a, b models.Meter) int { return bytes.Compare([]byte(a.Code), []byte(b.Code)) })
	return meters, err
}

// asCollector is the name under which a client does a collector's work.
func asCollector(actor models.Actor, collector string) (string, error) {
	if err := models.Can(actor, models.ActReadingWrite, models.Scope{}); err != nil {
		return "", err
	}
	if actor.Collector != "" {
		collector = actor.Collector
	}
	if collector == "" || len(collector) > 64 {
		return "", models.Errorf(models.CodeInvalid, "Name the collector in at most 64 characters.")
	}
	return collector, nil
}

// heldJob gives a job of the collector; one of another is as good as none.
func heldJob(tx *store.Tx, actor models.Actor, collector, id string) (models.CommissionJob, error) {
	j, err := tx.CommissionJob(id)
	if err == nil && (j.Collector != collector || (actor.Utility != "" && j.Utility != actor.Utility)) {
		err = models.NotFound("job", id)
	}
	return j, err
}

// errLost says why a job may not be answered any more.
func errLost(j *models.CommissionJob, lease string, at time.Time) error {
	switch state := j.State(at); {
	case state == models.CommissionCancelled:
		return models.Errorf(models.CodeConflict, "The job was cancelled.")
	case state == models.CommissionDone, state == models.CommissionFailed:
		return models.Errorf(models.CodeConflict, "The job was answered already; it has one answer.")
	case !at.Before(j.Expires):
		return models.Errorf(models.CodeConflict, "The job's time is over. Ask for it again.")
	case !j.Holds(lease):
		return models.Errorf(models.CodeConflict, "The job was given to somebody else, because nothing was heard for %d seconds.", int(models.CommissionLease.Seconds()))
	}
	return nil
}

// GoOnCommission says how many units a collector has asked, and keeps the job with it.
// CodeConflict says that it should stop: the job is cancelled, over or given away.
func (s *Service) GoOnCommission(ctx context.Context, actor models.Actor, collector, id, lease string, progress int) error {
	collector, err := asCollector(actor, collector)
	if err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx *store.Tx) error {
		j, err := heldJob(tx, actor, collector, id)
		if err != nil {
			return err
		}
		if err := errLost(&j, lease, tx.Now); err != nil {
			return err
		}
		j.Progress, j.Seen, j.LeaseUntil = max(0, min(progress, len(j.Units))), tx.Now, tx.Now.Add(models.CommissionLease)
		return tx.MoveCommissionJob(j.Lease, j)
	})
}

// AnswerCommission ends a job with its one answer. The same answer under the same lease
// again changes nothing; any other is CodeConflict.
func (s *Service) AnswerCommission(ctx context.Context, actor models.Actor, collector, id, lease string, a CommissionAnswer) error {
	collector, err := asCollector(actor, collector)
	if err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx *store.Tx) error {
		j, err := heldJob(tx, actor, collector, id)
		if err != nil {
			return err
		}
		next := j
		if err := a.end(&next); err != nil {
			return err
		}
		if j.Outcome == next.Outcome && j.Holds(lease) && j.Why == next.Why && bytes.Equal(j.Result, next.Result) {
			return nil
		}
		if err := errLost(&j, lease, tx.Now); err != nil {
			return err
		}
		next.Ended, next.Seen, next.Progress = tx.Now, tx.Now, len(j.Units)
		if err := tx.MoveCommissionJob(j.Lease, next); err != nil {
			return err
		}
		return appendJob(tx, actor, "meter.job_answered", &next, map[string]any{"outcome": next.Outcome, "result": digestOf(next.Result)})
	})
}

// end puts the answer into the job, or says what is wrong with it.
func (a *CommissionAnswer) end(j *models.CommissionJob) error {
	var of any
	switch {
	case a.Failure != "":
		j.Outcome, j.Why = models.CommissionFailed, shorten(a.Failure, 1000)
		return nil
	case a.Scan != nil && j.Task == models.CommissionScan:
		for i := range a.Scan.Units {
			u := &a.Scan.Units[i]
			if !slices.Contains(j.Units, u.Unit) {
				return models.Errorf(models.CodeInvalid, "Unit %d was not asked for.", u.Unit)
			}
			u.Proposals = u.Proposals[:min(len(u.Proposals), proposalsMost)]
		}
		of = a.Scan
	case a.Read != nil && j.Task == models.CommissionRead:
		of = a.Read
	default:
		return models.Errorf(models.CodeInvalid, "Answer a %s with its result, or with why it failed.", j.Task)
	}
	text, err := json.Marshal(of)
	if err != nil {
		return models.Errorf(models.CodeInvalid, "The result is no set of readings: %v", err)
	}
	if len(text) > commissionResult {
		return models.Errorf(models.CodeInvalid, "The result is longer than %d bytes. Scan fewer units at once.", commissionResult)
	}
	j.Outcome, j.Result = models.CommissionDone, text
	return nil
}
