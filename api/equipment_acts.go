package api

import (
	"context"
	"time"

	"rigistry/models"
	"rigistry/services/licensing"
	"rigistry/services/store"
)

// PositionWire is whose a rig is and where it stands.
type PositionWire struct {
	Owner     string `json:"owner" doc:"Party id"`
	OwnerName string `json:"owner_name,omitempty"`
	OwnerBin  string `json:"owner_bin,omitempty"`
	Site      string `json:"site,omitempty" doc:"Site id"`
	SiteCode  string `json:"site_code,omitempty"`
	SiteName  string `json:"site_name,omitempty"`
	License   string `json:"license,omitempty"`
	State     string `json:"state" enum:"active,stored,sold,exported,scrapped,seized"`
}

func positionWire(p models.EquipmentPosition, names licensing.EquipmentNames, language string) PositionWire {
	owner, site := names.Parties[p.Owner], names.Sites[p.Site]
	w := PositionWire{Owner: p.Owner, OwnerBin: owner.BinOrIin, Site: p.Site, SiteCode: site.Code, License: p.License, State: string(p.State),
		OwnerName: owner.NameRu, SiteName: site.NameRu}
	if language == "kk" || owner.NameRu == "" {
		w.OwnerName = owner.NameKk
	}
	if language == "kk" || site.NameRu == "" {
		w.SiteName = site.NameKk
	}
	return w
}

// EquipmentEventWire is one fact in the life of a rig. It never changes.
type EquipmentEventWire struct {
	ID          string       `json:"id"`
	Version     int64        `json:"version" doc:"Of the rig after the event"`
	Kind        string       `json:"kind" enum:"moved,stored,sold,seized,released,removed,awarded,corrected"`
	EffectiveOn string       `json:"effective_on" doc:"Legal date from which it holds"`
	RecordedAt  time.Time    `json:"recorded_at"`
	Before      PositionWire `json:"before"`
	After       PositionWire `json:"after"`
	Document    string       `json:"document,omitempty" doc:"Number of the contract, case, order or act"`
	Authority   string       `json:"authority,omitempty"`
	Note        string       `json:"note,omitempty"`
	Alarm       string       `json:"alarm,omitempty" doc:"Id of the alarm that it resolved"`
	ActorName   string       `json:"actor_name,omitempty" doc:"Who recorded it; shown to the registry's own people"`
}

func (s *Server) listEquipmentEvents(ctx context.Context, actor models.Actor, in *ByID) (*listOutput[EquipmentEventWire], error) {
	events, err := s.svc.Licensing.EquipmentEvents(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	positions := make([]models.EquipmentPosition, 0, 2*len(events))
	for _, x := range events {
		positions = append(positions, x.Before, x.After)
	}
	names, err := s.svc.Licensing.EquipmentNames(ctx, positions...)
	if err != nil {
		return nil, err
	}
	inside := models.Can(actor, models.ActEquipmentRead, models.Scope{Party: "?"}) == nil
	return listOf(events, "", func(x models.EquipmentEvent) EquipmentEventWire {
		w := EquipmentEventWire{ID: x.ID, Version: x.Version, Kind: string(x.Kind), EffectiveOn: x.EffectiveOn, RecordedAt: x.RecordedAt,
			Before: positionWire(x.Before, names, languageOf(ctx)), After: positionWire(x.After, names, languageOf(ctx)),
			Document: x.Document, Authority: x.Authority}
		if inside {
			w.Note, w.Alarm, w.ActorName = x.Note, x.Alarm, x.ActorName
		}
		return w
	}), nil
}

// ActBase is what every act has. It is exported because huma takes no fields from an
// embedded type that is not.
type ActBase struct {
	EffectiveOn string `json:"effective_on,omitempty" maxLength:"10" example:"2026-03-02" doc:"Legal date from which it holds; today when absent"`
	Note        string `json:"note,omitempty" maxLength:"1000"`
}

// MoveInput is a move to a site.
type MoveInput struct {
	ActBase
	Site     string `json:"site" maxLength:"64" doc:"Site id or code"`
	License  string `json:"license,omitempty" maxLength:"32" doc:"Under which it works there"`
	Document string `json:"document,omitempty" maxLength:"200"`
	Owner    string `json:"owner,omitempty" maxLength:"64" doc:"Who declares the move, by party id, BIN or IIN; another than the registered owner raises an alarm"`
}

// StorageInput puts a rig into storage.
type StorageInput struct {
	ActBase
	Site     string `json:"site,omitempty" maxLength:"64" doc:"Where it is stored; where it stands when absent"`
	Document string `json:"document,omitempty" maxLength:"200"`
}

// SaleInput is a sale to another party of the register.
type SaleInput struct {
	ActBase
	Buyer    string `json:"buyer" maxLength:"64" doc:"Party id, BIN or IIN"`
	Contract string `json:"contract" maxLength:"200" doc:"Number of the contract"`
	Site     string `json:"site,omitempty" maxLength:"64" doc:"Where it works for the buyer; in storage when absent"`
	License  string `json:"license,omitempty" maxLength:"32" doc:"The buyer's license"`
}

// SeizureInput is a seizure.
type SeizureInput struct {
	ActBase
	Authority  string `json:"authority" maxLength:"200"`
	CaseNumber string `json:"case_number" maxLength:"200"`
}

// ReleaseInput is the release of a seized rig.
type ReleaseInput struct {
	ActBase
	Authority string `json:"authority,omitempty" maxLength:"200"`
	Document  string `json:"document" maxLength:"200" doc:"Number of the order of release"`
}

// RemovalInput takes a rig out of use for good.
type RemovalInput struct {
	ActBase
	Reason   string `json:"reason" enum:"scrapped,exported,sold" doc:"sold is to a buyer outside the register"`
	Document string `json:"document" maxLength:"200" doc:"Number of the act, declaration or contract"`
}

type equipmentAct[B any] struct {
	ByID
	IfMatch
	Idempotent
	Body B
}

func (s *Server) record(ctx context.Context, actor models.Actor, id string, match IfMatch, d licensing.Declaration) (*output[EquipmentWire], error) {
	version, err := match.version()
	if err != nil {
		return nil, err
	}
	e, err := s.svc.Licensing.RecordEquipment(ctx, actor, id, version, d)
	return s.equipmentOutput(ctx, actor, e, err)
}

func (b ActBase) act(kind models.EquipmentEventKind, document string, to models.EquipmentPosition) models.EquipmentAct {
	return models.EquipmentAct{Kind: kind, EffectiveOn: b.EffectiveOn, Note: b.Note, Document: document, To: to}
}

func (s *Server) postMove(ctx context.Context, actor models.Actor, in *equipmentAct[MoveInput]) (*output[EquipmentWire], error) {
	b := in.Body
	return s.record(ctx, actor, in.ID, in.IfMatch, licensing.Declaration{Declarant: b.Owner,
		EquipmentAct: b.act(models.EquipmentMoved, b.Document, models.EquipmentPosition{Site: b.Site, License: b.License})})
}

func (s *Server) postStorage(ctx context.Context, actor models.Actor, in *equipmentAct[StorageInput]) (*output[EquipmentWire], error) {
	b := in.Body
	return s.record(ctx, actor, in.ID, in.IfMatch, licensing.Declaration{
		EquipmentAct: b.act(models.EquipmentPutAway, b.Document, models.EquipmentPosition{Site: b.Site})})
}

func (s *Server) postSale(ctx context.Context, actor models.Actor, in *equipmentAct[SaleInput]) (*output[EquipmentWire], error) {
	b := in.Body
	return s.record(ctx, actor, in.ID, in.IfMatch, licensing.Declaration{
		EquipmentAct: b.act(models.EquipmentSale, b.Contract, models.EquipmentPosition{Owner: b.Buyer, Site: b.Site, License: b.License})})
}

func (s *Server) postSeizure(ctx context.Context, actor models.Actor, in *equipmentAct[SeizureInput]) (*output[EquipmentWire], error) {
	act := in.Body.act(models.EquipmentTaken, in.Body.CaseNumber, models.EquipmentPosition{})
	act.Authority = in.Body.Authority
	return s.record(ctx, actor, in.ID, in.IfMatch, licensing.Declaration{EquipmentAct: act})
}

func (s *Server) postRelease(ctx context.Context, actor models.Actor, in *equipmentAct[ReleaseInput]) (*output[EquipmentWire], error) {
	act := in.Body.act(models.EquipmentReleased, in.Body.Document, models.EquipmentPosition{})
	act.Authority = in.Body.Authority
	return s.record(ctx, actor, in.ID, in.IfMatch, licensing.Declaration{EquipmentAct: act})
}

func (s *Server) postRemoval(ctx context.Context, actor models.Actor, in *equipmentAct[RemovalInput]) (*output[EquipmentWire], error) {
	b := in.Body
	return s.record(ctx, actor, in.ID, in.IfMatch, licensing.Declaration{
		EquipmentAct: b.act(models.EquipmentRemoved, b.Document, models.EquipmentPosition{State: models.EquipmentState(b.Reason)})})
}

// AlarmWire is a rig claimed at two places.
type AlarmWire struct {
	ID           string        `json:"id"`
	Kind         string        `json:"kind" enum:"same,similar" doc:"similar: the serial numbers are easily mistaken for one another"`
	State        string        `json:"state" enum:"open,resolved"`
	Rig          string        `json:"rig" doc:"Id of the rig of the register"`
	First        PositionWire  `json:"first" doc:"What the register had when the alarm was raised"`
	FirstRig     EquipmentWire `json:"first_rig" doc:"The rig as the register has it now"`
	Second       PositionWire  `json:"second" doc:"What was claimed"`
	SecondRig    EquipmentWire `json:"second_rig" doc:"The claim, as it would have been registered"`
	Source       string        `json:"source" enum:"import,registration,move"`
	Import       string        `json:"import,omitempty" doc:"Id of the import that claimed it"`
	OpenedAt     time.Time     `json:"opened_at"`
	OpenedByName string        `json:"opened_by_name,omitempty"`
	Outcome      string        `json:"outcome,omitempty" enum:"first_right,second_right,different_machines,typing_error"`
	Note         string        `json:"note,omitempty"`
	ResolvedAt   *time.Time    `json:"resolved_at,omitempty"`
	ResolvedBy   string        `json:"resolved_by_name,omitempty"`
	Registered   string        `json:"registered,omitempty" doc:"Id of the rig that the resolution registered"`
	Version      int64         `json:"version"`
	Allowed      []string      `json:"allowed" nullable:"false" doc:"What the caller may do now: resolve"`
}

// alarmWires names everything beside alarms.
func (s *Server) alarmWires(ctx context.Context, actor models.Actor, alarms ...models.EquipmentAlarm) ([]AlarmWire, error) {
	var positions []models.EquipmentPosition
	var ids []string
	people := map[string]string{}
	for _, a := range alarms {
		positions, ids = append(positions, a.First, a.Claim.Position()), append(ids, a.Rig)
		for _, id := range []string{a.OpenedBy, a.ResolvedBy} {
			if _, known := people[id]; known || id == "" {
				continue
			}
			name, err := s.svc.Identity.NameOf(ctx, id)
			if err != nil {
				return nil, err
			}
			people[id] = name
		}
	}
	rigs, err := s.svc.Licensing.EquipmentRigs(ctx, actor, ids)
	if err != nil {
		return nil, err
	}
	names, err := s.svc.Licensing.EquipmentNames(ctx, positions...)
	out := make([]AlarmWire, 0, len(alarms))
	for _, a := range alarms {
		w := AlarmWire{ID: a.ID, Kind: string(a.Kind), State: a.State, Rig: a.Rig, First: positionWire(a.First, names, languageOf(ctx)),
			FirstRig: equipmentWire(rigs[a.Rig]), Second: positionWire(a.Claim.Position(), names, languageOf(ctx)), SecondRig: equipmentWire(a.Claim),
			Source: string(a.Source), Import: a.SourceRef, OpenedAt: a.OpenedAt, OpenedByName: people[a.OpenedBy], Outcome: string(a.Outcome),
			Note: a.Note, ResolvedAt: optionalTime(a.ResolvedAt), ResolvedBy: people[a.ResolvedBy], Registered: a.Registered, Version: a.Version, Allowed: []string{}}
		if a.State == models.AlarmOpen && models.Can(actor, models.ActAlarmResolve, models.Scope{}) == nil {
			w.Allowed = append(w.Allowed, "resolve")
		}
		out = append(out, w)
	}
	return out, err
}

type alarmsQuery struct {
	ListQuery
	State string `query:"state" enum:"open,resolved"`
	Rig   string `query:"rig" maxLength:"64" doc:"Id of the rig of the register"`
	Party string `query:"party" maxLength:"64" doc:"Id of the first or the second owner"`
}

func (s *Server) listAlarms(ctx context.Context, actor models.Actor, in *alarmsQuery) (*listOutput[AlarmWire], error) {
	found, next, err := s.svc.Licensing.EquipmentAlarms(ctx, actor, store.AlarmFilter{State: in.State, Rig: in.Rig, Party: in.Party}, in.page())
	if err != nil {
		return nil, err
	}
	wires, err := s.alarmWires(ctx, actor, found...)
	return &listOutput[AlarmWire]{Body: list[AlarmWire]{Items: wires, Next: next}}, err
}

func (s *Server) getAlarm(ctx context.Context, actor models.Actor, in *ByID) (*output[AlarmWire], error) {
	a, err := s.svc.Licensing.EquipmentAlarm(ctx, actor, in.ID)
	return s.alarmOutput(ctx, actor, a, err)
}

func (s *Server) alarmOutput(ctx context.Context, actor models.Actor, a models.EquipmentAlarm, err error) (*output[AlarmWire], error) {
	if err != nil {
		return nil, err
	}
	wires, err := s.alarmWires(ctx, actor, a)
	if err != nil {
		return nil, err
	}
	return &output[AlarmWire]{ETag: etag(a.Version), Body: wires[0]}, nil
}

// ResolutionInput decides an alarm.
type ResolutionInput struct {
	Outcome      string `json:"outcome" enum:"first_right,second_right,different_machines,typing_error"`
	Note         string `json:"note" maxLength:"1000" doc:"What the outcome rests on"`
	Manufacturer string `json:"manufacturer,omitempty" maxLength:"100" doc:"different_machines: the right manufacturer of the second"`
	Serial       string `json:"serial,omitempty" maxLength:"100" doc:"The right serial number of the second; with it, a typing error is registered"`
}

func (s *Server) postResolution(ctx context.Context, actor models.Actor, in *equipmentAct[ResolutionInput]) (*output[AlarmWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	a, err := s.svc.Licensing.ResolveEquipmentAlarm(ctx, actor, in.ID, version, models.Resolution{Outcome: models.AlarmOutcome(in.Body.Outcome),
		Note: in.Body.Note, Manufacturer: in.Body.Manufacturer, Serial: in.Body.Serial})
	return s.alarmOutput(ctx, actor, a, err)
}
