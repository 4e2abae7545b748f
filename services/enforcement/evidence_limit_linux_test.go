package enforcement_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"rigistry/models"
	"rigistry/services/enforcement"
	"rigistry/services/store/storetest"
)

// limited runs the test that calls it again in a process of its own, whose files can be
// made to grow no further: there it gives true. The limit is one of the whole process.
func limited(t *testing.T) bool {
	t.Helper()
	const mark = "RIGISTRY_TEST_FILE_LIMIT"
	if os.Getenv(mark) == t.Name() {
		signal.Ignore(syscall.SIGXFSZ)
		return true
	}
	child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.count=1") //nolint:gosec // this very program
	child.Env = append(os.Environ(), mark+"="+t.Name())
	if out, err := child.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	return false
}

// fileLimit lets no file grow beyond so many bytes, and gives back what was before.
func fileLimit(t *testing.T, bytes uint64) (lift func()) {
	t.Helper()
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	set := func(l syscall.Rlimit) {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &l); err != nil {
			t.Fatal(err)
		}
	}
	set(syscall.Rlimit{Cur: bytes, Max: before.Max})
	return func() { set(before) }
}

// The kernel itself refuses to write on in the middle of a file: the device is told that
// there is no room, nothing is left of the file, and it is taken once there is.
func TestEvidence_WhereTheSystemWritesNoFurtherNothingIsLost(t *testing.T) {
	if !limited(t) {
		return
	}
	clock := storetest.NewClock()
	svc, folder := fieldOffice(t, storetest.SQLite(t, clock.Now))
	ctx := context.Background()
	before := picture(3)
	film := make([]byte, 12<<20)
	if _, err := rand.Read(film); err != nil {
		t.Fatal(err)
	}
	copy(film, "\x00\x00\x00\x18ftypmp42")
	if _, _, err := svc.PutEvidence(ctx, inspector, hashOf(before), "image/png", before); err != nil {
		t.Fatal(err)
	}
	lift := fileLimit(t, 8<<20)
	_, fresh, err := svc.PutEvidence(ctx, inspector, hashOf(film), "video/mp4", film)
	if fresh || models.CodeOf(err) != models.CodeStorageFull {
		t.Errorf("%v %v, want %s", fresh, err, models.CodeStorageFull)
	}
	if files := filesIn(t, folder); len(files) != 1 || files[0] != hashOf(before) {
		t.Errorf("the folder has %v, want the file that came before alone", files)
	}
	lift()
	if _, fresh, err := svc.PutEvidence(ctx, inspector, hashOf(film), "video/mp4", film); err != nil || !fresh {
		t.Errorf("sent again with room: %v %v", fresh, err)
	}
	for _, want := range [][]byte{before, film} {
		if _, got, err := svc.EvidenceFile(ctx, auditor, hashOf(want), "court"); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes of %d, %v", len(got), len(want), err)
		}
	}
}

// A package that is cut off where the disk ended says so when it is written, and the
// check names the file that is not whole. The registry has it still.
func TestPackage_OneThatTheDiskCutsOffIsNamedAndCanBeWrittenAgain(t *testing.T) {
	if !limited(t) {
		return
	}
	clock := storetest.NewClock()
	b := newBureau(t, storetest.SQLite(t, clock.Now), clock)
	b.photographed(t, 2, 6<<20)
	p, err := b.packager.Export(context.Background(), officer, enforcement.PackageRequest{Case: b.caseID})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "package.zip")
	written := func() (*os.File, error) {
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = f.Close() }) // only read from here on
		_, err = p.WriteTo(f)
		return f, err
	}
	lift := fileLimit(t, 8<<20)
	f, err := written()
	if !errors.Is(err, syscall.EFBIG) {
		t.Errorf("writing it said %v", err)
	}
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	var broken *enforcement.Broken
	if _, err := enforcement.VerifyPackage(f, info.Size(), trusted); !errors.As(err, &broken) || !isPart(broken.Part, "originals/") {
		t.Errorf("the check of what was written says %v, want the original that is cut off to be named", err)
	}
	lift()
	if f, err = written(); err == nil {
		_, err = enforcement.VerifyPackage(f, p.Bytes, trusted)
	}
	if err != nil {
		t.Errorf("written again with room: %v", err)
	}
}
