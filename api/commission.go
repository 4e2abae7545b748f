package api

import (
	"context"
	"math"
	"net/http"
	"time"

	"rigistry/models"
	"rigistry/services/metering"
)

func (s *Server) commissionRoutes() []route {
	const tag = "Metering"
	return []route{
		handle("GET", "/v1/commissioning/links", models.ActMeterRead, tag, "Links at which a collector takes work, and when it last asked for it", s.listCommissionLinks),
		handle("GET", "/v1/meter-profiles", models.ActMeterRead, tag, "Register profiles, by id", s.listProfiles),
		handle("GET", "/v1/commissioning/jobs", models.ActMeterRead, tag, "Scans and reads that collectors were asked for, the newest first, without results", s.listCommissionJobs),
		handle("POST", "/v1/commissioning/jobs", models.ActMeterWrite, tag, "Ask a collector to scan a gateway, or to read a unit once", s.postCommissionJob).with(http.StatusCreated),
		handle("GET", "/v1/commissioning/jobs/{id}", models.ActMeterRead, tag, "A job with its result", s.getCommissionJob),
		handle("POST", "/v1/commissioning/jobs/{id}/cancellation", models.ActMeterWrite, tag, "Cancel a job that is not answered", s.cancelCommissionJob),
		handle("POST", "/v1/commissioning/check", models.ActMeterWrite, tag, "How a meter differs from its plate, and how busy its link would be; nothing is kept", s.checkCommissioning),
		handle("POST", "/v1/commissioning", models.ActMeterWrite, tag, "Bind a meter that was read once to its place", s.postCommissioning).with(http.StatusCreated),
		handle("GET", "/v1/meters/{id}/commissioning", models.ActMeterRead, tag, "How a meter was commissioned, if that was recorded, and whether its first reading has come", s.getCommissioning),
		handle("POST", "/v1/collectors/jobs", models.ActReadingWrite, tag, "Ask for work of commissioning; a job that is given is held for 45 seconds, or as long as progress is told", s.takeWork),
		handle("POST", "/v1/collectors/jobs/{id}/progress", models.ActReadingWrite, tag, "Say that a job goes on; 409 says that it is to be given up", s.postProgress),
		handle("POST", "/v1/collectors/jobs/{id}/answer", models.ActReadingWrite, tag, "Answer a job, once; the same again changes nothing", s.postAnswer).upTo(2 << 20),
	}
}

func commissionLinkWire(l metering.CommissionLink) CommissionLinkWire {
	return CommissionLinkWire{Collector: l.Collector, Endpoint: l.Endpoint, Meters: l.Meters, Codes: append([]string{}, l.Codes...), LoadPct: percentOf(l.Load), AskedAt: l.Asked}
}

func (s *Server) listProfiles(_ context.Context, _ models.Actor, _ *struct{}) (*listOutput[ProfileWire], error) {
	profiles, err := metering.ShippedProfiles()
	if err != nil {
		return nil, err
	}
	return listOf(profiles.All(), "", func(p models.Profile) ProfileWire { return profileWire(p.ID) }), nil
}

func percentOf(l metering.LinkLoad) float64 { return math.Round(l.Busy*1000) / 10 }

func (s *Server) listCommissionLinks(ctx context.Context, actor models.Actor, _ *struct{}) (*listOutput[CommissionLinkWire], error) {
	links, err := s.svc.Metering.CommissionLinks(ctx, actor)
	if err != nil {
		return nil, err
	}
	return listOf(links, "", commissionLinkWire), nil
}

func (s *Server) listCommissionJobs(ctx context.Context, actor models.Actor, in *ListQuery) (*listOutput[CommissionJobWire], error) {
	jobs, err := s.svc.Metering.CommissionJobs(ctx, actor, in.page())
	if err != nil {
		return nil, err
	}
	next := ""
	if len(jobs) == in.page().Size() {
		next = jobs[len(jobs)-1].ID
	}
	now := s.now()
	return listOf(jobs, next, func(j models.CommissionJob) CommissionJobWire { return commissionJobWire(&j, now) }), nil
}

// CommissionAskInput is the request for a job with its key.
type CommissionAskInput struct {
	Idempotent
	Body CommissionAskWire
}

func (s *Server) postCommissionJob(ctx context.Context, actor models.Actor, in *CommissionAskInput) (*created[CommissionJobWire], error) {
	ask := metering.CommissionAsk{Task: models.CommissionTask(in.Body.Task), Collector: in.Body.Collector, Endpoint: in.Body.Endpoint, Profile: in.Body.Profile}
	for _, u := range in.Body.Units {
		ask.Units = append(ask.Units, uint8(u))
	}
	j, err := s.svc.Metering.AskCommission(ctx, actor, ask)
	if err != nil {
		return nil, err
	}
	return &created[CommissionJobWire]{Location: "/v1/commissioning/jobs/" + j.ID, Body: commissionJobWire(&j, s.now())}, nil
}

func (s *Server) getCommissionJob(ctx context.Context, actor models.Actor, in *ByID) (*output[CommissionJobWire], error) {
	j, err := s.svc.Metering.CommissionJob(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return s.commissionJobOutput(ctx, actor, &j)
}

// commissionJobOutput adds to a job its result, and the meter that was bound by it.
func (s *Server) commissionJobOutput(ctx context.Context, actor models.Actor, j *models.CommissionJob) (*output[CommissionJobWire], error) {
	w := commissionJobWire(j, s.now())
	scan, err := metering.ScanOf(j)
	if err != nil {
		return nil, err
	}
	if scan != nil {
		w.Scan = scanWire(scan)
	}
	read, err := metering.ReadOf(j)
	if err != nil {
		return nil, err
	}
	if read != nil {
		w.Read = readWire(read)
		c, err := s.svc.Metering.Commissioning(ctx, actor, j.ID)
		switch {
		case err == nil:
			w.Meter = c.Meter
		case models.CodeOf(err) != models.CodeNotFound:
			return nil, err
		}
	}
	return &output[CommissionJobWire]{Body: w}, nil
}

func (s *Server) cancelCommissionJob(ctx context.Context, actor models.Actor, in *ByID) (*output[CommissionJobWire], error) {
	j, err := s.svc.Metering.CancelCommission(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return &output[CommissionJobWire]{Body: commissionJobWire(&j, s.now())}, nil
}

// BindingCheckInput is a binding to be looked at.
type BindingCheckInput struct{ Body BindingCheckBody }

func (s *Server) checkCommissioning(ctx context.Context, actor models.Actor, in *BindingCheckInput) (*output[BindingCheckWire], error) {
	b := in.Body
	check, err := s.svc.Metering.CheckBinding(ctx, actor, metering.Binding{Job: b.Job, Node: models.Ref{Kind: b.NodeKind, ID: b.Node},
		Every: time.Duration(b.EveryS) * time.Second, Plate: b.Plate.plate()})
	if err != nil {
		return nil, err
	}
	out := BindingCheckWire{Differences: differencesWire(check.Differences), LoadPct: percentOf(check.Load), Over: check.Load.Over(), Meters: check.Load.Meters}
	if check.Permitted > 0 {
		permitted := kw(check.Permitted)
		out.PermittedKw = &permitted
	}
	return &output[BindingCheckWire]{Body: out}, nil
}

// BindingInput is a binding with its key.
type BindingInput struct {
	Idempotent
	Body BindingBody
}

func (s *Server) postCommissioning(ctx context.Context, actor models.Actor, in *BindingInput) (*created[CommissioningWire], error) {
	b := in.Body
	m, c, err := s.svc.Metering.BindMeter(ctx, actor, metering.Binding{Job: b.Job, Code: b.Code, Role: models.MeterRole(b.Role), Node: models.Ref{Kind: b.NodeKind, ID: b.Node},
		Every: time.Duration(b.EveryS) * time.Second, Plate: b.Plate.plate(), Reasons: b.Reasons, Seals: b.Seals, Act: b.Act, Installer: b.Installer})
	if err != nil {
		return nil, err
	}
	return &created[CommissioningWire]{Location: "/v1/meters/" + m.ID + "/commissioning", Body: commissioningWire(&m, &c)}, nil
}

func (s *Server) getCommissioning(ctx context.Context, actor models.Actor, in *ByID) (*output[MeterCommissioningWire], error) {
	m, err := s.svc.Metering.Meter(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	c, err := s.svc.Metering.Commissioning(ctx, actor, m.ID)
	if models.CodeOf(err) == models.CodeNotFound { // that it has no record is an answer, and no fault
		return &output[MeterCommissioningWire]{}, nil
	}
	if err != nil {
		return nil, err
	}
	w := commissioningWire(&m, &c)
	return &output[MeterCommissioningWire]{Body: MeterCommissioningWire{Commissioning: &w}}, nil
}

type takeWorkInput struct{ Body WorkAskWire }

func (s *Server) takeWork(ctx context.Context, actor models.Actor, in *takeWorkInput) (*output[WorkOfferWire], error) {
	offer, err := s.svc.Metering.TakeCommission(ctx, actor, in.Body.Collector, in.Body.Endpoints)
	if err != nil {
		return nil, err
	}
	out := WorkOfferWire{Meters: make([]WorkMeterWire, len(offer.Meters))}
	for i := range offer.Meters {
		out.Meters[i] = workMeterWire(&offer.Meters[i])
	}
	if j := offer.Job; j != nil {
		out.Job = &WorkJobWire{ID: j.ID, Lease: j.Lease, Task: string(j.Task), Endpoint: j.Endpoint, Units: unitNumbers(j.Units), Profile: j.Profile}
	}
	return &output[WorkOfferWire]{Body: out}, nil
}

// WorkProgressInput is a sign of life of a job.
type WorkProgressInput struct {
	ByID
	Body WorkProgressWire
}

func (s *Server) postProgress(ctx context.Context, actor models.Actor, in *WorkProgressInput) (*output[WorkKept], error) {
	err := s.svc.Metering.GoOnCommission(ctx, actor, in.Body.Collector, in.ID, in.Body.Lease, in.Body.Progress)
	return &output[WorkKept]{Body: WorkKept{Kept: err == nil}}, err
}

// WorkAnswerInput is the answer to a job.
type WorkAnswerInput struct {
	ByID
	Body WorkAnswerWire
}

func (s *Server) postAnswer(ctx context.Context, actor models.Actor, in *WorkAnswerInput) (*output[WorkKept], error) {
	answer, err := in.Body.answer()
	if err == nil {
		err = s.svc.Metering.AnswerCommission(ctx, actor, in.Body.Collector, in.ID, in.Body.Lease, answer)
	}
	return &output[WorkKept]{Body: WorkKept{Kept: err == nil}}, err
}
