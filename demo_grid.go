package main

import (
	"fmt"
	"time"

	"rigistry/models"
	"rigistry/services/simulator"
)

// otherPoints are the connection points of the second utility, without simulated
// meters: licenses and applications that are not part of the live story.
const (
	otherPoints    = 6
	otherFeederKW  = 8000
	otherPointKW   = 1500
	demoVoltKV     = 110
	demoFeederKV   = 10
	substationKW   = 16000
	documentsUntil = 3  // years
	energisedShare = 95 // per cent of its license that a farm has confirmed
)

func otherPoint(n int) string { return fmt.Sprintf("PS07-F01-CP%03d", n) }

// grid registers the simulated substation and a second utility.
func (d *demo) grid(cast *demoCast, world simulator.Grid) error {
	gate, ctx, system := d.registry.svc.Gate, d.app.Ctx, models.System()
	for _, u := range []models.Utility{
		{Code: "PRES", NameKk: "Павлодар электр желілері АҚ", NameRu: "АО «Павлодарские электросети»", NameEn: "Pavlodar Grid", Bin: demoBin("020140", 11)},
		{Code: "EKES", NameKk: "Екібастұз электр желілері ЖШС", NameRu: "ТОО «Экибастузские электросети»", NameEn: "Ekibastuz Grid", Bin: demoBin("030340", 12)},
	} {
		saved, err := gate.RegisterUtility(ctx, system, u)
		if err != nil {
			return fmt.Errorf("register utility %s: %w", u.Code, err)
		}
		cast.utilities = append(cast.utilities, saved)
	}
	if _, err := gate.RegisterSubstation(ctx, system, models.Substation{Code: world.Code, Name: "ПС-12 «Северная»", Utility: cast.utilities[0].ID,
		VoltKV: demoVoltKV, Limit: substationKW * 1000, Kato: demoKato}); err != nil {
		return err
	}
	for _, n := range world.Nodes {
		if err := d.gridNode(cast, world.Code, n); err != nil {
			return fmt.Errorf("register %s: %w", n.Code, err)
		}
	}
	return d.otherUtility(cast)
}

func (d *demo) gridNode(cast *demoCast, substation string, n simulator.Node) error {
	gate, ctx, system := d.registry.svc.Gate, d.app.Ctx, models.System()
	switch n.Kind {
	case "feeder":
		_, err := gate.RegisterFeeder(ctx, system, models.Feeder{Code: n.Code, Substation: substation, VoltKV: demoFeederKV, Limit: watts(n.LimitKW)})
		return err
	case "pdu":
		_, err := gate.RegisterPDU(ctx, system, models.PDU{Code: n.Code, ConnectionPoint: n.Parent})
		return err
	}
	p := d.documented(models.ConnectionPoint{Code: n.Code, Feeder: n.Parent, DeclaredUse: n.Use, Permitted: watts(n.PermittedKW),
		State: models.ConnectionEnergised, ConsumerBin: cast.consumerBin(n.Code)})
	switch {
	case len(n.Loads) == 0:
		p.State = models.ConnectionPlanned
	case n.License != nil:
		p.Energised = watts(n.License.ApprovedKW) * energisedShare / 100
	default:
		p.Energised = p.Permitted * 7 / 10
	}
	_, err := gate.RegisterConnectionPoint(ctx, system, p)
	return err
}

// documented gives a point all documents of connection.
func (d *demo) documented(p models.ConnectionPoint) models.ConnectionPoint {
	until := d.app.Now().AddDate(documentsUntil, 0, 0).UTC().Truncate(24 * time.Hour)
	purpose := "other"
	if p.DeclaredUse == "mining" {
		purpose, p.Automation = "mining", true
	}
	p.Technical = models.TechnicalConditions{Number: "ТУ-" + p.Code, Limit: p.Permitted, Purpose: purpose, ValidUntil: until}
	p.Act, p.SupplyNumber, p.SupplyUntil = "АР-"+p.Code, "ДЭ-"+p.Code, until
	return p
}

func (d *demo) otherUtility(cast *demoCast) error {
	gate, ctx, system := d.registry.svc.Gate, d.app.Ctx, models.System()
	if _, err := gate.RegisterSubstation(ctx, system, models.Substation{Code: "PS07", Name: "ПС-7 «Экибастуз»", Utility: cast.utilities[1].ID,
		VoltKV: demoVoltKV, Limit: substationKW * 1000, Kato: demoKato}); err != nil {
		return err
	}
	if _, err := gate.RegisterFeeder(ctx, system, models.Feeder{Code: "PS07-F01", Substation: "PS07", VoltKV: demoFeederKV, Limit: otherFeederKW * 1000}); err != nil {
		return err
	}
	for n := 1; n <= otherPoints; n++ {
		p := d.documented(models.ConnectionPoint{Code: otherPoint(n), Feeder: "PS07-F01", DeclaredUse: "mining", Permitted: otherPointKW * 1000,
			State: models.ConnectionPlanned, ConsumerBin: cast.consumerBin(otherPoint(n))})
		if _, err := gate.RegisterConnectionPoint(ctx, system, p); err != nil {
			return err
		}
	}
	return nil
}

// meters registers the simulated meters, or tells a registry that goes on where
// they are now.
func (d *demo) meters(simulated []models.Meter) error {
	m, ctx, system := d.registry.svc.Metering, d.app.Ctx, models.System()
	d.meterIDs = map[string]string{}
	nodes, err := d.registry.nodes(ctx)
	if err != nil {
		return err
	}
	for _, s := range simulated {
		known, err := m.Meter(ctx, system, s.Code)
		switch {
		case models.CodeOf(err) == models.CodeNotFound:
			if known, err = d.registerMeter(s, nodes); err != nil {
				return fmt.Errorf("register meter %s: %w", s.Code, err)
			}
		case err != nil:
			return err
		case known.URL != s.URL:
			known.URL = s.URL
			if known, err = m.UpdateMeter(ctx, system, known); err != nil {
				return fmt.Errorf("move meter %s: %w", s.Code, err)
			}
		}
		d.meterIDs[s.Code] = known.ID
	}
	return nil
}

func (d *demo) registerMeter(s models.Meter, nodes map[string]gridNode) (models.Meter, error) {
	node, ok := nodes[s.Node.ID]
	if !ok {
		return s, models.NotFound("node", s.Node.ID)
	}
	s.Node, s.Utility = node.ref, node.utility
	s.VerificationBy = models.LegalDate(d.app.Now().AddDate(2, 0, 0))
	s.InstalledFrom = d.app.Now().Add(-(3*365 + 50) * day) // before the oldest license
	return d.registry.svc.Metering.RegisterMeter(d.app.Ctx, models.System(), s)
}

// demoBin completes a BIN from its first six digits and a serial number; where
// the rule gives no check digit the next serial is taken.
func demoBin(prefix string, serial int) string {
	for ; ; serial++ {
		if bin, err := models.CompleteBin(fmt.Sprintf("%s%05d", prefix, serial)); err == nil {
			return bin
		}
	}
}

func watts(kw float64) models.Watts { return models.Watts(kw*1000 + 0.5) }
