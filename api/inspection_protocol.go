package api

import (
	"context"
	"slices"
	"strings"

	"rigistry/models"
	"rigistry/services/documents"
	"rigistry/services/enforcement"
)

type protocolQuery struct {
	ByID
	Language string `query:"language" enum:"kk,ru" default:"kk" doc:"kk or ru"`
}

func (s *Server) getInspectionProtocolPDF(ctx context.Context, actor models.Actor, in *protocolQuery) (*pdfOutput, error) {
	r, err := s.svc.Enforcement.Review(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	pdf, err := s.svc.Documents.ProtocolPDF(protocolFacts(r, in.Language))
	if err != nil {
		return nil, err
	}
	return &pdfOutput{ContentType: "application/pdf", ContentDisposition: `inline; filename="` + r.Visit.Inspection.Number + "-" + in.Language + `.pdf"`, Body: pdf}, nil
}

// protocolFacts is what a review says, for paper. It shows the state of the last change
// or event, so the same state gives the same bytes.
func protocolFacts(r enforcement.Review, language string) documents.ProtocolFacts {
	v := r.Visit
	f := documents.ProtocolFacts{Language: language, Inspection: v.Inspection, Protocol: r.Protocol, Checklist: r.Checklist, Rigs: r.Rigs, Missing: v.Missing,
		Orders: v.Orders, Arrived: map[string]bool{}, Conflicts: len(r.Conflicts), People: v.People, CaseNumber: v.CaseNumber, SiteName: v.SiteName.In(language),
		PointCode: v.PointCode, PartyName: v.PartyName.In(language), AsAt: v.Inspection.Updated}
	for _, p := range r.Photos {
		f.Arrived[p.Photo.SHA256] = p.Blob != nil
	}
	for _, g := range r.Gaps {
		f.Absent += g.To - g.From + 1
	}
	last := map[string]models.FieldEvent{}
	count := map[string]int{}
	for _, e := range r.Events {
		if e.Received.After(f.AsAt) {
			f.AsAt = e.Received
		}
		if count[e.Device]++; count[e.Device] == 1 || e.Seq > last[e.Device].Seq {
			last[e.Device] = e
		}
	}
	for id, e := range last {
		f.Devices = append(f.Devices, documents.ProtocolDevice{Name: r.Devices[id].Name, Events: count[id], Seq: e.Seq, Hash: e.Hash})
	}
	slices.SortFunc(f.Devices, func(a, b documents.ProtocolDevice) int { return strings.Compare(a.Hash, b.Hash) })
	return f
}
