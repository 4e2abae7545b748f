// Package models is what Rigistry knows, without what it does: the licensing
// nouns and their state machines, the grid, the permission table, the gate's
// decision, readings and findings.
//
// Everything here is pure. There is no I/O, no context, no clock and no wire
// format: functions take values and an instant and return values or an *Error.
// Only the standard library may be imported; arch_test.go checks it.
package models
