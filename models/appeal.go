package models

import (
	"strings"
	"time"
)

// AppealRoute is how a decision is appealed, between two legal dates.
type AppealRoute struct {
	Code       string // what is appealed: refusal
	Months     int64  // within so many months of the decision
	Body       Text   // that hears the appeal before a court
	Court      Text   // where to go after that
	LegalRef   string
	Grade      string // S read in a source, R recalled and to be confirmed
	ValidFrom  string
	ValidUntil string // not included; "" is open
}

// AppealRefusal is the code of the route against a refusal.
const AppealRefusal = "refusal"

// Until gives the last legal date for an appeal against what was signed at the
// instant: so many months later, moved to the next working day.
func (r AppealRoute) Until(cal Calendar, signed time.Time) string {
	return cal.AddWorkingDays(AddMonths(LegalDate(signed), int(r.Months)), 0)
}

// AppealState is the state of an appeal.
type AppealState string

// The states of an appeal.
const (
	AppealOpen      AppealState = "open"
	AppealUpheld    AppealState = "upheld"    // the application is reviewed again
	AppealDismissed AppealState = "dismissed" // the refusal stands
)

// Appeal is an appeal against the refusal of an application, with the decision and
// the clock that it was filed against.
type Appeal struct {
	ID          string
	Application string // application id
	State       AppealState
	Text        string
	FiledBy     string // user id
	FiledAt     time.Time
	Decision    Decision // the refusal
	Clock       Clock    // of the review that ended in it
	Outcome     string   // number and date of the higher body's decision
	Note        string
	RecordedBy  string // user id of who recorded the outcome; neither drafter nor signer of the refusal
	RecordedAt  time.Time
	Version     int64
}

const maxAppealText = 8000

// FileAppeal makes an appeal against a refusal, not after the last day for it.
func (a Application) FileAppeal(p Appeal, until string, actor Actor, at time.Time) (Appeal, error) {
	if a.State != ApplicationRefused || a.Decision == nil {
		return Appeal{}, Errorf(CodeConflict, "Application %s is not refused. A refusal can be appealed.", a.Number)
	}
	if LegalDate(at) > until {
		return Appeal{}, Errorf(CodeConflict, "The time for an appeal ended on %s. A court can restore it.", until)
	}
	if text := strings.TrimSpace(p.Text); text == "" || len(text) > maxAppealText {
		var v Invalid
		v.Add("/text", "required", "Say why the refusal is wrong, in at most %d bytes.", maxAppealText)
		return Appeal{}, v.Err()
	}
	p.Application, p.State, p.FiledBy, p.FiledAt, p.Version = a.ID, AppealOpen, actor.ID, at, 1
	p.Decision, p.Clock = *a.Decision, a.Clock
	return p, nil
}

// Close records what the higher body decided. Nobody records it who drafted or
// signed the refusal.
func (p Appeal) Close(to AppealState, actor Actor, at time.Time) (Appeal, error) {
	var v Invalid
	if to != AppealUpheld && to != AppealDismissed {
		v.Add("/outcome", "unknown", "An appeal is upheld or dismissed.")
	}
	if strings.TrimSpace(p.Outcome) == "" {
		v.Add("/decision", "required", "Give the number and the date of the decision on the appeal.")
	}
	if err := v.Err(); err != nil {
		return Appeal{}, err
	}
	if p.State != AppealOpen {
		return Appeal{}, Errorf(CodeConflict, "The appeal is %s already.", p.State)
	}
	if actor.ID == p.Decision.Drafter || actor.ID == p.Decision.Signer {
		return Appeal{}, Errorf(CodeFourEyes, "You drafted or signed the refusal, so a colleague has to record the outcome of the appeal.")
	}
	p.State, p.RecordedBy, p.RecordedAt = to, actor.ID, at
	p.Version++
	return p, nil
}

// Reopen takes a refused application back to review with a new clock, because an
// appeal was upheld. What was found not met is to be looked at again, and somebody
// has to be put in charge.
func (a Application) Reopen(term Term, actor Actor, at time.Time) (Application, error) {
	n, err := a.step(actor, at, ApplicationInReview, ApplicationRefused)
	if err != nil {
		return Application{}, err
	}
	n.Decision, n.Voided, n.Officer = nil, nil, ""
	n.Clock = Clock{Started: at}
	n.Due = n.Clock.Read(term.Calendar, term.Days, at).Due
	for i, c := range n.Checklist {
		if c.Result == ChecklistNotMet {
			n.Checklist[i] = ChecklistItem{Code: c.Code, LegalRef: c.LegalRef}
		}
	}
	return n, nil
}
