package api

import (
	"context"
	"net/http"
	"strings"

	"rigistry/models"
	"rigistry/services/enforcement"
	"rigistry/services/store"
)

func (s *Server) inspectionRoutes() []route {
	const tag = "Inspections"
	return []route{
		handle("GET", "/v1/inspections", models.ActInspectionRead, tag, "Inspections, the newest first; an inspector's own and those of teams", s.listInspections),
		handle("POST", "/v1/inspections", models.ActInspectionPlan, tag, "Plan a visit of a site, a connection or an address", s.postInspection).with(http.StatusCreated),
		handle("GET", "/v1/inspections/{id}", models.ActInspectionRead, tag, "An inspection by id or number, with what the law demands and what is missing", s.getInspection),
		handle("PUT", "/v1/inspections/{id}/legal", models.ActInspectionWork, tag, "Put in what the law demands; what is not named stays", s.putInspectionLegal),
		handle("PUT", "/v1/inspections/{id}/team", models.ActInspectionPlan, tag, "Change who goes, the day and the place in the route", s.putInspectionTeam),
		handle("POST", "/v1/inspections/{id}/cancellation", models.ActInspectionPlan, tag, "End an inspection that is not made, with the reason", s.postInspectionCancellation),
		handle("POST", "/v1/inspections/{id}/finalization", models.ActInspectionWork, tag, "End an inspection as made; while something that the law demands is missing it is refused, with why", s.postInspectionFinalization),
		handle("PUT", "/v1/inspections/{id}/hold", models.ActEvidenceHold, tag, "Keep everything of the inspection from erasure; an empty reason lifts the hold", s.putInspectionHold),
		handle("POST", "/v1/inspections/{id}/remedy-orders", models.ActInspectionWork, tag, "Order to put something right by a day; overdue, the gate refers the license", s.postRemedyOrder).with(http.StatusCreated),
		handle("GET", "/v1/inspections/{id}/events", models.ActInspectionRead, tag, "The events of the field as they were signed, by device and number, conflicting versions too", s.listInspectionEvents),
		handle("GET", "/v1/inspections/{id}/review", models.ActInspectionRead, tag, "The protocol beside what is declared: rigs, photos with their checks, conflicts, gaps", s.getInspectionReview),
		handle("GET", "/v1/inspections/{id}/protocol.pdf", models.ActInspectionRead, tag, "The protocol in Kazakh or in Russian; 409 before anything of the visit has come in", s.getInspectionProtocolPDF),
		handle("GET", "/v1/inspections/{id}/evidence", models.ActInspectionRead, tag, "The photos of an inspection with their checks and custody", s.listInspectionEvidence),
		handle("GET", "/v1/evidence/{sha256}", models.ActEvidenceRead, tag, "An original, byte for byte; each access is an entry of its custody", s.getEvidence),
		handle("POST", "/v1/evidence/{sha256}/erasure", models.ActEvidenceHold, tag, "Erase an original that no hold, inspection or case keeps", s.postEvidenceErasure).with(http.StatusNoContent).stepUp(),
	}
}

type inspectionsQuery struct {
	ListQuery
	State string `query:"state" enum:"planned,ready,in_progress,submitted,finalized,cancelled"`
	Open  string `query:"open" enum:"true,false" doc:"true: neither finalized nor cancelled"`
	Kind  string `query:"kind" enum:"planned,unscheduled,preventive"`
	Case  string `query:"case" maxLength:"64" doc:"Case id"`
	Lead  string `query:"lead" maxLength:"64" doc:"User id, or me"`
	Mine  string `query:"mine" enum:"true" doc:"true: of teams that the caller is of"`
	From  string `query:"from" format:"date" doc:"Planned on or after this legal date"`
	Until string `query:"until" format:"date" doc:"Planned on or before this legal date"`
	Q     string `query:"q" maxLength:"100" doc:"Part of the title, the address or the number"`
}

func (s *Server) listInspections(ctx context.Context, actor models.Actor, in *inspectionsQuery) (*listOutput[InspectionWire], error) {
	f := store.InspectionFilter{State: in.State, Open: in.Open, Kind: in.Kind, Case: in.Case, Lead: in.Lead, From: in.From, Until: in.Until, Words: strings.TrimSpace(in.Q)}
	if in.Lead == "me" {
		f.Lead = actor.ID
	}
	if in.Mine != "" {
		f.Mine = actor.ID
	}
	page := in.page()
	found, err := s.svc.Enforcement.Inspections(ctx, actor, f, page)
	if err != nil {
		return nil, err
	}
	next := nextOf(found, page, func(v enforcement.Visit) string { return v.Inspection.ID })
	language := languageOf(ctx)
	return listOf(found, next, func(v enforcement.Visit) InspectionWire { return s.inspectionWire(v, actor, language) }), nil
}

func (s *Server) inspectionOutput(ctx context.Context, v enforcement.Visit, actor models.Actor, err error) (*output[InspectionWire], error) {
	if err != nil {
		return nil, err
	}
	return &output[InspectionWire]{ETag: etag(v.Inspection.Version), Body: s.visitWire(v, actor, languageOf(ctx))}, nil
}

func (s *Server) inspectionCreated(ctx context.Context, v enforcement.Visit, actor models.Actor, err error) (*created[InspectionWire], error) {
	if err != nil {
		return nil, err
	}
	return &created[InspectionWire]{Location: "/v1/inspections/" + v.Inspection.ID, ETag: etag(v.Inspection.Version), Body: s.visitWire(v, actor, languageOf(ctx))}, nil
}

type inspectionPost struct {
	Idempotent
	Body InspectionInput
}

func (s *Server) postInspection(ctx context.Context, actor models.Actor, in *inspectionPost) (*created[InspectionWire], error) {
	v, err := s.svc.Enforcement.PlanInspection(ctx, actor, in.Body.inspection())
	return s.inspectionCreated(ctx, v, actor, err)
}

func (s *Server) getInspection(ctx context.Context, actor models.Actor, in *ByID) (*output[InspectionWire], error) {
	v, err := s.svc.Enforcement.Inspection(ctx, actor, in.ID)
	return s.inspectionOutput(ctx, v, actor, err)
}

// InspectionChange addresses an inspection that is changed.
type InspectionChange struct {
	ByID
	IfMatch
	Idempotent
}

type inspectionLegal struct {
	InspectionChange
	Body InspectionLegalInput
}

func (s *Server) putInspectionLegal(ctx context.Context, actor models.Actor, in *inspectionLegal) (*output[InspectionWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	v, err := s.svc.Enforcement.SetLegal(ctx, actor, in.ID, in.Body.Legal, version)
	return s.inspectionOutput(ctx, v, actor, err)
}

type inspectionTeam struct {
	InspectionChange
	Body InspectionTeamInput
}

func (s *Server) putInspectionTeam(ctx context.Context, actor models.Actor, in *inspectionTeam) (*output[InspectionWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	v, err := s.svc.Enforcement.Reassign(ctx, actor, in.ID, models.Team(in.Body), version)
	return s.inspectionOutput(ctx, v, actor, err)
}

type inspectionReason struct {
	InspectionChange
	Body CaseReasonInput
}

func (s *Server) postInspectionCancellation(ctx context.Context, actor models.Actor, in *inspectionReason) (*output[InspectionWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	v, err := s.svc.Enforcement.CancelInspection(ctx, actor, in.ID, in.Body.Reason, version)
	return s.inspectionOutput(ctx, v, actor, err)
}

type inspectionBare struct {
	InspectionChange
	Body *struct{} `required:"false"`
}

func (s *Server) postInspectionFinalization(ctx context.Context, actor models.Actor, in *inspectionBare) (*output[InspectionWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	v, err := s.svc.Enforcement.FinalizeInspection(ctx, actor, in.ID, version)
	return s.inspectionOutput(ctx, v, actor, err)
}

type inspectionHold struct {
	InspectionChange
	Body HoldInput
}

func (s *Server) putInspectionHold(ctx context.Context, actor models.Actor, in *inspectionHold) (*output[InspectionWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	v, err := s.svc.Enforcement.HoldInspection(ctx, actor, in.ID, in.Body.Reason, version)
	return s.inspectionOutput(ctx, v, actor, err)
}

type remedyPost struct {
	ByID
	Idempotent
	Body RemedyInput
}

func (s *Server) postRemedyOrder(ctx context.Context, actor models.Actor, in *remedyPost) (*created[InspectionWire], error) {
	v, err := s.svc.Enforcement.OrderRemedy(ctx, actor, in.ID, models.RemedyOrder{Text: in.Body.Text, Article: in.Body.Article, Due: in.Body.Due})
	return s.inspectionCreated(ctx, v, actor, err)
}

func (s *Server) listInspectionEvents(ctx context.Context, actor models.Actor, in *ByID) (*listOutput[FieldEventWire], error) {
	r, err := s.svc.Enforcement.Review(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return listOf(r.Events, "", func(e models.FieldEvent) FieldEventWire { return fieldEventWire(e, r) }), nil
}

func (s *Server) getInspectionReview(ctx context.Context, actor models.Actor, in *ByID) (*output[ReviewWire], error) {
	r, err := s.svc.Enforcement.Review(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return &output[ReviewWire]{Body: reviewWire(r)}, nil
}

func (s *Server) listInspectionEvidence(ctx context.Context, actor models.Actor, in *ByID) (*listOutput[PhotoWire], error) {
	r, err := s.svc.Enforcement.Review(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return listOf(r.Photos, "", func(p enforcement.ReviewedPhoto) PhotoWire { return photoWire(p, r.People) }), nil
}

func (s *Server) getEvidence(ctx context.Context, actor models.Actor, in *ByHash) (*fileOutput, error) {
	b, content, err := s.svc.Enforcement.EvidenceFile(ctx, actor, in.SHA256, "")
	if err != nil {
		return nil, err
	}
	return &fileOutput{ContentType: b.MediaType, ContentDisposition: "inline", NoSniff: "nosniff", Policy: "default-src 'none'; sandbox",
		ETag: `"` + b.SHA256 + `"`, Body: content}, nil
}

type erasurePost struct {
	ByHash
	Idempotent
	Body CaseReasonInput
}

func (s *Server) postEvidenceErasure(ctx context.Context, actor models.Actor, in *erasurePost) (*struct{}, error) {
	return nil, s.svc.Enforcement.EraseEvidence(ctx, actor, in.SHA256, in.Body.Reason)
}
