package models

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Webhook is an address of a utility that is told when its feed goes on. The feed
// is the truth; a message is a nudge that carries the cursor.
type Webhook struct {
	ID      string
	Utility string   // id
	URL     string   // https, or http to this machine where the operator allows it
	Kinds   []string // kinds of entries, or "license." for all that begin so; none means every kind
	Note    string
	State   WebhookState
	// KeyNumber counts the signing keys of the endpoint; until PreviousUntil the key
	// before signs too, so that a receiver can change over.
	KeyNumber     int64
	PreviousUntil time.Time
	Failures      int64     // attempts that failed since the last that was taken
	FailingSince  time.Time // the first of them
	Resume        time.Time // nothing is sent before
	Alarm         time.Time // when the alarm was raised, zero while there is none
	CreatedBy     string
	Created       time.Time
	Updated       time.Time
	Version       int64
}

// WebhookState is whether an endpoint exists still. An endpoint is never switched
// off by itself, however often it fails.
type WebhookState string

// The states of an endpoint.
const (
	WebhookActive  WebhookState = "active"
	WebhookRemoved WebhookState = "removed"
)

// WebhookMessage is one message to one endpoint. Its id stays the same over all
// attempts.
type WebhookMessage struct {
	ID        string
	Endpoint  string
	Cursor    int64  // place of the entry in the ledger, -1 for a trial
	Series    string // "" for the first sending, else the replay it belongs to
	Kind      string
	Subject   Ref
	Body      string // the exact bytes that are signed and sent
	State     MessageState
	Attempts  int64
	Next      time.Time // not before
	Created   time.Time
	Delivered time.Time
}

// MessageState is where a message is.
type MessageState string

// The states of a message. Failed is given up after the last attempt; dropped is of
// an endpoint that was removed.
const (
	MessageWaiting   MessageState = "waiting"
	MessageDelivered MessageState = "delivered"
	MessageFailed    MessageState = "failed"
	MessageDropped   MessageState = "dropped"
)

// WebhookAttempt is one try to hand a message over.
type WebhookAttempt struct {
	Message string
	Number  int64
	At      time.Time
	Status  int   // HTTP status, 0 when no answer came
	TookMs  int64 // milliseconds until the answer or the fault
	Fault   string
	Excerpt string // the first 500 bytes of the answer
}

// Taken tells whether the endpoint took the message: any answer of 2xx.
func (a WebhookAttempt) Taken() bool { return a.Status >= 200 && a.Status < 300 }

// Gone tells whether the endpoint said that it is gone for good.
func (a WebhookAttempt) Gone() bool { return a.Status == 410 }

// refusesMessage tells whether the answer is about the message and not about the
// endpoint: 400, 413, 415 and 422.
func (a WebhookAttempt) refusesMessage() bool {
	return slices.Contains([]int{400, 413, 415, 422}, a.Status)
}

// webhookDelays are the waits after each failed attempt (Standard Webhooks 1.0);
// after the last the message is given up.
var webhookDelays = []time.Duration{5 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour,
	5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour}

const (
	// WebhookInLine is how many attempts a message holds back those behind it;
	// refused that often, it steps aside and is tried on its own.
	WebhookInLine = 3
	// webhookProbe is the longest wait before an endpoint that fails is tried again
	// with whatever is due.
	webhookProbe = 5 * time.Minute
	// webhookAlarmAfter and webhookAlarmFor raise the alarm: so many failures in a
	// row, over so long.
	webhookAlarmAfter = 4
	webhookAlarmFor   = 5 * time.Minute
	// MaxWebhookBody bounds a message in bytes.
	MaxWebhookBody = 20000
	// KeyOverlap is how long the key before still signs after an exchange.
	KeyOverlap = 24 * time.Hour
)

// WebhookAttempts is how often a message is tried at most.
func WebhookAttempts() int64 { return int64(len(webhookDelays)) + 1 }

// After gives the endpoint and the message as they are after an attempt, and
// whether the alarm begins or ends with it. jitter from 0 to 1 spreads the waits by
// a tenth.
func (w Webhook) After(m WebhookMessage, a WebhookAttempt, jitter float64) (Webhook, WebhookMessage, WebhookChange) {
	m.Attempts = a.Number
	if a.Taken() {
		change := WebhookSame
		if !w.Alarm.IsZero() {
			change = WebhookRecovered
		}
		m.State, m.Delivered, m.Next = MessageDelivered, a.At, time.Time{}
		w.Failures, w.FailingSince, w.Resume, w.Alarm = 0, time.Time{}, time.Time{}, time.Time{}
		return w, m, change
	}
	if w.Failures++; w.Failures == 1 {
		w.FailingSince = a.At
	}
	if a.Number > int64(len(webhookDelays)) {
		m.State, m.Next = MessageFailed, time.Time{}
	} else {
		m.Next = a.At.Add(spread(webhookDelays[a.Number-1], jitter))
	}
	wait := webhookDelays[min(w.Failures, int64(len(webhookDelays)))-1]
	w.Resume = a.At.Add(spread(min(wait, webhookProbe), jitter))
	if a.refusesMessage() && a.Number >= WebhookInLine {
		w.Resume = time.Time{} // the endpoint lives: it does not like this message, and others need not wait
	}
	dead := a.Gone() || w.Failures >= webhookAlarmAfter && a.At.Sub(w.FailingSince) >= webhookAlarmFor
	if dead && w.Alarm.IsZero() {
		w.Alarm = a.At
		return w, m, WebhookDied
	}
	return w, m, WebhookSame
}

// spread adds up to a tenth.
func spread(d time.Duration, jitter float64) time.Duration {
	return d + time.Duration(float64(d)*jitter/10)
}

// WebhookChange is what an attempt changed about the alarm of an endpoint.
type WebhookChange int

// The changes.
const (
	WebhookSame WebhookChange = iota
	WebhookDied
	WebhookRecovered
)

// Wants tells whether the endpoint asked for entries of the kind.
func (w Webhook) Wants(kind string) bool {
	return len(w.Kinds) == 0 || slices.ContainsFunc(w.Kinds, func(k string) bool {
		return k == kind || strings.HasSuffix(k, ".") && strings.HasPrefix(kind, k)
	})
}

const (
	maxWebhookURL   = 1000
	maxWebhookKinds = 50
)

// Check refuses an endpoint whose form is wrong. plain tells for which hosts http
// without TLS is allowed.
func (w Webhook) Check(plain func(host string) bool) error {
	var v Invalid
	u, err := url.Parse(w.URL)
	switch {
	case err != nil, len(w.URL) > maxWebhookURL, u != nil && u.Hostname() == "", u != nil && u.Opaque != "":
		v.Add("/url", "format", "Give a whole address such as https://gate.example.kz/rigistry, at most %d bytes.", maxWebhookURL)
	case u.User != nil || u.Fragment != "":
		v.Add("/url", "format", "Leave out names, passwords and fragments: the signature proves who sends.")
	case u.Scheme != "https" && (u.Scheme != "http" || !plain(u.Hostname())):
		v.Add("/url", "scheme", "Use https.")
	}
	if len(w.Kinds) > maxWebhookKinds {
		v.Add("/kinds", "length", "Name at most %d kinds, or none for all.", maxWebhookKinds)
	}
	for i, k := range w.Kinds {
		if !kindForm(k) {
			v.Add("/kinds/"+strconv.Itoa(i), "format", "A kind is like license.suspended; license. stands for all that begin so.")
		}
	}
	if len(w.Note) > 200 {
		v.Add("/note", "length", "At most 200 bytes.")
	}
	return v.Err()
}

// kindForm tells whether a text can be a kind of entry or the beginning of one.
func kindForm(k string) bool {
	noun, _, dotted := strings.Cut(k, ".")
	return dotted && noun != "" && len(k) <= 64 && strings.Trim(k, "abcdefghijklmnopqrstuvwxyz_.") == ""
}
