package gate

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"rigistry/models"
)

func TestStatusList_GrowsWithEachChangeAndTellsWhatChangedSince(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		list := func(actor models.Actor, since int64) StatusList {
			t.Helper()
			_, token, err := w.gate.StatusList(w.ctx, actor, since)
			w.must(err)
			l, err := VerifyStatusList(token, []ed25519.PublicKey{w.key.Public().(ed25519.PublicKey)}, w.clock.Now())
			w.must(err)
			return l
		}
		first := list(w.pres, 0)
		if s, found := first.Licenses.Of(w.license.Number); !found || s != StatusValid {
			t.Errorf("the license is %s, %t; want valid", s, found)
		}
		if s, found := first.Connections.Of(pointCode); !found || s != StatusPending {
			t.Errorf("the point is %s, %t; want pending", s, found)
		}
		if again := list(w.pres, 0); again.Version != first.Version {
			t.Errorf("nothing changed and version %d became %d", first.Version, again.Version)
		}
		w.energised()
		w.turn(models.LicenseSuspended, "license.suspended")
		w.point("PS12-F03-CP002")
		delta := list(w.pres, first.Version)
		if delta.Version <= first.Version || len(delta.Licenses.IDs) != 1 || len(delta.Connections.IDs) != 2 {
			t.Fatalf("changes since version %d: %+v", first.Version, delta)
		}
		if s, _ := delta.Licenses.Of(w.license.Number); s != StatusSuspended {
			t.Errorf("the license is %s, want suspended", s)
		}
		if s, _ := delta.Connections.Of(pointCode); s != StatusValid {
			t.Errorf("the energised point is %s, want valid", s)
		}
		if l := list(w.rival, 0); len(l.Connections.IDs) != 0 || len(l.Licenses.IDs) != 1 {
			t.Errorf("another utility's list: %+v", l)
		}
		auditor := models.Actor{ID: "a", Kind: "person", Roles: []models.Role{models.RoleAuditor}}
		if l := list(auditor, 0); len(l.Connections.IDs) != 2 || l.Utility != "" {
			t.Errorf("the auditor's list: %+v", l)
		}
		if _, _, err := w.gate.StatusList(w.ctx, w.pres, delta.Version+1); models.CodeOf(err) != models.CodeInvalid {
			t.Errorf("changes after a version to come: %v", err)
		}
		w.clock.Set(w.license.ValidUntil) // the end of a term needs no entry to be seen
		if s, _ := list(w.pres, delta.Version).Licenses.Of(w.license.Number); s != StatusRevoked {
			t.Errorf("at the end of its term the license is %s, want revoked", s)
		}
	})
}

func TestStatusList_AnyOtherBytesAreRefused(t *testing.T) {
	key, other := seeded("permit"), seeded("other")
	at := decisionsAt
	list := StatusList{Version: 3, IssuedAt: at, ExpiresAt: at.Add(StatusListLife), Connections: StatusBits{IDs: []string{}}}
	var bits []byte
	for i, id := range []string{"a", "b", "c", "d", "e"} {
		bits = list.Licenses.add(bits, id, Status(i))
	}
	list.Licenses.Bits = base64.RawURLEncoding.EncodeToString(bits)
	token, err := SignStatusList(key, list)
	if err != nil {
		t.Fatal(err)
	}
	keys := []ed25519.PublicKey{key.Public().(ed25519.PublicKey)}
	l, err := VerifyStatusList(token, keys, at)
	if err != nil {
		t.Fatal(err)
	}
	for i, id := range l.Licenses.IDs {
		if s, found := l.Licenses.Of(id); !found || s != Status(i%4) {
			t.Errorf("%s is %s, want %s", id, s, Status(i%4))
		}
	}
	if _, found := l.Licenses.Of("f"); found {
		t.Error("an id that is not listed has a status")
	}
	for i := range token {
		if changed := token[:i] + string("AB"[(token[i]&1)^1]) + token[i+1:]; changed != token {
			if _, err := VerifyStatusList(changed, keys, at); !errors.Is(err, ErrStatusList) {
				t.Fatalf("with byte %d changed: %v", i, err)
			}
		}
	}
	for name, spoil := range map[string]func(*StatusList){
		"ids out of order": func(l *StatusList) { l.Licenses.IDs = []string{"b", "a", "c", "d", "e"} },
		"too few bits":     func(l *StatusList) { l.Licenses.Bits = "AA" },
		"a longer life":    func(l *StatusList) { l.ExpiresAt = l.ExpiresAt.Add(time.Hour) },
		"since the future": func(l *StatusList) { l.Since = 4 },
	} {
		bad := list
		spoil(&bad)
		text, err := SignStatusList(key, bad)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := VerifyStatusList(text, keys, at); !errors.Is(err, ErrStatusList) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := VerifyStatusList(token, keys, at.Add(StatusListLife)); !errors.Is(err, ErrStatusListExpired) {
		t.Errorf("after its life: %v", err)
	}
	if _, err := VerifyStatusList(token, []ed25519.PublicKey{other.Public().(ed25519.PublicKey)}, at); !errors.Is(err, ErrStatusList) {
		t.Errorf("with another key: %v", err)
	}
	if _, err := VerifyPermit(token, keys, at); !errors.Is(err, ErrPermit) || strings.Count(token, ".") != 2 {
		t.Errorf("a status list as a permit: %v", err)
	}
}
