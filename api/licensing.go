package api

import (
	"context"
	"net/http"

	"rigistry/models"
	"rigistry/services/licensing"
	"rigistry/services/store"
)

func (s *Server) licensingRoutes() []route {
	return append(s.registerRoutes(), append(s.applicationRoutes(), s.licenseRoutes()...)...)
}

// registerRoutes are parties, sites and the reference data.
func (s *Server) registerRoutes() []route {
	return []route{
		handle("GET", "/v1/parties", models.ActPartyRead, "Parties", "Parties; an applicant sees its own", s.listParties),
		handle("POST", "/v1/parties", models.ActPartyWrite, "Parties", "Register a party", s.postParty).with(http.StatusCreated),
		handle("GET", "/v1/parties/{id}", models.ActPartyRead, "Parties", "One party, by id, BIN or IIN", s.getParty),
		handle("PUT", "/v1/parties/{id}", models.ActPartyWrite, "Parties", "Change a party; its BIN or IIN stays", s.putParty),
		handle("GET", "/v1/sites", models.ActSiteRead, "Sites", "Data centres; an applicant sees its own", s.listSites),
		handle("POST", "/v1/sites", models.ActSiteWrite, "Sites", "Register a data centre", s.postSite).with(http.StatusCreated),
		handle("GET", "/v1/sites/{id}", models.ActSiteRead, "Sites", "One data centre, by id or code", s.getSite),
		handle("PUT", "/v1/sites/{id}", models.ActSiteWrite, "Sites", "Change a data centre; its code and owner stay", s.putSite),
		handle("GET", "/v1/reference/grounds", models.ActPublicRead, "Reference", "Grounds and reasons that the law gives, today", s.listGrounds),
		handle("GET", "/v1/reference/requirements", models.ActPublicRead, "Reference", "Qualification requirements, today", s.listRequirements),
		handle("GET", "/v1/reference/calendar", models.ActPublicRead, "Reference", "Days off and moved days of a year", s.listHolidays),
	}
}

type partiesQuery struct {
	ListQuery
	Q     string `query:"q" maxLength:"200" doc:"Words of a name by their beginnings in any spelling, or the beginning of a BIN or IIN"`
	State string `query:"state" enum:"active,in_liquidation,bankrupt,dissolved,merged"`
}

func (s *Server) listParties(ctx context.Context, actor models.Actor, in *partiesQuery) (*listOutput[PartyWire], error) {
	found, next, err := s.svc.Licensing.Parties(ctx, actor, store.PartyFilter{Query: in.Q, State: in.State}, in.page())
	if err != nil {
		return nil, err
	}
	return listOf(found, next, partyWire), nil
}

type partyBody struct {
	Idempotent
	Body PartyWire
}

func (s *Server) postParty(ctx context.Context, actor models.Actor, in *partyBody) (*created[PartyWire], error) {
	p, err := s.svc.Licensing.RegisterParty(ctx, actor, partyOf(in.Body))
	if err != nil {
		return nil, err
	}
	return &created[PartyWire]{Location: "/v1/parties/" + p.ID, ETag: etag(p.Version), Body: partyWire(p)}, nil
}

func (s *Server) getParty(ctx context.Context, actor models.Actor, in *ByID) (*output[PartyWire], error) {
	return partyOutput(s.svc.Licensing.Party(ctx, actor, in.ID))
}

type partyPut struct {
	ByID
	IfMatch
	Body PartyWire
}

func (s *Server) putParty(ctx context.Context, actor models.Actor, in *partyPut) (*output[PartyWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	old, err := s.svc.Licensing.Party(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	if models.NormalizeIdentifier(in.Body.BinOrIin) != old.BinOrIin {
		var v models.Invalid
		v.Add("/bin_or_iin", "not_allowed", "The BIN or IIN of a party cannot change. Register another party.")
		return nil, v.Err()
	}
	return partyOutput(s.svc.Licensing.UpdateParty(ctx, actor, old.ID, version, partyChangeOf(in.Body)))
}

func partyOutput(p models.Party, err error) (*output[PartyWire], error) {
	if err != nil {
		return nil, err
	}
	return &output[PartyWire]{ETag: etag(p.Version), Body: partyWire(p)}, nil
}

type sitesQuery struct {
	ListQuery
	Owner string `query:"owner" maxLength:"64" doc:"Party id"`
	Q     string `query:"q" maxLength:"200" doc:"Part of code, name or address"`
}

func (s *Server) listSites(ctx context.Context, actor models.Actor, in *sitesQuery) (*listOutput[SiteWire], error) {
	found, next, err := s.svc.Licensing.Sites(ctx, actor, store.SiteFilter{Owner: in.Owner, Query: in.Q}, in.page())
	if err != nil {
		return nil, err
	}
	return listOf(found, next, siteWire), nil
}

type siteBody struct {
	Idempotent
	Body SiteWire
}

func (s *Server) postSite(ctx context.Context, actor models.Actor, in *siteBody) (*created[SiteWire], error) {
	site, err := s.svc.Licensing.RegisterSite(ctx, actor, siteOf(in.Body))
	if err != nil {
		return nil, err
	}
	return &created[SiteWire]{Location: "/v1/sites/" + site.ID, ETag: etag(site.Version), Body: siteWire(site)}, nil
}

func (s *Server) getSite(ctx context.Context, actor models.Actor, in *ByID) (*output[SiteWire], error) {
	return siteOutput(s.svc.Licensing.Site(ctx, actor, in.ID))
}

type sitePut struct {
	ByID
	IfMatch
	Body SiteWire
}

func (s *Server) putSite(ctx context.Context, actor models.Actor, in *sitePut) (*output[SiteWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	return siteOutput(s.svc.Licensing.UpdateSite(ctx, actor, in.ID, version, siteOf(in.Body)))
}

func siteOutput(site models.Site, err error) (*output[SiteWire], error) {
	if err != nil {
		return nil, err
	}
	return &output[SiteWire]{ETag: etag(site.Version), Body: siteWire(site)}, nil
}

type groundsQuery struct {
	Act  string `query:"act" enum:"suspend,lift,revoke,terminate,refuse" doc:"The act; all when absent"`
	AsAt string `query:"as_at" format:"date-time" doc:"The law as at this instant (RFC 3339); now when absent"`
}

func (s *Server) listGrounds(ctx context.Context, _ models.Actor, in *groundsQuery) (*listOutput[GroundWire], error) {
	at, err := instantOf("?as_at", in.AsAt)
	if err != nil {
		return nil, err
	}
	found, err := s.svc.Licensing.Grounds(ctx, models.GroundKind(in.Act), at)
	if err != nil {
		return nil, err
	}
	return listOf(found, "", groundWire), nil
}

type requirementsQuery struct {
	SubType string `query:"sub_type" enum:"I,II" doc:"Both when absent"`
	AsAt    string `query:"as_at" format:"date-time" doc:"The law as at this instant (RFC 3339); now when absent"`
}

func (s *Server) listRequirements(ctx context.Context, _ models.Actor, in *requirementsQuery) (*listOutput[RequirementWire], error) {
	at, err := instantOf("?as_at", in.AsAt)
	if err != nil {
		return nil, err
	}
	found, err := s.svc.Licensing.Requirements(ctx, models.SubType(in.SubType), at)
	if err != nil {
		return nil, err
	}
	return listOf(found, "", requirementWire), nil
}

type calendarQuery struct {
	Year int `query:"year" minimum:"2023" maximum:"2100" doc:"All years when absent"`
}

func (s *Server) listHolidays(ctx context.Context, _ models.Actor, in *calendarQuery) (*listOutput[HolidayWire], error) {
	found, err := s.svc.Licensing.Holidays(ctx, in.Year)
	if err != nil {
		return nil, err
	}
	return listOf(found, "", holidayWire), nil
}

// partyChangeOf makes a change of every field that a PUT replaces.
func partyChangeOf(w PartyWire) licensing.PartyChange {
	size := models.BusinessSize(w.Size)
	c := licensing.PartyChange{NameKk: &w.NameKk, NameRu: &w.NameRu, Address: &w.Address, Kato: &w.Kato, Email: &w.Email, Phone: &w.Phone,
		Size: &size, Resident: &w.Resident}
	if w.State != "" {
		state := models.PartyState(w.State)
		c.State = &state
	}
	return c
}
