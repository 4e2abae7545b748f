package metering

import (
	"context"
	"sync"
	"time"
)

// strangers are the connections to endpoints that are not polled, by endpoint. Its lock
// is never held while anything is asked.
type strangers struct {
	mu   sync.Mutex
	open map[string]*stranger
}

// stranger is the connection to one of them. One exchange at a time has it, and whoever
// waits for an answer there holds up nobody who asks elsewhere.
type stranger struct {
	left context.Context // is over when the endpoint is left: what is under way there is broken off
	end  context.CancelFunc
	turn chan struct{} // is taken during an exchange
	sc   *scanner      // of whoever has the turn
}

// at gives the connection to an endpoint, to be opened when something is asked. It lives
// at most as long as ctx, which is that of the first who asks there.
func (s *strangers) at(ctx context.Context, endpoint string, open opener) *stranger {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := endpointOf(endpoint)
	if s.open[key] == nil {
		left, end := context.WithCancel(ctx)
		s.open[key] = &stranger{left: left, end: end, turn: make(chan struct{}, 1), sc: &scanner{ctx: left, endpoint: endpoint, open: open}}
	}
	return s.open[key]
}

// leave closes the connection to an endpoint, if there is one: its poller begins, or the
// work there is done. When it returns, nobody asks there any more.
func (s *strangers) leave(endpoint string) {
	s.mu.Lock()
	one := s.open[endpointOf(endpoint)]
	delete(s.open, endpointOf(endpoint))
	s.mu.Unlock()
	if one == nil {
		return
	}
	one.end()
	one.turn <- struct{}{} // an exchange under way ends at once: its connection is closed
	one.sc.drop()
	<-one.turn
}

// ask does one exchange; false when the endpoint was left before it was done.
func (s *stranger) ask(ctx context.Context, within time.Duration, do func(*conn, time.Duration) error) (visited, bool) {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-s.left.Done():
		return visited{}, false
	case <-ctx.Done():
		return visited{}, false
	}
	if s.left.Err() != nil {
		return visited{}, false
	}
	s.sc.timeout = within
	err := s.sc.ask(func(c *conn) error { return do(c, within) })
	if err != nil && s.left.Err() != nil {
		return visited{}, false
	}
	return visited{err: err}, true
}
