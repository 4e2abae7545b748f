package enforcement_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/enforcement"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

var (
	inspector = models.Actor{ID: "u-insp", Kind: "person", Name: "Inspector", Roles: []models.Role{models.RoleInspector}}
	second    = models.Actor{ID: "u-insp2", Kind: "person", Name: "Other", Roles: []models.Role{models.RoleInspector}}
)

// phone is a device of the field with its chain.
type phone struct {
	id, prev string
	seq      int64
	key      *ecdsa.PrivateKey
}

func newPhone(t *testing.T, svc *enforcement.Service, who models.Actor) *phone {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	public := base64.StdEncoding.EncodeToString(raw)
	d, err := svc.RegisterDevice(context.Background(), who, "phone", public)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := svc.RegisterDevice(context.Background(), who, "phone again", public); err != nil || again.ID != d.ID {
		t.Fatalf("the same key is another device: %+v %v", again, err)
	}
	return &phone{id: d.ID, prev: models.NoEvent, key: key}
}

func (p *phone) sign(payload string) enforcement.SignedEvent {
	sum := sha256.Sum256([]byte(payload))
	r, s, err := ecdsa.Sign(rand.Reader, p.key, sum[:])
	if err != nil {
		panic(err)
	}
	raw := make([]byte, 64)
	r.FillBytes(raw[:32])
	s.FillBytes(raw[32:])
	return enforcement.SignedEvent{Payload: payload, Signature: base64.StdEncoding.EncodeToString(raw)}
}

func (p *phone) payload(id, inspection, kind string, at time.Time, body map[string]any) string {
	text, err := json.Marshal(map[string]any{"v": 1, "id": id, "device": p.id, "inspection": inspection, "seq": p.seq, "prev": p.prev, "kind": kind,
		"at": at.Format(time.RFC3339Nano), "body": body})
	if err != nil {
		panic(err)
	}
	return string(text)
}

// event is the next event of the phone.
func (p *phone) event(id, inspection, kind string, at time.Time, body map[string]any) enforcement.SignedEvent {
	p.seq++
	text := p.payload(id, inspection, kind, at, body)
	p.prev = hashOf([]byte(text))
	return p.sign(text)
}

func hashOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// fieldOffice is an office with two inspectors and a folder of evidence.
func fieldOffice(t *testing.T, s *store.Store) (*enforcement.Service, string) {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "evidence")
	svc := office(t, s, 1).KeepEvidence(folder)
	err := s.Update(context.Background(), func(tx *store.Tx) (err error) {
		for _, a := range []models.Actor{inspector, second} {
			if err == nil {
				err = tx.InsertUser(models.User{ID: a.ID, Login: a.ID, Name: a.Name, Roles: a.Roles, Created: tx.Now, Version: 1}, "hash")
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return svc, folder
}

func plan(t *testing.T, svc *enforcement.Service, clock *storetest.Clock) models.Inspection {
	t.Helper()
	v, err := svc.PlanInspection(context.Background(), head, models.Inspection{Kind: models.InspectionOutOfTurn, Title: "Old mill", Address: "Өскемен, Зауыт 4",
		PlannedOn: models.LegalDate(clock.Now()), Lead: inspector.ID})
	if err != nil {
		t.Fatal(err)
	}
	return v.Inspection
}

func lawful(day string) map[string]string {
	return map[string]string{"act_number": "A-1", "act_date": day, "registration_number": "R-1", "registration_date": day, "notice_exception": "Hidden load",
		"inspector_card": "C-7", "entry_power": "Art. 152"}
}

func TestInspection_WithoutItsLegalFieldsItIsNotFinalizedAndSaysWhyEachMatters(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		svc, _ := fieldOffice(t, s)
		ctx := context.Background()
		i := plan(t, svc, clock)
		if i.State != models.InspectionPlanned || i.Checklist != "mining/2024-01" {
			t.Fatalf("planned: %+v", i)
		}
		if _, err := svc.PlanInspection(ctx, inspector, i); models.CodeOf(err) != models.CodeForbidden {
			t.Errorf("an inspector plans: %v", err)
		}
		if _, err := svc.Inspection(ctx, second, i.ID); models.CodeOf(err) != models.CodeNotFound {
			t.Errorf("an inspector of no team sees it: %v", err)
		}
		p := newPhone(t, svc, inspector)
		events := []enforcement.SignedEvent{p.event("e1", i.ID, "visit.started", clock.Now(), map[string]any{}),
			p.event("e2", i.ID, "visit.finished", clock.Now(), map[string]any{"summary": "x", "language": "kk"})}
		if _, _, err := svc.ReceiveEvents(ctx, inspector, events); err != nil {
			t.Fatal(err)
		}
		if v, err := svc.SubmitInspection(ctx, inspector, i.ID, enforcement.Submission{Device: p.id, LastSeq: 2, LastHash: p.prev}); err != nil || v.Inspection.State != models.InspectionSubmitted {
			t.Fatalf("submitted: %+v %v", v.Inspection.State, err)
		}
		_, err := svc.FinalizeInspection(ctx, inspector, i.ID, 0)
		var refused *models.Error
		if models.CodeOf(err) != models.CodeLegalMissing || !asError(err, &refused) || len(refused.Fields) != 7 || !strings.Contains(refused.Fields[0].Detail, "unlawful") {
			t.Fatalf("finalized without its fields: %v", err)
		}
		day := models.LegalDate(clock.Now())
		late := lawful(day)
		late["act_date"] = models.AddDays(day, 1)
		if _, err := svc.SetLegal(ctx, inspector, i.ID, late, 0); err != nil {
			t.Fatal(err)
		}
		if _, err := svc.FinalizeInspection(ctx, inspector, i.ID, 0); !asError(err, &refused) || len(refused.Fields) != 1 || refused.Fields[0].Code != "too_late" {
			t.Errorf("an act dated after the visit: %v", err)
		}
		if _, err := svc.SetLegal(ctx, inspector, i.ID, map[string]string{"act_date": day}, 0); err != nil {
			t.Fatal(err)
		}
		if v, err := svc.FinalizeInspection(ctx, inspector, i.ID, 0); err != nil || v.Inspection.State != models.InspectionFinalized {
			t.Errorf("finalized: %v %v", v.Inspection.State, err)
		}
		entriesWithoutWords(t, s, "Зауыт", "Old mill", "C-7", "Hidden load", `"e1"`)
	})
}

func asError(err error, into **models.Error) bool {
	e, ok := err.(*models.Error)
	*into = e
	return ok
}

func TestField_EveryEventIsKeptOnceAndWhatIsOddIsKeptWithAFlag(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		svc, _ := fieldOffice(t, s)
		ctx := context.Background()
		i := plan(t, svc, clock)
		p := newPhone(t, svc, inspector)
		send := func(who models.Actor, e ...enforcement.SignedEvent) []enforcement.Receipt {
			t.Helper()
			kept, refused, err := svc.ReceiveEvents(ctx, who, e)
			if err != nil || len(refused) > 0 {
				t.Fatalf("refused %+v, %v", refused, err)
			}
			return kept
		}
		flags := func(r enforcement.Receipt, want ...models.FieldFlag) {
			t.Helper()
			if !slices.Equal(r.Flags, want) {
				t.Errorf("%s has the flags %v, want %v", r.ID, r.Flags, want)
			}
		}
		first := p.event("e1", i.ID, "visit.started", clock.Now(), map[string]any{})
		one := send(inspector, first)[0]
		flags(one)
		again := send(inspector, first, first)
		if again[0].Entry != one.Entry || again[1].Entry != one.Entry || one.Hash != hashOf([]byte(first.Payload)) {
			t.Errorf("a repeat has another receipt: %+v, first %+v", again, one)
		}
		lost := p.event("e2", i.ID, "note.added", clock.Now(), map[string]any{"text": "a"})
		third := p.event("e3", i.ID, "note.added", clock.Now().Add(48*time.Hour), map[string]any{"text": "b"})
		flags(send(inspector, third)[0], models.FlagGap, models.FlagClock)
		flags(send(inspector, lost)[0])
		other := newPhone(t, svc, second)
		flags(send(second, other.event("f1", i.ID, "note.added", clock.Now(), map[string]any{"text": "c"}))[0], models.FlagNotInTeam, models.FlagSecondDevice)
		if _, err := svc.Reassign(ctx, head, i.ID, models.Team{Lead: second.ID, PlannedOn: i.PlannedOn}, 0); err != nil {
			t.Fatal(err)
		}
		fourth := p.event("e4", i.ID, "note.added", clock.Now().Add(48*time.Hour), map[string]any{"text": "d"})
		flags(send(inspector, fourth)[0], models.FlagReassigned, models.FlagSecondDevice, models.FlagClock)
		twin := p.sign(strings.Replace(lost.Payload, `"a"`, `"z"`, 1))
		flags(send(second, twin)[0], models.FlagConflict, models.FlagOtherUser, models.FlagSecondDevice)
		r, err := svc.Review(ctx, head, i.ID)
		if err != nil || len(r.Events) != 6 || len(r.Conflicts) != 1 || len(r.Conflicts[0].Versions) != 2 || len(r.Gaps) != 0 {
			t.Fatalf("%d events, conflicts %+v, gaps %+v, %v", len(r.Events), r.Conflicts, r.Gaps, err)
		}
		if len(r.Protocol.Notes) != 4 {
			t.Errorf("%d notes count, want 4: the version that came second does not", len(r.Protocol.Notes))
		}
		bad := p.event("e5", i.ID, "note.added", clock.Now(), map[string]any{})
		bad.Payload += " "
		nowhere := p.event("e6", "no-such", "note.added", clock.Now(), map[string]any{})
		_, refused, err := svc.ReceiveEvents(ctx, inspector, []enforcement.SignedEvent{bad, {Payload: "{"}, nowhere})
		if err != nil || len(refused) != 3 || refused[0].Code != "bad_signature" || refused[1].Code != "malformed" || refused[2].Code != "unknown_inspection" {
			t.Errorf("refused: %+v %v", refused, err)
		}
		if _, err := svc.LockDevice(ctx, second, p.id); models.CodeOf(err) != models.CodeNotFound {
			t.Errorf("a colleague locks a device: %v", err)
		}
		if _, err := svc.LockDevice(ctx, head, p.id); err != nil {
			t.Fatal(err)
		}
		if _, _, err := svc.ReceiveEvents(ctx, inspector, []enforcement.SignedEvent{first}); models.CodeOf(err) != models.CodeDeviceLocked {
			t.Errorf("a locked device sends: %v", err)
		}
		if kept, _, err := svc.ReceiveEvents(ctx, head, []enforcement.SignedEvent{first}); err != nil || len(kept) != 1 {
			t.Errorf("the office cannot bring in what a locked device exported: %v", err)
		}
	})
}

func TestField_ASubmissionNamesWhatHasNotComeIn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		svc, _ := fieldOffice(t, s)
		ctx := context.Background()
		i := plan(t, svc, clock)
		p := newPhone(t, svc, inspector)
		photo := picture(1)
		e1 := p.event("e1", i.ID, "visit.started", clock.Now(), map[string]any{})
		e2 := p.event("e2", i.ID, "photo.taken", clock.Now(), map[string]any{"sha256": hashOf(photo), "source": "camera", "shot": "hall"})
		e3 := p.event("e3", i.ID, "visit.finished", clock.Now(), map[string]any{})
		if _, _, err := svc.ReceiveEvents(ctx, inspector, []enforcement.SignedEvent{e1, e3}); err != nil {
			t.Fatal(err)
		}
		submit := func() string {
			v, err := svc.SubmitInspection(ctx, inspector, i.ID, enforcement.Submission{Device: p.id, LastSeq: 3, LastHash: p.prev})
			var e *models.Error
			if !asError(err, &e) {
				return string(v.Inspection.State)
			}
			named := []string{string(e.Code)}
			for _, f := range e.Fields {
				named = append(named, f.Pointer)
			}
			return strings.Join(named, " ")
		}
		if got := submit(); got != "events_missing /seq/2" {
			t.Errorf("without the second event: %s", got)
		}
		if _, _, err := svc.ReceiveEvents(ctx, inspector, []enforcement.SignedEvent{e2}); err != nil {
			t.Fatal(err)
		}
		if got := submit(); got != "events_missing /blobs/"+hashOf(photo) {
			t.Errorf("without the photo: %s", got)
		}
		if _, _, err := svc.PutEvidence(ctx, inspector, hashOf(photo), "image/png", photo); err != nil {
			t.Fatal(err)
		}
		if got := submit(); got != "submitted" {
			t.Errorf("with everything: %s", got)
		}
	})
}

// picture is a photograph of its own: blots of many sizes, from a seed.
func picture(seed uint32) []byte {
	m := image.NewGray(image.Rect(0, 0, 160, 120))
	next := func(n uint32) int { seed = seed*1664525 + 1013904223; return int((seed >> 8) % n) }
	for range 60 {
		x, y, r, c := next(160), next(120), 4+next(24), uint8(next(256))
		for v := max(0, y-r); v < min(120, y+r); v++ {
			for u := max(0, x-r); u < min(160, x+r); u++ {
				m.SetGray(u, v, color.Gray{Y: c})
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, m); err != nil {
		panic(err)
	}
	return out.Bytes()
}

func TestEvidence_LiesOnTheDiskByItsHashAndEveryHandIsWrittenDown(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		svc, folder := fieldOffice(t, s)
		ctx := context.Background()
		i := plan(t, svc, clock)
		p := newPhone(t, svc, inspector)
		photo := picture(7)
		name := hashOf(photo)
		if _, _, err := svc.PutEvidence(ctx, inspector, name, "image/png", photo[1:]); models.CodeOf(err) != models.CodeInvalid {
			t.Errorf("bytes with another hash were kept: %v", err)
		}
		if _, err := svc.HasEvidence(ctx, inspector, name); models.CodeOf(err) != models.CodeNotFound {
			t.Errorf("it is there before it came: %v", err)
		}
		b, fresh, err := svc.PutEvidence(ctx, inspector, name, "image/png", photo)
		if err != nil || !fresh || b.Width != 160 {
			t.Fatalf("kept: %+v %v %v", b, fresh, err)
		}
		if again, fresh, err := svc.PutEvidence(ctx, inspector, name, "image/png", photo); err != nil || fresh || again.Entry != b.Entry {
			t.Errorf("sent again: %+v %v %v", again, fresh, err)
		}
		e := p.event("e1", i.ID, "photo.taken", clock.Now(), map[string]any{"sha256": name, "source": "gallery"})
		if _, _, err := svc.ReceiveEvents(ctx, inspector, []enforcement.SignedEvent{e}); err != nil {
			t.Fatal(err)
		}
		if _, _, err := svc.EvidenceFile(ctx, second, name, ""); models.CodeOf(err) != models.CodeNotFound {
			t.Errorf("an inspector of no team opens it: %v", err)
		}
		if _, got, err := svc.EvidenceFile(ctx, auditor, name, ""); err != nil || !bytes.Equal(got, photo) {
			t.Errorf("the auditor got %d bytes, %v", len(got), err)
		}
		r, err := svc.Review(ctx, head, i.ID)
		if err != nil || len(r.Photos) != 1 || len(r.Photos[0].Custody) != 2 || r.Photos[0].Custody[1].By != auditor.ID || r.Photos[0].Flags[0].Code != models.PhotoGallery {
			t.Errorf("review: %+v %v", r.Photos, err)
		}
		if _, err := svc.HoldInspection(ctx, head, i.ID, "Court", 0); err != nil {
			t.Fatal(err)
		}
		if err := svc.EraseEvidence(ctx, head, name, "Term is over"); models.CodeOf(err) != models.CodeConflict || !strings.Contains(err.Error(), "hold") {
			t.Errorf("erased under a hold: %v", err)
		}
		file := filepath.Join(folder, name[:2], name)
		if err := os.WriteFile(file, photo[:10], 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := svc.EvidenceFile(ctx, head, name, ""); models.CodeOf(err) != models.CodeConflict {
			t.Errorf("a file that changed was given: %v", err)
		}
		if _, _, err := svc.PutEvidence(ctx, inspector, name, "image/png", photo); err != nil {
			t.Errorf("the whole file does not mend it: %v", err)
		}
		if _, got, err := svc.EvidenceFile(ctx, head, name, "court"); err != nil || !bytes.Equal(got, photo) {
			t.Errorf("mended: %d bytes, %v", len(got), err)
		}
	})
}

func TestEvidence_AFolderThatCannotBeWrittenKeepsNothingAndSaysSo(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		svc, folder := fieldOffice(t, s)
		if err := os.WriteFile(folder, nil, 0o600); err != nil { // a file where the folder would be
			t.Fatal(err)
		}
		photo := picture(9)
		if _, _, err := svc.PutEvidence(context.Background(), inspector, hashOf(photo), "image/png", photo); err == nil {
			t.Error("a receipt was given for a file that is on no disk")
		}
		if _, err := svc.HasEvidence(context.Background(), inspector, hashOf(photo)); models.CodeOf(err) != models.CodeNotFound {
			t.Errorf("the record says that it is there: %v", err)
		}
	})
}
