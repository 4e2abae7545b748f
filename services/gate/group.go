package gate

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// group answers checks together: whoever asks while a commit is under way waits for the
// next one, which takes all that wait. There is no timer. One goroutine, the leader,
// decides, records and answers; it ends when nobody waits.
type group struct {
	kid    string
	sign   func(statement []byte) ([]byte, error)                             // a test makes it fail
	commit func(ctx context.Context, c store.GateCommit) (int64, bool, error) // a test makes it fail, before or after it took effect
	held   func(ctx context.Context, prepare func() (store.GateCommit, error)) (int64, error)

	patience int                                                                             // how often a batch is decided again before the others are made to wait
	follow   func(ctx context.Context, x *index, seen func(store.GateBatch)) (*index, error) // a test makes it fail

	mu      sync.Mutex
	queue   []*call
	leading bool

	stale    atomic.Bool  // something was changed that the index has to see before the next decision
	revision atomic.Int64 // size of the ledger that the index includes
	waiting  atomic.Int64 // answers without rows
	settling atomic.Bool
	settled  atomic.Int64 // the turn up to which a look at the database found rows
	forgot   atomic.Int64 // when old changes were removed last, microseconds

	// What follows is the leader's.
	index   *index
	recent  recent
	text    []byte // the facts and answers of a batch, to be written over by the next
	permits []byte // the payloads of its permits
	rows    []store.GateAnswer
	lookUps int
}

func newGroup(s *store.Store, key ed25519.PrivateKey) *group {
	g := &group{recent: recent{answers: map[string]knownAnswer{}}}
	if len(key) == ed25519.PrivateKeySize {
		g.kid = KeyID(ed25519.PublicKey(key[ed25519.PrivateKeySize-ed25519.PublicKeySize:]))
	}
	g.sign = func(statement []byte) ([]byte, error) {
		if len(key) != ed25519.PrivateKeySize {
			return nil, errors.New("the key is not an Ed25519 private key")
		}
		return ed25519.Sign(key, statement), nil
	}
	g.commit, g.held, g.patience = s.CommitGate, s.CommitGateHeld, maxTurns
	if s.Engine() == "sqlite" {
		g.patience = fewTurns
	}
	g.follow = func(ctx context.Context, x *index, seen func(store.GateBatch)) (*index, error) {
		return x.follow(ctx, s, seen)
	}
	return g
}

// call is one request: one check or a batch of them, which stand or fall together.
type call struct {
	ctx     context.Context //nolint:containedctx // it belongs to the call, not to the leader
	actor   models.Actor
	lang    string
	items   []keyed
	answers []Answer
	err     error
	done    chan struct{}
}

const (
	indexFresh   = 100 * time.Millisecond // how old the index may be before it follows anew; each commit proves it anyway
	fewCalls     = 2                      // that can wait for the index to follow
	maxTurns     = 100                    // how often a batch is decided again while others are faster
	fewTurns     = 4                      // where they can be made to wait
	leadTime     = 20 * time.Second       // how long one batch may take
	maxTogether  = 1024                   // checks that one commit records at most, unless one call has more
	settleAtOnce = 4                      // answers that get their rows in the commit itself
	settleLate   = 8192                   // answers without rows, from which on they get them under load too
	forgetEvery  = 10 * time.Minute
	roomKept     = 6 << 20               // bytes to write a batch in that are kept for the next
	quietTime    = 50 * time.Millisecond // without answers, after which they get their rows
)

// submit waits for the answers of a call. Who goes away is not decided for, if that is
// in time; otherwise the answer is kept under its key.
func (s *Service) submit(ctx context.Context, c *call) ([]Answer, error) {
	c.ctx, c.done = ctx, make(chan struct{})
	g := s.group
	g.mu.Lock()
	g.queue = append(g.queue, c)
	lead := !g.leading
	g.leading = true
	g.mu.Unlock()
	if lead {
		go s.lead(store.At(context.WithoutCancel(ctx), store.Moment{}))
	}
	select {
	case <-c.done:
		return c.answers, c.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// lead answers all that wait, until nobody does.
func (s *Service) lead(ctx context.Context) {
	g := s.group
	for {
		g.mu.Lock()
		n, checks := 0, 0
		for n < len(g.queue) && (n == 0 || checks+len(g.queue[n].items) <= maxTogether) {
			checks += len(g.queue[n].items)
			n++
		}
		calls := g.queue[:n:n]
		if g.queue = g.queue[n:]; len(g.queue) == 0 {
			g.queue = nil
		}
		if n == 0 {
			g.leading = false
		}
		g.mu.Unlock()
		if n == 0 {
			s.settleSoon(ctx)
			return
		}
		s.guarded(ctx, calls)
		for _, c := range calls {
			close(c.done)
		}
		if g.waiting.Load() > settleLate {
			s.settleSoon(ctx)
		}
	}
}

// guarded is together, and a panic in it is the answer of its calls and not the end of
// the program: no handler stands above the leader. The index is read anew after it.
func (s *Service) guarded(ctx context.Context, calls []*call) {
	defer func() {
		if fault := recover(); fault != nil {
			s.group.index = nil
			for _, c := range calls {
				c.answers, c.err = nil, fmt.Errorf("the gate panicked: %v\n%s", fault, debug.Stack())
			}
		}
	}()
	s.together(ctx, calls)
	if cap(s.group.text) > roomKept {
		s.group.text, s.group.permits, s.group.rows = nil, nil, nil
	}
}

// together decides and records calls in one commit. What changed in between is decided
// again. Any failure is the answer of every call that was not answered before.
func (s *Service) together(ctx context.Context, calls []*call) {
	ctx, cancel := context.WithTimeout(ctx, leadTime)
	defer cancel()
	fail := func(err error) {
		for _, c := range calls {
			c.answers, c.err = nil, err
		}
		s.group.stale.Store(true)
	}
	for range s.group.patience {
		if err := s.refresh(ctx, calls); err != nil {
			fail(err)
			return
		}
		b, err := s.decide(ctx, calls)
		if err == nil && len(b.answers) == 0 {
			return
		}
		var (
			turn int64
			ok   bool
		)
		if err == nil {
			turn, ok, err = s.record(ctx, b)
		}
		if err != nil {
			b.undo(s.group.index, 0)
			fail(err)
			return
		}
		if ok {
			s.recorded(b, turn)
			return
		}
		b.undo(s.group.index, 0)
		s.group.stale.Store(true)
	}
	if err := s.held(ctx, calls); err != nil {
		fail(err)
	}
}

// held decides and records calls while nothing that the gate reads can change, when
// others were faster time and again.
func (s *Service) held(ctx context.Context, calls []*call) error {
	var b *batch
	turn, err := s.group.held(ctx, func() (store.GateCommit, error) {
		if b != nil {
			b.undo(s.group.index, 0) // the attempt before was not recorded
		}
		s.group.stale.Store(true)
		if err := s.refresh(ctx, calls); err != nil {
			return store.GateCommit{}, err
		}
		var err error
		if b, err = s.decide(ctx, calls); err != nil {
			return store.GateCommit{}, err
		}
		if len(b.answers) == 0 {
			return store.GateCommit{}, errNothing
		}
		return s.commitOf(b)
	})
	if errors.Is(err, errNothing) {
		return nil
	}
	if err != nil {
		if b != nil {
			b.undo(s.group.index, 0)
		}
		return err
	}
	b.handOut()
	s.recorded(b, turn)
	return nil
}

// errNothing says that every call has its answer without a commit.
var errNothing = errors.New("nothing to record")

// refresh brings the index up to date when it is not new enough: always for few checks,
// which can wait for it, and some times a second under load.
func (s *Service) refresh(ctx context.Context, calls []*call) error {
	g := s.group
	if g.index != nil && !g.stale.Load() && len(calls) > fewCalls {
		if age := s.store.Now().Sub(g.index.read); age >= 0 && age < indexFresh {
			return nil
		}
	}
	g.stale.Store(false)
	x := g.index
	if x == nil {
		x = newIndex()
	}
	next, err := g.follow(ctx, x, func(b store.GateBatch) {
		g.recent.keep(b.Seq, b.Answers)
		g.waiting.Add(int64(len(b.Answers)))
	})
	if err != nil {
		g.index = nil // it may be half of one state and half of another
		return err
	}
	g.index = next
	g.revision.Store(next.head.Size)
	return nil
}

// recorded takes what was committed on a turn into the index and the memory of keys.
func (s *Service) recorded(b *batch, turn int64) {
	g := s.group
	g.index.at.Turn, g.index.taken = turn, turn
	g.recent.keepNew(turn, b.answers)
	if !b.settle {
		g.waiting.Add(int64(len(b.rows)))
	}
}

// settleSoon gives answers their rows after a quiet moment, or under load when many
// wait. It returns at once.
func (s *Service) settleSoon(ctx context.Context) {
	g := s.group
	if g.waiting.Load() == 0 || !g.settling.CompareAndSwap(false, true) {
		return
	}
	go func() {
		defer g.settling.Store(false)
		for before := int64(-1); g.waiting.Load() != before && g.waiting.Load() <= settleLate; {
			before = g.waiting.Load()
			time.Sleep(quietTime)
		}
		_ = s.settle(ctx) // what has no row is read from its batch, and the next answer tries again
		s.forget(ctx)
	}()
}

// forget removes changes that every index has followed long ago, some times an hour.
func (s *Service) forget(ctx context.Context) {
	now := s.store.Now().UnixMicro()
	last := s.group.forgot.Load()
	if now-last < forgetEvery.Microseconds() && now >= last || !s.group.forgot.CompareAndSwap(last, now) {
		return
	}
	_ = s.store.Update(ctx, func(tx *store.Tx) error { return tx.ForgetGateChanges() }) // the next time removes what stayed
}

// reached notes up to which turn every answer has its rows.
func (g *group) reached(settled int64) {
	for {
		before := g.settled.Load()
		if settled <= before || g.settled.CompareAndSwap(before, settled) {
			return
		}
	}
}

// settle gives every answer its rows, those of other replicas too, so that what is read
// after it is whole. Most times they have them.
func (s *Service) settle(ctx context.Context) error {
	ctx = store.At(ctx, store.Moment{})
	for {
		all, reached, waiting := false, int64(0), s.group.waiting.Load()
		err := s.store.View(ctx, func(tx *store.Tx) error {
			settled, err := tx.GateSettled()
			if err != nil {
				return err
			}
			rest, err := tx.GateUnsettled(settled)
			all, reached = rest == 0, settled
			return err
		})
		if err != nil {
			return err
		}
		s.group.reached(reached)
		if all {
			s.group.waiting.Add(-waiting)
			return nil
		}
		err = s.store.Update(ctx, func(tx *store.Tx) error {
			_, err := tx.SettleGate()
			return err
		})
		if err != nil {
			return err
		}
	}
}
