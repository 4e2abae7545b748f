package gate

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"rigistry/models"
	"rigistry/services/store"
)

// batch is what one commit is going to record.
type batch struct {
	id       string
	now      time.Time
	answers  []*answered
	rows     []store.GateAnswer
	settle   bool
	byKey    map[string]*answered
	known    map[string]knownAnswer // answers of before, by utility and key
	waitings []waiting
	slab     []Answer // where new answers are
}

// answered is an answer that is not recorded yet.
type answered struct {
	utility string
	key     string // with the utility
	call    *call
	item    *keyed
	facts   textPlace
	text    textPlace // of the answer
	point   string
	answer  *Answer
	holds   *store.Reservation
}

// textPlace is where a text stands in what the leader wrote for a batch.
type textPlace struct{ from, until int }

func (p textPlace) in(b []byte) []byte { return b[p.from:p.until] }

// waiting is a place in a call that an answer goes to once it is recorded.
type waiting struct {
	call  *call
	place int
	a     *answered
}

// decide answers the calls from the index, in order: a call sees what the permits of
// those before it hold.
func (s *Service) decide(ctx context.Context, calls []*call) (*batch, error) {
	n := 0
	for _, c := range calls {
		n += len(c.items)
	}
	b := &batch{id: uuid.Must(uuid.NewV7()).String(), now: s.store.Now(), byKey: make(map[string]*answered, n), answers: make([]*answered, 0, n),
		waitings: make([]waiting, 0, n), slab: make([]Answer, 0, n)}
	s.group.text = s.group.text[:0]
	if err := s.lookUp(ctx, b, calls); err != nil {
		return b, err
	}
	s.group.index.advance(b.now)
	params := s.parameters(b.now)
	for _, c := range calls {
		c.answers, c.err = make([]Answer, len(c.items)), c.ctx.Err()
		if c.err == nil {
			before, waitings := len(b.answers), len(b.waitings)
			if c.err = s.decideCall(b, c, params); c.err != nil {
				b.undo(s.group.index, before)
				b.waitings = b.waitings[:waitings]
			}
		}
	}
	return b, nil
}

// lookUp finds the answers that were given before for the keys of calls.
func (s *Service) lookUp(ctx context.Context, b *batch, calls []*call) error {
	b.known = map[string]knownAnswer{}
	unknown := map[string][]string{}
	find := func(utility, name string) {
		key := recentKey(utility, name)
		if known, found := s.group.recent.answers[key]; found {
			b.known[key] = known
		} else {
			unknown[utility] = append(unknown[utility], name)
		}
	}
	for _, c := range calls {
		for _, item := range c.items {
			find(c.actor.Utility, item.key)
		}
		if beyond := c.after(); beyond != "" {
			find(c.actor.Utility, beyond)
		}
	}
	for utility, keys := range unknown {
		// What has rows by now is found; what has none is among the recent, for they are
		// forgotten only when an earlier look at the database found them settled.
		taken, err := s.store.GateKnownKeys(ctx, utility, keys)
		if err == nil && len(taken) > 0 {
			err = s.store.View(ctx, func(tx *store.Tx) error {
				found, err := tx.GateChecksByKey(utility, taken)
				for _, check := range found {
					b.known[recentKey(utility, check.Key)] = knownAnswer{turn: check.Batch, id: check.ID, digest: check.BodyDigest, text: check.Answer}
				}
				return err
			})
		}
		if err != nil {
			return err
		}
	}
	if s.group.lookUps++; s.group.lookUps%lookSettled == 0 { // settled by others, or in the commit itself
		err := s.store.View(ctx, func(tx *store.Tx) error {
			settled, err := tx.GateSettled()
			s.group.reached(settled)
			return err
		})
		if err != nil {
			return err
		}
	}
	s.group.recent.forget(s.group.settled.Load())
	return nil
}

// lookSettled is after how many batches the leader looks for itself what has rows.
const lookSettled = 64

func (s *Service) decideCall(b *batch, c *call, params models.GateParameters) error {
	if err := b.whole(c); err != nil {
		return err
	}
	for place := range c.items {
		item := &c.items[place]
		key := recentKey(c.actor.Utility, item.key)
		if known, found := b.known[key]; found {
			if known.digest != item.digest {
				return errKeyUsed(item.key)
			}
			a, err := known.read()
			if err != nil {
				return err
			}
			c.answers[place] = a
			continue
		}
		a := b.byKey[key]
		if a == nil {
			var err error
			if a, err = s.decideOne(b, c, item, params); err != nil {
				return err
			}
			a.key = key
			b.byKey[key] = a
			b.answers = append(b.answers, a)
		} else if a.item.digest != item.digest {
			return errKeyUsed(item.key)
		}
		b.waitings = append(b.waitings, waiting{c, place, a})
	}
	return nil
}

func errKeyUsed(key string) error {
	return models.Errorf(models.CodeIdempotency, "The key %q was used for another request. Send that request again, or take a new key.", key)
}

func (s *Service) decideOne(b *batch, c *call, item *keyed, params models.GateParameters) (*answered, error) {
	x, r := s.group.index, item.request
	facts := x.load(c.actor.Utility, r, b.now)
	from := len(s.group.text)
	text, err := appendFacts(s.group.text, &facts)
	if err != nil {
		return nil, fmt.Errorf("write the facts of a check: %w", err)
	}
	s.group.text = text
	d := models.Judge(facts, r, b.now, params)
	b.slab = append(b.slab, Answer{
		ID: uuid.Must(uuid.NewV7()).String(), Reference: r.Reference, Decision: d.Outcome, Reasons: s.reasons(d.Reasons, c.lang),
		Requested: r.Requested, Max: d.Max, ValidUntil: d.ValidUntil, License: d.License, LicenseVersion: d.LicenseVersion,
		ConnectionPoint: r.ConnectionPoint, DecidedAt: b.now, RulesVersion: d.RulesVersion, Revision: facts.Revision, FactsDigest: digestOf(text[from:])})
	a := &answered{utility: c.actor.Utility, call: c, item: item, facts: textPlace{from, len(text)}, answer: &b.slab[len(b.slab)-1]}
	if a.answer.License == "" {
		a.answer.License = r.License
	}
	if facts.Point != nil {
		a.point = facts.Point.ID
	}
	if d.Outcome == models.OutcomePermit {
		a.holds = &store.Reservation{Check: a.answer.ID, Utility: a.utility, Point: facts.Point.ID, Feeder: facts.Point.FeederID,
			License: d.License, Held: d.Reserve, Max: d.Max, Until: d.ValidUntil, State: "held"}
		x.setHold(*a.holds)
	}
	return a, nil
}

// undo takes answers from a place on out of the batch and the index.
func (b *batch) undo(x *index, from int) {
	for _, a := range b.answers[from:] {
		if a.holds != nil && x != nil {
			x.dropHold(a.answer.ID)
		}
		delete(b.byKey, a.key)
	}
	b.answers = b.answers[:from]
}

// answeredItem is one answer in the entry of the ledger.
type answeredItem struct {
	ID              string              `json:"id"`
	Decision        models.Outcome      `json:"decision"`
	ConnectionPoint string              `json:"connection_point"`
	License         string              `json:"license"`
	Reasons         []models.ReasonCode `json:"reasons"`
	Digest          string              `json:"answer_digest"`
	RequestID       string              `json:"request_id,omitempty"`
}

type answeredBody struct {
	Batch   string         `json:"batch"`
	Root    string         `json:"root"`
	Answers []answeredItem `json:"answers"`
}

// record signs the permits of a batch, commits it and hands out its answers; false,
// with nothing recorded, when what it was decided from has changed.
func (s *Service) record(ctx context.Context, b *batch) (int64, bool, error) {
	commit, err := s.commitOf(b)
	if err != nil {
		return 0, false, err
	}
	turn, ok, err := s.group.commit(ctx, commit)
	if err != nil || !ok {
		return 0, ok, err
	}
	b.handOut()
	return turn, true, nil
}

// handOut gives the callers what was recorded.
func (b *batch) handOut() {
	for _, w := range b.waitings {
		w.call.answers[w.place] = *w.a.answer
	}
}

// commitOf signs the permits of a batch and makes what is to be recorded of it.
func (s *Service) commitOf(b *batch) (store.GateCommit, error) {
	payloads, permits := make([][]byte, 0, len(b.answers)), make([]*answered, 0, len(b.answers))
	written := s.group.permits[:0]
	for _, a := range b.answers {
		if a.holds == nil {
			continue
		}
		permit, from := permitOf(*a.answer, a.utility, a.item.request.Event), len(written)
		written = appendPermit(written, &permit) // what it outgrows stays as it was written
		payloads, permits = append(payloads, written[from:len(written):len(written)]), append(permits, a)
	}
	s.group.permits = written
	commit := store.GateCommit{At: s.group.index.at, Batch: store.GateBatch{ID: b.id, At: b.now, KeyID: s.group.kid}}
	rootText := ""
	if len(payloads) > 0 {
		texts, root, signature, err := signBatch(s.group.sign, s.group.kid, b.id, payloads)
		if err != nil {
			return store.GateCommit{}, err
		}
		for i, text := range texts {
			permits[i].answer.Permit = text
		}
		commit.Batch.Root, commit.Batch.Signature, rootText = root[:], signature, encodeRoot(root)
	}
	type person struct{ utility, id, operator string }
	bodies := map[person]*answeredBody{}
	b.rows = s.group.rows[:0]
	for _, a := range b.answers {
		row, item := a.row(&s.group.text)
		b.rows = append(b.rows, row)
		who := person{a.utility, a.call.actor.ID, a.call.actor.Operator} // an entry names one person
		body := bodies[who]
		if body == nil {
			body = &answeredBody{Batch: b.id, Root: rootText, Answers: make([]answeredItem, 0, len(b.answers))}
			bodies[who] = body
			commit.Entries = append(commit.Entries, models.Entry{Kind: "gate.answered", Subject: models.Ref{Kind: "gate_batch", ID: b.id}, Actor: a.call.actor, Utility: a.utility, Body: body})
		}
		body.Answers = append(body.Answers, item)
	}
	for i, e := range commit.Entries {
		if body, ok := e.Body.(*answeredBody); ok {
			commit.Entries[i].Body = json.RawMessage(appendBody(make([]byte, 0, 200+itemSize*len(body.Answers)), body))
		}
	}
	for i, a := range b.answers { // the text does not move any more
		b.rows[i].Facts, b.rows[i].Answer = a.facts.in(s.group.text), a.text.in(s.group.text)
	}
	s.group.rows, commit.Batch.Answers = b.rows, b.rows
	b.settle = len(b.rows) <= settleAtOnce && s.group.waiting.Load() == 0
	commit.Settle = b.settle
	return commit, nil
}

// itemSize is what most answers take in an entry at most.
const itemSize = 400

// row is the answer as it is stored, and as the ledger says it.
func (a *answered) row(scratch *[]byte) (store.GateAnswer, answeredItem) {
	from := len(*scratch)
	*scratch = appendAnswer(*scratch, a.answer)
	a.text = textPlace{from, len(*scratch)}
	var codes []models.ReasonCode
	for _, r := range a.answer.Reasons {
		codes = append(codes, r.Code)
	}
	check := store.GateCheck{ID: a.answer.ID, Utility: a.utility, Key: a.item.key, BodyDigest: a.item.digest, Point: a.point, PointCode: a.answer.ConnectionPoint,
		License: a.answer.License, Decision: string(a.answer.Decision), DecidedAt: a.answer.DecidedAt.UnixMicro(), RulesVersion: a.answer.RulesVersion,
		Request: a.item.body}
	return store.GateAnswer{Check: check, Holds: a.holds}, answeredItem{ID: a.answer.ID, Decision: a.answer.Decision, ConnectionPoint: a.answer.ConnectionPoint,
		License: a.answer.License, Reasons: codes, Digest: digestOf((*scratch)[from:]), RequestID: a.call.actor.RequestID}
}
