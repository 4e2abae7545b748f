package metering

import (
	"sync"
	"time"
)

// pace gives out turns of which one comes after the other: when everything is to be
// done at once, as after a failure of the network, it is done in a row.
type pace struct {
	every time.Duration

	mu   sync.Mutex
	next time.Time
}

// turn takes the next turn and gives how long it is until then.
func (p *pace) turn(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.next.Before(now) {
		p.next = now
	}
	wait := p.next.Sub(now)
	p.next = p.next.Add(p.every)
	return wait
}
