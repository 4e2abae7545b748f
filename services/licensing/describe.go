package licensing

import (
	"context"

	"rigistry/models"
	"rigistry/services/store"
)

// Described is an application with what a screen shows beside it.
type Described struct {
	models.Application
	Term         Term
	Party        models.Party
	Region       string                        // two digits of KATO of the first site, "" when unknown
	Requirements map[string]models.Requirement // of the checklist, by code
	People       map[string]string             // names of officer, drafter and signer, by user id
	Conflicts    []models.Conflict             // of interest, withdrawn or not
	Appeal       *Appealable                   // how a refusal is appealed, nil without one
}

// Term is what the statutory clock of an application shows, and its legal ground.
type Term struct {
	models.ClockState
	Days     int // the whole term in working days
	LegalRef string
}

// Describe adds to applications, which the caller was allowed to read, what a
// screen shows beside them, as it is now.
func (s *Service) Describe(ctx context.Context, applications ...models.Application) (out []Described, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		cal, err := wholeCalendar(tx)
		if err != nil {
			return err
		}
		d := describer{tx: tx, calendar: cal, parties: map[string]models.Party{}, people: map[string]string{},
			regions: map[string]string{}, values: map[string]models.LegalValue{}, lists: map[string]map[string]models.Requirement{}}
		if err := d.load(applications); err != nil {
			return err
		}
		out = make([]Described, 0, len(applications))
		for _, a := range applications {
			one, err := d.describe(a)
			if err != nil {
				return err
			}
			out = append(out, one)
		}
		return besides(tx, out)
	})
	return out, err
}

// besides adds the conflicts of interest and, to refusals, how they are appealed.
func besides(tx *store.Tx, list []Described) error {
	ids := make([]string, 0, len(list))
	for _, d := range list {
		ids = append(ids, d.ID)
	}
	declared, err := tx.Conflicts(ids...)
	if err != nil {
		return err
	}
	of := map[string][]models.Conflict{}
	for _, c := range declared {
		of[c.Application] = append(of[c.Application], c)
	}
	for i, d := range list {
		list[i].Conflicts = of[d.ID]
		if d.State != models.ApplicationRefused {
			continue
		}
		route, err := appealOf(tx, d.Application)
		if models.CodeOf(err) == models.CodeNotFound {
			continue // signed before any route of the reference data
		}
		if err != nil {
			return err
		}
		list[i].Appeal = &route
	}
	return nil
}

// describer reads each thing once for a list.
type describer struct {
	tx       *store.Tx
	calendar models.Calendar
	parties  map[string]models.Party
	people   map[string]string
	regions  map[string]string
	values   map[string]models.LegalValue
	lists    map[string]map[string]models.Requirement
}

// load reads the applicants and the regions of a list with two queries.
func (d *describer) load(list []models.Application) error {
	var parties, sites []string
	for _, a := range list {
		parties = append(parties, a.Applicant)
		if len(a.Sites) > 0 {
			sites = append(sites, a.Sites[0].Site)
		}
	}
	var err error
	if d.parties, err = d.tx.PartiesByID(distinct(parties)); err != nil {
		return err
	}
	found, err := d.tx.SitesByKey(distinct(sites))
	for _, s := range found {
		d.regions[s.ID] = s.Region
	}
	return err
}

// cached gives what was loaded for the key before, or loads it; what is not there
// is the zero value.
func cached[T any](kept map[string]T, key string, load func() (T, error)) (T, error) {
	if v, ok := kept[key]; ok {
		return v, nil
	}
	v, err := load()
	if models.CodeOf(err) == models.CodeNotFound {
		err = nil
	}
	kept[key] = v
	return v, err
}

func (d *describer) describe(a models.Application) (out Described, err error) {
	out = Described{Application: a, People: map[string]string{}}
	if out.Party, err = cached(d.parties, a.Applicant, func() (models.Party, error) { return d.tx.Party(a.Applicant) }); err != nil {
		return out, err
	}
	if len(a.Sites) > 0 {
		id := a.Sites[0].Site
		if out.Region, err = cached(d.regions, id, func() (string, error) { s, err := d.tx.Site(id); return s.Region, err }); err != nil {
			return out, err
		}
	}
	ids := []string{a.Officer}
	if a.Decision != nil {
		ids = append(ids, a.Decision.Drafter, a.Decision.Signer)
	}
	for _, id := range ids {
		if out.People[id], err = cached(d.people, id, func() (string, error) { u, err := d.tx.User(id); return u.Name, err }); err != nil {
			return out, err
		}
	}
	if err := d.term(&out); err != nil || len(a.Checklist) == 0 {
		return out, err
	}
	key := string(a.SubType) + string(a.Kind) + models.LegalDate(a.SubmittedAt)
	out.Requirements, err = cached(d.lists, key, func() (map[string]models.Requirement, error) {
		list, err := checklistOf(d.tx, a)
		byCode := map[string]models.Requirement{}
		for _, r := range list {
			byCode[r.Code] = r
		}
		return byCode, err
	})
	return out, err
}

func (d *describer) term(out *Described) error {
	key := string(out.Kind) + out.Reason + out.Pinned.Date + models.LegalDate(out.RegisteredAt)
	v, err := cached(d.values, key, func() (models.LegalValue, error) {
		days, ref, err := termOf(d.tx, out.Application)
		return models.LegalValue{Value: int64(days), LegalRef: ref}, err
	})
	out.Term = Term{ClockState: out.Clock.Read(d.calendar, int(v.Value), d.tx.Now), Days: int(v.Value), LegalRef: v.LegalRef}
	return err
}

// soonDays is how many working days ahead count as soon.
const soonDays = 3

// DueRange gives the legal dates from which and until which (not included, ""
// open) an application is overdue, or due today, soon or later.
func (s *Service) DueRange(ctx context.Context, word string) (from, until string, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		cal, err := calendar(tx)
		if err != nil {
			return err
		}
		today := models.LegalDate(tx.Now)
		tomorrow, later := models.AddDays(today, 1), models.AddDays(cal.AddWorkingDays(today, soonDays), 1)
		switch word {
		case "overdue":
			from, until = "0001-01-01", today
		case "today":
			from, until = today, tomorrow
		case "soon":
			from, until = tomorrow, later
		case "later":
			from = later
		default:
			var v models.Invalid
			v.Add("?due", "unknown", "due is overdue, today, soon or later.")
			return v.Err()
		}
		return nil
	})
	return from, until, err
}
