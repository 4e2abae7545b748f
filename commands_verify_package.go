package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/enforcement"
)

// isPackage tells whether a file begins as an evidence package does. Whatever cannot be
// opened is left to who reads it.
func isPackage(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }() // only read
	head := make([]byte, 4)
	n, _ := f.Read(head) // what is too short is no package
	return string(head[:n]) == "PK\x03\x04" || strings.EqualFold(filepath.Ext(path), ".zip")
}

// evidence checks an evidence package, however large: it is read from the disk piece by
// piece.
func (c *VerifyCmd) evidence(app *App) error {
	f, err := os.Open(c.File)
	if err != nil {
		return fmt.Errorf("read what to verify: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("read what to verify: %w", err)
	}
	ownKeys := false
	report, err := enforcement.VerifyPackage(f, info.Size(), func(own []byte) (enforcement.PackageKeys, error) {
		keys, err := c.keys(app, filepath.Dir(c.File))
		if models.CodeOf(err) == models.CodeInvalid && c.Keys == "" {
			ownKeys = true
			keys, err = parseKeys("keys.json", own)
		}
		return enforcement.PackageKeys{Document: keys.of("document"), Ledger: keys.of("ledger")}, err
	})
	var broken *enforcement.Broken
	if errors.As(err, &broken) {
		return notGenuine("%v", broken)
	}
	if err != nil {
		return err
	}
	c.sayPackage(app, report, info.Size(), ownKeys)
	return nil
}

// sayPackage says what was checked.
func (c *VerifyCmd) sayPackage(app *App, r enforcement.PackageReport, size int64, ownKeys bool) {
	m := r.Manifest
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(app.Stdout, format+"\n", args...) }
	say("evidence package of case %s: every one of its %d bytes is as the registry signed it (key %s)", m.CaseNumber, size, r.KeyID)
	say("  %d files, each with the digest in the manifest; nothing is hidden between them", r.Files)
	say("  %d entries of the ledger, each proven up to the checkpoint of %d entries that was signed at %s", r.Entries, r.Checkpoint.Size, r.Checkpoint.At.Format(time.RFC3339))
	say("  %d readings in %d sealed quarters of an hour, each proven up to its seal in the ledger; the tables say the same", r.Readings, r.Chunks)
	if r.Words > 0 {
		say("  %d words of registers of which those readings were made, with the layouts that the sealed quarters name by their digests", r.Words)
		say("  %d values made again from those words; of %d more the scale stands in other registers", r.Given, r.Elsewhere)
	}
	if r.NotGiven > 0 {
		say("  %d values that the words do not give, as the statement of known gaps says", r.NotGiven)
	}
	if r.Bare > 0 {
		say("  %d readings came without registers: their values cannot be made again", r.Bare)
	}
	say("  %d field events, each signed by its device and named in the ledger; %d pictures that they name", r.Events, r.Pictures)
	say("  %d fields of the record; the words of %d acts give the digests in the ledger", r.Fields, r.Acts)
	if len(m.Removed) > 0 {
		say("  redacted: %d items were taken out (%s), and only those; the list of items has the SHA-256 %s, as in the whole package", len(m.Removed), m.RemovedFor, m.ItemsSHA256)
	} else {
		say("  whole: nothing was taken out; the list of items has the SHA-256 %s", m.ItemsSHA256)
	}
	if ownKeys {
		say("keys: those in the package itself, which prove nothing alone. Compare the key %s with /.well-known/jwks.json of the registry, or name the file with --keys.", r.KeyID)
	}
}
