package enforcement

import (
	"context"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// MaxFieldEvents is how many events one request may send.
const MaxFieldEvents = 200

const maxDeviceName = 100

// RegisterDevice takes the public key of a device. The same key again is the same device.
func (s *Service) RegisterDevice(ctx context.Context, actor models.Actor, name, publicKey string) (out models.FieldDevice, err error) {
	if err := models.Can(actor, models.ActFieldWork, models.Scope{}); err != nil {
		return out, err
	}
	if name = strings.TrimSpace(name); name == "" || len(name) > maxDeviceName {
		var v models.Invalid
		v.Add("/name", "required", "Name the device, in at most %d bytes.", maxDeviceName)
		return out, v.Err()
	}
	if _, err := models.DeviceKey(publicKey); err != nil {
		return out, err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		d, fresh, err := tx.InsertFieldDevice(models.FieldDevice{ID: tx.NewID(), User: actor.ID, Name: name, PublicKey: publicKey, Registered: tx.Now})
		if out = d; err != nil || !fresh {
			return err
		}
		return deviceFact(tx, actor, "field.device_registered", d, map[string]any{"public_key": d.PublicKey})
	})
	return out, err
}

func deviceFact(tx *store.Tx, actor models.Actor, kind string, d models.FieldDevice, body map[string]any) error {
	body["user"] = d.User
	_, err := tx.Append(models.Entry{Kind: kind, Subject: models.Ref{Kind: "field_device", ID: d.ID}, Actor: actor, Body: body})
	return err
}

// Devices lists devices of the field, the newest first: an inspector's own, a head all.
func (s *Service) Devices(ctx context.Context, actor models.Actor, page store.Page) (out []models.FieldDevice, err error) {
	if err := models.Can(actor, models.ActFieldWork, models.Scope{}); err != nil {
		return nil, err
	}
	user := actor.ID
	if actor.Is(models.RoleHead) {
		user = ""
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		out, err = tx.FieldDevices(user, page)
		return err
	})
	return out, err
}

// LockDevice makes a device wipe what it holds of the registry at its next contact. Its
// owner or a head locks it; again changes nothing.
func (s *Service) LockDevice(ctx context.Context, actor models.Actor, id string) (out models.FieldDevice, err error) {
	if err := models.Can(actor, models.ActFieldWork, models.Scope{}); err != nil {
		return out, err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		d, err := tx.FieldDevice(id)
		if err != nil {
			return err
		}
		if d.User != actor.ID && !actor.Is(models.RoleHead) {
			return models.NotFound("device", id)
		}
		if out = d; !d.Locked.IsZero() {
			return nil
		}
		if err := tx.LockFieldDevice(d.ID, actor.ID); err != nil {
			return err
		}
		out.Locked, out.LockedBy = tx.Now, actor.ID
		return deviceFact(tx, actor, "field.device_locked", d, map[string]any{})
	})
	return out, err
}

// locked is the refusal for a device that was locked.
func locked(d models.FieldDevice) error {
	return models.Errorf(models.CodeDeviceLocked, "This device was locked on %s. Take it to the office; what it recorded can still be exported.", models.LegalDate(d.Locked))
}

// CheckDevice refuses a device that was locked; "" and one that is not known pass.
func (s *Service) CheckDevice(ctx context.Context, id string) error {
	if id == "" {
		return nil
	}
	return s.store.View(ctx, func(tx *store.Tx) error {
		d, err := tx.FieldDevice(id)
		if models.CodeOf(err) == models.CodeNotFound {
			return nil
		}
		if err == nil && !d.Locked.IsZero() {
			return locked(d)
		}
		return err
	})
}

// SignedEvent is an event as a device sends it.
type SignedEvent struct{ Payload, Signature string }

// Receipt says that an event was kept: which, and where it stands in the ledger.
type Receipt struct {
	ID         string
	Hash       string
	Entry      string
	Index      int64 // place in the ledger, -1 while it is not sealed
	Checkpoint int64 // size of the newest checkpoint that covers it, 0 while it is not sealed
	Received   time.Time
	Flags      []models.FieldFlag
}

// RefusedEvent is an event that could not be kept, and why.
type RefusedEvent struct {
	Index  int
	ID     string
	Code   string // malformed, unknown_device, unknown_inspection, bad_signature
	Detail string
}

// ReceiveEvents keeps the events that a device signed, each once. What is late, comes
// from a second device or from somebody who left the team, or contradicts another, is
// kept with a flag. Refused is only what nobody can tell whose it is.
func (s *Service) ReceiveEvents(ctx context.Context, actor models.Actor, events []SignedEvent) (receipts []Receipt, refused []RefusedEvent, err error) {
	return s.ReceiveBatch(ctx, actor, FieldBatch{Events: events})
}

// FieldBatch is what a device sends at once.
type FieldBatch struct {
	Events []SignedEvent
	Clock  time.Time // the device's clock as it sent, zero when it did not say
}

// ReceiveBatch is ReceiveEvents for a device that says what its clock shows.
func (s *Service) ReceiveBatch(ctx context.Context, actor models.Actor, batch FieldBatch) (receipts []Receipt, refused []RefusedEvent, err error) {
	events := batch.Events
	if err := models.Can(actor, models.ActFieldWork, models.Scope{}); err != nil {
		return nil, nil, err
	}
	if len(events) > MaxFieldEvents {
		return nil, nil, models.Errorf(models.CodeTooLarge, "At most %d events in one request.", MaxFieldEvents)
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		receipts, refused = []Receipt{}, []RefusedEvent{}
		in := intake{tx: tx, actor: actor, ahead: batch.ahead(tx.Now), timed: !batch.Clock.IsZero(), devices: map[string]models.FieldDevice{}, visits: map[string]models.Inspection{}}
		for n, signed := range events {
			e, no, err := in.take(signed)
			if err != nil {
				return err
			}
			if no != nil {
				no.Index, no.ID = n, e.ID
				refused = append(refused, *no)
				continue
			}
			receipts = append(receipts, receiptOf(e))
		}
		return in.sealed(receipts)
	})
	if err != nil {
		return nil, nil, err
	}
	return receipts, refused, nil
}

// ahead is how far the clock of a device that sends now is ahead.
func (b FieldBatch) ahead(now time.Time) time.Duration {
	if b.Clock.IsZero() {
		return 0
	}
	return b.Clock.Sub(now)
}

func receiptOf(e models.FieldEvent) Receipt {
	return Receipt{ID: e.ID, Hash: e.Hash, Entry: e.Entry, Index: -1, Received: e.Received, Flags: e.Flags}
}

// intake takes events in, in one transaction.
type intake struct {
	tx      *store.Tx
	actor   models.Actor
	ahead   time.Duration // of the device's clock
	timed   bool          // it said what its clock shows
	devices map[string]models.FieldDevice
	visits  map[string]models.Inspection
}

// take keeps one event, or says why it cannot.
func (in *intake) take(signed SignedEvent) (e models.FieldEvent, no *RefusedEvent, err error) {
	e, err = models.ParseFieldEvent(signed.Payload, signed.Signature)
	if err != nil {
		return e, &RefusedEvent{Code: "malformed", Detail: err.Error()}, nil
	}
	device, known := in.devices[e.Device]
	if !known {
		device, err = in.tx.FieldDevice(e.Device)
		if models.CodeOf(err) == models.CodeNotFound {
			return e, &RefusedEvent{Code: "unknown_device", Detail: "The registry knows no such device. Register its key, then send again."}, nil
		}
		if err != nil {
			return e, nil, err
		}
		in.devices[e.Device] = device
	}
	if !device.Locked.IsZero() && !in.actor.Is(models.RoleHead) {
		return e, nil, locked(device)
	}
	if !e.SignedBy(device) {
		return e, &RefusedEvent{Code: "bad_signature", Detail: "The signature does not fit the payload and the key of the device."}, nil
	}
	visit, known := in.visits[e.Inspection]
	if !known {
		visit, err = in.tx.Inspection(e.Inspection)
		if models.CodeOf(err) == models.CodeNotFound || err == nil && visit.ID != e.Inspection {
			return e, &RefusedEvent{Code: "unknown_inspection", Detail: "There is no such inspection."}, nil
		}
		if err != nil {
			return e, nil, err
		}
	}
	e.User, e.Received, e.ClockAhead, e.ClockKnown = in.actor.ID, in.tx.Now, in.ahead, in.timed
	kept, err := in.keep(e, device, visit)
	return kept, nil, err
}

// keep writes the event unless it is there, and gives it as it is kept.
func (in *intake) keep(e models.FieldEvent, device models.FieldDevice, visit models.Inspection) (models.FieldEvent, error) {
	versions, err := in.tx.FieldEventVersions([]string{e.ID})
	if err != nil {
		return e, err
	}
	for _, v := range versions {
		if v.Hash == e.Hash {
			return v, nil
		}
	}
	around := models.FieldContext{Inspection: visit, Device: device, SameID: len(versions) > 0, ClockAhead: in.ahead}
	if e.Seq > 1 {
		if around.Before, err = in.tx.FieldEventOf(e.Device, e.Seq-1); err != nil {
			return e, err
		}
	}
	if around.OtherDevice, err = in.tx.OtherDeviceRecorded(visit.ID, e.Device); err != nil {
		return e, err
	}
	e.Flags = e.FlagsIn(around)
	// The id that the device made is left out: beside the hash it would let somebody
	// who guesses the words try them.
	body := map[string]any{"hash": e.Hash, "device": e.Device, "seq": e.Seq, "kind": e.Kind, "flags": e.Flags}
	if models.ClockWrong(in.ahead) {
		body["clock_ahead_s"] = int64(in.ahead / time.Second)
	}
	e.Entry, err = in.tx.Append(models.Entry{Kind: "inspection.event", Subject: models.Ref{Kind: "inspection", ID: visit.ID}, SubjectVersion: visit.Version,
		Actor: in.actor, Body: body})
	if err != nil {
		return e, err
	}
	if err := in.tx.InsertFieldEvent(e); err != nil {
		return e, err
	}
	next, began := visit.Begun(in.tx.Now)
	if began {
		if err := in.tx.UpdateInspection(next); err != nil {
			return e, err
		}
		if err := inspectionFact(in.tx, in.actor, "inspection.in_progress", next, map[string]any{}); err != nil {
			return e, err
		}
	}
	in.visits[visit.ID] = next
	return e, nil
}

// sealed fills in the places in the ledger of what is sealed already.
func (in *intake) sealed(receipts []Receipt) error { return fillPlaces(in.tx, receipts) }

func fillPlaces(tx *store.Tx, receipts []Receipt) error {
	entries := make([]string, 0, len(receipts))
	for _, r := range receipts {
		entries = append(entries, r.Entry)
	}
	places, err := tx.EntryPlaces(entries)
	if err != nil || len(places) == 0 {
		return err
	}
	head, err := tx.Head()
	for i := range receipts {
		if at, ok := places[receipts[i].Entry]; ok && at < head.Size {
			receipts[i].Index, receipts[i].Checkpoint = at, head.Size
		}
	}
	return err
}

// Receipts gives the receipts of events by the ids that the devices made; those that are
// not there are left out. An inspector sees those of visits it may know of.
func (s *Service) Receipts(ctx context.Context, actor models.Actor, ids []string) (out []Receipt, err error) {
	if err := models.Can(actor, models.ActFieldWork, models.Scope{}); err != nil {
		return nil, err
	}
	if len(ids) > MaxFieldEvents {
		return nil, models.Errorf(models.CodeTooLarge, "At most %d ids in one request.", MaxFieldEvents)
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		out = []Receipt{}
		found, err := tx.FieldEventVersions(ids)
		if err != nil {
			return err
		}
		for _, e := range found {
			if e.User != actor.ID {
				if _, err := loadInspection(tx, actor, e.Inspection); models.CodeOf(err) == models.CodeNotFound {
					continue
				} else if err != nil {
					return err
				}
			}
			out = append(out, receiptOf(e))
		}
		return fillPlaces(tx, out)
	})
	return out, err
}

// maxMissing bounds how many missing events and files one answer names.
const maxMissing = 500
