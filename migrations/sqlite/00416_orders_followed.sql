-- +goose Up
-- Orders that are followed through: grounds that are no license, limits and windows,
-- who saw what when, objections that a second person decides, escalations, and what
-- the meters say against an execution. One order for a point, kind and source.
CREATE TABLE disconnection_orders_next (
  id                   TEXT PRIMARY KEY,
  number               TEXT NOT NULL UNIQUE,
  utility_id           TEXT NOT NULL REFERENCES utilities (id),
  point_id             TEXT NOT NULL REFERENCES connection_points (id),
  point_code           TEXT NOT NULL,
  license              TEXT NOT NULL,
  license_version      INTEGER NOT NULL,
  ground               TEXT NOT NULL CHECK (ground <> ''),
  state                TEXT NOT NULL CHECK (state IN ('issued', 'delivered', 'acknowledged', 'executed', 'verified', 'closed')),
  issued_at            INTEGER NOT NULL,
  deadline_at          INTEGER NOT NULL,
  delivered_at         INTEGER NOT NULL,
  acknowledged_at      INTEGER NOT NULL,
  acknowledged_by      TEXT NOT NULL,
  executed_at          INTEGER NOT NULL,
  executed_by          TEXT NOT NULL,
  verified_at          INTEGER NOT NULL,
  closed_at            INTEGER NOT NULL,
  objected_at          INTEGER NOT NULL,
  objection            TEXT NOT NULL,
  note                 TEXT NOT NULL,
  kind                 TEXT NOT NULL CHECK (kind IN ('disconnection', 'limitation', 'reconnection')),
  source               TEXT NOT NULL CHECK (source <> ''),
  limit_w              INTEGER NOT NULL CHECK (limit_w >= 0),
  window_from          INTEGER NOT NULL,
  window_until         INTEGER NOT NULL,
  legal_ref            TEXT NOT NULL,
  grade                TEXT NOT NULL,
  delivered_by         TEXT NOT NULL,
  scheduled_at         INTEGER NOT NULL,
  crew                 TEXT NOT NULL,
  reading_wh           INTEGER NOT NULL CHECK (reading_wh >= -1),
  photo_sha256         TEXT NOT NULL CHECK (length(photo_sha256) IN (0, 64)),
  verified_by          TEXT NOT NULL,
  verified_note        TEXT NOT NULL,
  objected_by          TEXT NOT NULL,
  objection_code       TEXT NOT NULL,
  objection_decision   TEXT NOT NULL CHECK (objection_decision IN ('', 'accepted', 'refused')),
  objection_decided_at INTEGER NOT NULL,
  objection_decided_by TEXT NOT NULL,
  objection_reply      TEXT NOT NULL,
  escalations          INTEGER NOT NULL CHECK (escalations >= 0),
  escalated_at         INTEGER NOT NULL,
  contradicted_at      INTEGER NOT NULL,
  contradicted_w       INTEGER NOT NULL,
  version              INTEGER NOT NULL CHECK (version >= 1),
  CONSTRAINT order_once UNIQUE (point_id, kind, source),
  CONSTRAINT order_limit CHECK (kind = 'limitation' OR limit_w = 0),
  CONSTRAINT order_window CHECK (window_until = 0 OR window_until > window_from),
  CONSTRAINT order_verified_by_hand_says_why CHECK (verified_by = '' OR verified_note <> ''),
  CONSTRAINT order_objection_decided CHECK ((objection_decision = '') = (objection_decided_by = '') AND (objection_decision = '') = (objection_decided_at = 0)),
  CONSTRAINT order_four_eyes CHECK (objection_decision = '' OR objection_decided_by <> objected_by),
  CONSTRAINT order_contradicted CHECK (contradicted_at = 0 OR state IN ('executed', 'verified', 'closed'))
) STRICT;
INSERT INTO disconnection_orders_next (id, number, utility_id, point_id, point_code, license, license_version, ground, state, issued_at,
  deadline_at, delivered_at, acknowledged_at, acknowledged_by, executed_at, executed_by, verified_at,
  closed_at, objected_at, objection, note, kind, source, limit_w, window_from, window_until, legal_ref, grade,
  delivered_by, scheduled_at, crew, reading_wh, photo_sha256, verified_by, verified_note, objected_by,
  objection_code, objection_decision, objection_decided_at, objection_decided_by, objection_reply, escalations,
  escalated_at, contradicted_at, contradicted_w, version)
  SELECT id, number, utility_id, point_id, point_code, license, license_version, ground, state, issued_at,
  deadline_at, delivered_at, acknowledged_at, acknowledged_by, executed_at, executed_by, verified_at,
  closed_at, objected_at, objection, note, 'disconnection', 'license:' || license || '/' || license_version, 0,
  0, 0, '', '', CASE WHEN delivered_at = 0 THEN '' ELSE 'read' END, 0, '', -1, '', '', '', '',
  CASE WHEN objected_at = 0 THEN '' ELSE 'other' END, '', 0, '', '', 0, 0, 0, 0, version
  FROM disconnection_orders;
DROP TABLE disconnection_orders;
ALTER TABLE disconnection_orders_next RENAME TO disconnection_orders;
CREATE INDEX disconnection_orders_utility ON disconnection_orders (utility_id, id);
CREATE INDEX disconnection_orders_open ON disconnection_orders (state, id) WHERE state <> 'closed';
CREATE INDEX disconnection_orders_license ON disconnection_orders (license, id);

ALTER TABLE disconnection_orders_history RENAME TO disconnection_orders_history_before;
DROP TRIGGER disconnection_orders_history_no_update;
DROP TRIGGER disconnection_orders_history_no_delete;
CREATE TABLE disconnection_orders_history (
  id TEXT, number TEXT, utility_id TEXT, point_id TEXT, point_code TEXT, license TEXT,
  license_version INTEGER, ground TEXT, state TEXT, issued_at INTEGER, deadline_at INTEGER,
  delivered_at INTEGER, acknowledged_at INTEGER, acknowledged_by TEXT, executed_at INTEGER,
  executed_by TEXT, verified_at INTEGER, closed_at INTEGER, objected_at INTEGER, objection TEXT, note TEXT,
  kind TEXT, source TEXT, limit_w INTEGER, window_from INTEGER, window_until INTEGER, legal_ref TEXT,
  grade TEXT, delivered_by TEXT, scheduled_at INTEGER, crew TEXT, reading_wh INTEGER, photo_sha256 TEXT,
  verified_by TEXT, verified_note TEXT, objected_by TEXT, objection_code TEXT, objection_decision TEXT,
  objection_decided_at INTEGER, objection_decided_by TEXT, objection_reply TEXT, escalations INTEGER,
  escalated_at INTEGER, contradicted_at INTEGER, contradicted_w INTEGER, version INTEGER,
  replaced_at INTEGER NOT NULL,
  PRIMARY KEY (id, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER disconnection_orders_history_update AFTER UPDATE ON disconnection_orders
BEGIN
  INSERT INTO disconnection_orders_history (id, number, utility_id, point_id, point_code, license, license_version, ground, state, issued_at,
    deadline_at, delivered_at, acknowledged_at, acknowledged_by, executed_at, executed_by, verified_at,
    closed_at, objected_at, objection, note, kind, source, limit_w, window_from, window_until, legal_ref,
    grade, delivered_by, scheduled_at, crew, reading_wh, photo_sha256, verified_by, verified_note,
    objected_by, objection_code, objection_decision, objection_decided_at, objection_decided_by,
    objection_reply, escalations, escalated_at, contradicted_at, contradicted_w, version, replaced_at)
  SELECT OLD.id, OLD.number, OLD.utility_id, OLD.point_id, OLD.point_code, OLD.license, OLD.license_version,
    OLD.ground, OLD.state, OLD.issued_at, OLD.deadline_at, OLD.delivered_at, OLD.acknowledged_at,
    OLD.acknowledged_by, OLD.executed_at, OLD.executed_by, OLD.verified_at, OLD.closed_at, OLD.objected_at,
    OLD.objection, OLD.note, OLD.kind, OLD.source, OLD.limit_w, OLD.window_from, OLD.window_until,
    OLD.legal_ref, OLD.grade, OLD.delivered_by, OLD.scheduled_at, OLD.crew, OLD.reading_wh, OLD.photo_sha256,
    OLD.verified_by, OLD.verified_note, OLD.objected_by, OLD.objection_code, OLD.objection_decision,
    OLD.objection_decided_at, OLD.objection_decided_by, OLD.objection_reply, OLD.escalations,
    OLD.escalated_at, OLD.contradicted_at, OLD.contradicted_w, OLD.version, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM disconnection_orders_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER disconnection_orders_history_delete AFTER DELETE ON disconnection_orders
BEGIN
  INSERT INTO disconnection_orders_history (id, number, utility_id, point_id, point_code, license, license_version, ground, state, issued_at,
    deadline_at, delivered_at, acknowledged_at, acknowledged_by, executed_at, executed_by, verified_at,
    closed_at, objected_at, objection, note, kind, source, limit_w, window_from, window_until, legal_ref,
    grade, delivered_by, scheduled_at, crew, reading_wh, photo_sha256, verified_by, verified_note,
    objected_by, objection_code, objection_decision, objection_decided_at, objection_decided_by,
    objection_reply, escalations, escalated_at, contradicted_at, contradicted_w, version, replaced_at)
  SELECT OLD.id, OLD.number, OLD.utility_id, OLD.point_id, OLD.point_code, OLD.license, OLD.license_version,
    OLD.ground, OLD.state, OLD.issued_at, OLD.deadline_at, OLD.delivered_at, OLD.acknowledged_at,
    OLD.acknowledged_by, OLD.executed_at, OLD.executed_by, OLD.verified_at, OLD.closed_at, OLD.objected_at,
    OLD.objection, OLD.note, OLD.kind, OLD.source, OLD.limit_w, OLD.window_from, OLD.window_until,
    OLD.legal_ref, OLD.grade, OLD.delivered_by, OLD.scheduled_at, OLD.crew, OLD.reading_wh, OLD.photo_sha256,
    OLD.verified_by, OLD.verified_note, OLD.objected_by, OLD.objection_code, OLD.objection_decision,
    OLD.objection_decided_at, OLD.objection_decided_by, OLD.objection_reply, OLD.escalations,
    OLD.escalated_at, OLD.contradicted_at, OLD.contradicted_w, OLD.version, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM disconnection_orders_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER disconnection_orders_history_no_update BEFORE UPDATE ON disconnection_orders_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER disconnection_orders_history_no_delete BEFORE DELETE ON disconnection_orders_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
INSERT INTO disconnection_orders_history (id, number, utility_id, point_id, point_code, license, license_version, ground, state, issued_at,
  deadline_at, delivered_at, acknowledged_at, acknowledged_by, executed_at, executed_by, verified_at,
  closed_at, objected_at, objection, note, kind, source, limit_w, window_from, window_until, legal_ref, grade,
  delivered_by, scheduled_at, crew, reading_wh, photo_sha256, verified_by, verified_note, objected_by,
  objection_code, objection_decision, objection_decided_at, objection_decided_by, objection_reply, escalations,
  escalated_at, contradicted_at, contradicted_w, version, replaced_at)
  SELECT id, number, utility_id, point_id, point_code, license, license_version, ground, state, issued_at,
  deadline_at, delivered_at, acknowledged_at, acknowledged_by, executed_at, executed_by, verified_at,
  closed_at, objected_at, objection, note, 'disconnection', 'license:' || license || '/' || license_version, 0,
  0, 0, '', '', CASE WHEN delivered_at = 0 THEN '' ELSE 'read' END, 0, '', -1, '', '', '', '',
  CASE WHEN objected_at = 0 THEN '' ELSE 'other' END, '', 0, '', '', 0, 0, 0, 0, version, replaced_at
  FROM disconnection_orders_history_before;
DROP TABLE disconnection_orders_history_before;

-- +goose Down
-- What is no disconnection for a license has no place in the table before.
CREATE TABLE disconnection_orders_next (
  id              TEXT PRIMARY KEY,
  number          TEXT NOT NULL UNIQUE,
  utility_id      TEXT NOT NULL REFERENCES utilities (id),
  point_id        TEXT NOT NULL REFERENCES connection_points (id),
  point_code      TEXT NOT NULL,
  license         TEXT NOT NULL,
  license_version INTEGER NOT NULL,
  ground          TEXT NOT NULL CHECK (ground <> ''),
  state           TEXT NOT NULL CHECK (state IN ('issued', 'delivered', 'acknowledged', 'executed', 'verified', 'closed')),
  issued_at       INTEGER NOT NULL,
  deadline_at     INTEGER NOT NULL,
  delivered_at    INTEGER NOT NULL,
  acknowledged_at INTEGER NOT NULL,
  acknowledged_by TEXT NOT NULL,
  executed_at     INTEGER NOT NULL,
  executed_by     TEXT NOT NULL,
  verified_at     INTEGER NOT NULL,
  closed_at       INTEGER NOT NULL,
  objected_at     INTEGER NOT NULL,
  objection       TEXT NOT NULL,
  note            TEXT NOT NULL,
  version         INTEGER NOT NULL CHECK (version >= 1),
  UNIQUE (point_id, license, license_version)
) STRICT;
INSERT INTO disconnection_orders_next (id, number, utility_id, point_id, point_code, license, license_version, ground, state, issued_at,
  deadline_at, delivered_at, acknowledged_at, acknowledged_by, executed_at, executed_by, verified_at,
  closed_at, objected_at, objection, note, version)
  SELECT id, number, utility_id, point_id, point_code, license, license_version, ground, state, issued_at,
  deadline_at, delivered_at, acknowledged_at, acknowledged_by, executed_at, executed_by, verified_at,
  closed_at, objected_at, objection, note, version
  FROM disconnection_orders WHERE kind = 'disconnection' AND license <> '' ON CONFLICT DO NOTHING;
DROP TABLE disconnection_orders;
ALTER TABLE disconnection_orders_next RENAME TO disconnection_orders;
CREATE INDEX disconnection_orders_utility ON disconnection_orders (utility_id, id);
CREATE INDEX disconnection_orders_open ON disconnection_orders (state, id) WHERE state <> 'closed';
CREATE INDEX disconnection_orders_license ON disconnection_orders (license, id);
ALTER TABLE disconnection_orders_history RENAME TO disconnection_orders_history_after;
DROP TRIGGER disconnection_orders_history_no_update;
DROP TRIGGER disconnection_orders_history_no_delete;
CREATE TABLE disconnection_orders_history (
  id TEXT, number TEXT, utility_id TEXT, point_id TEXT, point_code TEXT, license TEXT,
  license_version INTEGER, ground TEXT, state TEXT, issued_at INTEGER, deadline_at INTEGER,
  delivered_at INTEGER, acknowledged_at INTEGER, acknowledged_by TEXT, executed_at INTEGER,
  executed_by TEXT, verified_at INTEGER, closed_at INTEGER, objected_at INTEGER, objection TEXT, note TEXT,
  version INTEGER, replaced_at INTEGER NOT NULL,
  PRIMARY KEY (id, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER disconnection_orders_history_update AFTER UPDATE ON disconnection_orders
BEGIN
  INSERT INTO disconnection_orders_history (id, number, utility_id, point_id, point_code, license, license_version, ground, state, issued_at,
    deadline_at, delivered_at, acknowledged_at, acknowledged_by, executed_at, executed_by, verified_at,
    closed_at, objected_at, objection, note, version, replaced_at)
  SELECT OLD.id, OLD.number, OLD.utility_id, OLD.point_id, OLD.point_code, OLD.license, OLD.license_version,
    OLD.ground, OLD.state, OLD.issued_at, OLD.deadline_at, OLD.delivered_at, OLD.acknowledged_at,
    OLD.acknowledged_by, OLD.executed_at, OLD.executed_by, OLD.verified_at, OLD.closed_at, OLD.objected_at,
    OLD.objection, OLD.note, OLD.version, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM disconnection_orders_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER disconnection_orders_history_delete AFTER DELETE ON disconnection_orders
BEGIN
  INSERT INTO disconnection_orders_history (id, number, utility_id, point_id, point_code, license, license_version, ground, state, issued_at,
    deadline_at, delivered_at, acknowledged_at, acknowledged_by, executed_at, executed_by, verified_at,
    closed_at, objected_at, objection, note, version, replaced_at)
  SELECT OLD.id, OLD.number, OLD.utility_id, OLD.point_id, OLD.point_code, OLD.license, OLD.license_version,
    OLD.ground, OLD.state, OLD.issued_at, OLD.deadline_at, OLD.delivered_at, OLD.acknowledged_at,
    OLD.acknowledged_by, OLD.executed_at, OLD.executed_by, OLD.verified_at, OLD.closed_at, OLD.objected_at,
    OLD.objection, OLD.note, OLD.version, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM disconnection_orders_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER disconnection_orders_history_no_update BEFORE UPDATE ON disconnection_orders_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER disconnection_orders_history_no_delete BEFORE DELETE ON disconnection_orders_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
INSERT INTO disconnection_orders_history (id, number, utility_id, point_id, point_code, license, license_version, ground, state, issued_at,
  deadline_at, delivered_at, acknowledged_at, acknowledged_by, executed_at, executed_by, verified_at,
  closed_at, objected_at, objection, note, version, replaced_at)
  SELECT id, number, utility_id, point_id, point_code, license, license_version, ground, state, issued_at,
  deadline_at, delivered_at, acknowledged_at, acknowledged_by, executed_at, executed_by, verified_at,
  closed_at, objected_at, objection, note, version, replaced_at
  FROM disconnection_orders_history_after;
DROP TABLE disconnection_orders_history_after;
