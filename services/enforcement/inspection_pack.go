package enforcement

import (
	"context"
	"slices"
	"strings"

	"rigistry/models"
	"rigistry/services/store"
)

// Pack is what an inspector takes along: everything that a visit needs without a network.
type Pack struct {
	Visit     Visit
	Site      models.Site // zero when nothing is registered
	Holder    models.Party
	Points    []PackPoint
	Declared  []models.Equipment
	Elsewhere []store.RigElsewhere
	Case      models.Case // zero when there is none, or the inspector may not see it
	Finding   *models.Finding
	Checklist models.VisitChecklist
}

// PackPoint is a connection of the site with its meter.
type PackPoint struct {
	Point models.ConnectionPoint
	Meter string // serial number of the revenue meter, ""
}

// maxPackRigs bounds the rigs of a pack.
const maxPackRigs = 100_000

// InspectionPack gives the pack of a visit to its team. Taking it is a fact.
func (s *Service) InspectionPack(ctx context.Context, actor models.Actor, id string) (out Pack, err error) {
	if err := models.Can(actor, models.ActFieldWork, models.Scope{}); err != nil {
		return out, err
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		i, err := loadInspection(tx, actor, id)
		if err != nil {
			return err
		}
		if !i.Of(actor.ID) && !actor.Is(models.RoleHead) {
			return models.Errorf(models.CodeForbidden, "The visit was given to somebody else. What you recorded is kept when you send it.")
		}
		out, err = packOf(tx, actor, i)
		return err
	})
	if err != nil {
		return out, err
	}
	return out, s.store.Update(ctx, func(tx *store.Tx) error {
		return inspectionFact(tx, actor, "inspection.pack_taken", out.Visit.Inspection, map[string]any{"rigs": len(out.Declared), "checklist": out.Checklist.Version})
	})
}

func packOf(tx *store.Tx, actor models.Actor, i models.Inspection) (p Pack, err error) {
	if p.Visit, err = visit(tx, i); err != nil {
		return p, err
	}
	optional := func(id string, find func() error) {
		if id != "" && err == nil {
			if err = find(); models.CodeOf(err) == models.CodeNotFound {
				err = nil
			}
		}
	}
	optional(i.Site, func() (err error) { p.Site, err = tx.Site(i.Site); return err })
	optional(i.Party, func() (err error) { p.Holder, err = tx.Party(i.Party); return err })
	optional(i.Case, func() (err error) { p.Case, err = load(tx, actor, i.Case); return err })
	optional(i.Finding, func() error {
		f, err := tx.Finding(i.Finding)
		p.Finding = &f
		return err
	})
	if err != nil {
		return p, err
	}
	if p.Finding != nil && p.Finding.ID == "" {
		p.Finding = nil
	}
	if p.Checklist, err = tx.Checklist(i.Checklist); err != nil {
		return p, err
	}
	if p.Points, err = packPoints(tx, i); err != nil {
		return p, err
	}
	if p.Declared, err = declaredAt(tx, i); err != nil {
		return p, err
	}
	p.Elsewhere, err = tx.RigsElsewhere(i.Region, i.Site, maxPackRigs)
	return p, err
}

func packPoints(tx *store.Tx, i models.Inspection) (out []PackPoint, err error) {
	points := []models.ConnectionPoint{}
	if i.Site != "" {
		if points, err = tx.ConnectionPoints(store.ConnectionFilter{Site: i.Site}, store.Page{Limit: 100}); err != nil {
			return nil, err
		}
	}
	if i.Point != "" && !slices.ContainsFunc(points, func(p models.ConnectionPoint) bool { return p.ID == i.Point }) {
		p, err := tx.ConnectionPoint(i.Point)
		if err != nil {
			return nil, err
		}
		points = append(points, p)
	}
	for _, p := range points {
		serial, err := tx.MeterSerialAt(p.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, PackPoint{Point: p, Meter: serial})
	}
	return out, nil
}

// declaredAt gives the rigs that are declared for the place of a visit: those of the
// site, and of the license where no site is known.
func declaredAt(tx *store.Tx, i models.Inspection) (out []models.Equipment, err error) {
	f := store.EquipmentFilter{Site: i.Site}
	if i.Site == "" {
		f.License = i.License
	}
	if f.Site == "" && f.License == "" {
		return []models.Equipment{}, nil
	}
	for page := (store.Page{Limit: 1000}); ; {
		found, err := tx.EquipmentList(f, page)
		if err != nil {
			return nil, err
		}
		for _, e := range found {
			if e.State == models.EquipmentActive || e.State == models.EquipmentStored || e.State == models.EquipmentSeized {
				out = append(out, e)
			}
		}
		if len(found) < page.Limit || len(out) >= maxPackRigs {
			return out, nil
		}
		page.After = found[len(found)-1].ID
	}
}

// FieldVisit is one line of an inspector's day.
type FieldVisit struct {
	Pack       Pack
	Reassigned bool // it was given to somebody else
}

// todayBack and todayAhead bound the days of an inspector's list.
const (
	todayBack  = 30
	todayAhead = 7
	maxToday   = 500
)

// Today gives the visits that the actor is to make or has under way, by day and route,
// each with its pack; and those that were given to somebody else, without.
func (s *Service) Today(ctx context.Context, actor models.Actor) (out []FieldVisit, err error) {
	if err := models.Can(actor, models.ActFieldWork, models.Scope{}); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		today := models.LegalDate(tx.Now)
		found, err := tx.Inspections(store.InspectionFilter{Open: "true", Seen: actor.ID, From: models.AddDays(today, -todayBack), Until: models.AddDays(today, todayAhead)},
			store.Page{Limit: maxToday})
		if err != nil {
			return err
		}
		slices.SortFunc(found, func(a, b models.Inspection) int {
			if c := strings.Compare(a.PlannedOn, b.PlannedOn); c != 0 {
				return c
			}
			if a.Route != b.Route {
				return int(a.Route - b.Route)
			}
			return strings.Compare(a.ID, b.ID)
		})
		out = make([]FieldVisit, 0, len(found))
		for _, i := range found {
			v := FieldVisit{Pack: Pack{Visit: Visit{Inspection: i}}, Reassigned: !i.Of(actor.ID)}
			if !v.Reassigned {
				if v.Pack, err = packOf(tx, actor, i); err != nil {
					return err
				}
			}
			out = append(out, v)
		}
		return nil
	})
	return out, err
}
