package main

import (
	"fmt"
	"os"
	"path/filepath"

	"rigistry/models"
	"rigistry/services/metering"
)

// ServeCmd is `rigistry serve`.
type ServeCmd struct {
	Collect bool     `help:"Also poll meters in this process."`
	Gateway []string `help:"With --collect: a link such as tcp://10.1.2.9:502 at which meters may be commissioned though none is registered there yet; several with commas." placeholder:"URL"`
	MeterTLS
}

// Run serves until it is interrupted. On the embedded database it applies its
// own migrations and says so; on PostgreSQL it refuses while some are pending.
func (c *ServeCmd) Run(app *App) error {
	if err := c.check(); err != nil {
		return err
	}
	l, err := app.listen()
	if err != nil {
		return err
	}
	defer func() { _ = l.Close() }()
	if app.embedded() {
		held, err := app.holdEmbedded()
		if err != nil {
			return err
		}
		defer func() { _ = held.Close() }()
	}
	s, err := app.openAny(app.Ctx)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	if app.embedded() {
		files, err := s.Migrate(app.Ctx)
		if err != nil {
			return err
		}
		for _, f := range files {
			_, _ = fmt.Fprintln(app.Stdout, "applied migration", filepath.Base(f))
		}
	} else if err := s.RequireMigrated(app.Ctx); err != nil {
		return err
	}
	base := app.baseURL(l.Addr().String())
	r, err := app.assemble(s, base)
	if err != nil {
		return err
	}
	if _, err := r.svc.Licensing.Seed(app.Ctx); err != nil {
		return err
	}
	if c.Collect {
		if err := r.collectHere(app.Ctx, c.credentials()); err != nil {
			return err
		}
		r.gateways = c.Gateway
	}
	_, _ = fmt.Fprintf(app.Stdout, "rigistry %s, %s database in %s\nlistening on http://%s\n", version, s.Engine(), app.Config.Data, l.Addr())
	return r.run(app.Ctx, l, base)
}

// check refuses gateways that are no links, and ones that nobody would ask at.
func (c *ServeCmd) check() error {
	var bad models.Invalid
	for _, g := range c.Gateway {
		if err := metering.CheckEndpoint(g); err != nil {
			bad.Add("/gateway", "format", "--gateway %s: %v", g, err)
		}
	}
	if len(c.Gateway) > 0 && !c.Collect {
		bad.Add("/gateway", "without_collect", "--gateway is for a server that polls: give --collect too, or list the link under \"commissioning\" in the file of the collector that reaches it.")
	}
	return bad.Err()
}

// holdEmbedded takes the data folder for this process: the embedded database has
// one server, several share PostgreSQL.
func (app *App) holdEmbedded() (*os.File, error) {
	if err := os.MkdirAll(app.Config.Data, 0o700); err != nil {
		return nil, err
	}
	return holdData(app.Config.Data)
}
