package api

import (
	"context"
	"net/http"
	"time"

	"rigistry/models"
	"rigistry/services/gate"
	"rigistry/services/store"
)

// maxListBytes is room for 100,000 points as JSON.
const maxListBytes = 16 << 20

func (s *Server) reconciliationRoutes() []route {
	const tag = "Reconciliation"
	return []route{
		handle("POST", "/v1/reconciliations", models.ActReconcileSend, tag, "Send the list of points held to be energised; it is matched with the register and the meters", s.postReconciliation).
			with(http.StatusCreated).upTo(maxListBytes),
		handle("GET", "/v1/reconciliations", models.ActReconcileRead, tag, "Lists that were matched, newest first", s.listReconciliations),
		handle("GET", "/v1/reconciliations/{id}", models.ActReconcileRead, tag, "What a list met", s.getReconciliation),
		handle("GET", "/v1/mismatches", models.ActReconcileRead, tag, "What contradicts between list, register and meters, the largest power first", s.listMismatches),
		handle("GET", "/v1/mismatches/{id}", models.ActReconcileRead, tag, "A mismatch with what each side says", s.getMismatch),
		handle("POST", "/v1/mismatches/{id}/decision", models.ActMismatchDecide, tag, "Accept an open mismatch, say that it was corrected, or make a task of it", s.decideMismatch),
	}
}

// ListedPointInput is a line of a utility's list.
type ListedPointInput struct {
	ConnectionPoint string  `json:"connection_point" maxLength:"64" example:"PS12-F03-CP007"`
	Consumer        string  `json:"consumer,omitempty" maxLength:"32" doc:"BIN or IIN; empty when not known"`
	Kw              float64 `json:"kw,omitempty" minimum:"0" maximum:"10000000" doc:"Its load as the utility knows it"`
	Meter           string  `json:"meter,omitempty" maxLength:"100" doc:"Serial number of the revenue meter"`
}

// ReconciliationInput is a utility's list of the points that it holds to be energised.
type ReconciliationInput struct {
	AsOf   *time.Time         `json:"as_of,omitempty" doc:"The instant that the list is of, in the last 31 days; now when absent"`
	Points []ListedPointInput `json:"points" nullable:"false" minItems:"1" maxItems:"200000"`
}

// MismatchCountWire is how many mismatches of a kind there are.
type MismatchCountWire struct {
	Kind    string  `json:"kind"`
	Count   int64   `json:"count"`
	StakeKw float64 `json:"stake_kw" doc:"The power that they are about"`
}

// ReconciliationWire is what a list met.
type ReconciliationWire struct {
	ID           string              `json:"id"`
	Utility      string              `json:"utility"`
	UtilityName  string              `json:"utility_name"`
	AsOf         time.Time           `json:"as_of"`
	RecordedAt   time.Time           `json:"recorded_at"`
	SentBy       string              `json:"sent_by"`
	Points       int64               `json:"points" doc:"Lines of the list"`
	Registered   int64               `json:"registered" doc:"Points of the utility in the register"`
	Metered      int64               `json:"metered" doc:"Points with readings of a revenue meter in the day before"`
	Found        int64               `json:"found"`
	New          int64               `json:"new" doc:"Of the found, for the first time"`
	Reopened     int64               `json:"reopened" doc:"Of the found, open again"`
	Gone         int64               `json:"gone" doc:"Of the list before, not there any more"`
	StakeKw      float64             `json:"stake_kw"`
	Kinds        []MismatchCountWire `json:"kinds" nullable:"false"`
	ListDigest   string              `json:"list_digest" doc:"SHA-256 of the list; the ledger has sha256 of id, line feed and this"`
	ResultDigest string              `json:"result_digest"`
}

func countWires(counts []store.MismatchCount) []MismatchCountWire {
	out := make([]MismatchCountWire, 0, len(counts))
	for _, c := range counts {
		out = append(out, MismatchCountWire{Kind: c.Kind, Count: c.Count, StakeKw: kw(c.Stake)})
	}
	return out
}

func reconciliationWire(r gate.Reconciliation, names map[string]string) ReconciliationWire {
	return ReconciliationWire{ID: r.ID, Utility: r.Utility, UtilityName: names[r.Utility], AsOf: r.AsOfTime(), RecordedAt: r.RecordedTime(), SentBy: r.SentBy,
		Points: r.Points, Registered: r.Registered, Metered: r.Metered, Found: r.Found, New: r.Fresh, Reopened: r.Reopened, Gone: r.Gone,
		StakeKw: kw(r.Stake), Kinds: countWires(r.Kinds), ListDigest: r.ListDigest, ResultDigest: r.ResultDigest}
}

type reconciliationPost struct {
	Idempotent
	Body ReconciliationInput
}

func (s *Server) postReconciliation(ctx context.Context, actor models.Actor, in *reconciliationPost) (*created[ReconciliationWire], error) {
	request := gate.ReconciliationRequest{Key: in.Key, Points: make([]models.ListedPoint, 0, len(in.Body.Points))}
	if in.Body.AsOf != nil {
		request.AsOf = *in.Body.AsOf
	}
	for _, p := range in.Body.Points {
		request.Points = append(request.Points, models.ListedPoint{Code: p.ConnectionPoint, Consumer: p.Consumer, Load: watts(p.Kw), Meter: p.Meter})
	}
	r, err := s.svc.Gate.Reconcile(ctx, actor, request)
	if err != nil {
		return nil, err
	}
	names, err := s.utilityNames(ctx)
	if err != nil {
		return nil, err
	}
	return &created[ReconciliationWire]{Location: "/v1/reconciliations/" + r.ID, ETag: etag(1), Body: reconciliationWire(r, names)}, nil
}

type reconciliationsQuery struct {
	ListQuery
	Utility string `query:"utility" maxLength:"64" doc:"Utility id"`
}

func (s *Server) listReconciliations(ctx context.Context, actor models.Actor, in *reconciliationsQuery) (*listOutput[ReconciliationWire], error) {
	page := in.page()
	found, err := s.svc.Gate.Reconciliations(ctx, actor, in.Utility, page)
	if err != nil {
		return nil, err
	}
	names, err := s.utilityNames(ctx)
	if err != nil {
		return nil, err
	}
	next := nextOf(found, page, func(r gate.Reconciliation) string { return r.ID })
	return listOf(found, next, func(r gate.Reconciliation) ReconciliationWire { return reconciliationWire(r, names) }), nil
}

func (s *Server) getReconciliation(ctx context.Context, actor models.Actor, in *ByID) (*output[ReconciliationWire], error) {
	r, err := s.svc.Gate.Reconciliation(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	names, err := s.utilityNames(ctx)
	return &output[ReconciliationWire]{ETag: etag(1), Body: reconciliationWire(r, names)}, err
}

// RegisteredSide is what the register says about the point of a mismatch.
type RegisteredSide struct {
	State        string  `json:"state"`
	DeclaredUse  string  `json:"declared_use"`
	Consumer     string  `json:"consumer,omitempty"`
	EnergisedKw  float64 `json:"energised_kw"`
	License      string  `json:"license,omitempty"`
	LicenseState string  `json:"license_state,omitempty"`
	LicensedKw   float64 `json:"licensed_kw"`
	Permit       string  `json:"permit,omitempty" doc:"Id of the newest check whose permit was not confirmed"`
	Order        string  `json:"order,omitempty" doc:"Number of the newest executed order to switch it off"`
	OrderState   string  `json:"order_state,omitempty"`
}

// MeteredSide is what the revenue meters of the point measured in the day before.
type MeteredSide struct {
	MeanKw         float64 `json:"mean_kw"`
	MaxKw          float64 `json:"max_kw"`
	MinKw          float64 `json:"min_kw"`
	CoveredMinutes int64   `json:"covered_minutes"`
}

// MismatchWire is a mismatch through the lists of its utility.
type MismatchWire struct {
	ID              string            `json:"id"`
	Kind            string            `json:"kind" enum:"energised_not_permitted,permitted_not_confirmed,disconnected_on_paper_drawing,load_over_license,listed_unknown_point,registered_missing_from_list,consumer_differs,flat_load_unlicensed"`
	Utility         string            `json:"utility"`
	UtilityName     string            `json:"utility_name"`
	ConnectionPoint string            `json:"connection_point"`
	StakeKw         float64           `json:"stake_kw" doc:"The power that it is about"`
	State           string            `json:"state" enum:"open,accepted,corrected,gone"`
	Since           time.Time         `json:"since" doc:"There without a break since"`
	SeenAt          time.Time         `json:"seen_at" doc:"The newest list that shows it"`
	Times           int64             `json:"times" doc:"How many lists have shown it"`
	Reconciliation  string            `json:"reconciliation"`
	Listed          *ListedPointInput `json:"listed,omitempty"`
	Registered      *RegisteredSide   `json:"registered,omitempty"`
	Metered         *MeteredSide      `json:"metered,omitempty"`
	DecidedBy       string            `json:"decided_by,omitempty"`
	DecidedAt       *time.Time        `json:"decided_at,omitempty"`
	Reason          string            `json:"reason,omitempty"`
	Task            string            `json:"task,omitempty"`
	Version         int64             `json:"version"`
	Allowed         []string          `json:"allowed" nullable:"false" doc:"What the caller may decide now: accepted corrected task"`
}

func mismatchWire(actor models.Actor, m models.FollowedMismatch, names map[string]string) MismatchWire {
	w := MismatchWire{ID: m.ID, Kind: string(m.Kind), Utility: m.Utility, UtilityName: names[m.Utility], ConnectionPoint: m.Point, StakeKw: kw(m.Stake),
		State: string(m.State), Since: m.Since, SeenAt: m.Seen, Times: m.Times, Reconciliation: m.Run, DecidedBy: m.DecidedBy, DecidedAt: optionalTime(m.Decided),
		Reason: m.Reason, Task: m.Task, Version: m.Version, Allowed: m.Allowed(actor)}
	if l := m.Listed; l != nil {
		w.Listed = &ListedPointInput{ConnectionPoint: l.Code, Consumer: l.Consumer, Kw: kw(l.Load), Meter: l.Meter}
	}
	if r := m.Registered; r != nil {
		w.Registered = &RegisteredSide{State: string(r.State), DeclaredUse: r.DeclaredUse, Consumer: r.Consumer, EnergisedKw: kw(r.Energised), License: r.License,
			LicenseState: string(r.LicenseState), LicensedKw: kw(r.Licensed), Permit: r.Permit, Order: r.Order, OrderState: string(r.OrderState)}
	}
	if l := m.Metered; l != nil {
		w.Metered = &MeteredSide{MeanKw: kw(l.Mean), MaxKw: kw(l.Max), MinKw: kw(l.Min), CoveredMinutes: int64(l.Covered.Minutes())}
	}
	return w
}

type mismatchesQuery struct {
	ListQuery
	State           string `query:"state" enum:"open,accepted,corrected,gone"`
	Kind            string `query:"kind" enum:"energised_not_permitted,permitted_not_confirmed,disconnected_on_paper_drawing,load_over_license,listed_unknown_point,registered_missing_from_list,consumer_differs,flat_load_unlicensed"`
	Utility         string `query:"utility" maxLength:"64" doc:"Utility id"`
	ConnectionPoint string `query:"connection_point" maxLength:"64" doc:"Code"`
	Reconciliation  string `query:"reconciliation" maxLength:"64" doc:"Only what this list was the newest to show"`
}

// MismatchList is a page of mismatches with the counts of all that the filter gives,
// whatever their kind.
type MismatchList struct {
	Items []MismatchWire      `json:"items" nullable:"false"`
	Next  string              `json:"next,omitempty" doc:"Cursor of the next page; absent on the last"`
	Kinds []MismatchCountWire `json:"kinds" nullable:"false"`
}

func (s *Server) listMismatches(ctx context.Context, actor models.Actor, in *mismatchesQuery) (*output[MismatchList], error) {
	page := in.page()
	found, counts, err := s.svc.Gate.Mismatches(ctx, actor, store.MismatchFilter{Utility: in.Utility, State: in.State, Kind: in.Kind, Point: in.ConnectionPoint,
		Run: in.Reconciliation}, page)
	if err != nil {
		return nil, err
	}
	names, err := s.utilityNames(ctx)
	if err != nil {
		return nil, err
	}
	out := &output[MismatchList]{Body: MismatchList{Items: make([]MismatchWire, 0, len(found)), Next: nextOf(found, page, store.MismatchCursor), Kinds: countWires(counts)}}
	for _, m := range found {
		out.Body.Items = append(out.Body.Items, mismatchWire(actor, m, names))
	}
	return out, nil
}

func (s *Server) mismatchOutput(ctx context.Context, actor models.Actor, m models.FollowedMismatch, err error) (*output[MismatchWire], error) {
	if err != nil {
		return nil, err
	}
	names, err := s.utilityNames(ctx)
	return &output[MismatchWire]{ETag: etag(m.Version), Body: mismatchWire(actor, m, names)}, err
}

func (s *Server) getMismatch(ctx context.Context, actor models.Actor, in *ByID) (*output[MismatchWire], error) {
	m, err := s.svc.Gate.Mismatch(ctx, actor, in.ID)
	return s.mismatchOutput(ctx, actor, m, err)
}

// MismatchDecisionInput says what becomes of a mismatch.
type MismatchDecisionInput struct {
	Outcome string `json:"outcome" enum:"accepted,corrected,task" doc:"Accepted: explained, until its power grows by more than a fifth. Corrected: the next list shows. Task: an officer looks at it"`
	Reason  string `json:"reason" minLength:"1" maxLength:"1000"`
}

type mismatchDecision struct {
	ByID
	IfMatch
	Idempotent
	Body MismatchDecisionInput
}

func (s *Server) decideMismatch(ctx context.Context, actor models.Actor, in *mismatchDecision) (*output[MismatchWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	m, err := s.svc.Gate.DecideMismatch(ctx, actor, in.ID, version, models.MismatchOutcome(in.Body.Outcome), in.Body.Reason)
	return s.mismatchOutput(ctx, actor, m, err)
}
