package models

import (
	"slices"
	"time"
)

// DocumentKind is what a document of the registry is.
type DocumentKind string

// The kinds of document.
const (
	DocumentLicense       DocumentKind = "license"
	DocumentAppendix      DocumentKind = "appendix"
	DocumentRefusal       DocumentKind = "refusal"
	DocumentSuspension    DocumentKind = "suspension"
	DocumentDisconnection DocumentKind = "disconnection_order"
	DocumentAbsence       DocumentKind = "absence"
	DocumentExtract       DocumentKind = "extract"
)

// DocumentKinds lists the kinds.
func DocumentKinds() []DocumentKind {
	return []DocumentKind{DocumentLicense, DocumentAppendix, DocumentRefusal, DocumentSuspension, DocumentDisconnection, DocumentAbsence, DocumentExtract}
}

// Document is the record of a paper that the registry issued and signed. It never
// changes; another look at the register is another document.
type Document struct {
	ID         string
	Number     string // "DOC-2026-00001", unique
	Kind       DocumentKind
	Subject    Ref    // license, application, disconnection_order, bin_or_iin, connection_point or register
	License    string // number of the license it is about, ""
	Party      string // party id of whom it is about and who may read it, ""
	SHA256     string // of the whole file with its signature, 64 hex digits
	Bytes      int64
	LedgerSize int64     // sealed entries that its facts include at least
	AsAt       time.Time // the instant whose state it shows
	CreatedBy  string    // actor id
	CreatedAt  time.Time
}

// DocumentRequest asks for a document. Which fields a kind needs, Check says.
type DocumentRequest struct {
	Kind            DocumentKind
	License         string // number: license, appendix, suspension
	Appendix        string // "001": appendix
	Application     string // id or number: refusal
	Order           string // id or number of a disconnection order
	BinOrIin        string // absence, or an extract about one holder
	ConnectionPoint string // code: absence
	From            string // legal date, the first day of an absence
	To              string // legal date, the last day of an absence
	AsOn            string // legal date whose end an extract shows; "" or today is now
}

// Check gives every field that is missing, wrong or does not belong to the kind.
// today is the legal date: nobody can certify what is still to come.
func (r DocumentRequest) Check(today string) error {
	var v Invalid
	needs := map[DocumentKind][]string{
		DocumentLicense: {"license"}, DocumentAppendix: {"license", "appendix"}, DocumentRefusal: {"application"},
		DocumentSuspension: {"license"}, DocumentDisconnection: {"order"}, DocumentAbsence: {"from", "to"}, DocumentExtract: {},
	}
	may := map[DocumentKind][]string{DocumentAbsence: {"bin_or_iin", "connection_point"}, DocumentExtract: {"bin_or_iin", "as_on"}}
	if !slices.Contains(DocumentKinds(), r.Kind) {
		v.Add("/kind", "unknown", "%q is no kind of document.", r.Kind)
		return v.Err()
	}
	for _, f := range []struct{ name, value string }{{"license", r.License}, {"appendix", r.Appendix}, {"application", r.Application}, {"order", r.Order},
		{"bin_or_iin", r.BinOrIin}, {"connection_point", r.ConnectionPoint}, {"from", r.From}, {"to", r.To}, {"as_on", r.AsOn}} {
		switch {
		case f.value == "" && slices.Contains(needs[r.Kind], f.name):
			v.Add("/"+f.name, "required", "A document of the kind %s needs this.", r.Kind)
		case f.value != "" && !slices.Contains(needs[r.Kind], f.name) && !slices.Contains(may[r.Kind], f.name):
			v.Add("/"+f.name, "not_applicable", "A document of the kind %s does not take this.", r.Kind)
		}
	}
	if r.Kind == DocumentAbsence && (r.BinOrIin == "") == (r.ConnectionPoint == "") {
		v.Add("/bin_or_iin", "required", "Name either a BIN or IIN, or a connection point.")
	}
	if r.BinOrIin != "" {
		if _, err := CheckBin(r.BinOrIin); err != nil {
			v.addIdentifier("/bin_or_iin", err)
		}
	}
	for _, f := range []struct{ pointer, date string }{{"/from", r.From}, {"/to", r.To}, {"/as_on", r.AsOn}} {
		if f.date == "" {
			continue
		}
		if _, err := StartOfDay(f.date); err != nil {
			v.Add(f.pointer, "format", "Write the date as YYYY-MM-DD.")
		} else if f.date > today {
			v.Add(f.pointer, "future", "The register can say nothing about days after today, %s.", today)
		}
	}
	if r.From != "" && r.To != "" && r.From > r.To {
		v.Add("/to", "range", "The last day is before the first.")
	}
	return v.Err()
}

// Span is a time for which something held, half-open.
type Span struct{ From, Until time.Time }

// HeldSpans gives the times within [from, until) for which a license was in force,
// active or suspended, in a version that matches. versions are all versions of one
// license in order. Times that touch are one.
func HeldSpans(versions []License, matches func(License) bool, from, until time.Time) []Span {
	var out []Span
	for i, l := range versions {
		if l.State != LicenseActive && l.State != LicenseSuspended || !matches(l) {
			continue
		}
		s := Span{latest(from, l.EffectiveAt, l.ValidFrom), earliest(until, l.ValidUntil)}
		if i+1 < len(versions) {
			s.Until = earliest(s.Until, versions[i+1].EffectiveAt)
		}
		if !s.From.Before(s.Until) {
			continue
		}
		if n := len(out); n > 0 && out[n-1].Until.Equal(s.From) {
			out[n-1].Until = s.Until
			continue
		}
		out = append(out, s)
	}
	return out
}

func latest(first time.Time, more ...time.Time) time.Time {
	for _, t := range more {
		if t.After(first) {
			first = t
		}
	}
	return first
}

func earliest(first time.Time, more ...time.Time) time.Time {
	for _, t := range more {
		if t.Before(first) {
			first = t
		}
	}
	return first
}
