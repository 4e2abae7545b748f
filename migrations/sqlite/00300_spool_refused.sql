-- +goose Up
-- Why the server will never take a batch; empty while it is still to be delivered. A
-- refused batch stays on the disk, but no longer in the way of those after it.
ALTER TABLE spool_batches ADD COLUMN refused TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE spool_batches DROP COLUMN refused;
