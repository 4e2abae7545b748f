// Package store owns SQL and time. It is the only importer of gorm, goose and
// the database drivers, and the only place that knows which database there is.
//
// It promises: Update and View are the only ways in; a function given to them
// sees one instant and one consistent state; it commits whole, with its ledger
// entries, or not at all; a commit that was acknowledged survives a power cut;
// two functions that read and then write never lose an update of each other.
// SQLite has one writer with immediate transactions; PostgreSQL runs
// SERIALIZABLE and is retried by error code. No database handle escapes.
package store
