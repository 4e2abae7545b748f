package models

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// FieldDevice is a device of the field with the key that does not leave it.
type FieldDevice struct {
	ID         string
	User       string // user id of who registered it
	Name       string
	PublicKey  string // base64 of the uncompressed P-256 point, 65 bytes
	Registered time.Time
	Locked     time.Time // zero while it is not
	LockedBy   string
}

// FieldFlag is something about an event of the field that a reader has to know. A flag
// never keeps an event out.
type FieldFlag string

// The flags.
const (
	FlagLate         FieldFlag = "late"          // came after the visit was submitted
	FlagClock        FieldFlag = "clock"         // its time lies after its receipt, or before that of the event before it
	FlagSecondDevice FieldFlag = "second_device" // another device recorded the same visit before
	FlagReassigned   FieldFlag = "reassigned"    // sent by somebody who was of the team
	FlagNotInTeam    FieldFlag = "not_in_team"   // sent by somebody who never was
	FlagOtherUser    FieldFlag = "other_user"    // the device was registered by somebody else
	FlagAfterFinal   FieldFlag = "after_final"   // came after the end of the inspection
	FlagGap          FieldFlag = "gap"           // the event before it had not come in
	FlagChain        FieldFlag = "chain"         // it does not name the event before it
	FlagConflict     FieldFlag = "conflict"      // another text with the same id is there
)

// FieldKinds lists what a device can record.
func FieldKinds() []string {
	return []string{"visit.started", "access.refused", "answer.set", "serial.scanned", "rack.counted", "photo.taken", "reading.taken", "seal.checked",
		"seal.applied", "equipment.seized", "note.added", "signature.made", "signature.refused", "visit.finished", "event.voided"}
}

// FieldEvent is one event as the device signed it.
type FieldEvent struct {
	ID         string // made by the device
	Hash       string // hex SHA-256 of Payload
	Inspection string
	Device     string
	User       string // user id of who sent it
	Seq        int64  // of the device, from 1
	Prev       string // hash of the event before it
	Kind       string
	At         time.Time // clock of the device
	Received   time.Time // clock of the registry
	Payload    string    // byte for byte
	Signature  string    // base64 of r and s
	Flags      []FieldFlag
	Entry      string // id of its ledger entry
	Body       map[string]any

	// ClockAhead is how far the device's clock was ahead of ours when it sent this,
	// negative when it was behind; ClockKnown tells whether it said so.
	ClockAhead time.Duration
	ClockKnown bool
	// Recorded is when it was recorded, by our clock, as far as that can be told. It is
	// set by ByRecording alone.
	Recorded time.Time
}

// NoEvent is the prev of a device's first event.
var NoEvent = strings.Repeat("0", 64)

const maxFieldPayload = 64 << 10

type fieldPayload struct {
	v          int64
	id, device string
}

// ParseFieldEvent reads the payload of an event. The error says what is malformed.
func ParseFieldEvent(payload, signature string) (e FieldEvent, err error) {
	if len(payload) > maxFieldPayload || !utf8.ValidString(payload) || strings.ContainsRune(payload, 0) {
		return e, Errorf(CodeInvalid, "An event is UTF-8 text of at most %d bytes.", maxFieldPayload)
	}
	var raw map[string]any
	d := json.NewDecoder(strings.NewReader(payload))
	d.UseNumber()
	if d.Decode(&raw) != nil || d.More() {
		return e, Errorf(CodeInvalid, "The payload is no JSON object.")
	}
	text := func(name string) string { s, _ := raw[name].(string); return s }
	number := func(name string) int64 {
		n, ok := raw[name].(json.Number)
		if !ok {
			return 0
		}
		whole, err := n.Int64()
		if err != nil {
			return 0
		}
		return whole
	}
	head := fieldPayload{v: number("v"), id: text("id"), device: text("device")}
	at, timeErr := time.Parse(time.RFC3339Nano, text("at"))
	sum := sha256.Sum256([]byte(payload))
	e = FieldEvent{ID: head.id, Hash: hex.EncodeToString(sum[:]), Inspection: text("inspection"), Device: head.device, Seq: number("seq"), Prev: text("prev"),
		Kind: text("kind"), At: at.UTC().Truncate(time.Microsecond), Payload: payload, Signature: signature}
	body, isObject := raw["body"].(map[string]any)
	e.Body = body
	switch {
	case head.v != 1:
		return e, Errorf(CodeInvalid, "v is 1.")
	case !idForm(e.ID) || !idForm(e.Device) || !idForm(e.Inspection):
		return e, Errorf(CodeInvalid, "id, device and inspection are ids of at most 64 characters.")
	case e.Seq < 1 || e.Seq > 1<<40:
		return e, Errorf(CodeInvalid, "seq counts from 1.")
	case !HexHash(e.Prev):
		return e, Errorf(CodeInvalid, "prev is a SHA-256 in 64 hex digits.")
	case !slices.Contains(FieldKinds(), e.Kind):
		return e, Errorf(CodeInvalid, "kind is one of %v.", FieldKinds())
	case timeErr != nil || at.Year() < 1970 || at.Year() > 9999:
		return e, Errorf(CodeInvalid, "at is an RFC 3339 instant.")
	case !isObject:
		return e, Errorf(CodeInvalid, "body is an object.")
	}
	return e, nil
}

func idForm(s string) bool {
	return s != "" && len(s) <= 64 && strings.IndexFunc(s, func(r rune) bool {
		return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) < 0
}

// HexHash tells whether a text is a SHA-256 in lower-case hex.
func HexHash(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == sha256.Size && strings.ToLower(s) == s
}

// DeviceKey reads a public key of a device: base64 of an uncompressed point of P-256.
func DeviceKey(text string) (*ecdsa.PublicKey, error) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err == nil {
		var key *ecdsa.PublicKey
		if key, err = ecdsa.ParseUncompressedPublicKey(elliptic.P256(), raw); err == nil {
			return key, nil
		}
	}
	var v Invalid
	v.Add("/public_key", "format", "Give the uncompressed P-256 point, 65 bytes, as base64.")
	return nil, v.Err()
}

// SignedBy tells whether the device's key signed the payload.
func (e FieldEvent) SignedBy(d FieldDevice) bool {
	key, err := DeviceKey(d.PublicKey)
	if err != nil {
		return false
	}
	raw, err := base64.StdEncoding.DecodeString(e.Signature)
	if err != nil || len(raw) != 64 {
		return false
	}
	sum := sha256.Sum256([]byte(e.Payload))
	return ecdsa.Verify(key, sum[:], new(big.Int).SetBytes(raw[:32]), new(big.Int).SetBytes(raw[32:]))
}

// clockTolerance is how far clocks may be apart before it is said.
const clockTolerance = 2 * time.Minute

// FieldContext is what is known when an event comes in.
type FieldContext struct {
	Inspection  Inspection
	Device      FieldDevice
	Before      *FieldEvent // of the same device with the number before, nil when it is not there
	OtherDevice bool        // another device recorded the visit before
	SameID      bool        // another text with the same id is there

	// ClockAhead is how far the device's clock was ahead of ours when it sent, 0 when it
	// did not say. An event that waited for a signal shows nothing of that by itself.
	ClockAhead time.Duration
}

// ClockWrong tells whether a device's clock is so far from ours that it has to be said.
func ClockWrong(ahead time.Duration) bool { return ahead.Abs() > clockTolerance }

// FieldCacheTerm is how long a device may keep packs readable without a contact. It
// covers a weekend on the road; a phone that is lost longer has nothing to show.
const FieldCacheTerm = 72 * time.Hour

// FlagsIn gives what a reader has to know about an event that comes in, in a fixed order.
func (e FieldEvent) FlagsIn(c FieldContext) []FieldFlag {
	out := []FieldFlag{}
	for _, f := range []struct {
		flag FieldFlag
		yes  bool
	}{
		{FlagConflict, c.SameID},
		{FlagAfterFinal, c.Inspection.Over()},
		{FlagLate, c.Inspection.State == InspectionSubmitted},
		{FlagReassigned, !c.Inspection.Of(e.User) && slices.Contains(c.Inspection.Former, e.User)},
		{FlagNotInTeam, !c.Inspection.Of(e.User) && !slices.Contains(c.Inspection.Former, e.User)},
		{FlagOtherUser, c.Device.User != e.User},
		{FlagSecondDevice, c.OtherDevice},
		{FlagGap, e.Seq > 1 && c.Before == nil},
		{FlagChain, e.Seq == 1 && e.Prev != NoEvent || c.Before != nil && e.Prev != c.Before.Hash},
		{FlagClock, ClockWrong(c.ClockAhead) || e.At.After(e.Received.Add(clockTolerance)) || c.Before != nil && e.At.Add(clockTolerance).Before(c.Before.At)},
	} {
		if f.yes {
			out = append(out, f.flag)
		}
	}
	return out
}

// Text of a field of an event's body, "" when it is not there.
func (e FieldEvent) Text(name string) string { s, _ := e.Body[name].(string); return s }

// Number of a field of an event's body, 0 when it is not there.
func (e FieldEvent) Number(name string) float64 {
	switch n := e.Body[name].(type) {
	case json.Number:
		f, err := n.Float64()
		if err != nil {
			return 0
		}
		return f
	case float64:
		return n
	}
	return 0
}

// Blobs gives the hashes of the files that an event names.
func (e FieldEvent) Blobs() []string {
	out := []string{}
	for _, name := range []string{"sha256", "image_sha256"} {
		if s := e.Text(name); HexHash(s) {
			out = append(out, s)
		}
	}
	return out
}

// About names what an event sets to one value: a question, a rack, the end of the visit.
// Two devices that set it differently contradict each other; false for everything that
// may be recorded twice.
func (e FieldEvent) About() (string, bool) {
	switch e.Kind {
	case "answer.set":
		return "answer:" + e.Text("question"), true
	case "rack.counted":
		return "rack:" + e.Text("rack"), true
	case "visit.finished", "access.refused":
		return e.Kind, true
	}
	return "", false
}

// Said is the value of what About names, for comparing.
func (e FieldEvent) Said() string {
	switch e.Kind {
	case "answer.set":
		return valueText(e.Body["value"]) + "\n" + e.Text("note")
	case "rack.counted":
		return fmt.Sprintf("%v/%v", e.Number("units"), e.Number("running"))
	case "access.refused":
		return e.Text("reason") + "\n" + e.Text("who")
	}
	return e.Text("summary")
}
