package enforcement_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/enforcement"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

// largeFile asks for a package of half a gigabyte, to be measured and to try the page with:
//
//	go test ./services/enforcement -run TestPackage_LargeOriginals -args -large=/tmp/large.zip
var largeFile = flag.String("large", "", "where to write a package of 500 MB")

// photographed gives the case of a bureau a visit on which a device signed for originals,
// each of so many zeros.
func (b *bureau) photographed(t *testing.T, originals int, size int64) {
	t.Helper()
	ctx := context.Background()
	if err := b.store.Update(ctx, func(tx *store.Tx) error {
		return tx.InsertUser(models.User{ID: inspector.ID, Login: inspector.ID, Name: inspector.Name, Roles: inspector.Roles, Created: tx.Now, Version: 1}, "hash")
	}); err != nil {
		t.Fatal(err)
	}
	visit, err := b.svc.PlanInspection(ctx, head, models.Inspection{Kind: models.InspectionOutOfTurn, Title: "Old mill", Address: "Өскемен, Зауыт 4", Case: b.caseID,
		PlannedOn: models.LegalDate(b.clock.Now()), Lead: inspector.ID})
	if err != nil {
		t.Fatal(err)
	}
	p := newPhone(t, b.svc, inspector)
	var events []enforcement.SignedEvent
	for n := range originals {
		of := size + int64(n)
		sum := sha256.New()
		if _, err := io.CopyN(sum, zeros{}, of); err != nil {
			t.Fatal(err)
		}
		name := hex.EncodeToString(sum.Sum(nil))
		b.streams[name] = of
		if err := b.store.Update(ctx, func(tx *store.Tx) error {
			entry, err := tx.Append(models.Entry{Kind: "evidence.received", Subject: models.Ref{Kind: "evidence", ID: name}, Actor: inspector, Body: map[string]any{"bytes": of}})
			if err != nil {
				return err
			}
			return tx.InsertEvidenceBlob(models.EvidenceBlob{SHA256: name, Bytes: of, MediaType: "image/jpeg", Received: tx.Now, ReceivedBy: inspector.ID, Entry: entry})
		}); err != nil {
			t.Fatal(err)
		}
		events = append(events, p.event(fmt.Sprintf("e%d", n), visit.Inspection.ID, "photo.taken", b.clock.Now(), map[string]any{"sha256": name, "source": "camera"}))
	}
	if _, _, err := b.svc.ReceiveEvents(ctx, inspector, events); err != nil {
		t.Fatal(err)
	}
	b.seal(t)
}

// Originals go from the disk into the package, and from the package through the check,
// in pieces: what is allocated does not grow with their size.
func TestPackage_LargeOriginalsGoThroughInPieces(t *testing.T) {
	const originals = 8
	taken := func(size int64) (allocated uint64, report enforcement.PackageReport) {
		t.Helper()
		clock := storetest.NewClock()
		b := newBureau(t, storetest.SQLite(t, clock.Now), clock)
		b.photographed(t, originals, size)
		path := filepath.Join(t.TempDir(), "package.zip")
		if *largeFile != "" {
			path = *largeFile
		}
		begun := time.Now()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		p, err := b.packager.Export(context.Background(), officer, enforcement.PackageRequest{Case: b.caseID})
		if err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		n, err := p.WriteTo(f)
		written := time.Since(begun)
		if err == nil {
			report, err = enforcement.VerifyPackage(f, n, trusted)
		}
		runtime.ReadMemStats(&after)
		if closed := f.Close(); err != nil || closed != nil || n < originals*size {
			t.Fatalf("%d bytes: %v %v", n, err, closed)
		}
		t.Logf("%d MB: exported in %v, checked in %v", n>>20, written.Round(time.Millisecond), (time.Since(begun) - written).Round(time.Millisecond))
		return after.TotalAlloc - before.TotalAlloc, report
	}
	taken(1 << 10) // what is made once
	small, _ := taken(1 << 10)
	large, report := taken(8 << 20)
	if report.Pictures != originals {
		t.Fatalf("the package has %d originals that were signed for, want %d", report.Pictures, originals)
	}
	t.Logf("%d KB were allocated for 8 KB of originals, %d KB for 64 MB", small>>10, large>>10)
	// All that was ever allocated on the way, so also what was held at any moment.
	if large > small+8<<20 {
		t.Errorf("%d KB were allocated for 8 KB of originals and %d KB for 64 MB: some of them were taken whole", small>>10, large>>10)
	}
	if *largeFile != "" {
		allocated, _ := taken(62 << 20)
		t.Logf("%d KB were allocated for 496 MB; the process held at most %d KB", allocated>>10, peakKB())
	}
}

// peakKB is the most memory that the process ever held, 0 where the system does not tell.
func peakKB() int {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	n, _ := strconv.Atoi(fields[0]) // a number by its place in the file
	return n
}
