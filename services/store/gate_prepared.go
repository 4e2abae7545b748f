package store

import (
	"context"
	"database/sql"
	"sync"
)

const (
	batchValues = "VALUES (?,?,?,?,?,?,?,?)"
	entryValues = "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)"
)

// gateStatements are those of a commit of the gate, which SQLite would otherwise
// compile for each commit. PostgreSQL's driver keeps its own.
type gateStatements struct {
	mu  sync.RWMutex
	all map[string]*sql.Stmt
}

// prepare makes the statements once. It must not be called in a transaction, because
// SQLite has one writer.
func (g *gateStatements) prepare(ctx context.Context, db *sql.DB, engine string) error {
	if engine != "sqlite" {
		return nil
	}
	g.mu.RLock()
	made := g.all != nil
	g.mu.RUnlock()
	if made {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.all != nil {
		return nil
	}
	all := map[string]*sql.Stmt{}
	for _, query := range []string{nextTurn(engine), insertBatch + batchValues, insertEntry + entryValues} {
		statement, err := db.PrepareContext(ctx, query)
		if err != nil {
			for _, s := range all {
				_ = s.Close()
			}
			return err
		}
		all[query] = statement
	}
	g.all = all
	return nil
}

// exec runs a query in a transaction, by its statement when there is one.
func (g *gateStatements) exec(ctx context.Context, tx *sql.Tx, query string, args []any) (sql.Result, error) {
	g.mu.RLock()
	statement := g.all[query]
	g.mu.RUnlock()
	if statement == nil {
		return tx.ExecContext(ctx, query, args...)
	}
	return tx.StmtContext(ctx, statement).ExecContext(ctx, args...)
}

// preparedOne is one statement that is compiled on first use.
type preparedOne struct {
	mu        sync.Mutex
	statement *sql.Stmt
}

func (p *preparedOne) prepared(ctx context.Context, db *sql.DB, query string) (*sql.Stmt, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.statement == nil {
		statement, err := db.PrepareContext(ctx, query)
		if err != nil {
			return nil, err
		}
		p.statement = statement
	}
	return p.statement, nil
}
