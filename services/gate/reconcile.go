package gate

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

const (
	// permitsLooked is how long a permit that was not confirmed explains why a point
	// is on a list.
	permitsLooked = 30 * 24 * time.Hour
	// oldestList is how far back the instant of a list may lie.
	oldestList = 31 * 24 * time.Hour
	// pastFrom is the age of a list from which the register is read as it was then.
	pastFrom = 5 * time.Minute
	// mismatchDays is how long a task of a mismatch has, in days.
	mismatchDays = 14
)

// ReconciliationRequest is a utility's list of the points that it holds to be
// energised at an instant, zero for now.
type ReconciliationRequest struct {
	Key    string // makes a retry safe, "" for none
	AsOf   time.Time
	Points []models.ListedPoint
}

// Reconciliation is a run: what a list met.
type Reconciliation struct {
	store.Reconciliation
	Kinds []store.MismatchCount // of what it found
}

// Reconcile matches a utility's list of energised points with the register as it was
// at the list's instant and with its meters in the day before. What it finds is
// followed from list to list. The same key, or the same list of the same instant,
// gives the run that was; a key with another list gives CodeIdempotency. A list older
// than the newest one is refused.
func (s *Service) Reconcile(ctx context.Context, actor models.Actor, r ReconciliationRequest) (Reconciliation, error) {
	if err := models.Can(actor, models.ActReconcileSend, models.Scope{Utility: actor.Utility}); err != nil {
		return Reconciliation{}, err
	}
	if actor.Utility == "" {
		return Reconciliation{}, models.Errorf(models.CodeForbidden, "Only a utility sends its list, and your account belongs to none.")
	}
	now := s.store.Now()
	if r.AsOf.IsZero() {
		r.AsOf = now
	}
	r.AsOf = r.AsOf.UTC().Truncate(time.Microsecond)
	if err := r.prepare(now); err != nil {
		return Reconciliation{}, err
	}
	run, err := r.pack(actor)
	if err != nil {
		return Reconciliation{}, err
	}
	if before, found, err := s.reconciled(ctx, run); err != nil || found {
		return before, err
	}
	found, err := s.match(ctx, &run, r, now)
	if err != nil {
		return Reconciliation{}, err
	}
	return s.follow(ctx, actor, run, found)
}

// prepare brings the numbers of a list into one form and checks it.
func (r ReconciliationRequest) prepare(now time.Time) error {
	for i := range r.Points {
		p := &r.Points[i]
		p.Consumer = models.NormalizeIdentifier(p.Consumer)
	}
	var v models.Invalid
	if r.AsOf.After(now) || r.AsOf.Before(now.Add(-oldestList)) {
		v.Add("/as_of", "range", "The list is of now, or of an instant in the last 31 days.")
	}
	if err := v.Err(); err != nil {
		return err
	}
	return models.CheckList(r.Points)
}

// pack writes the list as it is kept, with its digest.
func (r ReconciliationRequest) pack(actor models.Actor) (store.Reconciliation, error) {
	list, err := json.Marshal(r.Points)
	if err != nil {
		return store.Reconciliation{}, fmt.Errorf("write a list: %w", err)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err = z.Write(list); err == nil {
		err = z.Close()
	}
	return store.Reconciliation{Utility: actor.Utility, Key: r.Key, AsOf: r.AsOf.UnixMicro(), ListDigest: digestOf(list), List: packed.Bytes(),
		Points: int64(len(r.Points)), SentBy: actor.ID}, err
}

// reconciled finds the run that a request repeats.
func (s *Service) reconciled(ctx context.Context, run store.Reconciliation) (out Reconciliation, found bool, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		var before store.Reconciliation
		before, found, err = tx.ReconciliationBefore(run.Utility, run.Key, run.AsOfTime(), run.ListDigest)
		if err != nil || !found {
			return err
		}
		out, err = repeated(before, run)
		return err
	})
	return out, found, err
}

func repeated(before, run store.Reconciliation) (Reconciliation, error) {
	if before.ListDigest != run.ListDigest {
		return Reconciliation{}, models.Errorf(models.CodeIdempotency, "The key was used for another list. Send that list again, or take a new key.")
	}
	return runOf(before)
}

func runOf(r store.Reconciliation) (Reconciliation, error) {
	out := Reconciliation{Reconciliation: r}
	if err := json.Unmarshal([]byte(r.Kinds), &out.Kinds); err != nil {
		return out, fmt.Errorf("read the kinds of reconciliation %s: %w", r.ID, err)
	}
	return out, nil
}

// match reads what the register and the meters say and gives what contradicts. It
// writes nothing, so it keeps nobody waiting.
func (s *Service) match(ctx context.Context, run *store.Reconciliation, r ReconciliationRequest, now time.Time) ([]models.Mismatch, error) {
	if err := s.settle(ctx); err != nil {
		return nil, err
	}
	if now.Sub(r.AsOf) > pastFrom {
		ctx = store.At(ctx, store.Moment{AsAt: r.AsOf})
	}
	rules := models.DefaultReconciliationRules()
	var register []models.RegisteredPoint
	var metered map[string]models.MeteredLoad
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		if register, err = tx.RegisteredPoints(run.Utility, r.AsOf.Add(-permitsLooked)); err != nil {
			return err
		}
		metered, err = tx.MeteredLoads(run.Utility, r.AsOf.Add(-rules.Window), r.AsOf)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read what a list is matched with: %w", err)
	}
	run.Registered, run.Metered = int64(len(register)), int64(len(metered))
	return models.Reconcile(r.Points, register, metered, rules), nil
}

// follow saves a run with its mismatches and the entry of the ledger.
func (s *Service) follow(ctx context.Context, actor models.Actor, run store.Reconciliation, found []models.Mismatch) (Reconciliation, error) {
	var out Reconciliation
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.TakeReconciliationTurn(); err != nil {
			return err
		}
		before, twice, err := tx.ReconciliationBefore(run.Utility, run.Key, run.AsOfTime(), run.ListDigest)
		if err == nil && twice {
			out, err = repeated(before, run)
			return err
		}
		if err != nil {
			return err
		}
		newest, err := tx.NewestList(run.Utility)
		if err != nil {
			return err
		}
		if run.AsOfTime().Before(newest) {
			return models.Errorf(models.CodeConflict, "A list of %s was matched already, and this one is older. Send the newest.", newest.Format(time.RFC3339))
		}
		row := run
		row.ID = tx.NewID()
		unpermitted, err := insertRun(tx, &row, found)
		if err != nil {
			return err
		}
		if out, err = runOf(row); err != nil {
			return err
		}
		row.Recorded, out.Recorded = tx.Now.UnixMicro(), tx.Now.UnixMicro()
		return appendRun(tx, actor, row, unpermitted)
	})
	return out, err
}

// insertRun counts what the run found against what was followed before, and saves both.
// It gives the codes of the points where a load that nobody permitted is seen anew.
func insertRun(tx *store.Tx, row *store.Reconciliation, found []models.Mismatch) (unpermitted []string, err error) {
	known, err := tx.MismatchesOf(row.Utility)
	if err != nil {
		return nil, err
	}
	type place struct {
		kind  models.MismatchKind
		point string
	}
	before := make(map[place]models.FollowedMismatch, len(known))
	for _, m := range known {
		before[place{m.Kind, m.Point}] = m
	}
	asOf := row.AsOfTime()
	changed := make([]models.FollowedMismatch, 0, len(found))
	for _, m := range found {
		row.Stake += int64(m.Stake)
		at := place{m.Kind, m.Point}
		old, followed := before[at]
		if !followed {
			row.Fresh++
			unpermitted = addUnpermitted(unpermitted, m)
			changed = append(changed, models.NewMismatch(tx.NewID(), row.Utility, row.ID, m, asOf))
			continue
		}
		delete(before, at)
		next, reopened := old.Found(m, row.ID, asOf)
		if reopened {
			row.Reopened++
			unpermitted = addUnpermitted(unpermitted, m)
		}
		changed = append(changed, next)
	}
	for _, m := range known {
		if _, left := before[place{m.Kind, m.Point}]; left && m.State != models.MismatchGone {
			row.Gone++
			changed = append(changed, m.Leave())
		}
	}
	row.Found = int64(len(found))
	if err := describeRun(row, found); err != nil {
		return nil, err
	}
	if err := tx.InsertReconciliation(*row); err != nil {
		return nil, err
	}
	return unpermitted, tx.SaveMismatches(changed)
}

// mostUnpermitted bounds how many points the entry of a run names; the largest loads
// come first.
const mostUnpermitted = 500

// addUnpermitted adds the point of a mismatch that shows a load at a point that the
// register has neither energised nor permitted.
func addUnpermitted(codes []string, m models.Mismatch) []string {
	shows := m.Kind == models.MismatchUnpermitted || m.Kind == models.MismatchDrawing
	if !shows || m.Registered == nil || m.Registered.State == models.ConnectionEnergised || m.Registered.Permit != "" ||
		len(codes) == mostUnpermitted || slices.Contains(codes, m.Point) {
		return codes
	}
	return append(codes, m.Point)
}

// describeRun counts what was found by kind and digests it.
func describeRun(row *store.Reconciliation, found []models.Mismatch) error {
	counts := make([]store.MismatchCount, 0, len(models.MismatchKinds()))
	for _, kind := range models.MismatchKinds() {
		c := store.MismatchCount{Kind: string(kind)}
		for _, m := range found {
			if m.Kind == kind {
				c.Count, c.Stake = c.Count+1, c.Stake+int64(m.Stake)
			}
		}
		if c.Count > 0 {
			counts = append(counts, c)
		}
	}
	kinds, err := json.Marshal(counts)
	if err != nil {
		return fmt.Errorf("write the kinds of a reconciliation: %w", err)
	}
	whole, err := json.Marshal(found)
	if err != nil {
		return fmt.Errorf("write what a reconciliation found: %w", err)
	}
	row.Kinds, row.ResultDigest = string(kinds), digestOf(whole)
	return nil
}

// appendRun writes the entry of a run, with the codes of the points where a load that
// nobody permitted is seen anew. The list and what was found hold BINs and
// IINs; digests that take in the random id of the run stand for them.
func appendRun(tx *store.Tx, actor models.Actor, r store.Reconciliation, unpermitted []string) error {
	_, err := tx.Append(models.Entry{Kind: "reconciliation.received", Subject: models.Ref{Kind: "reconciliation", ID: r.ID}, Actor: actor, Utility: r.Utility,
		Body: map[string]any{"as_of": r.AsOfTime(), "points": r.Points, "registered": r.Registered, "metered": r.Metered, "found": r.Found, "fresh": r.Fresh,
			"reopened": r.Reopened, "gone": r.Gone, "stake_w": r.Stake, "kinds": json.RawMessage(r.Kinds), "unpermitted": unpermitted,
			"list_digest": digestOf([]byte(r.ID + "\n" + r.ListDigest)), "result_digest": digestOf([]byte(r.ID + "\n" + r.ResultDigest))}})
	return err
}
