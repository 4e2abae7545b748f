package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"rigistry/models"
)

// GateAnswer is an answer of the gate with what its permit holds, nil unless it is one.
type GateAnswer struct {
	Check GateCheck
	Holds *Reservation
	// Facts and Answer are written in the place of those of Check when they are not nil;
	// the caller may write over them when the batch is recorded.
	Facts, Answer []byte
}

// GateBatch is what one commit of the gate recorded. Seq is the turn it committed on.
type GateBatch struct {
	Seq             int64
	ID              string
	At              time.Time
	KeyID           string
	Root, Signature []byte // of its permits; empty when there is none
	Answers         []GateAnswer
}

// batchForm begins every payload.
const batchForm = "rgb1"

// errPayload says that a stored batch cannot be read.
var errPayload = errors.New("a stored batch of the gate is damaged")

// appendAnswers writes answers over b as one payload: each with its length before it, so that
// one can be found without reading the others.
func appendAnswers(b []byte, answers []GateAnswer) []byte {
	size := len(batchForm) + 16
	for i := range answers {
		c := &answers[i].Check
		size += 400 + len(c.Request) + len(c.Facts) + len(c.Answer) + len(c.Key) + len(answers[i].Facts) + len(answers[i].Answer)
	}
	if cap(b) < size {
		b = make([]byte, 0, size)
	}
	b = append(b[:0], batchForm...)
	b = binary.AppendUvarint(b, uint64(len(answers)))
	var item []byte
	for i := range answers {
		item = answers[i].append(item[:0])
		b = append(binary.AppendUvarint(b, uint64(len(item))), item...)
	}
	return b
}

func (a *GateAnswer) append(b []byte) []byte {
	c := &a.Check
	for _, s := range [...]string{c.ID, c.Utility, c.Key, c.BodyDigest, c.Point, c.PointCode, c.License, c.Decision, c.RulesVersion, c.Request} {
		b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
	}
	b = appendEither(appendEither(b, a.Facts, c.Facts), a.Answer, c.Answer)
	b = binary.AppendVarint(b, c.DecidedAt)
	if a.Holds == nil {
		return append(b, 0)
	}
	b = append(b, 1)
	b = append(binary.AppendUvarint(b, uint64(len(a.Holds.Feeder))), a.Holds.Feeder...)
	b = append(binary.AppendUvarint(b, uint64(len(a.Holds.License))), a.Holds.License...)
	for _, n := range [...]int64{int64(a.Holds.Held), int64(a.Holds.Max), micros(a.Holds.Until)} {
		b = binary.AppendVarint(b, n)
	}
	return b
}

func appendEither(b, text []byte, other string) []byte {
	if text == nil {
		return append(binary.AppendUvarint(b, uint64(len(other))), other...)
	}
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

// payloadReader reads what appendAnswers wrote; after the first error it stays bad.
type payloadReader struct {
	b   []byte
	bad bool
}

func (r *payloadReader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *payloadReader) varint() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *payloadReader) bytes() []byte {
	n := r.uvarint()
	if n > uint64(len(r.b)) {
		r.bad, r.b = true, nil
		return nil
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func (r *payloadReader) text() string { return string(r.bytes()) }

// readAnswers gives the answers of a payload at the places, all for none.
func readAnswers(seq int64, payload []byte, places ...int64) ([]GateAnswer, error) {
	text, whole := strings.CutPrefix(string(payload[:min(len(payload), len(batchForm))]), batchForm)
	if !whole || text != "" {
		return nil, fmt.Errorf("%w: turn %d", errPayload, seq)
	}
	r := payloadReader{b: payload[len(batchForm):]}
	n := r.uvarint()
	if n > uint64(len(payload)) {
		return nil, fmt.Errorf("%w: turn %d", errPayload, seq)
	}
	out := make([]GateAnswer, 0, min(n, 4096))
	for i := range int64(n) { //nolint:gosec // at most the length of the payload
		item := payloadReader{b: r.bytes()}
		if r.bad {
			break
		}
		if len(places) > 0 && !slices.Contains(places, i) {
			continue
		}
		a := item.answer()
		a.Check.Batch, a.Check.Place = seq, i
		if item.bad || len(item.b) > 0 {
			r.bad = true
			break
		}
		out = append(out, a)
	}
	if r.bad || len(r.b) > 0 {
		return nil, fmt.Errorf("%w: turn %d", errPayload, seq)
	}
	return out, nil
}

func (r *payloadReader) answer() GateAnswer {
	var a GateAnswer
	c := &a.Check
	for _, s := range [...]*string{&c.ID, &c.Utility, &c.Key, &c.BodyDigest, &c.Point, &c.PointCode, &c.License, &c.Decision, &c.RulesVersion, &c.Request, &c.Facts, &c.Answer} {
		*s = r.text()
	}
	c.DecidedAt = r.varint()
	if len(r.b) == 0 {
		r.bad = true
		return a
	}
	holds := r.b[0] == 1
	if r.b = r.b[1:]; holds {
		a.Holds = &Reservation{Check: c.ID, Utility: c.Utility, Point: c.Point, State: "held"}
		a.Holds.Feeder, a.Holds.License = r.text(), r.text()
		a.Holds.Held, a.Holds.Max = models.Watts(r.varint()), models.Watts(r.varint())
		a.Holds.Until = instant(r.varint())
	}
	return a
}

type batchRow struct {
	Seq       int64  `gorm:"column:seq"`
	ID        string `gorm:"column:id"`
	At        int64  `gorm:"column:at"`
	KeyID     string `gorm:"column:kid"`
	Root      []byte `gorm:"column:root"`
	Signature []byte `gorm:"column:signature"`
	Payload   []byte `gorm:"column:payload"`
}

// GateBatches gives the batches after a turn, in order.
func (tx *Tx) GateBatches(after int64, limit int) ([]GateBatch, error) {
	rows, err := many[batchRow](tx, "SELECT seq, id, at, kid, root, signature, payload FROM gate_batches WHERE seq > ? ORDER BY seq LIMIT ?", after, limit)
	if err != nil {
		return nil, err
	}
	out := make([]GateBatch, 0, len(rows))
	for _, r := range rows {
		answers, err := readAnswers(r.Seq, r.Payload)
		if err != nil {
			return nil, err
		}
		out = append(out, GateBatch{Seq: r.Seq, ID: r.ID, At: instant(r.At), KeyID: r.KeyID, Root: r.Root, Signature: r.Signature, Answers: answers})
	}
	return out, nil
}

// whole fills in the request, the facts and the answer of checks that have them in
// their batch.
func (tx *Tx) whole(checks []GateCheck, err error) ([]GateCheck, error) {
	places := map[int64][]int64{}
	for _, c := range checks {
		if c.Batch > 0 {
			places[c.Batch] = append(places[c.Batch], c.Place)
		}
	}
	if err != nil || len(places) == 0 {
		return checks, err
	}
	seqs := make([]int64, 0, len(places))
	for seq := range places {
		seqs = append(seqs, seq)
	}
	rows, err := many[batchRow](tx, "SELECT seq, payload FROM gate_batches WHERE seq IN ?", seqs)
	if err != nil {
		return nil, err
	}
	found := make(map[string]GateCheck, len(checks))
	for _, r := range rows {
		answers, err := readAnswers(r.Seq, r.Payload, places[r.Seq]...)
		if err != nil {
			return nil, err
		}
		for _, a := range answers {
			found[a.Check.ID] = a.Check
		}
	}
	for i, c := range checks {
		if c.Batch == 0 {
			continue
		}
		kept, ok := found[c.ID]
		if !ok {
			return nil, fmt.Errorf("%w: check %s is not at place %d of turn %d", errPayload, c.ID, c.Place, c.Batch)
		}
		checks[i].Request, checks[i].Facts, checks[i].Answer = kept.Request, kept.Facts, kept.Answer
	}
	return checks, nil
}

// GateUnsettled counts the batches after a turn.
func (tx *Tx) GateUnsettled(after int64) (int64, error) {
	return one[int64](tx, "count", "", "SELECT COUNT(*) FROM gate_batches WHERE seq > ?", after)
}
