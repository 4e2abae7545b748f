package api

import (
	"math"
	"time"

	"rigistry/models"
	"rigistry/services/licensing"
)

// SourceEnergyWire is the energy of one source of supply.
type SourceEnergyWire struct {
	Source string  `json:"source" enum:"auction,import,own_generation,own_res,ppa_res"`
	Kwh    float64 `json:"kwh" minimum:"0" maximum:"1000000000000"`
}

// HandedWire is what was handed in. Which fields are there depends on the kind.
type HandedWire struct {
	Energy     []SourceEnergyWire `json:"energy,omitempty" maxItems:"10" doc:"Report and fee: by source of supply"`
	AmountKzt  float64            `json:"amount_kzt,omitempty" minimum:"0" maximum:"100000000000000" doc:"Fee: what was paid"`
	Document   string             `json:"document" maxLength:"200" doc:"Number of the report, the payment or the certificate"`
	Certified  string             `json:"certified_on,omitempty" maxLength:"10" doc:"Verification: legal date of the certificate"`
	ValidUntil string             `json:"valid_until,omitempty" maxLength:"10" doc:"Verification: the last day it holds"`
	Note       string             `json:"note,omitempty" maxLength:"2000"`
}

func handedWire(h models.Handed) *HandedWire {
	w := &HandedWire{AmountKzt: kzt(h.Amount), Document: h.Document, Certified: h.Certified, ValidUntil: h.ValidUntil, Note: h.Note}
	for _, e := range h.Energy {
		w.Energy = append(w.Energy, SourceEnergyWire{Source: e.Source, Kwh: kwh(e.Energy)})
	}
	return w
}

func (w HandedWire) handed() models.Handed {
	h := models.Handed{Amount: models.Tiyn(math.Round(min(w.AmountKzt, 1e14) * 100)), Document: w.Document, Certified: w.Certified, ValidUntil: w.ValidUntil, Note: w.Note}
	for _, e := range w.Energy {
		h.Energy = append(h.Energy, models.SourceEnergy{Source: e.Source, Energy: models.WattHours(math.Round(min(e.Kwh, 1e12) * 1000))})
	}
	return h
}

func kzt(t models.Tiyn) float64 { return float64(t) / 100 }

func kwh(e models.WattHours) float64 { return float64(e) / 1000 }

// ObligationWire is one duty of a license for one period.
type ObligationWire struct {
	ID            string      `json:"id"`
	Kind          string      `json:"kind" example:"QUARTERLY_REPORT"`
	TextKk        string      `json:"text_kk"`
	TextRu        string      `json:"text_ru"`
	TextEn        string      `json:"text_en"`
	License       string      `json:"license"`
	Party         string      `json:"party" doc:"Id of the holder"`
	HolderName    string      `json:"holder_name"`
	Meter         string      `json:"meter,omitempty" doc:"Code of the meter of a verification"`
	Period        string      `json:"period" example:"2026-Q3"`
	From          string      `json:"from" doc:"Legal date"`
	Until         string      `json:"until" doc:"Legal date, not included: from it on it can be handed in"`
	LawDue        string      `json:"law_due" doc:"Legal date by the law's count, before the rule for days off"`
	Due           string      `json:"due" doc:"Legal date (Asia/Almaty): the last day"`
	LegalRef      string      `json:"legal_ref"`
	Grade         string      `json:"grade" enum:"S,R" doc:"S read in a source, R recalled and to be confirmed"`
	BlocksGate    bool        `json:"blocks_gate" doc:"Overdue, it makes the gate refer"`
	BlocksNow     bool        `json:"blocks_now" doc:"The gate refers because of it"`
	AmountKzt     float64     `json:"amount_kzt,omitempty" doc:"What is to be paid where it is known from the start"`
	State         string      `json:"state" enum:"upcoming,due,overdue,fulfilled,accepted,waived,ended" doc:"fulfilled: handed in and not accepted yet"`
	Handed        *HandedWire `json:"handed,omitempty"`
	HandedOn      string      `json:"handed_on,omitempty" doc:"Legal date"`
	HandedByName  string      `json:"handed_by_name,omitempty"`
	Note          string      `json:"note,omitempty" doc:"Why it was returned, or its waiver rejected"`
	WaiverGround  string      `json:"waiver_ground,omitempty"`
	WaiverNote    string      `json:"waiver_note,omitempty"`
	WaiverByName  string      `json:"waiver_by_name,omitempty"`
	DecidedByName string      `json:"decided_by_name,omitempty"`
	DecidedAt     *time.Time  `json:"decided_at,omitempty"`
	Allowed       []string    `json:"allowed" nullable:"false" doc:"What the caller may do now: fulfil accept return propose_waiver confirm_waiver reject_waiver"`
	UpdatedAt     time.Time   `json:"updated_at"`
	Version       int64       `json:"version"`
}

func obligationWire(o licensing.ObligationView) ObligationWire {
	w := ObligationWire{ID: o.ID, Kind: o.Kind, TextKk: o.Text.Kk, TextRu: o.Text.Ru, TextEn: o.Text.En, License: o.License, Party: o.Party,
		HolderName: o.HolderName, Meter: o.MeterCode, Period: o.Period, From: o.From, Until: o.Until, LawDue: o.LawDue, Due: o.Due,
		LegalRef: o.LegalRef, Grade: o.Grade, BlocksGate: o.BlocksGate, BlocksNow: o.Blocks(o.Date), AmountKzt: kzt(o.Amount), State: string(o.Shown),
		HandedOn: o.HandedOn, HandedByName: o.HandedName, Note: o.Note, WaiverGround: o.Waiver.Ground, WaiverNote: o.Waiver.Note,
		WaiverByName: o.WaiverName, DecidedByName: o.DecideName, DecidedAt: optionalTime(o.DecidedAt), Allowed: o.Allowed,
		UpdatedAt: o.Updated, Version: o.Version}
	if o.HandedOn != "" {
		w.Handed = handedWire(o.Handed)
	}
	return w
}

// FeeRateWire is a rate of the fee for digital mining between two legal dates.
type FeeRateWire struct {
	Source     string  `json:"source" doc:"Source of supply, or the ground no_meter"`
	RateKzt    float64 `json:"rate_kzt_per_kwh"`
	LegalRef   string  `json:"legal_ref"`
	Grade      string  `json:"grade" enum:"S,R"`
	ValidFrom  string  `json:"valid_from"`
	ValidUntil string  `json:"valid_until,omitempty" doc:"Not included"`
}

func feeRateWires(list []models.FeeRate) []FeeRateWire {
	out := []FeeRateWire{}
	for _, r := range list {
		out = append(out, FeeRateWire{Source: r.Source, RateKzt: kzt(r.Rate), LegalRef: r.LegalRef, Grade: r.Grade, ValidFrom: r.ValidFrom, ValidUntil: r.ValidUntil})
	}
	return out
}

// FeeLineWire is the fee of one source: energy times the highest rate that applies.
type FeeLineWire struct {
	Source    string        `json:"source"`
	Kwh       float64       `json:"kwh"`
	Rates     []FeeRateWire `json:"rates" nullable:"false" doc:"All that apply, the highest first; the first counts"`
	AmountKzt float64       `json:"amount_kzt"`
}

// EnergyFeeWire is a fee with its lines.
type EnergyFeeWire struct {
	Lines    []FeeLineWire `json:"lines" nullable:"false"`
	TotalKzt float64       `json:"total_kzt"`
	Unknown  []string      `json:"unknown" nullable:"false" doc:"Sources without a known rate; they are not counted as 0"`
}

func energyFeeWire(f *models.EnergyFee) *EnergyFeeWire {
	if f == nil {
		return nil
	}
	w := &EnergyFeeWire{Lines: []FeeLineWire{}, TotalKzt: kzt(f.Total), Unknown: orEmpty(f.Unknown)}
	for _, l := range f.Lines {
		w.Lines = append(w.Lines, FeeLineWire{Source: l.Source, Kwh: kwh(l.Energy), Rates: feeRateWires(l.Rates), AmountKzt: kzt(l.Amount)})
	}
	return w
}

// MeasuredWire is what one meter measured in the period.
type MeasuredWire struct {
	Meter     string   `json:"meter" doc:"Id"`
	Code      string   `json:"code"`
	Kwh       *float64 `json:"kwh" doc:"null when no reading explains any of the period; never 0 for unknown"`
	CoveredH  float64  `json:"covered_h" doc:"Hours that readings explain"`
	ExpectedH float64  `json:"expected_h" doc:"Hours of the period up to now in which the meter was to be read"`
	Whole     bool     `json:"whole" doc:"All but a thousandth is explained"`
}

// ObligationEvidenceWire is what the registry knows by itself beside an obligation.
type ObligationEvidenceWire struct {
	From            *time.Time     `json:"from,omitempty"`
	Until           *time.Time     `json:"until,omitempty" doc:"End of the period, or now"`
	Meters          []MeasuredWire `json:"meters" nullable:"false"`
	NoMeter         []string       `json:"points_without_meter" nullable:"false"`
	PartMeter       []string       `json:"points_metered_in_part" nullable:"false" doc:"A meter was there for a part of the period only"`
	MeasuredKwh     *float64       `json:"measured_kwh" doc:"null when nothing is known; a lower bound unless whole"`
	Whole           bool           `json:"whole" doc:"Readings explain the whole period at every point"`
	DeclaredKwh     *float64       `json:"declared_kwh" doc:"null before something is handed in"`
	DifferencePct   *float64       `json:"difference_percent" doc:"Declared less measured, in per cent of what was measured; only when whole"`
	SupplyBasis     string         `json:"supply_basis,omitempty" doc:"The source at which measured energy is counted"`
	Grounds         []string       `json:"grounds" nullable:"false" doc:"That raise the rate: no_meter"`
	Rates           []FeeRateWire  `json:"rates" nullable:"false" doc:"In force on any day of the period"`
	FeeMeasured     *EnergyFeeWire `json:"fee_measured"`
	FeeDeclared     *EnergyFeeWire `json:"fee_declared"`
	FeeExpectedKzt  float64        `json:"fee_expected_kzt,omitempty" doc:"License fee at the value of the day"`
	LegalRefHighest string         `json:"legal_ref_highest_rate,omitempty" doc:"Why the highest rate counts"`
}

const highestRateRef = "Закон № 135-VII от 11.07.2022, ст. 606-3"

func evidenceWire(e licensing.ObligationEvidence) ObligationEvidenceWire {
	w := ObligationEvidenceWire{From: optionalTime(e.From), Until: optionalTime(e.Until), Meters: []MeasuredWire{}, NoMeter: orEmpty(e.NoMeter), PartMeter: orEmpty(e.PartMeter),
		Whole: e.Whole, SupplyBasis: e.SupplyBasis, Grounds: orEmpty(e.Grounds), Rates: feeRateWires(e.Rates),
		FeeMeasured: energyFeeWire(e.FeeMeasured), FeeDeclared: energyFeeWire(e.FeeDeclared), FeeExpectedKzt: kzt(e.FeeExpected)}
	for _, m := range e.Meters {
		one := MeasuredWire{Meter: m.Meter, Code: m.Code, CoveredH: hours(m.Covered), ExpectedH: hours(m.Expected), Whole: m.Whole()}
		if m.Covered > 0 {
			one.Kwh = pointer(kwh(m.Energy))
		}
		w.Meters = append(w.Meters, one)
	}
	if e.Known {
		w.MeasuredKwh = pointer(kwh(e.Measured))
	}
	if e.HasDeclared {
		w.DeclaredKwh = pointer(kwh(e.Declared))
		if e.Whole && e.Measured > 0 {
			w.DifferencePct = pointer(float64(e.DifferencePct) / 10)
		}
	}
	if len(e.Rates) > 0 {
		w.LegalRefHighest = highestRateRef
	}
	return w
}

func hours(seconds int64) float64 { return math.Round(float64(seconds)/36) / 100 }

func pointer[T any](v T) *T { return &v }

// ObligationKindWire is a kind of obligation between two legal dates.
type ObligationKindWire struct {
	Code           string `json:"code"`
	Period         string `json:"period" enum:"quarter,issue,verification,end"`
	DueDay         int    `json:"due_day" doc:"Day of the month after the quarter, or days after the event"`
	DayOff         string `json:"day_off" enum:"next_working_day,same_day"`
	SubType        string `json:"sub_type,omitempty"`
	WhileSuspended bool   `json:"while_suspended"`
	BlocksGate     bool   `json:"blocks_gate"`
	Outlives       bool   `json:"outlives" doc:"Stays when the license ends"`
	LegalRef       string `json:"legal_ref"`
	Grade          string `json:"grade" enum:"S,R"`
	TextKk         string `json:"text_kk"`
	TextRu         string `json:"text_ru"`
	TextEn         string `json:"text_en"`
	ValidFrom      string `json:"valid_from"`
	ValidUntil     string `json:"valid_until,omitempty"`
}

func obligationKindWire(r models.ObligationRule) ObligationKindWire {
	return ObligationKindWire{Code: r.Code, Period: string(r.Period), DueDay: r.DueDay, DayOff: r.DayOff, SubType: string(r.SubType),
		WhileSuspended: r.WhileSuspended, BlocksGate: r.BlocksGate, Outlives: r.Outlives, LegalRef: r.LegalRef, Grade: r.Grade,
		TextKk: r.Text.Kk, TextRu: r.Text.Ru, TextEn: r.Text.En, ValidFrom: r.ValidFrom, ValidUntil: r.ValidUntil}
}
