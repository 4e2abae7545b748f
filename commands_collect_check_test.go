package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rigistry/models"
)

// Fifty meters every second do not fit three days into 64 MB, and do into what the check
// asks for.
func TestCollectCheck_TellsWhetherTheSpoolHoldsThreeDays(t *testing.T) {
	dir := t.TempDir()
	secret, file := filepath.Join(dir, "secret"), filepath.Join(dir, "collect.json")
	if err := os.WriteFile(secret, []byte("s"), 0o600); err != nil {
		t.Fatal(err)
	}
	check := func(meters, interval int, spoolMB int64) (string, error) {
		var list []string
		for i := range meters {
			list = append(list, fmt.Sprintf(`{"code": "M%d", "profile": "eastron/sdm630", "url": "tcp://127.0.0.%d:502", "unit": 1, "interval_s": %d}`, i, i+1, interval))
		}
		config := fmt.Sprintf(`{"server": "http://localhost:8080", "collector": "c", "client_id": "i", "client_secret_file": %q, "spool_mb": %d, "meters": [%s]}`,
			secret, spoolMB, strings.Join(list, ","))
		if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		app := &App{Ctx: t.Context(), Stdout: &out, Config: &Config{Data: filepath.Join(dir, "not", "there")}}
		err := (&CollectCmd{Config: file, Check: true}).Run(app)
		return out.String(), err
	}
	if out, err := check(2, 10, 64); err != nil || !strings.Contains(out, "0.2 readings a second") || !strings.Contains(out, "72 hours") {
		t.Errorf("two meters every ten seconds in 64 MB: got %q, %v", out, err)
	}
	out, err := check(50, 1, 64)
	if models.CodeOf(err) != models.CodeInvalid || !strings.Contains(err.Error(), "spool_mb") && !strings.Contains(out, "64.0 MB") {
		t.Errorf("fifty meters every second in 64 MB: got %q, %v; want the size that is needed", out, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "not")); err == nil {
		t.Error("the check made the data folder")
	}
}
