-- +goose Up
-- What the gate decides from is kept in memory and follows the tables: each row here
-- says that what the gate reads under a key may have changed, whoever changed it.
-- Triggers write it in the transaction of the change, so that nothing can be
-- forgotten. Old rows are removed: who is further behind reads everything anew.
CREATE TABLE gate_changes (
  seq  INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  key  TEXT NOT NULL
) STRICT;

-- The turns of the gate. Whatever adds load, or lowers what limits it, counts one up
-- in its own transaction; an answer commits only on the turn that it was made from.
CREATE TABLE gate_turn (
  id      INTEGER PRIMARY KEY CHECK (id = 1),
  counter INTEGER NOT NULL CHECK (counter >= 0)
) STRICT;
INSERT INTO gate_turn (id, counter) VALUES (1, 0);

-- The answers of one commit: seq is its turn; payload holds the answers, one after
-- the other; signature is over root, which the paths of its permits lead to.
CREATE TABLE gate_batches (
  seq       INTEGER PRIMARY KEY,
  id        TEXT NOT NULL UNIQUE,
  at        INTEGER NOT NULL,
  kid       TEXT NOT NULL,
  root      BLOB NOT NULL,
  signature BLOB NOT NULL,
  answers   INTEGER NOT NULL CHECK (answers > 0),
  payload   BLOB NOT NULL
) STRICT;

-- Batches up to here have their rows in gate_checks and gate_reservations.
CREATE TABLE gate_settled (
  id  INTEGER PRIMARY KEY CHECK (id = 1),
  seq INTEGER NOT NULL CHECK (seq >= 0)
) STRICT;
INSERT INTO gate_settled (id, seq) VALUES (1, 0);

-- Where the request, the facts and the answer of a check are: the batch and the place
-- in it. 0 is a check from before there were batches, which has them in its row.
ALTER TABLE gate_checks ADD COLUMN batch INTEGER NOT NULL DEFAULT 0;
ALTER TABLE gate_checks ADD COLUMN place INTEGER NOT NULL DEFAULT 0;

-- +goose StatementBegin
CREATE TRIGGER gate_follows_parties_insert AFTER INSERT ON parties
BEGIN
  INSERT INTO gate_changes (kind, key) VALUES ('party', NEW.bin);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER gate_follows_parties_update AFTER UPDATE ON parties WHEN OLD.state <> NEW.state OR COALESCE(OLD.merged_into, '') <> COALESCE(NEW.merged_into, '')
BEGIN
  INSERT INTO gate_changes (kind, key) SELECT 'party', OLD.bin UNION SELECT 'party', NEW.bin;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER gate_follows_parties_delete AFTER DELETE ON parties
BEGIN
  INSERT INTO gate_changes (kind, key) VALUES ('party', OLD.bin);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER gate_follows_sites_insert AFTER INSERT ON sites
BEGIN
  INSERT INTO gate_changes (kind, key) VALUES ('site', NEW.id);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER gate_follows_sites_update AFTER UPDATE ON sites WHEN OLD.code <> NEW.code
BEGIN
  INSERT INTO gate_changes (kind, key) SELECT 'site', OLD.id UNION SELECT 'site', NEW.id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER gate_follows_sites_delete AFTER DELETE ON sites
BEGIN
  INSERT INTO gate_changes (kind, key) VALUES ('site', OLD.id);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER gate_follows_equipment_insert AFTER INSERT ON equipment WHEN NEW.state = 'active' AND NEW.license <> ''
BEGIN
  INSERT INTO gate_changes (kind, key) VALUES ('rigs', NEW.license || '|' || NEW.site);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER gate_follows_equipment_update AFTER UPDATE ON equipment WHEN OLD.state <> NEW.state OR OLD.license <> NEW.license OR OLD.site <> NEW.site OR OLD.nameplate_w <> NEW.nameplate_w
BEGIN
  INSERT INTO gate_changes (kind, key) SELECT 'rigs', OLD.license || '|' || OLD.site UNION SELECT 'rigs', NEW.license || '|' || NEW.site;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER gate_follows_equipment_delete AFTER DELETE ON equipment
BEGIN
  INSERT INTO gate_changes (kind, key) VALUES ('rigs', OLD.license || '|' || OLD.site);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER gate_follows_applications_insert AFTER INSERT ON applications
BEGIN
  INSERT INTO gate_changes (kind, key) VALUES ('applicant', NEW.applicant_bin);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER gate_follows_applications_update AFTER UPDATE ON applications WHEN OLD.state <> NEW.state OR OLD.applicant_bin <> NEW.applicant_bin
BEGIN
  INSERT INTO gate_changes (kind, key) SELECT 'applicant', OLD.applicant_bin UNION SELECT 'applicant', NEW.applicant_bin;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER gate_follows_applications_delete AFTER DELETE ON applications
BEGIN
  INSERT INTO gate_changes (kind, key) VALUES ('applicant', OLD.applicant_bin);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER gate_follows_licenses_insert AFTER INSERT ON licenses
BEGIN
  INSERT INTO gate_changes (kind, key) VALUES ('license', NEW.number);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER gate_follows_licenses_update AFTER UPDATE ON licenses
BEGIN
  INSERT INTO gate_changes (kind, key) SELECT 'license', OLD.number UNION SELECT 'license', NEW.number;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER gate_follows_licenses_delete AFTER DELETE ON licenses
BEGIN
  INSERT INTO gate_changes (kind, key) VALUES ('license', OLD.number);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER gate_follows_license_points_insert AFTER INSERT ON license_points
BEGIN
  INSERT INTO gate_changes (kind, key) VALUES ('license', NEW.number);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER gate_follows_license_points_update AFTER UPDATE ON license_points
BEGIN
  INSERT INTO gate_changes (kind, key) SELECT 'license', OLD.number UNION SELECT 'license', NEW.number;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER gate_follows_license_points_delete AFTER DELETE ON license_points
BEGIN
  INSERT INTO gate_changes (kind, key) VALUES ('license', OLD.number);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER gate_follows_substations_insert AFTER INSERT ON substations
BEGIN
  INSERT INTO gate_changes (kind, key) VALUES ('substation', NEW.id);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER gate_follows_substations_update AFTER UPDATE ON substations
BEGIN
  INSERT INTO gate_changes (kind, key) SELECT 'substation', OLD.id UNION SELECT 'substation', NEW.id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER gate_follows_substations_delete AFTER DELETE ON substations
BEGIN
  INSERT INTO gate_changes (kind, key) VALUES ('substation', OLD.id);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER gate_follows_feeders_insert AFTER INSERT ON feeders
BEGIN
  INSERT INTO gate_changes (kind, key) VALUES ('feeder', NEW.id);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER gate_follows_feeders_update AFTER UPDATE ON feeders
BEGIN
  INSERT INTO gate_changes (kind, key) SELECT 'feeder', OLD.id UNION SELECT 'feeder', NEW.id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER gate_follows_feeders_delete AFTER DELETE ON feeders
BEGIN
  INSERT INTO gate_changes (kind, key) VALUES ('feeder', OLD.id);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER gate_follows_connection_points_insert AFTER INSERT ON connection_points
BEGIN
  INSERT INTO gate_changes (kind, key) VALUES ('point', NEW.id);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER gate_follows_connection_points_update AFTER UPDATE ON connection_points
BEGIN
  INSERT INTO gate_changes (kind, key) SELECT 'point', OLD.id UNION SELECT 'point', NEW.id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER gate_follows_connection_points_delete AFTER DELETE ON connection_points
BEGIN
  INSERT INTO gate_changes (kind, key) VALUES ('point', OLD.id);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER gate_follows_meters_insert AFTER INSERT ON meters
BEGIN
  INSERT INTO gate_changes (kind, key) VALUES ('meter', NEW.id);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER gate_follows_meters_update AFTER UPDATE ON meters
BEGIN
  INSERT INTO gate_changes (kind, key) SELECT 'meter', OLD.id UNION SELECT 'meter', NEW.id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER gate_follows_meters_delete AFTER DELETE ON meters
BEGIN
  INSERT INTO gate_changes (kind, key) VALUES ('meter', OLD.id);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER gate_follows_meter_states_insert AFTER INSERT ON meter_states
BEGIN
  INSERT INTO gate_changes (kind, key) VALUES ('reading', NEW.meter_id);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER gate_follows_meter_states_update AFTER UPDATE ON meter_states WHEN OLD.base_at / 60000000 <> NEW.base_at / 60000000
BEGIN
  INSERT INTO gate_changes (kind, key) SELECT 'reading', OLD.meter_id UNION SELECT 'reading', NEW.meter_id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER gate_follows_meter_states_delete AFTER DELETE ON meter_states
BEGIN
  INSERT INTO gate_changes (kind, key) VALUES ('reading', OLD.meter_id);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER gate_follows_obligations_insert AFTER INSERT ON obligations WHEN NEW.blocks_gate = 1
BEGIN
  INSERT INTO gate_changes (kind, key) VALUES ('obligations', NEW.license);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER gate_follows_obligations_update AFTER UPDATE ON obligations WHEN OLD.blocks_gate = 1 OR NEW.blocks_gate = 1
BEGIN
  INSERT INTO gate_changes (kind, key) SELECT 'obligations', OLD.license UNION SELECT 'obligations', NEW.license;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER gate_follows_obligations_delete AFTER DELETE ON obligations
BEGIN
  INSERT INTO gate_changes (kind, key) VALUES ('obligations', OLD.license);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER gate_follows_obligation_kinds_insert AFTER INSERT ON obligation_kinds
BEGIN
  INSERT INTO gate_changes (kind, key) VALUES ('texts', '');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER gate_follows_obligation_kinds_update AFTER UPDATE ON obligation_kinds
BEGIN
  INSERT INTO gate_changes (kind, key) SELECT 'texts', '' UNION SELECT 'texts', '';
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER gate_follows_obligation_kinds_delete AFTER DELETE ON obligation_kinds
BEGIN
  INSERT INTO gate_changes (kind, key) VALUES ('texts', '');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER gate_follows_standing_facts_insert AFTER INSERT ON standing_facts
BEGIN
  INSERT INTO gate_changes (kind, key) VALUES ('standing', NEW.id);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER gate_follows_standing_facts_update AFTER UPDATE ON standing_facts
BEGIN
  INSERT INTO gate_changes (kind, key) SELECT 'standing', OLD.id UNION SELECT 'standing', NEW.id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER gate_follows_standing_facts_delete AFTER DELETE ON standing_facts
BEGIN
  INSERT INTO gate_changes (kind, key) VALUES ('standing', OLD.id);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER gate_follows_standing_ends_insert AFTER INSERT ON standing_ends
BEGIN
  INSERT INTO gate_changes (kind, key) VALUES ('standing', NEW.fact_id);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER gate_follows_standing_ends_update AFTER UPDATE ON standing_ends
BEGIN
  INSERT INTO gate_changes (kind, key) SELECT 'standing', OLD.fact_id UNION SELECT 'standing', NEW.fact_id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER gate_follows_standing_ends_delete AFTER DELETE ON standing_ends
BEGIN
  INSERT INTO gate_changes (kind, key) VALUES ('standing', OLD.fact_id);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER gate_follows_gate_reservations_insert AFTER INSERT ON gate_reservations WHEN NOT EXISTS (SELECT 1 FROM gate_checks c WHERE c.id = NEW.check_id AND c.batch > 0)
BEGIN
  INSERT INTO gate_changes (kind, key) VALUES ('held', NEW.check_id);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER gate_follows_gate_reservations_update AFTER UPDATE ON gate_reservations
BEGIN
  INSERT INTO gate_changes (kind, key) SELECT 'held', OLD.check_id UNION SELECT 'held', NEW.check_id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER gate_follows_gate_reservations_delete AFTER DELETE ON gate_reservations
BEGIN
  INSERT INTO gate_changes (kind, key) VALUES ('held', OLD.check_id);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER gate_follows_license_successors_insert AFTER INSERT ON license_successors
BEGIN
  INSERT INTO gate_changes (kind, key) VALUES ('successor', NEW.number);
END;
-- +goose StatementEnd

-- +goose Down
DROP TRIGGER gate_follows_license_successors_insert;
DROP TRIGGER gate_follows_parties_insert;
DROP TRIGGER gate_follows_parties_update;
DROP TRIGGER gate_follows_parties_delete;
DROP TRIGGER gate_follows_sites_insert;
DROP TRIGGER gate_follows_sites_update;
DROP TRIGGER gate_follows_sites_delete;
DROP TRIGGER gate_follows_equipment_insert;
DROP TRIGGER gate_follows_equipment_update;
DROP TRIGGER gate_follows_equipment_delete;
DROP TRIGGER gate_follows_applications_insert;
DROP TRIGGER gate_follows_applications_update;
DROP TRIGGER gate_follows_applications_delete;
DROP TRIGGER gate_follows_licenses_insert;
DROP TRIGGER gate_follows_licenses_update;
DROP TRIGGER gate_follows_licenses_delete;
DROP TRIGGER gate_follows_license_points_insert;
DROP TRIGGER gate_follows_license_points_update;
DROP TRIGGER gate_follows_license_points_delete;
DROP TRIGGER gate_follows_substations_insert;
DROP TRIGGER gate_follows_substations_update;
DROP TRIGGER gate_follows_substations_delete;
DROP TRIGGER gate_follows_feeders_insert;
DROP TRIGGER gate_follows_feeders_update;
DROP TRIGGER gate_follows_feeders_delete;
DROP TRIGGER gate_follows_connection_points_insert;
DROP TRIGGER gate_follows_connection_points_update;
DROP TRIGGER gate_follows_connection_points_delete;
DROP TRIGGER gate_follows_meters_insert;
DROP TRIGGER gate_follows_meters_update;
DROP TRIGGER gate_follows_meters_delete;
DROP TRIGGER gate_follows_meter_states_insert;
DROP TRIGGER gate_follows_meter_states_update;
DROP TRIGGER gate_follows_meter_states_delete;
DROP TRIGGER gate_follows_obligations_insert;
DROP TRIGGER gate_follows_obligations_update;
DROP TRIGGER gate_follows_obligations_delete;
DROP TRIGGER gate_follows_obligation_kinds_insert;
DROP TRIGGER gate_follows_obligation_kinds_update;
DROP TRIGGER gate_follows_obligation_kinds_delete;
DROP TRIGGER gate_follows_standing_facts_insert;
DROP TRIGGER gate_follows_standing_facts_update;
DROP TRIGGER gate_follows_standing_facts_delete;
DROP TRIGGER gate_follows_standing_ends_insert;
DROP TRIGGER gate_follows_standing_ends_update;
DROP TRIGGER gate_follows_standing_ends_delete;
DROP TRIGGER gate_follows_gate_reservations_insert;
DROP TRIGGER gate_follows_gate_reservations_update;
DROP TRIGGER gate_follows_gate_reservations_delete;
ALTER TABLE gate_checks DROP COLUMN place;
ALTER TABLE gate_checks DROP COLUMN batch;
DROP TABLE gate_settled;
DROP TABLE gate_batches;
DROP TABLE gate_turn;
DROP TABLE gate_changes;
