-- +goose Up
-- How far an edge collector's clock was ahead of ours when it reported, in microseconds;
-- null when it did not say what it shows.
ALTER TABLE collector_reports ADD COLUMN clock_us INTEGER;

-- +goose Down
ALTER TABLE collector_reports DROP COLUMN clock_us;
