// Package licensing owns parties, sites, equipment, applications, decisions and
// licenses: who may mine where, with how much power, until when.
//
// It promises: every command asks models.Can first, is one transaction, checks
// the version it is based on and leaves its facts in the ledger in the same
// transaction. A decision is signed by somebody else than its drafter. A license
// is a row of immutable versions without gaps, and no two licenses in force hold
// one connection point. What the law says in numbers and words is dated data.
package licensing
