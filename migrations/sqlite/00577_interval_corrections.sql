-- +goose Up
-- What two people put in the place of intervals that were measured. The measured ones
-- stay in intervals; reading them together is intervals_now. A correction is proposed by
-- one person and applied by another; a later one ends the values of an earlier one in its
-- period, and one without values lets what was measured count again.
CREATE TABLE interval_corrections (
  id              TEXT PRIMARY KEY,
  meter_id        TEXT NOT NULL REFERENCES meters (id),
  utility         TEXT NOT NULL,
  from_at         INTEGER NOT NULL CHECK (from_at % 900000000 = 0),
  until_at        INTEGER NOT NULL CHECK (until_at > from_at AND until_at % 900000000 = 0),
  reason          TEXT NOT NULL CHECK (reason IN ('meter_fault', 'wrong_ratio', 'wrong_clock', 'missing_data', 'file_replaced', 'decision', 'withdrawn')),
  act             TEXT NOT NULL CHECK (act <> ''),
  note            TEXT NOT NULL,
  state           TEXT NOT NULL CHECK (state IN ('proposed', 'applied', 'rejected')),
  digest          TEXT NOT NULL,
  measured_digest TEXT NOT NULL,
  proposed_by     TEXT NOT NULL CHECK (proposed_by <> ''),
  proposed_at     INTEGER NOT NULL,
  decided_by      TEXT NOT NULL,
  decided_at      INTEGER NOT NULL,
  version         INTEGER NOT NULL CHECK (version > 0),
  CHECK ((state = 'proposed') = (decided_by = '')),
  CHECK ((decided_by = '') = (decided_at = 0)),
  CHECK (state <> 'applied' OR decided_by <> proposed_by)
) STRICT;
CREATE UNIQUE INDEX interval_corrections_open ON interval_corrections (meter_id) WHERE state = 'proposed';
CREATE INDEX interval_corrections_meter ON interval_corrections (meter_id, proposed_at);

-- The values of corrections. They count from applied_at (0: not yet) until ended_at (0:
-- still).
CREATE TABLE interval_corrected (
  correction_id TEXT NOT NULL REFERENCES interval_corrections (id),
  meter_id      TEXT NOT NULL,
  start_at      INTEGER NOT NULL CHECK (start_at % 900000000 = 0),
  import_wh     INTEGER NOT NULL CHECK (import_wh >= 0),
  export_wh     INTEGER NOT NULL CHECK (export_wh >= 0),
  applied_at    INTEGER NOT NULL,
  ended_at      INTEGER NOT NULL CHECK (ended_at = 0 OR ended_at >= applied_at),
  PRIMARY KEY (correction_id, start_at)
) STRICT;
CREATE UNIQUE INDEX interval_corrected_now ON interval_corrected (meter_id, start_at) WHERE applied_at > 0 AND ended_at = 0;
CREATE INDEX interval_corrected_known ON interval_corrected (meter_id, start_at, applied_at);

-- Intervals as they count today. 32 is the source 'corrected', 1 the quality 'estimated'.
CREATE VIEW intervals_now AS
  SELECT i.meter_id, i.start_at, i.counter_import, i.counter_export, i.counter_covered, i.energy_import, i.energy_export, i.covered,
    i.max_w, i.min_w, i.samples, i.quality, i.last_at, i.sources
  FROM intervals i WHERE NOT EXISTS (SELECT 1 FROM interval_corrected c
    WHERE c.meter_id = i.meter_id AND c.start_at = i.start_at AND c.applied_at > 0 AND c.ended_at = 0)
  UNION ALL
  SELECT c.meter_id, c.start_at, c.import_wh, c.export_wh, 900000000, c.import_wh * 3600000000, c.export_wh * 3600000000, 900000000,
    (c.import_wh - c.export_wh) * 4, (c.import_wh - c.export_wh) * 4, 1, 1, c.start_at + 900000000, 32
  FROM interval_corrected c WHERE c.applied_at > 0 AND c.ended_at = 0;

-- +goose Down
DROP VIEW intervals_now;
DROP TABLE interval_corrected;
DROP TABLE interval_corrections;
