-- +goose Up
-- Devices that measure a node of the grid. Empty profile and url: read elsewhere.
CREATE TABLE meters (
  id              TEXT PRIMARY KEY,
  code            TEXT NOT NULL UNIQUE CHECK (code <> ''),
  serial          TEXT NOT NULL,
  vendor          TEXT NOT NULL,
  model           TEXT NOT NULL,
  profile         TEXT NOT NULL,
  url             TEXT NOT NULL,
  unit            INTEGER NOT NULL CHECK (unit BETWEEN 0 AND 255),
  role            TEXT NOT NULL CHECK (role IN ('revenue', 'check', 'feeder', 'transformer', 'pdu', 'generator', 'substation')),
  node_kind       TEXT NOT NULL,
  node_id         TEXT NOT NULL,
  utility         TEXT NOT NULL,
  ct_num          INTEGER NOT NULL CHECK (ct_num > 0),
  ct_den          INTEGER NOT NULL CHECK (ct_den > 0),
  vt_num          INTEGER NOT NULL CHECK (vt_num > 0),
  vt_den          INTEGER NOT NULL CHECK (vt_den > 0),
  accuracy_class  TEXT NOT NULL,
  poll_ms         INTEGER NOT NULL CHECK (poll_ms > 0),
  verification_by TEXT NOT NULL,
  installed_from  INTEGER NOT NULL,
  installed_until INTEGER NOT NULL,
  version         INTEGER NOT NULL
) STRICT;
CREATE INDEX meters_node ON meters (node_kind, node_id);
CREATE INDEX meters_utility ON meters (utility, code);

-- One row a reading. vals is models.Values in its binary form. The meter is
-- checked when a batch is ingested, not by a foreign key: rows come by the
-- thousand and meters are never deleted.
CREATE TABLE readings (
  meter_id TEXT NOT NULL,
  at       INTEGER NOT NULL,
  step_us  INTEGER NOT NULL,
  quality  INTEGER NOT NULL,
  vals     BLOB NOT NULL,
  PRIMARY KEY (meter_id, at)
) WITHOUT ROWID, STRICT;

-- The newest reading of each meter, and the newest that carried values, from
-- which the next segment of an interval starts.
CREATE TABLE meter_states (
  meter_id     TEXT PRIMARY KEY REFERENCES meters (id),
  at           INTEGER NOT NULL,
  step_us      INTEGER NOT NULL,
  quality      INTEGER NOT NULL,
  vals         BLOB NOT NULL,
  base_at      INTEGER NOT NULL,
  base_step_us INTEGER NOT NULL,
  base_vals    BLOB NOT NULL
) STRICT;

-- 15-minute intervals [start_at, start_at + 15 min). Energies by power are in
-- W·µs so that adding many small parts loses nothing.
CREATE TABLE intervals (
  meter_id        TEXT NOT NULL,
  start_at        INTEGER NOT NULL,
  counter_import  INTEGER NOT NULL,
  counter_export  INTEGER NOT NULL,
  counter_covered INTEGER NOT NULL,
  energy_import   INTEGER NOT NULL,
  energy_export   INTEGER NOT NULL,
  covered         INTEGER NOT NULL,
  max_w           INTEGER NOT NULL,
  min_w           INTEGER NOT NULL,
  samples         INTEGER NOT NULL,
  quality         INTEGER NOT NULL,
  last_at         INTEGER NOT NULL,
  PRIMARY KEY (meter_id, start_at)
) WITHOUT ROWID, STRICT;
CREATE INDEX intervals_start ON intervals (start_at, meter_id);

-- Batches that were ingested; the same one again changes nothing.
CREATE TABLE reading_batches (
  collector   TEXT NOT NULL CHECK (collector <> ''),
  sequence    INTEGER NOT NULL CHECK (sequence >= 0),
  digest      TEXT NOT NULL,
  readings    INTEGER NOT NULL,
  accepted    INTEGER NOT NULL,
  duplicate   INTEGER NOT NULL,
  rejected    TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  PRIMARY KEY (collector, sequence)
) STRICT;

-- Batches that an edge collector has still to deliver, on its own database.
CREATE TABLE spool_batches (
  collector TEXT NOT NULL,
  sequence  INTEGER NOT NULL,
  kept_at   INTEGER NOT NULL,
  body      BLOB NOT NULL,
  PRIMARY KEY (collector, sequence)
) STRICT;

-- The last sequence each collector gave out: it goes on counting when the spool is empty.
CREATE TABLE spool_sequences (
  collector TEXT PRIMARY KEY,
  last      INTEGER NOT NULL
) STRICT;

-- +goose Down
DROP TABLE spool_sequences;
DROP TABLE spool_batches;
DROP TABLE reading_batches;
DROP TABLE intervals;
DROP TABLE meter_states;
DROP TABLE readings;
DROP TABLE meters;
