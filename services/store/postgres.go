package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
)

// postgresEngine runs every update SERIALIZABLE; two that read and then write the
// same things cannot both commit, and the loser is run again.
type postgresEngine struct{ db *gorm.DB }

const postgresConns = 16

func openPostgres(ctx context.Context, url string) (engine, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read the database URL: %w", err)
	}
	for name, value := range map[string]string{
		"timezone": "UTC", "application_name": "rigistry", "lock_timeout": "10s",
		"statement_timeout": "60s", "idle_in_transaction_session_timeout": "60s",
	} {
		if cfg.RuntimeParams[name] == "" {
			cfg.RuntimeParams[name] = value
		}
	}
	pool := stdlib.OpenDB(*cfg)
	pool.SetMaxOpenConns(postgresConns)
	pool.SetMaxIdleConns(postgresConns)
	if err := pool.PingContext(ctx); err != nil {
		_ = pool.Close()
		return nil, fmt.Errorf("reach the PostgreSQL server: %w", err)
	}
	db, err := gorm.Open(postgres.New(postgres.Config{Conn: pool}), gormConfig())
	if err != nil {
		_ = pool.Close()
		return nil, fmt.Errorf("open the PostgreSQL database: %w", err)
	}
	return &postgresEngine{db: db}, nil
}

func (e *postgresEngine) name() string     { return "postgres" }
func (e *postgresEngine) writer() *gorm.DB { return e.db }
func (e *postgresEngine) reader() *gorm.DB { return e.db }

func (e *postgresEngine) writeOptions() *sql.TxOptions {
	return &sql.TxOptions{Isolation: sql.LevelSerializable}
}

func (e *postgresEngine) readOptions() *sql.TxOptions {
	return &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
}

func (e *postgresEngine) settings(ctx context.Context) ([]Setting, error) {
	var out []Setting
	for _, c := range [][2]string{{"fsync", "on"}, {"full_page_writes", "on"}, {"synchronous_commit", "on"}, {"TimeZone", "UTC"}} {
		var got string
		if err := e.db.WithContext(ctx).Raw("SELECT current_setting(?)", c[0]).Scan(&got).Error; err != nil {
			return nil, fmt.Errorf("read setting %s: %w", c[0], err)
		}
		ok := got == c[1] || c[0] == "synchronous_commit" && (got == "remote_apply" || got == "remote_write")
		out = append(out, Setting{Name: c[0], Got: got, Want: c[1], OK: ok})
	}
	return out, nil
}

func (e *postgresEngine) close() error { return closePool(e.db) }
