package ledger

import (
	"net/netip"
	"testing"
)

func TestGuard_JudgesTheAddressThatIsReallyConnectedTo(t *testing.T) {
	g := guard{allow: []netip.Prefix{netip.MustParsePrefix("10.20.0.0/16"), netip.MustParsePrefix("127.0.0.1/32")}}
	for address, good := range map[string]bool{
		"8.8.8.8:443": true, "[2a00:1450::1]:443": true, "10.20.3.4:443": true, "127.0.0.1:80": true,
		"10.21.0.1:443": false, "127.0.0.2:80": false, "169.254.169.254:80": false, "[fd00:ec2::254]:80": false, "[fe80::1%eth0]:80": false,
		"192.168.1.1:443": false, "172.31.0.1:443": false, "100.64.0.1:1": false, "0.0.0.0:80": false, "[::]:80": false, "[::1]:80": false,
		"[::ffff:169.254.169.254]:80": false, "[::ffff:10.0.0.1]:80": false, "[64:ff9b::a00:1]:80": false, "[2002:7f00:1::]:80": false,
		"224.0.0.1:80": false, "255.255.255.255:80": false, "[ff02::1]:80": false, "nonsense": false, "example.kz:443": false,
	} {
		if err := g.judge(address); (err == nil) != good {
			t.Errorf("%s: %v, want open=%v", address, err, good)
		}
	}
	for host, want := range map[string]bool{"127.0.0.1": true, "127.0.0.2": false, "localhost": false, "10.20.0.1": false, "::1": false} {
		if g.plain(host) != want {
			t.Errorf("http to %s: %v", host, !want)
		}
	}
}
