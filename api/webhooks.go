package api

import (
	"context"
	"net/http"
	"time"

	"rigistry/models"
	"rigistry/services/ledger"
	"rigistry/services/store"
)

func (s *Server) webhookRoutes() []route {
	return []route{
		handle("GET", "/v1/webhooks", models.ActWebhookRead, "Webhooks", "Endpoints that are told when the feed goes on; the registry sees all", s.listWebhooks),
		handle("POST", "/v1/webhooks", models.ActWebhookWrite, "Webhooks", "Add an endpoint (Standard Webhooks 1.0, Ed25519)", s.postWebhook).with(http.StatusCreated),
		handle("GET", "/v1/webhooks/{id}", models.ActWebhookRead, "Webhooks", "One endpoint, with the keys its messages are checked with", s.getWebhook),
		handle("PUT", "/v1/webhooks/{id}", models.ActWebhookWrite, "Webhooks", "Change address, kinds or note", s.putWebhook),
		handle("POST", "/v1/webhooks/{id}/removal", models.ActWebhookWrite, "Webhooks", "Remove an endpoint", s.removeWebhook),
		handle("POST", "/v1/webhooks/{id}/key-exchange", models.ActWebhookWrite, "Webhooks", "Begin a new signing key; the one before signs too for 24 hours", s.exchangeWebhookKey),
		handle("POST", "/v1/webhooks/{id}/test", models.ActWebhookWrite, "Webhooks", "Send a trial message now and say what the endpoint answered", s.tryWebhook),
		handle("POST", "/v1/webhooks/{id}/replay", models.ActWebhookWrite, "Webhooks", "Send again what the feed has after a cursor", s.replayWebhook),
		handle("GET", "/v1/webhooks/{id}/deliveries", models.ActWebhookRead, "Webhooks", "Messages to an endpoint with each attempt, newest first", s.listDeliveries),
		handle("POST", "/v1/webhooks/{id}/deliveries/{message}/resend", models.ActWebhookWrite, "Webhooks", "Send one message again, under its id", s.resendDelivery),
	}
}

// WebhookInput is what a utility decides about an endpoint.
type WebhookInput struct {
	URL   string   `json:"url" minLength:"1" maxLength:"1000" doc:"https address"`
	Kinds []string `json:"kinds,omitempty" maxItems:"50" doc:"Kinds of entries, such as license.suspended or order. for all of them; every kind when empty"`
	Note  string   `json:"note,omitempty" maxLength:"200"`
}

// WebhookWire is an endpoint.
type WebhookWire struct {
	ID            string     `json:"id"`
	Utility       string     `json:"utility" doc:"Utility id"`
	UtilityName   string     `json:"utility_name"`
	URL           string     `json:"url"`
	Kinds         []string   `json:"kinds" nullable:"false"`
	Note          string     `json:"note"`
	State         string     `json:"state" enum:"active,removed"`
	Health        string     `json:"health" enum:"good,failing,dead" doc:"dead: an alarm was raised; messages are still tried"`
	Failures      int64      `json:"failures" doc:"Attempts that failed since the last that was taken"`
	FailingSince  *time.Time `json:"failing_since,omitempty"`
	AlarmAt       *time.Time `json:"alarm_at,omitempty"`
	PublicKeys    []string   `json:"public_keys" nullable:"false" doc:"Keys that messages are checked with, newest first: whpk_ and base64"`
	PreviousUntil *time.Time `json:"previous_key_until,omitempty" doc:"Until then the key before signs too"`
	CreatedAt     time.Time  `json:"created_at"`
	Version       int64      `json:"version"`
}

// DeliveryWire is a message to an endpoint.
type DeliveryWire struct {
	ID          string        `json:"id" doc:"The header webhook-id of every attempt"`
	Cursor      int64         `json:"cursor" doc:"Place of the entry in the feed, -1 for a trial"`
	Kind        string        `json:"kind"`
	SubjectKind string        `json:"subject_kind"`
	Subject     string        `json:"subject"`
	State       string        `json:"state" enum:"waiting,delivered,failed,dropped"`
	CreatedAt   time.Time     `json:"created_at"`
	DeliveredAt *time.Time    `json:"delivered_at,omitempty"`
	NextAt      *time.Time    `json:"next_at,omitempty" doc:"When it is tried again"`
	Body        string        `json:"body" doc:"The bytes that were signed"`
	Attempts    []AttemptWire `json:"attempts" nullable:"false"`
}

// AttemptWire is one try.
type AttemptWire struct {
	Number  int64     `json:"number"`
	At      time.Time `json:"at"`
	Status  int       `json:"status" doc:"HTTP status, 0 when no answer came"`
	TookMs  int64     `json:"took_ms"`
	Fault   string    `json:"fault"`
	Excerpt string    `json:"excerpt" doc:"The first 500 bytes of the answer"`
}

func (s *Server) webhookWire(w models.Webhook, names map[string]string) (WebhookWire, error) {
	keys, err := s.svc.Webhooks.PublicKeys(w)
	health := "good"
	switch {
	case !w.Alarm.IsZero():
		health = "dead"
	case w.Failures > 0:
		health = "failing"
	}
	kinds := w.Kinds
	if kinds == nil {
		kinds = []string{}
	}
	var until *time.Time
	if w.PreviousUntil.After(s.now()) {
		until = optionalTime(w.PreviousUntil)
	}
	return WebhookWire{ID: w.ID, Utility: w.Utility, UtilityName: names[w.Utility], URL: w.URL, Kinds: kinds, Note: w.Note, State: string(w.State), Health: health,
		Failures: w.Failures, FailingSince: optionalTime(w.FailingSince), AlarmAt: optionalTime(w.Alarm), PublicKeys: keys, PreviousUntil: until,
		CreatedAt: w.Created, Version: w.Version}, err
}

func deliveryWire(d ledger.Delivery) DeliveryWire {
	w := DeliveryWire{ID: d.ID, Cursor: d.Cursor, Kind: d.Kind, SubjectKind: d.Subject.Kind, Subject: d.Subject.ID, State: string(d.State),
		CreatedAt: d.Created, DeliveredAt: optionalTime(d.Delivered), Body: d.Body, Attempts: []AttemptWire{}}
	if d.State == models.MessageWaiting {
		w.NextAt = optionalTime(d.Next)
	}
	for _, a := range d.Log {
		w.Attempts = append(w.Attempts, AttemptWire{Number: a.Number, At: a.At, Status: a.Status, TookMs: a.TookMs, Fault: a.Fault, Excerpt: a.Excerpt})
	}
	return w
}

type webhooksQuery struct {
	Limit   int    `query:"limit" minimum:"1" maximum:"1000" default:"50" doc:"How many items at most"`
	After   string `query:"after" maxLength:"100" doc:"Cursor: the value of next from the page before"`
	State   string `query:"state" enum:"active,removed"`
	Health  string `query:"health" enum:"dead" doc:"Only endpoints with an alarm"`
	Utility string `query:"utility" maxLength:"64" doc:"Utility id"`
}

func (s *Server) listWebhooks(ctx context.Context, actor models.Actor, in *webhooksQuery) (*listOutput[WebhookWire], error) {
	page := store.Page{Limit: in.Limit, After: in.After}
	found, err := s.svc.Webhooks.List(ctx, actor, store.WebhookFilter{State: in.State, Dead: in.Health == "dead", Utility: in.Utility}, page)
	if err != nil {
		return nil, err
	}
	names, err := s.utilityNames(ctx)
	if err != nil {
		return nil, err
	}
	items := make([]WebhookWire, 0, len(found))
	for _, w := range found {
		wire, err := s.webhookWire(w, names)
		if err != nil {
			return nil, err
		}
		items = append(items, wire)
	}
	return listOf(items, nextOf(found, page, func(w models.Webhook) string { return w.ID }), func(w WebhookWire) WebhookWire { return w }), nil
}

func (s *Server) webhookOutput(ctx context.Context, w models.Webhook, err error) (*output[WebhookWire], error) {
	if err != nil {
		return nil, err
	}
	names, err := s.utilityNames(ctx)
	if err != nil {
		return nil, err
	}
	wire, err := s.webhookWire(w, names)
	return &output[WebhookWire]{ETag: etag(w.Version), Body: wire}, err
}

type newWebhook struct {
	Idempotent
	Body WebhookInput
}

func (in WebhookInput) decided() ledger.WebhookInput {
	return ledger.WebhookInput{URL: in.URL, Kinds: in.Kinds, Note: in.Note}
}

func (s *Server) postWebhook(ctx context.Context, actor models.Actor, in *newWebhook) (*created[WebhookWire], error) {
	w, err := s.svc.Webhooks.Register(ctx, actor, in.Body.decided())
	out, err := s.webhookOutput(ctx, w, err)
	if err != nil {
		return nil, err
	}
	return &created[WebhookWire]{Location: "/v1/webhooks/" + w.ID, Body: out.Body}, nil
}

func (s *Server) getWebhook(ctx context.Context, actor models.Actor, in *ByID) (*output[WebhookWire], error) {
	w, err := s.svc.Webhooks.Get(ctx, actor, in.ID)
	return s.webhookOutput(ctx, w, err)
}

type webhookChange struct {
	ByID
	IfMatch
	Body WebhookInput
}

func (s *Server) putWebhook(ctx context.Context, actor models.Actor, in *webhookChange) (*output[WebhookWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	w, err := s.svc.Webhooks.Change(ctx, actor, in.ID, version, in.Body.decided())
	return s.webhookOutput(ctx, w, err)
}

// webhookAct is an act without a body.
type webhookAct struct {
	ByID
	IfMatch
	Idempotent
}

func (s *Server) webhookCommand(ctx context.Context, actor models.Actor, in *webhookAct,
	act func(context.Context, models.Actor, string, int64) (models.Webhook, error)) (*output[WebhookWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	w, err := act(ctx, actor, in.ID, version)
	return s.webhookOutput(ctx, w, err)
}

func (s *Server) removeWebhook(ctx context.Context, actor models.Actor, in *webhookAct) (*output[WebhookWire], error) {
	return s.webhookCommand(ctx, actor, in, s.svc.Webhooks.Remove)
}

func (s *Server) exchangeWebhookKey(ctx context.Context, actor models.Actor, in *webhookAct) (*output[WebhookWire], error) {
	return s.webhookCommand(ctx, actor, in, s.svc.Webhooks.ExchangeKey)
}

func (s *Server) tryWebhook(ctx context.Context, actor models.Actor, in *ByID) (*output[DeliveryWire], error) {
	d, err := s.svc.Webhooks.Try(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return &output[DeliveryWire]{Body: deliveryWire(d)}, nil
}

// ReplayInput says from where.
type ReplayInput struct {
	After int64 `json:"after" minimum:"-1" doc:"Cursor: what comes after it is sent again; -1 for everything"`
}

// ReplayWire says how much waits now.
type ReplayWire struct {
	Messages int    `json:"messages"`
	Next     *int64 `json:"next,omitempty" doc:"Cursor to go on from; absent at the end of the feed"`
}

type replayRequest struct {
	ByID
	Idempotent
	Body ReplayInput
}

func (s *Server) replayWebhook(ctx context.Context, actor models.Actor, in *replayRequest) (*output[ReplayWire], error) {
	r, err := s.svc.Webhooks.Replay(ctx, actor, in.ID, in.Body.After)
	if err != nil {
		return nil, err
	}
	out := ReplayWire{Messages: r.Messages}
	if r.Next >= 0 {
		out.Next = &r.Next
	}
	return &output[ReplayWire]{Body: out}, nil
}

type deliveriesQuery struct {
	ByID
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many items at most"`
	After string `query:"after" maxLength:"100" doc:"Cursor: the value of next from the page before"`
	State string `query:"state" enum:"waiting,delivered,failed,dropped"`
}

func (s *Server) listDeliveries(ctx context.Context, actor models.Actor, in *deliveriesQuery) (*listOutput[DeliveryWire], error) {
	page := store.Page{Limit: in.Limit, After: in.After}
	found, err := s.svc.Webhooks.Deliveries(ctx, actor, in.ID, in.State, page)
	if err != nil {
		return nil, err
	}
	return listOf(found, nextOf(found, page, func(d ledger.Delivery) string { return d.ID }), deliveryWire), nil
}

type deliveryPath struct {
	ByID
	Message string `path:"message" maxLength:"64" doc:"Id of the message"`
}

func (s *Server) resendDelivery(ctx context.Context, actor models.Actor, in *deliveryPath) (*output[DeliveryWire], error) {
	m, err := s.svc.Webhooks.Resend(ctx, actor, in.ID, in.Message)
	if err != nil {
		return nil, err
	}
	return &output[DeliveryWire]{Body: deliveryWire(ledger.Delivery{WebhookMessage: m})}, nil
}
