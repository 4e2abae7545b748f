-- +goose Up
-- Orders that are followed through: grounds that are no license, limits and windows,
-- who saw what when, objections that a second person decides, escalations, and what
-- the meters say against an execution. One order for a point, kind and source.
ALTER TABLE disconnection_orders DROP CONSTRAINT disconnection_orders_point_id_license_license_version_key;
ALTER TABLE disconnection_orders
  ADD COLUMN kind TEXT CHECK (kind IN ('disconnection', 'limitation', 'reconnection')),
  ADD COLUMN source TEXT CHECK (source <> ''),
  ADD COLUMN limit_w BIGINT CHECK (limit_w >= 0),
  ADD COLUMN window_from BIGINT,
  ADD COLUMN window_until BIGINT,
  ADD COLUMN legal_ref TEXT,
  ADD COLUMN grade TEXT,
  ADD COLUMN delivered_by TEXT,
  ADD COLUMN scheduled_at BIGINT,
  ADD COLUMN crew TEXT,
  ADD COLUMN reading_wh BIGINT CHECK (reading_wh >= -1),
  ADD COLUMN photo_sha256 TEXT CHECK (length(photo_sha256) IN (0, 64)),
  ADD COLUMN verified_by TEXT,
  ADD COLUMN verified_note TEXT,
  ADD COLUMN objected_by TEXT,
  ADD COLUMN objection_code TEXT,
  ADD COLUMN objection_decision TEXT CHECK (objection_decision IN ('', 'accepted', 'refused')),
  ADD COLUMN objection_decided_at BIGINT,
  ADD COLUMN objection_decided_by TEXT,
  ADD COLUMN objection_reply TEXT,
  ADD COLUMN escalations BIGINT CHECK (escalations >= 0),
  ADD COLUMN escalated_at BIGINT,
  ADD COLUMN contradicted_at BIGINT,
  ADD COLUMN contradicted_w BIGINT;
DROP TRIGGER disconnection_orders_keeps_history ON disconnection_orders;
UPDATE disconnection_orders SET kind = 'disconnection',
  source = 'license:' || license || '/' || license_version,
  limit_w = 0,
  window_from = 0,
  window_until = 0,
  legal_ref = '',
  grade = '',
  delivered_by = CASE WHEN delivered_at = 0 THEN '' ELSE 'read' END,
  scheduled_at = 0,
  crew = '',
  reading_wh = -1,
  photo_sha256 = '',
  verified_by = '',
  verified_note = '',
  objected_by = '',
  objection_code = CASE WHEN objected_at = 0 THEN '' ELSE 'other' END,
  objection_decision = '',
  objection_decided_at = 0,
  objection_decided_by = '',
  objection_reply = '',
  escalations = 0,
  escalated_at = 0,
  contradicted_at = 0,
  contradicted_w = 0;
ALTER TABLE disconnection_orders
  ALTER COLUMN kind SET NOT NULL,
  ALTER COLUMN source SET NOT NULL,
  ALTER COLUMN limit_w SET NOT NULL,
  ALTER COLUMN window_from SET NOT NULL,
  ALTER COLUMN window_until SET NOT NULL,
  ALTER COLUMN legal_ref SET NOT NULL,
  ALTER COLUMN grade SET NOT NULL,
  ALTER COLUMN delivered_by SET NOT NULL,
  ALTER COLUMN scheduled_at SET NOT NULL,
  ALTER COLUMN crew SET NOT NULL,
  ALTER COLUMN reading_wh SET NOT NULL,
  ALTER COLUMN photo_sha256 SET NOT NULL,
  ALTER COLUMN verified_by SET NOT NULL,
  ALTER COLUMN verified_note SET NOT NULL,
  ALTER COLUMN objected_by SET NOT NULL,
  ALTER COLUMN objection_code SET NOT NULL,
  ALTER COLUMN objection_decision SET NOT NULL,
  ALTER COLUMN objection_decided_at SET NOT NULL,
  ALTER COLUMN objection_decided_by SET NOT NULL,
  ALTER COLUMN objection_reply SET NOT NULL,
  ALTER COLUMN escalations SET NOT NULL,
  ALTER COLUMN escalated_at SET NOT NULL,
  ALTER COLUMN contradicted_at SET NOT NULL,
  ALTER COLUMN contradicted_w SET NOT NULL,
  ADD CONSTRAINT order_once UNIQUE (point_id, kind, source),
  ADD CONSTRAINT order_limit CHECK (kind = 'limitation' OR limit_w = 0),
  ADD CONSTRAINT order_window CHECK (window_until = 0 OR window_until > window_from),
  ADD CONSTRAINT order_verified_by_hand_says_why CHECK (verified_by = '' OR verified_note <> ''),
  ADD CONSTRAINT order_objection_decided CHECK ((objection_decision = '') = (objection_decided_by = '') AND (objection_decision = '') = (objection_decided_at = 0)),
  ADD CONSTRAINT order_four_eyes CHECK (objection_decision = '' OR objection_decided_by <> objected_by),
  ADD CONSTRAINT order_contradicted CHECK (contradicted_at = 0 OR state IN ('executed', 'verified', 'closed'));

ALTER TABLE disconnection_orders_history RENAME TO disconnection_orders_history_before;
ALTER TABLE disconnection_orders_history_before RENAME CONSTRAINT disconnection_orders_history_pkey TO disconnection_orders_history_before_pkey;
CREATE TABLE disconnection_orders_history (LIKE disconnection_orders, replaced_at BIGINT NOT NULL, PRIMARY KEY (id, replaced_at));
INSERT INTO disconnection_orders_history (id, number, utility_id, point_id, point_code, license, license_version, ground, state, issued_at,
  deadline_at, delivered_at, acknowledged_at, acknowledged_by, executed_at, executed_by, verified_at,
  closed_at, objected_at, objection, note, version, kind, source, limit_w, window_from, window_until,
  legal_ref, grade, delivered_by, scheduled_at, crew, reading_wh, photo_sha256, verified_by, verified_note,
  objected_by, objection_code, objection_decision, objection_decided_at, objection_decided_by, objection_reply,
  escalations, escalated_at, contradicted_at, contradicted_w, replaced_at)
  SELECT id, number, utility_id, point_id, point_code, license, license_version, ground, state, issued_at,
  deadline_at, delivered_at, acknowledged_at, acknowledged_by, executed_at, executed_by, verified_at,
  closed_at, objected_at, objection, note, version, 'disconnection',
  'license:' || license || '/' || license_version, 0, 0, 0, '', '',
  CASE WHEN delivered_at = 0 THEN '' ELSE 'read' END, 0, '', -1, '', '', '', '',
  CASE WHEN objected_at = 0 THEN '' ELSE 'other' END, '', 0, '', '', 0, 0, 0, 0, replaced_at
  FROM disconnection_orders_history_before;
DROP TABLE disconnection_orders_history_before;
CREATE TRIGGER disconnection_orders_keeps_history AFTER UPDATE OR DELETE ON disconnection_orders FOR EACH ROW EXECUTE FUNCTION disconnection_orders_keep_history();
CREATE TRIGGER disconnection_orders_history_immutable BEFORE UPDATE OR DELETE ON disconnection_orders_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER disconnection_orders_history_no_truncate BEFORE TRUNCATE ON disconnection_orders_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

-- +goose Down
-- What is no disconnection for a license has no place in the table before.
DROP TRIGGER disconnection_orders_keeps_history ON disconnection_orders;
DELETE FROM disconnection_orders o WHERE kind <> 'disconnection' OR license = '' OR EXISTS (SELECT 1 FROM disconnection_orders e
  WHERE e.point_id = o.point_id AND e.license = o.license AND e.license_version = o.license_version AND e.kind = o.kind AND e.id < o.id);
ALTER TABLE disconnection_orders
  DROP CONSTRAINT order_once,
  DROP CONSTRAINT order_limit,
  DROP CONSTRAINT order_window,
  DROP CONSTRAINT order_verified_by_hand_says_why,
  DROP CONSTRAINT order_objection_decided,
  DROP CONSTRAINT order_four_eyes,
  DROP CONSTRAINT order_contradicted,
  DROP COLUMN kind,
  DROP COLUMN source,
  DROP COLUMN limit_w,
  DROP COLUMN window_from,
  DROP COLUMN window_until,
  DROP COLUMN legal_ref,
  DROP COLUMN grade,
  DROP COLUMN delivered_by,
  DROP COLUMN scheduled_at,
  DROP COLUMN crew,
  DROP COLUMN reading_wh,
  DROP COLUMN photo_sha256,
  DROP COLUMN verified_by,
  DROP COLUMN verified_note,
  DROP COLUMN objected_by,
  DROP COLUMN objection_code,
  DROP COLUMN objection_decision,
  DROP COLUMN objection_decided_at,
  DROP COLUMN objection_decided_by,
  DROP COLUMN objection_reply,
  DROP COLUMN escalations,
  DROP COLUMN escalated_at,
  DROP COLUMN contradicted_at,
  DROP COLUMN contradicted_w,
  ADD UNIQUE (point_id, license, license_version);
ALTER TABLE disconnection_orders_history RENAME TO disconnection_orders_history_after;
ALTER TABLE disconnection_orders_history_after RENAME CONSTRAINT disconnection_orders_history_pkey TO disconnection_orders_history_after_pkey;
CREATE TABLE disconnection_orders_history (LIKE disconnection_orders, replaced_at BIGINT NOT NULL, PRIMARY KEY (id, replaced_at));
INSERT INTO disconnection_orders_history (id, number, utility_id, point_id, point_code, license, license_version, ground, state, issued_at,
  deadline_at, delivered_at, acknowledged_at, acknowledged_by, executed_at, executed_by, verified_at,
  closed_at, objected_at, objection, note, version, replaced_at)
  SELECT id, number, utility_id, point_id, point_code, license, license_version, ground, state, issued_at,
  deadline_at, delivered_at, acknowledged_at, acknowledged_by, executed_at, executed_by, verified_at,
  closed_at, objected_at, objection, note, version, replaced_at
  FROM disconnection_orders_history_after;
DROP TABLE disconnection_orders_history_after;
CREATE TRIGGER disconnection_orders_keeps_history AFTER UPDATE OR DELETE ON disconnection_orders FOR EACH ROW EXECUTE FUNCTION disconnection_orders_keep_history();
CREATE TRIGGER disconnection_orders_history_immutable BEFORE UPDATE OR DELETE ON disconnection_orders_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER disconnection_orders_history_no_truncate BEFORE TRUNCATE ON disconnection_orders_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();
