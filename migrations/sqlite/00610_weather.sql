-- +goose Up
-- Outdoor temperatures as stations read them, of an area of KATO or of a substation,
-- written once: a corrected reading is a later row, and the last one received counts.
CREATE TABLE weather_readings (
  place       TEXT NOT NULL CHECK (place <> ''),
  at          INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  milli_c     INTEGER NOT NULL CHECK (milli_c BETWEEN -90000 AND 60000),
  source      TEXT NOT NULL,
  PRIMARY KEY (place, at, received_at)
) STRICT;

-- Substations of which the weather of a day changed that detection may have closed: from
-- the beginning of that day. seq counts the changes.
CREATE TABLE detection_late_weather (
  substation_id TEXT PRIMARY KEY REFERENCES substations (id),
  from_at       INTEGER NOT NULL,
  seq           INTEGER NOT NULL
) STRICT;

-- +goose Down
DROP TABLE detection_late_weather;
DROP TABLE weather_readings;
