-- +goose Up
-- Detection goes through the quarter hours of a substation in order. This is how far
-- it got; the state itself is in the checkpoints, one at the end of a day, and the
-- readings since then are played again when a process begins.
CREATE TABLE detection_streams (
  substation_id TEXT PRIMARY KEY REFERENCES substations (id),
  start_at      INTEGER NOT NULL,
  at            INTEGER NOT NULL CHECK (at >= start_at),
  version       INTEGER NOT NULL CHECK (version >= 1)
) STRICT;
CREATE TABLE detection_checkpoints (
  substation_id TEXT NOT NULL REFERENCES detection_streams (substation_id),
  at            INTEGER NOT NULL,
  state         BLOB NOT NULL,
  PRIMARY KEY (substation_id, at)
) STRICT;

-- Meters of which a quarter hour that was over changed since detection went through
-- it: readings that came late, or were corrected. seq counts the changes.
CREATE TABLE detection_late (
  meter_id TEXT PRIMARY KEY,
  from_at  INTEGER NOT NULL,
  seq      INTEGER NOT NULL
) STRICT;

-- +goose Down
DROP TABLE detection_late;
DROP TABLE detection_checkpoints;
DROP TABLE detection_streams;
