// Package licensing owns parties, sites, equipment, applications, decisions and
// licenses: who may mine where, with how much power, until when.
//
// It promises: every command asks models.Can first, is one transaction, checks
// the version it is based on and leaves its facts in the ledger in the same
// transaction. A decision is signed by somebody else than its drafter. A license
// is a row of immutable versions without gaps, and no two licenses in force hold
// one connection point. What licenses in force may take together never exceeds a
// connection point, a feeder, a substation or, for tenants, a site. What the law says
// in numbers and words is dated data, and a case stands under the law of its filing.
//
// An application says how its documents come: attached, then each requirement that
// needs a file has one before filing; or on paper, then the office looks at them in
// the completeness check. Paper is what is meant when nothing is said.
package licensing
