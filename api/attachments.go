package api

import (
	"context"
	"mime"
	"net/http"
	"strings"
	"time"

	"rigistry/models"
)

func (s *Server) filingRoutes() []route {
	return []route{
		handle("GET", "/v1/applications/{id}/tasks", models.ActApplicationRead, "Applications", "What the application still needs before it can be filed, question by question", s.getTasks),
		handle("GET", "/v1/applications/{id}/receipt", models.ActApplicationRead, "Applications", "The receipt of the last filing", s.getReceipt),
		handle("GET", "/v1/applications/{id}/attachments", models.ActApplicationRead, "Applications", "Files of the application, in the order of time", s.listAttachments),
		handle("POST", "/v1/applications/{id}/attachments", models.ActApplicationFile, "Applications", "Attach a file, the body as it is, as evidence of a requirement; the same bytes again are the same attachment", s.postAttachment).
			with(http.StatusCreated).upTo(models.MaxAttachmentBytes + 1),
		handle("GET", "/v1/applications/{id}/attachments/{attachment}/file", models.ActApplicationRead, "Applications", "The file, byte for byte", s.getAttachmentFile),
		handle("DELETE", "/v1/applications/{id}/attachments/{attachment}", models.ActApplicationFile, "Applications", "Take a file away from a draft, or while a correction is asked for", s.deleteAttachment),
		handle("GET", "/v1/reference/application-reasons", models.ActPublicRead, "Reference", "Reasons for applications, by kind", s.listApplicationReasons),
	}
}

// FilingTaskWire is one question of an application.
type FilingTaskWire struct {
	Code     string         `json:"code" enum:"kind,applicant,contact,host,site,points,power,equipment,supply,fee,documents"`
	State    string         `json:"state" enum:"done,todo,blocked,not_needed" doc:"blocked: another question comes first"`
	Problems []ProblemField `json:"problems" nullable:"false"`
}

// FilingFeeWire is the fee due on the day of filing, or today for a draft.
type FilingFeeWire struct {
	DueKzt   float64 `json:"due_kzt" doc:"0: this kind costs nothing"`
	MciUnits float64 `json:"mci_units" doc:"Monthly calculation indexes (МРП)"`
	MciKzt   float64 `json:"mci_kzt" doc:"Value of the index on the day"`
	LegalRef string  `json:"legal_ref,omitempty"`
}

// TasksWire is the machine completeness check, the same that a submission runs.
type TasksWire struct {
	Tasks           []FilingTaskWire `json:"tasks" nullable:"false"`
	Ready           bool             `json:"ready" doc:"Nothing stands in the way of filing"`
	Fee             FilingFeeWire    `json:"fee"`
	TermWorkingDays int              `json:"term_working_days" doc:"From registration to the decision"`
	TermLegalRef    string           `json:"term_legal_ref,omitempty"`
}

func (s *Server) getTasks(ctx context.Context, actor models.Actor, in *ByID) (*output[TasksWire], error) {
	found, err := s.svc.Licensing.Tasks(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	w := TasksWire{Tasks: []FilingTaskWire{}, Ready: found.Ready, TermWorkingDays: found.TermDays, TermLegalRef: found.TermRef,
		Fee: FilingFeeWire{DueKzt: float64(found.Fee.Due) / 100, MciUnits: float64(found.Fee.MilliMCI) / 1000, MciKzt: float64(found.Fee.MCI) / 100, LegalRef: found.Fee.LegalRef}}
	for _, t := range found.Tasks {
		task := FilingTaskWire{Code: t.Code, State: string(t.State), Problems: []ProblemField{}}
		for _, p := range t.Problems {
			task.Problems = append(task.Problems, ProblemField(p))
		}
		w.Tasks = append(w.Tasks, task)
	}
	return &output[TasksWire]{Body: w}, nil
}

// ReceiptWire is the receipt of a filing.
type ReceiptWire struct {
	Reference     string    `json:"reference" example:"A-2026-00123"`
	FiledAt       time.Time `json:"filed_at"`
	ContentDigest string    `json:"content_digest" doc:"Hex SHA-256 of content"`
	Content       string    `json:"content" doc:"What was filed, with the hashes of the attachments: canonical JSON, byte for byte"`
	RegisterBy    string    `json:"register_by" doc:"Legal date: last day of the completeness check"`
}

func receiptWire(r models.Receipt) ReceiptWire {
	return ReceiptWire{Reference: r.Reference, FiledAt: r.Filed, ContentDigest: r.Digest, Content: r.Content, RegisterBy: r.RegisterBy}
}

func (s *Server) getReceipt(ctx context.Context, actor models.Actor, in *ByID) (*output[ReceiptWire], error) {
	r, err := s.svc.Licensing.Receipt(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return &output[ReceiptWire]{Body: receiptWire(r)}, nil
}

// AttachmentWire is a file of an application.
type AttachmentWire struct {
	ID          string    `json:"id"`
	Requirement string    `json:"requirement" doc:"Code of the requirement that it is evidence of"`
	Name        string    `json:"name"`
	MediaType   string    `json:"media_type" enum:"application/pdf,image/jpeg,image/png"`
	Bytes       int64     `json:"bytes"`
	SHA256      string    `json:"sha256"`
	CreatedAt   time.Time `json:"created_at"`
}

func attachmentWire(a models.Attachment) AttachmentWire {
	return AttachmentWire{ID: a.ID, Requirement: a.Requirement, Name: a.Name, MediaType: a.MediaType, Bytes: a.Bytes, SHA256: a.SHA256, CreatedAt: a.Created}
}

func (s *Server) listAttachments(ctx context.Context, actor models.Actor, in *ByID) (*listOutput[AttachmentWire], error) {
	found, err := s.svc.Licensing.Attachments(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return listOf(found, "", attachmentWire), nil
}

type attachmentPost struct {
	ByID
	Requirement string `query:"requirement" required:"true" minLength:"1" maxLength:"64" doc:"Code of the requirement"`
	Name        string `query:"name" required:"true" minLength:"1" maxLength:"200" doc:"Name of the file; its ending must fit the content"`
	RawBody     []byte `contentType:"application/octet-stream"`
}

func (s *Server) postAttachment(ctx context.Context, actor models.Actor, in *attachmentPost) (*created[AttachmentWire], error) {
	if !storable(in.Name) {
		var v models.Invalid
		v.Add("?name", "format", "The name of the file has characters that cannot be kept. Rename it.")
		return nil, v.Err()
	}
	a, err := s.svc.Licensing.Attach(ctx, actor, in.ID, in.Requirement, in.Name, in.RawBody)
	if err != nil {
		return nil, err
	}
	return &created[AttachmentWire]{Location: "/v1/applications/" + a.Application + "/attachments/" + a.ID + "/file", Body: attachmentWire(a)}, nil
}

// ByAttachment addresses a file of an application.
type ByAttachment struct {
	ByID
	Attachment string `path:"attachment" maxLength:"64" doc:"Attachment id"`
}

// fileOutput answers with a file as it was given. Browsers neither guess another
// type nor run anything in it.
type fileOutput struct {
	ContentType        string `header:"Content-Type"`
	ContentDisposition string `header:"Content-Disposition"`
	NoSniff            string `header:"X-Content-Type-Options"`
	Policy             string `header:"Content-Security-Policy"`
	ETag               string `header:"ETag"`
	Body               []byte
}

func (s *Server) getAttachmentFile(ctx context.Context, actor models.Actor, in *ByAttachment) (*fileOutput, error) {
	a, content, err := s.svc.Licensing.AttachmentFile(ctx, actor, in.ID, in.Attachment)
	if err != nil {
		return nil, err
	}
	return &fileOutput{ContentType: a.MediaType, ContentDisposition: mime.FormatMediaType("inline", map[string]string{"filename": a.Name}),
		NoSniff: "nosniff", Policy: "default-src 'none'; sandbox", ETag: `"` + a.SHA256 + `"`, Body: content}, nil
}

func (s *Server) deleteAttachment(ctx context.Context, actor models.Actor, in *ByAttachment) (*struct{}, error) {
	return nil, s.svc.Licensing.RemoveAttachment(ctx, actor, in.ID, in.Attachment)
}

// ApplicationReasonWire is a reason for which an application of a kind can be made.
type ApplicationReasonWire struct {
	Kind      string `json:"kind" enum:"reissue,appendix_change,renewal,duplicate,termination"`
	Code      string `json:"code"`
	TextKk    string `json:"text_kk"`
	TextRu    string `json:"text_ru"`
	TextEn    string `json:"text_en"`
	LegalRef  string `json:"legal_ref"`
	Grade     string `json:"grade" enum:"S,R" doc:"S: read in a source; R: recalled, to be confirmed"`
	ValidFrom string `json:"valid_from" doc:"Legal date"`
}

type reasonsQuery struct {
	Kind string `query:"kind" enum:"issue,reissue,appendix_change,renewal,duplicate,termination"`
	AsAt string `query:"as_at" format:"date-time" doc:"As on the legal date of this instant; today when absent"`
}

func (s *Server) listApplicationReasons(ctx context.Context, _ models.Actor, in *reasonsQuery) (*listOutput[ApplicationReasonWire], error) {
	at, err := instantOf("?as_at", in.AsAt)
	if err != nil {
		return nil, err
	}
	found, err := s.svc.Licensing.ApplicationReasons(ctx, models.ApplicationKind(in.Kind), at)
	if err != nil {
		return nil, err
	}
	return listOf(found, "", func(r models.ApplicationReason) ApplicationReasonWire {
		return ApplicationReasonWire{Kind: string(r.Kind), Code: r.Code, TextKk: r.Text.Kk, TextRu: r.Text.Ru, TextEn: r.Text.En, LegalRef: r.LegalRef,
			Grade: r.Grade, ValidFrom: r.ValidFrom}
	}), nil
}

func hostContractWire(c models.HostContract) *HostContractWire {
	if c == (models.HostContract{}) {
		return nil
	}
	w := HostContractWire(c)
	return &w
}

// kindsOf lists the kinds of application that look at a requirement.
func kindsOf(r models.Requirement) []string {
	if r.Kinds != "" {
		return strings.Split(r.Kinds, ",")
	}
	out := []string{}
	for _, k := range models.ApplicationKinds() {
		out = append(out, string(k))
	}
	return out
}
