package store

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"rigistry/models"
)

// Store is one open database. It is safe for concurrent use.
type Store struct {
	engine engine
	now    func() time.Time

	mu      sync.Mutex
	changed chan struct{} // closed and replaced after each commit that appended

	catalogue catalogue
	places    places
	gate      gateStatements
	heads     gateHeads
	known     preparedOne
	payloads  sync.Pool // of batches of the gate, to be written over

	// unguarded takes away what keeps approvals of power apart, so that a test can show
	// that it is needed. Nothing but a test sets it.
	unguarded bool
}

// engine is what differs between the databases. There are two.
type engine interface {
	name() string
	writer() *gorm.DB
	reader() *gorm.DB
	writeOptions() *sql.TxOptions
	readOptions() *sql.TxOptions
	// settings reads the settings that durability rests on, and whether each is
	// as it must be.
	settings(ctx context.Context) ([]Setting, error)
	close() error
}

// Setting is one database setting that the store's promises rest on.
type Setting struct {
	Name string
	Got  string
	Want string
	OK   bool
}

// Open opens the database at the URL: "sqlite:PATH" or "postgres://…". now is the
// clock of every transaction. It refuses to open when a setting that durability
// rests on is not as it must be. Open applies no migrations.
func Open(ctx context.Context, url string, now func() time.Time) (*Store, error) {
	var (
		e   engine
		err error
	)
	switch {
	case strings.HasPrefix(url, "sqlite:"):
		e, err = openSQLite(ctx, strings.TrimPrefix(url, "sqlite:"))
	case strings.HasPrefix(url, "postgres://"), strings.HasPrefix(url, "postgresql://"):
		e, err = openPostgres(ctx, url)
	default:
		return nil, models.Errorf(models.CodeInvalid, "The database URL must begin with sqlite: or postgres://.")
	}
	if err != nil {
		return nil, err
	}
	s := &Store{engine: e, now: now, changed: make(chan struct{})}
	settings, err := s.Settings(ctx)
	if err == nil {
		for _, set := range settings {
			if !set.OK {
				err = fmt.Errorf("database setting %s is %q and must be %s, or acknowledged writes could be lost", set.Name, set.Got, set.Want)
				break
			}
		}
	}
	if err != nil {
		_ = e.close()
		return nil, err
	}
	return s, nil
}

// Engine names the database: "sqlite" or "postgres".
func (s *Store) Engine() string { return s.engine.name() }

// Settings reads the settings that the store's promises rest on.
func (s *Store) Settings(ctx context.Context) ([]Setting, error) { return s.engine.settings(ctx) }

// Close closes the database. Transactions under way are broken off.
func (s *Store) Close() error { return s.engine.close() }

// Now gives the store's clock: UTC in whole microseconds.
func (s *Store) Now() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

// Tx is one transaction, valid only inside the function it is given to.
type Tx struct {
	// Now is the one instant of the transaction, UTC in whole microseconds.
	Now time.Time

	db       *gorm.DB
	conn     *sql.Conn // of PostgreSQL, in an update; else nil
	places   *places
	heads    *gateHeads // what this process recorded of the gate
	engine   string
	appended int
	stamped  bool  // history knows the instant
	made     bool  // a place was given to a meter
	past     *past // nil for the present

	unguarded bool // see Store
}

// NewID gives a new UUIDv7 as text; ids of one process sort by time.
func (tx *Tx) NewID() string { return uuid.Must(uuid.NewV7()).String() }

const (
	maxAttempts = 40
	maxBackoff  = 100 * time.Millisecond
)

// Update runs fn in a transaction that may write. fn may run again after a
// serialization failure, so it must touch nothing but tx; nothing it did remains
// from a run that failed. The error of fn comes back as it is.
func (s *Store) Update(ctx context.Context, fn func(*Tx) error) error {
	backoff := time.Millisecond
	for attempt := 1; ; attempt++ {
		appended, err := s.run(ctx, s.engine.writer(), s.engine.writeOptions(), fn)
		if err == nil {
			if appended > 0 {
				s.announce()
			}
			return nil
		}
		if !retryable(err) || attempt == maxAttempts {
			return translate(err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(backoff/2 + rand.N(backoff)):
		}
		backoff = min(backoff*2, maxBackoff)
	}
}

// View runs fn on one consistent snapshot, of the present or of the context's
// moment (see At). Writing in it fails.
func (s *Store) View(ctx context.Context, fn func(*Tx) error) error {
	if m := MomentOf(ctx); m.Past() {
		p, err := s.past(ctx, m)
		if err != nil {
			return err
		}
		now := fn
		fn = func(tx *Tx) error {
			tx.past, tx.Now = p, p.moment.AsAt
			return now(tx)
		}
	}
	_, err := s.run(ctx, s.engine.reader(), s.engine.readOptions(), fn)
	return translate(err)
}

func (s *Store) run(ctx context.Context, db *gorm.DB, opts *sql.TxOptions, fn func(*Tx) error) (appended int, err error) {
	db = db.WithContext(ctx)
	begin := func(on *gorm.DB) error {
		return on.Transaction(func(g *gorm.DB) error {
			tx := &Tx{Now: s.Now(), db: g, conn: connOf(on.Statement.ConnPool), places: &s.places, heads: &s.heads, engine: s.engine.name(), unguarded: s.unguarded}
			if err := fn(tx); err != nil {
				return err
			}
			appended = tx.appended
			return nil
		}, opts)
	}
	if s.engine.name() == "postgres" && !opts.ReadOnly {
		err = db.Connection(begin) // so that COPY reaches the connection
	} else {
		err = begin(db)
	}
	return appended, err
}

// Changed gives a channel that is closed after the next commit of this process
// that appended to the ledger. Other processes' commits are seen by polling.
func (s *Store) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

func (s *Store) announce() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.changed)
	s.changed = make(chan struct{})
}
