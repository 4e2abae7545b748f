package metering

import (
	"context"
	"net/url"
	"time"
)

// Tries sets how long the spool waits between tries, at least and at most.
func (s *Spool) Tries(least, most time.Duration) { s.least, s.most = least, most }

// Idle gets a token when nothing is left to send.
func (s *Spool) Idle() <-chan struct{} { return s.idle }

// Opening has a collector ask before it opens a connection.
func (c *Collector) Opening(before func(ctx context.Context, host string) error) {
	open := c.open
	c.open = func(ctx context.Context, u *url.URL, within time.Duration) (stream, error) {
		if err := before(ctx, u.Host); err != nil {
			return nil, err
		}
		return open(ctx, u, within)
	}
}
