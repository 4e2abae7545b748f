package gate

import (
	"encoding/json"
	"strconv"
	"time"
	"unicode/utf8"

	"rigistry/models"
)

// The JSON of what an answer is made of is written by hand, because reflection costs
// more than the decision. It is to the byte what json.Marshal writes: tests hold each
// against it, with every field filled, so that a new field cannot be forgotten here.

func appendName(b []byte, name string) []byte { return append(b, name...) }

func appendString(b []byte, name, text string) []byte { return appendQuoted(appendName(b, name), text) }

// appendQuoted writes a JSON text as json.Marshal does, which escapes for HTML.
func appendQuoted(b []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' || c == 0x7f || c >= utf8.RuneSelf {
			return appendEscaped(b, text)
		}
	}
	return append(append(append(b, '"'), text...), '"')
}

// appendEscaped writes a text that is more than plain ASCII.
func appendEscaped(b []byte, text string) []byte {
	escapes := !utf8.ValidString(text)
	for i := 0; i < len(text) && !escapes; i++ {
		switch c := text[i]; {
		case c < ' ', c == '"', c == '\\', c == '<', c == '>', c == '&', c == 0x7f:
			escapes = true
		case c == 0xe2 && text[i+1] == 0x80 && text[i+2]&^1 == 0xa8: // the line separators
			escapes = true
		}
	}
	if !escapes {
		return append(append(append(b, '"'), text...), '"')
	}
	quoted, err := json.Marshal(text)
	if err != nil { // a text always encodes
		return append(b, '"', '"')
	}
	return append(b, quoted...)
}

func appendInt[T ~int64](b []byte, name string, n T) []byte {
	return strconv.AppendInt(appendName(b, name), int64(n), 10)
}

func appendBool(b []byte, name string, v bool) []byte {
	return strconv.AppendBool(appendName(b, name), v)
}

// appendTime writes an instant in UTC, of years that have four digits, as all are that
// the gate reads or makes.
func appendTime(b []byte, name string, t time.Time) []byte {
	return append(t.AppendFormat(append(appendName(b, name), '"'), time.RFC3339Nano), '"')
}

// appendRare writes what few answers have.
func appendRare(b []byte, name string, v any) ([]byte, error) {
	text, err := json.Marshal(v)
	return append(appendName(b, name), text...), err
}

func appendRequest(b []byte, r *models.CheckRequest) []byte {
	b = appendString(b, `{"Reference":`, r.Reference)
	b = appendString(b, `,"ConnectionPoint":`, r.ConnectionPoint)
	b = appendString(b, `,"Applicant":`, r.Applicant)
	b = appendString(b, `,"License":`, r.License)
	b = appendInt(b, `,"Requested":`, r.Requested)
	b = appendString(b, `,"Purpose":`, string(r.Purpose))
	b = appendString(b, `,"Event":`, string(r.Event))
	return append(appendTime(b, `,"PlannedAt":`, r.PlannedAt), '}')
}

func appendFacts(b []byte, f *models.Facts) (_ []byte, err error) {
	b = appendString(b, `{"Utility":`, f.Utility)
	b = appendInt(b, `,"Revision":`, f.Revision)
	b = appendPointFacts(appendName(b, `,"Point":`), f.Point)
	if b = appendName(b, `,"Holder":`); f.Holder == nil {
		b = append(b, `null`...)
	} else {
		b = appendString(b, `{"Bin":`, f.Holder.Bin)
		b = append(appendString(b, `,"State":`, string(f.Holder.State)), '}')
	}
	b = appendLicenseFacts(appendName(b, `,"License":`), f.License)
	b = appendLicenseFacts(appendName(b, `,"Host":`), f.Host)
	b = appendBool(b, `,"Pending":`, f.Pending)
	b = appendString(b, `,"ClaimedBy":`, f.ClaimedBy)
	b = appendBool(b, `,"EverMining":`, f.EverMining)
	if b = appendName(b, `,"Meters":`); f.Meters == nil {
		b = append(b, `null`...)
	} else {
		b = append(b, '[')
		for i := range f.Meters {
			if i > 0 {
				b = append(b, ',')
			}
			m := &f.Meters[i]
			b = appendString(b, `{"Serial":`, m.Serial)
			b = appendBool(b, `,"Linked":`, m.Linked)
			b = append(appendTime(b, `,"Last":`, m.Last), '}')
		}
		b = append(b, ']')
	}
	b = appendInt(b, `,"Equipment":`, f.Equipment)
	if b, err = appendRare(b, `,"Overdue":`, f.Overdue); err != nil {
		return nil, err
	}
	if b, err = appendRare(b, `,"Standing":`, f.Standing); err != nil {
		return nil, err
	}
	b = appendBool(b, `,"SupplyByHour":`, f.SupplyByHour)
	b = appendInt(b, `,"Waiting":`, f.Waiting)
	return append(appendInt(b, `,"Behind":`, f.Behind), '}'), nil
}

func appendPointFacts(b []byte, p *models.PointFacts) []byte {
	if p == nil {
		return append(b, `null`...)
	}
	b = appendString(b, `{"ID":`, p.ID)
	b = appendString(b, `,"Code":`, p.Code)
	b = appendString(b, `,"State":`, p.State)
	b = appendString(b, `,"Site":`, p.Site)
	b = appendString(b, `,"DeclaredUse":`, p.DeclaredUse)
	b = appendString(b, `,"ConsumerBin":`, p.ConsumerBin)
	b = appendInt(b, `,"Permitted":`, p.Permitted)
	b = appendInt(b, `,"Energised":`, p.Energised)
	b = appendInt(b, `,"Reserved":`, p.Reserved)
	b = appendString(b, `,"Technical":{"Number":`, p.Technical.Number)
	b = appendInt(b, `,"Limit":`, p.Technical.Limit)
	b = appendString(b, `,"Purpose":`, p.Technical.Purpose)
	b = appendTime(b, `,"ValidUntil":`, p.Technical.ValidUntil)
	b = appendString(b, `},"Act":`, p.Act)
	b = appendString(b, `,"SupplyNumber":`, p.SupplyNumber)
	b = appendTime(b, `,"SupplyUntil":`, p.SupplyUntil)
	b = appendBool(b, `,"Automation":`, p.Automation)
	b = appendString(b, `,"FeederID":`, p.FeederID)
	b = appendString(b, `,"FeederCode":`, p.FeederCode)
	b = appendString(b, `,"SubstationID":`, p.SubstationID)
	b = appendInt(b, `,"FeederLimit":`, p.FeederLimit)
	b = appendInt(b, `,"FeederLoad":`, p.FeederLoad)
	b = appendInt(b, `,"SubstationLimit":`, p.SubstationLimit)
	return append(appendInt(b, `,"SubstationLoad":`, p.SubstationLoad), '}')
}

func appendLicenseFacts(b []byte, l *models.LicenseFacts) []byte {
	if l == nil {
		return append(b, `null`...)
	}
	b = appendString(b, `{"Number":`, l.Number)
	b = appendInt(b, `,"Version":`, l.Version)
	b = appendString(b, `,"SubType":`, string(l.SubType))
	b = appendString(b, `,"State":`, string(l.State))
	b = appendString(b, `,"HolderBin":`, l.HolderBin)
	b = appendString(b, `,"HostNumber":`, l.HostNumber)
	b = appendTime(b, `,"ValidFrom":`, l.ValidFrom)
	b = appendTime(b, `,"ValidUntil":`, l.ValidUntil)
	b = appendBool(b, `,"Covers":`, l.Covers)
	b = appendInt(b, `,"Approved":`, l.Approved)
	b = appendInt(b, `,"Load":`, l.Load)
	b = appendInt(b, `,"SiteApproved":`, l.SiteApproved)
	return append(appendInt(b, `,"SiteLoad":`, l.SiteLoad), '}')
}

func appendAnswer(b []byte, a *Answer) []byte {
	b = appendString(b, `{"ID":`, a.ID)
	b = appendString(b, `,"Reference":`, a.Reference)
	b = appendString(b, `,"Decision":`, string(a.Decision))
	if b = appendName(b, `,"Reasons":`); a.Reasons == nil {
		b = append(b, `null`...)
	} else {
		b = append(b, '[')
		for i := range a.Reasons {
			if i > 0 {
				b = append(b, ',')
			}
			r := &a.Reasons[i]
			b = appendString(b, `{"Code":`, string(r.Code))
			b = appendString(b, `,"Severity":`, string(r.Severity))
			b = appendString(b, `,"Text":`, r.Text)
			b = append(appendString(b, `,"Cure":`, r.Cure), '}')
		}
		b = append(b, ']')
	}
	b = appendInt(b, `,"Requested":`, a.Requested)
	b = appendInt(b, `,"Max":`, a.Max)
	b = appendTime(b, `,"ValidUntil":`, a.ValidUntil)
	b = appendString(b, `,"License":`, a.License)
	b = appendInt(b, `,"LicenseVersion":`, a.LicenseVersion)
	b = appendString(b, `,"ConnectionPoint":`, a.ConnectionPoint)
	b = appendTime(b, `,"DecidedAt":`, a.DecidedAt)
	b = appendString(b, `,"RulesVersion":`, a.RulesVersion)
	b = appendInt(b, `,"Revision":`, a.Revision)
	b = appendString(b, `,"FactsDigest":`, a.FactsDigest)
	return append(appendString(b, `,"Permit":`, a.Permit), '}')
}

func appendPermit(b []byte, p *Permit) []byte {
	b = appendString(b, `{"id":`, p.ID)
	b = appendString(b, `,"utility":`, p.Utility)
	b = appendString(b, `,"cp":`, p.ConnectionPoint)
	b = appendString(b, `,"license":`, p.License)
	b = appendInt(b, `,"version":`, p.LicenseVersion)
	b = append(append(b, `,"max_kw":`...), p.MaxKW...)
	b = appendTime(b, `,"valid_until":`, p.ValidUntil)
	b = appendTime(b, `,"decided_at":`, p.DecidedAt)
	b = appendString(b, `,"rules_version":`, p.RulesVersion)
	b = appendInt(b, `,"revision":`, p.Revision)
	b = appendString(b, `,"facts_digest":`, p.FactsDigest)
	b = appendString(b, `,"event":`, string(p.Event))
	return append(appendString(b, `,"reference":`, p.Reference), '}')
}

// appendItem writes an answer as it stands in the entry of the ledger.
func appendItem(b []byte, a *answeredItem) []byte {
	b = appendString(b, `{"id":`, a.ID)
	b = appendString(b, `,"decision":`, string(a.Decision))
	b = appendString(b, `,"connection_point":`, a.ConnectionPoint)
	b = appendString(b, `,"license":`, a.License)
	b = append(b, `,"reasons":[`...)
	for i, code := range a.Reasons {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendQuoted(b, string(code))
	}
	b = appendString(b, `],"answer_digest":`, a.Digest)
	if a.RequestID != "" {
		b = appendString(b, `,"request_id":`, a.RequestID)
	}
	return append(b, '}')
}

func appendBody(b []byte, body *answeredBody) []byte {
	b = appendString(b, `{"batch":`, body.Batch)
	b = appendString(b, `,"root":`, body.Root)
	b = append(b, `,"answers":[`...)
	for i := range body.Answers {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendItem(b, &body.Answers[i])
	}
	return append(b, ']', '}')
}
