package main

import "syscall"

// diskFree gives how many bytes are free for us on the disk of a folder.
func diskFree(folder string) (int64, bool) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(folder, &st); err != nil {
		return 0, false
	}
	return int64(st.Bavail) * st.Bsize, true //nolint:gosec // no disk is larger
}
