package ledger

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"syscall"
	"time"
)

// closedNetworks are the addresses that a message never goes to, unless the
// operator opens a part: what is inside a network, this machine, the services of a
// cloud that give out credentials, and addresses that carry another one inside.
var closedNetworks = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
	"192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
)

func prefixes(texts ...string) []netip.Prefix {
	out := make([]netip.Prefix, 0, len(texts))
	for _, t := range texts {
		out = append(out, netip.MustParsePrefix(t))
	}
	return out
}

// errClosed says that an address is not one to send to.
var errClosed = errors.New("the address belongs to a private or special network; ask the operator of the registry to allow it")

// guard lets connections go to public addresses and to what the operator allows. It
// judges the address that is really connected to, after the name was resolved.
type guard struct{ allow []netip.Prefix }

func (g guard) judge(address string) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %s", errClosed, address)
	}
	ip := at.Addr().Unmap().WithZone("")
	holds := func(p netip.Prefix) bool { return p.Contains(ip) }
	if slices.ContainsFunc(closedNetworks, holds) && !slices.ContainsFunc(g.allow, holds) {
		return errClosed
	}
	return nil
}

// plain tells whether a host may be reached without TLS: this machine, when the
// operator opened it.
func (g guard) plain(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback() && slices.ContainsFunc(g.allow, func(p netip.Prefix) bool { return p.Contains(ip.Unmap()) })
}

const (
	dialTime    = 5 * time.Second
	webhookTime = 10 * time.Second // from the name to the end of the answer
)

// client makes the HTTP client of webhooks: no proxy, no redirects, no cookies.
func (g guard) client() *http.Client {
	dialer := &net.Dialer{Timeout: dialTime, Control: func(_, address string, _ syscall.RawConn) error { return g.judge(address) }}
	return &http.Client{
		Timeout:       webhookTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				return dialer.DialContext(ctx, network, addr)
			},
			TLSHandshakeTimeout: dialTime, ResponseHeaderTimeout: webhookTime, MaxResponseHeaderBytes: 64 << 10,
			MaxIdleConnsPerHost: 1, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true,
		},
	}
}
