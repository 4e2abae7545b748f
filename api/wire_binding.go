package api

import (
	"time"

	"rigistry/models"
)

// PlateWire is what is written on a meter and its transformers.
type PlateWire struct {
	Serial        string `json:"serial,omitempty" maxLength:"64"`
	Vendor        string `json:"vendor,omitempty" maxLength:"64"`
	Model         string `json:"model,omitempty" maxLength:"64"`
	AccuracyClass string `json:"accuracy_class,omitempty" maxLength:"8"`
	CtNum         int64  `json:"ct_num,omitempty" minimum:"1" maximum:"1000000"`
	CtDen         int64  `json:"ct_den,omitempty" minimum:"1" maximum:"1000000"`
	VtNum         int64  `json:"vt_num,omitempty" minimum:"1" maximum:"1000000"`
	VtDen         int64  `json:"vt_den,omitempty" minimum:"1" maximum:"1000000"`
	MaxA          int64  `json:"max_a,omitempty" minimum:"0" maximum:"100000" doc:"Greatest current of the meter itself"`
	NominalV      int64  `json:"nominal_v,omitempty" minimum:"0" maximum:"100000" doc:"Of the meter's inputs"`
	VerifiedOn    string `json:"verified_on,omitempty" maxLength:"10"`
	VerifiedUntil string `json:"verified_until,omitempty" maxLength:"10"`
}

func (w *PlateWire) plate() models.Nameplate {
	return models.Nameplate{Serial: w.Serial, Vendor: w.Vendor, Model: w.Model, AccuracyClass: w.AccuracyClass, CTNum: max(w.CtNum, 1), CTDen: max(w.CtDen, 1),
		VTNum: max(w.VtNum, 1), VTDen: max(w.VtDen, 1), MaxA: w.MaxA, NominalV: w.NominalV, VerifiedOn: w.VerifiedOn, VerifiedUntil: w.VerifiedUntil}
}

func plateWire(p *models.Nameplate) PlateWire {
	return PlateWire{Serial: p.Serial, Vendor: p.Vendor, Model: p.Model, AccuracyClass: p.AccuracyClass, CtNum: p.CTNum, CtDen: p.CTDen, VtNum: p.VTNum, VtDen: p.VTDen,
		MaxA: p.MaxA, NominalV: p.NominalV, VerifiedOn: p.VerifiedOn, VerifiedUntil: p.VerifiedUntil}
}

// DifferenceWire is something in which a meter and its plate do not fit.
type DifferenceWire struct {
	Code   string `json:"code" enum:"UNUSABLE,SERIAL,MODEL,RATIO,CURRENT,VOLTAGE,POWER,PERMITTED,VERIFICATION,CLASS_UNKNOWN"`
	Typed  string `json:"typed" doc:"What was written down, or the limit"`
	Shown  string `json:"shown" doc:"What the meter says"`
	Blocks bool   `json:"blocks" doc:"It must be mended; any other needs a written reason"`
	Reason string `json:"reason,omitempty"`
}

func differencesWire(in []models.Difference) []DifferenceWire {
	out := make([]DifferenceWire, len(in))
	for i, d := range in {
		out[i] = DifferenceWire{Code: d.Code, Typed: d.Typed, Shown: d.Shown, Blocks: d.Blocks}
	}
	return out
}

// BindingCheckBody is a binding as far as it is known.
type BindingCheckBody struct {
	Job      string    `json:"job" minLength:"1" maxLength:"64" doc:"The read"`
	NodeKind string    `json:"node_kind,omitempty" maxLength:"32"`
	Node     string    `json:"node,omitempty" maxLength:"64"`
	EveryS   int       `json:"every_s,omitempty" minimum:"0" maximum:"86400"`
	Plate    PlateWire `json:"plate"`
}

// BindingCheckWire is what would hinder a binding.
type BindingCheckWire struct {
	Differences []DifferenceWire `json:"differences" nullable:"false"`
	LoadPct     float64          `json:"load_pct" doc:"How busy the link would be with this meter"`
	Over        bool             `json:"over" doc:"More than may be planned"`
	Meters      int              `json:"meters" doc:"Of the link, with this one"`
	PermittedKw *float64         `json:"permitted_kw,omitempty"`
}

// BindingBody binds a meter that was read once to its place.
type BindingBody struct {
	Job       string            `json:"job" minLength:"1" maxLength:"64" doc:"The read"`
	Code      string            `json:"code" minLength:"1" maxLength:"64"`
	Role      string            `json:"role" enum:"revenue,check,feeder,transformer,pdu,generator,substation"`
	NodeKind  string            `json:"node_kind" minLength:"1" maxLength:"32"`
	Node      string            `json:"node" minLength:"1" maxLength:"64" doc:"Id or code"`
	EveryS    int               `json:"every_s" minimum:"1" maximum:"86400" doc:"Seconds between polls"`
	Plate     PlateWire         `json:"plate"`
	Reasons   map[string]string `json:"reasons,omitempty" doc:"For each difference that does not block, by its code, why it is right"`
	Seals     string            `json:"seals" minLength:"1" maxLength:"200"`
	Act       string            `json:"act" minLength:"1" maxLength:"64" doc:"Number of the act of installation"`
	Installer string            `json:"installer" minLength:"1" maxLength:"200"`
}

// CommissioningWire is how a meter was commissioned.
type CommissioningWire struct {
	Meter          string           `json:"meter"`
	Code           string           `json:"code"`
	Job            string           `json:"job"`
	Collector      string           `json:"collector"`
	State          string           `json:"state" enum:"bound,commissioned" doc:"commissioned: a good reading has come through the normal path"`
	BoundAt        time.Time        `json:"bound_at"`
	CommissionedAt *time.Time       `json:"commissioned_at,omitempty"`
	FirstReadingAt *time.Time       `json:"first_reading_at,omitempty"`
	Plate          PlateWire        `json:"plate"`
	Differences    []DifferenceWire `json:"differences" nullable:"false"`
	Seals          string           `json:"seals"`
	Act            string           `json:"act"`
	Installer      string           `json:"installer"`
	Fragment       WorkMeterWire    `json:"fragment" doc:"The meter as a collector's configuration file has it"`
}

// MeterCommissioningWire is the record of a meter's commissioning, if there is one.
type MeterCommissioningWire struct {
	Commissioning *CommissioningWire `json:"commissioning,omitempty" doc:"Absent when the meter was registered without being commissioned"`
}

func commissioningWire(m *models.Meter, c *models.Commissioning) CommissioningWire {
	w := CommissioningWire{Meter: m.ID, Code: m.Code, Job: c.Job, Collector: c.Collector, State: "bound", BoundAt: c.Bound, CommissionedAt: optionalTime(c.Confirmed),
		FirstReadingAt: optionalTime(c.FirstReading), Plate: plateWire(&c.Plate), Differences: []DifferenceWire{}, Seals: c.Seals, Act: c.Act, Installer: c.Installer,
		Fragment: workMeterWire(m)}
	if !c.Confirmed.IsZero() {
		w.State = "commissioned"
	}
	for _, d := range c.Differences {
		w.Differences = append(w.Differences, DifferenceWire{Code: d.Code, Typed: d.Typed, Shown: d.Shown, Blocks: d.Blocks, Reason: d.Reason})
	}
	return w
}
