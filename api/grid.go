package api

import (
	"context"
	"net/http"

	"rigistry/models"
	"rigistry/services/store"
)

func (s *Server) gridRoutes() []route {
	return []route{
		handle("GET", "/v1/grid/tree", models.ActGridRead, "Grid", "The grid with its power now, parents before children", s.getTree),
		handle("GET", "/v1/utilities", models.ActGridRead, "Grid", "Utilities", s.listUtilities),
		handle("POST", "/v1/utilities", models.ActGridWrite, "Grid", "Add a utility", s.postUtility).with(http.StatusCreated),
		handle("GET", "/v1/substations", models.ActGridRead, "Grid", "Substations", s.listSubstations),
		handle("POST", "/v1/substations", models.ActGridWrite, "Grid", "Add a substation", s.postSubstation).with(http.StatusCreated),
		handle("GET", "/v1/feeders", models.ActGridRead, "Grid", "Feeders", s.listFeeders),
		handle("POST", "/v1/feeders", models.ActGridWrite, "Grid", "Add a feeder", s.postFeeder).with(http.StatusCreated),
		handle("GET", "/v1/connection-points", models.ActGridRead, "Grid", "Connection points of the caller's service area", s.listPoints),
		handle("POST", "/v1/connection-points", models.ActGridWrite, "Grid", "Add a connection point", s.postPoint).with(http.StatusCreated),
		handle("GET", "/v1/connection-points/{id}", models.ActGridRead, "Grid", "A connection point", s.getPoint),
		handle("PUT", "/v1/connection-points/{id}", models.ActGridWrite, "Grid", "Change what is known of a connection point", s.putPoint),
	}
}

type plainList struct{ ListQuery }

func (s *Server) listUtilities(ctx context.Context, actor models.Actor, in *plainList) (*listOutput[UtilityWire], error) {
	page := in.page()
	all, err := s.svc.Gate.Utilities(ctx, actor, page)
	if err != nil {
		return nil, err
	}
	return listOf(all, nextOf(all, page, func(u models.Utility) string { return u.Code }), utilityWire), nil
}

func utilityWire(u models.Utility) UtilityWire { return UtilityWire(u) }

func (s *Server) postUtility(ctx context.Context, actor models.Actor, in *struct {
	Idempotent
	Body UtilityWire
}) (*created[UtilityWire], error) {
	u, err := s.svc.Gate.RegisterUtility(ctx, actor, models.Utility(in.Body))
	if err != nil {
		return nil, err
	}
	return &created[UtilityWire]{Location: "/v1/utilities", ETag: etag(u.Version), Body: utilityWire(u)}, nil
}

func (s *Server) listSubstations(ctx context.Context, actor models.Actor, in *plainList) (*listOutput[SubstationWire], error) {
	page := in.page()
	all, err := s.svc.Gate.Substations(ctx, actor, page)
	if err != nil {
		return nil, err
	}
	return listOf(all, nextOf(all, page, func(x models.Substation) string { return x.Code }), substationWire), nil
}

func substationWire(x models.Substation) SubstationWire {
	return SubstationWire{ID: x.ID, Code: x.Code, Name: x.Name, Utility: x.Utility, VoltKv: x.VoltKV, LimitKw: kw(x.Limit), Kato: x.Kato, Version: x.Version}
}

func (s *Server) postSubstation(ctx context.Context, actor models.Actor, in *struct {
	Idempotent
	Body SubstationWire
}) (*created[SubstationWire], error) {
	b := in.Body
	x, err := s.svc.Gate.RegisterSubstation(ctx, actor, models.Substation{Code: b.Code, Name: b.Name, Utility: b.Utility, VoltKV: b.VoltKv, Limit: watts(b.LimitKw), Kato: b.Kato})
	if err != nil {
		return nil, err
	}
	return &created[SubstationWire]{Location: "/v1/substations", ETag: etag(x.Version), Body: substationWire(x)}, nil
}

type feedersQuery struct {
	ListQuery
	Substation string `query:"substation" maxLength:"64" doc:"Substation id"`
}

func (s *Server) listFeeders(ctx context.Context, actor models.Actor, in *feedersQuery) (*listOutput[FeederWire], error) {
	page := in.page()
	all, err := s.svc.Gate.Feeders(ctx, actor, in.Substation, page)
	if err != nil {
		return nil, err
	}
	return listOf(all, nextOf(all, page, func(x models.Feeder) string { return x.Code }), feederWire), nil
}

func feederWire(x models.Feeder) FeederWire {
	return FeederWire{ID: x.ID, Code: x.Code, Substation: x.Substation, Utility: x.Utility, VoltKv: x.VoltKV, LimitKw: kw(x.Limit), Version: x.Version}
}

func (s *Server) postFeeder(ctx context.Context, actor models.Actor, in *struct {
	Idempotent
	Body FeederWire
}) (*created[FeederWire], error) {
	b := in.Body
	x, err := s.svc.Gate.RegisterFeeder(ctx, actor, models.Feeder{Code: b.Code, Substation: b.Substation, VoltKV: b.VoltKv, Limit: watts(b.LimitKw)})
	if err != nil {
		return nil, err
	}
	return &created[FeederWire]{Location: "/v1/feeders", ETag: etag(x.Version), Body: feederWire(x)}, nil
}

type pointsQuery struct {
	ListQuery
	Feeder      string `query:"feeder" maxLength:"64" doc:"Feeder id"`
	State       string `query:"state" enum:"planned,energised,disconnected,removed"`
	ConsumerBin string `query:"bin_or_iin" maxLength:"12"`
	License     string `query:"license" maxLength:"32"`
	Site        string `query:"site" maxLength:"64" doc:"Site id"`
}

func (s *Server) listPoints(ctx context.Context, actor models.Actor, in *pointsQuery) (*listOutput[ConnectionPointWire], error) {
	page := in.page()
	all, err := s.svc.Gate.ConnectionPoints(ctx, actor, store.ConnectionFilter{Feeder: in.Feeder, State: in.State, ConsumerBin: in.ConsumerBin,
		License: in.License, Site: in.Site}, page)
	if err != nil {
		return nil, err
	}
	return listOf(all, nextOf(all, page, func(p models.ConnectionPoint) string { return p.Code }), pointWire), nil
}

func pointWire(p models.ConnectionPoint) ConnectionPointWire {
	w := ConnectionPointWire{ID: p.ID, Code: p.Code, Feeder: p.Feeder, FeederCode: p.FeederCode, Utility: p.Utility, State: string(p.State),
		PermittedKw: kw(p.Permitted), EnergisedKw: kw(p.Energised), ReservedKw: kw(p.Reserved), BinOrIin: p.ConsumerBin, ConsumerName: p.ConsumerName,
		License: p.License, LicenseState: string(p.LicenseState), DeclaredUse: p.DeclaredUse, Site: p.Site, Act: p.Act,
		SupplyContract: p.SupplyNumber, SupplyUntil: optionalTime(p.SupplyUntil), Automation: p.Automation, Version: p.Version}
	if t := p.Technical; t.Number != "" {
		w.Technical = &TechnicalConditionsWire{Number: t.Number, LimitKw: kw(t.Limit), Purpose: t.Purpose, ValidUntil: optionalTime(t.ValidUntil)}
	}
	return w
}

// point gives what a client may say about a connection point.
func (w ConnectionPointWire) point() models.ConnectionPoint {
	p := models.ConnectionPoint{Code: w.Code, Feeder: w.Feeder, State: models.ConnectionState(w.State), Permitted: watts(w.PermittedKw),
		ConsumerBin: w.BinOrIin, DeclaredUse: w.DeclaredUse, Site: w.Site, Act: w.Act, SupplyNumber: w.SupplyContract, Automation: w.Automation}
	if w.SupplyUntil != nil {
		p.SupplyUntil = *w.SupplyUntil
	}
	if t := w.Technical; t != nil {
		p.Technical = models.TechnicalConditions{Number: t.Number, Limit: watts(t.LimitKw), Purpose: t.Purpose}
		if t.ValidUntil != nil {
			p.Technical.ValidUntil = *t.ValidUntil
		}
	}
	return p
}

func (s *Server) postPoint(ctx context.Context, actor models.Actor, in *struct {
	Idempotent
	Body ConnectionPointWire
}) (*created[ConnectionPointWire], error) {
	p, err := s.svc.Gate.RegisterConnectionPoint(ctx, actor, in.Body.point())
	if err != nil {
		return nil, err
	}
	return &created[ConnectionPointWire]{Location: "/v1/connection-points/" + p.ID, ETag: etag(p.Version), Body: pointWire(p)}, nil
}

func (s *Server) pointOutput(p models.ConnectionPoint, err error) (*output[ConnectionPointWire], error) {
	if err != nil {
		return nil, err
	}
	return &output[ConnectionPointWire]{ETag: etag(p.Version), Body: pointWire(p)}, nil
}

func (s *Server) getPoint(ctx context.Context, actor models.Actor, in *ByID) (*output[ConnectionPointWire], error) {
	return s.pointOutput(s.svc.Gate.ConnectionPoint(ctx, actor, in.ID))
}

func (s *Server) putPoint(ctx context.Context, actor models.Actor, in *struct {
	ByID
	IfMatch
	Body ConnectionPointWire
}) (*output[ConnectionPointWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	p := in.Body.point()
	p.ID, p.Version = in.ID, version
	return s.pointOutput(s.svc.Gate.UpdateConnectionPoint(ctx, actor, p))
}

// live is what meters and findings say about the nodes of the grid.
type live struct {
	meters   map[string]models.Meter // by node id
	readings map[string]models.Reading
	findings map[string][]models.Finding // open ones, by target id
}

// forNode fills in what is measured and found at a node.
func (l live) forNode(w TreeNodeWire) TreeNodeWire {
	if m, ok := l.meters[w.ID]; ok {
		w.Meter = m.ID
		r := l.readings[m.ID]
		if p, ok := r.Values.Power(); ok && r.Quality.Usable() {
			now := kw(p)
			at := r.At
			w.NowKw, w.NowAt = &now, &at
		}
	}
	for _, f := range l.findings[w.ID] {
		w.Findings++
		w.UncoveredKw += kw(f.Estimated)
	}
	return w
}

func (s *Server) live(ctx context.Context, actor models.Actor) (live, error) {
	l := live{meters: map[string]models.Meter{}, findings: map[string][]models.Finding{}}
	var ids []string
	for page := (store.Page{Limit: 1000}); ; {
		some, err := s.svc.Metering.Meters(ctx, actor, store.MeterFilter{}, page)
		if err != nil {
			return l, err
		}
		for _, m := range some {
			if old, ok := l.meters[m.Node.ID]; m.Role == models.MeterCheck || !m.InstalledUntil.IsZero() || ok && old.Role == models.MeterRevenue {
				continue
			}
			l.meters[m.Node.ID] = m
			ids = append(ids, m.ID)
		}
		if len(some) < page.Limit {
			break
		}
		page.After = some[len(some)-1].Code
	}
	var err error
	if len(ids) > 0 {
		if l.readings, err = s.svc.Metering.Latest(ctx, ids); err != nil {
			return l, err
		}
	}
	if models.Can(actor, models.ActFindingRead, models.Scope{}) != nil {
		return l, nil
	}
	for _, state := range []models.FindingState{models.FindingOpen, models.FindingAcknowledged} {
		found, err := s.svc.Detection.Findings(ctx, actor, store.FindingFilter{State: string(state)}, store.Page{Limit: 1000})
		if err != nil {
			return l, err
		}
		for _, f := range found {
			l.findings[f.Target.ID] = append(l.findings[f.Target.ID], f)
		}
	}
	return l, nil
}

func (s *Server) getTree(ctx context.Context, actor models.Actor, _ *struct{}) (*listOutput[TreeNodeWire], error) {
	tree, err := s.svc.Gate.Tree(ctx, actor)
	if err != nil {
		return nil, err
	}
	l, err := s.live(ctx, actor)
	if err != nil {
		return nil, err
	}
	type load struct{ energised, reserved, licensed models.Watts }
	feeders, substations := map[string]load{}, map[string]load{}
	add := func(to map[string]load, key string, p models.ConnectionPoint) {
		sum := to[key]
		to[key] = load{sum.energised + p.Energised, sum.reserved + p.Reserved, sum.licensed + covered(p)}
	}
	for _, p := range tree.Points {
		add(feeders, p.Feeder, p)
		add(substations, p.Substation, p)
	}
	nodes := make([]TreeNodeWire, 0, len(tree.Substations)+len(tree.Feeders)+len(tree.Points)+len(tree.PDUs))
	for _, x := range tree.Substations {
		sum := substations[x.ID]
		nodes = append(nodes, TreeNodeWire{ID: x.ID, Kind: "substation", Code: x.Code, Name: x.Name, LimitKw: kw(x.Limit),
			EnergisedKw: kw(sum.energised), ReservedKw: kw(sum.reserved), LicensedKw: kw(sum.licensed)})
	}
	for _, x := range tree.Feeders {
		sum := feeders[x.ID]
		nodes = append(nodes, TreeNodeWire{ID: x.ID, Kind: "feeder", Code: x.Code, Parent: x.Substation, LimitKw: kw(x.Limit),
			EnergisedKw: kw(sum.energised), ReservedKw: kw(sum.reserved), LicensedKw: kw(sum.licensed)})
	}
	for _, p := range tree.Points {
		nodes = append(nodes, TreeNodeWire{ID: p.ID, Kind: "connection", Code: p.Code, Parent: p.Feeder, State: string(p.State), LimitKw: kw(p.Permitted),
			EnergisedKw: kw(p.Energised), ReservedKw: kw(p.Reserved), LicensedKw: kw(covered(p)), License: p.License, DeclaredUse: p.DeclaredUse,
			Consumer: p.ConsumerName})
	}
	for _, x := range tree.PDUs {
		nodes = append(nodes, TreeNodeWire{ID: x.ID, Kind: "pdu", Code: x.Code, Name: x.Name, Parent: x.ConnectionPoint, LimitKw: kw(x.Limit)})
	}
	return listOf(nodes, "", l.forNode), nil
}

// covered is the power that an active license allows at a point: an appendix may
// name several points, and none of them carries more than its own act permits.
func covered(p models.ConnectionPoint) models.Watts {
	if p.LicenseState != models.LicenseActive {
		return 0
	}
	return min(p.Licensed, max(p.Permitted, p.Energised))
}
