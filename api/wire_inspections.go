package api

import (
	"encoding/json"
	"math"
	"time"

	"rigistry/models"
	"rigistry/services/enforcement"
)

// InspectionInput plans a visit.
type InspectionInput struct {
	Kind      string            `json:"kind" enum:"planned,unscheduled,preventive"`
	Title     string            `json:"title" maxLength:"200" doc:"One line for lists"`
	Case      string            `json:"case,omitempty" maxLength:"64" doc:"Id or number of a case; site, connection and finding follow from what it is about"`
	Site      string            `json:"site,omitempty" maxLength:"64" doc:"Id or code"`
	Point     string            `json:"connection_point,omitempty" maxLength:"64" doc:"Id or code"`
	Address   string            `json:"address,omitempty" maxLength:"500"`
	Region    string            `json:"region,omitempty" maxLength:"2"`
	Lat       float64           `json:"lat,omitempty" minimum:"-90" maximum:"90"`
	Lon       float64           `json:"lon,omitempty" minimum:"-180" maximum:"180"`
	PlannedOn string            `json:"planned_on" format:"date" doc:"Legal date of the visit"`
	Route     int64             `json:"route,omitempty" minimum:"0" maximum:"1000" doc:"Place in the route of the day, from 1"`
	Lead      string            `json:"lead" maxLength:"64" doc:"User id of the inspector who leads"`
	Members   []string          `json:"members,omitempty" maxItems:"30" doc:"User ids"`
	Agencies  []string          `json:"agencies,omitempty" maxItems:"10" doc:"financial_monitoring, police, prosecutor, energy_supervision, tax, utility, system_operator"`
	Legal     map[string]string `json:"legal,omitempty" doc:"What the law demands, by field"`
}

func (in InspectionInput) inspection() models.Inspection {
	return models.Inspection{Kind: models.InspectionKind(in.Kind), Title: in.Title, Case: in.Case, Site: in.Site, Point: in.Point, Address: in.Address,
		Region: in.Region, LatE7: int64(math.Round(in.Lat * 1e7)), LonE7: int64(math.Round(in.Lon * 1e7)), PlannedOn: in.PlannedOn, Route: in.Route,
		Lead: in.Lead, Members: in.Members, Agencies: in.Agencies, Legal: in.Legal}
}

// InspectionTeamInput changes who goes, and when.
type InspectionTeamInput struct {
	Lead      string   `json:"lead" maxLength:"64" doc:"User id"`
	Members   []string `json:"members,omitempty" maxItems:"30" doc:"User ids"`
	Agencies  []string `json:"agencies,omitempty" maxItems:"10"`
	PlannedOn string   `json:"planned_on" format:"date"`
	Route     int64    `json:"route,omitempty" minimum:"0" maximum:"1000"`
}

// InspectionLegalInput puts in what the law demands; "" takes a field out.
type InspectionLegalInput struct {
	Legal map[string]string `json:"legal" doc:"act_number, act_date, registration_number, registration_date, notice_date, notice_exception, inspector_card, checklist_version, entry_power"`
}

// RemedyInput orders to put something right.
type RemedyInput struct {
	Text    string `json:"text" maxLength:"20000" doc:"What has to be put right"`
	Article string `json:"article" maxLength:"500" doc:"Article of the law that is broken"`
	Due     string `json:"due" format:"date" doc:"The last day"`
}

// HoldInput keeps from erasure; an empty reason lifts the hold.
type HoldInput struct {
	Reason string `json:"reason,omitempty" maxLength:"20000"`
}

// LegalFieldWire is one demand of the law on the inspection.
type LegalFieldWire struct {
	Field    string   `json:"field"`
	Or       string   `json:"or,omitempty" doc:"Field that stands for it"`
	Value    string   `json:"value,omitempty"`
	Missing  string   `json:"missing,omitempty" enum:"missing,too_late" doc:"Absent when nothing is missing"`
	Text     TextWire `json:"text"`
	Why      TextWire `json:"why" doc:"Why it matters"`
	LegalRef string   `json:"legal_ref"`
	Grade    string   `json:"grade" enum:"S,R"`
}

// RemedyWire is an order to put something right.
type RemedyWire struct {
	ID         string    `json:"id"`
	Number     string    `json:"number"`
	Text       string    `json:"text"`
	Article    string    `json:"article"`
	Due        string    `json:"due"`
	License    string    `json:"license,omitempty"`
	Obligation string    `json:"obligation,omitempty" doc:"Id of the obligation; overdue, it stands in the way at the gate"`
	IssuedAt   time.Time `json:"issued_at"`
	IssuedBy   string    `json:"issued_by,omitempty"`
}

// TeamWire is somebody of the team.
type TeamWire struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
	Role string `json:"role" enum:"lead,member,former"`
}

// InspectionWire is an inspection; law, team and orders stand in the answer about one and
// not in lists.
type InspectionWire struct {
	ID            string            `json:"id"`
	Number        string            `json:"number"`
	Kind          string            `json:"kind" enum:"planned,unscheduled,preventive"`
	Title         string            `json:"title"`
	State         string            `json:"state" enum:"planned,ready,in_progress,submitted,finalized,cancelled"`
	Case          string            `json:"case,omitempty"`
	CaseNumber    string            `json:"case_number,omitempty"`
	Finding       string            `json:"finding,omitempty"`
	Site          string            `json:"site,omitempty"`
	SiteName      string            `json:"site_name,omitempty"`
	Point         string            `json:"connection_point,omitempty" doc:"Code"`
	PartyName     string            `json:"party_name,omitempty"`
	License       string            `json:"license,omitempty"`
	Address       string            `json:"address,omitempty"`
	Region        string            `json:"region,omitempty"`
	Lat           *float64          `json:"lat,omitempty"`
	Lon           *float64          `json:"lon,omitempty"`
	PlannedOn     string            `json:"planned_on"`
	Route         int64             `json:"route"`
	Lead          string            `json:"lead"`
	LeadName      string            `json:"lead_name,omitempty"`
	Agencies      []string          `json:"agencies" nullable:"false"`
	Legal         map[string]string `json:"legal"`
	MissingCount  int               `json:"missing_count" doc:"How much of what the law demands is missing"`
	Checklist     string            `json:"checklist_version"`
	Events        int64             `json:"events" doc:"Events of the field that have come in"`
	Photos        int64             `json:"photos"`
	Serials       int64             `json:"serials" doc:"Serial numbers that were scanned or typed"`
	Answers       int64             `json:"answers" doc:"Answers of the checklist, also those that a later one replaced"`
	Files         int64             `json:"files" doc:"Originals that the events name"`
	FilesReceived int64             `json:"files_received" doc:"Of those, how many have come in"`
	TeamSize      int               `json:"team_size" doc:"People of the registry that go"`
	NoticeBy      string            `json:"notice_by,omitempty" doc:"The last day on which the subject can be told in time; absent when notice was given, is not demanded or an exception stands for it"`
	LastEventAt   *time.Time        `json:"last_event_at,omitempty"`
	Reason        string            `json:"reason,omitempty" doc:"Why it was cancelled"`
	Hold          string            `json:"hold,omitempty" doc:"Why nothing of it may be erased"`
	CreatedAt     time.Time         `json:"created_at"`
	SubmittedAt   *time.Time        `json:"submitted_at,omitempty"`
	FinalizedAt   *time.Time        `json:"finalized_at,omitempty"`
	FinalizedName string            `json:"finalized_by_name,omitempty"`
	UpdatedAt     time.Time         `json:"updated_at"`
	Version       int64             `json:"version"`
	Law           []LegalFieldWire  `json:"law,omitempty"`
	Team          []TeamWire        `json:"team,omitempty"`
	Orders        []RemedyWire      `json:"remedy_orders,omitempty"`
	Allowed       []string          `json:"allowed" nullable:"false" doc:"What the caller may do now: legal team cancel finalize hold order"`
}

// inspectionWire is an inspection as lists show it, names in a language.
func (s *Server) inspectionWire(v enforcement.Visit, actor models.Actor, language string) InspectionWire {
	i := v.Inspection
	w := InspectionWire{ID: i.ID, Number: i.Number, Kind: string(i.Kind), Title: i.Title, State: string(i.State), Case: i.Case, CaseNumber: v.CaseNumber,
		Finding: i.Finding, Site: i.Site, SiteName: v.SiteName.In(language), Point: v.PointCode, License: i.License, Address: i.Address,
		Region: i.Region, PlannedOn: i.PlannedOn, Route: i.Route, Lead: i.Lead, LeadName: v.People[i.Lead], Agencies: append([]string{}, i.Agencies...),
		Legal: i.Legal, MissingCount: len(v.Missing), Checklist: i.Checklist, Events: v.Progress.Events, Photos: v.Progress.Photos,
		Serials: v.Counts.Serials, Answers: v.Counts.Answers, Files: v.Counts.Files, FilesReceived: v.Counts.Received, TeamSize: 1 + len(i.Members), NoticeBy: v.NoticeBy,
		LastEventAt: optionalTime(v.Progress.Last()), Reason: i.Reason, Hold: i.Hold, CreatedAt: i.Created, SubmittedAt: optionalTime(i.Submitted),
		FinalizedAt: optionalTime(i.Finalized), FinalizedName: v.People[i.FinalizedBy], UpdatedAt: i.Updated, Version: i.Version,
		Allowed: allowedOnInspection(i, actor)}
	w.Lat, w.Lon = degrees(i)
	return w
}

// allowedOnInspection names what the actor may do now; the commands ask again.
func allowedOnInspection(i models.Inspection, actor models.Actor) []string {
	may := func(a models.Action) bool { return models.Can(actor, a, models.Scope{}) == nil }
	works := may(models.ActInspectionWork) && (i.Of(actor.ID) || actor.Is(models.RoleHead))
	leads := works && (i.Lead == actor.ID || actor.Is(models.RoleHead))
	visited := i.State == models.InspectionInProgress || i.State == models.InspectionSubmitted || i.State == models.InspectionFinalized
	out := []string{}
	for _, a := range []struct {
		name string
		yes  bool
	}{
		{"legal", works && !i.Over()},
		{"team", may(models.ActInspectionPlan) && !i.Over()},
		{"cancel", may(models.ActInspectionPlan) && !i.Over() && i.State != models.InspectionSubmitted},
		{"finalize", leads && i.State == models.InspectionSubmitted},
		{"hold", may(models.ActEvidenceHold)},
		{"order", works && visited},
	} {
		if a.yes {
			out = append(out, a.name)
		}
	}
	return out
}

// visitWire is an inspection with everything beside it, names in a language.
func (s *Server) visitWire(v enforcement.Visit, actor models.Actor, language string) InspectionWire {
	w, i := s.inspectionWire(v, actor, language), v.Inspection
	w.PartyName = v.PartyName.In(language)
	missing := map[string]string{}
	for _, m := range v.Missing {
		missing[m.Field] = m.Code
	}
	for _, r := range v.Rules {
		w.Law = append(w.Law, LegalFieldWire{Field: r.Field, Or: r.Or, Value: i.Legal[r.Field], Missing: missing[r.Field], Text: textWire(r.Text),
			Why: textWire(r.Why), LegalRef: r.LegalRef, Grade: r.Grade})
	}
	w.Team = append(w.Team, TeamWire{ID: i.Lead, Name: v.People[i.Lead], Role: "lead"})
	for _, p := range i.Members {
		w.Team = append(w.Team, TeamWire{ID: p, Name: v.People[p], Role: "member"})
	}
	for _, p := range i.Former {
		w.Team = append(w.Team, TeamWire{ID: p, Name: v.People[p], Role: "former"})
	}
	for _, o := range v.Orders {
		w.Orders = append(w.Orders, RemedyWire{ID: o.ID, Number: o.Number, Text: o.Text, Article: o.Article, Due: o.Due, License: o.License,
			Obligation: o.Obligation, IssuedAt: o.Issued, IssuedBy: v.People[o.IssuedBy]})
	}
	return w
}

// FieldEventWire is an event of the field as it came in.
type FieldEventWire struct {
	ID         string          `json:"id"`
	Hash       string          `json:"hash"`
	Device     string          `json:"device"`
	DeviceName string          `json:"device_name,omitempty"`
	Seq        int64           `json:"seq"`
	Kind       string          `json:"kind"`
	At         time.Time       `json:"at" doc:"Clock of the device"`
	RecordedAt *time.Time      `json:"recorded_at,omitempty" doc:"When it was recorded by the clock of the registry, as far as that can be told: the device's time put right by what its clock was ahead as it sent, never later than the receipt and never before the event before it"`
	ReceivedAt time.Time       `json:"received_at" doc:"Clock of the registry"`
	ByName     string          `json:"by_name,omitempty"`
	Flags      []string        `json:"flags" nullable:"false"`
	Entry      string          `json:"entry"`
	Index      *int64          `json:"index,omitempty" doc:"Place in the ledger, once it is sealed"`
	Body       json.RawMessage `json:"body"`
	Payload    string          `json:"payload" doc:"What was signed, byte for byte"`
	Signature  string          `json:"signature"`
}

func fieldEventWire(e models.FieldEvent, r enforcement.Review) FieldEventWire {
	body, err := json.Marshal(e.Body)
	if err != nil {
		body = []byte("{}")
	}
	w := FieldEventWire{ID: e.ID, Hash: e.Hash, Device: e.Device, DeviceName: r.Devices[e.Device].Name, Seq: e.Seq, Kind: e.Kind, At: e.At, RecordedAt: optionalTime(e.Recorded), ReceivedAt: e.Received,
		ByName: r.People[e.User], Flags: flagsOf(e.Flags), Entry: e.Entry, Body: body, Payload: e.Payload, Signature: e.Signature}
	if at := r.Receipts[e.Hash]; at.Checkpoint > 0 {
		w.Index = &at.Index
	}
	return w
}

// RigLineWire is one serial number beside what was declared.
type RigLineWire struct {
	Serial string `json:"serial"`
	Model  string `json:"model,omitempty"`
	Rack   string `json:"rack,omitempty"`
	Match  string `json:"match" enum:"declared,missing,unknown,duplicate,elsewhere"`
	Times  int    `json:"times" doc:"How often it was scanned"`
	Site   string `json:"site,omitempty" doc:"Where it is registered"`
}

// PhotoFlagWire is something about a photo to look at.
type PhotoFlagWire struct {
	Code   string `json:"code" enum:"not_received,unreadable,reused,same_file,gallery,no_place,far_from_site,impossible_travel,exif_time,before_visit,exif_place,edited"`
	Other  string `json:"other,omitempty" doc:"Hash of the other picture, or number of the other inspection"`
	Amount int64  `json:"amount,omitempty" doc:"Metres, metres in a second, seconds, or thousandths of a correlation, by the code"`
	How    string `json:"how,omitempty"`
}

// CustodyWire is one time that somebody had an original in hands.
type CustodyWire struct {
	Act     string    `json:"act" enum:"received,received_again,viewed,exported,erased"`
	Purpose string    `json:"purpose,omitempty"`
	At      time.Time `json:"at"`
	ByName  string    `json:"by_name,omitempty"`
	Entry   string    `json:"entry"`
}

// PhotoWire is a photo of the visit with what is found about it.
type PhotoWire struct {
	Event      string          `json:"event"`
	SHA256     string          `json:"sha256"`
	Shot       string          `json:"shot,omitempty"`
	Rack       string          `json:"rack,omitempty"`
	Source     string          `json:"source,omitempty"`
	Note       string          `json:"note,omitempty"`
	At         time.Time       `json:"at"`
	ReceivedAt time.Time       `json:"received_at"`
	Lat        *float64        `json:"lat,omitempty"`
	Lon        *float64        `json:"lon,omitempty"`
	AccuracyM  float64         `json:"accuracy_m,omitempty"`
	There      bool            `json:"there" doc:"The file has come in"`
	Bytes      int64           `json:"bytes,omitempty"`
	MediaType  string          `json:"media_type,omitempty"`
	Flags      []PhotoFlagWire `json:"flags" nullable:"false"`
	Custody    []CustodyWire   `json:"custody" nullable:"false"`
}

// AnswerWire is an answer of the checklist.
type AnswerWire struct {
	Section  TextWire `json:"section"`
	Question string   `json:"question"`
	Text     TextWire `json:"text"`
	Unit     string   `json:"unit,omitempty"`
	Value    string   `json:"value,omitempty" doc:"Absent when it was not answered"`
	Note     string   `json:"note,omitempty"`
	Required bool     `json:"required"`
}

// EventConflictWire are texts that contradict each other under one id.
type EventConflictWire struct {
	ID       string           `json:"id"`
	Versions []FieldEventWire `json:"versions" nullable:"false"`
	Counts   string           `json:"counts,omitempty" doc:"Hash of the version that stands in the protocol: of two devices' words the later, by times put right by what their clocks showed as they sent; of texts under one id the first to come in"`
}

// GapWire is a run of events that have not come in.
type GapWire struct {
	Device string `json:"device"`
	From   int64  `json:"from"`
	To     int64  `json:"to"`
}

// PowerLineWire is one power at the place of a visit.
type PowerLineWire struct {
	Source string  `json:"source" enum:"licensed,permitted,declared,found,display,clamp,current" doc:"What tells it: the license, the acts of the connections, nameplates of the declared and of the found rigs, a meter's display, a clamp's power, a clamp's currents at 230 V"`
	Meter  string  `json:"meter,omitempty" doc:"Serial number, for what was measured"`
	Kw     float64 `json:"kw"`
	Rigs   int     `json:"rigs,omitempty" doc:"That it is the sum of, for nameplates"`
	Part   bool    `json:"part,omitempty" doc:"Not all of it: a rig without a nameplate, a phase that was not measured"`
	Over   bool    `json:"over,omitempty" doc:"More than the license or the acts allow, whichever is less"`
}

// ReviewWire is a protocol beside what is declared.
type ReviewWire struct {
	StartedAt  *time.Time          `json:"started_at,omitempty"`
	FinishedAt *time.Time          `json:"finished_at,omitempty"`
	Refused    *FieldEventWire     `json:"access_refused,omitempty"`
	Summary    string              `json:"summary,omitempty"`
	Language   string              `json:"language,omitempty"`
	Answers    []AnswerWire        `json:"answers" nullable:"false"`
	Unanswered []string            `json:"unanswered" nullable:"false" doc:"question:id and shot:id that are required"`
	Rigs       []RigLineWire       `json:"rigs" nullable:"false"`
	Power      []PowerLineWire     `json:"power" nullable:"false" doc:"What is allowed and declared, and what was found"`
	Photos     []PhotoWire         `json:"photos" nullable:"false"`
	Seized     []string            `json:"seized" nullable:"false"`
	Conflicts  []EventConflictWire `json:"conflicts" nullable:"false"`
	Gaps       []GapWire           `json:"gaps" nullable:"false"`
	Voided     map[string]string   `json:"voided" doc:"Reason by id of the event"`
	Racks      []FieldEventWire    `json:"racks" nullable:"false"`
	Readings   []FieldEventWire    `json:"readings" nullable:"false"`
	Seals      []FieldEventWire    `json:"seals" nullable:"false"`
	Notes      []FieldEventWire    `json:"notes" nullable:"false"`
	Signatures []FieldEventWire    `json:"signatures" nullable:"false"`
}

func reviewWire(r enforcement.Review) ReviewWire {
	p := r.Protocol
	events := func(list []models.FieldEvent) []FieldEventWire {
		out := []FieldEventWire{}
		for _, e := range list {
			out = append(out, fieldEventWire(e, r))
		}
		return out
	}
	w := ReviewWire{StartedAt: optionalTime(p.Started), FinishedAt: optionalTime(p.Finished), Summary: p.Summary, Language: p.Language, Answers: answersWire(r),
		Unanswered: append([]string{}, r.Unanswered...), Rigs: []RigLineWire{}, Power: []PowerLineWire{}, Photos: []PhotoWire{}, Seized: append([]string{}, p.Seized...),
		Conflicts: []EventConflictWire{}, Gaps: []GapWire{}, Voided: p.Voided, Racks: events(p.Racks), Readings: events(p.Readings), Seals: events(p.Seals),
		Notes: events(p.Notes), Signatures: events(p.Signatures)}
	if p.Refused != nil {
		refused := fieldEventWire(*p.Refused, r)
		w.Refused = &refused
	}
	for _, x := range r.Rigs {
		w.Rigs = append(w.Rigs, RigLineWire{Serial: x.Serial, Model: x.Model, Rack: x.Rack, Match: string(x.Match), Times: x.Times, Site: x.Site})
	}
	for _, x := range r.Power {
		w.Power = append(w.Power, PowerLineWire{Source: string(x.Source), Meter: x.Meter, Kw: kw(x.Power), Rigs: x.Rigs, Part: x.Part, Over: x.Over})
	}
	for _, x := range r.Photos {
		w.Photos = append(w.Photos, photoWire(x, r.People))
	}
	for _, c := range r.Conflicts {
		w.Conflicts = append(w.Conflicts, EventConflictWire{ID: c.ID, Versions: events(c.Versions), Counts: c.Counts})
	}
	for _, g := range r.Gaps {
		w.Gaps = append(w.Gaps, GapWire(g))
	}
	return w
}

func answersWire(r enforcement.Review) []AnswerWire {
	out := []AnswerWire{}
	for _, sec := range r.Checklist.Sections {
		for _, q := range sec.Questions {
			a := r.Protocol.Answers[q.ID]
			out = append(out, AnswerWire{Section: textWire(sec.Title), Question: q.ID, Text: textWire(q.Text), Unit: q.Unit, Value: a.Value, Note: a.Note, Required: q.Required})
		}
	}
	return out
}

func photoWire(x enforcement.ReviewedPhoto, people map[string]string) PhotoWire {
	p := x.Photo
	w := PhotoWire{Event: p.Event, SHA256: p.SHA256, Shot: p.Shot, Rack: p.Rack, Source: p.Source, Note: p.Note, At: p.At, ReceivedAt: p.Received,
		AccuracyM: p.Accuracy, There: x.Blob != nil, Flags: []PhotoFlagWire{}, Custody: []CustodyWire{}}
	if p.HasPlace {
		lat, lon := float64(p.LatE7)/1e7, float64(p.LonE7)/1e7
		w.Lat, w.Lon = &lat, &lon
	}
	if x.Blob != nil {
		w.Bytes, w.MediaType = x.Blob.Bytes, x.Blob.MediaType
	}
	for _, f := range x.Flags {
		w.Flags = append(w.Flags, PhotoFlagWire(f))
	}
	for _, c := range x.Custody {
		w.Custody = append(w.Custody, CustodyWire{Act: c.Act, Purpose: c.Purpose, At: c.At, ByName: people[c.By], Entry: c.Entry})
	}
	return w
}
