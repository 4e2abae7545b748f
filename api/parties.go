package api

import (
	"context"
	"net/http"
	"strings"

	"rigistry/models"
	"rigistry/services/store"
)

// partyRoutes are the people of parties, parties that look like one, and merges.
func (s *Server) partyRoutes() []route {
	return []route{
		handle("GET", "/v1/parties/{id}/persons", models.ActPersonRead, "Parties",
			"Directors and beneficial owners: on the day of as_at (all when absent), as known at known_at. Personal data: the ledger keeps who read it; an applicant reads its own", s.listPersons),
		handle("POST", "/v1/parties/{id}/persons", models.ActPersonWrite, "Parties", "Record a director or beneficial owner", s.postPerson).with(http.StatusCreated),
		handle("PUT", "/v1/parties/{id}/persons/{person}", models.ActPersonWrite, "Parties", "Correct what is recorded of a person; what was known before stays known", s.putPerson),
		handle("POST", "/v1/parties/{id}/persons/{person}/end", models.ActPersonWrite, "Parties", "End a role from a legal date; its first day says that it never was", s.postPersonEnd),
		handle("GET", "/v1/parties/{id}/obstacles", models.ActPartyRead, "Parties", "What the law asks of a digital miner today and this party does not meet", s.listObstacles),
		handle("GET", "/v1/parties/duplicates", models.ActDuplicateRead, "Parties", "Pairs of parties that look like one, the likeliest first", s.listDuplicates),
		handle("POST", "/v1/parties/duplicates/dismissal", models.ActMergePropose, "Parties", "Keep that a pair is two parties; it comes back when more of it agrees", s.postDismissal),
		handle("GET", "/v1/parties/{id}/merge", models.ActDuplicateRead, "Parties", "What a merge of another party into this one would move, and what stands in its way", s.getMergePreview),
		handle("POST", "/v1/parties/{id}/merge", models.ActMergePropose, "Parties", "Propose to merge another party into this one; somebody else confirms", s.postPartyMerge).with(http.StatusCreated),
		handle("GET", "/v1/parties/merges", models.ActDuplicateRead, "Parties", "Merges, the newest first", s.listMerges),
		handle("POST", "/v1/parties/merges", models.ActMergePropose, "Parties", "Propose to merge one party into another; somebody else confirms", s.postMerge).with(http.StatusCreated),
		handle("GET", "/v1/parties/merges/{id}", models.ActDuplicateRead, "Parties", "One merge, and what stands in the way of undoing it", s.getMerge),
		handle("POST", "/v1/parties/merges/{id}/confirmation", models.ActMergeDecide, "Parties", "Merge what somebody else proposed: sites, rigs, open applications, accounts and persons move in one transaction", s.postMergeConfirmation).stepUp(),
		handle("POST", "/v1/parties/merges/{id}/rejection", models.ActDuplicateRead, "Parties", "Reject a proposed merge, or take it back", s.postMergeRejection),
		handle("POST", "/v1/parties/merges/{id}/undo", models.ActMergeDecide, "Parties", "Undo a merge: everything that it moved returns", s.postMergeUndo),
	}
}

func (s *Server) listPersons(ctx context.Context, actor models.Actor, in *ByID) (*listOutput[PersonWire], error) {
	found, err := s.svc.Licensing.Persons(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return listOf(found, "", personFoundWire), nil
}

type personPost struct {
	ByID
	Idempotent
	Body PersonInput
}

func (s *Server) postPerson(ctx context.Context, actor models.Actor, in *personPost) (*created[PersonWire], error) {
	p, err := s.svc.Licensing.AddPerson(ctx, actor, in.ID, personOf(in.Body))
	if err != nil {
		return nil, err
	}
	return &created[PersonWire]{Location: "/v1/parties/" + p.Party + "/persons", ETag: etag(p.Version), Body: personWire(p)}, nil
}

// ByPerson addresses a line of a party's persons.
type ByPerson struct {
	ByID
	Person string `path:"person" maxLength:"64" doc:"Id of the line"`
}

type personPut struct {
	ByPerson
	IfMatch
	Body PersonInput
}

func (s *Server) putPerson(ctx context.Context, actor models.Actor, in *personPut) (*output[PersonWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	return personOutput(s.svc.Licensing.CorrectPerson(ctx, actor, in.ID, in.Person, version, personOf(in.Body)))
}

type personEnd struct {
	ByPerson
	IfMatch
	Idempotent
	Body PersonEndInput
}

func (s *Server) postPersonEnd(ctx context.Context, actor models.Actor, in *personEnd) (*output[PersonWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	return personOutput(s.svc.Licensing.EndPerson(ctx, actor, in.ID, in.Person, version, in.Body.ValidUntil, in.Body.Note))
}

func personOutput(p models.PartyPerson, err error) (*output[PersonWire], error) {
	if err != nil {
		return nil, err
	}
	return &output[PersonWire]{ETag: etag(p.Version), Body: personWire(p)}, nil
}

func (s *Server) listObstacles(ctx context.Context, actor models.Actor, in *ByID) (*listOutput[PartyObstacleWire], error) {
	p, err := s.svc.Licensing.Party(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	found, err := s.svc.Licensing.PartyObstacles(ctx, p, store.MomentOf(ctx).AsAt)
	if err != nil {
		return nil, err
	}
	return listOf(found, "", func(o models.PartyObstacle) PartyObstacleWire {
		return PartyObstacleWire{Code: o.Rule.Code, Is: o.Is, Allowed: orEmpty(o.Rule.Allowed), LegalRef: o.Rule.LegalRef, Grade: o.Rule.Grade, ValidFrom: o.Rule.ValidFrom}
	}), nil
}

type duplicatesQuery struct {
	ListQuery
	Party string `query:"party" maxLength:"64" doc:"Pairs with this party only: id, BIN or IIN"`
	State string `query:"state" enum:"open,dismissed" doc:"open when absent: those to look at"`
}

func (s *Server) listDuplicates(ctx context.Context, actor models.Actor, in *duplicatesQuery) (*listOutput[DuplicateWire], error) {
	found, next, err := s.svc.Licensing.Duplicates(ctx, actor, store.DuplicateFilter{Party: in.Party, Dismissed: in.State == "dismissed"}, in.page())
	if err != nil {
		return nil, err
	}
	return listOf(found, next, duplicateWire), nil
}

type dismissalPost struct {
	Idempotent
	Body DismissalInput
}

func (s *Server) postDismissal(ctx context.Context, actor models.Actor, in *dismissalPost) (*output[DuplicateWire], error) {
	d, err := s.svc.Licensing.DismissDuplicate(ctx, actor, in.Body.A, in.Body.B, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return &output[DuplicateWire]{Body: duplicateWire(d)}, nil
}

type mergePreviewQuery struct {
	ByID
	From string `query:"from" required:"true" maxLength:"64" doc:"The party that would be merged into this one: id, BIN or IIN"`
}

func (s *Server) getMergePreview(ctx context.Context, actor models.Actor, in *mergePreviewQuery) (*output[MergePreviewWire], error) {
	p, err := s.svc.Licensing.PreviewMerge(ctx, actor, in.ID, in.From)
	if err != nil {
		return nil, err
	}
	return &output[MergePreviewWire]{Body: mergePreviewWire(p)}, nil
}

type mergePost struct {
	Idempotent
	Body MergeInput
}

func (s *Server) postMerge(ctx context.Context, actor models.Actor, in *mergePost) (*created[MergeWire], error) {
	return s.proposeMerge(ctx, actor, in.Body.Into, in.Body.MergeFromInput)
}

type partyMergePost struct {
	ByID
	Idempotent
	Body MergeFromInput
}

func (s *Server) postPartyMerge(ctx context.Context, actor models.Actor, in *partyMergePost) (*created[MergeWire], error) {
	return s.proposeMerge(ctx, actor, in.ID, in.Body)
}

func (s *Server) proposeMerge(ctx context.Context, actor models.Actor, into string, in MergeFromInput) (*created[MergeWire], error) {
	m, err := s.svc.Licensing.ProposeMerge(ctx, actor, into, in.From, in.Reason)
	if err != nil {
		return nil, err
	}
	found, err := s.svc.Licensing.Merge(ctx, actor, m.ID)
	if err != nil {
		return nil, err
	}
	return &created[MergeWire]{Location: "/v1/parties/merges/" + m.ID, ETag: etag(m.Version), Body: mergeWire(actor, found)}, nil
}

type mergesQuery struct {
	ListQuery
	Party string `query:"party" maxLength:"64" doc:"Merges of this party, into or out of it: id, BIN or IIN"`
	State string `query:"state" enum:"proposed,rejected,merged,undone"`
}

func (s *Server) listMerges(ctx context.Context, actor models.Actor, in *mergesQuery) (*listOutput[MergeWire], error) {
	found, next, err := s.svc.Licensing.Merges(ctx, actor, store.MergeFilter{Party: in.Party, State: in.State}, in.page())
	if err != nil {
		return nil, err
	}
	out := listOf(found, next, mergeWireFor(actor))
	return out, nil
}

func (s *Server) getMerge(ctx context.Context, actor models.Actor, in *ByID) (*output[MergeWire], error) {
	m, err := s.svc.Licensing.Merge(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return &output[MergeWire]{ETag: etag(m.Version), Body: mergeWire(actor, m)}, nil
}

type mergeDecision struct {
	ByID
	IfMatch
	Idempotent
	Body *struct{} `required:"false"`
}

func (s *Server) postMergeConfirmation(ctx context.Context, actor models.Actor, in *mergeDecision) (*output[MergeWire], error) {
	return s.decideMerge(ctx, actor, in, s.svc.Licensing.ConfirmMerge)
}

func (s *Server) postMergeRejection(ctx context.Context, actor models.Actor, in *mergeDecision) (*output[MergeWire], error) {
	return s.decideMerge(ctx, actor, in, s.svc.Licensing.RejectMerge)
}

func (s *Server) decideMerge(ctx context.Context, actor models.Actor, in *mergeDecision,
	decide func(context.Context, models.Actor, string, int64) (models.Merge, error)) (*output[MergeWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	if _, err := decide(ctx, actor, in.ID, version); err != nil {
		return nil, err
	}
	return s.getMerge(ctx, actor, &in.ByID)
}

type mergeUndo struct {
	ByID
	IfMatch
	Idempotent
	Body UndoInput
}

func (s *Server) postMergeUndo(ctx context.Context, actor models.Actor, in *mergeUndo) (*output[MergeWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	if _, err := s.svc.Licensing.UndoMerge(ctx, actor, in.ID, version, strings.TrimSpace(in.Body.Reason)); err != nil {
		return nil, err
	}
	return s.getMerge(ctx, actor, &in.ByID)
}
