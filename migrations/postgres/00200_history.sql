-- +goose Up
-- What changeable rows were: triggers keep each row that is replaced or deleted in
-- TABLE_history with the instant of the change, so that a list can be read as at
-- any instant by the same query. A row of history held from the change before it
-- (or its first recording) until replaced_at. History is never changed. Inserting
-- keeps nothing, so that filling a table costs nothing more.

-- When a row was first recorded, where no column told it. 0 is before history
-- began; reference data that came with the program was known from the beginning.
ALTER TABLE utilities ADD COLUMN recorded_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE substations ADD COLUMN recorded_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE feeders ADD COLUMN recorded_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE connection_points ADD COLUMN recorded_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE pdus ADD COLUMN recorded_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE meters ADD COLUMN recorded_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE requirements ADD COLUMN recorded_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE grounds ADD COLUMN recorded_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE legal_values ADD COLUMN recorded_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE holidays ADD COLUMN recorded_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE application_reasons ADD COLUMN recorded_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE appeal_routes ADD COLUMN recorded_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE obligation_kinds ADD COLUMN recorded_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE fee_rates ADD COLUMN recorded_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE waiver_grounds ADD COLUMN recorded_at BIGINT NOT NULL DEFAULT 0;

-- The instant of a change is that of its transaction (rigistry.now); a change from
-- outside of the program is of the database's own clock.
-- +goose StatementBegin
CREATE FUNCTION history_instant() RETURNS BIGINT LANGUAGE sql AS $$
  SELECT COALESCE(NULLIF(current_setting('rigistry.now', true), '')::BIGINT, (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::BIGINT)
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION history_is_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'history is never changed or deleted' USING ERRCODE = 'check_violation';
END $$;
-- +goose StatementEnd

CREATE TABLE parties_history (LIKE parties, replaced_at BIGINT NOT NULL, PRIMARY KEY (id, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION parties_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO parties_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER parties_keeps_history AFTER UPDATE OR DELETE ON parties FOR EACH ROW EXECUTE FUNCTION parties_keep_history();
CREATE TRIGGER parties_history_immutable BEFORE UPDATE OR DELETE ON parties_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER parties_history_no_truncate BEFORE TRUNCATE ON parties_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

CREATE TABLE sites_history (LIKE sites, replaced_at BIGINT NOT NULL, PRIMARY KEY (id, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION sites_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO sites_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER sites_keeps_history AFTER UPDATE OR DELETE ON sites FOR EACH ROW EXECUTE FUNCTION sites_keep_history();
CREATE TRIGGER sites_history_immutable BEFORE UPDATE OR DELETE ON sites_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER sites_history_no_truncate BEFORE TRUNCATE ON sites_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

CREATE TABLE equipment_history (LIKE equipment, replaced_at BIGINT NOT NULL, PRIMARY KEY (id, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION equipment_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO equipment_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER equipment_keeps_history AFTER UPDATE OR DELETE ON equipment FOR EACH ROW EXECUTE FUNCTION equipment_keep_history();
CREATE TRIGGER equipment_history_immutable BEFORE UPDATE OR DELETE ON equipment_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER equipment_history_no_truncate BEFORE TRUNCATE ON equipment_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

CREATE TABLE applications_history (LIKE applications, replaced_at BIGINT NOT NULL, PRIMARY KEY (id, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION applications_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO applications_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER applications_keeps_history AFTER UPDATE OR DELETE ON applications FOR EACH ROW EXECUTE FUNCTION applications_keep_history();
CREATE TRIGGER applications_history_immutable BEFORE UPDATE OR DELETE ON applications_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER applications_history_no_truncate BEFORE TRUNCATE ON applications_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

CREATE TABLE application_requests_history (LIKE application_requests, replaced_at BIGINT NOT NULL, PRIMARY KEY (id, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION application_requests_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO application_requests_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER application_requests_keeps_history AFTER UPDATE OR DELETE ON application_requests FOR EACH ROW EXECUTE FUNCTION application_requests_keep_history();
CREATE TRIGGER application_requests_history_immutable BEFORE UPDATE OR DELETE ON application_requests_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER application_requests_history_no_truncate BEFORE TRUNCATE ON application_requests_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

CREATE TABLE tolling_periods_history (LIKE tolling_periods, replaced_at BIGINT NOT NULL, PRIMARY KEY (id, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION tolling_periods_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO tolling_periods_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER tolling_periods_keeps_history AFTER UPDATE OR DELETE ON tolling_periods FOR EACH ROW EXECUTE FUNCTION tolling_periods_keep_history();
CREATE TRIGGER tolling_periods_history_immutable BEFORE UPDATE OR DELETE ON tolling_periods_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER tolling_periods_history_no_truncate BEFORE TRUNCATE ON tolling_periods_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

CREATE TABLE licenses_history (LIKE licenses, replaced_at BIGINT NOT NULL, PRIMARY KEY (number, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION licenses_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO licenses_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER licenses_keeps_history AFTER UPDATE OR DELETE ON licenses FOR EACH ROW EXECUTE FUNCTION licenses_keep_history();
CREATE TRIGGER licenses_history_immutable BEFORE UPDATE OR DELETE ON licenses_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER licenses_history_no_truncate BEFORE TRUNCATE ON licenses_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

CREATE TABLE license_points_history (LIKE license_points, replaced_at BIGINT NOT NULL, PRIMARY KEY (number, connection_code, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION license_points_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO license_points_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER license_points_keeps_history AFTER UPDATE OR DELETE ON license_points FOR EACH ROW EXECUTE FUNCTION license_points_keep_history();
CREATE TRIGGER license_points_history_immutable BEFORE UPDATE OR DELETE ON license_points_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER license_points_history_no_truncate BEFORE TRUNCATE ON license_points_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

CREATE TABLE utilities_history (LIKE utilities, replaced_at BIGINT NOT NULL, PRIMARY KEY (id, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION utilities_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO utilities_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER utilities_keeps_history AFTER UPDATE OR DELETE ON utilities FOR EACH ROW EXECUTE FUNCTION utilities_keep_history();
CREATE TRIGGER utilities_history_immutable BEFORE UPDATE OR DELETE ON utilities_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER utilities_history_no_truncate BEFORE TRUNCATE ON utilities_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

CREATE TABLE substations_history (LIKE substations, replaced_at BIGINT NOT NULL, PRIMARY KEY (id, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION substations_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO substations_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER substations_keeps_history AFTER UPDATE OR DELETE ON substations FOR EACH ROW EXECUTE FUNCTION substations_keep_history();
CREATE TRIGGER substations_history_immutable BEFORE UPDATE OR DELETE ON substations_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER substations_history_no_truncate BEFORE TRUNCATE ON substations_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

CREATE TABLE feeders_history (LIKE feeders, replaced_at BIGINT NOT NULL, PRIMARY KEY (id, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION feeders_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO feeders_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER feeders_keeps_history AFTER UPDATE OR DELETE ON feeders FOR EACH ROW EXECUTE FUNCTION feeders_keep_history();
CREATE TRIGGER feeders_history_immutable BEFORE UPDATE OR DELETE ON feeders_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER feeders_history_no_truncate BEFORE TRUNCATE ON feeders_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

CREATE TABLE connection_points_history (LIKE connection_points, replaced_at BIGINT NOT NULL, PRIMARY KEY (id, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION connection_points_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO connection_points_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER connection_points_keeps_history AFTER UPDATE OR DELETE ON connection_points FOR EACH ROW EXECUTE FUNCTION connection_points_keep_history();
CREATE TRIGGER connection_points_history_immutable BEFORE UPDATE OR DELETE ON connection_points_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER connection_points_history_no_truncate BEFORE TRUNCATE ON connection_points_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

CREATE TABLE pdus_history (LIKE pdus, replaced_at BIGINT NOT NULL, PRIMARY KEY (id, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION pdus_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO pdus_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER pdus_keeps_history AFTER UPDATE OR DELETE ON pdus FOR EACH ROW EXECUTE FUNCTION pdus_keep_history();
CREATE TRIGGER pdus_history_immutable BEFORE UPDATE OR DELETE ON pdus_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER pdus_history_no_truncate BEFORE TRUNCATE ON pdus_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

CREATE TABLE meters_history (LIKE meters, replaced_at BIGINT NOT NULL, PRIMARY KEY (id, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION meters_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO meters_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER meters_keeps_history AFTER UPDATE OR DELETE ON meters FOR EACH ROW EXECUTE FUNCTION meters_keep_history();
CREATE TRIGGER meters_history_immutable BEFORE UPDATE OR DELETE ON meters_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER meters_history_no_truncate BEFORE TRUNCATE ON meters_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

CREATE TABLE gate_reservations_history (LIKE gate_reservations, replaced_at BIGINT NOT NULL, PRIMARY KEY (check_id, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION gate_reservations_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO gate_reservations_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER gate_reservations_keeps_history AFTER UPDATE OR DELETE ON gate_reservations FOR EACH ROW EXECUTE FUNCTION gate_reservations_keep_history();
CREATE TRIGGER gate_reservations_history_immutable BEFORE UPDATE OR DELETE ON gate_reservations_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER gate_reservations_history_no_truncate BEFORE TRUNCATE ON gate_reservations_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

CREATE TABLE disconnection_orders_history (LIKE disconnection_orders, replaced_at BIGINT NOT NULL, PRIMARY KEY (id, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION disconnection_orders_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO disconnection_orders_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER disconnection_orders_keeps_history AFTER UPDATE OR DELETE ON disconnection_orders FOR EACH ROW EXECUTE FUNCTION disconnection_orders_keep_history();
CREATE TRIGGER disconnection_orders_history_immutable BEFORE UPDATE OR DELETE ON disconnection_orders_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER disconnection_orders_history_no_truncate BEFORE TRUNCATE ON disconnection_orders_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

CREATE TABLE findings_history (LIKE findings, replaced_at BIGINT NOT NULL, PRIMARY KEY (id, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION findings_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO findings_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER findings_keeps_history AFTER UPDATE OR DELETE ON findings FOR EACH ROW EXECUTE FUNCTION findings_keep_history();
CREATE TRIGGER findings_history_immutable BEFORE UPDATE OR DELETE ON findings_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER findings_history_no_truncate BEFORE TRUNCATE ON findings_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

CREATE TABLE requirements_history (LIKE requirements, replaced_at BIGINT NOT NULL, PRIMARY KEY (code, sub_type, valid_from, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION requirements_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO requirements_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER requirements_keeps_history AFTER UPDATE OR DELETE ON requirements FOR EACH ROW EXECUTE FUNCTION requirements_keep_history();
CREATE TRIGGER requirements_history_immutable BEFORE UPDATE OR DELETE ON requirements_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER requirements_history_no_truncate BEFORE TRUNCATE ON requirements_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

CREATE TABLE grounds_history (LIKE grounds, replaced_at BIGINT NOT NULL, PRIMARY KEY (kind, code, valid_from, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION grounds_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO grounds_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER grounds_keeps_history AFTER UPDATE OR DELETE ON grounds FOR EACH ROW EXECUTE FUNCTION grounds_keep_history();
CREATE TRIGGER grounds_history_immutable BEFORE UPDATE OR DELETE ON grounds_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER grounds_history_no_truncate BEFORE TRUNCATE ON grounds_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

CREATE TABLE legal_values_history (LIKE legal_values, replaced_at BIGINT NOT NULL, PRIMARY KEY (code, valid_from, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION legal_values_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO legal_values_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER legal_values_keeps_history AFTER UPDATE OR DELETE ON legal_values FOR EACH ROW EXECUTE FUNCTION legal_values_keep_history();
CREATE TRIGGER legal_values_history_immutable BEFORE UPDATE OR DELETE ON legal_values_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER legal_values_history_no_truncate BEFORE TRUNCATE ON legal_values_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

CREATE TABLE holidays_history (LIKE holidays, replaced_at BIGINT NOT NULL, PRIMARY KEY (date, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION holidays_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO holidays_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER holidays_keeps_history AFTER UPDATE OR DELETE ON holidays FOR EACH ROW EXECUTE FUNCTION holidays_keep_history();
CREATE TRIGGER holidays_history_immutable BEFORE UPDATE OR DELETE ON holidays_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER holidays_history_no_truncate BEFORE TRUNCATE ON holidays_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

CREATE TABLE tasks_history (LIKE tasks, replaced_at BIGINT NOT NULL, PRIMARY KEY (id, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION tasks_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO tasks_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER tasks_keeps_history AFTER UPDATE OR DELETE ON tasks FOR EACH ROW EXECUTE FUNCTION tasks_keep_history();
CREATE TRIGGER tasks_history_immutable BEFORE UPDATE OR DELETE ON tasks_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER tasks_history_no_truncate BEFORE TRUNCATE ON tasks_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

CREATE TABLE party_merges_history (LIKE party_merges, replaced_at BIGINT NOT NULL, PRIMARY KEY (id, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION party_merges_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO party_merges_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER party_merges_keeps_history AFTER UPDATE OR DELETE ON party_merges FOR EACH ROW EXECUTE FUNCTION party_merges_keep_history();
CREATE TRIGGER party_merges_history_immutable BEFORE UPDATE OR DELETE ON party_merges_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER party_merges_history_no_truncate BEFORE TRUNCATE ON party_merges_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

CREATE TABLE application_attachments_history (LIKE application_attachments, replaced_at BIGINT NOT NULL, PRIMARY KEY (id, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION application_attachments_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO application_attachments_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER application_attachments_keeps_history AFTER UPDATE OR DELETE ON application_attachments FOR EACH ROW EXECUTE FUNCTION application_attachments_keep_history();
CREATE TRIGGER application_attachments_history_immutable BEFORE UPDATE OR DELETE ON application_attachments_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER application_attachments_history_no_truncate BEFORE TRUNCATE ON application_attachments_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

CREATE TABLE application_reasons_history (LIKE application_reasons, replaced_at BIGINT NOT NULL, PRIMARY KEY (kind, code, valid_from, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION application_reasons_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO application_reasons_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER application_reasons_keeps_history AFTER UPDATE OR DELETE ON application_reasons FOR EACH ROW EXECUTE FUNCTION application_reasons_keep_history();
CREATE TRIGGER application_reasons_history_immutable BEFORE UPDATE OR DELETE ON application_reasons_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER application_reasons_history_no_truncate BEFORE TRUNCATE ON application_reasons_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

CREATE TABLE appeal_routes_history (LIKE appeal_routes, replaced_at BIGINT NOT NULL, PRIMARY KEY (code, valid_from, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION appeal_routes_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO appeal_routes_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER appeal_routes_keeps_history AFTER UPDATE OR DELETE ON appeal_routes FOR EACH ROW EXECUTE FUNCTION appeal_routes_keep_history();
CREATE TRIGGER appeal_routes_history_immutable BEFORE UPDATE OR DELETE ON appeal_routes_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER appeal_routes_history_no_truncate BEFORE TRUNCATE ON appeal_routes_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

CREATE TABLE application_conflicts_history (LIKE application_conflicts, replaced_at BIGINT NOT NULL, PRIMARY KEY (id, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION application_conflicts_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO application_conflicts_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER application_conflicts_keeps_history AFTER UPDATE OR DELETE ON application_conflicts FOR EACH ROW EXECUTE FUNCTION application_conflicts_keep_history();
CREATE TRIGGER application_conflicts_history_immutable BEFORE UPDATE OR DELETE ON application_conflicts_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER application_conflicts_history_no_truncate BEFORE TRUNCATE ON application_conflicts_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

CREATE TABLE application_appeals_history (LIKE application_appeals, replaced_at BIGINT NOT NULL, PRIMARY KEY (id, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION application_appeals_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO application_appeals_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER application_appeals_keeps_history AFTER UPDATE OR DELETE ON application_appeals FOR EACH ROW EXECUTE FUNCTION application_appeals_keep_history();
CREATE TRIGGER application_appeals_history_immutable BEFORE UPDATE OR DELETE ON application_appeals_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER application_appeals_history_no_truncate BEFORE TRUNCATE ON application_appeals_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

CREATE TABLE license_acts_history (LIKE license_acts, replaced_at BIGINT NOT NULL, PRIMARY KEY (id, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION license_acts_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO license_acts_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER license_acts_keeps_history AFTER UPDATE OR DELETE ON license_acts FOR EACH ROW EXECUTE FUNCTION license_acts_keep_history();
CREATE TRIGGER license_acts_history_immutable BEFORE UPDATE OR DELETE ON license_acts_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER license_acts_history_no_truncate BEFORE TRUNCATE ON license_acts_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

CREATE TABLE equipment_alarms_history (LIKE equipment_alarms, replaced_at BIGINT NOT NULL, PRIMARY KEY (id, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION equipment_alarms_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO equipment_alarms_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER equipment_alarms_keeps_history AFTER UPDATE OR DELETE ON equipment_alarms FOR EACH ROW EXECUTE FUNCTION equipment_alarms_keep_history();
CREATE TRIGGER equipment_alarms_history_immutable BEFORE UPDATE OR DELETE ON equipment_alarms_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER equipment_alarms_history_no_truncate BEFORE TRUNCATE ON equipment_alarms_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

CREATE TABLE obligations_history (LIKE obligations, replaced_at BIGINT NOT NULL, PRIMARY KEY (id, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION obligations_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO obligations_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER obligations_keeps_history AFTER UPDATE OR DELETE ON obligations FOR EACH ROW EXECUTE FUNCTION obligations_keep_history();
CREATE TRIGGER obligations_history_immutable BEFORE UPDATE OR DELETE ON obligations_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER obligations_history_no_truncate BEFORE TRUNCATE ON obligations_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

CREATE TABLE notices_history (LIKE notices, replaced_at BIGINT NOT NULL, PRIMARY KEY (id, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION notices_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO notices_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER notices_keeps_history AFTER UPDATE OR DELETE ON notices FOR EACH ROW EXECUTE FUNCTION notices_keep_history();
CREATE TRIGGER notices_history_immutable BEFORE UPDATE OR DELETE ON notices_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER notices_history_no_truncate BEFORE TRUNCATE ON notices_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

CREATE TABLE obligation_kinds_history (LIKE obligation_kinds, replaced_at BIGINT NOT NULL, PRIMARY KEY (code, valid_from, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION obligation_kinds_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO obligation_kinds_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER obligation_kinds_keeps_history AFTER UPDATE OR DELETE ON obligation_kinds FOR EACH ROW EXECUTE FUNCTION obligation_kinds_keep_history();
CREATE TRIGGER obligation_kinds_history_immutable BEFORE UPDATE OR DELETE ON obligation_kinds_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER obligation_kinds_history_no_truncate BEFORE TRUNCATE ON obligation_kinds_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

CREATE TABLE fee_rates_history (LIKE fee_rates, replaced_at BIGINT NOT NULL, PRIMARY KEY (source, valid_from, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION fee_rates_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO fee_rates_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER fee_rates_keeps_history AFTER UPDATE OR DELETE ON fee_rates FOR EACH ROW EXECUTE FUNCTION fee_rates_keep_history();
CREATE TRIGGER fee_rates_history_immutable BEFORE UPDATE OR DELETE ON fee_rates_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER fee_rates_history_no_truncate BEFORE TRUNCATE ON fee_rates_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

CREATE TABLE waiver_grounds_history (LIKE waiver_grounds, replaced_at BIGINT NOT NULL, PRIMARY KEY (code, valid_from, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION waiver_grounds_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO waiver_grounds_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER waiver_grounds_keeps_history AFTER UPDATE OR DELETE ON waiver_grounds FOR EACH ROW EXECUTE FUNCTION waiver_grounds_keep_history();
CREATE TRIGGER waiver_grounds_history_immutable BEFORE UPDATE OR DELETE ON waiver_grounds_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER waiver_grounds_history_no_truncate BEFORE TRUNCATE ON waiver_grounds_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

-- +goose Down
DROP TRIGGER waiver_grounds_keeps_history ON waiver_grounds;
DROP TABLE waiver_grounds_history;
DROP FUNCTION waiver_grounds_keep_history();
DROP TRIGGER fee_rates_keeps_history ON fee_rates;
DROP TABLE fee_rates_history;
DROP FUNCTION fee_rates_keep_history();
DROP TRIGGER obligation_kinds_keeps_history ON obligation_kinds;
DROP TABLE obligation_kinds_history;
DROP FUNCTION obligation_kinds_keep_history();
DROP TRIGGER notices_keeps_history ON notices;
DROP TABLE notices_history;
DROP FUNCTION notices_keep_history();
DROP TRIGGER obligations_keeps_history ON obligations;
DROP TABLE obligations_history;
DROP FUNCTION obligations_keep_history();
DROP TRIGGER equipment_alarms_keeps_history ON equipment_alarms;
DROP TABLE equipment_alarms_history;
DROP FUNCTION equipment_alarms_keep_history();
DROP TRIGGER license_acts_keeps_history ON license_acts;
DROP TABLE license_acts_history;
DROP FUNCTION license_acts_keep_history();
DROP TRIGGER application_appeals_keeps_history ON application_appeals;
DROP TABLE application_appeals_history;
DROP FUNCTION application_appeals_keep_history();
DROP TRIGGER application_conflicts_keeps_history ON application_conflicts;
DROP TABLE application_conflicts_history;
DROP FUNCTION application_conflicts_keep_history();
DROP TRIGGER appeal_routes_keeps_history ON appeal_routes;
DROP TABLE appeal_routes_history;
DROP FUNCTION appeal_routes_keep_history();
DROP TRIGGER application_reasons_keeps_history ON application_reasons;
DROP TABLE application_reasons_history;
DROP FUNCTION application_reasons_keep_history();
DROP TRIGGER application_attachments_keeps_history ON application_attachments;
DROP TABLE application_attachments_history;
DROP FUNCTION application_attachments_keep_history();
DROP TRIGGER party_merges_keeps_history ON party_merges;
DROP TABLE party_merges_history;
DROP FUNCTION party_merges_keep_history();
DROP TRIGGER tasks_keeps_history ON tasks;
DROP TABLE tasks_history;
DROP FUNCTION tasks_keep_history();
DROP TRIGGER holidays_keeps_history ON holidays;
DROP TABLE holidays_history;
DROP FUNCTION holidays_keep_history();
DROP TRIGGER legal_values_keeps_history ON legal_values;
DROP TABLE legal_values_history;
DROP FUNCTION legal_values_keep_history();
DROP TRIGGER grounds_keeps_history ON grounds;
DROP TABLE grounds_history;
DROP FUNCTION grounds_keep_history();
DROP TRIGGER requirements_keeps_history ON requirements;
DROP TABLE requirements_history;
DROP FUNCTION requirements_keep_history();
DROP TRIGGER findings_keeps_history ON findings;
DROP TABLE findings_history;
DROP FUNCTION findings_keep_history();
DROP TRIGGER disconnection_orders_keeps_history ON disconnection_orders;
DROP TABLE disconnection_orders_history;
DROP FUNCTION disconnection_orders_keep_history();
DROP TRIGGER gate_reservations_keeps_history ON gate_reservations;
DROP TABLE gate_reservations_history;
DROP FUNCTION gate_reservations_keep_history();
DROP TRIGGER meters_keeps_history ON meters;
DROP TABLE meters_history;
DROP FUNCTION meters_keep_history();
DROP TRIGGER pdus_keeps_history ON pdus;
DROP TABLE pdus_history;
DROP FUNCTION pdus_keep_history();
DROP TRIGGER connection_points_keeps_history ON connection_points;
DROP TABLE connection_points_history;
DROP FUNCTION connection_points_keep_history();
DROP TRIGGER feeders_keeps_history ON feeders;
DROP TABLE feeders_history;
DROP FUNCTION feeders_keep_history();
DROP TRIGGER substations_keeps_history ON substations;
DROP TABLE substations_history;
DROP FUNCTION substations_keep_history();
DROP TRIGGER utilities_keeps_history ON utilities;
DROP TABLE utilities_history;
DROP FUNCTION utilities_keep_history();
DROP TRIGGER license_points_keeps_history ON license_points;
DROP TABLE license_points_history;
DROP FUNCTION license_points_keep_history();
DROP TRIGGER licenses_keeps_history ON licenses;
DROP TABLE licenses_history;
DROP FUNCTION licenses_keep_history();
DROP TRIGGER tolling_periods_keeps_history ON tolling_periods;
DROP TABLE tolling_periods_history;
DROP FUNCTION tolling_periods_keep_history();
DROP TRIGGER application_requests_keeps_history ON application_requests;
DROP TABLE application_requests_history;
DROP FUNCTION application_requests_keep_history();
DROP TRIGGER applications_keeps_history ON applications;
DROP TABLE applications_history;
DROP FUNCTION applications_keep_history();
DROP TRIGGER equipment_keeps_history ON equipment;
DROP TABLE equipment_history;
DROP FUNCTION equipment_keep_history();
DROP TRIGGER sites_keeps_history ON sites;
DROP TABLE sites_history;
DROP FUNCTION sites_keep_history();
DROP TRIGGER parties_keeps_history ON parties;
DROP TABLE parties_history;
DROP FUNCTION parties_keep_history();
DROP FUNCTION history_is_immutable();
DROP FUNCTION history_instant();
ALTER TABLE waiver_grounds DROP COLUMN recorded_at;
ALTER TABLE fee_rates DROP COLUMN recorded_at;
ALTER TABLE obligation_kinds DROP COLUMN recorded_at;
ALTER TABLE appeal_routes DROP COLUMN recorded_at;
ALTER TABLE application_reasons DROP COLUMN recorded_at;
ALTER TABLE holidays DROP COLUMN recorded_at;
ALTER TABLE legal_values DROP COLUMN recorded_at;
ALTER TABLE grounds DROP COLUMN recorded_at;
ALTER TABLE requirements DROP COLUMN recorded_at;
ALTER TABLE meters DROP COLUMN recorded_at;
ALTER TABLE pdus DROP COLUMN recorded_at;
ALTER TABLE connection_points DROP COLUMN recorded_at;
ALTER TABLE feeders DROP COLUMN recorded_at;
ALTER TABLE substations DROP COLUMN recorded_at;
ALTER TABLE utilities DROP COLUMN recorded_at;
