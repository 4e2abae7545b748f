package enforcement_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"rigistry/models"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

// A disk that fills in the middle of a file is told to the device as what it is, leaves
// nothing of the file behind, keeps what came before, and takes the file once there is room.
func TestEvidence_AFullDiskIsSaidAndLosesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		svc, folder := fieldOffice(t, s)
		ctx := context.Background()
		before, photo := picture(3), picture(4)
		if _, _, err := svc.PutEvidence(ctx, inspector, hashOf(before), "image/png", before); err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			cause error
			code  models.Code
		}{
			"full":       {&fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}, models.CodeStorageFull},
			"over quota": {&fs.PathError{Op: "write", Path: "x", Err: syscall.EDQUOT}, models.CodeStorageFull},
			"broken":     {&fs.PathError{Op: "write", Path: "x", Err: syscall.EIO}, models.CodeOf(errors.New("any"))},
		} {
			svc.PutWith(func(f io.Writer, content []byte) error {
				if _, err := f.Write(content[:len(content)/2]); err != nil {
					return err
				}
				return c.cause
			})
			_, fresh, err := svc.PutEvidence(ctx, inspector, hashOf(photo), "image/png", photo)
			if err == nil || fresh || models.CodeOf(err) != c.code {
				t.Errorf("%s: %v %v, want %s", name, fresh, err, c.code)
			}
			if _, err := svc.HasEvidence(ctx, inspector, hashOf(photo)); models.CodeOf(err) != models.CodeNotFound {
				t.Errorf("%s: the record says that it is there: %v", name, err)
			}
			if files := filesIn(t, folder); len(files) != 1 || files[0] != hashOf(before) {
				t.Errorf("%s: the folder has %v, want the file that came before alone", name, files)
			}
		}
		svc.PutAll()
		if _, fresh, err := svc.PutEvidence(ctx, inspector, hashOf(photo), "image/png", photo); err != nil || !fresh {
			t.Errorf("sent again with room: %v %v", fresh, err)
		}
		for _, want := range [][]byte{before, photo} {
			if _, got, err := svc.EvidenceFile(ctx, auditor, hashOf(want), "court"); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%d bytes of %d, %v", len(got), len(want), err)
			}
		}
	})
}

// filesIn names the files of a folder and of those in it.
func filesIn(t *testing.T, folder string) (out []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, d.Name())
		}
		return err
	})
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return out
}
