// Package migrations holds the database schema as ordered SQL, one folder for
// each dialect. A file is immutable once it has landed; a change is a new file
// with the next number in both folders.
package migrations

import "embed"

// Files holds sqlite/*.sql and postgres/*.sql.
//
//go:embed sqlite/*.sql postgres/*.sql
var Files embed.FS
