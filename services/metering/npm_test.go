package metering

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"rigistry/models"
)

const installNPM = "install Node.js with npm, and let it reach its registry once: (cd services/metering/testdata/npm && npm ci --ignore-scripts --omit=optional)"

// npmServers starts the servers of testdata/npm and gives their endpoints. Their
// packages are installed when they are not there yet.
func npmServers(t *testing.T) (serial, js string) {
	t.Helper()
	if _, err := os.Stat("testdata/npm/node_modules/jsmodbus"); err != nil {
		cmd := exec.Command("npm", "ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund", "--loglevel=error")
		cmd.Dir = "testdata/npm"
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("the servers of npm cannot be installed (%v: %s); %s", err, out, installNPM)
		}
	}
	one, two := freePort(t), freePort(t)
	startServer(t, "node", "testdata/npm/server.js", strconv.Itoa(one), strconv.Itoa(two))
	listening(t, one)
	listening(t, two)
	return "tcp://127.0.0.1:" + strconv.Itoa(one), "tcp://127.0.0.1:" + strconv.Itoa(two)
}

func TestNPM_ModbusSerialAndJSModbusAreRead(t *testing.T) {
	serial, js := npmServers(t)
	for name, url := range map[string]string{"modbus-serial": serial, "jsmodbus": js} {
		rows, err := ReadOnce(context.Background(), url, 1, "eastron/sdm630", 2*time.Second)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := map[models.Quantity]float64{}
		for _, r := range rows {
			if r.Value != nil {
				got[r.Quantity] = *r.Value
			}
		}
		for q, want := range map[models.Quantity]float64{models.QVL1: 230.5, models.QIL1: 12.25, models.QPTotal: 7603, models.QF: 50.02, models.QEImport: 1_234_500} {
			if got[q] != want {
				t.Errorf("%s: %s is %v, want %v", name, q, got[q], want)
			}
		}
	}
	// What a server of theirs refuses is a refusal, and a unit that it does not have is silence or a refusal, never a value.
	c, err := dial(context.Background(), serial, time.Second, make(chan struct{}, 1), Credentials{}.opener())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.close)
	var failure *ReadError
	if _, err := c.read(context.Background(), 1, Request{FC: 4, Addr: 126, Count: 4}, time.Second); !errors.As(err, &failure) || failure.Exception != 2 {
		t.Errorf("registers that are not there: got %v", err)
	}
	if rows, err := ReadOnce(context.Background(), serial, 9, "eastron/sdm630", 300*time.Millisecond); err == nil {
		t.Errorf("a unit that is not there gave %d rows", len(rows))
	}
}
