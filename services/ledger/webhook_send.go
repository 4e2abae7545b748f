package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"rigistry/models"
	"rigistry/services/store"
)

const (
	webhookLease = 45 * time.Second // longer than an attempt with its transactions
	webhookPoll  = 250 * time.Millisecond
	webhookRound = 64 // endpoints of one round
	webhookLanes = 8  // endpoints at once
	webhookRun   = 50 // messages to one endpoint before others have their turn
	maxExcerpt   = 500
)

// Run turns entries into messages and sends them until ctx ends. Several processes
// may run it: an endpoint belongs to one at a time, by a lease.
func (w *Webhooks) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return Follow(ctx, w.store, "webhooks", w.Enqueue) })
	group.Go(func() error {
		ticker := time.NewTicker(webhookPoll)
		defer ticker.Stop()
		for {
			if _, err := w.Deliver(ctx); err != nil && ctx.Err() == nil {
				w.log.ErrorContext(ctx, "webhooks could not be sent, trying again", "error", err)
			}
			select {
			case <-ctx.Done():
				return nil
			case <-ticker.C:
			}
		}
	})
	return group.Wait()
}

// payload is what a message says: thin, so that who wants to know more asks the
// feed with the cursor.
type payload struct {
	Type      string      `json:"type"`
	Timestamp time.Time   `json:"timestamp"`
	Data      payloadData `json:"data"`
}

type payloadData struct {
	Cursor         int64  `json:"cursor"`
	Kind           string `json:"kind"`
	SubjectKind    string `json:"subject_kind"`
	Subject        string `json:"subject"`
	SubjectVersion int64  `json:"subject_version,omitempty"`
	Utility        string `json:"utility"`
}

func messageOf(tx *store.Tx, endpoint models.Webhook, e models.SealedEntry, series string) (models.WebhookMessage, error) {
	body, err := json.Marshal(payload{Type: e.Kind, Timestamp: e.At, Data: payloadData{Cursor: e.Index, Kind: e.Kind, SubjectKind: e.Subject.Kind,
		Subject: e.Subject.ID, SubjectVersion: e.SubjectVersion, Utility: endpoint.Utility}})
	if err != nil || len(body) >= models.MaxWebhookBody {
		return models.WebhookMessage{}, fmt.Errorf("write the message of entry %d (%d bytes): %w", e.Index, len(body), err)
	}
	return models.WebhookMessage{ID: "msg_" + tx.NewID(), Endpoint: endpoint.ID, Cursor: e.Index, Series: series, Kind: e.Kind, Subject: e.Subject,
		Body: string(body), State: models.MessageWaiting, Next: tx.Now, Created: tx.Now}, nil
}

// aboutWebhooks are the kinds that no message tells of: a failing endpoint must not
// feed itself.
const aboutWebhooks = "webhook."

// Enqueue makes the messages of sealed entries; Run gives it to Follow.
func (w *Webhooks) Enqueue(_ context.Context, tx *store.Tx, entries []models.SealedEntry) error {
	seen := map[string]bool{}
	var utilities []string
	for _, e := range entries {
		if e.Utility != "" && !seen[e.Utility] && !strings.HasPrefix(e.Kind, aboutWebhooks) {
			seen[e.Utility] = true
			utilities = append(utilities, e.Utility)
		}
	}
	endpoints, err := tx.WebhooksOf(utilities)
	if err != nil || len(endpoints) == 0 {
		return err
	}
	for _, e := range entries {
		for _, endpoint := range endpoints {
			if e.Utility != endpoint.Utility || strings.HasPrefix(e.Kind, aboutWebhooks) || !endpoint.Wants(e.Kind) || e.At.Before(endpoint.Created) {
				continue
			}
			m, err := messageOf(tx, endpoint, e, "")
			if err != nil {
				return err
			}
			if err := tx.InsertMessage(m); err != nil {
				return err
			}
		}
	}
	return nil
}

// Deliver sends what is due now and gives how many attempts that were. Endpoints go
// side by side, the messages of one after another.
func (w *Webhooks) Deliver(ctx context.Context) (int, error) {
	var due []string
	err := w.store.View(ctx, func(tx *store.Tx) (err error) {
		due, err = tx.DueWebhooks(webhookRound)
		return err
	})
	if err != nil || len(due) == 0 {
		return 0, err
	}
	counts, faults := make([]int, len(due)), make([]error, len(due))
	var lanes errgroup.Group
	lanes.SetLimit(webhookLanes)
	for i, id := range due {
		lanes.Go(func() error {
			counts[i], faults[i] = w.drain(ctx, id)
			return nil
		})
	}
	_ = lanes.Wait() // faults are kept one by one
	total := 0
	for _, n := range counts {
		total += n
	}
	return total, errors.Join(faults...)
}

// drain sends the messages of one endpoint that are due, while this process holds
// its lease.
func (w *Webhooks) drain(ctx context.Context, id string) (sent int, err error) {
	lease := "webhook:" + id
	defer func() {
		freed := w.store.Update(context.WithoutCancel(ctx), func(tx *store.Tx) error {
			_, err := tx.TakeLease(lease, w.holder, tx.Now)
			return err
		})
		err = errors.Join(err, freed)
	}()
	for ; sent < webhookRun; sent++ {
		var (
			endpoint models.Webhook
			message  models.WebhookMessage
			found    bool
		)
		err := w.store.Update(ctx, func(tx *store.Tx) (err error) {
			found = false
			held, err := tx.TakeLease(lease, w.holder, tx.Now.Add(webhookLease))
			if err != nil || !held {
				return err
			}
			if endpoint, err = tx.Webhook(id); err != nil || endpoint.State != models.WebhookActive || endpoint.Resume.After(tx.Now) {
				return err
			}
			message, found, err = tx.NextMessage(id)
			return err
		})
		if err != nil || !found {
			return sent, err
		}
		attempt := w.attempt(ctx, endpoint, message)
		if ctx.Err() != nil && attempt.Status == 0 {
			return sent, nil // broken off by us: nothing is known about the endpoint
		}
		if err := w.settle(ctx, message, attempt); err != nil {
			return sent, err
		}
	}
	return sent, nil
}

// attempt hands a message over once.
func (w *Webhooks) attempt(ctx context.Context, endpoint models.Webhook, m models.WebhookMessage) models.WebhookAttempt {
	at := w.store.Now()
	a := models.WebhookAttempt{Message: m.ID, Number: m.Attempts + 1, At: at}
	signature, err := sign(w.master, endpoint, m.ID, m.Body, at)
	if err != nil {
		a.Fault = "it could not be signed"
		return a
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint.URL, strings.NewReader(m.Body))
	if err != nil {
		a.Fault = "the address cannot be used"
		return a
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "Rigistry-Webhooks/1")
	request.Header.Set(headerID, m.ID)
	request.Header.Set(headerTimestamp, strconv.FormatInt(at.Unix(), 10))
	request.Header.Set(headerSignature, signature)
	answer, err := w.client.Do(request)
	if err == nil {
		a.Status = answer.StatusCode
		var excerpt []byte
		excerpt, err = io.ReadAll(io.LimitReader(answer.Body, maxExcerpt))
		a.Excerpt = printable(string(excerpt))
		_ = answer.Body.Close() // what it says is read
	}
	if err != nil {
		a.Fault = faultOf(err)
	}
	a.TookMs = max(0, w.store.Now().Sub(at).Milliseconds())
	return a
}

// faultOf says what went wrong without the address, which may hold a secret.
func faultOf(err error) string {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		if wrapped.Timeout() {
			return "no answer within 10 seconds"
		}
		err = wrapped.Err
	}
	if errors.Is(err, errClosed) {
		return errClosed.Error()
	}
	return printable(err.Error()[:min(len(err.Error()), 300)])
}

// printable is text that every database takes.
func printable(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
}

// settle records an attempt and what it means for the message and its endpoint. An
// attempt that another process recorded in between changes nothing.
func (w *Webhooks) settle(ctx context.Context, before models.WebhookMessage, a models.WebhookAttempt) error {
	jitter := rand.Float64()
	return w.store.Update(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		endpoint, err := tx.Webhook(before.Endpoint)
		if err != nil {
			return err
		}
		rested := !endpoint.Resume.IsZero()
		endpoint, message, change := endpoint.After(before, a, jitter)
		first, err := tx.SaveMessage(message)
		if err != nil || !first {
			return err
		}
		if err := tx.InsertAttempt(a); err != nil {
			return err
		}
		if err := tx.SetWebhookHealth(endpoint); err != nil {
			return err
		}
		if a.Taken() {
			if rested { // it answers again; a message that it refuses keeps its own time
				if err := tx.HurryMessages(endpoint.ID); err != nil {
					return err
				}
			}
			if w.taken != nil {
				if err := w.taken(tx, endpoint.Utility, message); err != nil {
					return err
				}
			}
		}
		return w.alarm(tx, endpoint, change)
	})
}

// alarm says in the ledger, in the feed of the utility and on a desk of the registry
// that an endpoint is dead, or that it came back: somebody has to call.
func (w *Webhooks) alarm(tx *store.Tx, e models.Webhook, change models.WebhookChange) error {
	switch change {
	case models.WebhookDied:
		task := models.Task{ID: tx.NewID(), Kind: models.TaskWebhookDead, Subject: models.Ref{Kind: "webhook", ID: e.ID}, Due: models.LegalDate(tx.Now), Role: models.RoleOfficer}
		made, err := tx.InsertTask(task)
		if err != nil {
			return err
		}
		if made {
			if _, err := tx.Append(models.Entry{Kind: "task.opened", Subject: models.Ref{Kind: "task", ID: task.ID}, SubjectVersion: 1, Actor: models.System(),
				Body: map[string]any{"kind": task.Kind, "subject_kind": "webhook", "subject": e.ID, "due": task.Due, "role": task.Role}}); err != nil {
				return err
			}
		}
		return webhookFact(tx, models.System(), "webhook.dead", e)
	case models.WebhookRecovered:
		if err := settleDead(tx, models.System(), e, models.TaskDone, "The endpoint takes messages again."); err != nil {
			return err
		}
		return webhookFact(tx, models.System(), "webhook.recovered", e)
	}
	return nil
}

// settleDead ends the tasks about a dead endpoint.
func settleDead(tx *store.Tx, actor models.Actor, e models.Webhook, to models.TaskState, outcome string) error {
	open, err := tx.Tasks(store.TaskFilter{State: string(models.TaskOpen), Kind: string(models.TaskWebhookDead), Subject: models.Ref{Kind: "webhook", ID: e.ID}}, store.Page{})
	if err != nil {
		return err
	}
	for _, t := range open {
		t = t.Settle(to, outcome, actor, tx.Now)
		if err := tx.CloseTask(t); err != nil {
			return err
		}
		if _, err := tx.Append(models.Entry{Kind: "task.closed", Subject: models.Ref{Kind: "task", ID: t.ID}, SubjectVersion: t.Version, Actor: actor,
			Body: map[string]any{"kind": t.Kind, "state": t.State, "subject_kind": "webhook", "subject": e.ID}}); err != nil {
			return err
		}
	}
	return nil
}
