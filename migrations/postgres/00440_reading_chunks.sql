-- +goose Up
-- Where the readings of a meter are kept: the numbers that stand for its substation and
-- for itself in the keys of readings. A meter that is moved keeps them.
CREATE TABLE meter_places (
  meter_id   TEXT PRIMARY KEY,
  number     BIGINT NOT NULL UNIQUE CHECK (number > 0),
  place      BIGINT NOT NULL CHECK (place >= 0),
  substation TEXT NOT NULL
);
CREATE INDEX meter_places_substation ON meter_places (substation, place);

-- Readings that are not sealed yet: what one batch brought of one meter for one quarter
-- of an hour, as a chunk that is quick to write (models.ChunkCoder). A reading is in one
-- part or one sealed chunk, never in two.
CREATE TABLE reading_parts (
  place       BIGINT NOT NULL,
  meter       BIGINT NOT NULL,
  first_at    BIGINT NOT NULL,
  last_at     BIGINT NOT NULL,
  readings    BIGINT NOT NULL CHECK (readings > 0),
  received_at BIGINT NOT NULL,
  body        BYTEA NOT NULL,
  PRIMARY KEY (place, meter, first_at),
  CHECK (last_at >= first_at AND last_at / 900000000 = first_at / 900000000)
);

-- A sealed quarter of an hour of a meter. Readings that come later make another
-- version, which holds all of them; the one before stays as it was.
CREATE TABLE reading_chunks (
  place    BIGINT NOT NULL,
  meter    BIGINT NOT NULL,
  start_at BIGINT NOT NULL CHECK (start_at % 900000000 = 0),
  version  BIGINT NOT NULL CHECK (version > 0),
  seal     BIGINT NOT NULL,
  readings BIGINT NOT NULL CHECK (readings > 0),
  body     BYTEA NOT NULL,
  PRIMARY KEY (place, meter, start_at, version)
) PARTITION BY RANGE (start_at);
-- Months have a partition each, made ahead; what has none yet goes here.
CREATE TABLE reading_chunks_rest PARTITION OF reading_chunks DEFAULT;
ALTER TABLE reading_chunks ALTER COLUMN body SET STORAGE EXTERNAL;

-- What was sealed at once: the SHA-256 of each chunk in the order of its place in the
-- tree, and the root of the tree (RFC 6962), which the ledger keeps too.
CREATE TABLE reading_seals (
  number    BIGINT PRIMARY KEY,
  sealed_at BIGINT NOT NULL,
  chunks    BIGINT NOT NULL CHECK (chunks > 0),
  readings  BIGINT NOT NULL,
  root      TEXT NOT NULL,
  digests   BYTEA NOT NULL
);

-- Hours and days that are over, added up from intervals. One that is not there is added
-- up when it is asked for.
CREATE TABLE interval_hours (
  meter_id        TEXT NOT NULL,
  start_at        BIGINT NOT NULL,
  counter_import  BIGINT NOT NULL,
  counter_export  BIGINT NOT NULL,
  counter_covered BIGINT NOT NULL,
  energy_import   BIGINT NOT NULL,
  energy_export   BIGINT NOT NULL,
  covered         BIGINT NOT NULL,
  max_w           BIGINT NOT NULL,
  min_w           BIGINT NOT NULL,
  samples         BIGINT NOT NULL,
  quality         BIGINT NOT NULL,
  last_at         BIGINT NOT NULL,
  PRIMARY KEY (meter_id, start_at)
);
CREATE TABLE interval_days (
  meter_id        TEXT NOT NULL,
  start_at        BIGINT NOT NULL,
  counter_import  BIGINT NOT NULL,
  counter_export  BIGINT NOT NULL,
  counter_covered BIGINT NOT NULL,
  energy_import   BIGINT NOT NULL,
  energy_export   BIGINT NOT NULL,
  covered         BIGINT NOT NULL,
  max_w           BIGINT NOT NULL,
  min_w           BIGINT NOT NULL,
  samples         BIGINT NOT NULL,
  quality         BIGINT NOT NULL,
  last_at         BIGINT NOT NULL,
  PRIMARY KEY (meter_id, start_at)
);

-- Readings from before: each becomes a part of its own. A body that begins with 0 is
-- such a reading: its step and quality as text, and its values.
SET LOCAL statement_timeout = 0; -- there may be very many
INSERT INTO meter_places (meter_id, number, place, substation)
  SELECT meter_id, ROW_NUMBER() OVER (ORDER BY meter_id), 0, '' FROM (SELECT DISTINCT meter_id FROM readings) known;
INSERT INTO reading_parts (place, meter, first_at, last_at, readings, received_at, body)
  SELECT p.place, p.number, r.at, r.at, 1, r.at, '\x00'::bytea || convert_to(p.meter_id || ',' || r.step_us || ',' || r.quality || ';', 'UTF8') || r.vals
  FROM readings r JOIN meter_places p ON p.meter_id = r.meter_id;
DROP TABLE readings;

-- +goose Down
-- Only where there are no readings: chunks cannot be made rows again in SQL. Where there
-- are some, the check fails and nothing is lost.
CREATE TABLE readings_would_be_lost (readings BIGINT NOT NULL CHECK (readings = 0));
INSERT INTO readings_would_be_lost SELECT COUNT(*) FROM (SELECT place FROM reading_parts UNION ALL SELECT place FROM reading_chunks) kept;
DROP TABLE readings_would_be_lost;
CREATE TABLE readings (
  meter_id TEXT NOT NULL,
  at       BIGINT NOT NULL,
  step_us  BIGINT NOT NULL,
  quality  BIGINT NOT NULL,
  vals     BYTEA NOT NULL,
  PRIMARY KEY (meter_id, at)
);
DROP TABLE interval_days;
DROP TABLE interval_hours;
DROP TABLE reading_seals;
DROP TABLE reading_chunks;
DROP TABLE reading_parts;
DROP TABLE meter_places;
