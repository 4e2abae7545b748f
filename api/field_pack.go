package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"rigistry/models"
	"rigistry/services/enforcement"
)

// TextWire is a text in the three languages.
type TextWire struct {
	Kk string `json:"kk"`
	Ru string `json:"ru"`
	En string `json:"en"`
}

func textWire(t models.Text) TextWire { return TextWire{Kk: t.Kk, Ru: t.Ru, En: t.En} }

// PackMissing is something that the law demands and that is not there.
type PackMissing struct {
	Field string   `json:"field"`
	Why   TextWire `json:"why"`
}

// PackPerson is somebody of the team.
type PackPerson struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Lead bool   `json:"lead"`
}

// PackInspection is the visit in its pack.
type PackInspection struct {
	ID        string            `json:"id"`
	Number    string            `json:"number"`
	Kind      string            `json:"kind"`
	Title     string            `json:"title"`
	PlannedOn string            `json:"planned_on"`
	State     string            `json:"state"`
	Legal     map[string]string `json:"legal"`
	Missing   []PackMissing     `json:"missing"`
	Team      []PackPerson      `json:"team"`
}

// PackSite is the place of a visit.
type PackSite struct {
	Name    TextWire `json:"name"`
	Address string   `json:"address"`
	Lat     *float64 `json:"lat"`
	Lon     *float64 `json:"lon"`
	Region  string   `json:"region"`
}

// PackHolder is who holds the license or the connection.
type PackHolder struct {
	Name TextWire `json:"name"`
	Bin  string   `json:"bin"`
}

// PackPointWire is a connection of the place.
type PackPointWire struct {
	Code        string  `json:"code"`
	PermittedKw float64 `json:"permitted_kw"`
	LicensedKw  float64 `json:"licensed_kw"`
	MeterSerial string  `json:"meter_serial"`
}

// PackRig is a rig that is declared for the place.
type PackRig struct {
	Serial string `json:"serial"`
	Model  string `json:"model"`
	RatedW int64  `json:"rated_w"`
	Rack   string `json:"rack"`
	Status string `json:"status"`
}

// PackElsewhere is a rig that is registered at another site of the region.
type PackElsewhere struct {
	Serial string `json:"serial"`
	Site   string `json:"site"`
}

// PackCase is the case behind a visit.
type PackCase struct {
	Number  string `json:"number"`
	Summary string `json:"summary"`
}

// PackFinding is the finding behind a visit.
type PackFinding struct {
	Sentence    string     `json:"sentence"`
	EstimatedKw float64    `json:"estimated_kw"`
	Interval    [2]float64 `json:"interval"`
}

// PackQuestion is a question of the checklist.
type PackQuestion struct {
	ID       string   `json:"id"`
	Text     TextWire `json:"text"`
	Kind     string   `json:"kind"`
	Choices  []string `json:"choices,omitempty"`
	Unit     string   `json:"unit,omitempty"`
	Required bool     `json:"required"`
	Why      TextWire `json:"why"`
}

// PackSection is a screen of questions.
type PackSection struct {
	ID        string         `json:"id"`
	Title     TextWire       `json:"title"`
	Questions []PackQuestion `json:"questions"`
}

// PackChecklist is the checklist of a visit.
type PackChecklist struct {
	Version  string        `json:"version"`
	Sections []PackSection `json:"sections"`
}

// PackShot is a photo that belongs to the protocol.
type PackShot struct {
	ID       string   `json:"id"`
	Title    TextWire `json:"title"`
	Required bool     `json:"required"`
}

// PackWire is what the team of a visit takes along.
type PackWire struct {
	Version    string          `json:"version"`
	Inspection PackInspection  `json:"inspection"`
	Site       PackSite        `json:"site"`
	Holder     *PackHolder     `json:"holder"`
	Points     []PackPointWire `json:"connection_points"`
	Declared   []PackRig       `json:"declared"`
	Elsewhere  []PackElsewhere `json:"known_elsewhere"`
	Case       *PackCase       `json:"case"`
	Finding    *PackFinding    `json:"finding"`
	Checklist  PackChecklist   `json:"checklist"`
	Shots      []PackShot      `json:"shots"`
	StatusList string          `json:"status_list"`
	Keys       json.RawMessage `json:"keys"`
	MadeAt     time.Time       `json:"made_at"`
}

// packOutput answers with a pack whose length is known, so that a slow phone can show how
// far it is.
type packOutput struct {
	ContentType   string `header:"Content-Type"`
	ContentLength string `header:"Content-Length"`
	ETag          string `header:"ETag"`
	Body          []byte
}

type packQuery struct {
	ByID
	OfDevice
}

func (s *Server) getPack(ctx context.Context, actor models.Actor, in *packQuery) (*packOutput, error) {
	if err := s.device(ctx, actor, in.Device); err != nil {
		return nil, err
	}
	p, err := s.svc.Enforcement.InspectionPack(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	_, list, err := s.svc.Gate.StatusList(ctx, actor, 0)
	if err != nil {
		return nil, err
	}
	w, err := s.packWire(ctx, p, list)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(w)
	if err != nil {
		return nil, fmt.Errorf("pack of inspection %s: %w", in.ID, err)
	}
	return &packOutput{ContentType: "application/json", ContentLength: strconv.Itoa(len(body)), ETag: `"` + w.Version + `"`, Body: body}, nil
}

// packWire is a pack with its version, which is a digest of what can change in it.
func (s *Server) packWire(ctx context.Context, p enforcement.Pack, list string) (w PackWire, err error) {
	w = PackWire{Inspection: packInspection(p.Visit), Site: packSite(p), Points: []PackPointWire{}, Declared: []PackRig{}, Elsewhere: []PackElsewhere{},
		Checklist: packChecklist(p.Checklist), Shots: []PackShot{}}
	if p.Holder.ID != "" {
		w.Holder = &PackHolder{Name: textWire(models.Named(p.Holder.NameKk, p.Holder.NameRu)), Bin: p.Holder.BinOrIin}
	}
	for _, x := range p.Points {
		w.Points = append(w.Points, PackPointWire{Code: x.Point.Code, PermittedKw: kw(x.Point.Permitted), LicensedKw: kw(x.Point.Licensed), MeterSerial: x.Meter})
	}
	for _, e := range p.Declared {
		w.Declared = append(w.Declared, PackRig{Serial: e.Serial, Model: e.Manufacturer + " " + e.Model, RatedW: int64(e.Nameplate), Status: string(e.State)})
	}
	for _, e := range p.Elsewhere {
		w.Elsewhere = append(w.Elsewhere, PackElsewhere(e))
	}
	if p.Visit.CaseNumber != "" {
		w.Case = &PackCase{Number: p.Visit.CaseNumber, Summary: p.Case.Summary}
	}
	if f := p.Finding; f != nil {
		w.Finding = &PackFinding{Sentence: s.explain(languageOf(ctx), *f), EstimatedKw: kw(f.Estimated), Interval: [2]float64{kw(f.Low), kw(f.High)}}
	}
	for _, x := range p.Checklist.Shots {
		w.Shots = append(w.Shots, PackShot{ID: x.ID, Title: textWire(x.Title), Required: x.Required})
	}
	body, err := json.Marshal(w)
	if err != nil {
		return w, fmt.Errorf("version of a pack: %w", err)
	}
	sum := sha256.Sum256(body)
	w.Version = hex.EncodeToString(sum[:8])
	w.StatusList, w.Keys, w.MadeAt = list, s.svc.Identity.JWKS(), s.now().UTC()
	return w, nil
}

func packInspection(v enforcement.Visit) PackInspection {
	i := v.Inspection
	w := PackInspection{ID: i.ID, Number: i.Number, Kind: string(i.Kind), Title: i.Title, PlannedOn: i.PlannedOn, State: string(i.State), Legal: i.Legal,
		Missing: []PackMissing{}, Team: []PackPerson{{ID: i.Lead, Name: v.People[i.Lead], Lead: true}}}
	for _, m := range v.Missing {
		w.Missing = append(w.Missing, PackMissing{Field: m.Field, Why: textWire(m.Why)})
	}
	for _, p := range i.Members {
		w.Team = append(w.Team, PackPerson{ID: p, Name: v.People[p]})
	}
	return w
}

func packSite(p enforcement.Pack) PackSite {
	i := p.Visit.Inspection
	w := PackSite{Name: textWire(models.Named(p.Site.NameKk, p.Site.NameRu)), Address: i.Address, Region: i.Region}
	if w.Name.Ru == "" {
		w.Name = textWire(models.Named("", i.Title))
	}
	w.Lat, w.Lon = degrees(i)
	return w
}

// degrees gives where an inspection is, nil when it is not known.
func degrees(i models.Inspection) (lat, lon *float64) {
	if i.LatE7 == 0 && i.LonE7 == 0 {
		return nil, nil
	}
	a, b := float64(i.LatE7)/1e7, float64(i.LonE7)/1e7
	return &a, &b
}

func packChecklist(c models.VisitChecklist) PackChecklist {
	w := PackChecklist{Version: c.Version, Sections: []PackSection{}}
	for _, sec := range c.Sections {
		x := PackSection{ID: sec.ID, Title: textWire(sec.Title), Questions: []PackQuestion{}}
		for _, q := range sec.Questions {
			x.Questions = append(x.Questions, PackQuestion{ID: q.ID, Text: textWire(q.Text), Kind: q.Kind, Choices: q.Choices, Unit: q.Unit, Required: q.Required, Why: textWire(q.Why)})
		}
		w.Sections = append(w.Sections, x)
	}
	return w
}

// TodayWire is one visit of an inspector's day.
type TodayWire struct {
	ID          string `json:"id"`
	Number      string `json:"number"`
	Title       string `json:"title"`
	PlannedOn   string `json:"planned_on"`
	Route       int64  `json:"route"`
	Address     string `json:"address"`
	State       string `json:"state"`
	PackBytes   int    `json:"pack_bytes" doc:"About how large the pack is; 0 when it was given to somebody else"`
	PackVersion string `json:"pack_version"`
	Reassigned  bool   `json:"reassigned"`
}

// DayWire is an inspector's day.
type DayWire struct {
	Items      []TodayWire `json:"items" nullable:"false"`
	ServerTime time.Time   `json:"server_time"`
	CacheUntil time.Time   `json:"cache_until" doc:"When packs have to become unreadable on a device that had no contact until then"`
}

func (s *Server) getToday(ctx context.Context, actor models.Actor, in *OfDevice) (*output[DayWire], error) {
	if err := s.device(ctx, actor, in.Device); err != nil {
		return nil, err
	}
	visits, err := s.svc.Enforcement.Today(ctx, actor)
	if err != nil {
		return nil, err
	}
	_, list, err := s.svc.Gate.StatusList(ctx, actor, 0)
	if err != nil {
		return nil, err
	}
	now := s.now().UTC()
	out := DayWire{Items: []TodayWire{}, ServerTime: now, CacheUntil: now.Add(models.FieldCacheTerm)}
	for _, v := range visits {
		i := v.Pack.Visit.Inspection
		w := TodayWire{ID: i.ID, Number: i.Number, Title: i.Title, PlannedOn: i.PlannedOn, Route: i.Route, Address: i.Address, State: string(i.State), Reassigned: v.Reassigned}
		if !v.Reassigned {
			pack, err := s.packWire(ctx, v.Pack, list)
			if err != nil {
				return nil, err
			}
			body, err := json.Marshal(pack)
			if err != nil {
				return nil, fmt.Errorf("size of the pack of inspection %s: %w", i.ID, err)
			}
			w.PackBytes, w.PackVersion = len(body), pack.Version
		}
		out.Items = append(out.Items, w)
	}
	return &output[DayWire]{Body: out}, nil
}
