package store

import (
	"time"

	"rigistry/models"
)

type webhookRow struct {
	ID              string `gorm:"column:id"`
	Utility         string `gorm:"column:utility"`
	URL             string `gorm:"column:url"`
	Kinds           string `gorm:"column:kinds"`
	Note            string `gorm:"column:note"`
	State           string `gorm:"column:state"`
	KeyNumber       int64  `gorm:"column:key_number"`
	PreviousUntilAt int64  `gorm:"column:previous_until_at"`
	Failures        int64  `gorm:"column:failures"`
	FailingSinceAt  int64  `gorm:"column:failing_since_at"`
	ResumeAt        int64  `gorm:"column:resume_at"`
	AlarmAt         int64  `gorm:"column:alarm_at"`
	CreatedBy       string `gorm:"column:created_by"`
	CreatedAt       int64  `gorm:"column:created_at;autoCreateTime:false"`
	UpdatedAt       int64  `gorm:"column:updated_at;autoUpdateTime:false"`
	Version         int64  `gorm:"column:version"`
}

func (r webhookRow) webhook() (models.Webhook, error) {
	w := models.Webhook{ID: r.ID, Utility: r.Utility, URL: r.URL, Note: r.Note, State: models.WebhookState(r.State), KeyNumber: r.KeyNumber,
		PreviousUntil: instant(r.PreviousUntilAt), Failures: r.Failures, FailingSince: instant(r.FailingSinceAt), Resume: instant(r.ResumeAt),
		Alarm: instant(r.AlarmAt), CreatedBy: r.CreatedBy, Created: instant(r.CreatedAt), Updated: instant(r.UpdatedAt), Version: r.Version}
	return w, parse(r.Kinds, &w.Kinds)
}

func webhooks(rows []webhookRow, err error) ([]models.Webhook, error) {
	out := make([]models.Webhook, 0, len(rows))
	for _, r := range rows {
		w, bad := r.webhook()
		if err == nil {
			err = bad
		}
		out = append(out, w)
	}
	return out, err
}

// InsertWebhook adds an endpoint.
func (tx *Tx) InsertWebhook(w models.Webhook) error {
	kinds, err := text(w.Kinds)
	if err != nil {
		return err
	}
	return insert(tx, "webhook_endpoints", &webhookRow{ID: w.ID, Utility: w.Utility, URL: w.URL, Kinds: kinds, Note: w.Note, State: string(w.State),
		KeyNumber: w.KeyNumber, CreatedBy: w.CreatedBy, CreatedAt: micros(w.Created), UpdatedAt: micros(w.Updated), Version: w.Version})
}

// UpdateWebhook saves what a person decides about an endpoint, when it still has the
// version before w.Version.
func (tx *Tx) UpdateWebhook(w models.Webhook) error {
	kinds, err := text(w.Kinds)
	if err != nil {
		return err
	}
	return updateVersion(tx, "webhook_endpoints", w.ID, w.Version-1, map[string]any{"url": w.URL, "kinds": kinds, "note": w.Note,
		"state": string(w.State), "key_number": w.KeyNumber, "previous_until_at": micros(w.PreviousUntil), "updated_at": micros(w.Updated)})
}

// SetWebhookHealth saves how the endpoint does; its version, which is about what
// people decided, stays.
func (tx *Tx) SetWebhookHealth(w models.Webhook) error {
	_, err := exec(tx, "UPDATE webhook_endpoints SET failures = ?, failing_since_at = ?, resume_at = ?, alarm_at = ? WHERE id = ?",
		w.Failures, micros(w.FailingSince), micros(w.Resume), micros(w.Alarm), w.ID)
	return err
}

// Webhook gives the endpoint with the id.
func (tx *Tx) Webhook(id string) (models.Webhook, error) {
	r, err := one[webhookRow](tx, "webhook", id, "SELECT * FROM webhook_endpoints WHERE id = ?", id)
	if err != nil {
		return models.Webhook{}, err
	}
	return r.webhook()
}

// WebhookFilter narrows a list of endpoints; "" and false do not narrow.
type WebhookFilter struct {
	Utility string
	State   string
	Dead    bool // with an alarm
}

// Webhooks lists endpoints by id.
func (tx *Tx) Webhooks(f WebhookFilter, page Page) ([]models.Webhook, error) {
	w := where{}
	w.equal("utility", f.Utility)
	w.equal("state", f.State)
	if f.Dead {
		w.add("alarm_at > 0")
	}
	if page.After != "" {
		w.add("id > ?", page.After)
	}
	return webhooks(many[webhookRow](tx, "SELECT * FROM webhook_endpoints"+w.sql()+" ORDER BY id LIMIT ?", append(w.args, page.Size())...))
}

// WebhooksOf gives the active endpoints of utilities.
func (tx *Tx) WebhooksOf(utilities []string) ([]models.Webhook, error) {
	if len(utilities) == 0 {
		return nil, nil
	}
	return webhooks(many[webhookRow](tx, "SELECT * FROM webhook_endpoints WHERE state = 'active' AND utility IN ? ORDER BY id", utilities))
}

// DueWebhooks gives the active endpoints that have a message to send by now and do
// not rest.
func (tx *Tx) DueWebhooks(limit int) ([]string, error) {
	return many[string](tx, `SELECT e.id FROM webhook_endpoints e WHERE e.state = 'active' AND e.resume_at <= ? AND EXISTS (
		SELECT 1 FROM webhook_messages m WHERE m.endpoint_id = e.id AND m.state = 'waiting' AND m.next_at <= ?) ORDER BY e.id LIMIT ?`,
		micros(tx.Now), micros(tx.Now), limit)
}

type messageRow struct {
	ID          string `gorm:"column:id"`
	EndpointID  string `gorm:"column:endpoint_id"`
	Cursor      int64  `gorm:"column:cursor"`
	Series      string `gorm:"column:series"`
	Kind        string `gorm:"column:kind"`
	Subject     string `gorm:"column:subject"`
	Body        string `gorm:"column:body"`
	State       string `gorm:"column:state"`
	Attempts    int64  `gorm:"column:attempts"`
	NextAt      int64  `gorm:"column:next_at"`
	CreatedAt   int64  `gorm:"column:created_at;autoCreateTime:false"`
	DeliveredAt int64  `gorm:"column:delivered_at"`
}

func (r messageRow) message() (models.WebhookMessage, error) {
	m := models.WebhookMessage{ID: r.ID, Endpoint: r.EndpointID, Cursor: r.Cursor, Series: r.Series, Kind: r.Kind, Body: r.Body,
		State: models.MessageState(r.State), Attempts: r.Attempts, Next: instant(r.NextAt), Created: instant(r.CreatedAt), Delivered: instant(r.DeliveredAt)}
	return m, parse(r.Subject, &m.Subject)
}

func messages(rows []messageRow, err error) ([]models.WebhookMessage, error) {
	out := make([]models.WebhookMessage, 0, len(rows))
	for _, r := range rows {
		m, bad := r.message()
		if err == nil {
			err = bad
		}
		out = append(out, m)
	}
	return out, err
}

// InsertMessage adds a message, once for its endpoint, cursor and series.
func (tx *Tx) InsertMessage(m models.WebhookMessage) error {
	subject, err := text(m.Subject)
	if err != nil {
		return err
	}
	_, err = exec(tx, `INSERT INTO webhook_messages (id, endpoint_id, cursor, series, kind, subject, body, state, attempts, next_at, created_at, delivered_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, 0) ON CONFLICT (endpoint_id, cursor, series) DO NOTHING`,
		m.ID, m.Endpoint, m.Cursor, m.Series, m.Kind, subject, m.Body, string(m.State), micros(m.Next), micros(m.Created))
	return err
}

// Message gives the message with the id.
func (tx *Tx) Message(id string) (models.WebhookMessage, error) {
	r, err := one[messageRow](tx, "message", id, "SELECT * FROM webhook_messages WHERE id = ?", id)
	if err != nil {
		return models.WebhookMessage{}, err
	}
	return r.message()
}

// NextMessage gives the message that an endpoint gets now: the first in line when
// its time has come, else one that stepped aside and is due; found is false when
// there is neither.
func (tx *Tx) NextMessage(endpoint string) (m models.WebhookMessage, found bool, err error) {
	line, err := messages(many[messageRow](tx, `SELECT * FROM webhook_messages WHERE endpoint_id = ? AND state = 'waiting' AND attempts < ?
		ORDER BY cursor, id LIMIT 1`, endpoint, models.WebhookInLine))
	if err != nil {
		return m, false, err
	}
	if len(line) == 1 && !line[0].Next.After(tx.Now) {
		return line[0], true, nil
	}
	aside, err := messages(many[messageRow](tx, `SELECT * FROM webhook_messages WHERE endpoint_id = ? AND state = 'waiting' AND attempts >= ? AND next_at <= ?
		ORDER BY next_at, id LIMIT 1`, endpoint, models.WebhookInLine, micros(tx.Now)))
	if err != nil || len(aside) == 0 {
		return m, false, err
	}
	return aside[0], true, nil
}

// SaveMessage saves a message after its attempt, once: false says that the attempt
// was counted before.
func (tx *Tx) SaveMessage(m models.WebhookMessage) (bool, error) {
	n, err := exec(tx, "UPDATE webhook_messages SET state = ?, attempts = ?, next_at = ?, delivered_at = ? WHERE id = ? AND state = 'waiting' AND attempts = ?",
		string(m.State), m.Attempts, micros(m.Next), micros(m.Delivered), m.ID, m.Attempts-1)
	return n == 1, err
}

// HurryMessages makes everything that waits for an endpoint due now: it answers again.
func (tx *Tx) HurryMessages(endpoint string) error {
	_, err := exec(tx, "UPDATE webhook_messages SET next_at = ? WHERE endpoint_id = ? AND state = 'waiting' AND next_at > ?", micros(tx.Now), endpoint, micros(tx.Now))
	return err
}

// ResendMessages makes messages wait again, under their ids.
func (tx *Tx) ResendMessages(ids []string) error {
	_, err := exec(tx, "UPDATE webhook_messages SET state = 'waiting', next_at = ?, delivered_at = 0 WHERE id IN ?", micros(tx.Now), ids)
	return err
}

// ResendFrom makes the messages of a part of the feed wait again, both ends included.
func (tx *Tx) ResendFrom(endpoint string, from, to int64) error {
	_, err := exec(tx, "UPDATE webhook_messages SET state = 'waiting', next_at = ?, delivered_at = 0 WHERE endpoint_id = ? AND cursor BETWEEN ? AND ?",
		micros(tx.Now), endpoint, from, to)
	return err
}

// DropMessages ends what waits for an endpoint that was removed.
func (tx *Tx) DropMessages(endpoint string) error {
	_, err := exec(tx, "UPDATE webhook_messages SET state = 'dropped', next_at = 0 WHERE endpoint_id = ? AND state = 'waiting'", endpoint)
	return err
}

// Messages lists the messages of an endpoint, the newest first; state "" is all.
func (tx *Tx) Messages(endpoint, state string, page Page) ([]models.WebhookMessage, error) {
	w := where{}
	w.equal("endpoint_id", endpoint)
	w.equal("state", state)
	if page.After != "" {
		w.add("id < ?", page.After)
	}
	return messages(many[messageRow](tx, "SELECT * FROM webhook_messages"+w.sql()+" ORDER BY id DESC LIMIT ?", append(w.args, page.Size())...))
}

type attemptLogRow struct {
	MessageID string `gorm:"column:message_id"`
	Number    int64  `gorm:"column:number"`
	At        int64  `gorm:"column:at"`
	Status    int64  `gorm:"column:status"`
	TookMs    int64  `gorm:"column:took_ms"`
	Fault     string `gorm:"column:fault"`
	Excerpt   string `gorm:"column:excerpt"`
}

// InsertAttempt records one try.
func (tx *Tx) InsertAttempt(a models.WebhookAttempt) error {
	return insert(tx, "webhook_attempts", &attemptLogRow{MessageID: a.Message, Number: a.Number, At: micros(a.At), Status: int64(a.Status),
		TookMs: a.TookMs, Fault: a.Fault, Excerpt: a.Excerpt})
}

// WebhookAttempts gives the tries of messages in order.
func (tx *Tx) WebhookAttempts(messages []string) ([]models.WebhookAttempt, error) {
	if len(messages) == 0 {
		return nil, nil
	}
	rows, err := many[attemptLogRow](tx, "SELECT * FROM webhook_attempts WHERE message_id IN ? ORDER BY message_id, number", messages)
	out := make([]models.WebhookAttempt, 0, len(rows))
	for _, r := range rows {
		out = append(out, models.WebhookAttempt{Message: r.MessageID, Number: r.Number, At: instant(r.At), Status: int(r.Status), TookMs: r.TookMs, Fault: r.Fault, Excerpt: r.Excerpt})
	}
	return out, err
}

// WebhookHealth is how the endpoints of the registry do.
type WebhookHealth struct {
	Active  int64 `gorm:"column:active"`
	Failing int64 `gorm:"column:failing"`
	Dead    int64 `gorm:"column:dead"`
	Waiting int64 `gorm:"column:waiting"`
	Oldest  int64 `gorm:"column:oldest"` // microseconds since 1970 of the oldest message that waits, 0 for none
}

// Age is how long the oldest message has waited.
func (h WebhookHealth) Age(now time.Time) time.Duration {
	if h.Oldest == 0 {
		return 0
	}
	return max(0, now.Sub(instant(h.Oldest)))
}

// WebhookHealth counts endpoints and what waits for them.
func (tx *Tx) WebhookHealth() (WebhookHealth, error) {
	return one[WebhookHealth](tx, "count", "webhooks", `SELECT
		(SELECT COUNT(*) FROM webhook_endpoints WHERE state = 'active') AS active,
		(SELECT COUNT(*) FROM webhook_endpoints WHERE state = 'active' AND failures > 0) AS failing,
		(SELECT COUNT(*) FROM webhook_endpoints WHERE state = 'active' AND alarm_at > 0) AS dead,
		(SELECT COUNT(*) FROM webhook_messages WHERE state = 'waiting') AS waiting,
		(SELECT COALESCE(MIN(created_at), 0) FROM webhook_messages WHERE state = 'waiting') AS oldest`)
}
