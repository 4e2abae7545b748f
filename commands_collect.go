package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"rigistry/api"
	"rigistry/models"
	"rigistry/services/metering"
	"rigistry/services/store"
)

// CollectCmd is `rigistry collect`: an edge collector.
type CollectCmd struct {
	Config string `required:"" type:"existingfile" help:"JSON file: server, client_id, client_secret_file, collector, meters.."`
	Check  bool   `help:"Check the file, show how much disk three days without the server take, and stop."`
	Retry  bool   `name:"retry-refused" help:"Send batches again that the server refused before."`
}

// Help shows the form of the file.
func (*CollectCmd) Help() string {
	return `The configuration file:

  {"server": "https://registry.example.kz", "collector": "ps12",
   "client_id": "…", "client_secret_file": "/run/secrets/collector",
   "meters": [{"code": "M-PS12-F03", "profile": "janitza/umg96rm", "url": "tcp://10.1.2.3:502", "unit": 1, "interval_s": 10}]}

Readings are spooled in DATA/spool.db, with full synchronisation, until the server has acknowledged them. The spool
holds "spool_mb" megabytes (4096): at 80 % it raises the alarm, and when it is full no more readings are kept. A batch
that the server refuses for good stays in the spool, set aside, until --retry-refused. --check tells whether the disk and the spool
hold three days without the server. The server must be https, unless
it is on this machine. A link whose polls would keep it busy more than 80 % of the time is refused; the speed of a serial
line behind a gateway is given as rtuovertcp://host:port?baud=19200 (9600).

With "commissioning": ["tcp://10.1.2.9:502"], a list that may be empty, the collector takes work of commissioning from the
server: a gentle scan, or one read, at its meters' gateways and at those of the list and nowhere else. Meters that are then
bound in the console are read besides those of the file, and kept in DATA/commissioned.json.

Endpoints are tcp://host:502, tcp+tls://host:802, udp://host:502, rtuovertcp://host:port, rtuoverudp://host:port and, for a
line of this machine, rtu:///dev/ttyS0?baud=19200&parity=even&stop=1. For tcp+tls give
"tls": {"cert_file": "…", "key_file": "…", "ca_file": "…"}; the certificate needs a Modbus role, and is read again when renewed.`
}

// collectConfig is the configuration file of an edge collector.
type collectConfig struct {
	Server     string         `json:"server"`
	Collector  string         `json:"collector"`
	ClientID   string         `json:"client_id"`
	SecretFile string         `json:"client_secret_file"`
	SpoolMB    int64          `json:"spool_mb,omitempty"`
	TLS        collectTLS     `json:"tls,omitzero"`
	Meters     []collectMeter `json:"meters"`
	// Commissioning are links at which the server may have a scan or a read done, besides
	// those of the meters; nil when no such work is taken.
	Commissioning *[]string `json:"commissioning,omitempty"`
}

// collectTLS is what the collector shows to meters that are read over TLS.
type collectTLS struct {
	Cert string `json:"cert_file"`
	Key  string `json:"key_file"`
	CA   string `json:"ca_file"`
}

type collectMeter struct {
	Code      string           `json:"code"` // as the server knows the meter
	Profile   string           `json:"profile"`
	URL       string           `json:"url"`
	Unit      uint8            `json:"unit"`
	Role      models.MeterRole `json:"role"`
	IntervalS int              `json:"interval_s"`
	CTNum     int64            `json:"ct_num"`
	CTDen     int64            `json:"ct_den"`
	VTNum     int64            `json:"vt_num"`
	VTDen     int64            `json:"vt_den"`
}

// Run polls, spools and sends until it is interrupted.
func (c *CollectCmd) Run(app *App) error {
	cfg, secret, err := c.read()
	if err != nil {
		return err
	}
	if c.Check {
		return c.check(app, cfg)
	}
	spoolStore, err := store.Open(app.Ctx, "sqlite:"+filepath.Join(app.Config.Data, "spool.db"), app.Now)
	if err != nil {
		return err
	}
	defer func() { _ = spoolStore.Close() }()
	if _, err := spoolStore.Migrate(app.Ctx); err != nil {
		return err
	}
	uplink := newUplink(cfg, secret, app.Now)
	uplink.clock.log = app.Log
	spool := metering.NewSpool(spoolStore, cfg.Collector, uplink.send, app.Log)
	if cfg.SpoolMB > 0 {
		spool.Limit(cfg.SpoolMB << 20)
	}
	if c.Retry {
		if _, err := spool.Retry(app.Ctx); err != nil {
			return err
		}
	}
	collector := metering.NewCollector(cfg.meters(), spool.Append, app.Now, app.Log)
	collector.Secure(metering.Credentials(cfg.TLS))
	worker, err := cfg.worker(app, uplink, collector)
	if err != nil {
		return err
	}
	held, err := spool.Size(app.Ctx)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(app.Stdout, "collector %s: %d meters, %d batches waiting and %d refused in %s, sending to %s\n",
		cfg.Collector, len(cfg.Meters), held.Batches, held.Refused, filepath.Join(app.Config.Data, "spool.db"), cfg.Server)
	group, ctx := errgroup.WithContext(app.Ctx)
	group.Go(func() error { return collector.Run(ctx) })
	group.Go(func() error { return spool.Run(ctx) })
	group.Go(func() error { return uplink.reportUnits(ctx, spool, collector.Health, app.Log) })
	if worker != nil {
		group.Go(func() error { return worker.Run(ctx) })
	}
	return group.Wait()
}

func (c *CollectCmd) read() (cfg collectConfig, secret string, err error) {
	text, err := os.ReadFile(c.Config)
	if err != nil {
		return cfg, "", models.Errorf(models.CodeInvalid, "--config: %v", err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&cfg); err != nil {
		return cfg, "", models.Errorf(models.CodeInvalid, "%s: %v. Its form is shown by `rigistry collect --help`.", c.Config, err)
	}
	var v models.Invalid
	server, err := url.Parse(cfg.Server)
	if err != nil || server.Host == "" {
		v.Add("/server", "format", "Give the URL of the server, such as https://registry.example.kz.")
	} else if !secretsMayGo(server) {
		v.Add("/server", "insecure", "Use https: %s would carry the client's secret over the network in the clear. Only a server on this machine may be http.", cfg.Server)
	}
	for _, f := range [][2]string{{"/collector", cfg.Collector}, {"/client_id", cfg.ClientID}, {"/client_secret_file", cfg.SecretFile}} {
		if f[1] == "" {
			v.Add(f[0], "required", "This is needed.")
		}
	}
	if cfg.SpoolMB < 0 {
		v.Add("/spool_mb", "range", "Give the size of the spool in megabytes.")
	}
	for i, e := range cfg.links() {
		if err := metering.CheckEndpoint(e); err != nil {
			v.Add(fmt.Sprintf("/commissioning/%d", i), "format", "%v", err)
		}
	}
	if len(cfg.Meters) == 0 && cfg.Commissioning == nil {
		v.Add("/meters", "required", "Name at least one meter.")
	}
	for i, m := range cfg.Meters {
		if m.Code == "" || m.URL == "" || m.Profile == "" {
			v.Add(fmt.Sprintf("/meters/%d", i), "required", "A meter needs code, url and profile.")
		}
	}
	if err := v.Err(); err != nil {
		return cfg, "", err
	}
	if err := metering.CheckLoad(cfg.meters()); err != nil {
		return cfg, "", err
	}
	if err := metering.Credentials(cfg.TLS).Check(); err != nil {
		return cfg, "", err
	}
	if secret, err = readSecret(cfg.SecretFile); err != nil {
		return cfg, "", models.Errorf(models.CodeInvalid, "client_secret_file: %v", err)
	}
	return cfg, secret, nil
}

// secretsMayGo tells whether a secret may be sent to the server: encrypted, or
// without leaving this machine.
func secretsMayGo(server *url.URL) bool {
	switch server.Scheme {
	case "https":
		return true
	case "http":
		ip := net.ParseIP(server.Hostname())
		return server.Hostname() == "localhost" || (ip != nil && ip.IsLoopback())
	}
	return false
}

func (c collectConfig) meters() []models.Meter {
	out := make([]models.Meter, 0, len(c.Meters))
	for _, m := range c.Meters {
		out = append(out, m.meter())
	}
	return out
}

func (m collectMeter) meter() models.Meter {
	return models.Meter{ID: m.Code, Code: m.Code, Profile: m.Profile, URL: m.URL, Unit: m.Unit, Role: m.Role,
		CTNum: max(m.CTNum, 1), CTDen: max(m.CTDen, 1), VTNum: max(m.VTNum, 1), VTDen: max(m.VTDen, 1),
		PollInterval: time.Duration(max(m.IntervalS, 1)) * time.Second}
}

// links are those at which work of commissioning is taken besides the meters'.
func (c collectConfig) links() []string {
	if c.Commissioning == nil {
		return nil
	}
	return *c.Commissioning
}

// uplink sends batches to the server with a token it renews.
type uplink struct {
	server, clientID, secret string
	now                      func() time.Time
	http                     *http.Client

	mu      sync.Mutex
	token   string
	expires time.Time
	clock   clockNote
	bare    time.Time // until then the server is taken for one that knows neither registers nor sources
}

// newUplink makes an uplink. It follows no redirect: one to another host or out of
// TLS would take the token with it.
func newUplink(cfg collectConfig, secret string, now func() time.Time) *uplink {
	return &uplink{server: strings.TrimSuffix(cfg.Server, "/"), clientID: cfg.ClientID, secret: secret, now: now,
		http: &http.Client{Timeout: 30 * time.Second,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// refusals are the answers to a batch that sending it again cannot change: it is
// malformed, too large, or its sequence was used for another.
var refusals = []int{http.StatusBadRequest, http.StatusConflict, http.StatusRequestEntityTooLarge,
	http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity}

// statusError is an answer that is no success.
type statusError struct {
	status int
	text   string
}

func (e *statusError) Error() string { return e.text }

// send delivers one batch; nil means that the server has acknowledged it, a
// *metering.RefusedError that it never will.
func (u *uplink) send(ctx context.Context, b metering.Batch) error {
	if b.IsBare() {
		return u.sendOnce(ctx, b)
	}
	u.mu.Lock()
	bare := u.now().Before(u.bare)
	u.mu.Unlock()
	if bare {
		return u.sendOnce(ctx, b.Bare())
	}
	err := u.sendOnce(ctx, b)
	var answered *statusError
	if !errors.As(err, &answered) || answered.status != http.StatusUnprocessableEntity && answered.status != http.StatusBadRequest {
		return err
	}
	if u.sendOnce(ctx, b.Bare()) != nil {
		return err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.bare = u.now().Add(bareFor)
	return nil
}

// bareFor is how long a server that refused a batch with the words of registers and with
// sources, and took it without them, gets them no more: it is of an older version.
const bareFor = time.Hour

// sendOnce sends a batch once.
func (u *uplink) sendOnce(ctx context.Context, b metering.Batch) error {
	token, err := u.bearer(ctx)
	if err != nil {
		return err
	}
	body, err := json.Marshal(api.ReadingBatchOf(b))
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.server+"/v1/readings/batches", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	began := u.showClock(req)
	var took json.RawMessage
	if err = u.exchange(req, &took); err == nil {
		u.compareClock(began, serverTime(took))
	}
	var answered *statusError
	if errors.As(err, &answered) && slices.Contains(refusals, answered.status) {
		return &metering.RefusedError{Err: err}
	}
	return err
}

const tokenMargin = time.Minute

func (u *uplink) bearer(ctx context.Context) (string, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.now().Before(u.expires) {
		return u.token, nil
	}
	form := url.Values{"grant_type": {"client_credentials"}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.server+"/v1/token", strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(url.QueryEscape(u.clientID), url.QueryEscape(u.secret))
	var answer struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int    `json:"expires_in"`
	}
	if err := u.exchange(req, &answer); err != nil {
		return "", fmt.Errorf("get a token: %w", err)
	}
	u.token, u.expires = answer.AccessToken, u.now().Add(time.Duration(answer.ExpiresIn)*time.Second-tokenMargin)
	return u.token, nil
}

const maxAnswer = 1 << 20

func (u *uplink) exchange(req *http.Request, answer any) error {
	res, err := u.http.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return err
	}
	if res.StatusCode == http.StatusUnauthorized {
		u.expires = time.Time{}
	}
	if res.StatusCode/100 != 2 {
		var problem api.Problem
		if json.Unmarshal(body, &problem) == nil && problem.Detail != "" {
			return &statusError{res.StatusCode, problem.Detail}
		}
		return &statusError{res.StatusCode, "the server answered " + res.Status}
	}
	switch answer := answer.(type) {
	case nil:
		return nil
	case *json.RawMessage: // whatever it is: the status is what counts
		*answer = body
		return nil
	}
	return json.Unmarshal(body, answer)
}
