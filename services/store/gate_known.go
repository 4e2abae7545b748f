package store

import (
	"context"
	"encoding/json"
	"fmt"
)

// GateKnownKeys gives those of the keys under which a utility has an answer with rows.
// Most are new, and so the index of keys is asked by one prepared statement that reads
// nothing else. What commits while it runs may be missed.
func (s *Store) GateKnownKeys(ctx context.Context, utility string, keys []string) ([]string, error) {
	db, err := s.engine.reader().DB()
	if err != nil {
		return nil, err
	}
	query, list := "SELECT request_key FROM gate_checks WHERE utility_id = $1 AND request_key = ANY($2)", any(keys)
	if s.engine.name() == "sqlite" {
		query = "SELECT request_key FROM gate_checks WHERE utility_id = ? AND request_key IN (SELECT value FROM json_each(?))"
		text, err := json.Marshal(keys)
		if err != nil {
			return nil, err
		}
		list = string(text)
	}
	statement, err := s.known.prepared(ctx, db, query)
	if err != nil {
		return nil, translate(err)
	}
	rows, err := statement.QueryContext(ctx, utility, list)
	if err != nil {
		return nil, translate(err)
	}
	defer func() { _ = rows.Close() }() // what it says is in rows.Err
	var out []string
	for rows.Next() {
		var key string
		if err := rows.Scan(&key); err != nil {
			return nil, fmt.Errorf("read a key of the gate: %w", err)
		}
		out = append(out, key)
	}
	return out, translate(rows.Err())
}
