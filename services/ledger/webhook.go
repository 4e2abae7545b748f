package ledger

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"rigistry/models"
	"rigistry/services/store"
)

// Webhooks tells utilities that their feed went on. It promises: every entry of a
// utility's feed that an endpoint asked for becomes one message, whoever is killed
// when; a message keeps its id over all attempts; messages go out in the order of
// the ledger, except that one refused three times steps aside; an endpoint that
// fails raises an alarm and is never switched off.
type Webhooks struct {
	store  *store.Store
	master []byte
	guard  guard
	client *http.Client
	log    *slog.Logger
	holder string
	taken  func(tx *store.Tx, utility string, m models.WebhookMessage) error // nil for nothing
}

// NewWebhooks makes the webhooks of a store. master is the secret that the keys of
// endpoints are derived from; allow are the private networks that the operator lets
// messages go to. It starts nothing.
func NewWebhooks(s *store.Store, master []byte, allow []netip.Prefix, log *slog.Logger) *Webhooks {
	g := guard{allow: allow}
	return &Webhooks{store: s, master: master, guard: g, client: g.client(), log: log, holder: rand.Text()}
}

// OnTaken gives what is to be done when an endpoint of a utility has taken a message: it
// runs in the transaction that records it, so both are there or neither. It is set
// before Run.
func (w *Webhooks) OnTaken(fn func(tx *store.Tx, utility string, m models.WebhookMessage) error) {
	w.taken = fn
}

// WebhookInput is what a utility decides about an endpoint.
type WebhookInput struct {
	URL   string
	Kinds []string
	Note  string
}

// maxWebhooks is how many endpoints a utility may have.
const maxWebhooks = 20

// own gives an endpoint that the actor may act on: of its own utility.
func own(tx *store.Tx, actor models.Actor, action models.Action, id string) (models.Webhook, error) {
	if err := models.Can(actor, action, models.Scope{}); err != nil {
		return models.Webhook{}, err
	}
	w, err := tx.Webhook(id)
	if err != nil {
		return w, err
	}
	if models.Can(actor, action, models.Scope{Utility: w.Utility}) != nil || w.State != models.WebhookActive && action == models.ActWebhookWrite {
		return models.Webhook{}, models.NotFound("webhook", id)
	}
	return w, nil
}

// Register adds an endpoint of the actor's utility. It is told of what is sealed
// from now on.
func (w *Webhooks) Register(ctx context.Context, actor models.Actor, in WebhookInput) (models.Webhook, error) {
	if err := models.Can(actor, models.ActWebhookWrite, models.Scope{}); err != nil {
		return models.Webhook{}, err
	}
	if actor.Utility == "" {
		return models.Webhook{}, models.Errorf(models.CodeForbidden, "Only a utility has webhooks, and your account belongs to none.")
	}
	e := models.Webhook{Utility: actor.Utility, URL: strings.TrimSpace(in.URL), Kinds: in.Kinds, Note: strings.TrimSpace(in.Note),
		State: models.WebhookActive, KeyNumber: 1, CreatedBy: actor.ID, Version: 1}
	if err := e.Check(w.guard.plain); err != nil {
		return models.Webhook{}, err
	}
	err := w.store.Update(ctx, func(tx *store.Tx) error {
		have, err := tx.Webhooks(store.WebhookFilter{Utility: actor.Utility, State: string(models.WebhookActive)}, store.Page{Limit: maxWebhooks})
		if err != nil {
			return err
		}
		if len(have) >= maxWebhooks {
			return models.Errorf(models.CodeConflict, "A utility has at most %d webhooks. Remove one first.", maxWebhooks)
		}
		e.ID, e.Created, e.Updated = tx.NewID(), tx.Now, tx.Now
		if err := tx.InsertWebhook(e); err != nil {
			return err
		}
		return webhookFact(tx, actor, "webhook.registered", e)
	})
	return e, err
}

// webhookFact is the entry of an act on an endpoint. Of the address it holds the
// host; the path may be a secret of the utility.
func webhookFact(tx *store.Tx, actor models.Actor, kind string, e models.Webhook) error {
	host := ""
	if u, err := url.Parse(e.URL); err == nil {
		host = u.Host
	}
	_, err := tx.Append(models.Entry{Kind: kind, Subject: models.Ref{Kind: "webhook", ID: e.ID}, SubjectVersion: e.Version, Actor: actor, Utility: e.Utility,
		Body: map[string]any{"host": host, "kinds": e.Kinds, "key_number": e.KeyNumber, "failures": e.Failures}})
	return err
}

// change is an act of a utility on its endpoint. version is what it was based on, 0
// for whatever is there.
func (w *Webhooks) change(ctx context.Context, actor models.Actor, id string, version int64, kind string, fn func(tx *store.Tx, e *models.Webhook) error) (models.Webhook, error) {
	var e models.Webhook
	err := w.store.Update(ctx, func(tx *store.Tx) (err error) {
		if e, err = own(tx, actor, models.ActWebhookWrite, id); err != nil {
			return err
		}
		if version != 0 && version != e.Version {
			return models.Errorf(models.CodeVersionConflict, "Somebody changed this webhook in between. Load it again, and repeat your change.")
		}
		if err := fn(tx, &e); err != nil {
			return err
		}
		e.Version, e.Updated = e.Version+1, tx.Now
		if err := tx.UpdateWebhook(e); err != nil {
			return err
		}
		return webhookFact(tx, actor, kind, e)
	})
	return e, err
}

// Change gives an endpoint another address, other kinds or another note.
func (w *Webhooks) Change(ctx context.Context, actor models.Actor, id string, version int64, in WebhookInput) (models.Webhook, error) {
	return w.change(ctx, actor, id, version, "webhook.changed", func(_ *store.Tx, e *models.Webhook) error {
		e.URL, e.Kinds, e.Note = strings.TrimSpace(in.URL), in.Kinds, strings.TrimSpace(in.Note)
		return e.Check(w.guard.plain)
	})
}

// Remove ends an endpoint; what waits for it is dropped and its alarm with it.
func (w *Webhooks) Remove(ctx context.Context, actor models.Actor, id string, version int64) (models.Webhook, error) {
	return w.change(ctx, actor, id, version, "webhook.removed", func(tx *store.Tx, e *models.Webhook) error {
		e.State = models.WebhookRemoved
		if err := settleDead(tx, actor, *e, models.TaskCancelled, "The utility removed the webhook."); err != nil {
			return err
		}
		return tx.DropMessages(id)
	})
}

// ExchangeKey begins a new signing key; the one before signs too for a day.
func (w *Webhooks) ExchangeKey(ctx context.Context, actor models.Actor, id string, version int64) (models.Webhook, error) {
	return w.change(ctx, actor, id, version, "webhook.key_exchanged", func(tx *store.Tx, e *models.Webhook) error {
		if tx.Now.Before(e.PreviousUntil) {
			return models.Errorf(models.CodeConflict, "The last exchange is not over: both keys sign until %s.", e.PreviousUntil.Format("2006-01-02 15:04Z"))
		}
		e.KeyNumber, e.PreviousUntil = e.KeyNumber+1, tx.Now.Add(models.KeyOverlap)
		return nil
	})
}

// List gives endpoints: a utility its own, the registry all.
func (w *Webhooks) List(ctx context.Context, actor models.Actor, f store.WebhookFilter, page store.Page) (out []models.Webhook, err error) {
	if err := models.Can(actor, models.ActWebhookRead, models.Scope{}); err != nil {
		return nil, err
	}
	if actor.Is(models.RoleUtility) {
		f.Utility = actor.Utility
		if actor.Utility == "" {
			return nil, nil
		}
	}
	err = w.store.View(ctx, func(tx *store.Tx) error {
		out, err = tx.Webhooks(f, page)
		return err
	})
	return out, err
}

// Get gives one endpoint.
func (w *Webhooks) Get(ctx context.Context, actor models.Actor, id string) (e models.Webhook, err error) {
	err = w.store.View(ctx, func(tx *store.Tx) error {
		e, err = own(tx, actor, models.ActWebhookRead, id)
		return err
	})
	return e, err
}

// Delivery is a message with its attempts.
type Delivery struct {
	models.WebhookMessage
	Log []models.WebhookAttempt
}

// Deliveries lists the messages of an endpoint with their attempts, newest first.
func (w *Webhooks) Deliveries(ctx context.Context, actor models.Actor, id, state string, page store.Page) (out []Delivery, err error) {
	err = w.store.View(ctx, func(tx *store.Tx) error {
		out = nil
		if _, err := own(tx, actor, models.ActWebhookRead, id); err != nil {
			return err
		}
		list, err := tx.Messages(id, state, page)
		if err != nil {
			return err
		}
		ids := make([]string, 0, len(list))
		for _, m := range list {
			ids = append(ids, m.ID)
		}
		log, err := tx.WebhookAttempts(ids)
		by := map[string][]models.WebhookAttempt{}
		for _, a := range log {
			by[a.Message] = append(by[a.Message], a)
		}
		for _, m := range list {
			out = append(out, Delivery{WebhookMessage: m, Log: by[m.ID]})
		}
		return err
	})
	return out, err
}

// Health counts endpoints and what waits for them.
func (w *Webhooks) Health(ctx context.Context) (h store.WebhookHealth, err error) {
	err = w.store.View(ctx, func(tx *store.Tx) error {
		h, err = tx.WebhookHealth()
		return err
	})
	return h, err
}
