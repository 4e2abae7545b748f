-- +goose Up
-- Where the readings of an interval come from: a bit for each models.Source; 0 from
-- before sources were kept.
ALTER TABLE intervals ADD COLUMN sources INTEGER NOT NULL DEFAULT 0;
ALTER TABLE interval_hours ADD COLUMN sources INTEGER NOT NULL DEFAULT 0;
ALTER TABLE interval_days ADD COLUMN sources INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE interval_days DROP COLUMN sources;
ALTER TABLE interval_hours DROP COLUMN sources;
ALTER TABLE intervals DROP COLUMN sources;
