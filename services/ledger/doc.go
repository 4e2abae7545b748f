// Package ledger gives every committed fact its place in one Merkle tree, signs
// what the tree is at each moment, proves it and checks it.
//
// It hides the leaf format, the tree (RFC 6962, golang.org/x/mod/sumdb/tlog),
// the checkpoint format (C2SP signed note) and the lease that lets one process
// seal at a time. It promises: leaf indexes have no gaps and are never given
// twice; an entry, its hashes and the checkpoint that covers them are committed
// together; no checkpoint is signed over a smaller tree, over a tree that does
// not contain the last one, or with an earlier time; one changed byte in what is
// stored is found by Verify, which needs public keys only; what is erased on an
// order is erased by a fact, and every proof stays what it was.
package ledger
