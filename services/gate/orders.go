package gate

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// losesRight tells whether the load of a license's points has to go after a ledger
// entry of the kind.
func losesRight(kind string) bool {
	switch kind {
	case "license.suspended", "license.revoked", "license.expired", "license.terminated":
		return true
	}
	return false
}

// mayCover tells whether a license may cover points after a ledger entry of the kind
// that were not covered before.
func mayCover(kind string) bool {
	switch kind {
	case "license.issued", "license.renewed", "license.reissued", "license.appendix_changed":
		return true
	}
	return false
}

const (
	orderLifted   = "license.lifted"
	hostResumed   = "license.host_resumed"
	pointsDropped = models.GroundDropped
)

// followLicenses issues and closes orders as the ledger tells what became of licenses
// and connections. It is a follower's function: it may run again, and each order is
// made once for its point, kind and source.
func (s *Service) followLicenses(_ context.Context, tx *store.Tx, batch []models.SealedEntry) error {
	for _, e := range batch {
		var err error
		switch {
		case e.Kind == "connection.energised":
			err = s.reconnected(tx, e)
		case e.Subject.Kind != "license":
		case losesRight(e.Kind):
			err = s.issueOrders(tx, e)
		case e.Kind == models.GroundHostFell:
			err = s.orderTenant(tx, e)
		case e.Kind == orderLifted || e.Kind == hostResumed:
			err = s.closeOrders(tx, e)
		case mayCover(e.Kind):
			err = s.coverPoints(tx, e)
		case e.Kind == pointsDropped:
			err = s.orderDropped(tx, e)
		}
		if err != nil {
			return fmt.Errorf("orders to utilities for entry %d: %w", e.Index, err)
		}
	}
	return nil
}

// issueOrders makes one order for each energised point of the license, unless the
// license has its right back by now or the order was made before. Reconnections that
// were authorised before go with the right.
func (s *Service) issueOrders(tx *store.Tx, e models.SealedEntry) error {
	license, found, err := tx.GateLicense(e.Subject.ID)
	if err != nil || !found || license.State == models.LicenseActive {
		return err
	}
	waiting, err := tx.Orders(store.OrderFilter{License: license.Number, Kind: string(models.OrderReconnect), Open: "open"}, store.Page{Limit: 1000})
	if err != nil {
		return err
	}
	for _, o := range waiting {
		if err := closeOrder(tx, models.System(), o, e.Kind); err != nil {
			return err
		}
	}
	points, err := tx.EnergisedPointsOf(license.Number)
	if err != nil {
		return err
	}
	return s.orderOff(tx, e.Kind, licenseSource(license), license, points)
}

func licenseSource(l store.GateLicense) string {
	return fmt.Sprintf("license:%s/%d", l.Number, l.Version)
}

// orderDropped makes an order for each energised point that a license named before and
// that no license in force covers now.
func (s *Service) orderDropped(tx *store.Tx, e models.SealedEntry) error {
	license, found, err := tx.GateLicense(e.Subject.ID)
	if err != nil || !found {
		return err
	}
	points, err := tx.DroppedPointsOf(license.Number)
	if err != nil {
		return err
	}
	return s.orderOff(tx, e.Kind, licenseSource(license), license, points)
}

// orderTenant makes an order for each energised point of its own that a tenant has,
// whose host lost its right. What hangs on a point of the host goes with that point.
func (s *Service) orderTenant(tx *store.Tx, e models.SealedEntry) error {
	var fall struct {
		Host    string `json:"host"`
		Version int64  `json:"host_version"`
	}
	if err := json.Unmarshal([]byte(e.Body), &fall); err != nil {
		return fmt.Errorf("read the fall of a host: %w", err)
	}
	host, found, err := tx.GateLicense(fall.Host)
	if err != nil || !found || host.State == models.LicenseActive {
		return err
	}
	tenant, found, err := tx.GateLicense(e.Subject.ID)
	if err != nil || !found {
		return err
	}
	points, err := tx.EnergisedPointsOf(tenant.Number)
	if err != nil {
		return err
	}
	return s.orderOff(tx, e.Kind, fmt.Sprintf("host:%s/%d", host.Number, fall.Version), tenant, points)
}

// orderOff makes an order for each point that has none from the source.
func (s *Service) orderOff(tx *store.Tx, ground, source string, license store.GateLicense, points []models.ConnectionPoint) error {
	d := orderDraft{kind: models.OrderDisconnect, license: license.Number, version: license.Version, ground: ground, source: source}
	for _, p := range points {
		d.point = p
		if _, err := s.issueOrder(tx, d); err != nil {
			return err
		}
	}
	return nil
}

// closeOrders withdraws the orders of a license, or of a tenant, that has its right
// again. What was switched off already may be connected again.
func (s *Service) closeOrders(tx *store.Tx, e models.SealedEntry) error {
	license, found, err := tx.GateLicense(e.Subject.ID)
	if err != nil || !found || license.State != models.LicenseActive {
		return err
	}
	open, err := tx.Orders(store.OrderFilter{License: license.Number, Open: "open"}, store.Page{Limit: 1000})
	if err != nil {
		return err
	}
	var over []models.DisconnectionOrder
	for _, o := range open {
		ofHost := o.Ground == models.GroundHostFell
		if o.Kind != models.OrderReconnect && strings.HasPrefix(o.Ground, "license.") && ofHost == (e.Kind == hostResumed) {
			over = append(over, o)
		}
	}
	return s.endOrders(tx, over, e.Kind)
}

// coverPoints withdraws the orders for points that a license covers now and that had
// lost another one, and authorises the reconnection of those that are off.
func (s *Service) coverPoints(tx *store.Tx, e models.SealedEntry) error {
	license, found, err := tx.GateLicense(e.Subject.ID)
	if err != nil || !found || license.State != models.LicenseActive {
		return err
	}
	covered, err := tx.OrdersCovered(license.Number)
	if err != nil {
		return err
	}
	if err := s.endOrders(tx, covered, e.Kind); err != nil {
		return err
	}
	off, err := tx.OrdersToReconnect(license.Number)
	if err != nil {
		return err
	}
	for _, o := range off {
		if err := s.authorise(tx, o, e.Kind); err != nil {
			return err
		}
	}
	return nil
}

// endOrders closes orders whose ground is gone, and then authorises to connect again
// what they had switched off.
func (s *Service) endOrders(tx *store.Tx, over []models.DisconnectionOrder, why string) error {
	for _, o := range over {
		if err := closeOrder(tx, models.System(), o, why); err != nil {
			return err
		}
	}
	for _, o := range over {
		if o.Kind != models.OrderDisconnect || o.Executed.IsZero() {
			continue
		}
		if err := s.authorise(tx, o, why); err != nil {
			return err
		}
	}
	return nil
}

// authorise makes the reconnection that mirrors an executed disconnection, once. It
// switches nothing on: the gate is asked first. A point that another order keeps off,
// or that lost its license, is not authorised.
func (s *Service) authorise(tx *store.Tx, off models.DisconnectionOrder, why string) error {
	p, err := tx.ConnectionPoint(off.Point)
	if err != nil || p.State != models.ConnectionDisconnected {
		return err
	}
	if (off.License != "" || p.License != "") && p.LicenseState != models.LicenseActive {
		return nil
	}
	others, err := tx.Orders(store.OrderFilter{Point: p.ID, Kind: string(models.OrderDisconnect), Open: "open"}, store.Page{Limit: 1})
	if err != nil || len(others) > 0 {
		return err
	}
	license, version := p.License, int64(0)
	if l, found, err := tx.GateLicense(p.License); err != nil {
		return err
	} else if found {
		version = l.Version
	}
	_, err = s.issueOrder(tx, orderDraft{kind: models.OrderReconnect, point: p, license: license, version: version, ground: why,
		source: "order:" + off.ID, term: models.GroundReconnection})
	return err
}

// reconnected marks the reconnections of a point as executed: a permit of the gate was
// confirmed there.
func (s *Service) reconnected(tx *store.Tx, e models.SealedEntry) error {
	var body struct {
		EnergisedAt time.Time `json:"energised_at"`
	}
	if err := json.Unmarshal([]byte(e.Body), &body); err != nil {
		return fmt.Errorf("read a confirmation: %w", err)
	}
	open, err := tx.Orders(store.OrderFilter{Point: e.Subject.ID, Kind: string(models.OrderReconnect), Open: "open"}, store.Page{Limit: 100})
	if err != nil {
		return err
	}
	for _, o := range open {
		if o.State == models.OrderExecuted || o.State == models.OrderVerified {
			continue
		}
		next, err := o.Reconnected(e.ActorID, body.EnergisedAt, tx.Now)
		if err != nil {
			return err
		}
		if err := saveOrder(tx, models.System(), "order.executed", next); err != nil {
			return err
		}
	}
	return nil
}
