package main

import (
	"time"

	"rigistry/models"
	"rigistry/services/gate"
)

// partyRow reads a party. The kind follows from the number when it is not given.
func partyRow(r *record) models.Party {
	p := models.Party{BinOrIin: r.identifier("bin_or_iin"), Kind: models.PartyKind(r.text("kind")), NameKk: r.text("name_kk"), NameRu: r.text("name_ru"),
		Size: models.BusinessSize(r.text("size")), Resident: r.yes("resident", "yes"), Address: r.text("address"), Kato: r.text("kato"),
		Email: r.text("email"), Phone: r.text("phone"), State: models.PartyState(r.text("state"))}
	if p.Kind == "" {
		p.Kind = models.PartyLegalEntity
		switch kind, _ := models.CheckBin(p.BinOrIin); kind { // a bad number is refused with the row
		case models.HolderPerson:
			p.Kind = models.PartySoleEntrepreneur
		case models.HolderJoint:
			p.Kind = models.PartyJointEntrepreneurs
		}
	}
	return p
}

// gridRow reads a connection point with the path to it.
func gridRow(r *record) gate.GridRow {
	return gate.GridRow{Utility: r.text("utility"), Substation: r.text("substation"), SubstationName: r.text("substation_name"), Feeder: r.text("feeder"),
		SubstationVoltKV: r.integer("substation_kv"), FeederVoltKV: r.integer("feeder_kv"),
		SubstationLimit: r.power("substation_limit"), FeederLimit: r.power("feeder_limit"), Kato: r.text("kato"),
		Point: models.ConnectionPoint{Code: r.text("connection_point"), ConsumerBin: r.identifier("consumer"), DeclaredUse: r.text("declared_use"),
			Site: r.text("site"), Permitted: r.power("permitted"), Act: r.text("act"), SupplyNumber: r.text("supply_contract"),
			SupplyUntil: r.instant("supply_until"), Automation: r.yes("automation", "no"),
			Technical: models.TechnicalConditions{Number: r.text("tc_number"), Limit: r.power("tc"), Purpose: r.text("tc_purpose"), ValidUntil: r.instant("tc_until")}}}
}

// meterOf reads a meter. Its node is named by code; the registry knows its kind.
func meterOf(r *record) models.Meter {
	m := models.Meter{Code: r.text("code"), Serial: r.text("serial"), Vendor: r.text("vendor"), Model: r.text("model"), Profile: r.text("profile"),
		URL: r.text("url"), Role: models.MeterRole(r.text("role")), Node: models.Ref{ID: r.text("node")}, AccuracyClass: r.text("accuracy_class"),
		PollInterval: time.Duration(r.integer("poll_seconds")) * time.Second, VerificationBy: r.text("verification_by")}
	m.CTNum, m.CTDen = r.ratio("ct")
	m.VTNum, m.VTDen = r.ratio("vt")
	unit := r.integer("unit")
	if unit < 0 || unit > 255 {
		r.bad.Add("/unit", "range", "A Modbus unit id is from 0 to 255.")
	}
	m.Unit = uint8(unit) //nolint:gosec // checked just above
	return m
}

// readingRow reads a reading: the instant, the meter's code or id, and quantities
// by name in base units (W, Wh, V, A, Hz).
func readingRow(r *record) models.Reading {
	out := models.Reading{Meter: r.text("meter"), At: r.instant("at"), Source: models.SourceFile}
	quality, ok := models.ParseQuality(r.text("quality"))
	if !ok {
		r.bad.Add("/quality", "unknown", "%q is no quality.", r.text("quality"))
	}
	out.Quality = quality
	for column := range r.cells {
		if column == "at" || column == "meter" || column == "quality" {
			continue
		}
		q, ok := models.ParseQuantity(column)
		if !ok {
			r.bad.Add("/"+column, "unknown", "There is no quantity %q.", column)
			continue
		}
		if v, ok := r.number(column); ok {
			out.Values.SetBase(q, v)
		}
	}
	return out
}
