-- +goose Up
-- No query asks for what is held by the feeder: its load is summed over its points. Each
-- permit wrote the index for nothing.
DROP INDEX gate_reservations_feeder;

-- +goose Down
CREATE INDEX gate_reservations_feeder ON gate_reservations (feeder_id) WHERE state = 'held';
