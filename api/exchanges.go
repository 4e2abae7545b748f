package api

import (
	"context"
	"math"
	"net/http"
	"time"

	"rigistry/models"
	"rigistry/services/metering"
)

func (s *Server) exchangeRoutes() []route {
	return []route{
		handle("GET", "/v1/meters/{id}/exchanges", models.ActMeterRead, "Metering", "What was done to a meter at its place, the newest first", s.listExchanges),
		handle("POST", "/v1/meters/{id}/exchange", models.ActMeterWrite, "Metering", "Record that a meter or its transformers were exchanged", s.postExchange).with(http.StatusCreated),
	}
}

// MeterExchangeWire is an exchange that was recorded.
type MeterExchangeWire struct {
	ID             string    `json:"id"`
	Kind           string    `json:"kind" enum:"installed,meter,transformers,both"`
	At             time.Time `json:"at"`
	OldSerial      string    `json:"old_serial"`
	NewSerial      string    `json:"new_serial"`
	OldProfile     string    `json:"old_profile"`
	NewProfile     string    `json:"new_profile"`
	OldRatio       string    `json:"old_ratio" example:"CT 200/5 VT 1/1"`
	NewRatio       string    `json:"new_ratio"`
	FinalKwh       float64   `json:"final_kwh" doc:"Of the primary side"`
	FirstKwh       float64   `json:"first_kwh" doc:"Of the primary side"`
	FinalExportKwh *float64  `json:"final_export_kwh,omitempty"`
	FirstExportKwh *float64  `json:"first_export_kwh,omitempty"`
	OldSeals       string    `json:"old_seals"`
	NewSeals       string    `json:"new_seals"`
	Act            string    `json:"act" doc:"Number of the act of exchange"`
	RecordedAt     time.Time `json:"recorded_at"`
	MeterVersion   int64     `json:"meter_version" doc:"Of the meter from then on"`
}

func exchangeWire(x models.MeterExchange) MeterExchangeWire {
	export := func(wh models.WattHours) *float64 {
		if wh < 0 {
			return nil
		}
		v := kw(wh)
		return &v
	}
	return MeterExchangeWire{ID: x.ID, Kind: string(x.Kind), At: x.At, OldSerial: x.OldSerial, NewSerial: x.NewSerial, OldProfile: x.OldProfile,
		NewProfile: x.NewProfile, OldRatio: x.OldRatio, NewRatio: x.NewRatio, FinalKwh: kw(x.Final), FirstKwh: kw(x.First), FinalExportKwh: export(x.FinalExport),
		FirstExportKwh: export(x.FirstExport), OldSeals: x.OldSeals, NewSeals: x.NewSeals, Act: x.Act, RecordedAt: x.Recorded, MeterVersion: x.MeterVersion}
}

func (s *Server) listExchanges(ctx context.Context, actor models.Actor, in *ByID) (*listOutput[MeterExchangeWire], error) {
	rows, err := s.svc.Metering.Exchanges(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return listOf(rows, "", exchangeWire), nil
}

// MeterExchangeInput is an exchange to be recorded. Registers are as the meter shows
// them, before the transformers' ratio.
type MeterExchangeInput struct {
	At             time.Time `json:"at" doc:"When it was done"`
	NewSerial      string    `json:"new_serial,omitempty" maxLength:"64" doc:"Absent when the meter stays"`
	NewProfile     string    `json:"new_profile,omitempty" maxLength:"64"`
	NewUnit        *int      `json:"new_unit,omitempty" minimum:"0" maximum:"255"`
	CtNum          int64     `json:"ct_num,omitempty" minimum:"1" doc:"Absent when the current transformers stay"`
	CtDen          int64     `json:"ct_den,omitempty" minimum:"1"`
	VtNum          int64     `json:"vt_num,omitempty" minimum:"1"`
	VtDen          int64     `json:"vt_den,omitempty" minimum:"1"`
	FinalKwh       float64   `json:"final_kwh" minimum:"0" maximum:"1e12" doc:"Of the old meter at its end, as it shows"`
	FirstKwh       float64   `json:"first_kwh" minimum:"0" maximum:"1e12" doc:"Of the new meter at its beginning, as it shows"`
	FinalExportKwh *float64  `json:"final_export_kwh,omitempty" minimum:"0" maximum:"1e12"`
	FirstExportKwh *float64  `json:"first_export_kwh,omitempty" minimum:"0" maximum:"1e12"`
	OldSeals       string    `json:"old_seals,omitempty" maxLength:"200"`
	NewSeals       string    `json:"new_seals" minLength:"1" maxLength:"200"`
	Act            string    `json:"act" minLength:"1" maxLength:"64" doc:"Number of the act of exchange"`
}

// ExchangeInput is the request with its version and key.
type ExchangeInput struct {
	ByID
	IfMatch
	Idempotent
	Body MeterExchangeInput
}

func wattHours(kwh float64) models.WattHours { return models.WattHours(math.Round(kwh * 1000)) }

func optionalWattHours(kwh *float64) *models.WattHours {
	if kwh == nil {
		return nil
	}
	wh := wattHours(*kwh)
	return &wh
}

func (s *Server) postExchange(ctx context.Context, actor models.Actor, in *ExchangeInput) (*created[MeterExchangeWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	b := in.Body
	x := metering.Exchange{At: b.At, Serial: b.NewSerial, Profile: b.NewProfile, CTNum: b.CtNum, CTDen: b.CtDen, VTNum: b.VtNum, VTDen: b.VtDen,
		Final: wattHours(b.FinalKwh), First: wattHours(b.FirstKwh), OldSeals: b.OldSeals, NewSeals: b.NewSeals, Act: b.Act}
	if b.NewUnit != nil {
		unit := uint8(*b.NewUnit)
		x.Unit = &unit
	}
	x.FinalExport, x.FirstExport = optionalWattHours(b.FinalExportKwh), optionalWattHours(b.FirstExportKwh)
	m, row, err := s.svc.Metering.ExchangeMeter(ctx, actor, in.ID, version, x)
	if err != nil {
		return nil, err
	}
	return &created[MeterExchangeWire]{Location: "/v1/meters/" + m.ID + "/exchanges", ETag: etag(m.Version), Body: exchangeWire(row)}, nil
}
