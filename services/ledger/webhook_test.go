package ledger_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/ledger"
	"rigistry/services/store"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

var engineer = models.Actor{ID: "eng", Kind: "person", Name: "Engineer", Roles: []models.Role{models.RoleUtility}, Utility: "util-1"}

// got is a message as a receiver saw it.
type got struct {
	ID, Timestamp, Signature, Body string
}

// receiver is a utility's endpoint that answers as the test says.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	seen   []got
	answer func(g got) int
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{answer: func(got) int { return http.StatusNoContent }}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		g := got{q.Header.Get("webhook-id"), q.Header.Get("webhook-timestamp"), q.Header.Get("webhook-signature"), string(body)}
		r.mu.Lock()
		r.seen = append(r.seen, g)
		status := r.answer(g)
		r.mu.Unlock()
		w.WriteHeader(status)
		if status != http.StatusNoContent {
			_, _ = w.Write([]byte("it was \x00 " + strings.Repeat("x", 1000)))
		}
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) say(fn func(g got) int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = fn
}

func (r *receiver) cursors(t *testing.T) []int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []int64
	for _, g := range r.seen {
		out = append(out, cursorOf(t, g))
	}
	return out
}

func cursorOf(t *testing.T, g got) int64 {
	t.Helper()
	var p struct {
		Data struct{ Cursor int64 }
	}
	if err := json.Unmarshal([]byte(g.Body), &p); err != nil {
		t.Fatal(err)
	}
	return p.Data.Cursor
}

func (r *rig) webhooks() *ledger.Webhooks {
	return ledger.NewWebhooks(r.store, []byte("a secret of the registry, 32 byte"), loopback, slog.New(slog.DiscardHandler))
}

func (r *rig) register(t *testing.T, w *ledger.Webhooks, url string, kinds ...string) models.Webhook {
	t.Helper()
	e, err := w.Register(r.ctx, engineer, ledger.WebhookInput{URL: url, Kinds: kinds})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// enqueue seals and makes the messages of everything not seen yet, as the follower does.
func (r *rig) enqueue(t *testing.T, w *ledger.Webhooks) {
	t.Helper()
	r.seal(t)
	err := r.store.Update(r.ctx, func(tx *store.Tx) error {
		from, err := tx.FollowerPosition("test")
		if err != nil {
			return err
		}
		all, err := tx.SealedEntries(from, 1000, store.EntryFilter{})
		if err != nil || len(all) == 0 {
			return err
		}
		if err := w.Enqueue(r.ctx, tx, all); err != nil {
			return err
		}
		return tx.SetFollowerPosition("test", all[len(all)-1].Index+1)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (r *rig) deliver(t *testing.T, w *ledger.Webhooks) int {
	t.Helper()
	n, err := w.Deliver(r.ctx)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// nodeVerifies checks a message with Node's own cryptography, independent of ours.
const nodeVerifies = `
const { createPublicKey, verify } = require('node:crypto');
const cases = JSON.parse(require('node:fs').readFileSync(process.argv[2], 'utf8'));
const spki = Buffer.from('302a300506032b6570032100', 'hex');
const out = cases.map(({ id, timestamp, signature, body, keys }) =>
  signature.split(' ').some((part) => part.startsWith('v1a,') && keys.some((k) => k.startsWith('whpk_') &&
    verify(null, Buffer.from(id + '.' + timestamp + '.' + body), createPublicKey({ key: Buffer.concat([spki, Buffer.from(k.slice(5), 'base64')]), format: 'der', type: 'spki' }), Buffer.from(part.slice(4), 'base64')))));
console.log(JSON.stringify(out));
`

type vector struct {
	ID        string   `json:"id"`
	Timestamp string   `json:"timestamp"`
	Signature string   `json:"signature"`
	Body      string   `json:"body"`
	Keys      []string `json:"keys"`
}

func verifiedByNode(t *testing.T, vectors []vector) []bool {
	t.Helper()
	dir := t.TempDir()
	text, err := json.Marshal(vectors)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"v.json": text, "v.cjs": []byte(nodeVerifies)} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.CommandContext(t.Context(), "node", filepath.Join(dir, "v.cjs"), filepath.Join(dir, "v.json")).CombinedOutput()
	if err != nil {
		t.Fatalf("node: %v\n%s", err, out)
	}
	var verdicts []bool
	if err := json.Unmarshal(out, &verdicts); err != nil {
		t.Fatal(err)
	}
	return verdicts
}

func TestWebhooks_MessagesGoOutInOrderAndAnotherImplementationVerifiesThem(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		w, in := r.webhooks(), newReceiver(t)
		r.append(t, 2) // before the endpoint: not for it
		r.clock.Advance(time.Second)
		e := r.register(t, w, in.URL+"/hook", "test.")
		r.clock.Advance(time.Second)
		r.append(t, 5)
		r.enqueue(t, w)
		if n := r.deliver(t, w); n != 5 {
			t.Fatalf("%d attempts, want 5", n)
		}
		if n := r.deliver(t, w); n != 0 {
			t.Errorf("%d more attempts, want none", n)
		}
		if c := in.cursors(t); !slices.Equal(c, []int64{3, 4, 5, 6, 7}) {
			t.Errorf("cursors %v, want 3 to 7 in order", c)
		}
		first, err := w.PublicKeys(e)
		if err != nil {
			t.Fatal(err)
		}
		e, err = w.ExchangeKey(r.ctx, engineer, e.ID, e.Version)
		if err != nil {
			t.Fatal(err)
		}
		r.append(t, 1)
		r.enqueue(t, w)
		r.deliver(t, w)
		both, err := w.PublicKeys(e)
		if err != nil || len(both) != 2 || both[1] != first[0] {
			t.Fatalf("keys during the exchange %v (%v), want the new and then %v", both, err, first)
		}
		last := in.seen[len(in.seen)-1]
		if strings.Count(last.Signature, "v1a,") != 2 {
			t.Errorf("%q has not two signatures during the exchange", last.Signature)
		}
		v := func(g got, keys ...string) vector { return vector{g.ID, g.Timestamp, g.Signature, g.Body, keys} }
		other := r.register(t, w, in.URL+"/other")
		foreign, err := w.PublicKeys(other)
		if err != nil {
			t.Fatal(err)
		}
		forged, late, renamed := last, last, last
		forged.Body = strings.Replace(forged.Body, "thing", "thinG", 1)
		late.Timestamp += "0"
		renamed.ID += "x"
		verdicts := verifiedByNode(t, []vector{v(in.seen[0], first...), v(last, first...), v(last, both[0]), v(forged, both...), v(late, both...), v(renamed, both...), v(last, foreign...)})
		if want := []bool{true, true, true, false, false, false, false}; !slices.Equal(verdicts, want) {
			t.Errorf("Node says %v, want %v: ours, old key, new key, and not another body, time, id or endpoint", verdicts, want)
		}
		r.clock.Advance(models.KeyOverlap)
		if keys, err := w.PublicKeys(e); err != nil || len(keys) != 1 || keys[0] != both[0] {
			t.Errorf("keys after the exchange %v (%v), want the new one alone", keys, err)
		}
	})
}

func TestWebhooks_ARefusedMessageStepsAsideAndADeadEndpointRaisesOneAlarmAndComesBack(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		w, in := r.webhooks(), newReceiver(t)
		e := r.register(t, w, in.URL, "test.")
		r.clock.Advance(time.Second)
		r.append(t, 3)
		r.enqueue(t, w)
		poison := int64(1)
		in.say(func(g got) int {
			if strings.Contains(g.Body, fmt.Sprintf(`"cursor":%d,`, poison)) {
				return http.StatusBadRequest
			}
			return http.StatusOK
		})
		for range 8 { // a poisoned message holds the others back for three tries
			r.deliver(t, w)
			r.clock.Advance(time.Minute)
		}
		if c := in.cursors(t); len(c) < 5 || !slices.Equal(c[:5], []int64{1, 1, 1, 2, 3}) {
			t.Fatalf("cursors %v: the messages behind the poisoned one did not arrive in order", c)
		}
		left, err := w.Deliveries(r.ctx, engineer, e.ID, "waiting", store.Page{})
		if err != nil || len(left) != 1 || left[0].Cursor != poison || len(left[0].Log) < 3 {
			t.Fatalf("%+v (%v), want the poisoned message waiting with its log", left, err)
		}
		if a := left[0].Log[0]; a.Status != 400 || len(a.Excerpt) > 510 || !strings.HasPrefix(a.Excerpt, "it was \uFFFD x") {
			t.Errorf("the log says %d %q", a.Status, a.Excerpt)
		}

		in.say(func(got) int { return http.StatusServiceUnavailable })
		r.append(t, 2)
		r.enqueue(t, w)
		for range 30 {
			r.deliver(t, w)
			r.clock.Advance(time.Minute)
		}
		if e, err = w.Get(r.ctx, engineer, e.ID); err != nil || e.Alarm.IsZero() || e.State != models.WebhookActive {
			t.Fatalf("%+v (%v), want active with an alarm", e, err)
		}
		if n, open := r.count(t, "webhook.dead"), r.openTasks(t); n != 1 || open != 1 {
			t.Errorf("%d entries and %d open tasks about the dead endpoint, want 1 and 1", n, open)
		}
		h, err := w.Health(r.ctx)
		if err != nil || h.Dead != 1 || h.Failing != 1 || h.Waiting < 2 || h.Age(r.clock.Now()) < 30*time.Minute {
			t.Errorf("health %+v (%v)", h, err)
		}
		poison = -7
		in.say(func(got) int { return http.StatusOK })
		r.clock.Advance(5 * time.Hour)
		for range 3 {
			r.deliver(t, w)
			r.clock.Advance(time.Second)
		}
		waiting, err := w.Deliveries(r.ctx, engineer, e.ID, "waiting", store.Page{})
		if err != nil || len(waiting) != 0 {
			t.Errorf("%d messages still wait (%v)", len(waiting), err)
		}
		if n, open := r.count(t, "webhook.recovered"), r.openTasks(t); n != 1 || open != 0 {
			t.Errorf("%d recoveries and %d open tasks, want 1 and 0", n, open)
		}
		in.say(func(got) int { return http.StatusGone })
		r.append(t, 1)
		r.enqueue(t, w)
		r.deliver(t, w)
		if e, err = w.Get(r.ctx, engineer, e.ID); err != nil || e.Alarm.IsZero() || e.State != models.WebhookActive {
			t.Errorf("after 410: %+v (%v), want an alarm at once and the endpoint active", e, err)
		}
	})
}

func TestWebhooks_AMessageThatIsRefusedKeepsItsOwnTimeWhileOthersAreTaken(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		w, in := r.webhooks(), newReceiver(t)
		e := r.register(t, w, in.URL, "test.")
		r.clock.Advance(time.Second)
		in.say(func(g got) int {
			if cursorOf(t, g) == 1 {
				return http.StatusBadRequest
			}
			return http.StatusOK
		})
		for range 60 { // an hour with a message each minute
			r.append(t, 1)
			r.enqueue(t, w)
			r.deliver(t, w)
			r.clock.Advance(time.Minute)
		}
		left, err := w.Deliveries(r.ctx, engineer, e.ID, "waiting", store.Page{})
		if err != nil || len(left) != 1 || left[0].Cursor != 1 {
			t.Fatalf("%+v (%v), want the refused message alone still waiting", left, err)
		}
		if tries := len(left[0].Log); tries < 4 || tries > 6 {
			t.Errorf("it was tried %d times in an hour, want 4 to 6: after 5 s, 1, 5 and 30 minutes", tries)
		}
	})
}

func (r *rig) count(t *testing.T, kind string) (n int) {
	t.Helper()
	err := r.raw.QueryRow("SELECT COUNT(*) FROM ledger_entries WHERE kind = '" + kind + "'").Scan(&n)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (r *rig) openTasks(t *testing.T) (n int) {
	t.Helper()
	if err := r.raw.QueryRow("SELECT COUNT(*) FROM tasks WHERE kind = 'webhook_dead' AND state = 'open'").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestWebhooks_ProcessesShareEndpointsAndEachAttemptIsLoggedOnce(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		in := newReceiver(t)
		a := r.webhooks()
		for i := range 4 {
			r.register(t, a, fmt.Sprintf("%s/%d", in.URL, i), "test.")
		}
		r.clock.Advance(time.Second)
		r.append(t, 20)
		r.enqueue(t, a)
		var group sync.WaitGroup
		var sent atomic.Int64
		for range 3 {
			w := r.webhooks()
			group.Go(func() {
				for range 20 {
					n, err := w.Deliver(context.WithoutCancel(r.ctx))
					if err != nil {
						t.Error(err)
					}
					sent.Add(int64(n))
				}
			})
		}
		group.Wait()
		var attempts, delivered int
		if err := r.raw.QueryRow("SELECT (SELECT COUNT(*) FROM webhook_attempts), (SELECT COUNT(*) FROM webhook_messages WHERE state = 'delivered' AND attempts = 1)").Scan(&attempts, &delivered); err != nil {
			t.Fatal(err)
		}
		if attempts != 80 || delivered != 80 || sent.Load() != 80 || len(in.seen) != 80 {
			t.Errorf("%d attempts in the log, %d delivered, %d sent, %d received; want 80 of each", attempts, delivered, sent.Load(), len(in.seen))
		}
	})
}

func TestWebhooks_AProcessKilledBetweenSendingAndRecordingSendsAgainUnderTheSameId(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		w, in := r.webhooks(), newReceiver(t)
		r.register(t, w, in.URL, "test.")
		r.clock.Advance(time.Second)
		r.append(t, 1)
		r.enqueue(t, w)
		r.exec(t, "INSERT INTO leases (name, holder, until_at) SELECT 'webhook:' || id, 'killed', "+fmt.Sprint(r.clock.Now().Add(45*time.Second).UnixMicro())+" FROM webhook_endpoints")
		if n := r.deliver(t, w); n != 0 {
			t.Fatalf("%d sent while another process holds the endpoint", n)
		}
		r.clock.Advance(46 * time.Second)
		if n := r.deliver(t, w); n != 1 {
			t.Fatalf("%d sent after the lease ran out, want 1", n)
		}
	})
}

func TestWebhooks_ReplayResendAndTrialsKeepIdsAndScope(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		w, in := r.webhooks(), newReceiver(t)
		r.append(t, 3)
		r.clock.Advance(time.Second)
		e := r.register(t, w, in.URL, "test.")
		r.clock.Advance(time.Second)
		r.append(t, 2)
		r.enqueue(t, w)
		r.deliver(t, w)
		out, err := w.Replay(r.ctx, engineer, e.ID, 0)
		if err != nil || out.Messages != 4 || out.Next != -1 {
			t.Fatalf("%+v (%v), want the four entries after 0", out, err)
		}
		r.deliver(t, w)
		if c := in.cursors(t); !slices.Equal(c, []int64{4, 5, 1, 2, 4, 5}) {
			t.Errorf("cursors %v", c)
		}
		if in.seen[0].ID != in.seen[4].ID || in.seen[0].ID == in.seen[1].ID {
			t.Error("a message that is sent again has another id, or two have one")
		}
		m, err := w.Resend(r.ctx, engineer, e.ID, in.seen[1].ID)
		if err != nil || r.deliver(t, w) != 1 || in.seen[6].ID != m.ID {
			t.Errorf("resend: %v", err)
		}
		in.say(func(got) int { return http.StatusTeapot })
		d, err := w.Try(r.ctx, engineer, e.ID)
		if err != nil || d.State != models.MessageFailed || d.Log[0].Status != http.StatusTeapot {
			t.Errorf("trial: %+v (%v)", d, err)
		}
		if e, err = w.Get(r.ctx, engineer, e.ID); err != nil || e.Failures != 0 {
			t.Errorf("a trial that failed counts against the endpoint: %+v (%v)", e, err)
		}
		in.say(func(got) int { return http.StatusOK })
		if d, err = w.Try(r.ctx, engineer, e.ID); err != nil || d.State != models.MessageDelivered || !strings.Contains(in.seen[len(in.seen)-1].Body, `"type":"webhook.test"`) {
			t.Errorf("trial: %+v (%v)", d, err)
		}
		stranger := engineer
		stranger.Utility = "util-2"
		_, foreign := w.Get(r.ctx, stranger, e.ID)
		_, unknown := w.Get(r.ctx, stranger, "no-such")
		if foreign == nil || strings.Replace(foreign.Error(), e.ID, "no-such", 1) != unknown.Error() {
			t.Errorf("a foreign webhook answers %v and an unknown one %v", foreign, unknown)
		}
		for what, err := range map[string]error{
			"resend": second(w.Resend(r.ctx, stranger, e.ID, m.ID)), "replay": second(w.Replay(r.ctx, stranger, e.ID, 0)), "try": second(w.Try(r.ctx, stranger, e.ID)),
			"remove": second(w.Remove(r.ctx, stranger, e.ID, 0)), "deliveries": second(w.Deliveries(r.ctx, stranger, e.ID, "", store.Page{})),
		} {
			if models.CodeOf(err) != models.CodeNotFound {
				t.Errorf("%s of a foreign webhook: %v", what, err)
			}
		}
		if _, err := w.Remove(r.ctx, engineer, e.ID, 0); err != nil {
			t.Fatal(err)
		}
		r.append(t, 1)
		r.enqueue(t, w)
		if n := r.deliver(t, w); n != 0 {
			t.Errorf("%d messages to a removed endpoint", n)
		}
	})
}

func second[T any](_ T, err error) error { return err }

func TestWebhooks_NeverConnectToPrivateNetworksNorFollowRedirects(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		inside := newReceiver(t)
		open := r.webhooks()
		closed := ledger.NewWebhooks(r.store, []byte("x"), nil, slog.New(slog.DiscardHandler))
		if _, err := closed.Register(r.ctx, engineer, ledger.WebhookInput{URL: inside.URL}); models.CodeOf(err) != models.CodeInvalid {
			t.Errorf("http to this machine was registered without the operator: %v", err)
		}
		redirecting := httptest.NewServer(http.RedirectHandler(inside.URL, http.StatusTemporaryRedirect))
		t.Cleanup(redirecting.Close)
		e := r.register(t, open, redirecting.URL)
		if d, err := open.Try(r.ctx, engineer, e.ID); err != nil || d.Log[0].Status != http.StatusTemporaryRedirect || d.State != models.MessageFailed {
			t.Errorf("a redirect: %+v (%v)", d, err)
		}
		direct := r.register(t, open, inside.URL)
		if d, err := closed.Try(r.ctx, engineer, direct.ID); err != nil || d.Log[0].Status != 0 || !strings.Contains(d.Log[0].Fault, "private or special") {
			t.Errorf("a closed address: %+v (%v)", d, err)
		}
		if len(inside.seen) != 0 {
			t.Errorf("%d messages came inside", len(inside.seen))
		}
		if d, err := open.Try(r.ctx, engineer, direct.ID); err != nil || d.State != models.MessageDelivered { // the control: it can be reached
			t.Errorf("an opened address: %+v (%v)", d, err)
		}
	})
}
