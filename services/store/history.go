package store

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// noun is a table whose past can be read.
type noun struct {
	table string
	key   string // columns of the primary key, separated by commas
	// recorded is an SQL expression over alias t: the instant of the first recording
	// of a row that is in the table now.
	recorded string
	// kept says that triggers keep the rows that were replaced, in table_history.
	kept bool
}

// nouns are the tables whose past can be read: those whose rows change, with a
// history kept by triggers, and those whose rows are written once. A test holds
// this list against the schema.
var nouns = []noun{
	{"parties", "id", "t.created_at", true},
	{"sites", "id", "t.created_at", true},
	{"equipment", "id", "t.created_at", true},
	{"applications", "id", "t.created_at", true},
	{"application_requests", "id", "t.asked_at", true},
	{"tolling_periods", "id", "t.proposed_at", true},
	{"licenses", "number", "(SELECT v.recorded_at FROM {schema}license_versions v WHERE v.number = t.number AND v.version = 1)", true},
	{"license_points", "number,connection_code", `(SELECT MIN(v.recorded_at) FROM {schema}license_sites s
		JOIN {schema}license_versions v ON v.number = s.number AND v.version = s.version
		WHERE s.number = t.number AND s.connection_code = t.connection_code)`, true},
	{"utilities", "id", "t.recorded_at", true},
	{"substations", "id", "t.recorded_at", true},
	{"feeders", "id", "t.recorded_at", true},
	{"connection_points", "id", "t.recorded_at", true},
	{"pdus", "id", "t.recorded_at", true},
	{"meters", "id", "t.recorded_at", true},
	{"gate_reservations", "check_id", "(SELECT c.decided_at FROM {schema}gate_checks c WHERE c.id = t.check_id)", true},
	{"disconnection_orders", "id", "t.issued_at", true},
	{"findings", "id", "t.raised_at", true},
	{"tasks", "id", "t.created_at", true},
	{"party_merges", "id", "t.proposed_at", true},
	{"application_attachments", "id", "t.created_at", true},
	{"application_conflicts", "id", "t.declared_at", true},
	{"application_appeals", "id", "t.filed_at", true},
	{"license_acts", "id", "t.drafted_at", true},
	{"equipment_alarms", "id", "t.opened_at", true},
	{"obligations", "id", "t.created_at", true},
	{"notices", "id", "t.at", true},
	{"reference_changes", "id", "t.proposed_at", true},
	{"cases", "id", "t.opened_at", true},
	{"inspections", "id", "t.created_at", true},
	{"requirements", "code,sub_type,valid_from", "t.recorded_at", true},
	{"grounds", "kind,code,valid_from", "t.recorded_at", true},
	{"legal_values", "code,valid_from", "t.recorded_at", true},
	{"holidays", "date", "t.recorded_at", true},
	{"application_reasons", "kind,code,valid_from", "t.recorded_at", true},
	{"appeal_routes", "code,valid_from", "t.recorded_at", true},
	{"obligation_kinds", "code,valid_from", "t.recorded_at", true},
	{"fee_rates", "source,valid_from", "t.recorded_at", true},
	{"waiver_grounds", "code,valid_from", "t.recorded_at", true},
	{"letter_texts", "code,valid_from", "t.recorded_at", true},
	{"gate_parameters", "code,valid_from", "t.recorded_at", true},
	{"order_deadlines", "ground,valid_from", "t.recorded_at", true},
	{"penalty_rules", "article,part,subject,valid_from", "t.recorded_at", true},
	{"violations", "id", "t.recorded_at", true},

	{"application_contents", "", "t.replaced_at", false},
	{"application_receipts", "", "t.filed_at", false},
	{"license_successors", "", "t.replaced_at", false},
	{"party_dismissals", "", "t.dismissed_at", false},
	{"obligation_versions", "", "t.updated_at", false},
	{"obligation_reminders", "", "t.at", false},
	{"gate_checks", "", "t.decided_at", false},
	{"gate_batches", "", "t.at", false},
	{"standing_facts", "", "t.recorded_at", false},
	{"standing_ends", "", "t.ended_at", false},
	{"reconciliations", "", "t.recorded_at", false},
	{"paper_blocks", "", "t.issued_at", false},
	{"documents", "", "t.created_at", false},
	{"case_subjects", "", "t.added_at", false},
	{"case_acts", "", "t.at", false},
	{"case_tasks", "", "t.opened_at", false},
	{"case_task_kinds", "", "t.recorded_at", false},
	{"seized_rigs", "", "t.at", false},
	{"seized_ends", "", "t.at", false},
	{"violation_payments", "", "t.at", false},
	{"inspection_events", "", "t.received_at", false},
	{"inspection_rules", "", "t.recorded_at", false},
	{"checklists", "", "t.recorded_at", false},
	{"evidence_names", "", "t.named_at", false},
	{"evidence_blobs", "", "t.received_at", false},
	{"evidence_matches", "", "t.found_at", false},
	{"evidence_custody", "", "t.at", false},
	{"remedy_orders", "", "t.issued_at", false},
	{"ledger_entries", "", "t.at", false},
	{"ledger_checkpoints", "", "t.at", false},
	{"reading_pending", "", "t.received_at", false},
	{"reading_parts", "", "t.first_at", false},
	{"reading_chunks", "", "t.start_at", false},
	{"reading_seals", "", "t.sealed_at", false},
	{"intervals", "", "t.start_at", false},
	{"interval_hours", "", "t.start_at", false},
	{"interval_days", "", "t.start_at", false},
	{"meter_states", "", "t.at", false},
	{"meter_exchanges", "", "t.recorded_at", false},
	{"reading_batches", "", "t.received_at", false},
	{"weather_readings", "", "t.received_at", false},
}

// historySuffix ends the name of the table that keeps what was replaced.
const historySuffix = "_history"

// historyReplaced is the last column of a table of history: the row was the current
// one from the change before it, or from its first recording, until this instant.
const historyReplaced = "replaced_at"

// past reads one moment of the past.
type past struct {
	moment  Moment
	schema  string
	columns map[string][]string // of each kept table
}

// catalogue is what the database says about its history, read once.
type catalogue struct {
	mu      sync.Mutex
	schema  string // where the tables are, with its dot
	columns map[string][]string
}

// past prepares reads of a moment.
func (s *Store) past(ctx context.Context, m Moment) (*past, error) {
	columns, err := s.historyColumns(ctx)
	p := &past{moment: m.filled(s.Now()), columns: columns}
	p.schema = s.catalogue.schema // a bare name in its own definition could mean itself
	return p, err
}

// historyColumns gives the columns of each table whose history is kept, in order.
func (s *Store) historyColumns(ctx context.Context) (map[string][]string, error) {
	c := &s.catalogue
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.columns != nil {
		return c.columns, nil
	}
	found := map[string][]string{}
	_, err := s.run(ctx, s.engine.reader(), s.engine.readOptions(), func(tx *Tx) error {
		clear(found)
		c.schema = "main."
		if tx.engine == "postgres" {
			schema, err := one[string](tx, "schema", "current", "SELECT current_schema()")
			if err != nil {
				return err
			}
			c.schema = schema + "."
		}
		for _, n := range nouns {
			if !n.kept {
				continue
			}
			all, err := tx.columnsOf(n.table + historySuffix)
			if err != nil {
				return err
			}
			found[n.table] = slices.DeleteFunc(all, func(c string) bool { return c == historyReplaced })
			if len(found[n.table]) == 0 {
				return fmt.Errorf("the history of %s is missing: run `rigistry migrate up`", n.table)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the columns of history: %w", translate(err))
	}
	c.columns = found
	return found, nil
}

// columnsOf gives the columns of a table in the order of their definition.
func (tx *Tx) columnsOf(table string) ([]string, error) {
	if tx.engine == "postgres" {
		return many[string](tx, `SELECT column_name FROM information_schema.columns
			WHERE table_schema = current_schema() AND table_name = ? ORDER BY ordinal_position`, table)
	}
	return many[string](tx, "SELECT name FROM pragma_table_info(?) ORDER BY cid", table)
}

// Which tables a query reads: every name after FROM or JOIN.
var readsFrom = regexp.MustCompile(`(?i)\b(?:FROM|JOIN)\s+([a-z_]+)`)

// rewrite puts the past before a query: each table with a past becomes, under its
// own name, what it was at the moment. The query itself stays as it is, and so do
// its arguments.
func (p *past) rewrite(query string) string {
	read := map[string]bool{}
	for _, m := range readsFrom.FindAllStringSubmatch(query, -1) {
		read[strings.ToLower(m[1])] = true
	}
	var parts []string
	for _, n := range nouns {
		if read[n.table] {
			parts = append(parts, n.table+" AS NOT MATERIALIZED ("+p.table(n)+")")
		}
	}
	if read["license_versions"] {
		parts = append(parts, "license_versions AS NOT MATERIALIZED ("+p.licenseVersions()+")")
	}
	if len(parts) == 0 {
		return query
	}
	head := "WITH " + strings.Join(parts, ", ")
	if rest, found := strings.CutPrefix(strings.TrimSpace(query), "WITH "); found {
		if steps, recursive := strings.CutPrefix(rest, "RECURSIVE "); recursive {
			return "WITH RECURSIVE " + strings.TrimPrefix(head, "WITH ") + ", " + steps
		}
		return head + ", " + rest
	}
	return head + " " + query
}

// table is a query for the rows of a noun as they were.
func (p *past) table(n noun) string {
	at := strconv.FormatInt(micros(p.moment.recorded()), 10)
	recorded := strings.ReplaceAll(n.recorded, "{schema}", p.schema)
	if !n.kept {
		return "SELECT * FROM " + p.schema + n.table + " t WHERE " + recorded + " <= " + at
	}
	history := p.schema + n.table + historySuffix
	same := make([]string, 0, 3)
	for k := range strings.SplitSeq(n.key, ",") {
		same = append(same, "h."+k+" = t."+k)
	}
	columns, later := strings.Join(p.columns[n.table], ", "), strings.Join(same, " AND ")+" AND h.replaced_at > "+at
	return "SELECT " + columns + " FROM " + p.schema + n.table + " t WHERE " + recorded + " <= " + at +
		" AND NOT EXISTS (SELECT 1 FROM " + history + " h WHERE " + later + ")" +
		" UNION ALL SELECT " + columns + " FROM " + history + " t WHERE t.replaced_at > " + at + " AND " + recorded + " <= " + at +
		" AND NOT EXISTS (SELECT 1 FROM " + history + " h WHERE " + later + " AND h.replaced_at < t.replaced_at)"
}

// licenseVersions is a query for the versions that were recorded by KnownAt and are
// in effect by AsAt; the one with the highest number among them held.
func (p *past) licenseVersions() string {
	return "SELECT * FROM " + p.schema + "license_versions t WHERE t.recorded_at <= " + strconv.FormatInt(micros(p.moment.KnownAt), 10) +
		" AND t.effective_at <= " + strconv.FormatInt(micros(p.moment.AsAt), 10)
}

// stamp tells the triggers of history the instant of the transaction, before its
// first change of a table that they keep.
func (tx *Tx) stamp(table string) error {
	if tx.stamped || !slices.ContainsFunc(nouns, func(n noun) bool { return n.kept && n.table == table }) {
		return nil
	}
	query := "UPDATE history_clock SET at = ?"
	if tx.engine == "postgres" {
		query = "SELECT set_config('rigistry.now', CAST(CAST(? AS BIGINT) AS TEXT), true)"
	}
	if err := tx.db.Exec(query, micros(tx.Now)).Error; err != nil {
		return fmt.Errorf("tell history the instant: %w", err)
	}
	tx.stamped = true
	return nil
}

var changes = regexp.MustCompile(`(?i)^\s*(?:UPDATE|DELETE\s+FROM|INSERT\s+INTO)\s+([a-z_]+)`)

// stampFor is stamp for the table that a statement changes.
func (tx *Tx) stampFor(query string) error {
	if m := changes.FindStringSubmatch(query); m != nil {
		return tx.stamp(strings.ToLower(m[1]))
	}
	return nil
}
