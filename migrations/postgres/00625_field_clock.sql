-- +goose Up
-- How far the clock of the device was ahead of ours when it sent an event, in
-- microseconds; null when it did not say what it shows. With it events of two devices
-- are put in order.
ALTER TABLE inspection_events ADD COLUMN ahead_us BIGINT;

-- +goose Down
ALTER TABLE inspection_events DROP COLUMN ahead_us;
