package main

import (
	"os"
	"path/filepath"

	"rigistry/models"
)

// lockName is the file in the data folder that a process holds while the folder is
// its own. The system lets go of it when the process ends, however it ends.
const lockName = "rigistry.lock"

// holdData takes the data folder, which must exist, for this process alone, or
// refuses with CodeConflict when another process has it. The caller closes the file
// to let go.
func holdData(data string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(data, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	held, err := lockFile(f)
	if err == nil && !held {
		err = models.Errorf(models.CodeConflict, "Another rigistry process is at work in %s. Nothing was touched; stop it first, or choose another folder with --data.", data)
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}
