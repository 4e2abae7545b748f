// Package identity knows who somebody is: people with passwords and browser
// sessions, machines with secrets or keys and short tokens. The two worlds are
// disjoint: a session is an opaque cookie whose SHA-256 is stored, a token is a
// signed JWT that lives ten minutes.
//
// It promises: no secret is stored or logged in the clear; an unknown login, a
// wrong password and a disabled account cannot be told apart by answer or time;
// roles come from the database on every use; disabling ends access in this
// process at once and in every other process within Config.Recheck. It is the
// only package that reads or writes JWTs.
package identity
