-- +goose Up
-- An entry whose name and body the law ordered erased keeps the salted digest of
-- both, so that its leaf, and every proof, stays what it was. The digest is stored
-- with the erasure, which is a fact of its own.
ALTER TABLE ledger_entries ADD COLUMN digest BLOB;
ALTER TABLE ledger_entries ADD COLUMN erased_at INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE ledger_entries DROP COLUMN erased_at;
ALTER TABLE ledger_entries DROP COLUMN digest;
