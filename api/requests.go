package api

import (
	"context"
	"time"

	"rigistry/models"
	"rigistry/services/licensing"
	"rigistry/services/store"
)

func (s *Server) reviewRoutes() []route {
	return []route{
		handle("GET", "/v1/applications/{id}/requests", models.ActApplicationRead, "Applications", "What the review asked of the applicant and of agencies; an applicant sees the first", s.listRequests),
		handle("POST", "/v1/applications/{id}/corrections", models.ActApplicationDraft, "Applications", "Ask the applicant to correct fields: the clock stands until the answer or the end of the term", s.postCorrection),
		handle("PUT", "/v1/applications/{id}/corrections/{request}", models.ActApplicationFile, "Applications", "Answer a correction request with the application as it is to be", s.putCorrection),
		handle("GET", "/v1/applications/{id}/contents", models.ActApplicationRead, "Applications", "What the application asked for before each correction, the oldest first", s.listContents),
		handle("POST", "/v1/applications/{id}/agency-requests", models.ActApplicationDraft, "Applications", "Ask another agency: its silence counts as agreement", s.postAgencyRequest),
		handle("PUT", "/v1/applications/{id}/agency-requests/{request}", models.ActApplicationReview, "Applications", "Record what an agency answered within its term", s.putAgencyAnswer),
	}
}

// CorrectionItemWire names one field and what is wrong with it.
type CorrectionItemWire struct {
	Pointer string `json:"pointer" maxLength:"200" doc:"JSON Pointer into the application" example:"/sites/0/approved_kw"`
	Text    string `json:"text" maxLength:"2000"`
}

// RequestWire is a request of the review and its answer.
type RequestWire struct {
	ID         string               `json:"id"`
	Kind       string               `json:"kind" enum:"correction,agency"`
	State      string               `json:"state" enum:"open,answered,lapsed,agreed,objected,deemed_agreed,void"`
	Agency     string               `json:"agency,omitempty"`
	Text       string               `json:"text,omitempty" doc:"The question, or a word to the applicant"`
	Items      []CorrectionItemWire `json:"items" nullable:"false"`
	AskedBy    string               `json:"asked_by,omitempty"`
	AskedName  string               `json:"asked_by_name,omitempty"`
	AskedAt    time.Time            `json:"asked_at"`
	SendBy     string               `json:"send_by,omitempty" doc:"Legal date by which the agency had to be asked"`
	Late       bool                 `json:"late" doc:"The agency was asked after that date"`
	Due        string               `json:"due" doc:"Legal date (Asia/Almaty): the last day for an answer"`
	Answer     string               `json:"answer,omitempty"`
	Changed    []string             `json:"changed" nullable:"false" doc:"Fields that the answer changed"`
	ClosedName string               `json:"closed_by_name,omitempty"`
	ClosedAt   *time.Time           `json:"closed_at,omitempty"`
}

func requestWire(r licensing.Asked) RequestWire {
	w := RequestWire{ID: r.ID, Kind: string(r.Kind), State: string(r.State), Agency: r.Agency, Text: r.Text, Items: []CorrectionItemWire{},
		AskedBy: r.AskedBy, AskedName: r.AskedName, AskedAt: r.AskedAt, SendBy: r.SendBy, Late: r.Late(), Due: r.Due, Answer: r.Answer,
		Changed: orEmpty(r.Changed), ClosedName: r.ClosedName, ClosedAt: optionalTime(r.ClosedAt)}
	for _, i := range r.Items {
		w.Items = append(w.Items, CorrectionItemWire(i))
	}
	return w
}

func (s *Server) listRequests(ctx context.Context, actor models.Actor, in *ByID) (*listOutput[RequestWire], error) {
	found, err := s.svc.Licensing.Requests(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return listOf(found, "", requestWire), nil
}

// CorrectionInput asks the applicant for a correction.
type CorrectionInput struct {
	Items       []CorrectionItemWire `json:"items" nullable:"false" maxItems:"50"`
	WorkingDays int                  `json:"working_days" minimum:"1" maximum:"30" doc:"For the answer"`
	Text        string               `json:"text,omitempty" maxLength:"2000"`
}

type correctionPost struct {
	ByID
	IfMatch
	Idempotent
	Body CorrectionInput
}

func (s *Server) postCorrection(ctx context.Context, actor models.Actor, in *correctionPost) (*output[ApplicationWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	r := models.Request{Text: in.Body.Text}
	for _, i := range in.Body.Items {
		r.Items = append(r.Items, models.CorrectionItem(i))
	}
	a, err := s.svc.Licensing.AskCorrection(ctx, actor, in.ID, version, r, in.Body.WorkingDays)
	return s.applicationOutput(ctx, actor, a, err)
}

// CorrectionAnswer is the application as it is to be. Fields that no correction was
// asked for stay as they are.
type CorrectionAnswer struct {
	Application ApplicationInput `json:"application"`
	Answer      string           `json:"answer,omitempty" maxLength:"2000" doc:"Required when nothing changes"`
}

type correctionPut struct {
	ByID
	IfMatch
	Request string `path:"request" maxLength:"64" doc:"Request id"`
	Body    CorrectionAnswer
}

func (s *Server) putCorrection(ctx context.Context, actor models.Actor, in *correctionPut) (*output[ApplicationWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	a, err := s.svc.Licensing.Correct(ctx, actor, in.ID, version, in.Request, applicationOf(in.Body.Application), in.Body.Answer)
	return s.applicationOutput(ctx, actor, a, err)
}

// ContentWire is what an application asked for until a correction replaced it.
type ContentWire struct {
	Version    int64            `json:"version" doc:"Last version of the application with this content"`
	ReplacedAt time.Time        `json:"replaced_at"`
	Request    string           `json:"request" doc:"The correction request that led to the next content"`
	Content    ApplicationInput `json:"content"`
}

func contentWire(c store.Content) ContentWire {
	a := c.Application
	in := ApplicationInput{Kind: string(a.Kind), BaseLicense: a.Base, Reason: a.Reason, Documents: a.Documents, HostContract: hostContractWire(a.HostContract), SubType: string(a.SubType), Language: a.Language, SupplyBasis: a.SupplyBasis,
		Sites: []ApplicationSiteWire{}, Host: a.Host, Equipment: []DeclaredEquipmentWire{}, FeePaidKzt: float64(a.FeePaid) / 100,
		FeeDocument: a.FeeDocument, Note: a.Note}
	for _, site := range a.Sites {
		in.Sites = append(in.Sites, ApplicationSiteWire{Site: site.Site, SiteCode: site.SiteCode, ConnectionPoints: orEmpty(site.ConnectionPoints), ApprovedKw: kw(site.Approved)})
	}
	for _, e := range a.Equipment {
		in.Equipment = append(in.Equipment, DeclaredEquipmentWire{Manufacturer: e.Manufacturer, Model: e.Model, Units: e.Units, NameplateKw: kw(e.Nameplate)})
	}
	return ContentWire{Version: a.Version, ReplacedAt: c.ReplacedAt, Request: c.Request, Content: in}
}

func (s *Server) listContents(ctx context.Context, actor models.Actor, in *ByID) (*listOutput[ContentWire], error) {
	found, err := s.svc.Licensing.Contents(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return listOf(found, "", contentWire), nil
}

// AgencyRequestInput asks an agency.
type AgencyRequestInput struct {
	Agency   string `json:"agency" maxLength:"200" example:"Министерство энергетики"`
	Question string `json:"question" maxLength:"2000"`
}

type agencyPost struct {
	ByID
	IfMatch
	Idempotent
	Body AgencyRequestInput
}

func (s *Server) postAgencyRequest(ctx context.Context, actor models.Actor, in *agencyPost) (*output[ApplicationWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	a, err := s.svc.Licensing.AskAgency(ctx, actor, in.ID, version, models.Request{Agency: in.Body.Agency, Text: in.Body.Question})
	return s.applicationOutput(ctx, actor, a, err)
}

// AgencyAnswerInput is what an agency answered.
type AgencyAnswerInput struct {
	Outcome string `json:"outcome" enum:"agreed,objected"`
	Answer  string `json:"answer,omitempty" maxLength:"2000" doc:"Required for objected"`
}

type agencyPut struct {
	ByID
	IfMatch
	Request string `path:"request" maxLength:"64" doc:"Request id"`
	Body    AgencyAnswerInput
}

func (s *Server) putAgencyAnswer(ctx context.Context, actor models.Actor, in *agencyPut) (*output[ApplicationWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	a, err := s.svc.Licensing.RecordAgencyAnswer(ctx, actor, in.ID, version, in.Request, models.RequestState(in.Body.Outcome), in.Body.Answer)
	return s.applicationOutput(ctx, actor, a, err)
}
