-- +goose Up
-- The answers of a commit, and its entry of the ledger, are written as they are: PostgreSQL's own compression of them,
-- in the transaction that everybody who asks waits for, cost more than the space is worth.
ALTER TABLE gate_batches ALTER COLUMN payload SET STORAGE EXTERNAL;
ALTER TABLE ledger_entries ALTER COLUMN body SET STORAGE EXTERNAL;

-- +goose Down
ALTER TABLE ledger_entries ALTER COLUMN body SET STORAGE EXTENDED;
ALTER TABLE gate_batches ALTER COLUMN payload SET STORAGE EXTENDED;
