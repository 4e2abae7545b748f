package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync"

	"gorm.io/gorm"
)

// gateHeads remembers what settling needs of the batches that this process recorded
// itself, so that their payloads are not read back. What is not in it is read from the
// database, and it is never a record: only what has committed gets in.
type gateHeads struct {
	mu      sync.Mutex
	answers int
	batches map[int64][]GateAnswer
}

// headsKept bounds how many answers are remembered.
const headsKept = 32_768

// keep remembers the answers of a turn that committed, without their texts.
func (h *gateHeads) keep(turn int64, answers []GateAnswer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.answers+len(answers) > headsKept {
		return
	}
	heads := make([]GateAnswer, len(answers))
	for i, a := range answers {
		a.Check.Request, a.Check.Facts, a.Check.Answer = "", "", ""
		a.Facts, a.Answer = nil, nil
		heads[i] = a
	}
	if h.batches == nil {
		h.batches = map[int64][]GateAnswer{}
	}
	h.batches[turn], h.answers = heads, h.answers+len(heads)
}

func (h *gateHeads) of(turn int64) []GateAnswer {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.batches[turn]
}

// forget drops what has rows now.
func (h *gateHeads) forget(settled int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for turn, answers := range h.batches {
		if turn <= settled {
			h.answers -= len(answers)
			delete(h.batches, turn)
		}
	}
}

// GateSettled gives the turn up to which every batch has its rows.
func (tx *Tx) GateSettled() (int64, error) {
	settled, err := one[int64](tx, "turn", "", "SELECT seq FROM gate_settled WHERE id = 1")
	if err == nil && tx.past == nil {
		tx.heads.forget(settled)
	}
	return settled, err
}

// settleBatches and settleAnswers bound what one transaction settles: it holds the
// writer of SQLite, and answers wait for it.
const (
	settleBatches = 64
	settleAnswers = 1000
)

// nextToSettle gives the batches after a turn that one transaction settles, one at
// least when there is any, and tells whether they are all.
func (tx *Tx) nextToSettle(settled int64) (next []GateBatch, all bool, err error) {
	type size struct {
		Seq     int64 `gorm:"column:seq"`
		Answers int   `gorm:"column:answers"`
	}
	sizes, err := many[size](tx, "SELECT seq, answers FROM gate_batches WHERE seq > ? ORDER BY seq LIMIT ?", settled, settleBatches)
	if err != nil {
		return nil, false, err
	}
	answers, n := 0, 0
	for n < len(sizes) && (n == 0 || answers+sizes[n].Answers <= settleAnswers) {
		answers += sizes[n].Answers
		n++
	}
	before := settled
	for _, s := range sizes[:n] {
		b := GateBatch{Seq: s.Seq, Answers: tx.heads.of(s.Seq)}
		if len(b.Answers) != s.Answers {
			read, err := tx.GateBatches(before, 1)
			if err != nil {
				return nil, false, err
			}
			if len(read) != 1 || read[0].Seq != s.Seq {
				return nil, false, fmt.Errorf("%w: turn %d is not there", errPayload, s.Seq)
			}
			b = read[0]
		}
		next, before = append(next, b), s.Seq
	}
	return next, n == len(sizes) && n < settleBatches, nil
}

// SettleGate gives the answers of the next batches their rows, and tells whether that
// was all. Rows that are there already stay.
func (tx *Tx) SettleGate() (bool, error) {
	settled, err := tx.GateSettled()
	if err != nil {
		return false, err
	}
	batches, all, err := tx.nextToSettle(settled)
	if err != nil || len(batches) == 0 {
		return true, err
	}
	if err := tx.settle(batches); err != nil {
		return false, err
	}
	moved, err := exec(tx, "UPDATE gate_settled SET seq = ? WHERE id = 1 AND seq = ?", batches[len(batches)-1].Seq, settled)
	if err == nil && moved != 1 {
		err = errStale
	}
	return all, err
}

func (tx *Tx) settle(batches []GateBatch) error {
	for _, query := range []string{insertChecks, insertHolds} {
		if err := tx.stampFor(query); err != nil {
			return err
		}
	}
	ctx, pool := tx.db.Statement.Context, tx.db.Statement.ConnPool
	if tx.engine == "postgres" {
		return settleColumns(func(query string, args ...any) error {
			_, err := pool.ExecContext(ctx, query, args...)
			return err
		}, batches)
	}
	p := preparing{ctx: ctx, pool: pool, all: map[string]*sql.Stmt{}}
	defer p.close()
	return settle(p.run, batches)
}

// preparing runs statements of one transaction and compiles each once.
type preparing struct {
	ctx  context.Context //nolint:containedctx // it belongs to the transaction
	pool gorm.ConnPool
	all  map[string]*sql.Stmt
}

func (p *preparing) run(query string, args ...any) error {
	s := p.all[query]
	if s == nil {
		var err error
		if s, err = p.pool.PrepareContext(p.ctx, query); err != nil {
			return err
		}
		p.all[query] = s
	}
	_, err := s.ExecContext(p.ctx, args...)
	return err
}

func (p *preparing) close() {
	for _, s := range p.all {
		_ = s.Close()
	}
}

// settleRows is how many rows one statement inserts.
const settleRows = 50

const (
	insertChecks = "INSERT INTO gate_checks (id, utility_id, request_key, body_digest, point_id, point_code, license, decision, decided_at, " +
		"rules_version, request, facts, answer, batch, place) "
	insertHolds = "INSERT INTO gate_reservations (check_id, utility_id, point_id, feeder_id, license, held_w, max_w, until_at, state, " +
		"energised_at, energised_w, meter_serial, switching_order, confirmed_at) "
	ifNew = " ON CONFLICT DO NOTHING"
)

// settle writes the rows of batches, some a statement.
func settle(run func(query string, args ...any) error, batches []GateBatch) error {
	const (
		checkColumns, holdColumns = 12, 8
		checkRow                  = "(?,?,?,?,?,?,?,?,?,?,'','','',?,?)"
		holdRow                   = "(?,?,?,?,?,?,?,?,'held',0,0,'','',0)"
	)
	checks, holds := make([]any, 0, settleRows*checkColumns), make([]any, 0, settleRows*holdColumns)
	flush := func(least int) error {
		n := len(checks) / checkColumns
		if n < least || n == 0 {
			return nil
		}
		if err := run(insertChecks+"VALUES "+repeated(checkRow, n)+ifNew, checks...); err != nil {
			return fmt.Errorf("settle checks: %w", err)
		}
		checks = checks[:0]
		if n = len(holds) / holdColumns; n == 0 {
			return nil
		}
		if err := run(insertHolds+"VALUES "+repeated(holdRow, n)+ifNew, holds...); err != nil {
			return fmt.Errorf("settle reservations: %w", err)
		}
		holds = holds[:0]
		return nil
	}
	for _, b := range batches {
		for place := range b.Answers {
			c, h := &b.Answers[place].Check, b.Answers[place].Holds
			checks = append(checks, c.ID, c.Utility, c.Key, c.BodyDigest, c.Point, c.PointCode, c.License, c.Decision, c.DecidedAt, c.RulesVersion, b.Seq, place)
			if h != nil {
				holds = append(holds, h.Check, h.Utility, h.Point, h.Feeder, h.License, int64(h.Held), int64(h.Max), micros(h.Until))
			}
			if err := flush(settleRows); err != nil {
				return err
			}
		}
	}
	return flush(1)
}

func repeated(row string, n int) string { return strings.Repeat(row+",", n-1) + row }

// settleColumns is settle for PostgreSQL: a column of all rows is one argument, so that
// two statements do for any number.
func settleColumns(run func(query string, args ...any) error, batches []GateBatch) error {
	var (
		texts     [9][]string
		decided   []int64
		turns     []int64
		places    []int64
		names     [5][]string
		held      []int64
		most      []int64
		untils    []int64
		withTexts = func(into [][]string, values ...string) {
			for i, v := range values {
				into[i] = append(into[i], v)
			}
		}
	)
	for _, b := range batches {
		for place := range b.Answers {
			c, h := &b.Answers[place].Check, b.Answers[place].Holds
			withTexts(texts[:], c.ID, c.Utility, c.Key, c.BodyDigest, c.Point, c.PointCode, c.License, c.Decision, c.RulesVersion)
			decided, turns, places = append(decided, c.DecidedAt), append(turns, b.Seq), append(places, int64(place))
			if h != nil {
				withTexts(names[:], h.Check, h.Utility, h.Point, h.Feeder, h.License)
				held, most, untils = append(held, int64(h.Held)), append(most, int64(h.Max)), append(untils, micros(h.Until))
			}
		}
	}
	err := run(insertChecks+`SELECT a, b, c, d, e, f, g, h, j, i, '', '', '', k, l FROM UNNEST($1::TEXT[], $2::TEXT[], $3::TEXT[], $4::TEXT[], $5::TEXT[],
		$6::TEXT[], $7::TEXT[], $8::TEXT[], $9::TEXT[], $10::BIGINT[], $11::BIGINT[], $12::BIGINT[]) AS t (a, b, c, d, e, f, g, h, i, j, k, l)`+ifNew,
		texts[0], texts[1], texts[2], texts[3], texts[4], texts[5], texts[6], texts[7], texts[8], decided, turns, places)
	if err != nil {
		return fmt.Errorf("settle checks: %w", err)
	}
	if len(held) == 0 {
		return nil
	}
	err = run(insertHolds+`SELECT a, b, c, d, e, f, g, h, 'held', 0, 0, '', '', 0 FROM UNNEST($1::TEXT[], $2::TEXT[], $3::TEXT[], $4::TEXT[], $5::TEXT[],
		$6::BIGINT[], $7::BIGINT[], $8::BIGINT[]) AS t (a, b, c, d, e, f, g, h)`+ifNew,
		names[0], names[1], names[2], names[3], names[4], held, most, untils)
	if err != nil {
		return fmt.Errorf("settle reservations: %w", err)
	}
	return nil
}
