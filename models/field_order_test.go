package models_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"rigistry/models"
)

// schedule is a day on which devices record answers to a few questions on one visit and
// come to the network now and then.
type schedule struct {
	events []models.FieldEvent
	truth  map[string]string // what was truly answered last, by question
}

var fieldDay = time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)

// drawSchedule draws a day. A device's clock is wrong by an amount of its own; where steps
// is given it is also set anew on the way, and some of what it sends comes from a file
// that says no clock.
func drawSchedule(t *rapid.T, steps bool) schedule {
	type device struct {
		id     string
		wrong  time.Duration
		seq    int64
		unsent []models.FieldEvent
	}
	wrong := rapid.SampledFrom([]time.Duration{0, -time.Second, 40 * time.Second, 3 * time.Hour, -3 * time.Hour, 400 * 24 * time.Hour, -50 * 24 * time.Hour})
	devices := make([]*device, rapid.IntRange(2, 3).Draw(t, "devices"))
	for n := range devices {
		devices[n] = &device{id: fmt.Sprintf("d%d", n), wrong: wrong.Draw(t, "wrong")}
	}
	s := schedule{truth: map[string]string{}}
	now := fieldDay
	send := func(d *device, known bool) {
		late := time.Duration(rapid.IntRange(0, 900).Draw(t, "on its way, ms")) * time.Millisecond
		for _, e := range d.unsent {
			e.Received = now.Add(late)
			if known {
				e.ClockAhead, e.ClockKnown = d.wrong-late, true
			}
			s.events = append(s.events, e)
		}
		d.unsent = nil
	}
	for n := range rapid.IntRange(1, 40).Draw(t, "length") {
		d := rapid.SampledFrom(devices).Draw(t, "device")
		now = now.Add(time.Duration(rapid.IntRange(1, 600).Draw(t, "seconds")) * time.Second)
		switch what := rapid.IntRange(0, 9).Draw(t, "what"); {
		case what < 7:
			question, value := fmt.Sprintf("q%d", rapid.IntRange(1, 3).Draw(t, "question")), fmt.Sprintf("v%d", n)
			d.seq++
			d.unsent = append(d.unsent, models.FieldEvent{ID: fmt.Sprintf("%s-%d", d.id, d.seq), Hash: fmt.Sprintf("%s-%d", d.id, d.seq), Device: d.id, Seq: d.seq,
				Kind: "answer.set", At: now.Add(d.wrong), Body: map[string]any{"question": question, "value": value, "note": ""}})
			s.truth[question] = value
		case what < 9:
			send(d, !steps || rapid.Bool().Draw(t, "says its clock"))
		case steps:
			d.wrong = wrong.Draw(t, "set anew")
		}
	}
	now = now.Add(time.Minute)
	for _, d := range devices {
		send(d, true)
	}
	return s
}

func TestFoldProtocol_TheLaterWordOfTwoDevicesCountsHoweverWrongTheirClocksAre(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSchedule(t, false)
		got := models.FoldProtocol(s.events).Answers
		for question, want := range s.truth {
			if got[question].Value != want {
				t.Errorf("%s is %q, the last answer was %q", question, got[question].Value, want)
			}
		}
		if len(got) != len(s.truth) {
			t.Errorf("%d answers, want %d", len(got), len(s.truth))
		}
	})
}

func TestByRecording_HoldsWhateverIsDoneToTheClocks(t *testing.T) {
	hashes := func(events []models.FieldEvent) (out []string) {
		for _, e := range events {
			out = append(out, e.Hash)
		}
		return out
	}
	rapid.Check(t, func(t *rapid.T) {
		s := drawSchedule(t, true)
		order := models.ByRecording(s.events)
		seq, latest := map[string]int64{}, map[string]time.Time{}
		for _, e := range order {
			if e.Seq != seq[e.Device]+1 {
				t.Fatalf("%s № %d comes after № %d", e.Device, e.Seq, seq[e.Device])
			}
			seq[e.Device] = e.Seq
			if e.Received.After(latest[e.Device]) {
				latest[e.Device] = e.Received
			}
			if e.Recorded.After(latest[e.Device]) {
				t.Fatalf("%s № %d counts as recorded at %v and had come in by %v", e.Device, e.Seq, e.Recorded, latest[e.Device])
			}
		}
		if len(order) != len(s.events) {
			t.Fatalf("%d events became %d", len(s.events), len(order))
		}
		mixed := slices.Clone(s.events)
		seed := rapid.Uint64().Draw(t, "mix")
		rand.New(rand.NewPCG(seed, 1)).Shuffle(len(mixed), func(a, b int) { mixed[a], mixed[b] = mixed[b], mixed[a] })
		if again := models.ByRecording(mixed); !slices.Equal(hashes(again), hashes(order)) {
			t.Errorf("another order of the list gives %v, not %v", hashes(again), hashes(order))
		}
		// A clock that is wrong by more, and says so, changes nothing.
		moved := slices.Clone(s.events)
		by := time.Duration(rapid.Int64Range(-1e6, 1e6).Draw(t, "seconds more")) * time.Second
		said := slices.ContainsFunc(moved, func(e models.FieldEvent) bool { return e.Device == "d0" && e.ClockKnown })
		for n, e := range moved {
			if e.Device == "d0" && said {
				moved[n].At = e.At.Add(by)
				moved[n].ClockAhead += by
			}
		}
		if again := models.ByRecording(moved); !slices.Equal(hashes(again), hashes(order)) {
			t.Errorf("a clock that is wrong by %v more gives %v, not %v", by, hashes(again), hashes(order))
		}
		// What counts is the last word of some device, and the protocol has that very one.
		last := map[string]map[string]string{}
		for _, e := range order {
			about, _ := e.About()
			if last[about] == nil {
				last[about] = map[string]string{}
			}
			last[about][e.Device] = e.Hash
		}
		protocol := models.FoldProtocol(s.events)
		standing := models.Standing(s.events)
		for _, e := range s.events {
			about, _ := e.About()
			if standing[about] != e.Hash {
				continue
			}
			if last[about][e.Device] != e.Hash {
				t.Errorf("%s stands and is not the last word of its device", e.Hash)
			}
			if got := protocol.Answers[e.Text("question")].Value; got != e.Text("value") {
				t.Errorf("%s stands and the protocol says %q", e.Hash, got)
			}
		}
	})
}

func TestStanding_WhatWasVoidedOrContradictsItsOwnIdDoesNotCount(t *testing.T) {
	answer := func(n int64, id, value string, flags ...models.FieldFlag) models.FieldEvent {
		return models.FieldEvent{ID: id, Hash: fmt.Sprintf("h%d", n), Device: "d", Seq: n, Kind: "answer.set", At: fieldDay.Add(time.Duration(n) * time.Minute),
			Received: fieldDay.Add(time.Hour), Flags: flags, Body: map[string]any{"question": "q", "value": value}}
	}
	void := models.FieldEvent{ID: "v", Hash: "hv", Device: "d", Seq: 4, Kind: "event.voided", At: fieldDay, Received: fieldDay.Add(time.Hour), Body: map[string]any{"event": "b", "reason": "undo"}}
	events := []models.FieldEvent{answer(1, "a", "first"), answer(2, "b", "second"), answer(3, "a", "other text", models.FlagConflict), void}
	if got := models.Standing(events)["answer:q"]; got != "h1" {
		t.Errorf("%s stands, want the first answer: the second was voided and the third is another text of the first", got)
	}
}
