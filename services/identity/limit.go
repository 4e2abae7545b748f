package identity

import (
	"net/netip"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// limit is how many failed sign-ins are free and how the delay then grows.
type limit struct {
	free  int64
	first time.Duration
	most  time.Duration
}

// The limits: on a login from one address, and on one address whatever the
// login (a guess over many logins). Nobody can lock another person out from
// elsewhere.
var (
	limitLogin   = limit{free: 5, first: 5 * time.Second, most: 15 * time.Minute}
	limitAddress = limit{free: 40, first: 5 * time.Second, most: 5 * time.Minute}
)

// The limits of the token endpoint. A secret of 256 bits is not guessed; they keep
// a client that is set up wrongly, or somebody who tries, from costing much.
var (
	limitClient        = limit{free: 20, first: time.Second, most: time.Minute}
	limitClientAddress = limit{free: 100, first: time.Second, most: time.Minute}
)

// attemptsMemory is how long after the last failure the count begins anew.
const attemptsMemory = time.Hour

// delay is the wait after so many failures.
func (l limit) delay(failures int64) time.Duration {
	over := failures - l.free
	if over < 0 {
		return 0
	}
	d := l.first
	for range over {
		if d *= 2; d >= l.most {
			return l.most
		}
	}
	return d
}

// watched is one limit with the key it counts under.
type watched struct {
	limit
	key []byte
}

func limitsOf(login, ip string) []watched {
	ip = network(ip)
	return []watched{
		{limitLogin, digest("login\x00" + login + "\x00" + ip)},
		{limitAddress, digest("address\x00" + ip)},
	}
}

// tokenLimitsOf gives the limits of a request for a token; none when its address
// is not known.
func tokenLimitsOf(req TokenRequest) []watched {
	if req.IP == "" {
		return nil
	}
	id, ip := req.BasicID, network(req.IP)
	if !req.HasBasic {
		id = req.ClientID
	}
	return []watched{
		{limitClient, digest("client\x00" + id + "\x00" + ip)},
		{limitClientAddress, digest("clients\x00" + ip)},
	}
}

// network is what one household or office has: an IPv4 address or an IPv6 /64.
func network(ip string) string {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return ip
	}
	addr = addr.Unmap().WithZone("")
	if addr.Is4() {
		return addr.String()
	}
	prefix, err := addr.Prefix(64)
	if err != nil {
		return addr.String()
	}
	return prefix.String()
}

// countAttempt refuses while blocked, else counts one failure in advance, so
// that guesses sent at once cannot all pass the check before one is counted.
// A sign-in that succeeds takes it back with forgive.
func countAttempt(tx *store.Tx, limits []watched) error {
	if err := notBlocked(tx, limits); err != nil {
		return err
	}
	return countFailure(tx, limits)
}

// notBlocked refuses with CodeTooMany while one of the limits is passed.
func notBlocked(tx *store.Tx, limits []watched) error {
	for _, l := range limits {
		a, err := tx.Attempts(l.key)
		if err != nil {
			return err
		}
		if wait := a.BlockedUntil.Sub(tx.Now); wait > 0 {
			refusal := models.Errorf(models.CodeTooMany, "Too many failed attempts. Wait %s and try again; nothing is locked.", wait.Round(time.Second))
			refusal.RetryAfter = wait
			return refusal
		}
	}
	return nil
}

// countFailure counts one failure under each limit.
func countFailure(tx *store.Tx, limits []watched) error {
	for _, l := range limits {
		a, err := tx.Attempts(l.key)
		if err != nil {
			return err
		}
		if tx.Now.Sub(a.Last) > attemptsMemory {
			a.Failures = 0
		}
		a.Failures++
		a.Last, a.BlockedUntil = tx.Now, tx.Now.Add(l.delay(a.Failures))
		if err := tx.SetAttempts(l.key, a); err != nil {
			return err
		}
	}
	return nil
}

// forgive clears the count of the login and takes one off the address, so that
// somebody with one good account cannot clear an address by signing in.
func forgive(tx *store.Tx, limits []watched) error {
	for i, l := range limits {
		a, err := tx.Attempts(l.key)
		if err != nil {
			return err
		}
		if i == 0 {
			a.Failures = 0
		}
		a.Failures, a.BlockedUntil = max(0, a.Failures-1), time.Time{}
		if err := tx.SetAttempts(l.key, a); err != nil {
			return err
		}
	}
	return nil
}
