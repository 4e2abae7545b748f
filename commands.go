package main

import (
	"fmt"
	"runtime/debug"
	"text/tabwriter"

	"rigistry/services/store"
)

// Commands is the command line: rigistry COMMAND [flags].
type Commands struct {
	Config

	Demo      DemoCmd      `cmd:"" help:"Start a fresh demonstration: registry, simulated grid on real Modbus/TCP, collector and server."`
	Serve     ServeCmd     `cmd:"" help:"Run the server: API, console, public pages, ingest, detection, sealer."`
	Collect   CollectCmd   `cmd:"" help:"Run an edge collector: poll meters, spool on disk, send to a server."`
	Simulate  SimulateCmd  `cmd:"" help:"Run the simulated meters alone, on real Modbus/TCP."`
	Migrate   MigrateCmd   `cmd:"" help:"Bring the database schema up to date, or show its state."`
	Import    ImportCmd    `cmd:"" help:"Import equipment, grid, meters, readings or parties from CSV or XLSX."`
	Backtest  BacktestCmd  `cmd:"" help:"Run detection over recorded readings and write what it would have raised."`
	Meter     MeterCmd     `cmd:"" help:"Read one meter, decode registers, show request plans and register profiles."`
	Gate      GateCmd      `cmd:"" help:"Ask a registry's gate, as a utility: may this connection be energised?"`
	Verify    VerifyCmd    `cmd:"" help:"Check a permit, a proof or a whole ledger, with no network."`
	Retention RetentionCmd `cmd:"" help:"Show what readings have had their time, and take them away."`
	User      UserCmd      `cmd:"" help:"Create, list and disable people."`
	Client    ClientCmd    `cmd:"" help:"Create, list and disable API clients."`
	Version   VersionCmd   `cmd:"" help:"Show version, commit and database schema."`
}

// MigrateCmd is `rigistry migrate`.
type MigrateCmd struct {
	Up     MigrateUpCmd     `cmd:"" help:"Apply pending migrations."`
	Status MigrateStatusCmd `cmd:"" help:"List migrations and whether each is applied."`
}

// MigrateUpCmd applies pending migrations.
type MigrateUpCmd struct{}

// Run applies them and names each.
func (*MigrateUpCmd) Run(app *App) error {
	s, err := app.openAny(app.Ctx)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	files, err := s.Migrate(app.Ctx)
	for _, f := range files {
		_, _ = fmt.Fprintln(app.Stdout, "applied", f)
	}
	if err == nil && len(files) == 0 {
		_, _ = fmt.Fprintln(app.Stdout, "nothing to apply: the schema is up to date")
	}
	return err
}

// MigrateStatusCmd lists migrations.
type MigrateStatusCmd struct{}

// Run lists them.
func (*MigrateStatusCmd) Run(app *App) error {
	if err := app.databaseExists(); err != nil {
		return err
	}
	s, err := app.openAny(app.Ctx)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	all, err := s.Migrations(app.Ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(app.Stdout, 0, 4, 2, ' ', 0)
	for _, m := range all {
		state := "pending"
		if m.Applied {
			state = "applied"
		}
		_, _ = fmt.Fprintf(w, "%d\t%s\t%s\n", m.Version, state, m.File)
	}
	return w.Flush()
}

// VersionCmd is `rigistry version`.
type VersionCmd struct{}

// Run prints what this program is.
func (*VersionCmd) Run(app *App) error {
	_, err := fmt.Fprintf(app.Stdout, "rigistry %s\ncommit %s\nschema %d\n", version, commit(), store.Latest())
	return err
}

// version is the release; the Makefile sets it with -X main.version.
var version = "0.1.0"

// commit gives the revision the program was built from, where the build knew it.
func commit() string {
	info, ok := debug.ReadBuildInfo()
	if ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return s.Value
			}
		}
	}
	return builtFrom
}

// builtFrom is set by the Makefile with -X main.builtFrom.
var builtFrom = "unknown"
