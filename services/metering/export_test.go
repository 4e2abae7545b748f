package metering

import "time"

// Tries sets how long the spool waits between tries, at least and at most.
func (s *Spool) Tries(least, most time.Duration) { s.least, s.most = least, most }

// Idle gets a token when nothing is left to send.
func (s *Spool) Idle() <-chan struct{} { return s.idle }
