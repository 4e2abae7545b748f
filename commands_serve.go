package main

import (
	"fmt"
	"net"
	"path/filepath"
)

// ServeCmd is `rigistry serve`.
type ServeCmd struct {
	Collect bool `help:"Also poll meters in this process."`
}

// Run serves until it is interrupted. On the embedded database it applies its
// own migrations and says so; on PostgreSQL it refuses while some are pending.
func (c *ServeCmd) Run(app *App) error {
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
	l, err := net.Listen("tcp", app.Config.Addr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", app.Config.Addr, err)
	}
	base := app.baseURL(l.Addr().String())
	r, err := app.assemble(s, base)
	if err != nil {
		_ = l.Close()
		return err
	}
	if _, err := r.svc.Licensing.Seed(app.Ctx); err != nil {
		_ = l.Close()
		return err
	}
	if c.Collect {
		if err := r.collectHere(app.Ctx); err != nil {
			_ = l.Close()
			return err
		}
	}
	_, _ = fmt.Fprintf(app.Stdout, "rigistry %s, %s database in %s\nlistening on http://%s\n", version, s.Engine(), app.Config.Data, l.Addr())
	return r.run(app.Ctx, l, base)
}
