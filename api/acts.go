package api

import (
	"context"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"rigistry/models"
	"rigistry/services/licensing"
	"rigistry/services/store"
)

func (s *Server) actRoutes() []route {
	return []route{
		handle("GET", "/v1/licenses/{number}/impact", models.ActLicenseActRead, "Acts", "What an act on the license would bring about: gates, tenants, utilities, orders, letters", s.getImpact),
		orderRoute("suspension", "Suspend for 1 to 6 months on a ground: a head at once, to be confirmed by another person, or by signing the draft that waits; an officer drafts", s.postSuspension),
		orderRoute("lift", "End a suspension: a head signs the draft of another person that waits, everybody else drafts", s.postLift),
		orderRoute("revocation", "Take the license away, which is final: signed or drafted as a lift", s.postRevocation),
		orderRoute("termination", "End the license without a breach, which is final: signed or drafted as a lift", s.postTermination),
		handle("GET", "/v1/acts", models.ActLicenseActRead, "Acts", "Acts on licenses, the newest first", s.listActs),
		handle("POST", "/v1/acts", models.ActLicenseDraft, "Acts", "Draft an act for another person to sign", s.postAct).with(http.StatusCreated),
		handle("GET", "/v1/acts/{id}", models.ActLicenseActRead, "Acts", "One act with what it brings about, then and now", s.getAct),
		handle("POST", "/v1/acts/{id}/signature", models.ActLicenseSign, "Acts", "Sign a draft of another person: the license gets its next version", s.postActSignature).stepUp(),
		handle("POST", "/v1/acts/{id}/confirmation", models.ActLicenseConfirm, "Acts", "Confirm an urgent suspension of another person", s.postActConfirmation).stepUp(),
		handle("POST", "/v1/acts/{id}/rejection", models.ActLicenseDraft, "Acts", "Reject an act that waits, or take an own draft back", s.postActRejection),
	}
}

// orderRoute is a command on a license that is done at once (200, the license) or
// drafted (202, the act), depending on who gives it and what waits.
func orderRoute[I any](verb, summary string, fn func(context.Context, models.Actor, *I) (*orderOutput, error)) route {
	r := handle("POST", "/v1/licenses/{number}/"+verb, models.ActLicenseDraft, "Licenses", summary, fn)
	register := r.register
	r.register = func(s *Server, api huma.API, op huma.Operation) {
		schemas := api.OpenAPI().Components.Schemas
		answer := func(description string, wire any) *huma.Response {
			return &huma.Response{Description: description, Content: map[string]*huma.MediaType{"application/json": {Schema: schemas.Schema(reflect.TypeOf(wire), true, "")}}}
		}
		op.Responses = map[string]*huma.Response{
			strconv.Itoa(http.StatusOK):       answer("Done: the license's newest version", LicenseWire{}),
			strconv.Itoa(http.StatusAccepted): answer("Drafted: another person signs it at sign_at", ActWire{}),
		}
		register(s, api, op)
	}
	return r
}

// orderOutput answers an order with the license or with the draft.
type orderOutput struct {
	Status   int
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     any
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

type impactQuery struct {
	ByLicense
	Act    string `query:"act" enum:"suspension,extension,lift,revocation,termination,correction" required:"true"`
	Months int    `query:"months" minimum:"0" maximum:"6" doc:"Of a suspension or an extension"`
}

func (s *Server) getImpact(ctx context.Context, actor models.Actor, in *impactQuery) (*output[ImpactWire], error) {
	i, err := s.svc.Licensing.Impact(ctx, actor, in.Number, models.LicenseAct{Kind: models.LicenseActKind(in.Act), Months: in.Months})
	if err != nil {
		return nil, err
	}
	return &output[ImpactWire]{ETag: etag(i.Version), Body: impactWire(i)}, nil
}

type suspensionPost struct {
	ByLicense
	IfMatch
	Idempotent
	Body SuspensionInput
}

func (s *Server) postSuspension(ctx context.Context, actor models.Actor, in *suspensionPost) (*orderOutput, error) {
	order := licensing.Order{Ground: in.Body.Ground, Months: in.Body.Months, Note: in.Body.Note}
	return s.order(ctx, actor, in.Number, in.IfMatch, order, s.svc.Licensing.Suspend)
}

type groundPost struct {
	ByLicense
	IfMatch
	Idempotent
	Body GroundInput
}

func (in *groundPost) order() licensing.Order {
	return licensing.Order{Ground: in.Body.Ground, Note: in.Body.Note}
}

func (s *Server) postLift(ctx context.Context, actor models.Actor, in *groundPost) (*orderOutput, error) {
	return s.order(ctx, actor, in.Number, in.IfMatch, in.order(), s.svc.Licensing.Lift)
}

func (s *Server) postRevocation(ctx context.Context, actor models.Actor, in *groundPost) (*orderOutput, error) {
	return s.order(ctx, actor, in.Number, in.IfMatch, in.order(), s.svc.Licensing.Revoke)
}

func (s *Server) postTermination(ctx context.Context, actor models.Actor, in *groundPost) (*orderOutput, error) {
	return s.order(ctx, actor, in.Number, in.IfMatch, in.order(), s.svc.Licensing.Terminate)
}

// order runs an order about a license and answers with the new version, or with the
// draft that somebody else has to sign.
func (s *Server) order(ctx context.Context, actor models.Actor, number string, match IfMatch, order licensing.Order,
	command func(context.Context, models.Actor, string, licensing.Order) (licensing.ActResult, error)) (*orderOutput, error) {
	version, err := match.version()
	if err != nil {
		return nil, err
	}
	order.Version, order.Proof = version, s.fresh(ctx)
	done, err := command(ctx, actor, number, order)
	if err != nil {
		return nil, err
	}
	if done.License == nil {
		act, err := s.getAct(ctx, actor, &ByID{ID: done.Act.ID})
		if err != nil {
			return nil, err
		}
		return &orderOutput{Status: http.StatusAccepted, ETag: act.ETag, Location: "/v1/acts/" + done.Act.ID, Body: act.Body}, nil
	}
	l, err := s.getLicense(ctx, actor, &byNumber{Number: done.License.Number})
	if err != nil {
		return nil, err
	}
	return &orderOutput{Status: http.StatusOK, ETag: l.ETag, Body: l.Body}, nil
}

type actsQuery struct {
	ListQuery
	License string `query:"license" maxLength:"32" doc:"License number"`
	Kind    string `query:"kind" enum:"suspension,extension,lift,revocation,termination,correction"`
	State   string `query:"state" enum:"drafted,provisional,signed,rejected,void,lapsed"`
	Open    string `query:"open" enum:"open,closed" doc:"open: those that wait for a signature or a confirmation"`
	Drafter string `query:"drafter" maxLength:"64" doc:"User id, or me"`
}

func (s *Server) listActs(ctx context.Context, actor models.Actor, in *actsQuery) (*listOutput[ActWire], error) {
	if in.Drafter == "me" {
		in.Drafter = actor.ID
	}
	found, next, err := s.svc.Licensing.Acts(ctx, actor, store.LicenseActFilter{License: in.License, Kind: in.Kind, State: in.State, Open: in.Open, Drafter: in.Drafter}, in.page())
	if err != nil {
		return nil, err
	}
	return listOf(found, next, func(a licensing.DescribedAct) ActWire { return actWire(a, actor) }), nil
}

type actPost struct {
	IfMatch
	Idempotent
	Body ActInput
}

func (s *Server) postAct(ctx context.Context, actor models.Actor, in *actPost) (*created[ActWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	b := in.Body
	since, err := instantOf("/since", b.Since)
	if err != nil {
		return nil, err
	}
	a, err := s.svc.Licensing.DraftAct(ctx, actor, models.LicenseAct{License: b.License, Kind: models.LicenseActKind(b.Kind), Ground: b.Ground, Months: b.Months,
		Note: b.Note, Since: since, Correction: b.Correction.correction()}, version)
	if err != nil {
		return nil, err
	}
	out, err := s.getAct(ctx, actor, &ByID{ID: a.ID})
	if err != nil {
		return nil, err
	}
	return &created[ActWire]{Location: "/v1/acts/" + a.ID, ETag: out.ETag, Body: out.Body}, nil
}

func (s *Server) getAct(ctx context.Context, actor models.Actor, in *ByID) (*output[ActWire], error) {
	a, err := s.svc.Licensing.Act(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return &output[ActWire]{ETag: etag(a.Version), Body: actWire(a, actor)}, nil
}

type actCommand struct {
	ByID
	IfMatch
	Idempotent
	Body *struct{} `required:"false"`
}

func (s *Server) postActSignature(ctx context.Context, actor models.Actor, in *actCommand) (*output[ActWire], error) {
	version, err := in.version()
	if err == nil {
		_, err = s.svc.Licensing.SignAct(ctx, actor, in.ID, version)
	}
	if err != nil {
		return nil, err
	}
	return s.getAct(ctx, actor, &in.ByID)
}

func (s *Server) postActConfirmation(ctx context.Context, actor models.Actor, in *actCommand) (*output[ActWire], error) {
	version, err := in.version()
	if err == nil {
		_, err = s.svc.Licensing.ConfirmAct(ctx, actor, in.ID, version)
	}
	if err != nil {
		return nil, err
	}
	return s.getAct(ctx, actor, &in.ByID)
}

type actRejection struct {
	ByID
	IfMatch
	Idempotent
	Body RejectionInput
}

// RejectionInput says why an act is rejected.
type RejectionInput struct {
	Reason string `json:"reason" maxLength:"2000"`
}

func (s *Server) postActRejection(ctx context.Context, actor models.Actor, in *actRejection) (*output[ActWire], error) {
	version, err := in.version()
	if err == nil {
		_, err = s.svc.Licensing.RejectAct(ctx, actor, in.ID, version, in.Body.Reason)
	}
	if err != nil {
		return nil, err
	}
	return s.getAct(ctx, actor, &in.ByID)
}
