-- +goose Up
-- The numbers of the gate by date. The program has the same as its own, for a number
-- that no row gives.
CREATE TABLE gate_parameters (
  code        TEXT NOT NULL CHECK (code <> ''),
  value       BIGINT NOT NULL CHECK (value >= 0),
  unit        TEXT NOT NULL CHECK (unit IN ('minutes', 'seconds', 'w', 'permille')),
  legal_ref   TEXT NOT NULL CHECK (legal_ref <> ''),
  grade       TEXT NOT NULL CHECK (grade IN ('S', 'R')),
  valid_from  TEXT NOT NULL CHECK (length(valid_from) = 10),
  valid_until TEXT NOT NULL,
  recorded_at BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (code, valid_from)
);
INSERT INTO gate_parameters (code, value, unit, legal_ref, grade, valid_from, valid_until) VALUES
  ('permit_minutes', 1440, 'minutes', 'Реестр: собственное число до приказа министерства', 'R', '2026-01-01', ''),
  ('stale_meter_minutes', 60, 'minutes', 'Реестр: собственное число до приказа министерства', 'R', '2026-01-01', ''),
  ('stale_registry_seconds', 300, 'seconds', 'Реестр: собственное число до приказа министерства', 'R', '2026-01-01', ''),
  ('declared_use_w', 100000, 'w', 'Реестр: собственное число до приказа министерства', 'R', '2026-01-01', ''),
  ('equipment_low_permille', 700, 'permille', 'Реестр: собственное число до приказа министерства', 'R', '2026-01-01', ''),
  ('equipment_high_permille', 1100, 'permille', 'Реестр: собственное число до приказа министерства', 'R', '2026-01-01', ''),
  ('quiet_load_w', 500, 'w', 'Реестр: собственное число до приказа министерства', 'R', '2026-01-01', ''),
  ('quiet_minutes', 15, 'minutes', 'Реестр: собственное число до приказа министерства', 'R', '2026-01-01', ''),
  ('contradict_load_w', 5000, 'w', 'Реестр: собственное число до приказа министерства', 'R', '2026-01-01', ''),
  ('contradict_minutes', 15, 'minutes', 'Реестр: собственное число до приказа министерства', 'R', '2026-01-01', '');

-- How long a utility has to do what an order says, by ground and date; orders = 0: the
-- ground makes no orders.
CREATE TABLE order_deadlines (
  ground      TEXT NOT NULL CHECK (ground <> ''),
  orders      BIGINT NOT NULL CHECK (orders IN (0, 1)),
  term        BIGINT NOT NULL CHECK (term >= 1),
  unit        TEXT NOT NULL CHECK (unit IN ('minutes', 'hours', 'working_days')),
  legal_ref   TEXT NOT NULL CHECK (legal_ref <> ''),
  grade       TEXT NOT NULL CHECK (grade IN ('S', 'R')),
  valid_from  TEXT NOT NULL CHECK (length(valid_from) = 10),
  valid_until TEXT NOT NULL,
  recorded_at BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (ground, valid_from)
);
INSERT INTO order_deadlines (ground, orders, term, unit, legal_ref, grade, valid_from, valid_until) VALUES
  ('license.suspended', 1, 72, 'hours', 'Закон РК № 193-VII «О цифровых активах», ст. 9; срок реестра до приказа министерства', 'R', '2020-01-01', ''),
  ('license.revoked', 1, 72, 'hours', 'Закон РК № 193-VII «О цифровых активах», ст. 9; срок реестра до приказа министерства', 'R', '2020-01-01', ''),
  ('license.expired', 1, 72, 'hours', 'Закон РК № 193-VII «О цифровых активах», ст. 9; срок реестра до приказа министерства', 'R', '2020-01-01', ''),
  ('license.terminated', 1, 72, 'hours', 'Закон РК № 193-VII «О цифровых активах», ст. 9; срок реестра до приказа министерства', 'R', '2020-01-01', ''),
  ('license.host_suspended', 1, 72, 'hours', 'Закон РК № 193-VII «О цифровых активах», ст. 9; срок реестра до приказа министерства', 'R', '2020-01-01', ''),
  ('license.points_dropped', 1, 72, 'hours', 'Закон РК № 193-VII «О цифровых активах», ст. 9; срок реестра до приказа министерства', 'R', '2020-01-01', ''),
  ('standing.legal_hold', 1, 24, 'hours', 'Акт суда или следствия, названный в запрете; срок реестра до приказа министерства', 'R', '2020-01-01', ''),
  ('standing.curtailment', 1, 30, 'minutes', 'Закон РК «Об электроэнергетике», ст. 1 (режим «Авария»); срок реестра до приказа министерства', 'R', '2020-01-01', ''),
  ('order.reconnection', 1, 5, 'working_days', 'Договор электроснабжения; срок реестра до приказа министерства', 'R', '2020-01-01', '');

CREATE TABLE gate_parameters_history (LIKE gate_parameters, replaced_at BIGINT NOT NULL, PRIMARY KEY (code, valid_from, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION gate_parameters_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO gate_parameters_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER gate_parameters_keeps_history AFTER UPDATE OR DELETE ON gate_parameters FOR EACH ROW EXECUTE FUNCTION gate_parameters_keep_history();
CREATE TRIGGER gate_parameters_history_immutable BEFORE UPDATE OR DELETE ON gate_parameters_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER gate_parameters_history_no_truncate BEFORE TRUNCATE ON gate_parameters_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

CREATE TABLE order_deadlines_history (LIKE order_deadlines, replaced_at BIGINT NOT NULL, PRIMARY KEY (ground, valid_from, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION order_deadlines_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO order_deadlines_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER order_deadlines_keeps_history AFTER UPDATE OR DELETE ON order_deadlines FOR EACH ROW EXECUTE FUNCTION order_deadlines_keep_history();
CREATE TRIGGER order_deadlines_history_immutable BEFORE UPDATE OR DELETE ON order_deadlines_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER order_deadlines_history_no_truncate BEFORE TRUNCATE ON order_deadlines_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

-- +goose Down
DROP TABLE order_deadlines;
DROP TABLE order_deadlines_history;
DROP FUNCTION order_deadlines_keep_history();
DROP TABLE gate_parameters;
DROP TABLE gate_parameters_history;
DROP FUNCTION gate_parameters_keep_history();
