package store_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

// presentOnly are the tables whose past cannot be read, and why that is right.
var presentOnly = map[string]string{
	"goose_db_version": "the schema's own", "history_clock": "the triggers' own",
	"license_versions": "read by both of its times", "license_sites": "belongs to a version, which has both times",
	"gate_changes": "who follows reads it at once", "gate_turn": "a counter", "reading_turns": "counters", "meters_turn": "a counter", "gate_settled": "how far the answers have their rows",
	"ledger_hashes": "the tree does not change below a checkpoint", "ledger_followers": "where readers of the ledger are", "leases": "who works now",
	"registry_sequences": "counters", "status_entries": "the list as it is now; each that was given is signed", "status_version": "a counter", "grid_sequences": "counters", "case_numbers": "counters", "inspection_numbers": "counters", "field_devices": "who may sign now; each change is an entry of the ledger", "idempotency_keys": "answers to be repeated",
	"search_terms": "the index of what can be found now", "search_index": "the index of what can be found now",
	"sessions": "who is signed in", "signin_attempts": "who may try", "client_assertions": "what was used", "users": "who may act now", "clients": "who may act now",
	"meter_places": "numbers in the keys of readings, which never change", "register_layouts": "named by their digests, which never change", "interval_corrections": "each step is an entry of the ledger", "interval_corrected": "read by the times from and until which they count",
	"unit_reports": "how the polling goes now; the readings are kept", "collector_reports": "how full the spools are now; the batches are kept",
	"spool_batches": "a collector's own", "spool_sequences": "a collector's own", "detection_state": "what detection is about to do", "detection_parameter_changes": "tables by their day; each decision is an entry of the ledger", "detection_what_ifs": "work under way; its beginning and end are entries of the ledger", "detection_streams": "how far detection got", "detection_checkpoints": "what detection can compute again", "detection_late": "what detection has to go through again", "detection_late_weather": "what detection has to go through again", "allowances": "each change is an entry of the ledger", "finding_refutations": "written once, with their time; each is an entry of the ledger", "finding_outcomes": "an index of the ledger",
	"document_files": "the bytes of documents, which are written once", "attachment_files": "the bytes of attachments, which are written once",
	"party_persons": "read by both of its times", "equipment_events": "read by both of its times", "party_rules": "the law by date, which people do not change here",
	"party_keys": "the index of likeness", "party_pairs": "the index of likeness", "party_index": "the index of likeness",
	"party_merge_items": "belongs to a merge", "saved_filters": "a person's own", "obligation_marks": "how far the calendar was swept",
	"mismatches":        "followed from list to list; each list and each decision is an entry of the ledger",
	"paper_checks":      "forms to be filled in; the entry of each side is an entry of the ledger",
	"webhook_endpoints": "where to send now; each change is an entry of the ledger", "webhook_messages": "the log of sending, with its times", "webhook_attempts": "the log of sending, with its times",
	"client_keys": "who may act now; each change is an entry of the ledger", "client_codes": "what was used", "client_terms": "who may act now; each change is an entry of the ledger", "client_usage": "counters by day",
	"trial_checks": "the test mode's own", "insider_facts": "an index of the ledger", "gate_refusals": "what the ledger was told once; each is an entry of it",
	"import_jobs": "work under way; each chunk is an entry of the ledger", "import_chunks": "work under way", "import_errors": "work under way",
	"commissioning_links": "which collectors ask for work now", "commissioning_jobs": "work under way; what is asked and how it ends are entries of the ledger", "commissionings": "written once; the binding and the confirmation are entries of the ledger",
}

func TestHistory_EveryTableCanBeReadAsAtAnInstantOrIsExcusedWithAReason(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		for _, table := range store.TablesOf(t, s) {
			base := strings.TrimSuffix(table, "_history")
			kept, known := store.Noun(base)
			if known == (presentOnly[base] != "") {
				t.Errorf("table %s must be in nouns, with a history or a time of its recording, or among presentOnly", table)
			}
			if base != table {
				continue
			}
			columns, history := store.ColumnsOf(t, s, table), store.ColumnsOf(t, s, table+"_history")
			if kept && !slices.Equal(append(columns, "replaced_at"), history) {
				t.Errorf("%s has the columns %v and its history %v: the history must keep each of them", table, columns, history)
			}
		}
	})
}

func TestHistory_APartyIsReadAsItWasAtEachInstant(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		start := clock.Now()
		p := models.Party{ID: "p1", BinOrIin: "210440038887", Kind: models.PartyLegalEntity, NameKk: "А", NameRu: "А", Size: models.SizeMedium,
			Resident: true, Kato: "551010000", State: models.PartyActive, Version: 1, Created: start, Updated: start}
		update(t, s, func(tx *store.Tx) error { return tx.InsertParty(p) })
		for _, name := range []string{"Б", "В"} {
			clock.Advance(time.Hour)
			p.NameRu, p.Version, p.Updated = name, p.Version+1, clock.Now()
			update(t, s, func(tx *store.Tx) error { return tx.UpdateParty(p) })
		}
		for _, c := range []struct {
			after time.Duration
			want  string
		}{{-time.Microsecond, ""}, {0, "А"}, {time.Hour - time.Microsecond, "А"}, {time.Hour, "Б"}, {2*time.Hour - time.Microsecond, "Б"}, {2 * time.Hour, "В"}} {
			at := start.Add(c.after)
			for _, m := range []store.Moment{{AsAt: at}, {KnownAt: at}, {AsAt: at, KnownAt: start.Add(2 * time.Hour)}} {
				var got string
				err := s.View(store.At(context.Background(), m), func(tx *store.Tx) error {
					got = ""
					found, err := tx.Parties(store.PartyFilter{State: "active"}, store.Page{})
					if len(found) == 1 {
						got = found[0].NameRu
					}
					one, oneErr := tx.Party("p1")
					if models.CodeOf(oneErr) != models.CodeNotFound && one.NameRu != got {
						t.Errorf("%v: the list says %q and the party %q", c.after, got, one.NameRu)
					}
					return err
				})
				if err != nil || got != c.want {
					t.Errorf("%v after the start (%+v): %q (%v), want %q", c.after, m, got, err, c.want)
				}
			}
		}
	})
}

func TestHistory_IsNeverChangedAndInsertingKeepsNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		update(t, s, func(tx *store.Tx) error {
			return tx.InsertUtility(models.Utility{ID: "u", Code: "U", Bin: "210440038887", Version: 1})
		})
		if n := store.CountOf(t, s, "utilities_history"); n != 0 {
			t.Errorf("an insert kept %d rows of history, want none", n)
		}
		clock.Advance(time.Minute)
		if err := store.ExecIn(s, "UPDATE utilities SET name_en = 'x' WHERE id = 'u'"); err != nil {
			t.Fatal(err)
		}
		if n := store.CountOf(t, s, "utilities_history"); n != 1 {
			t.Errorf("an update kept %d rows of history, want 1", n)
		}
		for _, query := range []string{"UPDATE utilities_history SET code = 'V'", "DELETE FROM utilities_history"} {
			if err := store.ExecIn(s, query); err == nil {
				t.Errorf("%s was not refused", query)
			}
		}
		clock.Advance(time.Minute)
		if err := store.ExecIn(s, "DELETE FROM utilities WHERE id = 'u'"); err != nil {
			t.Fatal(err)
		}
		err := s.View(store.At(context.Background(), store.Moment{AsAt: clock.Now().Add(-time.Second)}), func(tx *store.Tx) error {
			u, err := tx.Utility("U")
			if u.NameEn != "x" {
				t.Errorf("a deleted row reads as %+v before its end, want the row as it was", u)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestHistory_AChangeIsOfTheInstantOfItsTransaction(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		update(t, s, func(tx *store.Tx) error {
			return tx.InsertUtility(models.Utility{ID: "u", Code: "U", Bin: "210440038887", Version: 1})
		})
		clock.Advance(time.Minute)
		update(t, s, func(tx *store.Tx) error { // twice in one transaction is one change
			for _, name := range []string{"x", "y"} {
				if err := store.ExecTx(tx, "UPDATE utilities SET name_en = '"+name+"' WHERE id = 'u'"); err != nil {
					return err
				}
			}
			return nil
		})
		if n := store.CountOf(t, s, "utilities_history WHERE replaced_at = "+store.MicrosText(clock.Now())); n != 1 {
			t.Errorf("%d rows of history at the transaction's instant, want 1", n)
		}
	})
}

func update(t *testing.T, s *store.Store, fn func(*store.Tx) error) {
	t.Helper()
	if err := s.Update(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

func TestHistory_AQueryThatRepeatsItselfReadsThePastToo(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		update(t, s, func(tx *store.Tx) error {
			return tx.InsertUtility(models.Utility{ID: "u", Code: "U", Bin: "210440038887", Version: 1})
		})
		clock.Advance(time.Minute)
		if got := store.RepeatedIn(t, s, store.Moment{AsAt: clock.Now()}); got != 2 {
			t.Errorf("%d rows, want 2", got)
		}
		if got := store.RepeatedIn(t, s, store.Moment{AsAt: clock.Now().Add(-time.Hour)}); got != 0 {
			t.Errorf("%d rows before the first recording, want none", got)
		}
	})
}
