package enforcement_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/enforcement"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

func TestField_ALockedDeviceSendsAgainWhenAHeadUnlocksIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		svc, _ := fieldOffice(t, s)
		ctx := context.Background()
		i := plan(t, svc, clock)
		p := newPhone(t, svc, inspector)
		e := []enforcement.SignedEvent{p.event("e1", i.ID, "visit.started", clock.Now(), map[string]any{})}
		if _, err := svc.LockDevice(ctx, head, p.id); err != nil {
			t.Fatal(err)
		}
		if _, err := svc.UnlockDevice(ctx, inspector, p.id); models.CodeOf(err) != models.CodeForbidden {
			t.Errorf("an inspector unlocks: %v", err)
		}
		if _, _, err := svc.ReceiveEvents(ctx, inspector, e); models.CodeOf(err) != models.CodeDeviceLocked {
			t.Fatalf("a locked device sends: %v", err)
		}
		for range 2 { // again changes nothing
			if d, err := svc.UnlockDevice(ctx, head, p.id); err != nil || !d.Locked.IsZero() || d.LockedBy != "" {
				t.Fatalf("unlocked: %+v %v", d, err)
			}
		}
		kept, refused, err := svc.ReceiveEvents(ctx, inspector, e)
		if err != nil || len(kept) != 1 || len(refused) != 0 || len(kept[0].Flags) != 0 {
			t.Errorf("after the unlock: %+v %+v %v", kept, refused, err)
		}
		if err := svc.CheckDevice(ctx, p.id); err != nil {
			t.Errorf("it takes no pack: %v", err)
		}
	})
}

func TestField_AClockThatIsOffIsSaidWithEachEventAndNotTrusted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		svc, _ := fieldOffice(t, s)
		ctx := context.Background()
		i := plan(t, svc, clock)
		p := newPhone(t, svc, inspector)
		for _, c := range []struct {
			id    string
			ahead time.Duration
			want  bool
		}{{"slow", -3 * time.Hour, true}, {"right", time.Minute, false}, {"fast", 3 * time.Hour, true}} {
			now := clock.Now()
			at := now.Add(-4 * time.Hour) // it waited for a signal, so its own time shows nothing
			kept, _, err := svc.ReceiveBatch(ctx, inspector, enforcement.FieldBatch{Clock: now.Add(c.ahead),
				Events: []enforcement.SignedEvent{p.event(c.id, i.ID, "note.added", at, map[string]any{"text": c.id})}})
			if err != nil || len(kept) != 1 {
				t.Fatalf("%s: %+v %v", c.id, kept, err)
			}
			if got := slices.Contains(kept[0].Flags, models.FlagClock); got != c.want {
				t.Errorf("%s has the flags %v", c.id, kept[0].Flags)
			}
			if !kept[0].Received.Equal(now) {
				t.Errorf("%s was received at %v, by the server's clock it was %v", c.id, kept[0].Received, now)
			}
		}
	})
}

func TestField_WhatTwoDevicesRecordedDifferentlyIsShownAsVersions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		svc, _ := fieldOffice(t, s)
		ctx := context.Background()
		i := plan(t, svc, clock)
		mine, other := newPhone(t, svc, inspector), newPhone(t, svc, inspector)
		answer := func(p *phone, id, question, value string) enforcement.SignedEvent {
			return p.event(id, i.ID, "answer.set", clock.Now(), map[string]any{"question": question, "value": value, "note": ""})
		}
		for _, batch := range [][]enforcement.SignedEvent{
			{answer(mine, "a1", "q1", "no"), answer(mine, "a2", "q1", "yes"), answer(mine, "a3", "q2", "yes"),
				mine.event("a4", i.ID, "rack.counted", clock.Now(), map[string]any{"rack": "R1", "units": 40, "running": 39})},
			{answer(other, "b1", "q1", "no"), answer(other, "b2", "q2", "yes"), // q2 is the same on both
				other.event("b3", i.ID, "rack.counted", clock.Now(), map[string]any{"rack": "R1", "units": 41, "running": 39})},
		} {
			if _, refused, err := svc.ReceiveEvents(ctx, inspector, batch); err != nil || len(refused) > 0 {
				t.Fatalf("%+v %v", refused, err)
			}
		}
		r, err := svc.Review(ctx, head, i.ID)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string][]string{}
		for _, c := range r.Conflicts {
			for _, v := range c.Versions {
				got[c.ID] = append(got[c.ID], v.ID)
			}
			slices.Sort(got[c.ID])
		}
		if len(got) != 2 || !slices.Equal(got["answer:q1"], []string{"a2", "b1"}) || !slices.Equal(got["rack:R1"], []string{"a4", "b3"}) {
			t.Errorf("versions %v, want the last word of each device about q1 and R1", got)
		}
	})
}

func TestField_OfTwoDevicesTheLaterWordStandsThoughAClockSaysOtherwise(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		svc, _ := fieldOffice(t, s)
		ctx := context.Background()
		i := plan(t, svc, clock)
		fast, right := newPhone(t, svc, inspector), newPhone(t, svc, inspector)
		const ahead = 3 * time.Hour
		answer := func(p *phone, id, value string, wrong time.Duration) enforcement.SignedEvent {
			return p.event(id, i.ID, "answer.set", clock.Now().Add(wrong), map[string]any{"question": "safety", "value": value, "note": ""})
		}
		early := answer(fast, "a1", "no", ahead) // the first answer, by a clock that is three hours fast
		clock.Advance(10 * time.Minute)
		late := answer(right, "b1", "yes", 0)
		clock.Advance(10 * time.Minute)
		// The right one has a signal first: neither the device's times nor the order of arrival tell.
		for _, b := range []enforcement.FieldBatch{
			{Events: []enforcement.SignedEvent{late}, Clock: clock.Now()},
			{Events: []enforcement.SignedEvent{early}, Clock: clock.Now().Add(ahead)},
		} {
			if _, refused, err := svc.ReceiveBatch(ctx, inspector, b); err != nil || len(refused) > 0 {
				t.Fatalf("%+v %v", refused, err)
			}
		}
		r, err := svc.Review(ctx, head, i.ID)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Protocol.Answers["safety"].Value; got != "yes" {
			t.Errorf("the protocol says %q, the later answer was yes", got)
		}
		if len(r.Conflicts) != 1 || len(r.Conflicts[0].Versions) != 2 || r.Conflicts[0].Counts != hashOf([]byte(late.Payload)) {
			t.Errorf("%+v, want both versions with the later one marked", r.Conflicts)
		}
		for _, e := range r.Events {
			if want := map[string]time.Time{"a1": clock.Now().Add(-20 * time.Minute), "b1": clock.Now().Add(-10 * time.Minute)}[e.ID]; !e.Recorded.Equal(want) {
				t.Errorf("%s counts as recorded at %v, it was at %v", e.ID, e.Recorded, want)
			}
		}
	})
}
