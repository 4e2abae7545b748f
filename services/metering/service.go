package metering

import (
	"context"
	"slices"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// Service keeps meters and their readings. It is safe for concurrent use.
type Service struct {
	store *store.Store
	now   func() time.Time
	live  hub
	ripe  ripening
	in    intake
	fleet fleetView
}

// New makes the service; it starts nothing.
func New(s *store.Store, now func() time.Time) *Service {
	return &Service{store: s, now: now, live: hub{subscribers: map[string]map[chan models.Reading]struct{}{}}}
}

// defaultPoll is the time between polls of a meter that was registered without
// one.
const defaultPoll = 10 * time.Second

// RegisterMeter adds a meter and says so in the ledger. The id and the version
// are given; missing ratios are 1, a missing poll interval is ten seconds. The
// node may be named by its code; the meter belongs to the node's utility.
func (s *Service) RegisterMeter(ctx context.Context, actor models.Actor, m models.Meter) (models.Meter, error) {
	withDefaults(&m)
	if err := checkMeter(&m); err != nil {
		return models.Meter{}, err
	}
	var out models.Meter
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		out = m
		if err := resolveNode(tx, &out); err != nil {
			return err
		}
		if out.Utility == "" {
			out.Utility = actor.Utility
		}
		if err := models.Can(actor, models.ActMeterWrite, models.Scope{Utility: out.Utility}); err != nil {
			return err
		}
		out.ID, out.Version = tx.NewID(), 1
		if out.InstalledFrom.IsZero() {
			out.InstalledFrom = tx.Now
		}
		if err := tx.InsertMeter(out); err != nil {
			return err
		}
		return appendMeter(tx, actor, "meter.registered", out)
	})
	return out, err
}

// resolveNode finds the node the meter measures and takes its id and its
// utility. Nodes of a kind that the registry does not keep stay names.
func resolveNode(tx *store.Tx, m *models.Meter) error {
	if !store.KnowsNodes(m.Node.Kind) {
		return nil
	}
	nodes, err := tx.MeterNodes(m.Node.Kind, []string{m.Node.ID})
	if err != nil {
		return err
	}
	if len(nodes) == 0 {
		var bad models.Invalid
		bad.Add("/node", "unknown", "There is no %s %q. Register it first, or check its code.", m.Node.Kind, m.Node.ID)
		return bad.Err()
	}
	m.Node.ID, m.Utility = nodes[0].ID, nodes[0].Utility
	return nil
}

// UpdateMeter replaces what is known of the meter (named by id or code) that
// still has m.Version. The code stays; version 0 means whatever it is now.
// CodeVersionConflict says that somebody was faster.
func (s *Service) UpdateMeter(ctx context.Context, actor models.Actor, m models.Meter) (models.Meter, error) {
	withDefaults(&m)
	var next models.Meter
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		before, err := tx.Meter(m.ID)
		if err != nil {
			return err
		}
		next = m
		next.ID, next.Code = before.ID, before.Code
		if next.Version == 0 {
			next.Version = before.Version
		}
		if next.Utility == "" {
			next.Utility = before.Utility
		}
		if err := checkMeter(&next); err != nil {
			return err
		}
		if err := resolveNode(tx, &next); err != nil {
			return err
		}
		for _, utility := range []string{before.Utility, next.Utility} {
			if err := models.Reach(actor, models.ActMeterWrite, models.Scope{Utility: utility}, "meter", m.ID); err != nil {
				return err
			}
		}
		if err := tx.UpdateMeter(next); err != nil {
			return err
		}
		next.Version++
		return appendMeter(tx, actor, "meter.changed", next)
	})
	return next, err
}

func appendMeter(tx *store.Tx, actor models.Actor, kind string, m models.Meter) error {
	_, err := tx.Append(models.Entry{Kind: kind, Subject: models.Ref{Kind: "meter", ID: m.ID}, SubjectVersion: m.Version,
		Actor: actor, Utility: m.Utility, Body: map[string]any{
			"code": m.Code, "serial": m.Serial, "profile": m.Profile, "unit": m.Unit, "role": m.Role,
			"node_kind": m.Node.Kind, "node": m.Node.ID, "ct": []int64{m.CTNum, m.CTDen}, "vt": []int64{m.VTNum, m.VTDen},
			"accuracy_class": m.AccuracyClass, "verification_by": m.VerificationBy,
		}})
	return err
}

func withDefaults(m *models.Meter) {
	for _, n := range []*int64{&m.CTNum, &m.CTDen, &m.VTNum, &m.VTDen} {
		if *n == 0 {
			*n = 1
		}
	}
	if m.PollInterval == 0 {
		m.PollInterval = defaultPoll
	}
}

func checkMeter(m *models.Meter) error {
	var bad models.Invalid
	if m.Code == "" || len(m.Code) > 64 {
		bad.Add("/code", "required", "Give the meter a code of at most 64 characters.")
	}
	if !slices.Contains(models.MeterRoles(), m.Role) {
		bad.Add("/role", "unknown", "%q is not a role of a meter. There are %v.", m.Role, models.MeterRoles())
	}
	if m.Node.Kind == "" || m.Node.ID == "" {
		bad.Add("/node", "required", "Say which node of the grid the meter measures.")
	}
	if m.CTNum < 0 || m.CTDen < 0 || m.VTNum < 0 || m.VTDen < 0 {
		bad.Add("/ct_num", "range", "A transformer ratio is a positive number over a positive number.")
	}
	if m.PollInterval < 100*time.Millisecond || m.PollInterval > 24*time.Hour {
		bad.Add("/interval_s", "range", "The time between polls must be from 0.1 s to 24 h.")
	}
	if m.VerificationBy != "" {
		if _, err := time.Parse(time.DateOnly, m.VerificationBy); err != nil {
			bad.Add("/verified_until", "format", "Write the date as 2027-06-30.")
		}
	}
	if m.URL != "" {
		if err := checkEndpoint(m.URL); err != nil {
			bad.Add("/url", "format", "%v", err)
		}
		if profiles, err := ShippedProfiles(); err != nil {
			return err
		} else if _, err := profiles.Find(m.Profile); err != nil {
			bad.Add("/profile", "unknown", "%v", err)
		}
	}
	return bad.Err()
}

// Meter gives the meter with the id or the code.
func (s *Service) Meter(ctx context.Context, actor models.Actor, idOrCode string) (m models.Meter, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		m, err = visibleMeter(tx, actor, idOrCode)
		return err
	})
	return m, err
}

func visibleMeter(tx *store.Tx, actor models.Actor, idOrCode string) (models.Meter, error) {
	m, err := tx.Meter(idOrCode)
	if err != nil {
		return models.Meter{}, err
	}
	return m, models.Reach(actor, models.ActMeterRead, models.Scope{Utility: m.Utility}, "meter", idOrCode)
}

// Meters lists the meters that the actor may see, by code. A utility sees its
// own only. The cursor is the last code.
func (s *Service) Meters(ctx context.Context, actor models.Actor, f store.MeterFilter, page store.Page) (out []models.Meter, err error) {
	if err := models.Can(actor, models.ActMeterRead, models.Scope{}); err != nil {
		return nil, err
	}
	if models.Can(actor, models.ActMeterRead, models.Scope{Utility: "another"}) != nil {
		if f.Utility = actor.Utility; f.Utility == "" {
			return nil, nil // belongs to no utility, so none is its own
		}
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		out, err = tx.Meters(f, page)
		return err
	})
	return out, err
}

// Polled lists every meter that a collector reads over Modbus.
func (s *Service) Polled(ctx context.Context) ([]models.Meter, error) {
	var all []models.Meter
	err := s.store.View(ctx, func(tx *store.Tx) error {
		all = nil
		page := store.Page{Limit: 1000}
		for {
			part, err := tx.Meters(store.MeterFilter{Polled: true}, page)
			if err != nil {
				return err
			}
			all = append(all, part...)
			if len(part) < page.Size() {
				return nil
			}
			page.After = part[len(part)-1].Code
		}
	})
	return all, err
}

// Latest gives the newest reading of each of the meters that has one, by meter
// id; of all meters when ids is nil. A meter that does not answer has a newest
// reading without values.
func (s *Service) Latest(ctx context.Context, ids []string) (map[string]models.Reading, error) {
	out := map[string]models.Reading{}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		states, err := tx.MeterStates(ids)
		clear(out)
		for id, st := range states {
			out[id] = st.Latest
		}
		return err
	})
	return out, err
}

// Described is a meter with what its place and its newest reading say.
type Described struct {
	models.Meter
	NodeCode  string
	Permitted models.Watts    // of the connection point it measures, else 0
	Latest    *models.Reading // nil when it was never read
}

// Describe adds to meters what lists and pages show beside them.
func (s *Service) Describe(ctx context.Context, meters []models.Meter) ([]Described, error) {
	var out []Described
	err := s.store.View(ctx, func(tx *store.Tx) error {
		ids := make([]string, len(meters))
		byKind := map[string][]string{}
		for i, m := range meters {
			ids[i] = m.ID
			byKind[m.Node.Kind] = append(byKind[m.Node.Kind], m.Node.ID)
		}
		states, err := tx.MeterStates(ids)
		if err != nil {
			return err
		}
		nodes := map[models.Ref]store.MeterNode{}
		for kind, names := range byKind {
			found, err := tx.MeterNodes(kind, names)
			if err != nil {
				return err
			}
			for _, n := range found {
				nodes[models.Ref{Kind: kind, ID: n.ID}] = n
			}
		}
		out = make([]Described, len(meters))
		for i, m := range meters {
			d := Described{Meter: m, NodeCode: m.Node.ID}
			if n, ok := nodes[m.Node]; ok {
				d.NodeCode, d.Permitted = n.Code, n.Permitted
			}
			if st, ok := states[m.ID]; ok {
				d.Latest = &st.Latest
			}
			out[i] = d
		}
		return nil
	})
	return out, err
}

// Visible leaves of the units those whose meters the actor may see.
func (s *Service) Visible(ctx context.Context, actor models.Actor, units []UnitHealth) ([]UnitHealth, error) {
	names := make([]string, len(units))
	for i, u := range units {
		names[i] = u.Meter
	}
	seen := map[string]bool{}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		meters, err := tx.MetersNamed(names)
		for _, m := range meters {
			seen[m.ID] = models.Can(actor, models.ActMeterRead, models.Scope{Utility: m.Utility}) == nil
		}
		return err
	})
	return slices.DeleteFunc(units, func(u UnitHealth) bool { return !seen[u.Meter] }), err
}
