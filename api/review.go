package api

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/documents"
	"rigistry/services/licensing"
	"rigistry/services/store"
)

func (s *Server) sheetRoutes() []route {
	return []route{
		handle("GET", "/v1/applications/{id}/review", models.ActStaffRead, "Applications", "What the review of an application rests on: the register's facts, what changed since the filing, conflicts of interest", s.getSheet),
		handle("POST", "/v1/applications/{id}/conflicts", models.ActConflictDeclare, "Applications", "Declare a conflict of interest: the person takes no part from then on", s.postConflict),
		handle("POST", "/v1/applications/{id}/conflicts/{conflict}/withdrawal", models.ActConflictWithdraw, "Applications", "End a conflict of interest of somebody else", s.postConflictWithdrawal),
		handle("POST", "/v1/applications/{id}/decision-preview", models.ActStaffRead, "Applications", "What the letter of a decision would say; nothing is issued", s.postPreview),
		handle("POST", "/v1/applications/{id}/decision-preview/file", models.ActStaffRead, "Applications", "The same as a PDF, with DRAFT across every page", s.postPreviewFile),
		handle("GET", "/v1/applications/{id}/appeals", models.ActApplicationRead, "Applications", "Appeals against refusals of the application", s.listAppeals),
		handle("POST", "/v1/applications/{id}/appeal", models.ActApplicationFile, "Applications", "Appeal the refusal, until its last day", s.postAppeal),
		handle("POST", "/v1/applications/{id}/appeal-outcome", models.ActAppealRecord, "Applications", "Record what the higher body decided: upheld, the review begins anew with a new clock", s.postAppealOutcome),
	}
}

// ConflictWire is a conflict of interest.
type ConflictWire struct {
	ID              string     `json:"id"`
	Person          string     `json:"person" doc:"User id"`
	PersonName      string     `json:"person_name"`
	Reason          string     `json:"reason"`
	DeclaredAt      time.Time  `json:"declared_at"`
	WithdrawnName   string     `json:"withdrawn_by_name,omitempty"`
	WithdrawnReason string     `json:"withdrawn_reason,omitempty"`
	WithdrawnAt     *time.Time `json:"withdrawn_at,omitempty"`
}

// ReviewPointWire is what the register knows of a connection point asked for.
type ReviewPointWire struct {
	Code           string     `json:"code"`
	Known          bool       `json:"known" doc:"The register has this point"`
	State          string     `json:"state,omitempty"`
	Utility        string     `json:"utility,omitempty" doc:"Name in Russian"`
	Feeder         string     `json:"feeder,omitempty"`
	PermittedKw    float64    `json:"permitted_kw"`
	EnergisedKw    float64    `json:"energised_kw"`
	ReservedKw     float64    `json:"reserved_kw"`
	License        string     `json:"license,omitempty" doc:"In force at this point"`
	Conditions     string     `json:"technical_conditions,omitempty"`
	ConditionsKw   float64    `json:"technical_conditions_kw,omitempty"`
	ConditionsTill *time.Time `json:"technical_conditions_until,omitempty"`
	Act            string     `json:"delineation_act,omitempty"`
	SupplyContract string     `json:"supply_contract,omitempty"`
	Automation     bool       `json:"emergency_automation"`
}

// ReviewSiteWire is what the register knows of a site asked for.
type ReviewSiteWire struct {
	ID      string `json:"id"`
	Code    string `json:"code"`
	NameKk  string `json:"name_kk"`
	NameRu  string `json:"name_ru"`
	Address string `json:"address"`
	Own     bool   `json:"own" doc:"It belongs to the applicant"`
}

// VoidedWire is the last drafted decision that fell before it was signed.
type VoidedWire struct {
	Outcome     string    `json:"outcome" enum:"grant,refuse"`
	DrafterName string    `json:"drafter_name"`
	By          string    `json:"by" doc:"User id of who made it fall"`
	ByName      string    `json:"by_name"`
	At          time.Time `json:"at"`
	Why         string    `json:"why" enum:"taken_back,item_checked,correction_asked,agency_asked,agency_objected,conflict_declared"`
}

// ChangeWire is one value that differs from what was filed.
type ChangeWire struct {
	Pointer string `json:"pointer" doc:"JSON Pointer into the application"`
	Before  string `json:"before,omitempty"`
	After   string `json:"after,omitempty"`
}

// SheetWire is what the review of an application rests on.
type SheetWire struct {
	Version       int64             `json:"version"`
	ContentDigest string            `json:"content_digest" doc:"Send it with the signature: it fails when anything shown here changed"`
	Barred        bool              `json:"barred" doc:"The caller has a conflict of interest and takes no part"`
	Conflicts     []ConflictWire    `json:"conflicts" nullable:"false"`
	PartyState    string            `json:"party_state"`
	PartySize     string            `json:"party_size"`
	Resident      bool              `json:"party_resident"`
	Sites         []ReviewSiteWire  `json:"sites" nullable:"false"`
	Points        []ReviewPointWire `json:"points" nullable:"false"`
	Silent        []string          `json:"silent_agencies" nullable:"false" doc:"Their silence counts as agreement"`
	Voided        *VoidedWire       `json:"voided,omitempty"`
	Changes       []ChangeWire      `json:"changes" nullable:"false" doc:"Since the filing"`
}

func (s *Server) getSheet(ctx context.Context, actor models.Actor, in *ByID) (*output[SheetWire], error) {
	sheet, err := s.svc.Licensing.Sheet(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	w := SheetWire{Version: sheet.Application.Version, ContentDigest: sheet.Digest, Barred: sheet.Barred != "", Conflicts: []ConflictWire{},
		PartyState: string(sheet.Party.State), PartySize: string(sheet.Party.Size), Resident: sheet.Party.Resident,
		Sites: []ReviewSiteWire{}, Points: []ReviewPointWire{}, Silent: orEmpty(sheet.Silent), Changes: []ChangeWire{}}
	for _, c := range sheet.Conflicts {
		w.Conflicts = append(w.Conflicts, conflictWire(c))
	}
	for _, site := range sheet.Sites {
		w.Sites = append(w.Sites, ReviewSiteWire{ID: site.ID, Code: site.Code, NameKk: site.NameKk, NameRu: site.NameRu, Address: site.Address, Own: site.Owner == sheet.Party.ID})
	}
	for _, p := range sheet.Points {
		w.Points = append(w.Points, reviewPointWire(p, sheet.Utilities[p.Utility].NameRu))
	}
	for _, code := range sheet.Unknown {
		w.Points = append(w.Points, ReviewPointWire{Code: code})
	}
	if v := sheet.Application.Voided; v != nil {
		w.Voided = &VoidedWire{Outcome: v.Outcome, DrafterName: sheet.People[v.Drafter], By: v.By, ByName: sheet.People[v.By], At: v.At, Why: v.Why}
	}
	if len(sheet.Contents) > 0 {
		if w.Changes, err = changesBetween(contentWire(sheet.Contents[0]).Content, contentWire(store.Content{Application: sheet.Application}).Content); err != nil {
			return nil, err
		}
	}
	return &output[SheetWire]{ETag: etag(sheet.Application.Version), Body: w}, nil
}

func conflictWire(c licensing.Declared) ConflictWire {
	return ConflictWire{ID: c.ID, Person: c.Person, PersonName: c.PersonName, Reason: c.Reason, DeclaredAt: c.DeclaredAt,
		WithdrawnName: c.WithdrawnName, WithdrawnReason: c.WithdrawnReason, WithdrawnAt: optionalTime(c.WithdrawnAt)}
}

func reviewPointWire(p models.ConnectionPoint, utility string) ReviewPointWire {
	return ReviewPointWire{Code: p.Code, Known: true, State: string(p.State), Utility: utility, Feeder: p.FeederCode, PermittedKw: kw(p.Permitted),
		EnergisedKw: kw(p.Energised), ReservedKw: kw(p.Reserved), License: p.License, Conditions: p.Technical.Number, ConditionsKw: kw(p.Technical.Limit),
		ConditionsTill: optionalTime(p.Technical.ValidUntil), Act: p.Act, SupplyContract: p.SupplyNumber, Automation: p.Automation}
}

// changesBetween gives every value that differs between two wire forms, by JSON
// Pointer in alphabetical order. A value that is not there is "".
func changesBetween(before, after any) ([]ChangeWire, error) {
	flatten := func(v any) (map[string]string, error) {
		text, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		var tree any
		if err := json.Unmarshal(text, &tree); err != nil {
			return nil, err
		}
		out := map[string]string{}
		leaves(tree, "", out)
		return out, nil
	}
	old, err := flatten(before)
	if err != nil {
		return nil, err
	}
	now, err := flatten(after)
	if err != nil {
		return nil, err
	}
	out := []ChangeWire{}
	for pointer, value := range now {
		if old[pointer] != value {
			out = append(out, ChangeWire{Pointer: pointer, Before: old[pointer], After: value})
		}
	}
	for pointer, value := range old {
		if _, kept := now[pointer]; !kept {
			out = append(out, ChangeWire{Pointer: pointer, Before: value})
		}
	}
	slices.SortFunc(out, func(a, b ChangeWire) int { return strings.Compare(a.Pointer, b.Pointer) })
	return out, nil
}

// leaves collects the values of a JSON tree by pointer.
func leaves(v any, pointer string, out map[string]string) {
	switch v := v.(type) {
	case map[string]any:
		for name, child := range v {
			leaves(child, pointer+"/"+pointerEscape.Replace(name), out)
		}
	case []any:
		for i, child := range v {
			leaves(child, fmt.Sprintf("%s/%d", pointer, i), out)
		}
	case nil:
	default:
		if !reflect.ValueOf(v).IsZero() {
			out[pointer] = fmt.Sprint(v)
		}
	}
}

// ConflictInput declares a conflict of interest.
type ConflictInput struct {
	Reason string `json:"reason" maxLength:"2000"`
	Person string `json:"person,omitempty" maxLength:"64" doc:"User id, by a head; the caller when absent"`
}

type conflictPost struct {
	ByID
	Idempotent
	Body ConflictInput
}

func (s *Server) postConflict(ctx context.Context, actor models.Actor, in *conflictPost) (*output[ApplicationWire], error) {
	a, err := s.svc.Licensing.DeclareConflict(ctx, actor, in.ID, models.Conflict{Person: in.Body.Person, Reason: in.Body.Reason})
	return s.applicationOutput(ctx, actor, a, err)
}

type conflictWithdrawal struct {
	ByID
	Idempotent
	Conflict string `path:"conflict" maxLength:"64"`
	Body     struct {
		Reason string `json:"reason" maxLength:"2000"`
	}
}

func (s *Server) postConflictWithdrawal(ctx context.Context, actor models.Actor, in *conflictWithdrawal) (*output[ApplicationWire], error) {
	a, err := s.svc.Licensing.WithdrawConflict(ctx, actor, in.ID, in.Conflict, in.Body.Reason)
	return s.applicationOutput(ctx, actor, a, err)
}

// BothWire is a text in Kazakh and in Russian.
type BothWire struct {
	Kk string `json:"kk"`
	Ru string `json:"ru"`
}

// LetterRowWire is a line of the particulars of a letter.
type LetterRowWire struct {
	Label BothWire `json:"label"`
	Value BothWire `json:"value"`
}

// LetterReasonWire is a reason of a letter with its article.
type LetterReasonWire struct {
	Text     BothWire `json:"text"`
	LegalRef string   `json:"legal_ref"`
}

// LetterWire is what a letter would say.
type LetterWire struct {
	Heading BothWire           `json:"heading"`
	Lead    []BothWire         `json:"lead" nullable:"false"`
	Rows    []LetterRowWire    `json:"rows" nullable:"false"`
	Reasons []LetterReasonWire `json:"reasons" nullable:"false"`
	Closing []BothWire         `json:"closing" nullable:"false"`
}

type previewPost struct {
	ByID
	Body DecisionInput
}

func (s *Server) preview(ctx context.Context, actor models.Actor, in *previewPost) (documents.Preview, error) {
	return s.svc.Issuer.PreviewDecision(ctx, actor, in.ID, models.Decision{Outcome: in.Body.Outcome, Reasons: in.Body.Reasons, Note: in.Body.Note})
}

func (s *Server) postPreview(ctx context.Context, actor models.Actor, in *previewPost) (*output[LetterWire], error) {
	p, err := s.preview(ctx, actor, in)
	if err != nil {
		return nil, err
	}
	return &output[LetterWire]{Body: letterWire(p)}, nil
}

func letterWire(p documents.Preview) LetterWire {
	w := LetterWire{Heading: BothWire(p.Heading), Lead: []BothWire{}, Rows: []LetterRowWire{}, Reasons: []LetterReasonWire{}, Closing: []BothWire{}}
	for _, t := range p.Lead {
		w.Lead = append(w.Lead, BothWire(t))
	}
	for _, r := range p.Rows {
		w.Rows = append(w.Rows, LetterRowWire{Label: BothWire(r.Label), Value: BothWire(r.Value)})
	}
	for _, r := range p.Reasons {
		w.Reasons = append(w.Reasons, LetterReasonWire{Text: BothWire(r.Text), LegalRef: r.LegalRef})
	}
	for _, t := range p.Closing {
		w.Closing = append(w.Closing, BothWire(t))
	}
	return w
}

func (s *Server) postPreviewFile(ctx context.Context, actor models.Actor, in *previewPost) (*pdfOutput, error) {
	p, err := s.preview(ctx, actor, in)
	if err != nil {
		return nil, err
	}
	content, err := s.svc.Issuer.PreviewPDF(p)
	if err != nil {
		return nil, err
	}
	return &pdfOutput{ContentType: "application/pdf", ContentDisposition: `inline; filename="draft.pdf"`, Body: content}, nil
}

// SignatureInput says what the signer was shown.
type SignatureInput struct {
	ContentDigest string `json:"content_digest,omitempty" maxLength:"80" doc:"Of /v1/applications/{id}/review: the signature fails when anything shown there changed"`
}

type signaturePost struct {
	ByID
	IfMatch
	Idempotent
	Body *SignatureInput `required:"false"`
}

func (s *Server) postSignature(ctx context.Context, actor models.Actor, in *signaturePost) (*output[ApplicationWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	seen := ""
	if in.Body != nil {
		seen = in.Body.ContentDigest
	}
	signed, err := s.svc.Licensing.SignSeen(ctx, actor, in.ID, version, seen)
	return s.applicationOutput(ctx, actor, signed.Application, err)
}
