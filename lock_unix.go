//go:build unix

package main

import (
	"errors"
	"os"
	"syscall"
)

// lockFile locks the whole file without waiting and tells whether it could.
func lockFile(f *os.File) (held bool, err error) {
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}
