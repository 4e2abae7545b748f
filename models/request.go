package models

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// RequestKind is whom a request of the review goes to.
type RequestKind string

// The kinds of request.
const (
	RequestCorrection RequestKind = "correction" // to the applicant; the clock stands meanwhile
	RequestAgency     RequestKind = "agency"     // to another agency; the clock goes on
)

// RequestState is the state of a request.
type RequestState string

// The states of a request. A correction is open, then answered or lapsed; an
// agency's answer is agreed, objected or, when it was silent, deemed agreed. What
// is still open when the matter ends is void.
const (
	RequestOpen         RequestState = "open"
	RequestAnswered     RequestState = "answered"
	RequestLapsed       RequestState = "lapsed"
	RequestAgreed       RequestState = "agreed"
	RequestObjected     RequestState = "objected"
	RequestDeemedAgreed RequestState = "deemed_agreed"
	RequestVoid         RequestState = "void"
)

// PauseCorrection is the reason of the pause that a correction request begins.
const PauseCorrection = "correction_requested"

// Request is a question of the review on one application and its answer.
type Request struct {
	ID          string
	Application string // application id
	Kind        RequestKind
	State       RequestState
	Agency      string           // name of the agency, "" for a correction
	Text        string           // the question to the agency, or a word to the applicant
	Items       []CorrectionItem // what the applicant is to correct
	AskedBy     string           // user id
	AskedAt     time.Time
	SendBy      string // legal date by which an agency must be asked, "" for a correction
	Due         string // legal date, the last day for an answer
	Answer      string
	Changed     []string // fields that the applicant's answer changed
	ClosedBy    string   // user id of who answered, "system" for the end of the term, "" while open
	ClosedAt    time.Time
	Version     int64
}

// Late tells whether an agency was asked after the day by which it must be.
func (r Request) Late() bool { return r.SendBy != "" && LegalDate(r.AskedAt) > r.SendBy }

// EndsAt is the instant at which the term for an answer is over: the midnight in
// Asia/Almaty after its last day.
func (r Request) EndsAt() (time.Time, error) { return StartOfDay(AddDays(r.Due, 1)) }

// CorrectionItem names one field of the application and what is wrong with it.
type CorrectionItem struct {
	Pointer string // JSON Pointer into the application, like /sites/0/approved_kw
	Text    string
}

// correctable are the fields that a correction can be asked for. The applicant and
// the sub-type are another application.
var correctable = []string{"documents", "equipment", "fee_document", "fee_paid_kzt", "host_contract", "host_license", "language", "note", "reason", "sites", "supply_basis"}

func topField(pointer string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	return name
}

const (
	maxCorrections    = 50
	maxCorrectionDays = 30
	maxRequestText    = 4000
)

// check gives what is wrong with a request that is about to be sent.
func (r Request) check() error {
	var v Invalid
	switch r.Kind {
	case RequestCorrection:
		if len(r.Items) == 0 || len(r.Items) > maxCorrections {
			v.Add("/items", "required", "Name 1 to %d fields that need a correction.", maxCorrections)
		}
		for i, item := range r.Items {
			at := "/items/" + strconv.Itoa(i)
			if !strings.HasPrefix(item.Pointer, "/") || !slices.Contains(correctable, topField(item.Pointer)) {
				v.Add(at+"/pointer", "unknown", "A correction can be asked for in %v.", correctable)
			}
			if strings.TrimSpace(item.Text) == "" {
				v.Add(at+"/text", "required", "Say what is to be corrected.")
			}
		}
	case RequestAgency:
		if strings.TrimSpace(r.Agency) == "" {
			v.Add("/agency", "required", "Name the agency.")
		}
		if strings.TrimSpace(r.Text) == "" {
			v.Add("/question", "required", "Say what the agency is asked.")
		}
	}
	if len(r.Text) > maxRequestText {
		v.Add("/text", "range", "The text is too long.")
	}
	return v.Err()
}

// Send puts a request to the applicant or an agency during the review; a drafted
// decision falls. A request
// to the applicant stops the clock, and there is one at a time. days are the
// working days for the answer; of sendDays, for an agency, the registration is the
// beginning.
func (a Application) Send(r Request, cal Calendar, terms RequestTerms, actor Actor, at time.Time) (Application, Request, error) {
	n, err := a.step(actor, at, ApplicationInReview, ApplicationInReview, ApplicationDrafted)
	if err != nil {
		return Application{}, Request{}, err
	}
	why := VoidedByCorrection
	if r.Kind == RequestAgency {
		why = VoidedByQuestion
	}
	n.dropDraft(actor, at, why)
	if err := r.check(); err != nil {
		return Application{}, Request{}, err
	}
	r.Application, r.State, r.AskedBy, r.AskedAt, r.Version = a.ID, RequestOpen, actor.ID, at, 1
	if r.Kind == RequestAgency {
		r.SendBy = cal.AddWorkingDays(LegalDate(a.RegisteredAt), terms.Send)
	} else {
		if terms.Answer < 1 || terms.Answer > maxCorrectionDays {
			var v Invalid
			v.Add("/working_days", "range", "Give the applicant 1 to %d working days.", maxCorrectionDays)
			return Application{}, Request{}, v.Err()
		}
		if n.Clock, err = n.Clock.Pause(at, PauseCorrection); err != nil {
			return Application{}, Request{}, err
		}
		n.Due = ""
	}
	r.Due = cal.AddWorkingDays(LegalDate(at), terms.Answer)
	return n, r, nil
}

// RequestTerms are the working days of a request: within Send of the registration
// an agency must be asked, within Answer of the question it is answered.
type RequestTerms struct{ Send, Answer int }

// AwaitsCorrection tells whether the clock stands for the applicant's correction.
func (a Application) AwaitsCorrection() bool {
	p, standing := a.Clock.waiting(farFuture)
	return standing && p.Reason == PauseCorrection && a.Clock.Stopped.IsZero()
}

// farFuture is after every pause that has an end.
var farFuture = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// Correct replaces the fields that a correction was asked for, and the clock goes
// on with a term of so many working days. Other fields stay as they were filed.
// What was found not met is to be looked at again.
func (a Application) Correct(with Application, r Request, term Term, actor Actor, at time.Time) (Application, Request, error) {
	n, err := a.step(actor, at, ApplicationInReview, ApplicationInReview)
	if err == nil {
		err = fourEyes(r.AskedBy, actor.ID)
	}
	if end, bad := r.EndsAt(); err == nil && (bad != nil || !at.Before(end)) {
		err = Errorf(CodeConflict, "The term for the correction ended on %s. The review goes on with what was filed.", r.Due)
	}
	if err == nil {
		r, err = r.close(RequestAnswered, actor, at)
	}
	if err != nil {
		return Application{}, Request{}, err
	}
	n.take(with)
	r.Changed = append(ChangedFields(a, n), r.Changed...) // what changed beside the fields: documents
	if err := r.covers(); err != nil {
		return Application{}, Request{}, err
	}
	for i, c := range n.Checklist {
		if c.Result == ChecklistNotMet {
			n.Checklist[i] = ChecklistItem{Code: c.Code, LegalRef: c.LegalRef}
		}
	}
	n, err = n.goOn(term, at)
	return n, r, err
}

func (r Request) covers() error {
	var v Invalid
	for _, field := range r.Changed {
		if !slices.ContainsFunc(r.Items, func(i CorrectionItem) bool { return topField(i.Pointer) == field }) {
			v.Add("/"+field, "not_asked", "No correction of this was asked for; it stays as it was filed.")
		}
	}
	if len(r.Changed) == 0 && r.Answer == "" {
		v.Add("/answer", "required", "Nothing was changed. Correct a field, or say why it stays as it is.")
	}
	return v.Err()
}

// Term is a statutory term: so many working days of a calendar.
type Term struct {
	Calendar Calendar
	Days     int
}

// Lapse ends a correction request that the applicant left without an answer: the
// clock goes on from the end of the term.
func (a Application) Lapse(r Request, term Term, actor Actor, at time.Time) (Application, Request, error) {
	n, err := a.step(actor, at, ApplicationInReview, ApplicationInReview)
	if err != nil {
		return Application{}, Request{}, err
	}
	end, err := r.ended(at)
	if err == nil {
		r, err = r.close(RequestLapsed, actor, end)
	}
	if err == nil {
		n, err = n.goOn(term, end)
	}
	return n, r, err
}

func (a Application) goOn(term Term, at time.Time) (Application, error) {
	var err error
	if a.Clock, err = a.Clock.Resume(at); err != nil {
		return Application{}, err
	}
	a.Due = a.Clock.Read(term.Calendar, term.Days, at).Due
	return a, nil
}

// AnswerOfAgency records what an agency said: agreed or objected, within its term.
func (r Request) AnswerOfAgency(state RequestState, answer string, actor Actor, at time.Time) (Request, error) {
	var v Invalid
	if state != RequestAgreed && state != RequestObjected {
		v.Add("/outcome", "unknown", "An agency agreed or objected.")
	}
	if state == RequestObjected && strings.TrimSpace(answer) == "" {
		v.Add("/answer", "required", "Say what the agency objects to.")
	}
	if err := v.Err(); err != nil {
		return Request{}, err
	}
	if end, err := r.EndsAt(); err != nil || !at.Before(end) {
		return Request{}, Errorf(CodeConflict, "The term of the agency ended on %s: its silence counts as agreement.", r.Due)
	}
	r.Answer = answer
	return r.close(state, actor, at)
}

// Deem ends a request that an agency left without an answer: silence counts as
// agreement from the end of the term (Law 202-V, Art. 25).
func (r Request) Deem(actor Actor, at time.Time) (Request, error) {
	end, err := r.ended(at)
	if err != nil {
		return Request{}, err
	}
	return r.close(RequestDeemedAgreed, actor, end)
}

func (r Request) ended(at time.Time) (time.Time, error) {
	end, err := r.EndsAt()
	if err == nil && at.Before(end) {
		err = Errorf(CodeConflict, "The term for an answer ends on %s.", r.Due)
	}
	return end, err
}

func (r Request) close(to RequestState, actor Actor, at time.Time) (Request, error) {
	if r.State != RequestOpen {
		return Request{}, Errorf(CodeConflict, "The request is %s already.", r.State)
	}
	r.State, r.ClosedBy, r.ClosedAt = to, actor.ID, at
	r.Version++
	return r, nil
}

// GrantStops gives why requests stand in the way of a grant: an agency that has
// not answered yet, or whose last word was an objection. The requests are in the
// order of time.
func GrantStops(requests []Request) error {
	last := map[string]int{}
	for i, r := range requests {
		if r.Kind == RequestAgency && r.State != RequestVoid {
			last[strings.ToLower(strings.TrimSpace(r.Agency))] = i
		}
	}
	var v Invalid
	for i, r := range requests {
		if at, ok := last[strings.ToLower(strings.TrimSpace(r.Agency))]; !ok || at != i {
			continue
		}
		switch r.State {
		case RequestOpen:
			v.Add("/outcome", "agency_open", "%s has until %s to answer.", r.Agency, r.Due)
		case RequestObjected:
			v.Add("/outcome", "agency_objected", "%s objects. Ask it again, or refuse.", r.Agency)
		}
	}
	return v.Err()
}

// ChangedFields names the fields of the wire form in which what is asked for
// differs, in alphabetical order.
func ChangedFields(a, b Application) []string {
	same := map[string]bool{
		"equipment": slices.Equal(a.Equipment, b.Equipment), "fee_document": a.FeeDocument == b.FeeDocument,
		"fee_paid_kzt": a.FeePaid == b.FeePaid, "host_license": a.Host == b.Host, "language": a.Language == b.Language,
		"host_contract": a.HostContract == b.HostContract, "base_license": a.Base == b.Base, "reason": a.Reason == b.Reason,
		"note": a.Note == b.Note, "sub_type": a.SubType == b.SubType, "supply_basis": a.SupplyBasis == b.SupplyBasis,
		"sites": slices.EqualFunc(a.Sites, b.Sites, func(x, y ApplicationSite) bool {
			return x.Site == y.Site && x.Approved == y.Approved && slices.Equal(x.ConnectionPoints, y.ConnectionPoints)
		}),
	}
	var out []string
	for field, equal := range same {
		if !equal {
			out = append(out, field)
		}
	}
	slices.Sort(out)
	return out
}

// Touch counts the version up for something that happened beside the content, while
// the matter is under review.
func (a Application) Touch(actor Actor, at time.Time) (Application, error) {
	return a.step(actor, at, a.State, ApplicationInReview, ApplicationDrafted)
}

// Ended tells whether the matter is over.
func (a Application) Ended() bool {
	return a.State == ApplicationGranted || a.State == ApplicationRefused || a.State == ApplicationWithdrawn
}
