package client

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Outcome is what the gate said. Its zero value is NoAnswer.
type Outcome int

// The outcomes.
const (
	NoAnswer  Outcome = iota // nobody said anything that can be believed: do not energise
	Permitted                // a signed permit: energise up to its limit, before it ends
	Denied                   // do not energise; it switches nothing off by itself
	Referred                 // do not energise until the registry has looked at it
)

// String gives the word of an outcome.
func (o Outcome) String() string {
	switch o {
	case Permitted:
		return "permit"
	case Denied:
		return "deny"
	case Referred:
		return "refer"
	}
	return "no answer"
}

// Request asks whether a connection may be energised.
type Request struct {
	Reference       string    // the utility's work order
	ConnectionPoint string    // code
	Applicant       string    // BIN or IIN
	License         string    // number; may be empty
	Watts           int64     // power asked for
	Purpose         string    // mining, other or unknown
	Event           string    // new_connection, reconnection, uprate or change_of_consumer
	PlannedAt       time.Time // may be zero
	// IdempotencyKey makes the request one of a kind; made up when empty. Send the same
	// key again, after a restart too, to get the answer that was lost.
	IdempotencyKey string
	// FirstAsked is when the key was first sent, for one that may have been answered
	// before. Zero means now: an answer from before is then refused as replayed.
	FirstAsked time.Time
}

// Reason is why a check was not permitted, or what to note.
type Reason struct {
	Code     string `json:"code"`
	Severity string `json:"severity"` // deny, refer or note
	Text     string `json:"text"`
	Cure     string `json:"cure"`
}

// Answer is an answer that was checked. Its zero value is no answer.
type Answer struct {
	Outcome        Outcome
	ID             string
	IdempotencyKey string // under which the gate keeps the answer
	Reasons        []Reason
	MaxWatts       int64     // for Permitted only
	ValidUntil     time.Time // for Permitted only; half-open
	DecidedAt      time.Time
	Revision       int64
	Permit         Permit // for Permitted only
	Raw            []byte // the answer as it came; `rigistry verify` checks it too. Nil in a batch

	checked bool
	skew    time.Duration
}

// Permits tells whether the connection may be energised at an instant. Only an answer
// that this package got and checked can say so.
func (a Answer) Permits(at time.Time) bool {
	return a.checked && a.Outcome == Permitted && !at.Before(a.DecidedAt.Add(-a.skew)) && at.Before(a.ValidUntil)
}

type requestWire struct {
	Reference       string      `json:"reference"`
	ConnectionPoint string      `json:"connection_point"`
	Applicant       string      `json:"applicant"`
	License         string      `json:"license,omitempty"`
	RequestedKW     json.Number `json:"requested_kw"`
	Purpose         string      `json:"purpose"`
	Event           string      `json:"event"`
	PlannedAt       *time.Time  `json:"planned_at,omitempty"`
}

type answerWire struct {
	ID              string      `json:"id"`
	Reference       string      `json:"reference"`
	Decision        string      `json:"decision"`
	Reasons         []Reason    `json:"reasons"`
	RequestedKW     json.Number `json:"requested_kw"`
	MaxKW           json.Number `json:"max_kw"`
	ValidUntil      *time.Time  `json:"valid_until"`
	License         string      `json:"license"`
	LicenseVersion  int64       `json:"license_version"`
	ConnectionPoint string      `json:"connection_point"`
	DecidedAt       time.Time   `json:"decided_at"`
	RulesVersion    string      `json:"rules_version"`
	Revision        int64       `json:"revision"`
	FactsDigest     string      `json:"facts_digest"`
	Permit          string      `json:"permit"`
}

// asking is what answers of one call are held against.
type asking struct {
	from  time.Time // the decision is no older
	floor int64     // nor are the facts
}

// Check asks the gate. The Answer is the zero Answer whenever there is an error.
func (c *Client) Check(ctx context.Context, r Request) (Answer, error) {
	against, header := c.begin(&r)
	wire, err := c.wire(r)
	if err != nil {
		return Answer{}, err
	}
	content, err := json.Marshal(wire)
	if err != nil {
		return Answer{}, fault(KindConfig, "write a check: %w", err)
	}
	body, err := c.send(ctx, call{method: http.MethodPost, path: "/v1/gate/checks", header: header, body: content, limit: 1 << 20})
	if err != nil {
		return Answer{}, err
	}
	var got answerWire
	if err := readStrict(body, &got); err != nil {
		return Answer{}, fault(KindMalformed, "the answer cannot be read: %w", err)
	}
	a, err := c.judge(r, got, against)
	if err != nil {
		return Answer{}, err
	}
	if err := c.noteRevision(a.Revision); err != nil {
		return Answer{}, err
	}
	a.Raw = body
	return a, nil
}

// MaxBatch is how many checks one batch may ask.
const MaxBatch = 1000

// CheckBatch asks up to MaxBatch checks at once and gives their answers in order, all
// or none. The first request's IdempotencyKey and FirstAsked stand for the batch.
func (c *Client) CheckBatch(ctx context.Context, rs []Request) ([]Answer, error) {
	if len(rs) == 0 || len(rs) > MaxBatch {
		return nil, fault(KindConfig, "a batch has 1 to %d checks; this has %d", MaxBatch, len(rs))
	}
	first := rs[0]
	against, header := c.begin(&first)
	wires := make([]requestWire, 0, len(rs))
	for _, r := range rs {
		wire, err := c.wire(r)
		if err != nil {
			return nil, err
		}
		wires = append(wires, wire)
	}
	content, err := json.Marshal(map[string]any{"checks": wires})
	if err != nil {
		return nil, fault(KindConfig, "write a batch: %w", err)
	}
	body, err := c.send(ctx, call{method: http.MethodPost, path: "/v1/gate/checks/batch", header: header, body: content, limit: 16 << 20})
	if err != nil {
		return nil, err
	}
	var got struct {
		Answers []answerWire `json:"answers"`
	}
	if err := readStrict(body, &got); err != nil {
		return nil, fault(KindMalformed, "the answer cannot be read: %w", err)
	}
	if len(got.Answers) != len(rs) {
		return nil, fault(KindMalformed, "%d answers to %d checks", len(got.Answers), len(rs))
	}
	answers, highest := make([]Answer, 0, len(rs)), int64(0)
	ids := map[string]bool{}
	for i, r := range rs {
		r.IdempotencyKey = first.IdempotencyKey + "#" + strconv.Itoa(i)
		a, err := c.judge(r, got.Answers[i], against)
		if err != nil {
			return nil, err
		}
		if ids[a.ID] {
			return nil, fault(KindMismatch, "one answer was given to two checks")
		}
		ids[a.ID] = true
		answers, highest = append(answers, a), max(highest, a.Revision)
	}
	if err := c.noteRevision(highest); err != nil {
		return nil, err
	}
	return answers, nil
}

// begin gives a request its key and notes what its answer must not be older than.
func (c *Client) begin(r *Request) (asking, http.Header) {
	if r.IdempotencyKey == "" {
		r.IdempotencyKey = NewKey()
	}
	header := http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {r.IdempotencyKey}}
	if !r.FirstAsked.IsZero() {
		return asking{from: r.FirstAsked}, header
	}
	c.mu.Lock()
	against := asking{from: c.now(), floor: c.seen.Revision}
	c.mu.Unlock()
	if against.floor > 0 {
		header.Set("If-Revision-At-Least", strconv.FormatInt(against.floor, 10))
	}
	return against, header
}

// NewKey makes an Idempotency-Key that nobody else has.
func NewKey() string { return rand.Text() }

func (c *Client) wire(r Request) (requestWire, error) {
	if r.Watts <= 0 || r.Watts > maxWatts || r.ConnectionPoint == "" || r.Reference == "" {
		return requestWire{}, fault(KindConfig, "a check needs a reference, a connection point and a power above 0")
	}
	w := requestWire{Reference: r.Reference, ConnectionPoint: r.ConnectionPoint, Applicant: r.Applicant, License: r.License,
		RequestedKW: kilowatts(r.Watts), Purpose: r.Purpose, Event: r.Event}
	if !r.PlannedAt.IsZero() {
		at := r.PlannedAt.UTC()
		w.PlannedAt = &at
	}
	return w, nil
}

// judge holds an answer against its request, its permit, the clock and what was seen.
func (c *Client) judge(r Request, w answerWire, against asking) (Answer, error) {
	outcome := map[string]Outcome{"permit": Permitted, "deny": Denied, "refer": Referred}[w.Decision]
	requested, ok := wattsOf(w.RequestedKW)
	switch {
	case outcome == NoAnswer:
		return Answer{}, fault(KindMalformed, "%q is no decision", w.Decision)
	case w.ID == "" || w.RulesVersion == "" || w.FactsDigest == "" || w.DecidedAt.IsZero() || w.Revision < 0 || w.Reasons == nil || !ok:
		return Answer{}, fault(KindMalformed, "the answer leaves out what every answer says")
	case w.Reference != r.Reference || w.ConnectionPoint != r.ConnectionPoint || requested != r.Watts:
		return Answer{}, fault(KindMismatch, "the answer is for %s, %s, %s kW and not for what was asked", w.Reference, w.ConnectionPoint, w.RequestedKW)
	case r.License != "" && w.License != normalize(r.License):
		return Answer{}, fault(KindMismatch, "the answer is about license %s and not %s", w.License, r.License)
	}
	now := c.now()
	switch {
	case w.DecidedAt.After(now.Add(c.cfg.Skew)):
		return Answer{}, fault(KindClock, "the decision is of %s and it is %s here: set the clock right", w.DecidedAt.Format(time.RFC3339), now.Format(time.RFC3339))
	case w.DecidedAt.Before(against.from.Add(-c.cfg.Skew)):
		return Answer{}, fault(KindReplayed, "the decision is of %s, from before it was asked for at %s: an old answer, or a wrong clock", w.DecidedAt.Format(time.RFC3339), against.from.Format(time.RFC3339))
	case w.Revision < against.floor:
		return Answer{}, fault(KindReplayed, "the answer knows %d entries of the ledger, and one before knew %d", w.Revision, against.floor)
	}
	a := Answer{Outcome: outcome, ID: w.ID, IdempotencyKey: r.IdempotencyKey, Reasons: w.Reasons, DecidedAt: w.DecidedAt, Revision: w.Revision,
		checked: true, skew: c.cfg.Skew}
	if outcome != Permitted {
		if w.Permit != "" || w.MaxKW != "" || w.ValidUntil != nil {
			return Answer{}, fault(KindMalformed, "the answer is %s and carries a permit", w.Decision)
		}
		return a, nil
	}
	return c.judgePermit(r, w, a)
}

// judgePermit holds a permit against the answer around it and the request.
func (c *Client) judgePermit(r Request, w answerWire, a Answer) (Answer, error) {
	for _, reason := range w.Reasons {
		if reason.Severity != "note" {
			return Answer{}, fault(KindMalformed, "the answer permits, and gives %s as a reason to %s", reason.Code, reason.Severity)
		}
	}
	most, ok := wattsOf(w.MaxKW)
	if w.Permit == "" || !ok || w.ValidUntil == nil {
		return Answer{}, fault(KindMalformed, "the answer permits without a signed permit, its power or its end")
	}
	now := c.now()
	if now.Before(w.DecidedAt) { // within the skew, see judge
		now = w.DecidedAt
	}
	p, err := VerifyPermit(w.Permit, c.cfg.Keys, now)
	switch {
	case errors.Is(err, ErrTime) && !now.Before(p.ValidUntil):
		return Answer{}, fault(KindExpired, "the permit ended at %s: ask again", p.ValidUntil.Format(time.RFC3339))
	case errors.Is(err, ErrTime):
		return Answer{}, fault(KindMismatch, "the permit is of another time than its answer")
	case err != nil:
		return Answer{}, fault(KindSignature, "the permit: %w", err)
	}
	signed, ok := wattsOf(p.MaxKW)
	switch {
	case !ok || signed != most || p.ID != w.ID || p.ConnectionPoint != w.ConnectionPoint || p.Reference != w.Reference || p.License != w.License ||
		p.LicenseVersion != w.LicenseVersion || p.RulesVersion != w.RulesVersion || p.Revision != w.Revision || p.FactsDigest != w.FactsDigest ||
		!p.DecidedAt.Equal(w.DecidedAt) || !p.ValidUntil.Equal(*w.ValidUntil):
		return Answer{}, fault(KindMismatch, "the answer does not say what its permit says")
	case p.Event != r.Event:
		return Answer{}, fault(KindMismatch, "the permit is for %s and not %s", p.Event, r.Event)
	case signed < r.Watts:
		return Answer{}, fault(KindMismatch, "the permit is for %s kW only", p.MaxKW)
	case c.cfg.Utility != "" && p.Utility != c.cfg.Utility:
		return Answer{}, fault(KindMismatch, "the permit was given to another utility")
	}
	a.MaxWatts, a.ValidUntil, a.Permit = signed, p.ValidUntil, p
	return a, nil
}

// normalize writes a license number as the registry does.
func normalize(number string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\n\r-\u00a0\u2009\u200b\u202f\u2011\u2013", r) {
			return -1
		}
		return r
	}, number))
}
