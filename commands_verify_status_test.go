package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rigistry/services/gate"
	"rigistry/services/store/storetest"
)

func TestVerify_RefusesAStatusListOlderThanOneItHasSeen(t *testing.T) {
	dir := t.TempDir()
	clock := storetest.NewClock()
	app := &App{Ctx: t.Context(), Now: clock.Now, Config: &Config{Data: dir}}
	keys, err := app.Keys()
	if err != nil {
		t.Fatal(err)
	}
	issue := func(name string, version, since int64) string {
		t.Helper()
		none := gate.StatusBits{IDs: []string{}}
		l := gate.StatusList{Version: version, Since: since, IssuedAt: clock.Now(), ExpiresAt: clock.Now().Add(gate.StatusListLife), Connections: none,
			Licenses: gate.StatusBits{IDs: []string{"KZ18DMA00000042"}, Bits: "AQ"}}
		token, err := gate.SignStatusList(keys.Permit, l)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name)
		writeJSON(t, path, map[string]any{"version": version, "status_list": token})
		return path
	}
	state := filepath.Join(dir, "seen.json")
	expect := func(path string, code int, words string) {
		t.Helper()
		if got, out := verify(t, clock.Now, "--state", state, path); got != code || !strings.Contains(out, words) {
			t.Errorf("%s: exit %d, want %d with %q\n%s", filepath.Base(path), got, code, words, out)
		}
	}
	old := issue("old.json", 4, 0)
	clock.Advance(time.Minute)
	newer, delta, gap := issue("newer.json", 5, 0), issue("delta.json", 7, 5), issue("gap.json", 9, 8)
	expect(old, exitDone, "1 suspended")
	expect(newer, exitDone, "version 5")
	expect(newer, exitDone, "version 5")
	expect(old, exitFailed, "older than version 5")
	expect(gap, exitFailed, "leave out")
	expect(delta, exitDone, "changes after version 5")
	expect(newer, exitFailed, "older than version 7")
	if code, out := verify(t, clock.Now, old); code != exitDone {
		t.Errorf("without a state file: exit %d\n%s", code, out)
	}
	clock.Advance(gate.StatusListLife)
	expect(delta, exitFailed, "not valid at this time")
}
