package client

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// Confirmation reports that a permitted connection was energised.
type Confirmation struct {
	EnergisedAt    time.Time
	Watts          int64
	MeterSerial    string
	SwitchingOrder string
}

// Record is what the gate keeps of a check after a confirmation.
type Record struct {
	ID              string     `json:"id"`
	Decision        string     `json:"decision"`
	ConnectionPoint string     `json:"connection_point"`
	Reservation     string     `json:"reservation_state"` // none, held, confirmed or lapsed
	ConfirmedAt     *time.Time `json:"confirmed_at"`
}

// Confirm reports that the connection of a permit was energised, which turns what the
// permit held into load. Sending it again changes nothing.
func (c *Client) Confirm(ctx context.Context, check string, conf Confirmation) (Record, error) {
	var r Record
	if conf.Watts < 0 || conf.Watts > maxWatts || conf.EnergisedAt.IsZero() {
		return r, fault(KindConfig, "a confirmation needs the time of energising and a power of 0 or more")
	}
	err := c.post(ctx, "/v1/gate/checks/"+url.PathEscape(check)+"/confirmation", "confirm-"+check, map[string]any{
		"energised_at": conf.EnergisedAt.UTC(), "kw": kilowatts(conf.Watts), "meter_serial": conf.MeterSerial, "switching_order": conf.SwitchingOrder}, &r)
	if err != nil {
		return Record{}, err
	}
	if r.ID != check || r.Reservation != "confirmed" {
		return Record{}, fault(KindMismatch, "the registry does not say that check %s is confirmed", check)
	}
	return r, nil
}

// Order tells the utility to disconnect or reconnect a connection point.
type Order struct {
	ID              string     `json:"id"`
	Number          string     `json:"number"`
	State           string     `json:"state"` // issued, delivered, acknowledged, executed, verified or closed
	Overdue         bool       `json:"overdue"`
	Objected        bool       `json:"objected"`
	ConnectionPoint string     `json:"connection_point"`
	License         string     `json:"license"`
	Ground          string     `json:"ground"`
	IssuedAt        time.Time  `json:"issued_at"`
	Deadline        time.Time  `json:"deadline"`
	AcknowledgedAt  *time.Time `json:"acknowledged_at"`
	ExecutedAt      *time.Time `json:"executed_at"`
	VerifiedAt      *time.Time `json:"verified_at"`
	Version         int64      `json:"version"`
}

// Orders gives a page of the utility's orders, oldest first, in one state or all with
// "", and the cursor of the next page, "" after the last.
func (c *Client) Orders(ctx context.Context, state, after string) (orders []Order, next string, err error) {
	query := url.Values{"limit": {"100"}}
	for name, value := range map[string]string{"state": state, "after": after} {
		if value != "" {
			query.Set(name, value)
		}
	}
	body, err := c.send(ctx, call{method: http.MethodGet, path: "/v1/disconnection-orders?" + query.Encode(), header: http.Header{}, limit: 4 << 20})
	if err != nil {
		return nil, "", err
	}
	var page struct {
		Items []Order `json:"items"`
		Next  string  `json:"next"`
	}
	if err := readOpen(body, &page); err != nil {
		return nil, "", err
	}
	for _, o := range page.Items {
		if o.ID == "" || o.State == "" || o.ConnectionPoint == "" {
			return nil, "", fault(KindMalformed, "an order leaves out its id, state or connection point")
		}
	}
	return page.Items, page.Next, nil
}

// Acknowledge says that a named person took an order in hand.
func (c *Client) Acknowledge(ctx context.Context, id, person string) (Order, error) {
	return c.act(ctx, id, "acknowledgement", map[string]any{"person": person})
}

// Execute says that a named person carried an order out, and when.
func (c *Client) Execute(ctx context.Context, id, person string, at time.Time) (Order, error) {
	return c.act(ctx, id, "execution", map[string]any{"person": person, "at": at.UTC()})
}

// Object says that a named person finds an order wrong, and why.
func (c *Client) Object(ctx context.Context, id, person, why string) (Order, error) {
	return c.act(ctx, id, "objection", map[string]any{"person": person, "note": why})
}

func (c *Client) act(ctx context.Context, id, what string, body map[string]any) (o Order, err error) {
	content, err := json.Marshal(body)
	if err != nil {
		return o, fault(KindConfig, "write a body: %w", err)
	}
	sum := sha256.Sum256(append([]byte(what+" "+id+" "), content...))
	key := what + "-" + hex.EncodeToString(sum[:16])
	if err := c.post(ctx, "/v1/disconnection-orders/"+url.PathEscape(id)+"/"+what, key, body, &o); err != nil {
		return Order{}, err
	}
	if o.ID != id {
		return Order{}, fault(KindMismatch, "the answer is about order %q and not %q", o.ID, id)
	}
	return o, nil
}

// post sends a change; the key makes a retry, also one after a restart, the same change.
func (c *Client) post(ctx context.Context, path, key string, body map[string]any, v any) error {
	content, err := json.Marshal(body)
	if err != nil {
		return fault(KindConfig, "write a body: %w", err)
	}
	header := http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {key}}
	got, err := c.send(ctx, call{method: http.MethodPost, path: path, header: header, body: content, limit: 1 << 20})
	if err != nil {
		return err
	}
	return readOpen(got, v)
}

// readOpen reads what permits nothing: newer fields may stand in it.
func readOpen(b []byte, v any) error {
	err := plainJSON(b)
	if err == nil {
		err = json.Unmarshal(b, v)
	}
	if err != nil {
		return fault(KindMalformed, "the answer cannot be read: %w", err)
	}
	return nil
}
