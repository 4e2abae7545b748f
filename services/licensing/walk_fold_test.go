package licensing_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// fold is what the ledger alone says about applications and licenses: every
// sealed entry once, in the order of the tree.
type fold struct {
	next         int64
	entries      int
	applications map[string]foldedApplication
	licenses     map[string][]foldedVersion // by number, the first version first
}

type foldedApplication struct {
	version          int64
	state            models.ApplicationState
	drafter, signer  string
	license, outcome string
	number           string
}

type foldedVersion struct {
	Version     int64               `json:"version"`
	State       models.LicenseState `json:"state"`
	Holder      string              `json:"holder"`
	Approved    models.Watts        `json:"approved_w"`
	ValidUntil  time.Time           `json:"valid_until"`
	EffectiveAt time.Time           `json:"effective_at"`
	Order       string              `json:"order"`
	Ground      string              `json:"ground"`
	Months      int                 `json:"months"`
}

func newFold() *fold {
	return &fold{applications: map[string]foldedApplication{}, licenses: map[string][]foldedVersion{}}
}

func (f *fold) add(t *testing.T, e models.SealedEntry) {
	t.Helper()
	f.next, f.entries = e.Index+1, f.entries+1
	var body struct {
		State   models.ApplicationState `json:"state"`
		Number  string                  `json:"number"`
		Drafter string                  `json:"drafter"`
		License string                  `json:"license"`
		Outcome string                  `json:"outcome"`
	}
	if err := json.Unmarshal([]byte(e.Body), &body); err != nil {
		t.Fatalf("entry %d (%s): %v", e.Index, e.Kind, err)
	}
	switch {
	case e.Subject.Kind == "application" && e.SubjectVersion > 0:
		a := f.applications[e.Subject.ID]
		if e.SubjectVersion != a.version+1 {
			t.Errorf("application %s goes from version %d to %d (%s)", body.Number, a.version, e.SubjectVersion, e.Kind)
		}
		a.version, a.state, a.number = e.SubjectVersion, body.State, body.Number
		if e.Kind == "decision.signed" {
			a.drafter, a.signer, a.license, a.outcome = body.Drafter, e.ActorID, body.License, body.Outcome
		}
		f.applications[e.Subject.ID] = a
	case e.Subject.Kind == "license" && e.Utility == "" && e.SubjectVersion > 0:
		var v foldedVersion
		if err := json.Unmarshal([]byte(e.Body), &v); err != nil {
			t.Fatalf("entry %d (%s): %v", e.Index, e.Kind, err)
		}
		if have := f.licenses[e.Subject.ID]; v.Version == int64(len(have))+1 {
			f.licenses[e.Subject.ID] = append(have, v)
		} else if v.Version > int64(len(have)) {
			t.Errorf("license %s goes from version %d to %d (%s)", e.Subject.ID, len(have), v.Version, e.Kind)
		}
	}
}

// check seals, folds what is new and compares the whole fold with the tables.
func (w *walker) check(t *testing.T) {
	t.Helper()
	if _, err := w.log.Seal(w.ctx); err != nil {
		t.Fatalf("seal: %v", err)
	}
	err := w.store.View(w.ctx, func(tx *store.Tx) error {
		for {
			list, err := tx.SealedEntries(w.fold.next, 5000, store.EntryFilter{})
			if err != nil || len(list) == 0 {
				return err
			}
			for _, e := range list {
				w.fold.add(t, e)
			}
		}
	})
	if err != nil {
		t.Fatalf("fold the ledger: %v", err)
	}
	w.checkApplications(t)
	w.checkLicenses(t)
}

func (w *walker) checkApplications(t *testing.T) {
	t.Helper()
	seen := 0
	err := w.store.View(w.ctx, func(tx *store.Tx) error {
		page := store.Page{Limit: 1000}
		for {
			list, err := tx.Applications(store.ApplicationFilter{}, page)
			if err != nil {
				return err
			}
			for _, a := range list {
				seen++
				w.checkApplication(t, a)
			}
			if len(list) < 1000 {
				return nil
			}
			page.After = list[len(list)-1].ID
		}
	})
	if err != nil {
		t.Fatalf("read the applications: %v", err)
	}
	if seen != len(w.fold.applications) {
		t.Errorf("the table has %d applications, the ledger %d", seen, len(w.fold.applications))
	}
}

func (w *walker) checkApplication(t *testing.T, a models.Application) {
	t.Helper()
	f, d := w.fold.applications[a.ID], models.Decision{}
	if a.Decision != nil {
		d = *a.Decision
	}
	if f.version != a.Version || f.state != a.State || f.license != a.License || f.signer != d.Signer {
		t.Errorf("application %s: the ledger says version %d %s license %q signer %q, the table %d %s %q %q", a.Number, f.version, f.state, f.license, f.signer,
			a.Version, a.State, a.License, d.Signer)
	}
	if f.signer != "" && (f.signer == f.drafter || f.drafter == "") {
		t.Errorf("application %s was signed by %q and drafted by %q", a.Number, f.signer, f.drafter)
	}
	decided := a.State == models.ApplicationGranted || a.State == models.ApplicationRefused
	if decided != (f.signer != "") || (a.State == models.ApplicationGranted) != (f.outcome == models.OutcomeGrant) {
		t.Errorf("application %s is %s with signer %q and outcome %q", a.Number, a.State, f.signer, f.outcome)
	}
}

// held is how long a license was in force at a point.
type held struct {
	number      string
	from, until time.Time
}

func (w *walker) checkLicenses(t *testing.T) {
	t.Helper()
	points := map[string][]held{}
	for number, folded := range w.fold.licenses {
		var versions []models.License
		err := w.store.View(w.ctx, func(tx *store.Tx) (err error) {
			versions, err = tx.LicenseVersions(number)
			return err
		})
		if err != nil {
			t.Fatalf("read license %s: %v", number, err)
		}
		if len(versions) != len(folded) {
			t.Errorf("license %s has %d versions in the table and %d in the ledger", number, len(versions), len(folded))
			continue
		}
		for i, v := range versions {
			w.checkVersion(t, v, folded[i], int64(i)+1)
		}
		timeline := models.LicenseTimeline(versions, w.clock.Now())
		for i, v := range timeline {
			until := v.ValidUntil
			if i+1 < len(timeline) && timeline[i+1].EffectiveAt.Before(until) {
				until = timeline[i+1].EffectiveAt
			}
			if v.State == models.LicenseActive || v.State == models.LicenseSuspended {
				for _, s := range v.Sites {
					for _, code := range s.ConnectionPoints {
						points[code] = append(points[code], held{number, v.EffectiveAt, until})
					}
				}
			}
		}
	}
	for code, list := range points {
		slices.SortFunc(list, func(a, b held) int { return a.from.Compare(b.from) })
		for i := 1; i < len(list); i++ {
			if list[i].number != list[i-1].number && list[i].from.Before(list[i-1].until) {
				t.Errorf("point %s is held by %s until %v and by %s from %v", code, list[i-1].number, list[i-1].until, list[i].number, list[i].from)
			}
		}
	}
}

func (w *walker) checkVersion(t *testing.T, v models.License, f foldedVersion, n int64) {
	t.Helper()
	months := 0
	if v.Suspension != nil {
		months = v.Suspension.Months
	}
	got := foldedVersion{Version: v.Version, State: v.State, Holder: v.Holder, Approved: v.Approved, ValidUntil: v.ValidUntil, EffectiveAt: v.EffectiveAt,
		Order: v.Order, Ground: v.Ground, Months: months}
	if v.Version != n || got != f {
		t.Errorf("license %s version %d: the table says %+v, the ledger %+v", v.Number, n, got, f)
	}
	if v.Drafter == v.Signer || v.Signer == "" || strings.TrimSpace(v.Drafter) == "" && n == 1 {
		t.Errorf("license %s version %d was drafted by %q and signed by %q", v.Number, n, v.Drafter, v.Signer)
	}
}
