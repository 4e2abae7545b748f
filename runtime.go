package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"net"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"rigistry/api"
	"rigistry/models"
	"rigistry/services/detection"
	"rigistry/services/documents"
	"rigistry/services/enforcement"
	"rigistry/services/gate"
	"rigistry/services/identity"
	"rigistry/services/ledger"
	"rigistry/services/licensing"
	"rigistry/services/metering"
	"rigistry/services/store"
	"rigistry/web"
)

// registry is the services of one store, wired.
type registry struct {
	app       *App
	svc       api.Services
	collector *metering.Collector // nil unless this process polls
	gateways  []string            // links at which it may commission meters besides those where it polls
}

// origin names this registry's ledger in every checkpoint.
const origin = "rigistry/ledger"

// assemble wires the services. It starts nothing.
func (app *App) assemble(s *store.Store, baseURL string) (*registry, error) {
	keys, err := app.Keys()
	if err != nil {
		return nil, err
	}
	catalog, err := web.LoadCatalog()
	if err != nil {
		return nil, err
	}
	methods := []identity.Method{identity.MethodPrivateKeyJWT}
	if !app.Config.NoClientSecrets {
		methods = append(methods, identity.MethodClientSecretBasic)
	}
	people, err := identity.New(s, app.Log, identity.Config{
		Issuer:    baseURL,
		Signing:   identity.SigningKey{KID: keyID(keys.Token.Public().(ed25519.PublicKey)), Private: keys.Token},
		Published: keys.published(),
		Methods:   methods,
		FreshFor:  app.Config.StepUp,
	})
	if err != nil {
		return nil, err
	}
	texts := func(lang, code string) (text, cure string) {
		return catalog.Text(lang, "gate.reason."+code+".text", nil), catalog.Text(lang, "gate.reason."+code+".cure", nil)
	}
	packages, err := app.packager(s, keys, catalog)
	if err != nil {
		return nil, err
	}
	papers := documents.New(catalog.Text)
	doors := gate.New(s, keys.Permit, texts, s.Now)
	hooks := ledger.NewWebhooks(s, keys.Webhook.Seed(), app.Config.WebhookAllow, app.Log)
	hooks.OnTaken(doors.OrderTaken)
	return &registry{app: app, svc: api.Services{
		Store:       s,
		Ledger:      ledger.New(s, origin, keys.Ledger, s.Now, app.Log),
		Webhooks:    hooks,
		Trials:      gate.NewTrials(s, keys.Trial, texts),
		Licensing:   licensing.New(s),
		Gate:        doors,
		Metering:    metering.New(s, s.Now),
		Enforcement: enforcement.New(s).KeepEvidence(filepath.Join(app.Config.Data, "evidence")),
		Detection:   detection.New(s, s.Now, app.Log),
		Identity:    people,
		Documents:   papers,
		Issuer:      documents.NewIssuer(papers, s, keys.Document, baseURL),
		Packager:    packages,
		Catalog:     catalog,
	}}, nil
}

// collectHere makes the process poll the meters of the registry, those over TLS with
// the credentials.
func (r *registry) collectHere(ctx context.Context, with metering.Credentials) error {
	if err := with.Check(); err != nil {
		return err
	}
	meters, err := r.svc.Metering.Polled(ctx)
	if err != nil {
		return err
	}
	deliver := r.svc.Metering.Local(models.System(), inProcess)
	r.collector = metering.NewCollector(meters, deliver, r.svc.Store.Now, r.app.Log)
	r.collector.Secure(with)
	return nil
}

// inProcess is the collector's name in the process of the server.
const inProcess = "in-process"

const meterRefresh = 5 * time.Second

// refreshMeters tells the collector about meters that were added or changed.
func (r *registry) refreshMeters(ctx context.Context) error {
	ticker := time.NewTicker(meterRefresh)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			meters, err := r.svc.Metering.Polled(ctx)
			if err != nil {
				if ctx.Err() == nil {
					r.app.Log.Error("the list of meters could not be read", "error", err)
				}
				continue
			}
			r.collector.Replace(meters)
		}
	}
}

// run serves HTTP on the listener and runs everything else beside it until the
// context ends or one part fails for good.
func (r *registry) run(ctx context.Context, l net.Listener, baseURL string) error {
	cfg := api.Config{BaseURL: baseURL, Version: version, TrustedProxies: r.app.Config.TrustedProxies,
		Checks: identity.Limits{PerMinute: r.app.Config.ChecksPerMinute, PerDay: r.app.Config.ChecksPerDay}}
	if r.collector != nil {
		cfg.Collector, cfg.Unit, cfg.Lags = r.collector.Health, r.collector.Unit, r.collector.Lags
	}
	server, err := api.New(cfg, r.svc, r.app.Log, r.svc.Store.Now)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	parts := map[string]func(context.Context) error{
		"http":      func(ctx context.Context) error { return server.Serve(ctx, l) },
		"sealer":    r.svc.Ledger.Run,
		"webhooks":  r.svc.Webhooks.Run,
		"expiry":    r.svc.Licensing.Run,
		"imports":   r.svc.Licensing.ImportWorker(rand.Text()).Run,
		"duties":    r.svc.Licensing.RunObligations,
		"papers":    r.svc.Issuer.Run,
		"gate":      r.svc.Gate.Run,
		"chunks":    func(ctx context.Context) error { return r.svc.Metering.Run(ctx, r.app.Log) },
		"exchanges": func(ctx context.Context) error { return r.svc.Metering.RunExchanges(ctx, r.app.Log) },
		"bound":     func(ctx context.Context) error { return r.svc.Metering.RunCommissioning(ctx, r.app.Log) },
		"detection": r.svc.Detection.Run,
		"identity":  r.svc.Identity.Run,
		"keys":      server.ForgetKeys,
	}
	if r.collector != nil {
		parts["collector"] = r.collector.Run
		parts["meters"] = r.refreshMeters
		parts["work"] = (&metering.Worker{Collector: r.collector, Desk: r.svc.Metering.LocalDesk(models.System(), inProcess), Links: r.gateways, Log: r.app.Log}).Run
	}
	for name, part := range parts {
		group.Go(func() error { return persist(ctx, r.app.Log, name, part) })
	}
	return group.Wait()
}
