package store

import (
	"context"
	"sync"
	"time"

	"gorm.io/gorm/logger"
)

// Trace is the statements that were sent to the database under one context. It is for
// tests that compare the work of two answers.
type Trace struct {
	mu         sync.Mutex
	statements []string
}

// Traced gives a context under which statements are kept, and where.
func Traced(ctx context.Context) (context.Context, *Trace) {
	t := &Trace{}
	return context.WithValue(ctx, traceKey{}, t), t
}

// Statements gives what was sent so far, in order, with its values.
func (t *Trace) Statements() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]string(nil), t.statements...)
}

type traceKey struct{}

// tracer keeps statements for a Trace and logs nothing.
type tracer struct{ logger.Interface }

func (t tracer) LogMode(logger.LogLevel) logger.Interface { return t }

// Trace implements logger.Interface.
func (t tracer) Trace(ctx context.Context, _ time.Time, fc func() (string, int64), _ error) {
	if to, on := ctx.Value(traceKey{}).(*Trace); on {
		statement, _ := fc()
		to.mu.Lock()
		defer to.mu.Unlock()
		to.statements = append(to.statements, statement)
	}
}
