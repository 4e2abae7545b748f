package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/enforcement"
)

func (s *Server) fieldRoutes() []route {
	const tag = "Field"
	return []route{
		handle("GET", "/v1/field/devices", models.ActFieldWork, tag, "Devices of the field: an inspector's own, for a head all", s.listDevices),
		handle("POST", "/v1/field/devices", models.ActFieldWork, tag, "Register the key of a device; the same key is the same device", s.postDevice).with(http.StatusCreated),
		handle("POST", "/v1/field/devices/{id}/lock", models.ActFieldWork, tag, "Lock a device: at its next contact it wipes what it holds of the registry", s.postDeviceLock),
		handle("POST", "/v1/field/devices/{id}/unlock", models.ActFieldUnlock, tag, "Unlock a device: what it recorded before comes in as it was signed", s.postDeviceUnlock),
		handle("GET", "/v1/field/today", models.ActFieldWork, tag, "The caller's visits, by day and route", s.getToday),
		handle("POST", "/v1/field/events", models.ActFieldWork, tag, "Send events that a device signed, at most 200; each is kept once, and nothing is refused for being late", s.postEvents).upTo(16 << 20),
		handle("GET", "/v1/field/receipts", models.ActFieldWork, tag, "Receipts of events: received, or sealed with their place in the ledger", s.getReceipts),
		handle("PUT", "/v1/field/blobs/{sha256}", models.ActFieldWork, tag, "Send a file under its SHA-256, the body as it is; on the disk before the answer", s.putBlob).upTo(models.MaxEvidenceBytes + 1),
		handle("HEAD", "/v1/field/blobs/{sha256}", models.ActFieldWork, tag, "Whether a file is there", s.headBlob).with(http.StatusNoContent),
		handle("GET", "/v1/inspections/{id}/pack", models.ActFieldWork, tag, "What the team takes along: the visit, what is declared, the checklist, the signed status list", s.getPack),
		handle("POST", "/v1/inspections/{id}/submission", models.ActInspectionWork, tag, "Say that a device has sent all of a visit; what is missing is named", s.postVisitSubmission),
	}
}

// OfDevice names the device that asks, so that one that was locked learns it.
type OfDevice struct {
	Device string `header:"Field-Device" maxLength:"64" doc:"Id of the device that asks"`
}

// DeviceInput registers a device.
type DeviceInput struct {
	Name      string `json:"name" maxLength:"100"`
	PublicKey string `json:"public_key" maxLength:"128" doc:"Base64 of the uncompressed P-256 point, 65 bytes"`
}

// DeviceWire is a device of the field.
type DeviceWire struct {
	ID           string     `json:"id"`
	User         string     `json:"user"`
	Name         string     `json:"name"`
	RegisteredAt time.Time  `json:"registered_at"`
	LockedAt     *time.Time `json:"locked_at,omitempty"`
}

func deviceWire(d models.FieldDevice) DeviceWire {
	return DeviceWire{ID: d.ID, User: d.User, Name: d.Name, RegisteredAt: d.Registered, LockedAt: optionalTime(d.Locked)}
}

func (s *Server) listDevices(ctx context.Context, actor models.Actor, in *ListQuery) (*listOutput[DeviceWire], error) {
	page := in.page()
	found, err := s.svc.Enforcement.Devices(ctx, actor, page)
	if err != nil {
		return nil, err
	}
	return listOf(found, nextOf(found, page, func(d models.FieldDevice) string { return d.ID }), deviceWire), nil
}

type devicePost struct {
	Idempotent
	Body DeviceInput
}

func (s *Server) postDevice(ctx context.Context, actor models.Actor, in *devicePost) (*created[DeviceWire], error) {
	d, err := s.svc.Enforcement.RegisterDevice(ctx, actor, in.Body.Name, in.Body.PublicKey)
	if err != nil {
		return nil, err
	}
	return &created[DeviceWire]{Location: "/v1/field/devices/" + d.ID, Body: deviceWire(d)}, nil
}

type deviceLock struct {
	ByID
	Idempotent
	Body *struct{} `required:"false"`
}

func (s *Server) postDeviceLock(ctx context.Context, actor models.Actor, in *deviceLock) (*output[DeviceWire], error) {
	d, err := s.svc.Enforcement.LockDevice(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return &output[DeviceWire]{Body: deviceWire(d)}, nil
}

func (s *Server) postDeviceUnlock(ctx context.Context, actor models.Actor, in *deviceLock) (*output[DeviceWire], error) {
	d, err := s.svc.Enforcement.UnlockDevice(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return &output[DeviceWire]{Body: deviceWire(d)}, nil
}

// SignedEventInput is an event as the device signed it.
type SignedEventInput struct {
	Payload   string `json:"payload" maxLength:"65536" doc:"The text that was signed, byte for byte"`
	Signature string `json:"signature" maxLength:"128" doc:"Base64 of r and s, ECDSA P-256 over SHA-256"`
}

// EventsInput is what a device sends at once.
type EventsInput struct {
	Events []SignedEventInput `json:"events" nullable:"false" maxItems:"200"`
}

// ReceiptEventWire is the receipt of one event.
type ReceiptEventWire struct {
	ID         string    `json:"id"`
	Hash       string    `json:"hash" doc:"Hex SHA-256 of the payload"`
	State      string    `json:"state" enum:"received,sealed"`
	Entry      string    `json:"entry" doc:"Id of the ledger entry"`
	Index      *int64    `json:"index,omitempty" doc:"Place in the ledger, once it is sealed"`
	Checkpoint int64     `json:"checkpoint,omitempty" doc:"Size of a signed checkpoint that covers it"`
	ReceivedAt time.Time `json:"received_at"`
	Flags      []string  `json:"flags" nullable:"false" doc:"late, clock, second_device, reassigned, not_in_team, other_user, after_final, gap, chain, conflict"`
}

func receiptEventWire(r enforcement.Receipt) ReceiptEventWire {
	w := ReceiptEventWire{ID: r.ID, Hash: r.Hash, State: "received", Entry: r.Entry, Checkpoint: r.Checkpoint, ReceivedAt: r.Received, Flags: flagsOf(r.Flags)}
	if r.Index >= 0 {
		w.State, w.Index = "sealed", &r.Index
	}
	return w
}

func flagsOf(flags []models.FieldFlag) []string {
	out := make([]string, 0, len(flags))
	for _, f := range flags {
		out = append(out, string(f))
	}
	return out
}

// RefusedEventWire is an event that could not be kept.
type RefusedEventWire struct {
	Index  int    `json:"index" doc:"Place in the request"`
	ID     string `json:"id,omitempty"`
	Code   string `json:"code" enum:"malformed,unknown_device,unknown_inspection,bad_signature"`
	Detail string `json:"detail"`
}

// EventsWire answers what became of each event.
type EventsWire struct {
	Receipts []ReceiptEventWire `json:"receipts" nullable:"false"`
	Refused  []RefusedEventWire `json:"refused" nullable:"false"`
}

type eventsPost struct {
	OfDevice
	Clock string `header:"Field-Clock" maxLength:"40" doc:"What the device's clock shows as it sends, RFC 3339; a clock that is off is said with the events, and not trusted"`
	Body  EventsInput
}

func (s *Server) postEvents(ctx context.Context, actor models.Actor, in *eventsPost) (*output[EventsWire], error) {
	if err := s.device(ctx, actor, in.Device); err != nil {
		return nil, err
	}
	events := make([]enforcement.SignedEvent, 0, len(in.Body.Events))
	for _, e := range in.Body.Events {
		events = append(events, enforcement.SignedEvent(e))
	}
	// A clock that cannot be read says nothing; it is no reason to keep work out.
	clock, _ := time.Parse(time.RFC3339, in.Clock)
	kept, refused, err := s.svc.Enforcement.ReceiveBatch(ctx, actor, enforcement.FieldBatch{Events: events, Clock: clock})
	if err != nil {
		return nil, err
	}
	out := EventsWire{Receipts: []ReceiptEventWire{}, Refused: []RefusedEventWire{}}
	for _, r := range kept {
		out.Receipts = append(out.Receipts, receiptEventWire(r))
	}
	for _, r := range refused {
		out.Refused = append(out.Refused, RefusedEventWire(r))
	}
	return &output[EventsWire]{Body: out}, nil
}

// device refuses a locked one, except for a head, who sends what was exported from it.
func (s *Server) device(ctx context.Context, actor models.Actor, id string) error {
	if actor.Is(models.RoleHead) {
		return nil
	}
	return s.svc.Enforcement.CheckDevice(ctx, id)
}

type receiptsQuery struct {
	OfDevice
	IDs string `query:"ids" required:"true" maxLength:"13200" doc:"Ids of events that devices made, with commas, at most 200"`
}

// ReceiptsWire is a list of receipts.
type ReceiptsWire struct {
	Receipts []ReceiptEventWire `json:"receipts" nullable:"false"`
}

func (s *Server) getReceipts(ctx context.Context, actor models.Actor, in *receiptsQuery) (*output[ReceiptsWire], error) {
	if err := s.device(ctx, actor, in.Device); err != nil {
		return nil, err
	}
	ids := []string{}
	for _, id := range strings.Split(in.IDs, ",") {
		if id = strings.TrimSpace(id); id != "" && storable(id) {
			ids = append(ids, id)
		}
	}
	found, err := s.svc.Enforcement.Receipts(ctx, actor, ids)
	if err != nil {
		return nil, err
	}
	out := ReceiptsWire{Receipts: []ReceiptEventWire{}}
	for _, r := range found {
		out.Receipts = append(out.Receipts, receiptEventWire(r))
	}
	return &output[ReceiptsWire]{Body: out}, nil
}

// ByHash addresses a file by its SHA-256.
type ByHash struct {
	SHA256 string `path:"sha256" maxLength:"64" doc:"SHA-256 in 64 lower-case hex digits"`
}

type blobPut struct {
	ByHash
	OfDevice
	ContentType string `header:"Content-Type" hidden:"true"`
	RawBody     []byte `contentType:"application/octet-stream"`
}

// BlobWire says that a file is kept.
type BlobWire struct {
	SHA256     string    `json:"sha256"`
	Bytes      int64     `json:"bytes"`
	ReceivedAt time.Time `json:"received_at"`
	Entry      string    `json:"entry" doc:"Id of the ledger entry"`
}

// blobOutput is 201 for a new file and 200 for one that was there.
type blobOutput struct {
	Status int
	Body   BlobWire
}

func (s *Server) putBlob(ctx context.Context, actor models.Actor, in *blobPut) (*blobOutput, error) {
	if err := s.device(ctx, actor, in.Device); err != nil {
		return nil, err
	}
	b, fresh, err := s.svc.Enforcement.PutEvidence(ctx, actor, in.SHA256, in.ContentType, in.RawBody)
	if err != nil {
		return nil, err
	}
	out := &blobOutput{Status: http.StatusOK, Body: BlobWire{SHA256: b.SHA256, Bytes: b.Bytes, ReceivedAt: b.Received, Entry: b.Entry}}
	if fresh {
		out.Status = http.StatusCreated
	}
	return out, nil
}

// blobHead says how large a file is that is there.
type blobHead struct {
	Bytes string `header:"Evidence-Bytes"`
}

func (s *Server) headBlob(ctx context.Context, actor models.Actor, in *ByHash) (*blobHead, error) {
	b, err := s.svc.Enforcement.HasEvidence(ctx, actor, in.SHA256)
	if err != nil {
		return nil, err
	}
	return &blobHead{Bytes: strconv.FormatInt(b.Bytes, 10)}, nil
}

// SubmissionInput says how far a device has recorded.
type SubmissionInput struct {
	Device   string `json:"device" maxLength:"64"`
	LastSeq  int64  `json:"last_seq" minimum:"1" maximum:"1000000000"`
	LastHash string `json:"last_hash" minLength:"64" maxLength:"64" doc:"Hash of the event with that number"`
}

type submissionPost struct {
	ByID
	Idempotent
	Body SubmissionInput
}

func (s *Server) postVisitSubmission(ctx context.Context, actor models.Actor, in *submissionPost) (*output[InspectionWire], error) {
	v, err := s.svc.Enforcement.SubmitInspection(ctx, actor, in.ID, enforcement.Submission(in.Body))
	return s.inspectionOutput(ctx, v, actor, err)
}
