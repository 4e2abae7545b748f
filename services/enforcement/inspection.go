package enforcement

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"slices"

	"rigistry/models"
	"rigistry/services/store"
)

// Visit is an inspection with what a reader needs beside it.
type Visit struct {
	Inspection models.Inspection
	Missing    []models.MissingField
	Rules      []models.InspectionRule
	Orders     []models.RemedyOrder
	Progress   store.FieldProgress
	Counts     store.VisitCounts
	NoticeBy   string // last day for the notice that has not been given, "" when none is missing
	CaseNumber string
	SiteName   models.Text
	PointCode  string
	PartyName  models.Text
	People     map[string]string
}

// inspectionFact appends an entry about an inspection; no words of it.
func inspectionFact(tx *store.Tx, actor models.Actor, kind string, i models.Inspection, body map[string]any) error {
	body["number"], body["state"] = i.Number, i.State
	_, err := tx.Append(models.Entry{Kind: kind, Subject: models.Ref{Kind: "inspection", ID: i.ID}, SubjectVersion: i.Version, Actor: actor, Body: body})
	return err
}

// loadInspection finds an inspection that the actor may know of; what it may not is not
// there.
func loadInspection(tx *store.Tx, actor models.Actor, id string) (models.Inspection, error) {
	i, err := tx.Inspection(id)
	if err == nil && !i.Sees(actor) {
		return models.Inspection{}, models.NotFound("inspection", id)
	}
	return i, err
}

// PlanInspection plans a visit of a site, a connection or an address, and fills in what
// the register knows of it.
func (s *Service) PlanInspection(ctx context.Context, actor models.Actor, i models.Inspection) (out Visit, err error) {
	if err := models.Can(actor, models.ActInspectionPlan, models.Scope{}); err != nil {
		return out, err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		next, err := located(tx, actor, i)
		if err != nil {
			return err
		}
		if err := people(tx, "/lead", append([]string{next.Lead}, next.Members...)...); err != nil {
			return err
		}
		day := next.PlannedOn
		if models.AddDays(day, 0) != day || day == "" {
			day = models.LegalDate(tx.Now)
		}
		list, err := tx.ChecklistOn(day)
		if err != nil {
			return err
		}
		rules, err := tx.InspectionRules(next.Kind, day)
		if err != nil {
			return err
		}
		next.Checklist = list.Version
		made, err := models.PlanInspection(next, rules, actor, tx.Now)
		if err != nil {
			return err
		}
		year := models.LegalDate(tx.Now)[:4]
		n, err := tx.NextInspectionNumber(year)
		if err != nil {
			return err
		}
		made.ID, made.Number, made.Salt = tx.NewID(), fmt.Sprintf("IN-%s-%06d", year, n), rand.Text()
		if err := tx.InsertInspection(made); err != nil {
			return err
		}
		digest, err := sealed(made.Salt, []any{made.Title, made.Address, made.Legal})
		if err != nil {
			return err
		}
		err = inspectionFact(tx, actor, "inspection.planned", made, map[string]any{"kind": made.Kind, "case": made.Case, "finding": made.Finding, "site": made.Site,
			"point": made.Point, "license": made.License, "planned_on": made.PlannedOn, "lead": made.Lead, "members": len(made.Members),
			"agencies": made.Agencies, "checklist": made.Checklist, "words": digest})
		if err == nil {
			out, err = visit(tx, made)
		}
		return err
	})
	return out, err
}

// located fills in what follows from the case, the connection and the site.
func located(tx *store.Tx, actor models.Actor, i models.Inspection) (models.Inspection, error) {
	var v models.Invalid
	if i.Case != "" {
		c, err := load(tx, actor, i.Case)
		if models.CodeOf(err) == models.CodeNotFound {
			v.Add("/case", "unknown", "There is no such case.")
		} else if err != nil {
			return i, err
		}
		if i.Case = c.ID; c.ID != "" {
			if err := fromCase(tx, c.ID, &i); err != nil {
				return i, err
			}
		}
	}
	if i.Point != "" {
		p, err := tx.ConnectionPoint(i.Point)
		if models.CodeOf(err) == models.CodeNotFound {
			v.Add("/connection_point", "unknown", "There is no such connection point.")
		} else if err != nil {
			return i, err
		}
		i.Point = p.ID
		i.Site, i.License, i.Party = or(i.Site, p.Site), or(i.License, p.License), or(i.Party, p.Consumer)
		if i.Site == "" && i.Region == "" {
			if i.Region, err = regionOf(tx, p); err != nil {
				return i, err
			}
		}
	}
	if i.Site != "" {
		site, err := tx.Site(i.Site)
		if models.CodeOf(err) == models.CodeNotFound {
			v.Add("/site", "unknown", "There is no such site.")
		} else if err != nil {
			return i, err
		}
		i.Site = site.ID
		i.Address, i.Party, i.Region = or(i.Address, site.Address), or(i.Party, site.Owner), or(i.Region, site.Region)
		if i.License == "" && site.ID != "" {
			if i.License, err = tx.LicenseOnSite(site.ID); err != nil && models.CodeOf(err) != models.CodeNotFound {
				return i, err
			}
		}
	}
	return i, v.Err()
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// fromCase takes site, connection and finding over from what a case is about.
func fromCase(tx *store.Tx, id string, i *models.Inspection) error {
	about, err := tx.CaseSubjects(id)
	for _, s := range about {
		switch s.Kind {
		case "connection_point":
			i.Point = or(i.Point, s.Ref)
		case "site":
			i.Site = or(i.Site, s.Ref)
		case "finding":
			i.Finding = or(i.Finding, s.Ref)
			f, err := tx.Finding(s.Ref)
			if err != nil {
				return err
			}
			if f.Target.Kind == "connection_point" {
				i.Point = or(i.Point, f.Target.ID)
			}
		case "license":
			i.License = or(i.License, s.Ref)
		case "premises":
			i.Address = or(i.Address, s.Label)
		}
	}
	return err
}

// inspectionStep is one change of an inspection.
type inspectionStep struct {
	action  models.Action
	kind    string // of the ledger entry, "" for the state that it leads to
	version int64
	change  func(tx *store.Tx, i models.Inspection, rules []models.InspectionRule) (models.Inspection, map[string]any, error)
}

func (s *Service) inspect(ctx context.Context, actor models.Actor, id string, do inspectionStep) (out Visit, err error) {
	if err := models.Can(actor, do.action, models.Scope{}); err != nil {
		return out, err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		i, err := loadInspection(tx, actor, id)
		if err != nil {
			return err
		}
		if do.version != AnyVersion && do.version != i.Version {
			return models.Errorf(models.CodeVersionConflict, "You are looking at version %d and the newest is %d. Load the inspection again, look at what changed, and repeat your change.", do.version, i.Version)
		}
		rules, err := tx.InspectionRules(i.Kind, i.PlannedOn)
		if err != nil {
			return err
		}
		next, body, err := do.change(tx, i, rules)
		if err != nil {
			return err
		}
		if next.Version != i.Version {
			kind := or(do.kind, "inspection."+string(next.State))
			if err := tx.UpdateInspection(next); err != nil {
				return err
			}
			if err := inspectionFact(tx, actor, kind, next, body); err != nil {
				return err
			}
		}
		out, err = visit(tx, next)
		return err
	})
	return out, err
}

// SetLegal puts in what the law demands of the inspection.
func (s *Service) SetLegal(ctx context.Context, actor models.Actor, id string, fields map[string]string, version int64) (Visit, error) {
	return s.inspect(ctx, actor, id, inspectionStep{models.ActInspectionWork, "inspection.legal_changed", version,
		func(tx *store.Tx, i models.Inspection, rules []models.InspectionRule) (models.Inspection, map[string]any, error) {
			next, err := i.SetLegal(fields, rules, actor, tx.Now)
			if err != nil {
				return i, nil, err
			}
			digest, err := sealed(i.Salt, next.Legal)
			return next, map[string]any{"fields": slices.Sorted(maps.Keys(fields)), "words": digest}, err
		}})
}

// Reassign changes the team, the day and the place in the route.
func (s *Service) Reassign(ctx context.Context, actor models.Actor, id string, t models.Team, version int64) (Visit, error) {
	return s.inspect(ctx, actor, id, inspectionStep{models.ActInspectionPlan, "inspection.reassigned", version,
		func(tx *store.Tx, i models.Inspection, _ []models.InspectionRule) (models.Inspection, map[string]any, error) {
			if err := people(tx, "/lead", append([]string{t.Lead}, t.Members...)...); err != nil {
				return i, nil, err
			}
			rules, err := tx.InspectionRules(i.Kind, t.PlannedOn)
			if err != nil {
				return i, nil, err
			}
			next, err := i.Reassign(t, rules, tx.Now)
			return next, map[string]any{"lead": next.Lead, "before": i.Lead, "members": len(next.Members), "agencies": next.Agencies, "planned_on": next.PlannedOn}, err
		}})
}

// CancelInspection ends an inspection that is not made.
func (s *Service) CancelInspection(ctx context.Context, actor models.Actor, id, reason string, version int64) (Visit, error) {
	return s.inspect(ctx, actor, id, inspectionStep{models.ActInspectionPlan, "", version,
		func(tx *store.Tx, i models.Inspection, _ []models.InspectionRule) (models.Inspection, map[string]any, error) {
			next, err := i.Cancel(reason, tx.Now)
			if err != nil {
				return i, nil, err
			}
			digest, err := sealed(i.Salt, next.Reason)
			return next, map[string]any{"words": digest}, err
		}})
}

// FinalizeInspection ends an inspection as made, when nothing that the law demands is
// missing.
func (s *Service) FinalizeInspection(ctx context.Context, actor models.Actor, id string, version int64) (Visit, error) {
	return s.inspect(ctx, actor, id, inspectionStep{models.ActInspectionWork, "", version,
		func(tx *store.Tx, i models.Inspection, rules []models.InspectionRule) (models.Inspection, map[string]any, error) {
			next, err := i.Finalize(rules, actor, tx.Now)
			if err != nil {
				return i, nil, err
			}
			digest, err := sealed(i.Salt, next.Legal)
			return next, map[string]any{"words": digest}, err
		}})
}

// HoldInspection keeps everything of an inspection from erasure, "" as the reason lifts it.
func (s *Service) HoldInspection(ctx context.Context, actor models.Actor, id, reason string, version int64) (Visit, error) {
	return s.inspect(ctx, actor, id, inspectionStep{models.ActEvidenceHold, "inspection.held", version,
		func(tx *store.Tx, i models.Inspection, _ []models.InspectionRule) (models.Inspection, map[string]any, error) {
			next, err := i.SetHold(reason, tx.Now)
			return next, map[string]any{"held": next.Hold != ""}, err
		}})
}

// OrderRemedy gives an order to put something right. Of a license it makes an obligation,
// and overdue it stands in the way at the gate.
func (s *Service) OrderRemedy(ctx context.Context, actor models.Actor, id string, o models.RemedyOrder) (Visit, error) {
	return s.inspect(ctx, actor, id, inspectionStep{models.ActInspectionWork, "inspection.remedy_ordered", AnyVersion,
		func(tx *store.Tx, i models.Inspection, _ []models.InspectionRule) (models.Inspection, map[string]any, error) {
			made, err := i.NewRemedyOrder(o, actor, tx.Now)
			if err != nil {
				return i, nil, err
			}
			earlier, err := tx.RemedyOrders(i.ID)
			if err != nil {
				return i, nil, err
			}
			made.ID, made.Number, made.Salt = tx.NewID(), fmt.Sprintf("%s-%d", i.Number, len(earlier)+1), rand.Text()
			if made.License != "" {
				license, err := tx.License(made.License, tx.Now)
				if err != nil {
					return i, nil, err
				}
				duty := made.Duty(license.Holder, tx.Now)
				duty.ID = tx.NewID()
				made.Obligation = duty.ID
				if _, err := tx.InsertObligation(duty); err != nil {
					return i, nil, err
				}
			}
			digest, err := sealed(made.Salt, []any{made.Text, made.Article})
			if err != nil {
				return i, nil, err
			}
			i.Updated, i.Version = tx.Now, i.Version+1
			return i, map[string]any{"order": made.Number, "license": made.License, "obligation": made.Obligation, "due": made.Due, "words": digest},
				tx.InsertRemedyOrder(made)
		}})
}

// Inspection gives an inspection by id or number.
func (s *Service) Inspection(ctx context.Context, actor models.Actor, id string) (out Visit, err error) {
	if err := models.Can(actor, models.ActInspectionRead, models.Scope{}); err != nil {
		return out, err
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		i, err := loadInspection(tx, actor, id)
		if err != nil {
			return err
		}
		out, err = visit(tx, i)
		return err
	})
	return out, err
}

// Inspections lists the inspections that the actor may know of, the newest first.
func (s *Service) Inspections(ctx context.Context, actor models.Actor, f store.InspectionFilter, page store.Page) (out []Visit, err error) {
	if err := models.Can(actor, models.ActInspectionRead, models.Scope{}); err != nil {
		return nil, err
	}
	f.Seen = actor.ID
	if (models.Inspection{}).Sees(actor) {
		f.Seen = ""
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		found, err := tx.Inspections(f, page)
		if err != nil {
			return err
		}
		out, err = visits(tx, found)
		return err
	})
	return out, err
}
