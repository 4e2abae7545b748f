-- +goose Up
-- The grid: utility > substation > feeder > connection point > PDU. Power in watts.
CREATE TABLE utilities (
  id      TEXT PRIMARY KEY,
  code    TEXT NOT NULL UNIQUE CHECK (code <> ''),
  name_kk TEXT NOT NULL,
  name_ru TEXT NOT NULL,
  name_en TEXT NOT NULL,
  bin     TEXT NOT NULL CHECK (length(bin) = 12),
  version BIGINT NOT NULL CHECK (version >= 1)
);

CREATE TABLE substations (
  id         TEXT PRIMARY KEY,
  code       TEXT NOT NULL UNIQUE CHECK (code <> ''),
  name       TEXT NOT NULL,
  utility_id TEXT NOT NULL REFERENCES utilities (id),
  volt_kv    BIGINT NOT NULL CHECK (volt_kv > 0),
  limit_w    BIGINT NOT NULL CHECK (limit_w > 0),
  kato       TEXT NOT NULL,
  version    BIGINT NOT NULL CHECK (version >= 1)
);
CREATE INDEX substations_utility ON substations (utility_id, code);

CREATE TABLE feeders (
  id            TEXT PRIMARY KEY,
  code          TEXT NOT NULL UNIQUE CHECK (code <> ''),
  substation_id TEXT NOT NULL REFERENCES substations (id),
  utility_id    TEXT NOT NULL REFERENCES utilities (id),
  volt_kv       BIGINT NOT NULL CHECK (volt_kv > 0),
  limit_w       BIGINT NOT NULL CHECK (limit_w > 0),
  version       BIGINT NOT NULL CHECK (version >= 1)
);
CREATE INDEX feeders_substation ON feeders (substation_id, code);
CREATE INDEX feeders_utility ON feeders (utility_id, code);

-- A connection point with the documents of its connection; '' and 0 mean missing.
-- consumer_bin is the consumer's BIN or IIN, who need not be a party of the registry.
CREATE TABLE connection_points (
  id            TEXT PRIMARY KEY,
  code          TEXT NOT NULL UNIQUE CHECK (code <> ''),
  feeder_id     TEXT NOT NULL REFERENCES feeders (id),
  utility_id    TEXT NOT NULL REFERENCES utilities (id),
  consumer_bin  TEXT NOT NULL,
  declared_use  TEXT NOT NULL,
  site          TEXT NOT NULL,
  state         TEXT NOT NULL CHECK (state IN ('planned', 'energised', 'disconnected', 'removed')),
  permitted_w   BIGINT NOT NULL CHECK (permitted_w >= 0),
  energised_w   BIGINT NOT NULL CHECK (energised_w >= 0),
  tc_number     TEXT NOT NULL,
  tc_limit_w    BIGINT NOT NULL CHECK (tc_limit_w >= 0),
  tc_purpose    TEXT NOT NULL CHECK (tc_purpose IN ('', 'mining', 'other')),
  tc_until      BIGINT NOT NULL,
  act           TEXT NOT NULL,
  supply_number TEXT NOT NULL,
  supply_until  BIGINT NOT NULL,
  automation    SMALLINT NOT NULL CHECK (automation IN (0, 1)),
  version       BIGINT NOT NULL CHECK (version >= 1),
  changed_at    BIGINT NOT NULL,
  CONSTRAINT connection_load CHECK (state = 'energised' OR energised_w = 0)
);
CREATE INDEX connection_points_feeder ON connection_points (feeder_id, code);
CREATE INDEX connection_points_utility ON connection_points (utility_id, code);
CREATE INDEX connection_points_consumer ON connection_points (consumer_bin) WHERE consumer_bin <> '';

-- Power distribution units behind a connection point, each with a meter of its own.
CREATE TABLE pdus (
  id                  TEXT PRIMARY KEY,
  code                TEXT NOT NULL UNIQUE CHECK (code <> ''),
  connection_point_id TEXT NOT NULL REFERENCES connection_points (id),
  utility_id          TEXT NOT NULL REFERENCES utilities (id),
  name                TEXT NOT NULL,
  limit_w             BIGINT NOT NULL CHECK (limit_w >= 0),
  version             BIGINT NOT NULL CHECK (version >= 1)
);
CREATE INDEX pdus_point ON pdus (connection_point_id, code);

-- Every answer of the gate, for ever, by the caller's key. request, facts and answer
-- are JSON; facts_digest is over the bytes of facts.
CREATE TABLE gate_checks (
  id            TEXT PRIMARY KEY,
  utility_id    TEXT NOT NULL REFERENCES utilities (id),
  request_key   TEXT NOT NULL CHECK (request_key <> ''),
  body_digest   TEXT NOT NULL,
  point_id      TEXT NOT NULL,
  point_code    TEXT NOT NULL,
  license       TEXT NOT NULL,
  decision      TEXT NOT NULL CHECK (decision IN ('permit', 'deny', 'refer')),
  decided_at    BIGINT NOT NULL,
  rules_version TEXT NOT NULL,
  request       TEXT NOT NULL,
  facts         TEXT NOT NULL,
  answer        TEXT NOT NULL,
  UNIQUE (utility_id, request_key)
);
CREATE INDEX gate_checks_utility ON gate_checks (utility_id, id);
CREATE INDEX gate_checks_point ON gate_checks (point_code, id);

-- What a permit holds until it is confirmed or lapses. held_w adds to the load of
-- the point, its feeder, its substation and its license while the state is held and
-- until_at is to come.
CREATE TABLE gate_reservations (
  check_id        TEXT PRIMARY KEY REFERENCES gate_checks (id),
  utility_id      TEXT NOT NULL REFERENCES utilities (id),
  point_id        TEXT NOT NULL REFERENCES connection_points (id),
  feeder_id       TEXT NOT NULL REFERENCES feeders (id),
  license         TEXT NOT NULL,
  held_w          BIGINT NOT NULL CHECK (held_w >= 0),
  max_w           BIGINT NOT NULL CHECK (max_w > 0),
  until_at        BIGINT NOT NULL,
  state           TEXT NOT NULL CHECK (state IN ('held', 'confirmed', 'lapsed')),
  energised_at    BIGINT NOT NULL,
  energised_w     BIGINT NOT NULL CHECK (energised_w BETWEEN 0 AND max_w),
  meter_serial    TEXT NOT NULL,
  switching_order TEXT NOT NULL,
  confirmed_at    BIGINT NOT NULL,
  CONSTRAINT reservation_confirmed CHECK ((state = 'confirmed') = (confirmed_at > 0))
);
CREATE INDEX gate_reservations_point ON gate_reservations (point_id) WHERE state = 'held';
CREATE INDEX gate_reservations_feeder ON gate_reservations (feeder_id) WHERE state = 'held';
CREATE INDEX gate_reservations_until ON gate_reservations (until_at) WHERE state = 'held';

-- Orders to disconnect, one for each point and license version that lost its right.
CREATE TABLE disconnection_orders (
  id              TEXT PRIMARY KEY,
  number          TEXT NOT NULL UNIQUE,
  utility_id      TEXT NOT NULL REFERENCES utilities (id),
  point_id        TEXT NOT NULL REFERENCES connection_points (id),
  point_code      TEXT NOT NULL,
  license         TEXT NOT NULL,
  license_version BIGINT NOT NULL,
  ground          TEXT NOT NULL CHECK (ground <> ''),
  state           TEXT NOT NULL CHECK (state IN ('issued', 'delivered', 'acknowledged', 'executed', 'verified', 'closed')),
  issued_at       BIGINT NOT NULL,
  deadline_at     BIGINT NOT NULL,
  delivered_at    BIGINT NOT NULL,
  acknowledged_at BIGINT NOT NULL,
  acknowledged_by TEXT NOT NULL,
  executed_at     BIGINT NOT NULL,
  executed_by     TEXT NOT NULL,
  verified_at     BIGINT NOT NULL,
  closed_at       BIGINT NOT NULL,
  objected_at     BIGINT NOT NULL,
  objection       TEXT NOT NULL,
  note            TEXT NOT NULL,
  version         BIGINT NOT NULL CHECK (version >= 1),
  UNIQUE (point_id, license, license_version)
);
CREATE INDEX disconnection_orders_utility ON disconnection_orders (utility_id, id);
CREATE INDEX disconnection_orders_open ON disconnection_orders (state, id) WHERE state <> 'closed';

-- Counters of the grid's documents.
CREATE TABLE grid_sequences (
  name TEXT PRIMARY KEY,
  next BIGINT NOT NULL CHECK (next >= 1)
);
INSERT INTO grid_sequences (name, next) VALUES ('disconnection_order', 1);

-- +goose Down
DROP TABLE grid_sequences;
DROP TABLE disconnection_orders;
DROP TABLE gate_reservations;
DROP TABLE gate_checks;
DROP TABLE pdus;
DROP TABLE connection_points;
DROP TABLE feeders;
DROP TABLE substations;
DROP TABLE utilities;
