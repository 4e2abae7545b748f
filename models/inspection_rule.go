package models

import (
	"slices"
	"strings"
)

// Fields that the law demands of an inspection.
const (
	LegalActNumber          = "act_number"
	LegalActDate            = "act_date"
	LegalRegistrationNumber = "registration_number"
	LegalRegistrationDate   = "registration_date"
	LegalNoticeDate         = "notice_date"
	LegalNoticeException    = "notice_exception"
	LegalInspectorCard      = "inspector_card"
	LegalChecklist          = "checklist_version"
	LegalEntryPower         = "entry_power"
)

// LegalFields lists the fields in the order in which they are filled in.
func LegalFields() []string {
	return []string{LegalActNumber, LegalActDate, LegalRegistrationNumber, LegalRegistrationDate, LegalNoticeDate, LegalNoticeException,
		LegalInspectorCard, LegalChecklist, LegalEntryPower}
}

// InspectionRule is a demand of the law on a kind of inspection between two legal dates.
type InspectionRule struct {
	Kind       InspectionKind
	Field      string
	Position   int64
	Or         string // field that stands for it, ""
	Days       int64  // least number of calendar days between the date in the field and the visit
	LegalRef   string
	Grade      string // S read in a source, R recalled and to be confirmed
	Text       Text   // what it is
	Why        Text   // why it matters
	ValidFrom  string // legal date
	ValidUntil string // legal date, not included; "" is open
}

// MissingField is something that the law demands and that is not there.
type MissingField struct {
	Field    string
	Code     string // missing, too_late
	Text     Text
	Why      Text
	LegalRef string
}

// dateField tells whether a legal field holds a date.
func dateField(field string) bool { return strings.HasSuffix(field, "_date") }

func checkLegal(v *Invalid, fields map[string]string, rules []InspectionRule) {
	for field, value := range fields {
		at := "/legal/" + field
		value = strings.TrimSpace(value)
		known := slices.ContainsFunc(rules, func(r InspectionRule) bool { return r.Field == field || r.Or == field })
		switch {
		case !known:
			v.Add(at, "unknown", "The law demands no such field of this kind of inspection.")
		case len(value) > maxLegalField:
			v.Add(at, "length", "This is longer than %d bytes.", maxLegalField)
		case dateField(field) && value != "" && AddDays(value, 0) != value:
			v.Add(at, "date", "Write the date as YYYY-MM-DD.")
		}
	}
}

// Missing gives what the rules demand and the inspection lacks, in their order. A date
// after the visit, or a notice given too late, counts as missing.
func (i Inspection) Missing(rules []InspectionRule) []MissingField {
	out := []MissingField{}
	for _, r := range rules {
		value := i.Legal[r.Field]
		if r.Or != "" && i.Legal[r.Or] != "" {
			continue
		}
		code := ""
		switch {
		case value == "":
			code = "missing"
		case dateField(r.Field) && AddDays(value, int(r.Days)) > i.PlannedOn:
			code = "too_late"
		}
		if code != "" {
			out = append(out, MissingField{Field: r.Field, Code: code, Text: r.Text, Why: r.Why, LegalRef: r.LegalRef})
		}
	}
	return out
}

// VisitChecklist is what an inspection goes through, as it is law between two dates.
type VisitChecklist struct {
	Version  string
	LegalRef string
	Sections []ChecklistSection
	Shots    []ChecklistShot
}

// ChecklistSection is one screen of questions.
type ChecklistSection struct {
	ID        string
	Title     Text
	Questions []ChecklistQuestion
}

// ChecklistQuestion is one question. Kind is yes_no, choice, number, text or photo.
type ChecklistQuestion struct {
	ID       string
	Text     Text
	Kind     string
	Choices  []string // of a choice
	Unit     string   // of a number
	Required bool
	Why      Text
}

// ChecklistShot is a photo that belongs to the protocol.
type ChecklistShot struct {
	ID       string
	Title    Text
	Required bool
}

// Unanswered gives the required questions and shots that a protocol lacks, as question:id
// and shot:id.
func (c VisitChecklist) Unanswered(p Protocol) []string {
	out := []string{}
	for _, s := range c.Sections {
		for _, q := range s.Questions {
			if _, ok := p.Answers[q.ID]; q.Required && !ok {
				out = append(out, "question:"+q.ID)
			}
		}
	}
	for _, s := range c.Shots {
		if s.Required && !slices.ContainsFunc(p.Photos, func(f ProtocolPhoto) bool { return f.Shot == s.ID }) {
			out = append(out, "shot:"+s.ID)
		}
	}
	return out
}

// NoticeBy gives the last legal date on which the subject can still be told in time, while
// no notice and no exception stands in the fields; "" when none is demanded or missing.
func (i Inspection) NoticeBy(rules []InspectionRule) string {
	for _, r := range rules {
		if r.Field == LegalNoticeDate && i.Legal[r.Field] == "" && (r.Or == "" || i.Legal[r.Or] == "") {
			return AddDays(i.PlannedOn, -int(r.Days))
		}
	}
	return ""
}
