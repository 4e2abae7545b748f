package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"golang.org/x/sync/errgroup"

	"rigistry/models"
	"rigistry/services/metering"
	"rigistry/services/simulator"
	"rigistry/services/store"
)

// DemoCmd is `rigistry demo`.
type DemoCmd struct {
	Keep    bool          `help:"Go on with the demonstration that is in the data folder."`
	History time.Duration `default:"672h" help:"How much history to make, at most four weeks."`
}

// demo is a demonstration while it is made.
type demo struct {
	app         *App
	clock       *movableClock
	store       *store.Store
	registry    *registry
	credentials credentials
	meterIDs    map[string]string    // by code
	reader      metering.Credentials // for the link that is read over TLS
	trial       *courtStory          // nil where a demonstration goes on
}

// movableClock lets the story happen in the past. Once it is let go it is the
// clock of the machine.
type movableClock struct {
	mu    sync.Mutex
	now   func() time.Time
	fixed time.Time
}

func (c *movableClock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fixed = t
}

func (c *movableClock) letGo() { c.set(time.Time{}) }

func (c *movableClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fixed.IsZero() {
		return c.now()
	}
	return c.fixed
}

// Run makes the demonstration and serves it until it is interrupted.
func (c *DemoCmd) Run(app *App) error {
	d := &demo{app: app, clock: &movableClock{now: app.Now}}
	if len(app.Config.WebhookAllow) == 0 { // a demonstration's receivers are on this machine
		app.Config.WebhookAllow = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	}
	l, err := app.listen()
	if err != nil {
		return err
	}
	defer func() { _ = l.Close() }()
	held, err := d.prepare(c.Keep)
	if err != nil {
		return err
	}
	defer func() { _ = held.Close() }()
	simulated, err := d.simulate()
	if err != nil {
		return err
	}
	defer simulated.Close()
	base := app.baseURL(l.Addr().String())
	if err := d.open(base); err != nil {
		return err
	}
	defer func() { _ = d.store.Close() }()
	if err := d.fill(simulated, min(c.History, demoDays*day)); err != nil {
		return err
	}
	if err := d.weather(app.Ctx, simulated.World(), weatherHistory); err != nil {
		return err
	}
	if err := d.registry.collectHere(app.Ctx, d.reader); err != nil {
		return err
	}
	d.welcome(base)
	group, ctx := errgroup.WithContext(app.Ctx)
	group.Go(func() error { return simulated.Run(ctx) })
	group.Go(func() error { return d.registry.run(ctx, l, base) })
	group.Go(func() error { return d.tellCourt(ctx, base) })
	group.Go(func() error { return d.tellWeather(ctx, simulated.World()) })
	return group.Wait()
}

// prepare takes the data folder for this process and makes it fresh, or leaves it
// when a demonstration in it is to be kept. It wipes nothing except an earlier
// demonstration, and that only when nobody runs it and the new one has a database to
// begin in.
func (d *demo) prepare(keep bool) (held io.Closer, err error) {
	data := d.app.Config.Data
	if _, err := d.earlier(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, err
	}
	if held, err = holdData(data); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = held.Close()
		}
	}()
	earlier, err := d.earlier() // again: now nobody else changes it
	if err != nil || (keep && earlier) {
		return held, err
	}
	if err := d.refuseFilled(); err != nil {
		return held, err
	}
	for _, name := range []string{"demo", "keys", "evidence", "rigistry.db", "rigistry.db-wal", "rigistry.db-shm"} {
		if err := os.RemoveAll(filepath.Join(data, name)); err != nil {
			return held, fmt.Errorf("clear the last demonstration: %w", err)
		}
	}
	return held, os.MkdirAll(filepath.Join(data, "demo"), 0o700)
}

// earlier tells whether the data folder holds a whole demonstration. Holding
// anything but a demonstration is an error.
func (d *demo) earlier() (bool, error) {
	if _, err := os.Stat(d.file("credentials.json")); err == nil {
		return true, nil
	}
	entries, err := os.ReadDir(d.app.Config.Data)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	if !onlyDemoRemains(entries) {
		return false, models.Errorf(models.CodeInvalid, "%s holds something that is not a demonstration. Nothing was touched; choose another folder with --data.", d.app.Config.Data)
	}
	return false, nil
}

// refuseFilled refuses a database elsewhere that is filled already: a fresh
// demonstration does not empty it, and without its keys it is lost.
func (d *demo) refuseFilled() error {
	url, err := d.app.databaseURL()
	if err != nil || url == d.app.ownDatabase() {
		return err
	}
	s, err := store.Open(d.app.Ctx, url, d.app.Now)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	if err := s.RequireMigrated(d.app.Ctx); errors.Is(err, store.ErrPending) {
		return nil // a schema that is not there or not whole holds no demonstration of this release
	} else if err != nil {
		return err
	}
	var people []models.User
	err = s.View(d.app.Ctx, func(tx *store.Tx) (err error) {
		people, err = tx.Users(store.Page{Limit: 1})
		return err
	})
	if err == nil && len(people) > 0 {
		err = models.Errorf(models.CodeInvalid, "The database is filled already. Nothing was touched; go on with --keep and the data folder it belongs to, or give an empty database.")
	}
	return err
}

// onlyDemoRemains tells whether a folder holds nothing, or nothing but what a
// demonstration that was broken off leaves behind.
func onlyDemoRemains(entries []os.DirEntry) bool {
	begun, others := false, 0
	for _, e := range entries {
		switch n := e.Name(); {
		case n == "demo":
			begun = true
		case n == "keys" || n == "evidence" || strings.HasPrefix(n, "rigistry.db"):
			others++
		case n != lockName:
			return false
		}
	}
	return begun || others == 0
}

// simulate opens the ports of the simulated meters and writes the grid and truth
// files.
func (d *demo) simulate() (*simulator.Server, error) {
	grid, err := d.loadGrid()
	if err != nil {
		return nil, err
	}
	profiles, err := metering.ShippedProfiles()
	if err != nil {
		return nil, err
	}
	world, err := simulator.New(grid, profiles.All())
	if err != nil {
		return nil, err
	}
	server, err := simulator.Listen(d.app.Ctx, world, d.app.Now, d.app.Log)
	if err != nil {
		return nil, err
	}
	if d.reader, err = meterCertificates(d.file("meters")).serveSecure(server, d.app.Now()); err != nil {
		server.Close()
		return nil, err
	}
	gridText, err := server.Grid().JSON()
	if err == nil {
		err = writeDurably(d.file("grid.json"), append(gridText, '\n'), 0o600)
	}
	truth, truthErr := world.Truth().JSON()
	if err = errors.Join(err, truthErr); err == nil {
		err = writeDurably(d.file("truth.json"), append(truth, '\n'), 0o600)
	}
	if err != nil {
		server.Close()
		return nil, err
	}
	return server, nil
}

// open opens and migrates the store under the movable clock and wires the services.
func (d *demo) open(base string) error {
	url, err := d.app.databaseURL()
	if err != nil {
		return err
	}
	if d.store, err = store.Open(d.app.Ctx, url, d.clock.Now); err != nil {
		return err
	}
	if _, err := d.store.Migrate(d.app.Ctx); err != nil {
		return err
	}
	if d.registry, err = d.app.assemble(d.store, base); err != nil {
		return err
	}
	d.credentials.BaseURL = base
	_, err = d.registry.svc.Licensing.Seed(d.app.Ctx)
	return err
}

// fill makes the registry and its history, unless it is there already.
func (d *demo) fill(simulated *simulator.Server, history time.Duration) error {
	defer d.clock.letGo()
	users, err := d.registry.svc.Identity.Users(d.app.Ctx, models.System(), store.Page{})
	if err != nil {
		return err
	}
	if len(users) > 0 {
		if err := d.recall(); err != nil {
			return err
		}
		return d.meters(simulated.Meters())
	}
	d.say("making the registry: parties, grid, people, applications, licenses")
	d.ago((3*365 + 60) * day)
	cast := newCast()
	for _, step := range []func() error{
		func() error { return d.parties(cast) },
		func() error { return d.grid(cast, simulated.Grid()) },
		func() error { return d.people(cast) },
		func() error { return d.cases(cast) },
		func() error { return d.newcomerSite(cast) },
		func() error { return d.endings(cast) },
		func() error { return d.duties(cast) },
		func() error { return d.machines(cast) },
		func() error { d.ago(demoDays * day); return d.meters(simulated.Meters()) },
		func() error { return d.backfill(simulated, history) },
		func() error { return d.followedOrders(cast) },
		func() error { return d.visits(cast) },
		func() error { return d.court(cast) },
		func() error { d.clock.letGo(); return d.sealAll() },
		d.saveCredentials,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// newcomerSite gives whoever tries the procedure a site with a free connection.
func (d *demo) newcomerSite(cast *demoCast) error {
	d.ago(2 * day)
	_, err := d.siteOf(cast, newcomer, 1_200_000)
	return err
}

// recall reads the credentials of a demonstration that goes on; the address may
// have changed.
func (d *demo) recall() error {
	base := d.credentials.BaseURL
	text, err := os.ReadFile(d.file("credentials.json"))
	if err != nil {
		return models.Errorf(models.CodeInvalid, "This database is filled already and %s cannot be read: %v. Give --keep with the data folder it belongs to, or an empty database.", d.file("credentials.json"), err)
	}
	if err := d.credentials.parse(text); err != nil {
		return err
	}
	d.credentials.BaseURL = base
	return d.saveCredentials()
}

// sealAll gives every entry of the story its place in the ledger before anybody
// follows it.
func (d *demo) sealAll() error {
	d.say("sealing the ledger")
	for {
		n, err := d.registry.svc.Ledger.Seal(d.app.Ctx)
		if err != nil || n == 0 {
			return err
		}
	}
}

func (d *demo) say(format string, args ...any) {
	_, _ = fmt.Fprintf(d.app.Stdout, "demo: "+format+"\n", args...)
}

// welcome prints where to go, as whom, and what to look at.
func (d *demo) welcome(base string) {
	out := d.app.Stdout
	_, _ = fmt.Fprintf(out, "\nRigistry %s, demonstration on the %s database\n\n  console   %s/app/\n  public    %s/\n  API       %s/openapi.json\n\n",
		version, d.store.Engine(), base, base, base)
	w := tabwriter.NewWriter(out, 2, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "  role\tlogin\tpassword\tname")
	for _, u := range d.credentials.Users {
		_, _ = fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", u.Role, u.Login, u.Password, u.Name)
	}
	_ = w.Flush()
	_, _ = fmt.Fprintf(out, `
Look at this first:
  1. As officer: Findings. A workshop hides a farm; live readings raise it within five minutes.
  2. As officer: Queue. Draft a decision, try to sign it yourself, then sign in as head.
  3. As engineer: Gate. Ask for %s, applicant %s, 760 kW: the license is there, the connection is not yet energised.
     Then suspend the license as head, and ask again. Print the permit before: the phone reads its QR code with no signal.
  4. As inspector, on a phone: /field/. Three visits are planned for today; the case behind the first is open. The third goes where the
     permit of 3 is good: check it there, and once more after the suspension and another *Prepare for the trip*.
  5. As head: Cases, a minute after the start. One went from a finding over a visit to a seizure: export its package, and check it with
     rigistry verify FILE.zip, or with the page verify.html that is in it.
  6. As engineer: Data collection, Commission a meter. Unit 6 of the gateway with M-PS12 is known to nobody; it takes a minute.
Credentials are in %s, what is really going on in %s.
`, readyPoint, partyBin(readyHolder), d.file("credentials.json"), d.file("truth.json"))
	_, _ = fmt.Fprintf(out, "listening on http://%s\n", strings.TrimPrefix(strings.TrimPrefix(base, "http://"), "https://"))
}
