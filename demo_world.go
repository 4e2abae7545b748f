package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"rigistry/models"
	"rigistry/services/simulator"
)

// The places of the demonstration that the story needs by name.
const (
	freePoint      = "PS12-F05-CP001" // everything is in order and nobody has a license for it yet
	secondFree     = "PS12-F05-CP002" // for whoever tries things
	thirdFree      = "PS12-F05-CP003"
	retiredPoint   = "PS12-F05-CP004" // of a license that has ended
	readyPoint     = "PS12-F05-CP005" // licensed and not yet energised
	demoDays       = 28               // of history, and how far back the simulated registers begin
	demoSeed       = 12
	newParkLimitKW = 6000
)

// demoGrid is the simulator's substation with one more feeder, a new industrial
// park where connections are ready and nothing draws power yet.
func demoGrid(start time.Time) simulator.Grid {
	g := simulator.DefaultGrid(demoSeed, start)
	for i := range g.Endpoints { // the licensed farms' gateway speaks Modbus/TCP Security
		g.Endpoints[i].TLS = g.Endpoints[i].Name == "GW-F03"
	}
	g.Endpoints = append(g.Endpoints, simulator.Endpoint{Name: "GW-F05", Address: "127.0.0.1:0", DelayMS: 20})
	g.Nodes = append(g.Nodes, simulator.Node{Code: "PS12-F05", Kind: "feeder", Parent: g.Code, Name: "Industrial park", LimitKW: newParkLimitKW, LossA: 1.2})
	meter := func(code string, role models.MeterRole, profile string, unit uint8) {
		g.Meters = append(g.Meters, simulator.Meter{Code: "M-" + code, Node: code, Role: role, Profile: profile, Endpoint: "GW-F05",
			Unit: unit, Class: "0.5S", Serial: fmt.Sprintf("5210%04d", unit)})
	}
	meter("PS12-F05", models.MeterFeeder, "janitza/umg96rm", 1)
	for i, p := range []struct {
		code, name string
		kw         float64
	}{{freePoint, "Plot 1", 1200}, {secondFree, "Plot 2", 900}, {thirdFree, "Plot 3", 900}, {retiredPoint, "Plot 4", 500}, {readyPoint, "Plot 5", 1000}} {
		g.Nodes = append(g.Nodes, simulator.Node{Code: p.code, Kind: "connection_point", Parent: "PS12-F05", Name: p.name, Use: "mining", PermittedKW: p.kw})
		meter(p.code, models.MeterRevenue, "siemens/pac3200", uint8(i+2))
	}
	return g
}

// loadGrid reads the grid of a demonstration that goes on, or makes a new one.
func (d *demo) loadGrid() (simulator.Grid, error) {
	data, err := os.ReadFile(d.file("grid.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return demoGrid(d.app.Now().AddDate(0, 0, -demoDays)), nil
	}
	if err != nil {
		return simulator.Grid{}, err
	}
	return simulator.ParseGrid(data)
}

func (d *demo) file(name string) string { return filepath.Join(d.app.Config.Data, "demo", name) }
