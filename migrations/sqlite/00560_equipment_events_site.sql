-- +goose Up
-- Detection asks of every licensed site when a rig last left it.
CREATE INDEX equipment_events_before_site ON equipment_events (before_site, recorded_at) WHERE before_site <> '';

-- +goose Down
DROP INDEX equipment_events_before_site;
