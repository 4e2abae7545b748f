package gate

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/ledger"
	"rigistry/services/store"
)

// issued suspends the license of an energised point and gives the order.
func (w *world) issued() models.DisconnectionOrder {
	w.t.Helper()
	w.energised()
	w.turn(models.LicenseSuspended, "license.suspended")
	w.follow()
	w.seal()
	return w.orders()[0]
}

// feed gives all that the utility sees in its feed.
func (w *world) feed(utility models.Actor) []models.SealedEntry {
	w.t.Helper()
	page, err := w.log.Entries(w.ctx, utility, 0, 1000, store.EntryFilter{})
	w.must(err)
	return page.Entries
}

func TestOrders_AreDeliveredByTheFeedPageThatHoldsThemToTheirUtilityAlone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		o := w.issued()
		page := w.feed(w.pres)
		past := store.At(w.ctx, store.Moment{AsAt: w.clock.Now()})
		w.must(w.gate.OrdersInFeed(w.ctx, w.rival, page))
		w.must(w.gate.OrdersInFeed(w.ctx, head, page))
		w.must(w.gate.OrdersInFeed(past, w.pres, page))
		w.must(w.gate.OrdersInFeed(w.ctx, w.pres, w.feed(w.rival)))
		if got := w.order(o.ID); got.State != models.OrderIssued {
			t.Fatalf("somebody else's page, or one of the past, delivered it: %+v", got)
		}
		w.clock.Advance(time.Minute)
		w.must(w.gate.OrdersInFeed(w.ctx, w.pres, page))
		got := w.order(o.ID)
		if got.State != models.OrderDelivered || got.DeliveredBy != "feed" || !got.Delivered.Equal(w.clock.Now()) {
			t.Errorf("after its page: %+v", got)
		}
		w.clock.Advance(time.Minute)
		w.must(w.gate.OrdersInFeed(w.ctx, w.pres, page))
		if again := w.order(o.ID); again != got || w.entries("order.delivered") != 1 {
			t.Errorf("a page that was read again changed it: %+v, %d entries", again, w.entries("order.delivered"))
		}
	})
}

func TestOrders_AreDeliveredByTheWebhookThatWasTakenAndNotByOneThatWasRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var status atomic.Int64
		status.Store(http.StatusServiceUnavailable)
		receiver := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(int(status.Load())) }))
		t.Cleanup(receiver.Close)
		hooks := ledger.NewWebhooks(w.store, []byte("a secret of the registry, 32 byte"), []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, slog.New(slog.DiscardHandler))
		hooks.OnTaken(w.gate.OrderTaken)
		_, err := hooks.Register(w.ctx, w.pres, ledger.WebhookInput{URL: receiver.URL, Kinds: []string{"order.issued"}})
		w.must(err)
		o := w.issued()
		w.must(w.store.Update(w.ctx, func(tx *store.Tx) error { return hooks.Enqueue(w.ctx, tx, w.feed(w.pres)) }))
		send := func() {
			n, err := hooks.Deliver(w.ctx)
			w.must(err)
			if n != 1 {
				t.Fatalf("%d attempts, want 1", n)
			}
		}
		send()
		if got := w.order(o.ID); got.State != models.OrderIssued {
			t.Fatalf("a message that was refused delivered it: %+v", got)
		}
		status.Store(http.StatusNoContent)
		w.clock.Advance(time.Hour)
		send()
		got := w.order(o.ID)
		if got.State != models.OrderDelivered || got.DeliveredBy != "webhook" || !got.Delivered.Equal(w.clock.Now()) || w.entries("order.delivered") != 1 {
			t.Errorf("after a message that was taken: %+v", got)
		}
		w.must(w.store.Update(w.ctx, func(tx *store.Tx) error { // a message of another utility's endpoint
			return w.gate.OrderTaken(tx, w.rival.Utility, models.WebhookMessage{Kind: "order.issued", Subject: models.Ref{Kind: "disconnection_order", ID: o.ID}})
		}))
		if again := w.order(o.ID); again != got {
			t.Errorf("another utility's message changed it: %+v", again)
		}
	})
}
