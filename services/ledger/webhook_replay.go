package ledger

import (
	"context"
	"slices"
	"strings"

	"rigistry/models"
	"rigistry/services/store"
)

// maxReplay is how many entries one replay looks at.
const maxReplay = 1000

// Replayed is what a replay did: how many messages wait now, and where to go on
// from, -1 at the end of the feed.
type Replayed struct {
	Messages int
	Next     int64
}

// Resend sends one message again, under its id: a receiver that took it before can
// tell.
func (w *Webhooks) Resend(ctx context.Context, actor models.Actor, endpoint, message string) (models.WebhookMessage, error) {
	var m models.WebhookMessage
	err := w.store.Update(ctx, func(tx *store.Tx) error {
		e, err := own(tx, actor, models.ActWebhookWrite, endpoint)
		if err != nil {
			return err
		}
		if m, err = tx.Message(message); err != nil {
			return err
		}
		if m.Endpoint != e.ID {
			return models.NotFound("message", message)
		}
		if err := tx.ResendMessages([]string{m.ID}); err != nil {
			return err
		}
		if m, err = tx.Message(message); err != nil {
			return err
		}
		return webhookFact(tx, actor, "webhook.replayed", e)
	})
	return m, err
}

// Replay sends again what the endpoint's feed has after a cursor, at most a thousand
// entries at once: those that have a message under its id, the others as new ones.
func (w *Webhooks) Replay(ctx context.Context, actor models.Actor, endpoint string, after int64) (Replayed, error) {
	var out Replayed
	err := w.store.Update(ctx, func(tx *store.Tx) error {
		e, err := own(tx, actor, models.ActWebhookWrite, endpoint)
		if err != nil {
			return err
		}
		entries, err := tx.SealedEntries(max(after+1, 0), maxReplay+1, store.EntryFilter{Utility: &e.Utility})
		if err != nil {
			return err
		}
		out = Replayed{Next: -1}
		if len(entries) > maxReplay {
			entries = entries[:maxReplay]
			out.Next = entries[maxReplay-1].Index
		}
		entries = slices.DeleteFunc(entries, func(s models.SealedEntry) bool { return strings.HasPrefix(s.Kind, aboutWebhooks) || !e.Wants(s.Kind) })
		for _, s := range entries {
			m, err := messageOf(tx, e, s, "")
			if err != nil {
				return err
			}
			if err := tx.InsertMessage(m); err != nil {
				return err
			}
		}
		if len(entries) > 0 {
			if err := tx.ResendFrom(e.ID, entries[0].Index, entries[len(entries)-1].Index); err != nil {
				return err
			}
		}
		out.Messages = len(entries)
		return webhookFact(tx, actor, "webhook.replayed", e)
	})
	return out, err
}

// Try sends a trial message of the type webhook.test, at once and whether or not
// the endpoint rests.
func (w *Webhooks) Try(ctx context.Context, actor models.Actor, endpoint string) (Delivery, error) {
	var (
		e models.Webhook
		m models.WebhookMessage
	)
	err := w.store.Update(ctx, func(tx *store.Tx) (err error) {
		if e, err = own(tx, actor, models.ActWebhookWrite, endpoint); err != nil {
			return err
		}
		trial := models.SealedEntry{Index: -1, Kind: "webhook.test", At: tx.Now, Subject: models.Ref{Kind: "webhook", ID: e.ID}}
		if m, err = messageOf(tx, e, trial, tx.NewID()); err != nil {
			return err
		}
		// It is out of the line: sent here and now, and not again.
		m.Next = tx.Now.Add(webhookLease)
		if err := tx.InsertMessage(m); err != nil {
			return err
		}
		return webhookFact(tx, actor, "webhook.tried", e)
	})
	if err != nil {
		return Delivery{}, err
	}
	a := w.attempt(ctx, e, m)
	err = w.store.Update(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		now, err := tx.Webhook(e.ID)
		if err != nil {
			return err
		}
		now, after, change := now.After(m, a, 0)
		if !a.Taken() {
			after.State, now, change = models.MessageFailed, e, models.WebhookSame // a trial says nothing of the line
		}
		first, err := tx.SaveMessage(after)
		if err != nil || !first {
			return err
		}
		m = after
		if err := tx.InsertAttempt(a); err != nil || !a.Taken() {
			return err
		}
		if err := tx.SetWebhookHealth(now); err != nil {
			return err
		}
		if err := tx.HurryMessages(e.ID); err != nil {
			return err
		}
		return w.alarm(tx, now, change)
	})
	return Delivery{WebhookMessage: m, Log: []models.WebhookAttempt{a}}, err
}
