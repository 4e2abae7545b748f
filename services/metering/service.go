package metering

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// Service keeps meters and their readings. It is safe for concurrent use.
type Service struct {
	store *store.Store
	now   func() time.Time
	live  hub
}

// New makes the service; it starts nothing.
func New(s *store.Store, now func() time.Time) *Service {
	return &Service{store: s, now: now, live: hub{subscribers: map[string]map[chan models.Reading]struct{}{}}}
}

// defaultPoll is the time between polls of a meter that was registered without
// one.
const defaultPoll = 10 * time.Second

// RegisterMeter adds a meter and says so in the ledger. The id and the version
// are given; missing ratios are 1, a missing poll interval is ten seconds.
func (s *Service) RegisterMeter(ctx context.Context, actor models.Actor, m models.Meter) (models.Meter, error) {
	if err := models.Can(actor, models.ActMeterWrite, models.Scope{Utility: m.Utility}); err != nil {
		return models.Meter{}, err
	}
	withDefaults(&m)
	if err := checkMeter(&m); err != nil {
		return models.Meter{}, err
	}
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		m.ID, m.Version = tx.NewID(), 1
		if m.InstalledFrom.IsZero() {
			m.InstalledFrom = tx.Now
		}
		if err := tx.InsertMeter(m); err != nil {
			return err
		}
		return appendMeter(tx, actor, "meter.registered", m)
	})
	return m, err
}

// UpdateMeter replaces what is known of the meter that still has m.Version. The
// code stays. CodeVersionConflict when somebody was faster.
func (s *Service) UpdateMeter(ctx context.Context, actor models.Actor, m models.Meter) (models.Meter, error) {
	withDefaults(&m)
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		before, err := tx.Meter(m.ID)
		if err != nil {
			return err
		}
		for _, utility := range []string{before.Utility, m.Utility} {
			if err := models.Can(actor, models.ActMeterWrite, models.Scope{Utility: utility}); err != nil {
				return err
			}
		}
		next := m
		next.ID, next.Code = before.ID, before.Code
		if err := checkMeter(&next); err != nil {
			return err
		}
		if err := tx.UpdateMeter(next); err != nil {
			return err
		}
		next.Version++
		m = next
		return appendMeter(tx, actor, "meter.changed", next)
	})
	return m, err
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

// checkEndpoint accepts what a link can open.
func checkEndpoint(endpoint string) error {
	u, err := url.Parse(endpoint)
	if err != nil || !slices.Contains([]string{"tcp", "rtuovertcp", "udp", "rtuoverudp"}, u.Scheme) || u.Hostname() == "" || u.Port() == "" || strings.Trim(u.Path, "/") != "" {
		return models.Errorf(models.CodeInvalid, "%q is no Modbus endpoint. Write tcp://host:502 or rtuovertcp://host:port.", endpoint)
	}
	return nil
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
	return m, models.Can(actor, models.ActMeterRead, models.Scope{Utility: m.Utility})
}

// Meters lists the meters that the actor may see, by code. A utility sees its
// own only. The cursor is the last code.
func (s *Service) Meters(ctx context.Context, actor models.Actor, f store.MeterFilter, page store.Page) (out []models.Meter, err error) {
	if err := models.Can(actor, models.ActMeterRead, models.Scope{}); err != nil {
		return nil, err
	}
	if models.Can(actor, models.ActMeterRead, models.Scope{Utility: "another"}) != nil {
		f.Utility = actor.Utility
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
