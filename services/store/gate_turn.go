package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"rigistry/models"
)

// TakeGateTurn counts the turn of the gate up, so that transactions that add load, free
// it or lower a limit, and the answers of the gate, follow one another on every replica
// until this one ends; answers that were given before have their rows then. It must be
// the first thing in its transaction: PostgreSQL then reads a state that includes
// every turn before, and transactions that would fail to serialize wait instead.
func (tx *Tx) TakeGateTurn() error {
	if tx.engine == "postgres" {
		if _, err := exec(tx, "LOCK TABLE gate_turn IN SHARE ROW EXCLUSIVE MODE"); err != nil {
			return err
		}
	}
	if _, err := exec(tx, "UPDATE gate_turn SET counter = counter + 1 WHERE id = 1"); err != nil {
		return err
	}
	for {
		if all, err := tx.SettleGate(); err != nil || all {
			return err
		}
	}
}

// GateChange says that what the gate reads under a key of a kind may be another now.
type GateChange struct {
	Seq  int64  `gorm:"column:seq"`
	XID  int64  `gorm:"column:xid"`
	Kind string `gorm:"column:kind"`
	Key  string `gorm:"column:key"`
}

// GatePosition is how far somebody has followed what the gate reads: the turn, the
// transaction from which on there may be changes that were not seen, and those from
// there on that were.
type GatePosition struct {
	Turn int64
	from int64
	last int64 // the highest change that was seen
	seen map[int64]bool
	// proven counts all of those, seen or not, but for readings of meters: the last
	// reading of a meter is followed some times a second, and an answer is not decided
	// again for each.
	proven int64
}

// readings is the kind of change of a meter's last reading.
const readings = "reading"

// maxGateChanges is how many changes are followed one by one; after more, everything is
// read anew.
const maxGateChanges = 20_000

// changesSince is what finds the changes from a position on. On PostgreSQL those are of
// transactions from one on that the snapshot can see; a row of a transaction that this
// cluster has not begun yet came with a dump of another one.
func changesSince(engine string) string {
	if engine == "postgres" {
		return "xid < pg_snapshot_xmax(pg_current_snapshot())::TEXT::BIGINT AND xid >= "
	}
	return "seq >= "
}

// GateChanges gives what changed since a position, in no order that means anything, and
// the position after. known is false when that cannot be told and everything must be
// read anew, which a View of the same transaction does.
func (tx *Tx) GateChanges(since GatePosition) (changes []GateChange, next GatePosition, known bool, err error) {
	horizon, column := "(SELECT COALESCE(MAX(seq), 0) + 1 FROM gate_changes)", "seq"
	if tx.engine == "postgres" {
		horizon, column = "pg_snapshot_xmin(pg_current_snapshot())::TEXT::BIGINT", "xid"
	}
	type head struct {
		Turn   int64 `gorm:"column:counter"`
		From   int64 `gorm:"column:horizon"`
		First  int64 `gorm:"column:first"`
		Last   int64 `gorm:"column:last"`
		Proven int64 `gorm:"column:proven"`
	}
	h, err := one[head](tx, "turn", "", "SELECT counter, "+horizon+` AS horizon, COALESCE((SELECT MIN(seq) FROM gate_changes), 0) AS first,
		COALESCE((SELECT MAX(seq) FROM gate_changes), 0) AS last,
		(SELECT COUNT(*) FROM gate_changes WHERE `+changesSince(tx.engine)+horizon+" AND kind <> '"+readings+"') AS proven FROM gate_turn WHERE id = 1")
	if err != nil {
		return nil, next, false, err
	}
	next = GatePosition{Turn: h.Turn, from: h.From, last: max(h.Last, since.last), seen: map[int64]bool{}, proven: h.Proven}
	from := h.From
	if since.from > 0 {
		from = min(since.from, h.From)
	}
	rows, err := many[GateChange](tx, "SELECT seq, "+column+" AS xid, kind, key FROM gate_changes WHERE "+changesSince(tx.engine)+"? LIMIT ?", from, maxGateChanges)
	if err != nil {
		return nil, next, false, err
	}
	for _, r := range rows {
		if r.XID >= h.From {
			next.seen[r.Seq] = true
		}
		if !since.seen[r.Seq] {
			changes = append(changes, r)
		}
	}
	known = since.from > 0 && h.First <= since.last+1 && len(rows) < maxGateChanges
	return changes, next, known, nil
}

// gateChangesKept is how many changes are kept for who is behind.
const gateChangesKept = 200_000

// ForgetGateChanges removes changes that everybody has seen long ago.
func (tx *Tx) ForgetGateChanges() error { return tx.ForgetGateChangesBut(gateChangesKept) }

// ForgetGateChangesBut removes all changes but so many and the newest.
func (tx *Tx) ForgetGateChangesBut(kept int64) error {
	_, err := exec(tx, "DELETE FROM gate_changes WHERE seq < (SELECT MAX(seq) FROM gate_changes) - ?", kept)
	return err
}

// GateCommit is a batch with the position that it was decided at.
type GateCommit struct {
	At      GatePosition
	Batch   GateBatch
	Entries []models.Entry
	Settle  bool // give the answers their rows at once: for few
}

// CommitGate records a batch durably on the next turn and gives that turn; false, with
// nothing recorded, when anything that the gate reads has changed since the position.
// It writes as little as it can.
func (s *Store) CommitGate(ctx context.Context, c GateCommit) (int64, bool, error) {
	rows, err := c.entryRows()
	if err != nil {
		return 0, false, err
	}
	backoff := time.Millisecond
	for attempt := 1; ; attempt++ {
		turn, err := s.commitGate(ctx, c, rows)
		if err == nil {
			if !c.Settle {
				s.heads.keep(turn, c.Batch.Answers)
			}
			s.announce()
			return turn, true, nil
		}
		if errors.Is(err, errTurn) {
			return 0, false, nil
		}
		if !retryable(err) || attempt == maxAttempts {
			return 0, false, translate(err)
		}
		select {
		case <-ctx.Done():
			return 0, false, ctx.Err()
		case <-time.After(backoff):
		}
		backoff = min(backoff*2, maxBackoff)
	}
}

// roomKept is the largest payload whose room the next one may have.
const roomKept = 6 << 20

// errTurn says that the turn is not the one it was.
var errTurn = errors.New("the turn of the gate went on")

func (c GateCommit) entryRows() ([]entryRow, error) {
	rows := make([]entryRow, 0, len(c.Entries))
	for _, e := range c.Entries {
		written, ok := e.Body.(json.RawMessage)
		body := string(written)
		if !ok {
			var err error
			if body, err = text(e.Body); err != nil {
				return nil, fmt.Errorf("ledger entry %s: %w", e.Kind, err)
			}
		}
		salt := make([]byte, saltBytes)
		if _, err := rand.Read(salt); err != nil {
			return nil, fmt.Errorf("salt a ledger entry: %w", err)
		}
		rows = append(rows, entryRow{ID: uuid.Must(uuid.NewV7()).String(), At: micros(c.Batch.At), Kind: e.Kind, SubjectKind: e.Subject.Kind,
			SubjectID: e.Subject.ID, SubjectVersion: e.SubjectVersion, ActorKind: e.Actor.Kind, ActorID: e.Actor.ID, ActorName: actorName(e.Actor),
			Utility: e.Utility, RequestID: e.Actor.RequestID, Body: body, Salt: salt})
	}
	return rows, nil
}

const (
	insertBatch = "INSERT INTO gate_batches (seq, id, at, kid, root, signature, answers, payload) "
	insertEntry = "INSERT INTO ledger_entries (id, at, kind, subject_kind, subject_id, subject_version, actor_kind, actor_id, actor_name, utility, request_id, body, salt) "
)

func (c GateCommit) batchArgs(payload []byte) []any {
	b := c.Batch
	return []any{b.ID, micros(b.At), b.KeyID, orEmptyBytes(b.Root), orEmptyBytes(b.Signature), len(b.Answers), payload}
}

func orEmptyBytes(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

func (r entryRow) args() []any {
	return []any{r.ID, r.At, r.Kind, r.SubjectKind, r.SubjectID, r.SubjectVersion, r.ActorKind, r.ActorID, r.ActorName, r.Utility, r.RequestID, r.Body, r.Salt}
}

func (s *Store) commitGate(ctx context.Context, c GateCommit, entries []entryRow) (int64, error) {
	db, err := s.engine.writer().DB()
	if err != nil {
		return 0, err
	}
	room, _ := s.payloads.Get().(*[]byte) // every driver has copied it when the commit ends
	if room == nil {
		room = new([]byte)
	}
	defer func() {
		if cap(*room) <= roomKept {
			s.payloads.Put(room)
		}
	}()
	*room = appendAnswers(*room, c.Batch.Answers)
	payload := *room
	if s.engine.name() == "postgres" && !c.Settle {
		return commitGateAtOnce(ctx, db, c, payload, entries)
	}
	if err := s.gate.prepare(ctx, db, s.engine.name()); err != nil {
		return 0, err
	}
	tx, err := db.BeginTx(ctx, nil) // PostgreSQL: read committed, and the turn is compared and set
	if err != nil {
		return 0, err
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	turn, err := s.commitGateIn(ctx, tx, c, payload, entries)
	if err != nil {
		return 0, err
	}
	return turn, tx.Commit()
}

// commitGateIn is the commit in a transaction, which the caller ends.
func (s *Store) commitGateIn(ctx context.Context, tx *sql.Tx, c GateCommit, payload []byte, entries []entryRow) (int64, error) {
	run := func(query string, args ...any) (int64, error) {
		if s.engine.name() == "postgres" {
			query = numbered(query)
		}
		res, err := s.gate.exec(ctx, tx, query, args)
		if err != nil {
			return 0, err
		}
		return res.RowsAffected()
	}
	n, err := run(nextTurn(s.engine.name()), c.At.Turn, c.At.from, c.At.proven)
	if err != nil {
		return 0, err
	}
	if n != 1 {
		return 0, errTurn
	}
	turn := c.At.Turn + 1
	if _, err := run(insertBatch+batchValues, append([]any{turn}, c.batchArgs(payload)...)...); err != nil {
		return 0, fmt.Errorf("record a batch of the gate: %w", err)
	}
	for part := range chunks(entries, settleRows) {
		var args []any
		for _, e := range part {
			args = append(args, e.args()...)
		}
		if _, err := run(insertEntry+"VALUES "+valuesList(len(part), 13), args...); err != nil {
			return 0, fmt.Errorf("append the gate's answers to the ledger: %w", err)
		}
	}
	if c.Settle {
		if err := settleAtOnce(run, turn, c.Batch); err != nil {
			return 0, err
		}
	}
	return turn, nil
}

// nextTurn takes the turn after a position, unless something was changed since.
func nextTurn(engine string) string {
	return "UPDATE gate_turn SET counter = counter + 1 WHERE id = 1 AND counter = ? AND (SELECT COUNT(*) FROM gate_changes WHERE " +
		changesSince(engine) + "? AND kind <> '" + readings + "') = ?"
}

// settleAtOnce gives a batch its rows in its own transaction, when all before it have
// theirs.
func settleAtOnce(run func(string, ...any) (int64, error), turn int64, b GateBatch) error {
	n, err := run("UPDATE gate_settled SET seq = ? WHERE id = 1 AND NOT EXISTS (SELECT 1 FROM gate_batches b WHERE b.seq > gate_settled.seq AND b.seq < ?)", turn, turn)
	if err != nil || n != 1 {
		return err
	}
	b.Seq = turn
	return settle(func(query string, args ...any) error {
		_, err := run(query, args...)
		return err
	}, []GateBatch{b})
}

// commitGateAtOnce is the commit in one statement, and so in one round trip.
func commitGateAtOnce(ctx context.Context, db *sql.DB, c GateCommit, payload []byte, entries []entryRow) (int64, error) {
	args := append([]any{c.At.Turn, c.At.from, c.At.proven}, c.batchArgs(payload)...)
	var q strings.Builder
	q.WriteString(`WITH turn AS (UPDATE gate_turn SET counter = counter + 1 WHERE id = 1 AND counter = $1
		AND (SELECT COUNT(*) FROM gate_changes WHERE ` + changesSince("postgres") + `$2 AND kind <> '` + readings + `') = $3 RETURNING counter),
		batch AS (` + insertBatch + `SELECT counter, $4::TEXT, $5::BIGINT, $6::TEXT, $7::BYTEA, $8::BYTEA, $9::BIGINT, $10::BYTEA FROM turn)`)
	for i, e := range entries {
		fmt.Fprintf(&q, ", entry%d AS (%sSELECT ", i, insertEntry)
		for j, a := range e.args() {
			args = append(args, a)
			if j > 0 {
				q.WriteString(", ")
			}
			q.WriteString("$" + strconv.Itoa(len(args)))
			switch a.(type) {
			case string:
				q.WriteString("::TEXT")
			case int64:
				q.WriteString("::BIGINT")
			case []byte:
				q.WriteString("::BYTEA")
			}
		}
		q.WriteString(" FROM turn)")
	}
	q.WriteString(" SELECT counter FROM turn")
	var turn int64
	err := db.QueryRowContext(ctx, q.String(), args...).Scan(&turn)
	if errors.Is(err, sql.ErrNoRows) {
		err = errTurn
	}
	return turn, err
}

// numbered turns the places ? of a query into $1, $2 and so on.
func numbered(query string) string {
	var b strings.Builder
	n := 0
	for _, r := range query {
		if r != '?' {
			b.WriteRune(r)
			continue
		}
		n++
		b.WriteString("$" + strconv.Itoa(n))
	}
	return b.String()
}
