package ledger_test

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"rigistry/models"
	"rigistry/services/ledger"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

// Every column of an entry, a hash and a checkpoint, each with a statement that
// changes it a little in the row of the fifth entry (or the checkpoint over it).
var flips = []struct{ name, statement, wantID string }{
	{"id", `UPDATE ledger_entries SET id = 'x' || substr(id, 2) WHERE leaf_index = 4`, "changed"},
	{"at", `UPDATE ledger_entries SET at = at + 1 WHERE leaf_index = 4`, "fifth"},
	{"kind", `UPDATE ledger_entries SET kind = 'test.happenee' WHERE leaf_index = 4`, "fifth"},
	{"subject_kind", `UPDATE ledger_entries SET subject_kind = 'thinh' WHERE leaf_index = 4`, "fifth"},
	{"subject_id", `UPDATE ledger_entries SET subject_id = '7' WHERE leaf_index = 4`, "fifth"},
	{"subject_version", `UPDATE ledger_entries SET subject_version = subject_version + 1 WHERE leaf_index = 4`, "fifth"},
	{"actor_kind", `UPDATE ledger_entries SET actor_kind = 'persom' WHERE leaf_index = 4`, "fifth"},
	{"actor_id", `UPDATE ledger_entries SET actor_id = 'u2' WHERE leaf_index = 4`, "fifth"},
	{"actor_name", `UPDATE ledger_entries SET actor_name = 'Aigeril' WHERE leaf_index = 4`, "fifth"},
	{"utility", `UPDATE ledger_entries SET utility = 'util-2' WHERE leaf_index = 4`, "fifth"},
	{"request_id", `UPDATE ledger_entries SET request_id = 'req-2' WHERE leaf_index = 4`, "fifth"},
	{"body", `UPDATE ledger_entries SET body = '{"n":5}' WHERE leaf_index = 4`, "fifth"},
	{"salt", "", "fifth"}, // by engine below
	{"leaf_index away", `UPDATE ledger_entries SET leaf_index = 68 WHERE leaf_index = 4`, "fifth"},
	{"leaf_index negative", `UPDATE ledger_entries SET leaf_index = -4 WHERE leaf_index = 4`, "fifth"},
	{"leaf_index none", `UPDATE ledger_entries SET leaf_index = NULL WHERE leaf_index = 4`, "fifth"},
	{"entry gone", `DELETE FROM ledger_entries WHERE leaf_index = 4`, ""},
	{"leaf hash", "", "fifth"},
	{"hash gone", fmt.Sprintf(`DELETE FROM ledger_hashes WHERE hash_index = %d`, tlog.StoredHashIndex(0, 4)), "fifth"},
	{"checkpoint size", `UPDATE ledger_checkpoints SET tree_size = 21 WHERE tree_size = 5`, ""},
	{"checkpoint time", `UPDATE ledger_checkpoints SET at = at + 1 WHERE tree_size = 5`, "fifth"},
	{"checkpoint note", `UPDATE ledger_checkpoints SET note = replace(note, 'rigistry', 'rigistri') WHERE tree_size = 5`, "fifth"},
	{"checkpoint root", "", "fifth"},
	{"head gone", `DELETE FROM ledger_checkpoints WHERE tree_size = 8`, "ninth"},
}

func (r *rig) flipStatement(name, statement string) string {
	if statement != "" {
		return statement
	}
	parts := map[string][3]string{
		"salt":            {"ledger_entries", "salt", "leaf_index = 4"},
		"leaf hash":       {"ledger_hashes", "hash", fmt.Sprintf("hash_index = %d", tlog.StoredHashIndex(0, 4))},
		"checkpoint root": {"ledger_checkpoints", "root", "tree_size = 5"},
	}[name]
	table, column, where := parts[0], parts[1], parts[2]
	if r.store.Engine() == "postgres" {
		return fmt.Sprintf("UPDATE %s SET %s = set_byte(%s, 3, get_byte(%s, 3) # 1) WHERE %s", table, column, column, column, where)
	}
	return fmt.Sprintf("UPDATE %s SET %s = CAST(substr(%s, 1, 3) || CASE WHEN substr(%s, 4, 1) = x'00' THEN x'01' ELSE x'00' END || substr(%s, 5) AS BLOB) WHERE %s",
		table, column, column, column, column, where)
}

func TestVerify_NamesTheEntryOfAnyChangedByte(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		for range 8 {
			r.append(t, 1)
			r.seal(t)
		}
		page, err := r.log.Entries(r.ctx, models.System(), 0, 10, store.EntryFilter{})
		if err != nil {
			t.Fatal(err)
		}
		tables := []string{"ledger_entries", "ledger_hashes", "ledger_checkpoints"}
		for _, table := range tables {
			r.exec2(t, []string{"CREATE TABLE kept_" + table + " AS SELECT * FROM " + table})
		}
		for _, flip := range flips {
			t.Run(flip.name, func(t *testing.T) {
				if report := r.verify(t); report.Bad != nil || report.Entries != 8 {
					t.Fatalf("control: %+v", report)
				}
				r.exec(t, r.flipStatement(flip.name, flip.statement))
				report := r.verify(t)
				for _, table := range tables {
					r.exec2(t, []string{"DELETE FROM " + table, "INSERT INTO " + table + " SELECT * FROM kept_" + table})
				}
				if report.Bad == nil {
					t.Fatalf("nothing found: %+v", report)
				}
				wantIndex, wantID := int64(4), page.Entries[4].ID
				switch flip.wantID {
				case "changed":
					wantID = "x" + wantID[1:]
				case "ninth":
					wantIndex, wantID = 7, page.Entries[7].ID
				case "":
					wantID = ""
				}
				if report.Bad.Index != wantIndex || report.Bad.ID != wantID {
					t.Errorf("named %v, want entry %d (%s)", report.Bad, wantIndex, wantID)
				}
			})
		}
	})
}

func TestVerify_NamesTheEntryWhoseInnerHashIsChanged(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		r.append(t, 8)
		r.seal(t)
		inner := tlog.StoredHashIndex(1, 1) // over entries 2 and 3
		if r.store.Engine() == "postgres" {
			r.exec(t, fmt.Sprintf("UPDATE ledger_hashes SET hash = set_byte(hash, 9, get_byte(hash, 9) # 1) WHERE hash_index = %d", inner))
		} else {
			r.exec(t, fmt.Sprintf("UPDATE ledger_hashes SET hash = zeroblob(32) WHERE hash_index = %d", inner))
		}
		if report := r.verify(t); report.Bad == nil || report.Bad.Index != 3 || !strings.Contains(report.Bad.What, "level 1") {
			t.Errorf("named %v, want entry 3 at level 1", report.Bad)
		}
	})
}

func TestVerify_RefusesARewrittenLedgerSignedByAnotherKey(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		r.append(t, 3)
		forger := ledger.New(r.store, origin, testKey("forger"), r.clock.Now, slog.New(slog.DiscardHandler))
		if _, err := forger.Seal(r.ctx); err != nil {
			t.Fatal(err)
		}
		if report := r.verify(t); report.Bad == nil || report.Bad.Index != 2 {
			t.Errorf("named %v, want the checkpoint that ends with entry 2", report.Bad)
		}
	})
}

func TestOpenCheckpoint_RefusesEveryChangedByte(t *testing.T) {
	clock := storetest.NewClock()
	r := &rig{store: storetest.SQLite(t, clock.Now), clock: clock, key: testKey("ledger"), ctx: t.Context()}
	r.log = r.sealer()
	r.append(t, 1)
	r.seal(t)
	head, err := r.log.Head(r.ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.OpenCheckpoint(head.Note, publicKeys(r.key)); err != nil {
		t.Fatalf("control: %v", err)
	}
	for i := range len(head.Note) {
		for bit := range 8 {
			changed := []byte(head.Note)
			changed[i] ^= 1 << bit
			if _, err := ledger.OpenCheckpoint(string(changed), publicKeys(r.key)); !errors.Is(err, ledger.ErrBadCheckpoint) {
				t.Fatalf("byte %d bit %d (%q): %v, want ErrBadCheckpoint", i, bit, head.Note[i], err)
			}
		}
	}
}
