package api

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"time"

	"rigistry/models"
	"rigistry/services/metering"
	"rigistry/services/store"
)

func (s *Server) meteringRoutes() []route {
	return []route{
		handle("GET", "/v1/meters", models.ActMeterRead, "Metering", "Meters, with their newest readings", s.listMeters),
		handle("POST", "/v1/meters", models.ActMeterWrite, "Metering", "Register a meter", s.postMeter).with(http.StatusCreated),
		handle("GET", "/v1/meters/{id}", models.ActMeterRead, "Metering", "A meter", s.getMeter),
		handle("PUT", "/v1/meters/{id}", models.ActMeterWrite, "Metering", "Change a meter", s.putMeter),
		handle("GET", "/v1/readings", models.ActMeterRead, "Metering", "Readings or intervals of a meter", s.listReadings),
		handle("POST", "/v1/readings/batches", models.ActReadingWrite, "Metering", "Send a batch of readings; again changes nothing", s.postReadings).upTo(16 << 20),
		handle("GET", "/v1/collectors/units", models.ActMeterRead, "Metering", "How the polling of each meter goes", s.listUnits),
	}
}

type metersInput struct {
	ListQuery
	Q    string `query:"q" maxLength:"64" doc:"Part of the code or the serial number"`
	Node string `query:"node" maxLength:"64" doc:"Id of the node that the meters measure"`
}

func (s *Server) listMeters(ctx context.Context, actor models.Actor, in *metersInput) (*listOutput[MeterWire], error) {
	meters, err := s.svc.Metering.Meters(ctx, actor, store.MeterFilter{Text: in.Q, NodeID: in.Node}, in.page())
	if err != nil {
		return nil, err
	}
	next := ""
	if len(meters) == in.page().Size() {
		next = meters[len(meters)-1].Code
	}
	described, err := s.svc.Metering.Describe(ctx, meters)
	if err != nil {
		return nil, err
	}
	return listOf(described, next, meterWire), nil
}

func (s *Server) getMeter(ctx context.Context, actor models.Actor, in *ByID) (*output[MeterWire], error) {
	m, err := s.svc.Metering.Meter(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return s.meterOutput(ctx, m)
}

func (s *Server) meterOutput(ctx context.Context, m models.Meter) (*output[MeterWire], error) {
	described, err := s.svc.Metering.Describe(ctx, []models.Meter{m})
	if err != nil {
		return nil, err
	}
	return &output[MeterWire]{ETag: etag(m.Version), Body: meterWire(described[0])}, nil
}

type meterInput struct {
	Idempotent
	Body MeterWire
}

func (s *Server) postMeter(ctx context.Context, actor models.Actor, in *meterInput) (*created[MeterWire], error) {
	m, err := s.svc.Metering.RegisterMeter(ctx, actor, meterOf(in.Body))
	if err != nil {
		return nil, err
	}
	out, err := s.meterOutput(ctx, m)
	if err != nil {
		return nil, err
	}
	return &created[MeterWire]{Location: "/v1/meters/" + m.ID, ETag: out.ETag, Body: out.Body}, nil
}

type meterChange struct {
	ByID
	IfMatch
	Body MeterWire
}

func (s *Server) putMeter(ctx context.Context, actor models.Actor, in *meterChange) (*output[MeterWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	before, err := s.svc.Metering.Meter(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	m := meterOf(in.Body)
	m.ID, m.Version = before.ID, version
	m.Vendor, m.Model, m.InstalledFrom, m.InstalledUntil, m.Utility = before.Vendor, before.Model, before.InstalledFrom, before.InstalledUntil, before.Utility
	if m, err = s.svc.Metering.UpdateMeter(ctx, actor, m); err != nil {
		return nil, err
	}
	return s.meterOutput(ctx, m)
}

func meterOf(w MeterWire) models.Meter {
	return models.Meter{Code: w.Code, Serial: w.Serial, Profile: w.Profile, URL: w.URL, Unit: uint8(w.Unit), Role: models.MeterRole(w.Role),
		Node: models.Ref{Kind: w.NodeKind, ID: w.Node}, CTNum: w.CtNum, CTDen: w.CtDen, VTNum: w.VtNum, VTDen: w.VtDen,
		AccuracyClass: w.AccuracyClass, PollInterval: time.Duration(w.IntervalS) * time.Second, VerificationBy: w.VerifiedUntil}
}

func meterWire(d metering.Described) MeterWire {
	w := MeterWire{ID: d.ID, Code: d.Code, Serial: d.Serial, Profile: d.Profile, URL: d.URL, Unit: int(d.Unit), Role: string(d.Role),
		NodeKind: d.Node.Kind, Node: d.Node.ID, NodeCode: d.NodeCode, CtNum: d.CTNum, CtDen: d.CTDen, VtNum: d.VTNum, VtDen: d.VTDen,
		AccuracyClass: d.AccuracyClass, IntervalS: int(max(1, d.PollInterval/time.Second)), VerifiedUntil: d.VerificationBy, Version: d.Version}
	if d.Permitted > 0 {
		permitted := kw(d.Permitted)
		w.PermittedKw = &permitted
	}
	if d.Latest != nil {
		w.NowKw = powerKw(d.Latest)
		w.LastAt, w.LastQuality = optionalTime(d.Latest.At), d.Latest.Quality.String()
	}
	return w
}

func powerKw(r *models.Reading) *float64 {
	p, ok := r.Values.Power()
	if !ok {
		return nil
	}
	v := kw(p)
	return &v
}

type readingsQuery struct {
	Meter      string `query:"meter" required:"true" maxLength:"64" doc:"Meter id or code"`
	From       string `query:"from" format:"date-time" doc:"Default: a day before to"`
	To         string `query:"to" format:"date-time" doc:"Default: now"`
	Resolution string `query:"resolution" enum:"raw,15m,1h,1d,auto" default:"15m" doc:"auto: the finest that answers in one page; the answer names it"`
	Limit      int    `query:"limit" minimum:"1" maximum:"10000" default:"1000" doc:"How many rows at most"`
	After      string `query:"after" doc:"Cursor: the value of next from the page before"`
	KnownAt    string `query:"known_at" format:"date-time" doc:"Intervals with the corrections that counted then; before the first of them is what was measured"`
}

func (s *Server) listReadings(ctx context.Context, actor models.Actor, in *readingsQuery) (*output[ReadingsWire], error) {
	from, err := instantOf("?from", in.From)
	if err != nil {
		return nil, err
	}
	to, err := instantOf("?to", in.To)
	if err != nil {
		return nil, err
	}
	known, err := instantOf("?known_at", in.KnownAt)
	if err != nil {
		return nil, err
	}
	if to.IsZero() {
		to = s.now().UTC()
	}
	if from.IsZero() {
		from = to.AddDate(0, 0, -1)
	}
	series, err := s.svc.Metering.Query(ctx, actor, metering.Query{Meter: in.Meter, From: from, Until: to,
		Resolution: metering.Resolution(in.Resolution), Limit: in.Limit, After: in.After, KnownAt: known})
	if err != nil {
		return nil, err
	}
	out := ReadingsWire{Meter: series.Meter.ID, Resolution: string(series.Resolution), From: from, To: to, Next: series.Next, Items: []IntervalWire{}}
	for i := range series.Raw {
		out.Items = append(out.Items, rawWire(&series.Raw[i]))
	}
	for _, b := range series.Buckets {
		w := bucketWire(b)
		if a := b.Agreement(&series.Meter); a.Disagrees {
			w.Disagrees = &DisagreementWire{kw(a.Counter), kw(a.Power), kw(a.Allowed)}
		}
		out.Items = append(out.Items, w)
	}
	return &output[ReadingsWire]{Body: out}, nil
}

func rawWire(r *models.Reading) IntervalWire {
	w := IntervalWire{At: r.At, Kw: powerKw(r), Quality: r.Quality.String(), Sources: r.Source.Set().Names()}
	if e, ok := r.Values.Get(models.QEImport); ok {
		wh := float64(e)
		w.EImportWh = &wh
	}
	return w
}

func bucketWire(b metering.Bucket) IntervalWire {
	coverage := b.Coverage()
	w := IntervalWire{At: b.Start, Coverage: &coverage, Quality: b.Quality.String(), Sources: b.Sources.Names()}
	if mean, ok := b.MeanPower(); ok {
		v := kw(mean)
		w.Kw = &v
	}
	if b.Samples > 0 {
		v := kw(b.MaxPower)
		w.MaxKw = &v
	}
	if e, ok := b.Energy(); ok {
		v := kw(e)
		w.Kwh = &v
	}
	return w
}

type readingsInput struct {
	CollectorClock
	Body ReadingBatchInput
}

func (s *Server) postReadings(ctx context.Context, actor models.Actor, in *readingsInput) (*output[ReadingBatchAnswer], error) {
	batch, err := batchOf(in.Body)
	if err != nil {
		return nil, err
	}
	if batch.Clock, err = in.ahead(s.now()); err != nil {
		return nil, err
	}
	got, err := s.svc.Metering.Ingest(ctx, actor, batch)
	if err != nil {
		return nil, err
	}
	return &output[ReadingBatchAnswer]{Body: ReadingBatchAnswer{Collector: got.Collector, Sequence: got.Sequence,
		Accepted: got.Accepted, Duplicate: got.Duplicate, Rejected: append([]string{}, got.Rejected...), ServerTime: s.now().UTC()}}, nil
}

// quantityFields ties every quantity to its field on the wire.
func (w *ReadingWire) quantityFields() [models.QuantityCount]**float64 {
	return [models.QuantityCount]**float64{
		models.QPTotal: &w.PTotal, models.QPL1: &w.PL1, models.QPL2: &w.PL2, models.QPL3: &w.PL3, models.QQTotal: &w.QTotal, models.QSTotal: &w.STotal,
		models.QVL1: &w.VL1, models.QVL2: &w.VL2, models.QVL3: &w.VL3, models.QUL12: &w.UL12, models.QUL23: &w.UL23, models.QUL31: &w.UL31,
		models.QIL1: &w.IL1, models.QIL2: &w.IL2, models.QIL3: &w.IL3, models.QIN: &w.IN, models.QPF: &w.Pf, models.QPFL1: &w.PfL1,
		models.QPFL2: &w.PfL2, models.QPFL3: &w.PfL3, models.QF: &w.F, models.QEImport: &w.EImport, models.QEExport: &w.EExport,
		models.QTHDVL1: &w.ThdVL1, models.QTHDVL2: &w.ThdVL2, models.QTHDVL3: &w.ThdVL3,
		models.QTHDIL1: &w.ThdIL1, models.QTHDIL2: &w.ThdIL2, models.QTHDIL3: &w.ThdIL3, models.QCTRatio: &w.CtRatio, models.QPTRatio: &w.PtRatio,
	}
}

// batchOf reads a batch of the wire. A quality that is no word of ours and a
// number that is no measurement are named.
func batchOf(in ReadingBatchInput) (metering.Batch, error) {
	var bad models.Invalid
	out := metering.Batch{Collector: in.Collector, Sequence: in.Sequence, Readings: make([]models.Reading, len(in.Readings))}
	for i := range in.Readings {
		w := &in.Readings[i]
		r := models.Reading{Meter: w.Meter, At: w.At.UTC()}
		if w.StepS != nil {
			r.Step = time.Duration(math.Round(*w.StepS * float64(time.Second)))
		}
		var known bool
		if r.Quality, known = models.ParseQuality(w.Quality); !known {
			bad.Add(fmt.Sprintf("/readings/%d/quality", i), "unknown", "%q is no quality.", w.Quality)
		}
		for q, field := range w.quantityFields() {
			if *field == nil {
				continue
			}
			quantity := models.Quantity(q)
			stored, fits := quantity.Store(**field)
			if !fits {
				bad.Add(fmt.Sprintf("/readings/%d/%s", i, quantity), "range", "%v %s cannot be.", **field, quantity.Unit())
				continue
			}
			r.Values.Set(quantity, stored)
		}
		out.Readings[i] = r
	}
	registersOffWire(&in, &out, &bad)
	return out, bad.Err()
}

// ReadingBatchOf puts a batch on the wire; an edge collector sends it.
func ReadingBatchOf(b metering.Batch) ReadingBatchInput {
	out := ReadingBatchInput{Collector: b.Collector, Sequence: b.Sequence, Readings: make([]ReadingWire, len(b.Readings))}
	for i := range b.Readings {
		r, w := &b.Readings[i], &out.Readings[i]
		w.Meter, w.At, w.Quality = r.Meter, r.At, r.Quality.String()
		if r.Step > 0 {
			step := r.Step.Seconds()
			w.StepS = &step
		}
		fields := w.quantityFields()
		for q, stored := range r.Values.All() {
			v := q.Base(stored)
			*fields[q] = &v
		}
	}
	registersOnWire(&b, &out)
	return out
}

func (s *Server) listUnits(ctx context.Context, actor models.Actor, _ *struct{}) (*listOutput[UnitHealthWire], error) {
	var units []metering.UnitHealth
	if s.cfg.Collector != nil {
		units = s.cfg.Collector()
	}
	seen, err := s.svc.Metering.Visible(ctx, actor, units)
	if err != nil {
		return nil, err
	}
	return listOf(seen, "", unitWire), nil
}

func qualitiesOf(u metering.UnitHealth) map[string]int64 {
	out := map[string]int64{}
	for q, n := range u.Qualities {
		if n > 0 {
			out[models.Quality(q).String()] = n
		}
	}
	return out
}

func unitWire(u metering.UnitHealth) UnitHealthWire {
	return UnitHealthWire{Meter: u.Meter, Code: u.Code, Endpoint: u.Endpoint, Unit: int(u.Unit), Profile: u.Profile, State: u.State,
		Due: u.Due, Ok: u.OK, Timeouts: u.Timeouts, Exceptions: u.Exceptions, Errors: u.Errors, Strays: u.Strays, Other: u.OtherDevice,
		Overruns: u.Overruns, Resting: u.Resting, Qualities: qualitiesOf(u),
		RttMs: math.Round(float64(u.RTT)/float64(time.Millisecond)*100) / 100, LastGood: optionalTime(u.LastGood), LastError: u.LastError}
}
