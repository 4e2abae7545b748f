package models

import (
	"cmp"
	"slices"
	"time"
)

// ByRecording gives the events of a visit in the order in which they were recorded, as
// far as the registry can tell. No device's clock is taken at its word:
//
//   - Within a device the number decides, which the chain of hashes holds; never a time.
//   - Between devices decides the device's time put right by what its clock was ahead when
//     it sent, and never later than the receipt. An event that came without a clock, from
//     a file, is put right by what the same device showed at its nearest other contact.
//   - An event is not recorded before the one before it, so a clock that was set back in
//     between does not make later words earlier.
//
// The order does not depend on that of the list given. Times that cannot be told apart
// go by device.
func ByRecording(events []FieldEvent) []FieldEvent {
	type placed struct {
		FieldEvent
		at time.Time
	}
	chains := map[string][]placed{}
	for _, e := range events {
		chains[e.Device] = append(chains[e.Device], placed{FieldEvent: e})
	}
	all := make([]placed, 0, len(events))
	for _, chain := range chains {
		slices.SortStableFunc(chain, func(a, b placed) int {
			return cmp.Or(cmp.Compare(a.Seq, b.Seq), a.Received.Compare(b.Received), cmp.Compare(a.Hash, b.Hash))
		})
		offsets := make([]time.Duration, len(chain))
		known := slices.IndexFunc(chain, func(e placed) bool { return e.ClockKnown })
		for n, e := range chain {
			if e.ClockKnown {
				known = n
			}
			if known >= 0 {
				offsets[n] = chain[known].ClockAhead
			}
		}
		latest := time.Time{}
		for n, e := range chain {
			at := e.At.Add(-offsets[n])
			if !e.Received.IsZero() && at.After(e.Received) {
				at = e.Received
			}
			if at.Before(latest) {
				at = latest
			}
			latest = at
			e.at = at
			all = append(all, e)
		}
	}
	slices.SortStableFunc(all, func(a, b placed) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.Device, b.Device), cmp.Compare(a.Seq, b.Seq), a.Received.Compare(b.Received), cmp.Compare(a.Hash, b.Hash))
	})
	out := make([]FieldEvent, len(all))
	for n, e := range all {
		out[n] = e.FieldEvent
		out[n].Recorded = e.at
	}
	return out
}

// Standing gives, for everything that is set to one value, the hash of the event that
// counts in the protocol, by what FieldEvent.About names.
func Standing(events []FieldEvent) map[string]string {
	out := map[string]string{}
	for _, e := range counted(events) {
		if about, ok := e.About(); ok {
			out[about] = e.Hash
		}
	}
	return out
}

// counted gives the events that count, in the order of ByRecording: neither voided nor
// another text under an id that was there, and each id once.
func counted(events []FieldEvent) []FieldEvent {
	voided, seen := voids(events), map[string]bool{}
	return slices.DeleteFunc(ByRecording(events), func(e FieldEvent) bool {
		_, void := voided[e.ID]
		again := seen[e.ID]
		leave := void || again || slices.Contains(e.Flags, FlagConflict)
		seen[e.ID] = seen[e.ID] || !leave
		return leave
	})
}

// voids gives the reasons of what was voided, by id of the event.
func voids(events []FieldEvent) map[string]string {
	out := map[string]string{}
	for _, e := range events {
		if e.Kind == "event.voided" {
			out[e.Text("event")] = e.Text("reason")
		}
	}
	return out
}
