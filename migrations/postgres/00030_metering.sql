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
  unit            BIGINT NOT NULL CHECK (unit BETWEEN 0 AND 255),
  role            TEXT NOT NULL CHECK (role IN ('revenue', 'check', 'feeder', 'transformer', 'pdu', 'generator', 'substation')),
  node_kind       TEXT NOT NULL,
  node_id         TEXT NOT NULL,
  utility         TEXT NOT NULL,
  ct_num          BIGINT NOT NULL CHECK (ct_num > 0),
  ct_den          BIGINT NOT NULL CHECK (ct_den > 0),
  vt_num          BIGINT NOT NULL CHECK (vt_num > 0),
  vt_den          BIGINT NOT NULL CHECK (vt_den > 0),
  accuracy_class  TEXT NOT NULL,
  poll_ms         BIGINT NOT NULL CHECK (poll_ms > 0),
  verification_by TEXT NOT NULL,
  installed_from  BIGINT NOT NULL,
  installed_until BIGINT NOT NULL,
  version         BIGINT NOT NULL
);
CREATE INDEX meters_node ON meters (node_kind, node_id);
CREATE INDEX meters_utility ON meters (utility, code);

-- One row a reading. vals is models.Values in its binary form. The meter is
-- checked when a batch is ingested, not by a foreign key: rows come by the
-- thousand and meters are never deleted.
CREATE TABLE readings (
  meter_id TEXT NOT NULL,
  at       BIGINT NOT NULL,
  step_us  BIGINT NOT NULL,
  quality  BIGINT NOT NULL,
  vals     BYTEA NOT NULL,
  PRIMARY KEY (meter_id, at)
);

-- The newest reading of each meter, and the newest that carried values, from
-- which the next segment of an interval starts.
CREATE TABLE meter_states (
  meter_id     TEXT PRIMARY KEY REFERENCES meters (id),
  at           BIGINT NOT NULL,
  step_us      BIGINT NOT NULL,
  quality      BIGINT NOT NULL,
  vals         BYTEA NOT NULL,
  base_at      BIGINT NOT NULL,
  base_step_us BIGINT NOT NULL,
  base_vals    BYTEA NOT NULL
);

-- 15-minute intervals [start_at, start_at + 15 min). Energies by power are in
-- W·µs so that adding many small parts loses nothing.
CREATE TABLE intervals (
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
CREATE INDEX intervals_start ON intervals (start_at, meter_id);

-- Batches that were ingested; the same one again changes nothing.
CREATE TABLE reading_batches (
  collector   TEXT NOT NULL CHECK (collector <> ''),
  sequence    BIGINT NOT NULL CHECK (sequence >= 0),
  digest      TEXT NOT NULL,
  readings    BIGINT NOT NULL,
  accepted    BIGINT NOT NULL,
  duplicate   BIGINT NOT NULL,
  rejected    TEXT NOT NULL,
  received_at BIGINT NOT NULL,
  PRIMARY KEY (collector, sequence)
);

-- Batches that an edge collector has still to deliver, on its own database.
CREATE TABLE spool_batches (
  collector TEXT NOT NULL,
  sequence  BIGINT NOT NULL,
  kept_at   BIGINT NOT NULL,
  body      BYTEA NOT NULL,
  PRIMARY KEY (collector, sequence)
);

-- The last sequence each collector gave out: it goes on counting when the spool is empty.
CREATE TABLE spool_sequences (
  collector TEXT PRIMARY KEY,
  last      BIGINT NOT NULL
);

-- +goose Down
DROP TABLE spool_sequences;
DROP TABLE spool_batches;
DROP TABLE reading_batches;
DROP TABLE intervals;
DROP TABLE meter_states;
DROP TABLE readings;
DROP TABLE meters;
