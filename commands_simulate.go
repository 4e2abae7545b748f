package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"text/tabwriter"
	"time"

	"rigistry/models"
	"rigistry/services/metering"
	"rigistry/services/simulator"
)

// SimulateCmd is `rigistry simulate`: the simulated meters alone.
type SimulateCmd struct {
	Grid  string `required:"" type:"path" help:"Grid file (JSON). One that does not exist is written with the demo's substation."`
	Truth string `required:"" type:"path" help:"File to write what is hidden in the grid to (JSON)."`
	Seed  uint64 `default:"1" help:"Seed of a grid file that is written."`

	Certificates string `default:"simulated-meters" type:"path" help:"Folder for the certificates of endpoints with \"tls\": true (Modbus/TCP Security); made when they are missing. A collector shows reader.pem and reader.key, and trusts ca.pem."`
}

// simulatedDays is how far back the registers of a new grid file begin: the four
// weeks of history that detection needs.
const simulatedDays = 28

// Run serves the meters until it is interrupted.
func (c *SimulateCmd) Run(app *App) error {
	grid, err := c.load(app.Now())
	if err != nil {
		return err
	}
	profiles, err := metering.ShippedProfiles()
	if err != nil {
		return err
	}
	world, err := simulator.New(grid, profiles.All())
	if err != nil {
		return err
	}
	truth, err := world.Truth().JSON()
	if err != nil {
		return err
	}
	if err := os.WriteFile(c.Truth, append(truth, '\n'), 0o600); err != nil {
		return fmt.Errorf("write the truth: %w", err)
	}
	server, err := simulator.Listen(app.Ctx, world, app.Now, app.Log)
	if err != nil {
		return err
	}
	defer server.Close()
	if _, err := meterCertificates(c.Certificates).serveSecure(server, app.Now()); err != nil {
		return err
	}
	w := tabwriter.NewWriter(app.Stdout, 0, 4, 2, ' ', 0)
	for _, m := range server.Meters() {
		_, _ = fmt.Fprintf(w, "%s\t%s\tunit %d\t%s\t%s\n", m.Code, m.URL, m.Unit, m.Profile, m.Node.ID)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(app.Stdout, "%d meters are served; the truth is in %s\n", len(server.Meters()), c.Truth)
	return server.Run(app.Ctx)
}

func (c *SimulateCmd) load(now time.Time) (simulator.Grid, error) {
	data, err := os.ReadFile(c.Grid)
	switch {
	case err == nil:
		return simulator.ParseGrid(data)
	case !errors.Is(err, fs.ErrNotExist):
		return simulator.Grid{}, models.Errorf(models.CodeInvalid, "--grid: %v", err)
	}
	grid := simulator.DefaultGrid(c.Seed, now.AddDate(0, 0, -simulatedDays))
	if data, err = grid.JSON(); err != nil {
		return simulator.Grid{}, err
	}
	if err := os.WriteFile(c.Grid, append(data, '\n'), 0o600); err != nil {
		return simulator.Grid{}, fmt.Errorf("write the grid: %w", err)
	}
	return grid, nil
}
