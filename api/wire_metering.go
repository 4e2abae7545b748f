package api

import "time"

// MeterWire is a meter and what it measures.
type MeterWire struct {
	ID            string     `json:"id" readOnly:"true" required:"false"`
	Code          string     `json:"code" maxLength:"64"`
	Serial        string     `json:"serial" maxLength:"64"`
	Profile       string     `json:"profile" doc:"Register profile, see rigistry meter profiles"`
	URL           string     `json:"url,omitempty" doc:"tcp://host:port, rtuovertcp://…; empty for meters read elsewhere"`
	Unit          int        `json:"unit" minimum:"0" maximum:"255"`
	Role          string     `json:"role" enum:"revenue,check,feeder,transformer,substation,pdu,generator"`
	NodeKind      string     `json:"node_kind" enum:"substation,feeder,transformer,connection_point,pdu"`
	Node          string     `json:"node" doc:"Id of the node it measures"`
	NodeCode      string     `json:"node_code" readOnly:"true" required:"false"`
	CtNum         int64      `json:"ct_num" minimum:"1" default:"1" required:"false"`
	CtDen         int64      `json:"ct_den" minimum:"1" default:"1" required:"false"`
	VtNum         int64      `json:"vt_num" minimum:"1" default:"1" required:"false"`
	VtDen         int64      `json:"vt_den" minimum:"1" default:"1" required:"false"`
	AccuracyClass string     `json:"accuracy_class" example:"0.5S"`
	IntervalS     int        `json:"interval_s" minimum:"1" default:"10" required:"false" doc:"Seconds between polls"`
	VerifiedUntil string     `json:"verified_until,omitempty" doc:"Legal date of the next verification"`
	Version       int64      `json:"version" readOnly:"true" required:"false"`
	NowKw         *float64   `json:"now_kw,omitempty" readOnly:"true"`
	PermittedKw   *float64   `json:"permitted_kw,omitempty" readOnly:"true" doc:"Of the connection point it measures"`
	LastAt        *time.Time `json:"last_at,omitempty" readOnly:"true"`
	LastQuality   string     `json:"last_quality,omitempty" readOnly:"true"`
}

// ReadingWire is one reading: quantities by their names, in base units (W, Wh, V,
// A, Hz); a quantity that is not known is absent and never 0.
type ReadingWire struct {
	Meter   string    `json:"meter" maxLength:"64" doc:"Meter id or code"`
	At      time.Time `json:"at"`
	PTotal  *float64  `json:"p_total,omitempty"`
	PL1     *float64  `json:"p_l1,omitempty"`
	PL2     *float64  `json:"p_l2,omitempty"`
	PL3     *float64  `json:"p_l3,omitempty"`
	QTotal  *float64  `json:"q_total,omitempty"`
	STotal  *float64  `json:"s_total,omitempty"`
	VL1     *float64  `json:"v_l1,omitempty"`
	VL2     *float64  `json:"v_l2,omitempty"`
	VL3     *float64  `json:"v_l3,omitempty"`
	IL1     *float64  `json:"i_l1,omitempty"`
	IL2     *float64  `json:"i_l2,omitempty"`
	IL3     *float64  `json:"i_l3,omitempty"`
	IN      *float64  `json:"i_n,omitempty"`
	UL12    *float64  `json:"u_l12,omitempty"`
	UL23    *float64  `json:"u_l23,omitempty"`
	UL31    *float64  `json:"u_l31,omitempty"`
	Pf      *float64  `json:"pf,omitempty"`
	PfL1    *float64  `json:"pf_l1,omitempty"`
	PfL2    *float64  `json:"pf_l2,omitempty"`
	PfL3    *float64  `json:"pf_l3,omitempty"`
	F       *float64  `json:"f,omitempty"`
	EImport *float64  `json:"e_import,omitempty"`
	EExport *float64  `json:"e_export,omitempty"`
	ThdVL1  *float64  `json:"thd_v_l1,omitempty"`
	ThdVL2  *float64  `json:"thd_v_l2,omitempty"`
	ThdVL3  *float64  `json:"thd_v_l3,omitempty"`
	ThdIL1  *float64  `json:"thd_i_l1,omitempty"`
	ThdIL2  *float64  `json:"thd_i_l2,omitempty"`
	ThdIL3  *float64  `json:"thd_i_l3,omitempty"`
	CtRatio *float64  `json:"ct_ratio,omitempty"`
	PtRatio *float64  `json:"pt_ratio,omitempty"`
	StepS   *float64  `json:"step_s,omitempty" minimum:"0" maximum:"86400" doc:"Seconds to the reading before it when none is missing; the poll interval when absent"`
	Quality string    `json:"quality,omitempty" default:"good" doc:"good, or why it is not"`
	// What the meter answered, word for word: kept in the sealed chunk beside the values.
	Source    string         `json:"source,omitempty" enum:"modbus,file,pushed,entered,simulated" doc:"Where the reading comes from; pushed when it is not said and there are no registers"`
	Registers *RegistersWire `json:"registers,omitempty" doc:"What the meter answered, word for word"`
}

// ReadingBatchInput is a batch from a collector.
type ReadingBatchInput struct {
	Collector string        `json:"collector" minLength:"1" maxLength:"64"`
	Sequence  int64         `json:"sequence" minimum:"0"`
	Readings  []ReadingWire `json:"readings" maxItems:"10000" nullable:"false"`
	Layouts   []string      `json:"layouts,omitempty" maxItems:"1000" doc:"The layouts that the readings' registers name"`
}

// ReadingBatchAnswer says what became of a batch.
type ReadingBatchAnswer struct {
	Collector string   `json:"collector"`
	Sequence  int64    `json:"sequence"`
	Accepted  int      `json:"accepted"`
	Duplicate int      `json:"duplicate"`
	Rejected  []string `json:"rejected" nullable:"false" doc:"Meters that are not known"`
	// ServerTime is ours as the answer goes out.
	ServerTime time.Time `json:"server_time" doc:"What the server's clock shows"`
}

// IntervalWire is one row of a readings query: a raw reading or an interval.
type IntervalWire struct {
	At        time.Time `json:"at" doc:"Instant of a reading, start of an interval"`
	Kw        *float64  `json:"kw,omitempty" doc:"Power, or its mean"`
	MaxKw     *float64  `json:"max_kw,omitempty"`
	Kwh       *float64  `json:"kwh,omitempty" doc:"Energy of the interval, from the counter where there is one"`
	EImportWh *float64  `json:"e_import_wh,omitempty" doc:"Counter, raw only"`
	Coverage  *float64  `json:"coverage,omitempty" doc:"0..1"`
	Quality   string    `json:"quality"`
	// Where the counter and the power readings of a quarter hour cannot both be right.
	Disagrees *DisagreementWire `json:"disagrees,omitempty" doc:"The counter and the power of this quarter hour differ by more than the meter's class, its register's step and the polls explain; kwh is the counter's"`
	Sources   []string          `json:"sources,omitempty" doc:"Where it comes from: modbus, file, pushed (sent by a system that reads meters its own way), entered (written down by a person), corrected, simulated; absent from before this was kept"`
}

// DisagreementWire is by how much two ways of measuring the energy of a quarter hour
// differ.
type DisagreementWire struct {
	CounterKwh float64 `json:"counter_kwh"`
	PowerKwh   float64 `json:"power_kwh"`
	AllowedKwh float64 `json:"allowed_kwh"`
}

// ReadingsWire answers a readings query.
type ReadingsWire struct {
	Meter      string         `json:"meter"`
	Resolution string         `json:"resolution" enum:"raw,15m,1h,1d"`
	From       time.Time      `json:"from"`
	To         time.Time      `json:"to"`
	Items      []IntervalWire `json:"items" nullable:"false"`
	Next       string         `json:"next,omitempty"`
}

// UnitHealthWire is how one meter's polling goes.
type UnitHealthWire struct {
	Meter      string  `json:"meter"`
	Code       string  `json:"code"`
	Endpoint   string  `json:"endpoint"`
	Unit       int     `json:"unit"`
	Profile    string  `json:"profile"`
	State      string  `json:"state" enum:"ok,late,dead,waiting"`
	Due        int64   `json:"due"`
	Ok         int64   `json:"ok"`
	Timeouts   int64   `json:"timeouts"`
	Exceptions int64   `json:"exceptions"`
	Errors     int64   `json:"errors"`
	Strays     int64   `json:"strays" doc:"Answers that belonged to no request and were thrown away"`
	Other      int64   `json:"other_device" doc:"Polls in which another kind of device answered"`
	Overruns   int64   `json:"overruns" doc:"Polls left out because the one before took too long"`
	Resting    int     `json:"resting" doc:"Requests left out for a while because the device refused them"`
	RttMs      float64 `json:"rtt_ms"`
	// How many readings there were of each quality.
	Qualities map[string]int64 `json:"qualities" doc:"Readings by quality; qualities without any are left out"`
	LastGood  *time.Time       `json:"last_good,omitempty"`
	LastError string           `json:"last_error,omitempty"`
}
