-- +goose Up
-- What the gate decides from is kept in memory and follows the tables: each row here
-- says that what the gate reads under a key may have changed, whoever changed it.
-- Triggers write it in the transaction of the change, so that nothing can be
-- forgotten. Old rows are removed: who is further behind reads everything anew.
-- Transactions do not commit in the order of seq: xid is the transaction that wrote a
-- row, so that a reader knows which rows it may not have seen yet.
CREATE TABLE gate_changes (
  seq  BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  xid  BIGINT NOT NULL DEFAULT (pg_current_xact_id()::TEXT::BIGINT),
  kind TEXT NOT NULL,
  key  TEXT NOT NULL
);
CREATE INDEX gate_changes_xid ON gate_changes (xid);

-- The turns of the gate. Whatever adds load, or lowers what limits it, counts one up
-- in its own transaction; an answer commits only on the turn that it was made from.
CREATE TABLE gate_turn (
  id      INTEGER PRIMARY KEY CHECK (id = 1),
  counter BIGINT NOT NULL CHECK (counter >= 0)
);
INSERT INTO gate_turn (id, counter) VALUES (1, 0);

-- The answers of one commit: seq is its turn; payload holds the answers, one after
-- the other; signature is over root, which the paths of its permits lead to.
CREATE TABLE gate_batches (
  seq       BIGINT PRIMARY KEY,
  id        TEXT NOT NULL UNIQUE,
  at        BIGINT NOT NULL,
  kid       TEXT NOT NULL,
  root      BYTEA NOT NULL,
  signature BYTEA NOT NULL,
  answers   BIGINT NOT NULL CHECK (answers > 0),
  payload   BYTEA NOT NULL
);

-- Batches up to here have their rows in gate_checks and gate_reservations.
CREATE TABLE gate_settled (
  id  INTEGER PRIMARY KEY CHECK (id = 1),
  seq BIGINT NOT NULL CHECK (seq >= 0)
);
INSERT INTO gate_settled (id, seq) VALUES (1, 0);

-- Where the request, the facts and the answer of a check are: the batch and the place
-- in it. 0 is a check from before there were batches, which has them in its row.
ALTER TABLE gate_checks ADD COLUMN batch BIGINT NOT NULL DEFAULT 0;
ALTER TABLE gate_checks ADD COLUMN place BIGINT NOT NULL DEFAULT 0;

-- +goose StatementBegin
CREATE FUNCTION gate_follows_parties() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO gate_changes (kind, key) VALUES ('party', NEW.bin);
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO gate_changes (kind, key) VALUES ('party', OLD.bin);
  ELSIF OLD.state <> NEW.state OR COALESCE(OLD.merged_into, '') <> COALESCE(NEW.merged_into, '') THEN
    INSERT INTO gate_changes (kind, key) SELECT 'party', OLD.bin UNION SELECT 'party', NEW.bin;
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER gate_follows_parties AFTER INSERT OR UPDATE OR DELETE ON parties FOR EACH ROW EXECUTE FUNCTION gate_follows_parties();

-- +goose StatementBegin
CREATE FUNCTION gate_follows_sites() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO gate_changes (kind, key) VALUES ('site', NEW.id);
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO gate_changes (kind, key) VALUES ('site', OLD.id);
  ELSIF OLD.code <> NEW.code THEN
    INSERT INTO gate_changes (kind, key) SELECT 'site', OLD.id UNION SELECT 'site', NEW.id;
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER gate_follows_sites AFTER INSERT OR UPDATE OR DELETE ON sites FOR EACH ROW EXECUTE FUNCTION gate_follows_sites();

-- +goose StatementBegin
CREATE FUNCTION gate_follows_equipment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state = 'active' AND NEW.license <> '' THEN INSERT INTO gate_changes (kind, key) VALUES ('rigs', NEW.license || '|' || NEW.site); END IF;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO gate_changes (kind, key) VALUES ('rigs', OLD.license || '|' || OLD.site);
  ELSIF OLD.state <> NEW.state OR OLD.license <> NEW.license OR OLD.site <> NEW.site OR OLD.nameplate_w <> NEW.nameplate_w THEN
    INSERT INTO gate_changes (kind, key) SELECT 'rigs', OLD.license || '|' || OLD.site UNION SELECT 'rigs', NEW.license || '|' || NEW.site;
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER gate_follows_equipment AFTER INSERT OR UPDATE OR DELETE ON equipment FOR EACH ROW EXECUTE FUNCTION gate_follows_equipment();

-- +goose StatementBegin
CREATE FUNCTION gate_follows_applications() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO gate_changes (kind, key) VALUES ('applicant', NEW.applicant_bin);
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO gate_changes (kind, key) VALUES ('applicant', OLD.applicant_bin);
  ELSIF OLD.state <> NEW.state OR OLD.applicant_bin <> NEW.applicant_bin THEN
    INSERT INTO gate_changes (kind, key) SELECT 'applicant', OLD.applicant_bin UNION SELECT 'applicant', NEW.applicant_bin;
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER gate_follows_applications AFTER INSERT OR UPDATE OR DELETE ON applications FOR EACH ROW EXECUTE FUNCTION gate_follows_applications();

-- +goose StatementBegin
CREATE FUNCTION gate_follows_licenses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO gate_changes (kind, key) VALUES ('license', NEW.number);
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO gate_changes (kind, key) VALUES ('license', OLD.number);
  ELSE
    INSERT INTO gate_changes (kind, key) SELECT 'license', OLD.number UNION SELECT 'license', NEW.number;
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER gate_follows_licenses AFTER INSERT OR UPDATE OR DELETE ON licenses FOR EACH ROW EXECUTE FUNCTION gate_follows_licenses();

-- +goose StatementBegin
CREATE FUNCTION gate_follows_license_points() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO gate_changes (kind, key) VALUES ('license', NEW.number);
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO gate_changes (kind, key) VALUES ('license', OLD.number);
  ELSE
    INSERT INTO gate_changes (kind, key) SELECT 'license', OLD.number UNION SELECT 'license', NEW.number;
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER gate_follows_license_points AFTER INSERT OR UPDATE OR DELETE ON license_points FOR EACH ROW EXECUTE FUNCTION gate_follows_license_points();

-- +goose StatementBegin
CREATE FUNCTION gate_follows_substations() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO gate_changes (kind, key) VALUES ('substation', NEW.id);
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO gate_changes (kind, key) VALUES ('substation', OLD.id);
  ELSE
    INSERT INTO gate_changes (kind, key) SELECT 'substation', OLD.id UNION SELECT 'substation', NEW.id;
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER gate_follows_substations AFTER INSERT OR UPDATE OR DELETE ON substations FOR EACH ROW EXECUTE FUNCTION gate_follows_substations();

-- +goose StatementBegin
CREATE FUNCTION gate_follows_feeders() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO gate_changes (kind, key) VALUES ('feeder', NEW.id);
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO gate_changes (kind, key) VALUES ('feeder', OLD.id);
  ELSE
    INSERT INTO gate_changes (kind, key) SELECT 'feeder', OLD.id UNION SELECT 'feeder', NEW.id;
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER gate_follows_feeders AFTER INSERT OR UPDATE OR DELETE ON feeders FOR EACH ROW EXECUTE FUNCTION gate_follows_feeders();

-- +goose StatementBegin
CREATE FUNCTION gate_follows_connection_points() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO gate_changes (kind, key) VALUES ('point', NEW.id);
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO gate_changes (kind, key) VALUES ('point', OLD.id);
  ELSE
    INSERT INTO gate_changes (kind, key) SELECT 'point', OLD.id UNION SELECT 'point', NEW.id;
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER gate_follows_connection_points AFTER INSERT OR UPDATE OR DELETE ON connection_points FOR EACH ROW EXECUTE FUNCTION gate_follows_connection_points();

-- +goose StatementBegin
CREATE FUNCTION gate_follows_meters() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO gate_changes (kind, key) VALUES ('meter', NEW.id);
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO gate_changes (kind, key) VALUES ('meter', OLD.id);
  ELSE
    INSERT INTO gate_changes (kind, key) SELECT 'meter', OLD.id UNION SELECT 'meter', NEW.id;
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER gate_follows_meters AFTER INSERT OR UPDATE OR DELETE ON meters FOR EACH ROW EXECUTE FUNCTION gate_follows_meters();

-- +goose StatementBegin
CREATE FUNCTION gate_follows_meter_states() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO gate_changes (kind, key) VALUES ('reading', NEW.meter_id);
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO gate_changes (kind, key) VALUES ('reading', OLD.meter_id);
  ELSIF OLD.base_at / 60000000 <> NEW.base_at / 60000000 THEN
    INSERT INTO gate_changes (kind, key) SELECT 'reading', OLD.meter_id UNION SELECT 'reading', NEW.meter_id;
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER gate_follows_meter_states AFTER INSERT OR DELETE ON meter_states FOR EACH ROW EXECUTE FUNCTION gate_follows_meter_states();
-- Meters are read every second: the newest reading is followed by the minute.
CREATE TRIGGER gate_follows_meter_minutes AFTER UPDATE ON meter_states FOR EACH ROW WHEN (OLD.base_at / 60000000 <> NEW.base_at / 60000000)
  EXECUTE FUNCTION gate_follows_meter_states();

-- +goose StatementBegin
CREATE FUNCTION gate_follows_obligations() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.blocks_gate = 1 THEN INSERT INTO gate_changes (kind, key) VALUES ('obligations', NEW.license); END IF;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO gate_changes (kind, key) VALUES ('obligations', OLD.license);
  ELSIF OLD.blocks_gate = 1 OR NEW.blocks_gate = 1 THEN
    INSERT INTO gate_changes (kind, key) SELECT 'obligations', OLD.license UNION SELECT 'obligations', NEW.license;
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER gate_follows_obligations AFTER INSERT OR UPDATE OR DELETE ON obligations FOR EACH ROW EXECUTE FUNCTION gate_follows_obligations();

-- +goose StatementBegin
CREATE FUNCTION gate_follows_obligation_kinds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO gate_changes (kind, key) VALUES ('texts', '');
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO gate_changes (kind, key) VALUES ('texts', '');
  ELSE
    INSERT INTO gate_changes (kind, key) SELECT 'texts', '' UNION SELECT 'texts', '';
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER gate_follows_obligation_kinds AFTER INSERT OR UPDATE OR DELETE ON obligation_kinds FOR EACH ROW EXECUTE FUNCTION gate_follows_obligation_kinds();

-- +goose StatementBegin
CREATE FUNCTION gate_follows_standing_facts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO gate_changes (kind, key) VALUES ('standing', NEW.id);
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO gate_changes (kind, key) VALUES ('standing', OLD.id);
  ELSE
    INSERT INTO gate_changes (kind, key) SELECT 'standing', OLD.id UNION SELECT 'standing', NEW.id;
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER gate_follows_standing_facts AFTER INSERT OR UPDATE OR DELETE ON standing_facts FOR EACH ROW EXECUTE FUNCTION gate_follows_standing_facts();

-- +goose StatementBegin
CREATE FUNCTION gate_follows_standing_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO gate_changes (kind, key) VALUES ('standing', NEW.fact_id);
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO gate_changes (kind, key) VALUES ('standing', OLD.fact_id);
  ELSE
    INSERT INTO gate_changes (kind, key) SELECT 'standing', OLD.fact_id UNION SELECT 'standing', NEW.fact_id;
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER gate_follows_standing_ends AFTER INSERT OR UPDATE OR DELETE ON standing_ends FOR EACH ROW EXECUTE FUNCTION gate_follows_standing_ends();

-- +goose StatementBegin
CREATE FUNCTION gate_follows_gate_reservations() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NOT EXISTS (SELECT 1 FROM gate_checks c WHERE c.id = NEW.check_id AND c.batch > 0) THEN INSERT INTO gate_changes (kind, key) VALUES ('held', NEW.check_id); END IF;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO gate_changes (kind, key) VALUES ('held', OLD.check_id);
  ELSE
    INSERT INTO gate_changes (kind, key) SELECT 'held', OLD.check_id UNION SELECT 'held', NEW.check_id;
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER gate_follows_gate_reservations AFTER INSERT OR UPDATE OR DELETE ON gate_reservations FOR EACH ROW EXECUTE FUNCTION gate_follows_gate_reservations();

-- +goose StatementBegin
CREATE FUNCTION gate_follows_license_successors() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO gate_changes (kind, key) VALUES ('successor', NEW.number);
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER gate_follows_license_successors AFTER INSERT ON license_successors FOR EACH ROW EXECUTE FUNCTION gate_follows_license_successors();

-- +goose Down
DROP TRIGGER gate_follows_license_successors ON license_successors;
DROP FUNCTION gate_follows_license_successors();
DROP TRIGGER gate_follows_parties ON parties;
DROP FUNCTION gate_follows_parties();
DROP TRIGGER gate_follows_sites ON sites;
DROP FUNCTION gate_follows_sites();
DROP TRIGGER gate_follows_equipment ON equipment;
DROP FUNCTION gate_follows_equipment();
DROP TRIGGER gate_follows_applications ON applications;
DROP FUNCTION gate_follows_applications();
DROP TRIGGER gate_follows_licenses ON licenses;
DROP FUNCTION gate_follows_licenses();
DROP TRIGGER gate_follows_license_points ON license_points;
DROP FUNCTION gate_follows_license_points();
DROP TRIGGER gate_follows_substations ON substations;
DROP FUNCTION gate_follows_substations();
DROP TRIGGER gate_follows_feeders ON feeders;
DROP FUNCTION gate_follows_feeders();
DROP TRIGGER gate_follows_connection_points ON connection_points;
DROP FUNCTION gate_follows_connection_points();
DROP TRIGGER gate_follows_meters ON meters;
DROP FUNCTION gate_follows_meters();
DROP TRIGGER gate_follows_meter_minutes ON meter_states;
DROP TRIGGER gate_follows_meter_states ON meter_states;
DROP FUNCTION gate_follows_meter_states();
DROP TRIGGER gate_follows_obligations ON obligations;
DROP FUNCTION gate_follows_obligations();
DROP TRIGGER gate_follows_obligation_kinds ON obligation_kinds;
DROP FUNCTION gate_follows_obligation_kinds();
DROP TRIGGER gate_follows_standing_facts ON standing_facts;
DROP FUNCTION gate_follows_standing_facts();
DROP TRIGGER gate_follows_standing_ends ON standing_ends;
DROP FUNCTION gate_follows_standing_ends();
DROP TRIGGER gate_follows_gate_reservations ON gate_reservations;
DROP FUNCTION gate_follows_gate_reservations();
ALTER TABLE gate_checks DROP COLUMN place;
ALTER TABLE gate_checks DROP COLUMN batch;
DROP TABLE gate_settled;
DROP TABLE gate_batches;
DROP TABLE gate_turn;
DROP TABLE gate_changes;
