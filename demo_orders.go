package main

import (
	"fmt"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// The places of the story about orders.
const (
	heldPoint    = "PS12-F01-CP005" // reported off, and the meter shows a load; a tap was laid there
	limitedPoint = "PS12-F03-CP001" // keeps to its limit
	limitedTo    = 569_000          // W, a little less than what is energised there
)

// followedOrders follows the orders of the story: the suspension that nobody carried
// out is overdue, a hold was reported as carried out though the load is still there, and
// a restriction of mining is met. The live meters say so within a quarter of an hour.
func (d *demo) followedOrders(cast *demoCast) error {
	gate, ctx := d.registry.svc.Gate, d.app.Ctx
	utility := models.Actor{ID: "dispatch", Kind: "person", Name: "Диспетчер", Roles: []models.Role{models.RoleUtility}, Utility: cast.utilities[0].ID}
	d.ago(0)
	if err := d.sealAll(); err != nil {
		return err
	}
	d.ago(25 * day) // the day after the suspension
	if err := gate.CatchUp(ctx); err != nil {
		return err
	}
	for _, f := range []struct {
		before time.Duration
		fact   models.StandingFact
	}{
		{2 * day, models.StandingFact{Kind: models.StandingHold, Scope: models.ScopePoint, ScopeID: heldPoint, Document: "Постановление № 7599-26-00-2/114"}},
		{6 * time.Hour, models.StandingFact{Kind: models.StandingCurtailment, Scope: models.ScopePoint, ScopeID: limitedPoint, Power: limitedTo, MiningOnly: true,
			Document: "Распоряжение СО № 41"}},
	} {
		d.ago(f.before)
		f.fact.From = d.clock.Now()
		if f.fact.Kind == models.StandingCurtailment {
			f.fact.Until = d.clock.Now().Add(2 * day)
		}
		if _, err := gate.RecordStanding(ctx, cast.actors["head"], f.fact); err != nil {
			return fmt.Errorf("record what holds at %s: %w", f.fact.ScopeID, err)
		}
		if err := gate.CatchUp(ctx); err != nil {
			return err
		}
	}
	d.ago(5 * time.Hour)
	open, err := gate.Orders(ctx, models.System(), store.OrderFilter{Open: "open"}, store.Page{Limit: 100})
	if err != nil {
		return err
	}
	for _, o := range open {
		if o.PointCode != heldPoint && o.PointCode != limitedPoint {
			continue
		}
		if _, err := gate.AcknowledgeOrder(ctx, utility, o.ID, 0, "Б. Омаров", time.Time{}); err != nil {
			return err
		}
		if _, err := gate.ExecuteOrder(ctx, utility, o.ID, 0, models.Execution{By: "Б. Омаров", Crew: "ОВБ-3", Reading: -1}); err != nil {
			return err
		}
	}
	d.ago(0)
	return gate.CatchUp(ctx) // what is late is raised; live readings say the rest a quarter of an hour after the start
}
