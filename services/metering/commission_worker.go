package metering

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"rigistry/models"
)

// Times of a collector that takes work.
const (
	workEvery     = 3 * time.Second // how often it asks for work
	workHeartbeat = 4 * time.Second // how often it says that it is at it
	workAnswers   = 2 * time.Minute // how long it tries to hand in an answer
)

// Desk is where a collector gets its work and hands in what it found: the server in the
// same process, or one behind HTTPS. An error with CodeConflict, CodeNotFound or
// CodeInvalid is final.
type Desk interface {
	// Take gives a job or none, and the meters that were commissioned for the collector.
	Take(ctx context.Context, links []string) (CommissionOffer, error)
	GoOn(ctx context.Context, job *models.CommissionJob, progress int) error
	Answer(ctx context.Context, job *models.CommissionJob, a CommissionAnswer) error
}

// Worker does the work of commissioning with a collector's links.
type Worker struct {
	Collector *Collector
	Desk      Desk
	Links     []string             // where it may ask besides where its meters are
	Adopt     func([]models.Meter) // is told which meters were commissioned for it; may be nil
	Log       *slog.Logger
}

// Run asks for work and does it, one job after the other, until ctx ends. A server that
// knows no such work is asked less and less.
func (w *Worker) Run(ctx context.Context) error {
	wait := newBackoff("work", workEvery, 5*time.Minute)
	failed := false
	for {
		next := workEvery
		err := w.Once(ctx)
		if err != nil && ctx.Err() == nil {
			if next = max(next, wait.fail()); !failed {
				w.Log.Warn("the server was not asked for work of commissioning", "error", err)
			}
		} else {
			wait.reset()
		}
		failed = err != nil
		if pause(ctx, next) != nil {
			return nil
		}
	}
}

// Once asks for work and does it, if there is any.
func (w *Worker) Once(ctx context.Context) error {
	offer, err := w.Desk.Take(ctx, w.links())
	if err != nil {
		return err
	}
	if w.Adopt != nil {
		w.Adopt(offer.Meters)
	}
	if offer.Job == nil {
		return nil
	}
	return w.do(ctx, offer.Job)
}

// links are all places where the worker may ask.
func (w *Worker) links() []string {
	out := w.Collector.Links()
	for _, e := range w.Links {
		if !slices.ContainsFunc(out, func(o string) bool { return endpointOf(o) == endpointOf(e) }) {
			out = append(out, e)
		}
	}
	slices.Sort(out)
	return out
}

// do does a job and hands in the answer. It stops when the job is cancelled or given to
// somebody else.
func (w *Worker) do(ctx context.Context, job *models.CommissionJob) error {
	work, stop := context.WithCancel(ctx)
	defer stop()
	var progress atomic.Int64
	lost := make(chan bool, 1)
	go func() { lost <- w.goOn(work, stop, job, &progress) }()
	answer := w.answer(work, job, func(n int) { progress.Store(int64(n)) })
	stop()
	if <-lost || ctx.Err() != nil {
		return nil
	}
	return w.handIn(ctx, job, answer)
}

// goOn says now and then that the work goes on, until it is over; true when the job is
// not ours any more.
func (w *Worker) goOn(ctx context.Context, stop func(), job *models.CommissionJob, progress *atomic.Int64) bool {
	for {
		if pause(ctx, workHeartbeat) != nil {
			return false
		}
		if err := w.Desk.GoOn(ctx, job, int(progress.Load())); final(err) {
			w.Log.Info("a job of commissioning was given up", "job", job.ID, "why", err)
			stop()
			return true
		}
	}
}

// answer does what is asked.
func (w *Worker) answer(ctx context.Context, job *models.CommissionJob, progress func(int)) (a CommissionAnswer) {
	mine := slices.ContainsFunc(w.links(), func(e string) bool { return endpointOf(e) == endpointOf(job.Endpoint) })
	var err error
	switch {
	case !mine:
		err = models.Errorf(models.CodeInvalid, "%s is no link of this collector any more.", job.Endpoint)
	case job.Task == models.CommissionScan:
		a.Scan, err = w.Collector.ScanHere(ctx, job.Endpoint, job.Units, progress)
	case job.Task == models.CommissionRead && len(job.Units) == 1:
		a.Read, err = w.Collector.ReadHere(ctx, job.Endpoint, job.Units[0], job.Profile)
	default:
		err = models.Errorf(models.CodeInvalid, "This collector does not know how to do that. Update it.")
	}
	if err != nil {
		return CommissionAnswer{Failure: shorten(err.Error(), 1000)}
	}
	return a
}

// handIn hands in an answer, again and again while the server cannot be reached.
func (w *Worker) handIn(ctx context.Context, job *models.CommissionJob, a CommissionAnswer) error {
	ctx, stop := context.WithTimeout(ctx, workAnswers)
	defer stop()
	wait := newBackoff("answer", 200*time.Millisecond, 10*time.Second)
	for {
		err := w.Desk.Answer(ctx, job, a)
		if err == nil || final(err) {
			return err
		}
		if pause(ctx, wait.fail()) != nil {
			return err
		}
	}
}

// final tells whether asking again cannot change an answer of the server.
func final(err error) bool {
	var refused *RefusedError
	switch models.CodeOf(err) {
	case models.CodeConflict, models.CodeNotFound, models.CodeInvalid, models.CodeForbidden:
		return err != nil
	}
	return errors.As(err, &refused)
}

// LocalDesk is the desk of a collector in the server's own process.
func (s *Service) LocalDesk(actor models.Actor, collector string) Desk {
	return localDesk{s, actor, collector}
}

type localDesk struct {
	service   *Service
	actor     models.Actor
	collector string
}

func (d localDesk) Take(ctx context.Context, links []string) (CommissionOffer, error) {
	return d.service.TakeCommission(ctx, d.actor, d.collector, links)
}

func (d localDesk) GoOn(ctx context.Context, job *models.CommissionJob, progress int) error {
	return d.service.GoOnCommission(ctx, d.actor, d.collector, job.ID, job.Lease, progress)
}

func (d localDesk) Answer(ctx context.Context, job *models.CommissionJob, a CommissionAnswer) error {
	return d.service.AnswerCommission(ctx, d.actor, d.collector, job.ID, job.Lease, a)
}
