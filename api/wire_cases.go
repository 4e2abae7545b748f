package api

import (
	"math"
	"slices"
	"time"

	"rigistry/models"
	"rigistry/services/enforcement"
)

// CaseSubjectInput is what or whom a case is about: a record by its id, code or number,
// or premises and persons outside the registry by name.
type CaseSubjectInput struct {
	Kind  string `json:"kind" enum:"connection_point,feeder,site,premises,license,party,person,finding,mismatch"`
	Ref   string `json:"ref,omitempty" maxLength:"64" doc:"Id, code or number of the record"`
	Label string `json:"label,omitempty" maxLength:"200" doc:"Address of premises, or name of a person"`
}

// CaseInput opens a case.
type CaseInput struct {
	Source      string             `json:"source" enum:"finding,mismatch,tip,officer"`
	Title       string             `json:"title" maxLength:"200" doc:"One line for lists"`
	Summary     string             `json:"summary,omitempty" maxLength:"20000"`
	EstimatedKw float64            `json:"estimated_kw,omitempty" minimum:"0" maximum:"10000000" doc:"The power at stake"`
	Subjects    []CaseSubjectInput `json:"subjects" nullable:"false" maxItems:"100"`
}

// CaseLeadInput puts somebody in charge.
type CaseLeadInput struct {
	Person string `json:"person,omitempty" maxLength:"64" doc:"User id; absent for the caller"`
}

// CaseSubjectsInput adds subjects.
type CaseSubjectsInput struct {
	Subjects []CaseSubjectInput `json:"subjects" nullable:"false" maxItems:"100"`
}

// CaseRestrictionInput names who knows of a restricted case beside its lead and the heads.
type CaseRestrictionInput struct {
	Members []string `json:"members" nullable:"false" maxItems:"50" doc:"User ids"`
}

// CaseDismissalInput says why nothing is pursued.
type CaseDismissalInput struct {
	ReasonCode string `json:"reason_code" enum:"licensed_load,other_load,metering_fault,topology_record,nothing_found,no_evidence,duplicate"`
	Note       string `json:"note" maxLength:"20000" doc:"What the dismissal rests on"`
}

// CaseReasonInput gives a reason.
type CaseReasonInput struct {
	Reason string `json:"reason" maxLength:"20000"`
}

// CaseClosureInput says how a case ended.
type CaseClosureInput struct {
	Outcome string `json:"outcome" enum:"legalised,disconnected,penalised,convicted,acquitted"`
	Note    string `json:"note" maxLength:"20000" doc:"What the outcome rests on"`
}

// CaseActInput is one thing that was done. A kind takes only its own fields.
type CaseActInput struct {
	Kind         string   `json:"kind" enum:"note,referral,seizure,release,court"`
	On           string   `json:"on,omitempty" format:"date" doc:"Legal date of the referral, seizure, release or ruling"`
	Agency       string   `json:"agency,omitempty" enum:"financial_monitoring,police,prosecutor,energy_supervision,tax" doc:"Of a referral; of a seizure of machines, who took them"`
	Number       string   `json:"number,omitempty" maxLength:"100" doc:"Number of the referral, the record of seizure, the release or the ruling"`
	CriminalCase string   `json:"criminal_case,omitempty" maxLength:"100" doc:"Number in the register of pre-trial investigations"`
	Serials      []string `json:"serials,omitempty" maxItems:"5000" doc:"Serial numbers of the machines seized; of a release or a ruling those it is about, absent for all that are held"`
	Place        string   `json:"place,omitempty" maxLength:"100" doc:"Where the machines seized are stored"`
	Fate         string   `json:"fate,omitempty" enum:"returned,confiscated" doc:"Of a ruling: what becomes of the machines that are held"`
	Rigs         int64    `json:"rigs,omitempty" minimum:"0" maximum:"1000000" doc:"Machines seized; at least as many as serial numbers"`
	MoneyKzt     float64  `json:"money_kzt,omitempty" minimum:"0" maximum:"10000000000000" doc:"Money seized or fined"`
	Ruling       string   `json:"ruling,omitempty" enum:"convicted,acquitted,returned,settled"`
	Text         string   `json:"text,omitempty" maxLength:"20000"`
}

func (in CaseActInput) act() models.CaseAct {
	return models.CaseAct{Kind: models.CaseActKind(in.Kind), On: in.On, Agency: in.Agency, Number: in.Number, CriminalCase: in.CriminalCase,
		Serials: in.Serials, Rigs: in.Rigs, Money: models.Tiyn(math.Round(in.MoneyKzt * 100)), Ruling: in.Ruling, Text: in.Text, Place: in.Place,
		Fate: models.RigFate(in.Fate)}
}

func subjectsOf(in []CaseSubjectInput) []models.CaseSubject {
	out := make([]models.CaseSubject, 0, len(in))
	for _, s := range in {
		out = append(out, models.CaseSubject{Kind: s.Kind, Ref: s.Ref, Label: s.Label})
	}
	return out
}

// CaseSubjectWire is what or whom a case is about.
type CaseSubjectWire struct {
	Kind    string    `json:"kind"`
	Ref     string    `json:"ref,omitempty"`
	Label   string    `json:"label"`
	AddedAt time.Time `json:"added_at"`
}

// CaseActWire is one thing that was done in a case.
type CaseActWire struct {
	ID           string    `json:"id"`
	Kind         string    `json:"kind"`
	On           string    `json:"on,omitempty"`
	Agency       string    `json:"agency,omitempty"`
	Number       string    `json:"number,omitempty"`
	CriminalCase string    `json:"criminal_case,omitempty"`
	Serials      []string  `json:"serials,omitempty"`
	Rigs         int64     `json:"rigs,omitempty"`
	MoneyKzt     float64   `json:"money_kzt,omitempty"`
	Ruling       string    `json:"ruling,omitempty"`
	Place        string    `json:"place,omitempty"`
	Fate         string    `json:"fate,omitempty"`
	Text         string    `json:"text,omitempty"`
	At           time.Time `json:"at"`
	ByName       string    `json:"by_name,omitempty"`
}

// RelatedCaseWire is another case about one of the same things.
type RelatedCaseWire struct {
	ID     string `json:"id"`
	Number string `json:"number"`
	Title  string `json:"title"`
	State  string `json:"state"`
}

// CaseLinkWire is a record that a case leads to.
type CaseLinkWire struct {
	Role string   `json:"role" enum:"connection_point,site,license,holder,owner,tenant"`
	Ref  string   `json:"ref" doc:"Code of a connection point, number of a license, id of a site or party"`
	Name TextWire `json:"name" doc:"Empty where the reference is the name"`
}

func relatedWire(found []models.Case) []RelatedCaseWire {
	var out []RelatedCaseWire
	for _, r := range found {
		out = append(out, RelatedCaseWire{ID: r.ID, Number: r.Number, Title: r.Title, State: string(r.State)})
	}
	return out
}

// CaseWire is a case; subjects, acts and related stand in the answer about one case
// and not in lists.
type CaseWire struct {
	ID            string            `json:"id"`
	Number        string            `json:"number"`
	Source        string            `json:"source"`
	Title         string            `json:"title"`
	Summary       string            `json:"summary,omitempty"`
	State         string            `json:"state" enum:"open,investigating,dismissal_drafted,dismissed,closed"`
	Lead          string            `json:"lead,omitempty" doc:"User id of who leads it"`
	LeadName      string            `json:"lead_name,omitempty"`
	Restricted    bool              `json:"restricted"`
	Members       []string          `json:"members,omitempty"`
	Due           string            `json:"due,omitempty" doc:"Legal date of the next step"`
	Overdue       bool              `json:"overdue"`
	EstimatedKw   float64           `json:"estimated_kw"`
	ReasonCode    string            `json:"reason_code,omitempty" doc:"Of a dismissal"`
	Outcome       string            `json:"outcome,omitempty"`
	Note          string            `json:"note,omitempty" doc:"What the dismissal or the closure rests on"`
	DraftedByName string            `json:"drafted_by_name,omitempty"`
	OpenedByName  string            `json:"opened_by_name,omitempty"`
	OpenedAt      time.Time         `json:"opened_at"`
	EndedAt       *time.Time        `json:"ended_at,omitempty"`
	UpdatedAt     time.Time         `json:"updated_at"`
	Version       int64             `json:"version"`
	Subjects      []CaseSubjectWire `json:"subjects,omitempty"`
	Acts          []CaseActWire     `json:"acts,omitempty"`
	Seized        []SeizedRigWire   `json:"seized,omitempty" doc:"Each machine that was seized, and what became of it"`
	Found         []string          `json:"taken_on_visits,omitempty" doc:"Serial numbers that were taken on visits and that no record of seizure names yet"`
	Tasks         []CaseTaskWire    `json:"tasks,omitempty" doc:"The first due first"`
	Related       []RelatedCaseWire `json:"related,omitempty" doc:"Other cases about one of the same things"`
	Links         []CaseLinkWire    `json:"links,omitempty" doc:"The connection, the site, the license, its holder, and who owns and uses the premises"`
	Near          []RelatedCaseWire `json:"near,omitempty" doc:"Other cases of the same premises, owner or user"`
	MemberNames   []string          `json:"member_names,omitempty" doc:"Who knows of a restricted case beside its lead and the heads"`
	Allowed       []string          `json:"allowed" nullable:"false" doc:"What the caller may do now: lead add act task dismiss confirm_dismissal return_dismissal close reopen restrict unrestrict"`
}

func (s *Server) caseWire(c models.Case, actor models.Actor, people map[string]string) CaseWire {
	today := models.LegalDate(s.now())
	return CaseWire{ID: c.ID, Number: c.Number, Source: string(c.Source), Title: c.Title, Summary: c.Summary, State: string(c.State), Lead: c.Lead,
		LeadName: people[c.Lead], Restricted: c.Restricted, Members: c.Members, Due: c.Due, Overdue: c.Due != "" && c.Due < today,
		EstimatedKw: kw(c.Estimated), ReasonCode: string(c.Dismissal), Outcome: string(c.Outcome), Note: c.Note, DraftedByName: people[c.DraftedBy],
		OpenedByName: people[c.OpenedBy], OpenedAt: c.Opened, EndedAt: optionalTime(c.Ended), UpdatedAt: c.Updated, Version: c.Version,
		Allowed: caseAllowed(c, actor)}
}

// caseAllowed says what the actor may do with a case now.
func caseAllowed(c models.Case, actor models.Actor) []string {
	may := func(action models.Action) bool { return models.Can(actor, action, models.Scope{}) == nil }
	leads := c.Lead != "" && (c.Lead == actor.ID || actor.Is(models.RoleHead))
	drafted := c.State == models.CaseDismissalDrafted
	out := []string{}
	for _, act := range []struct {
		name string
		yes  bool
	}{
		{"lead", !c.Over() && may(models.ActCaseWrite) && (c.Lead == "" || c.Lead == actor.ID || actor.Is(models.RoleHead))},
		{"add", may(models.ActCaseWrite)},
		{"act", may(models.ActCaseWrite)},
		{"task", !c.Over() && may(models.ActCaseWrite)},
		{"dismiss", !c.Over() && !drafted && leads && may(models.ActCaseWrite)},
		{"confirm_dismissal", drafted && c.DraftedBy != actor.ID && may(models.ActCaseDecide)},
		{"return_dismissal", drafted && may(models.ActCaseDecide)},
		{"close", !c.Over() && leads && may(models.ActCaseDecide)},
		{"reopen", c.Over() && may(models.ActCaseDecide)},
		{"restrict", may(models.ActCaseRestrict)},
		{"unrestrict", c.Restricted && may(models.ActCaseRestrict)},
	} {
		if act.yes {
			out = append(out, act.name)
		}
	}
	return slices.Clip(out)
}

func (s *Server) matterWire(m enforcement.Matter, actor models.Actor) CaseWire {
	w := s.caseWire(m.Case, actor, m.People)
	for _, x := range m.Subjects {
		w.Subjects = append(w.Subjects, CaseSubjectWire{Kind: x.Kind, Ref: x.Ref, Label: x.Label, AddedAt: x.Added})
	}
	for _, a := range m.Acts {
		w.Acts = append(w.Acts, CaseActWire{ID: a.ID, Kind: string(a.Kind), On: a.On, Agency: a.Agency, Number: a.Number, CriminalCase: a.CriminalCase,
			Serials: a.Serials, Rigs: a.Rigs, MoneyKzt: kzt(a.Money), Ruling: a.Ruling, Text: a.Text, At: a.At, ByName: m.People[a.By],
			Place: a.Place, Fate: string(a.Fate)})
	}
	for _, x := range m.Seized {
		w.Seized = append(w.Seized, seizedWire(x))
	}
	w.Found = m.Found
	for _, t := range m.Tasks {
		w.Tasks = append(w.Tasks, caseTaskWire(t))
	}
	w.Related, w.Near = relatedWire(m.Related), relatedWire(m.Near)
	for _, l := range m.Links {
		w.Links = append(w.Links, CaseLinkWire{Role: l.Role, Ref: l.Ref, Name: textWire(l.Name)})
	}
	for _, id := range m.Case.Members {
		w.MemberNames = append(w.MemberNames, m.People[id])
	}
	return w
}
