package api

import (
	"context"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

func (s *Server) documentRoutes() []route {
	return []route{
		handle("GET", "/v1/documents", models.ActDocumentRead, "Documents", "Documents that were issued, the newest first; an applicant sees those about itself", s.listDocuments),
		handle("POST", "/v1/documents", models.ActDocumentIssue, "Documents", "Issue a document: made from the register, signed, and recorded in the ledger", s.postDocument).with(201),
		handle("GET", "/v1/documents/{id}", models.ActDocumentRead, "Documents", "The record of one document, by id or number", s.getDocument),
		handle("GET", "/v1/documents/{id}/file", models.ActDocumentRead, "Documents", "The signed PDF, byte for byte as it was issued", s.getDocumentFile),
	}
}

// DocumentWire is the record of a document that was issued. It never changes.
type DocumentWire struct {
	ID            string    `json:"id"`
	Number        string    `json:"number" example:"DOC-2026-00001"`
	Kind          string    `json:"kind" enum:"license,appendix,refusal,suspension,disconnection_order,absence,extract"`
	SubjectKind   string    `json:"subject_kind" enum:"license,application,disconnection_order,bin_or_iin,connection_point,register"`
	SubjectID     string    `json:"subject_id" doc:"License number, application or order id, BIN or IIN, connection point, or the date of an extract"`
	License       string    `json:"license,omitempty" doc:"Number of the license it is about"`
	SHA256        string    `json:"sha256" doc:"Of the whole file with its signature; the ledger's entry document.issued holds the same"`
	Bytes         int64     `json:"bytes"`
	LedgerSize    int64     `json:"ledger_size" doc:"Sealed entries of the ledger that its facts include at least"`
	AsAt          time.Time `json:"as_at" doc:"The instant whose state it shows"`
	CreatedBy     string    `json:"created_by,omitempty" doc:"User id; shown to the registry's own people"`
	CreatedByName string    `json:"created_by_name,omitempty"`
	CreatedAt     time.Time `json:"created_at"`
}

// DocumentInput asks for a document. Each kind takes its own fields.
type DocumentInput struct {
	Kind            string `json:"kind" enum:"license,appendix,refusal,suspension,disconnection_order,absence,extract"`
	License         string `json:"license,omitempty" maxLength:"32" doc:"Number: license, appendix, suspension"`
	Appendix        string `json:"appendix,omitempty" maxLength:"8" doc:"appendix: 001"`
	Application     string `json:"application,omitempty" maxLength:"64" doc:"refusal: id or number"`
	Order           string `json:"order,omitempty" maxLength:"64" doc:"disconnection_order: id or number"`
	BinOrIin        string `json:"bin_or_iin,omitempty" maxLength:"32" doc:"absence, or an extract about one holder"`
	ConnectionPoint string `json:"connection_point,omitempty" maxLength:"64" doc:"absence: code"`
	From            string `json:"from,omitempty" maxLength:"10" doc:"absence: first day, YYYY-MM-DD"`
	To              string `json:"to,omitempty" maxLength:"10" doc:"absence: last day, YYYY-MM-DD; not after today"`
	AsOn            string `json:"as_on,omitempty" maxLength:"10" doc:"extract: the date whose end it shows; today when absent"`
}

// documentWires names who issued each document, to the registry's own people.
func (s *Server) documentWires(ctx context.Context, actor models.Actor, list ...models.Document) ([]DocumentWire, error) {
	inside := models.Can(actor, models.ActDocumentRead, models.Scope{Party: "?"}) == nil
	people := map[string]string{}
	out := make([]DocumentWire, 0, len(list))
	for _, d := range list {
		w := DocumentWire{ID: d.ID, Number: d.Number, Kind: string(d.Kind), SubjectKind: d.Subject.Kind, SubjectID: d.Subject.ID, License: d.License,
			SHA256: d.SHA256, Bytes: d.Bytes, LedgerSize: d.LedgerSize, AsAt: d.AsAt, CreatedAt: d.CreatedAt}
		if inside {
			if _, known := people[d.CreatedBy]; !known {
				name, err := s.svc.Identity.NameOf(ctx, d.CreatedBy)
				if err != nil {
					return nil, err
				}
				people[d.CreatedBy] = name
			}
			w.CreatedBy, w.CreatedByName = d.CreatedBy, people[d.CreatedBy]
		}
		out = append(out, w)
	}
	return out, nil
}

type documentsQuery struct {
	Limit   int    `query:"limit" minimum:"1" maximum:"1000" default:"50" doc:"How many items at most"`
	After   string `query:"after" maxLength:"64" doc:"Cursor: the value of next from the page before"`
	Kind    string `query:"kind" enum:"license,appendix,refusal,suspension,disconnection_order,absence,extract"`
	License string `query:"license" maxLength:"32" doc:"Number of the license they are about"`
	Subject string `query:"subject" maxLength:"64" doc:"subject_id"`
}

func (s *Server) listDocuments(ctx context.Context, actor models.Actor, in *documentsQuery) (*listOutput[DocumentWire], error) {
	found, next, err := s.svc.Issuer.Documents(ctx, actor, store.DocumentFilter{Kind: in.Kind, License: models.NormalizeIdentifier(in.License), Subject: in.Subject},
		store.Page{Limit: in.Limit, After: in.After})
	if err != nil {
		return nil, err
	}
	items, err := s.documentWires(ctx, actor, found...)
	return &listOutput[DocumentWire]{Body: list[DocumentWire]{Items: items, Next: next}}, err
}

type documentPost struct {
	Idempotent
	Body DocumentInput
}

func (s *Server) postDocument(ctx context.Context, actor models.Actor, in *documentPost) (*created[DocumentWire], error) {
	b := in.Body
	d, err := s.svc.Issuer.Issue(ctx, actor, models.DocumentRequest{Kind: models.DocumentKind(b.Kind), License: b.License, Appendix: b.Appendix,
		Application: b.Application, Order: b.Order, BinOrIin: b.BinOrIin, ConnectionPoint: b.ConnectionPoint, From: b.From, To: b.To, AsOn: b.AsOn})
	if err != nil {
		return nil, err
	}
	wires, err := s.documentWires(ctx, actor, d)
	if err != nil {
		return nil, err
	}
	return &created[DocumentWire]{Location: "/v1/documents/" + d.ID, Body: wires[0]}, nil
}

func (s *Server) getDocument(ctx context.Context, actor models.Actor, in *ByID) (*output[DocumentWire], error) {
	d, err := s.svc.Issuer.Document(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	wires, err := s.documentWires(ctx, actor, d)
	if err != nil {
		return nil, err
	}
	return &output[DocumentWire]{Body: wires[0]}, nil
}

func (s *Server) getDocumentFile(ctx context.Context, actor models.Actor, in *ByID) (*pdfOutput, error) {
	d, content, err := s.svc.Issuer.File(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return &pdfOutput{ContentType: "application/pdf", ContentDisposition: `inline; filename="` + d.Number + `.pdf"`, Body: content}, nil
}
