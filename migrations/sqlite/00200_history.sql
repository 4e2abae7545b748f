-- +goose Up
-- What changeable rows were: triggers keep each row that is replaced or deleted in
-- TABLE_history with the instant of the change, so that a list can be read as at
-- any instant by the same query. A row of history held from the change before it
-- (or its first recording) until replaced_at. History is never changed. Inserting
-- keeps nothing, so that filling a table costs nothing more.

-- The instant of the transaction under way, for the triggers; written by its first
-- change of a table whose history is kept. There is one writer.
CREATE TABLE history_clock (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  at  INTEGER NOT NULL
) STRICT;
INSERT INTO history_clock (one, at) VALUES (1, 0);

-- When a row was first recorded, where no column told it. 0 is before history
-- began; reference data that came with the program was known from the beginning.
ALTER TABLE utilities ADD COLUMN recorded_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE substations ADD COLUMN recorded_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE feeders ADD COLUMN recorded_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE connection_points ADD COLUMN recorded_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE pdus ADD COLUMN recorded_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE meters ADD COLUMN recorded_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE requirements ADD COLUMN recorded_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE grounds ADD COLUMN recorded_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE legal_values ADD COLUMN recorded_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE holidays ADD COLUMN recorded_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE application_reasons ADD COLUMN recorded_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE appeal_routes ADD COLUMN recorded_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE obligation_kinds ADD COLUMN recorded_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE fee_rates ADD COLUMN recorded_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE waiver_grounds ADD COLUMN recorded_at INTEGER NOT NULL DEFAULT 0;

CREATE TABLE parties_history (
  id TEXT, bin TEXT, kind TEXT, name_kk TEXT, name_ru TEXT, size TEXT, resident INTEGER, address TEXT, kato TEXT,
  email TEXT, phone TEXT, state TEXT, search TEXT, version INTEGER, created_at INTEGER, updated_at INTEGER,
  merged_into TEXT, replaced_at INTEGER NOT NULL,
  PRIMARY KEY (id, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER parties_history_update AFTER UPDATE ON parties
BEGIN
  INSERT INTO parties_history (id, bin, kind, name_kk, name_ru, size, resident, address, kato, email, phone, state,
    search, version, created_at, updated_at, merged_into, replaced_at)
  SELECT OLD.id, OLD.bin, OLD.kind, OLD.name_kk, OLD.name_ru, OLD.size, OLD.resident, OLD.address, OLD.kato,
    OLD.email, OLD.phone, OLD.state, OLD.search, OLD.version, OLD.created_at, OLD.updated_at, OLD.merged_into, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM parties_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER parties_history_delete AFTER DELETE ON parties
BEGIN
  INSERT INTO parties_history (id, bin, kind, name_kk, name_ru, size, resident, address, kato, email, phone, state,
    search, version, created_at, updated_at, merged_into, replaced_at)
  SELECT OLD.id, OLD.bin, OLD.kind, OLD.name_kk, OLD.name_ru, OLD.size, OLD.resident, OLD.address, OLD.kato,
    OLD.email, OLD.phone, OLD.state, OLD.search, OLD.version, OLD.created_at, OLD.updated_at, OLD.merged_into, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM parties_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER parties_history_no_update BEFORE UPDATE ON parties_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER parties_history_no_delete BEFORE DELETE ON parties_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd

CREATE TABLE sites_history (
  id TEXT, code TEXT, owner TEXT, name_kk TEXT, name_ru TEXT, address TEXT, kato TEXT, region TEXT, grid_zone TEXT,
  host_capacity_w INTEGER, connection_codes TEXT, search TEXT, version INTEGER, created_at INTEGER,
  updated_at INTEGER, replaced_at INTEGER NOT NULL,
  PRIMARY KEY (id, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER sites_history_update AFTER UPDATE ON sites
BEGIN
  INSERT INTO sites_history (id, code, owner, name_kk, name_ru, address, kato, region, grid_zone, host_capacity_w,
    connection_codes, search, version, created_at, updated_at, replaced_at)
  SELECT OLD.id, OLD.code, OLD.owner, OLD.name_kk, OLD.name_ru, OLD.address, OLD.kato, OLD.region, OLD.grid_zone,
    OLD.host_capacity_w, OLD.connection_codes, OLD.search, OLD.version, OLD.created_at, OLD.updated_at, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM sites_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER sites_history_delete AFTER DELETE ON sites
BEGIN
  INSERT INTO sites_history (id, code, owner, name_kk, name_ru, address, kato, region, grid_zone, host_capacity_w,
    connection_codes, search, version, created_at, updated_at, replaced_at)
  SELECT OLD.id, OLD.code, OLD.owner, OLD.name_kk, OLD.name_ru, OLD.address, OLD.kato, OLD.region, OLD.grid_zone,
    OLD.host_capacity_w, OLD.connection_codes, OLD.search, OLD.version, OLD.created_at, OLD.updated_at, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM sites_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER sites_history_no_update BEFORE UPDATE ON sites_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER sites_history_no_delete BEFORE DELETE ON sites_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd

CREATE TABLE equipment_history (
  id TEXT, manufacturer TEXT, model TEXT, serial TEXT, manufacturer_key TEXT, serial_key TEXT, algorithm TEXT,
  hashrate_th INTEGER, nameplate_w INTEGER, owner TEXT, site TEXT, license TEXT, customs TEXT, state TEXT,
  version INTEGER, created_at INTEGER, updated_at INTEGER, import_country TEXT, import_date TEXT, import_job TEXT,
  serial_fold TEXT, replaced_at INTEGER NOT NULL,
  PRIMARY KEY (id, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER equipment_history_update AFTER UPDATE ON equipment
BEGIN
  INSERT INTO equipment_history (id, manufacturer, model, serial, manufacturer_key, serial_key, algorithm,
    hashrate_th, nameplate_w, owner, site, license, customs, state, version, created_at, updated_at, import_country,
    import_date, import_job, serial_fold, replaced_at)
  SELECT OLD.id, OLD.manufacturer, OLD.model, OLD.serial, OLD.manufacturer_key, OLD.serial_key, OLD.algorithm,
    OLD.hashrate_th, OLD.nameplate_w, OLD.owner, OLD.site, OLD.license, OLD.customs, OLD.state, OLD.version,
    OLD.created_at, OLD.updated_at, OLD.import_country, OLD.import_date, OLD.import_job, OLD.serial_fold, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM equipment_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER equipment_history_delete AFTER DELETE ON equipment
BEGIN
  INSERT INTO equipment_history (id, manufacturer, model, serial, manufacturer_key, serial_key, algorithm,
    hashrate_th, nameplate_w, owner, site, license, customs, state, version, created_at, updated_at, import_country,
    import_date, import_job, serial_fold, replaced_at)
  SELECT OLD.id, OLD.manufacturer, OLD.model, OLD.serial, OLD.manufacturer_key, OLD.serial_key, OLD.algorithm,
    OLD.hashrate_th, OLD.nameplate_w, OLD.owner, OLD.site, OLD.license, OLD.customs, OLD.state, OLD.version,
    OLD.created_at, OLD.updated_at, OLD.import_country, OLD.import_date, OLD.import_job, OLD.serial_fold, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM equipment_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER equipment_history_no_update BEFORE UPDATE ON equipment_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER equipment_history_no_delete BEFORE DELETE ON equipment_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd

CREATE TABLE applications_history (
  id TEXT, number TEXT, kind TEXT, sub_type TEXT, state TEXT, applicant TEXT, applicant_bin TEXT, language TEXT,
  supply_basis TEXT, declared_w INTEGER, sites TEXT, host TEXT, equipment TEXT, fee_paid_tiyn INTEGER,
  fee_document TEXT, note TEXT, filed_by TEXT, submitted_at INTEGER, registered_at INTEGER, complete_at INTEGER,
  missing TEXT, due TEXT, clock TEXT, officer TEXT, checklist TEXT, decision TEXT, drafter TEXT, signer TEXT,
  license TEXT, version INTEGER, created_at INTEGER, updated_at INTEGER, base_license TEXT, reason TEXT,
  documents TEXT, host_contract TEXT, pinned TEXT, drafter_unit TEXT, signer_unit TEXT, voided TEXT,
  replaced_at INTEGER NOT NULL,
  PRIMARY KEY (id, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER applications_history_update AFTER UPDATE ON applications
BEGIN
  INSERT INTO applications_history (id, number, kind, sub_type, state, applicant, applicant_bin, language,
    supply_basis, declared_w, sites, host, equipment, fee_paid_tiyn, fee_document, note, filed_by, submitted_at,
    registered_at, complete_at, missing, due, clock, officer, checklist, decision, drafter, signer, license, version,
    created_at, updated_at, base_license, reason, documents, host_contract, pinned, drafter_unit, signer_unit, voided,
    replaced_at)
  SELECT OLD.id, OLD.number, OLD.kind, OLD.sub_type, OLD.state, OLD.applicant, OLD.applicant_bin, OLD.language,
    OLD.supply_basis, OLD.declared_w, OLD.sites, OLD.host, OLD.equipment, OLD.fee_paid_tiyn, OLD.fee_document,
    OLD.note, OLD.filed_by, OLD.submitted_at, OLD.registered_at, OLD.complete_at, OLD.missing, OLD.due, OLD.clock,
    OLD.officer, OLD.checklist, OLD.decision, OLD.drafter, OLD.signer, OLD.license, OLD.version, OLD.created_at,
    OLD.updated_at, OLD.base_license, OLD.reason, OLD.documents, OLD.host_contract, OLD.pinned, OLD.drafter_unit,
    OLD.signer_unit, OLD.voided, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM applications_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER applications_history_delete AFTER DELETE ON applications
BEGIN
  INSERT INTO applications_history (id, number, kind, sub_type, state, applicant, applicant_bin, language,
    supply_basis, declared_w, sites, host, equipment, fee_paid_tiyn, fee_document, note, filed_by, submitted_at,
    registered_at, complete_at, missing, due, clock, officer, checklist, decision, drafter, signer, license, version,
    created_at, updated_at, base_license, reason, documents, host_contract, pinned, drafter_unit, signer_unit, voided,
    replaced_at)
  SELECT OLD.id, OLD.number, OLD.kind, OLD.sub_type, OLD.state, OLD.applicant, OLD.applicant_bin, OLD.language,
    OLD.supply_basis, OLD.declared_w, OLD.sites, OLD.host, OLD.equipment, OLD.fee_paid_tiyn, OLD.fee_document,
    OLD.note, OLD.filed_by, OLD.submitted_at, OLD.registered_at, OLD.complete_at, OLD.missing, OLD.due, OLD.clock,
    OLD.officer, OLD.checklist, OLD.decision, OLD.drafter, OLD.signer, OLD.license, OLD.version, OLD.created_at,
    OLD.updated_at, OLD.base_license, OLD.reason, OLD.documents, OLD.host_contract, OLD.pinned, OLD.drafter_unit,
    OLD.signer_unit, OLD.voided, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM applications_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER applications_history_no_update BEFORE UPDATE ON applications_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER applications_history_no_delete BEFORE DELETE ON applications_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd

CREATE TABLE application_requests_history (
  id TEXT, application TEXT, kind TEXT, state TEXT, agency TEXT, question TEXT, items TEXT, asked_by TEXT,
  asked_at INTEGER, send_by TEXT, due TEXT, answer TEXT, changed TEXT, closed_by TEXT, closed_at INTEGER,
  version INTEGER, replaced_at INTEGER NOT NULL,
  PRIMARY KEY (id, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER application_requests_history_update AFTER UPDATE ON application_requests
BEGIN
  INSERT INTO application_requests_history (id, application, kind, state, agency, question, items, asked_by, asked_at,
    send_by, due, answer, changed, closed_by, closed_at, version, replaced_at)
  SELECT OLD.id, OLD.application, OLD.kind, OLD.state, OLD.agency, OLD.question, OLD.items, OLD.asked_by,
    OLD.asked_at, OLD.send_by, OLD.due, OLD.answer, OLD.changed, OLD.closed_by, OLD.closed_at, OLD.version, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM application_requests_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER application_requests_history_delete AFTER DELETE ON application_requests
BEGIN
  INSERT INTO application_requests_history (id, application, kind, state, agency, question, items, asked_by, asked_at,
    send_by, due, answer, changed, closed_by, closed_at, version, replaced_at)
  SELECT OLD.id, OLD.application, OLD.kind, OLD.state, OLD.agency, OLD.question, OLD.items, OLD.asked_by,
    OLD.asked_at, OLD.send_by, OLD.due, OLD.answer, OLD.changed, OLD.closed_by, OLD.closed_at, OLD.version, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM application_requests_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER application_requests_history_no_update BEFORE UPDATE ON application_requests_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER application_requests_history_no_delete BEFORE DELETE ON application_requests_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd

CREATE TABLE tolling_periods_history (
  id TEXT, from_date TEXT, until_date TEXT, reason TEXT, legal_ref TEXT, state TEXT, proposed_by TEXT,
  proposed_at INTEGER, decided_by TEXT, decided_at INTEGER, version INTEGER, replaced_at INTEGER NOT NULL,
  PRIMARY KEY (id, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER tolling_periods_history_update AFTER UPDATE ON tolling_periods
BEGIN
  INSERT INTO tolling_periods_history (id, from_date, until_date, reason, legal_ref, state, proposed_by, proposed_at,
    decided_by, decided_at, version, replaced_at)
  SELECT OLD.id, OLD.from_date, OLD.until_date, OLD.reason, OLD.legal_ref, OLD.state, OLD.proposed_by,
    OLD.proposed_at, OLD.decided_by, OLD.decided_at, OLD.version, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM tolling_periods_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER tolling_periods_history_delete AFTER DELETE ON tolling_periods
BEGIN
  INSERT INTO tolling_periods_history (id, from_date, until_date, reason, legal_ref, state, proposed_by, proposed_at,
    decided_by, decided_at, version, replaced_at)
  SELECT OLD.id, OLD.from_date, OLD.until_date, OLD.reason, OLD.legal_ref, OLD.state, OLD.proposed_by,
    OLD.proposed_at, OLD.decided_by, OLD.decided_at, OLD.version, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM tolling_periods_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER tolling_periods_history_no_update BEFORE UPDATE ON tolling_periods_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER tolling_periods_history_no_delete BEFORE DELETE ON tolling_periods_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd

CREATE TABLE licenses_history (
  number TEXT, version INTEGER, sub_type TEXT, state TEXT, holder TEXT, holder_bin TEXT, approved_w INTEGER,
  host TEXT, valid_from INTEGER, valid_until INTEGER, verification TEXT, changed_at INTEGER,
  replaced_at INTEGER NOT NULL,
  PRIMARY KEY (number, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER licenses_history_update AFTER UPDATE ON licenses
BEGIN
  INSERT INTO licenses_history (number, version, sub_type, state, holder, holder_bin, approved_w, host, valid_from,
    valid_until, verification, changed_at, replaced_at)
  SELECT OLD.number, OLD.version, OLD.sub_type, OLD.state, OLD.holder, OLD.holder_bin, OLD.approved_w, OLD.host,
    OLD.valid_from, OLD.valid_until, OLD.verification, OLD.changed_at, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM licenses_history h WHERE h.number = OLD.number AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER licenses_history_delete AFTER DELETE ON licenses
BEGIN
  INSERT INTO licenses_history (number, version, sub_type, state, holder, holder_bin, approved_w, host, valid_from,
    valid_until, verification, changed_at, replaced_at)
  SELECT OLD.number, OLD.version, OLD.sub_type, OLD.state, OLD.holder, OLD.holder_bin, OLD.approved_w, OLD.host,
    OLD.valid_from, OLD.valid_until, OLD.verification, OLD.changed_at, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM licenses_history h WHERE h.number = OLD.number AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER licenses_history_no_update BEFORE UPDATE ON licenses_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER licenses_history_no_delete BEFORE DELETE ON licenses_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd

CREATE TABLE license_points_history (
  number TEXT, connection_code TEXT, site TEXT, appendix TEXT, approved_w INTEGER, in_force INTEGER,
  replaced_at INTEGER NOT NULL,
  PRIMARY KEY (number, connection_code, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER license_points_history_update AFTER UPDATE ON license_points
BEGIN
  INSERT INTO license_points_history (number, connection_code, site, appendix, approved_w, in_force, replaced_at)
  SELECT OLD.number, OLD.connection_code, OLD.site, OLD.appendix, OLD.approved_w, OLD.in_force, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM license_points_history h WHERE h.number = OLD.number AND h.connection_code = OLD.connection_code AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER license_points_history_delete AFTER DELETE ON license_points
BEGIN
  INSERT INTO license_points_history (number, connection_code, site, appendix, approved_w, in_force, replaced_at)
  SELECT OLD.number, OLD.connection_code, OLD.site, OLD.appendix, OLD.approved_w, OLD.in_force, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM license_points_history h WHERE h.number = OLD.number AND h.connection_code = OLD.connection_code AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER license_points_history_no_update BEFORE UPDATE ON license_points_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER license_points_history_no_delete BEFORE DELETE ON license_points_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd

CREATE TABLE utilities_history (
  id TEXT, code TEXT, name_kk TEXT, name_ru TEXT, name_en TEXT, bin TEXT, version INTEGER, recorded_at INTEGER,
  replaced_at INTEGER NOT NULL,
  PRIMARY KEY (id, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER utilities_history_update AFTER UPDATE ON utilities
BEGIN
  INSERT INTO utilities_history (id, code, name_kk, name_ru, name_en, bin, version, recorded_at, replaced_at)
  SELECT OLD.id, OLD.code, OLD.name_kk, OLD.name_ru, OLD.name_en, OLD.bin, OLD.version, OLD.recorded_at, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM utilities_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER utilities_history_delete AFTER DELETE ON utilities
BEGIN
  INSERT INTO utilities_history (id, code, name_kk, name_ru, name_en, bin, version, recorded_at, replaced_at)
  SELECT OLD.id, OLD.code, OLD.name_kk, OLD.name_ru, OLD.name_en, OLD.bin, OLD.version, OLD.recorded_at, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM utilities_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER utilities_history_no_update BEFORE UPDATE ON utilities_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER utilities_history_no_delete BEFORE DELETE ON utilities_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd

CREATE TABLE substations_history (
  id TEXT, code TEXT, name TEXT, utility_id TEXT, volt_kv INTEGER, limit_w INTEGER, kato TEXT, version INTEGER,
  recorded_at INTEGER, replaced_at INTEGER NOT NULL,
  PRIMARY KEY (id, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER substations_history_update AFTER UPDATE ON substations
BEGIN
  INSERT INTO substations_history (id, code, name, utility_id, volt_kv, limit_w, kato, version, recorded_at,
    replaced_at)
  SELECT OLD.id, OLD.code, OLD.name, OLD.utility_id, OLD.volt_kv, OLD.limit_w, OLD.kato, OLD.version, OLD.recorded_at,
    c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM substations_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER substations_history_delete AFTER DELETE ON substations
BEGIN
  INSERT INTO substations_history (id, code, name, utility_id, volt_kv, limit_w, kato, version, recorded_at,
    replaced_at)
  SELECT OLD.id, OLD.code, OLD.name, OLD.utility_id, OLD.volt_kv, OLD.limit_w, OLD.kato, OLD.version, OLD.recorded_at,
    c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM substations_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER substations_history_no_update BEFORE UPDATE ON substations_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER substations_history_no_delete BEFORE DELETE ON substations_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd

CREATE TABLE feeders_history (
  id TEXT, code TEXT, substation_id TEXT, utility_id TEXT, volt_kv INTEGER, limit_w INTEGER, version INTEGER,
  recorded_at INTEGER, replaced_at INTEGER NOT NULL,
  PRIMARY KEY (id, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER feeders_history_update AFTER UPDATE ON feeders
BEGIN
  INSERT INTO feeders_history (id, code, substation_id, utility_id, volt_kv, limit_w, version, recorded_at,
    replaced_at)
  SELECT OLD.id, OLD.code, OLD.substation_id, OLD.utility_id, OLD.volt_kv, OLD.limit_w, OLD.version, OLD.recorded_at,
    c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM feeders_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER feeders_history_delete AFTER DELETE ON feeders
BEGIN
  INSERT INTO feeders_history (id, code, substation_id, utility_id, volt_kv, limit_w, version, recorded_at,
    replaced_at)
  SELECT OLD.id, OLD.code, OLD.substation_id, OLD.utility_id, OLD.volt_kv, OLD.limit_w, OLD.version, OLD.recorded_at,
    c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM feeders_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER feeders_history_no_update BEFORE UPDATE ON feeders_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER feeders_history_no_delete BEFORE DELETE ON feeders_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd

CREATE TABLE connection_points_history (
  id TEXT, code TEXT, feeder_id TEXT, utility_id TEXT, consumer_bin TEXT, declared_use TEXT, site TEXT, state TEXT,
  permitted_w INTEGER, energised_w INTEGER, tc_number TEXT, tc_limit_w INTEGER, tc_purpose TEXT, tc_until INTEGER,
  act TEXT, supply_number TEXT, supply_until INTEGER, automation INTEGER, version INTEGER, changed_at INTEGER,
  recorded_at INTEGER, replaced_at INTEGER NOT NULL,
  PRIMARY KEY (id, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER connection_points_history_update AFTER UPDATE ON connection_points
BEGIN
  INSERT INTO connection_points_history (id, code, feeder_id, utility_id, consumer_bin, declared_use, site, state,
    permitted_w, energised_w, tc_number, tc_limit_w, tc_purpose, tc_until, act, supply_number, supply_until,
    automation, version, changed_at, recorded_at, replaced_at)
  SELECT OLD.id, OLD.code, OLD.feeder_id, OLD.utility_id, OLD.consumer_bin, OLD.declared_use, OLD.site, OLD.state,
    OLD.permitted_w, OLD.energised_w, OLD.tc_number, OLD.tc_limit_w, OLD.tc_purpose, OLD.tc_until, OLD.act,
    OLD.supply_number, OLD.supply_until, OLD.automation, OLD.version, OLD.changed_at, OLD.recorded_at, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM connection_points_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER connection_points_history_delete AFTER DELETE ON connection_points
BEGIN
  INSERT INTO connection_points_history (id, code, feeder_id, utility_id, consumer_bin, declared_use, site, state,
    permitted_w, energised_w, tc_number, tc_limit_w, tc_purpose, tc_until, act, supply_number, supply_until,
    automation, version, changed_at, recorded_at, replaced_at)
  SELECT OLD.id, OLD.code, OLD.feeder_id, OLD.utility_id, OLD.consumer_bin, OLD.declared_use, OLD.site, OLD.state,
    OLD.permitted_w, OLD.energised_w, OLD.tc_number, OLD.tc_limit_w, OLD.tc_purpose, OLD.tc_until, OLD.act,
    OLD.supply_number, OLD.supply_until, OLD.automation, OLD.version, OLD.changed_at, OLD.recorded_at, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM connection_points_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER connection_points_history_no_update BEFORE UPDATE ON connection_points_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER connection_points_history_no_delete BEFORE DELETE ON connection_points_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd

CREATE TABLE pdus_history (
  id TEXT, code TEXT, connection_point_id TEXT, utility_id TEXT, name TEXT, limit_w INTEGER, version INTEGER,
  recorded_at INTEGER, replaced_at INTEGER NOT NULL,
  PRIMARY KEY (id, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER pdus_history_update AFTER UPDATE ON pdus
BEGIN
  INSERT INTO pdus_history (id, code, connection_point_id, utility_id, name, limit_w, version, recorded_at,
    replaced_at)
  SELECT OLD.id, OLD.code, OLD.connection_point_id, OLD.utility_id, OLD.name, OLD.limit_w, OLD.version,
    OLD.recorded_at, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM pdus_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER pdus_history_delete AFTER DELETE ON pdus
BEGIN
  INSERT INTO pdus_history (id, code, connection_point_id, utility_id, name, limit_w, version, recorded_at,
    replaced_at)
  SELECT OLD.id, OLD.code, OLD.connection_point_id, OLD.utility_id, OLD.name, OLD.limit_w, OLD.version,
    OLD.recorded_at, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM pdus_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER pdus_history_no_update BEFORE UPDATE ON pdus_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER pdus_history_no_delete BEFORE DELETE ON pdus_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd

CREATE TABLE meters_history (
  id TEXT, code TEXT, serial TEXT, vendor TEXT, model TEXT, profile TEXT, url TEXT, unit INTEGER, role TEXT,
  node_kind TEXT, node_id TEXT, utility TEXT, ct_num INTEGER, ct_den INTEGER, vt_num INTEGER, vt_den INTEGER,
  accuracy_class TEXT, poll_ms INTEGER, verification_by TEXT, installed_from INTEGER, installed_until INTEGER,
  version INTEGER, recorded_at INTEGER, replaced_at INTEGER NOT NULL,
  PRIMARY KEY (id, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER meters_history_update AFTER UPDATE ON meters
BEGIN
  INSERT INTO meters_history (id, code, serial, vendor, model, profile, url, unit, role, node_kind, node_id, utility,
    ct_num, ct_den, vt_num, vt_den, accuracy_class, poll_ms, verification_by, installed_from, installed_until,
    version, recorded_at, replaced_at)
  SELECT OLD.id, OLD.code, OLD.serial, OLD.vendor, OLD.model, OLD.profile, OLD.url, OLD.unit, OLD.role, OLD.node_kind,
    OLD.node_id, OLD.utility, OLD.ct_num, OLD.ct_den, OLD.vt_num, OLD.vt_den, OLD.accuracy_class, OLD.poll_ms,
    OLD.verification_by, OLD.installed_from, OLD.installed_until, OLD.version, OLD.recorded_at, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM meters_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER meters_history_delete AFTER DELETE ON meters
BEGIN
  INSERT INTO meters_history (id, code, serial, vendor, model, profile, url, unit, role, node_kind, node_id, utility,
    ct_num, ct_den, vt_num, vt_den, accuracy_class, poll_ms, verification_by, installed_from, installed_until,
    version, recorded_at, replaced_at)
  SELECT OLD.id, OLD.code, OLD.serial, OLD.vendor, OLD.model, OLD.profile, OLD.url, OLD.unit, OLD.role, OLD.node_kind,
    OLD.node_id, OLD.utility, OLD.ct_num, OLD.ct_den, OLD.vt_num, OLD.vt_den, OLD.accuracy_class, OLD.poll_ms,
    OLD.verification_by, OLD.installed_from, OLD.installed_until, OLD.version, OLD.recorded_at, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM meters_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER meters_history_no_update BEFORE UPDATE ON meters_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER meters_history_no_delete BEFORE DELETE ON meters_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd

CREATE TABLE gate_reservations_history (
  check_id TEXT, utility_id TEXT, point_id TEXT, feeder_id TEXT, license TEXT, held_w INTEGER, max_w INTEGER,
  until_at INTEGER, state TEXT, energised_at INTEGER, energised_w INTEGER, meter_serial TEXT, switching_order TEXT,
  confirmed_at INTEGER, replaced_at INTEGER NOT NULL,
  PRIMARY KEY (check_id, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER gate_reservations_history_update AFTER UPDATE ON gate_reservations
BEGIN
  INSERT INTO gate_reservations_history (check_id, utility_id, point_id, feeder_id, license, held_w, max_w, until_at,
    state, energised_at, energised_w, meter_serial, switching_order, confirmed_at, replaced_at)
  SELECT OLD.check_id, OLD.utility_id, OLD.point_id, OLD.feeder_id, OLD.license, OLD.held_w, OLD.max_w, OLD.until_at,
    OLD.state, OLD.energised_at, OLD.energised_w, OLD.meter_serial, OLD.switching_order, OLD.confirmed_at, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM gate_reservations_history h WHERE h.check_id = OLD.check_id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER gate_reservations_history_delete AFTER DELETE ON gate_reservations
BEGIN
  INSERT INTO gate_reservations_history (check_id, utility_id, point_id, feeder_id, license, held_w, max_w, until_at,
    state, energised_at, energised_w, meter_serial, switching_order, confirmed_at, replaced_at)
  SELECT OLD.check_id, OLD.utility_id, OLD.point_id, OLD.feeder_id, OLD.license, OLD.held_w, OLD.max_w, OLD.until_at,
    OLD.state, OLD.energised_at, OLD.energised_w, OLD.meter_serial, OLD.switching_order, OLD.confirmed_at, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM gate_reservations_history h WHERE h.check_id = OLD.check_id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER gate_reservations_history_no_update BEFORE UPDATE ON gate_reservations_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER gate_reservations_history_no_delete BEFORE DELETE ON gate_reservations_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd

CREATE TABLE disconnection_orders_history (
  id TEXT, number TEXT, utility_id TEXT, point_id TEXT, point_code TEXT, license TEXT, license_version INTEGER,
  ground TEXT, state TEXT, issued_at INTEGER, deadline_at INTEGER, delivered_at INTEGER, acknowledged_at INTEGER,
  acknowledged_by TEXT, executed_at INTEGER, executed_by TEXT, verified_at INTEGER, closed_at INTEGER,
  objected_at INTEGER, objection TEXT, note TEXT, version INTEGER, replaced_at INTEGER NOT NULL,
  PRIMARY KEY (id, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER disconnection_orders_history_update AFTER UPDATE ON disconnection_orders
BEGIN
  INSERT INTO disconnection_orders_history (id, number, utility_id, point_id, point_code, license, license_version,
    ground, state, issued_at, deadline_at, delivered_at, acknowledged_at, acknowledged_by, executed_at, executed_by,
    verified_at, closed_at, objected_at, objection, note, version, replaced_at)
  SELECT OLD.id, OLD.number, OLD.utility_id, OLD.point_id, OLD.point_code, OLD.license, OLD.license_version,
    OLD.ground, OLD.state, OLD.issued_at, OLD.deadline_at, OLD.delivered_at, OLD.acknowledged_at, OLD.acknowledged_by,
    OLD.executed_at, OLD.executed_by, OLD.verified_at, OLD.closed_at, OLD.objected_at, OLD.objection, OLD.note,
    OLD.version, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM disconnection_orders_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER disconnection_orders_history_delete AFTER DELETE ON disconnection_orders
BEGIN
  INSERT INTO disconnection_orders_history (id, number, utility_id, point_id, point_code, license, license_version,
    ground, state, issued_at, deadline_at, delivered_at, acknowledged_at, acknowledged_by, executed_at, executed_by,
    verified_at, closed_at, objected_at, objection, note, version, replaced_at)
  SELECT OLD.id, OLD.number, OLD.utility_id, OLD.point_id, OLD.point_code, OLD.license, OLD.license_version,
    OLD.ground, OLD.state, OLD.issued_at, OLD.deadline_at, OLD.delivered_at, OLD.acknowledged_at, OLD.acknowledged_by,
    OLD.executed_at, OLD.executed_by, OLD.verified_at, OLD.closed_at, OLD.objected_at, OLD.objection, OLD.note,
    OLD.version, c.at
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

CREATE TABLE findings_history (
  id TEXT, rule TEXT, rule_version TEXT, target_kind TEXT, target_id TEXT, target_code TEXT, feeder_id TEXT,
  substation_id TEXT, utility_id TEXT, license TEXT, tier TEXT, score INTEGER, estimated_w INTEGER, low_w INTEGER,
  high_w INTEGER, first_seen_at INTEGER, last_seen_at INTEGER, raised_at INTEGER, updated_at INTEGER, state TEXT,
  reason TEXT, evidence TEXT, version INTEGER, replaced_at INTEGER NOT NULL,
  PRIMARY KEY (id, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER findings_history_update AFTER UPDATE ON findings
BEGIN
  INSERT INTO findings_history (id, rule, rule_version, target_kind, target_id, target_code, feeder_id, substation_id,
    utility_id, license, tier, score, estimated_w, low_w, high_w, first_seen_at, last_seen_at, raised_at, updated_at,
    state, reason, evidence, version, replaced_at)
  SELECT OLD.id, OLD.rule, OLD.rule_version, OLD.target_kind, OLD.target_id, OLD.target_code, OLD.feeder_id,
    OLD.substation_id, OLD.utility_id, OLD.license, OLD.tier, OLD.score, OLD.estimated_w, OLD.low_w, OLD.high_w,
    OLD.first_seen_at, OLD.last_seen_at, OLD.raised_at, OLD.updated_at, OLD.state, OLD.reason, OLD.evidence,
    OLD.version, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM findings_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER findings_history_delete AFTER DELETE ON findings
BEGIN
  INSERT INTO findings_history (id, rule, rule_version, target_kind, target_id, target_code, feeder_id, substation_id,
    utility_id, license, tier, score, estimated_w, low_w, high_w, first_seen_at, last_seen_at, raised_at, updated_at,
    state, reason, evidence, version, replaced_at)
  SELECT OLD.id, OLD.rule, OLD.rule_version, OLD.target_kind, OLD.target_id, OLD.target_code, OLD.feeder_id,
    OLD.substation_id, OLD.utility_id, OLD.license, OLD.tier, OLD.score, OLD.estimated_w, OLD.low_w, OLD.high_w,
    OLD.first_seen_at, OLD.last_seen_at, OLD.raised_at, OLD.updated_at, OLD.state, OLD.reason, OLD.evidence,
    OLD.version, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM findings_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER findings_history_no_update BEFORE UPDATE ON findings_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER findings_history_no_delete BEFORE DELETE ON findings_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd

CREATE TABLE requirements_history (
  code TEXT, sub_type TEXT, position INTEGER, evidence TEXT, legal_ref TEXT, grade TEXT, text_kk TEXT, text_ru TEXT,
  text_en TEXT, valid_from TEXT, valid_until TEXT, needs_file INTEGER, kinds TEXT, recorded_at INTEGER,
  replaced_at INTEGER NOT NULL,
  PRIMARY KEY (code, sub_type, valid_from, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER requirements_history_update AFTER UPDATE ON requirements
BEGIN
  INSERT INTO requirements_history (code, sub_type, position, evidence, legal_ref, grade, text_kk, text_ru, text_en,
    valid_from, valid_until, needs_file, kinds, recorded_at, replaced_at)
  SELECT OLD.code, OLD.sub_type, OLD.position, OLD.evidence, OLD.legal_ref, OLD.grade, OLD.text_kk, OLD.text_ru,
    OLD.text_en, OLD.valid_from, OLD.valid_until, OLD.needs_file, OLD.kinds, OLD.recorded_at, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM requirements_history h WHERE h.code = OLD.code AND h.sub_type = OLD.sub_type AND h.valid_from = OLD.valid_from AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER requirements_history_delete AFTER DELETE ON requirements
BEGIN
  INSERT INTO requirements_history (code, sub_type, position, evidence, legal_ref, grade, text_kk, text_ru, text_en,
    valid_from, valid_until, needs_file, kinds, recorded_at, replaced_at)
  SELECT OLD.code, OLD.sub_type, OLD.position, OLD.evidence, OLD.legal_ref, OLD.grade, OLD.text_kk, OLD.text_ru,
    OLD.text_en, OLD.valid_from, OLD.valid_until, OLD.needs_file, OLD.kinds, OLD.recorded_at, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM requirements_history h WHERE h.code = OLD.code AND h.sub_type = OLD.sub_type AND h.valid_from = OLD.valid_from AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER requirements_history_no_update BEFORE UPDATE ON requirements_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER requirements_history_no_delete BEFORE DELETE ON requirements_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd

CREATE TABLE grounds_history (
  kind TEXT, code TEXT, legal_ref TEXT, grade TEXT, text_kk TEXT, text_ru TEXT, text_en TEXT, valid_from TEXT,
  valid_until TEXT, recorded_at INTEGER, replaced_at INTEGER NOT NULL,
  PRIMARY KEY (kind, code, valid_from, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER grounds_history_update AFTER UPDATE ON grounds
BEGIN
  INSERT INTO grounds_history (kind, code, legal_ref, grade, text_kk, text_ru, text_en, valid_from, valid_until,
    recorded_at, replaced_at)
  SELECT OLD.kind, OLD.code, OLD.legal_ref, OLD.grade, OLD.text_kk, OLD.text_ru, OLD.text_en, OLD.valid_from,
    OLD.valid_until, OLD.recorded_at, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM grounds_history h WHERE h.kind = OLD.kind AND h.code = OLD.code AND h.valid_from = OLD.valid_from AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER grounds_history_delete AFTER DELETE ON grounds
BEGIN
  INSERT INTO grounds_history (kind, code, legal_ref, grade, text_kk, text_ru, text_en, valid_from, valid_until,
    recorded_at, replaced_at)
  SELECT OLD.kind, OLD.code, OLD.legal_ref, OLD.grade, OLD.text_kk, OLD.text_ru, OLD.text_en, OLD.valid_from,
    OLD.valid_until, OLD.recorded_at, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM grounds_history h WHERE h.kind = OLD.kind AND h.code = OLD.code AND h.valid_from = OLD.valid_from AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER grounds_history_no_update BEFORE UPDATE ON grounds_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER grounds_history_no_delete BEFORE DELETE ON grounds_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd

CREATE TABLE legal_values_history (
  code TEXT, value INTEGER, unit TEXT, legal_ref TEXT, grade TEXT, valid_from TEXT, valid_until TEXT,
  recorded_at INTEGER, replaced_at INTEGER NOT NULL,
  PRIMARY KEY (code, valid_from, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER legal_values_history_update AFTER UPDATE ON legal_values
BEGIN
  INSERT INTO legal_values_history (code, value, unit, legal_ref, grade, valid_from, valid_until, recorded_at,
    replaced_at)
  SELECT OLD.code, OLD.value, OLD.unit, OLD.legal_ref, OLD.grade, OLD.valid_from, OLD.valid_until, OLD.recorded_at,
    c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM legal_values_history h WHERE h.code = OLD.code AND h.valid_from = OLD.valid_from AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER legal_values_history_delete AFTER DELETE ON legal_values
BEGIN
  INSERT INTO legal_values_history (code, value, unit, legal_ref, grade, valid_from, valid_until, recorded_at,
    replaced_at)
  SELECT OLD.code, OLD.value, OLD.unit, OLD.legal_ref, OLD.grade, OLD.valid_from, OLD.valid_until, OLD.recorded_at,
    c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM legal_values_history h WHERE h.code = OLD.code AND h.valid_from = OLD.valid_from AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER legal_values_history_no_update BEFORE UPDATE ON legal_values_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER legal_values_history_no_delete BEFORE DELETE ON legal_values_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd

CREATE TABLE holidays_history (
  date TEXT, kind TEXT, name_kk TEXT, name_ru TEXT, name_en TEXT, legal_ref TEXT, recorded_at INTEGER,
  replaced_at INTEGER NOT NULL,
  PRIMARY KEY (date, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER holidays_history_update AFTER UPDATE ON holidays
BEGIN
  INSERT INTO holidays_history (date, kind, name_kk, name_ru, name_en, legal_ref, recorded_at, replaced_at)
  SELECT OLD.date, OLD.kind, OLD.name_kk, OLD.name_ru, OLD.name_en, OLD.legal_ref, OLD.recorded_at, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM holidays_history h WHERE h.date = OLD.date AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER holidays_history_delete AFTER DELETE ON holidays
BEGIN
  INSERT INTO holidays_history (date, kind, name_kk, name_ru, name_en, legal_ref, recorded_at, replaced_at)
  SELECT OLD.date, OLD.kind, OLD.name_kk, OLD.name_ru, OLD.name_en, OLD.legal_ref, OLD.recorded_at, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM holidays_history h WHERE h.date = OLD.date AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER holidays_history_no_update BEFORE UPDATE ON holidays_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER holidays_history_no_delete BEFORE DELETE ON holidays_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd

CREATE TABLE tasks_history (
  id TEXT, kind TEXT, subject_kind TEXT, subject_id TEXT, license TEXT, party TEXT, due TEXT, role TEXT,
  assignee TEXT, state TEXT, reason TEXT, created_at INTEGER, closed_at INTEGER, closed_by TEXT, outcome TEXT,
  updated_at INTEGER, version INTEGER, replaced_at INTEGER NOT NULL,
  PRIMARY KEY (id, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER tasks_history_update AFTER UPDATE ON tasks
BEGIN
  INSERT INTO tasks_history (id, kind, subject_kind, subject_id, license, party, due, role, assignee, state, reason,
    created_at, closed_at, closed_by, outcome, updated_at, version, replaced_at)
  SELECT OLD.id, OLD.kind, OLD.subject_kind, OLD.subject_id, OLD.license, OLD.party, OLD.due, OLD.role, OLD.assignee,
    OLD.state, OLD.reason, OLD.created_at, OLD.closed_at, OLD.closed_by, OLD.outcome, OLD.updated_at, OLD.version,
    c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM tasks_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER tasks_history_delete AFTER DELETE ON tasks
BEGIN
  INSERT INTO tasks_history (id, kind, subject_kind, subject_id, license, party, due, role, assignee, state, reason,
    created_at, closed_at, closed_by, outcome, updated_at, version, replaced_at)
  SELECT OLD.id, OLD.kind, OLD.subject_kind, OLD.subject_id, OLD.license, OLD.party, OLD.due, OLD.role, OLD.assignee,
    OLD.state, OLD.reason, OLD.created_at, OLD.closed_at, OLD.closed_by, OLD.outcome, OLD.updated_at, OLD.version,
    c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM tasks_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER tasks_history_no_update BEFORE UPDATE ON tasks_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER tasks_history_no_delete BEFORE DELETE ON tasks_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd

CREATE TABLE party_merges_history (
  id TEXT, survivor TEXT, duplicate TEXT, state TEXT, reason TEXT, drafter TEXT, proposed_at INTEGER, signer TEXT,
  decided_at INTEGER, undone_by TEXT, undone_at INTEGER, undo_reason TEXT, version INTEGER,
  replaced_at INTEGER NOT NULL,
  PRIMARY KEY (id, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER party_merges_history_update AFTER UPDATE ON party_merges
BEGIN
  INSERT INTO party_merges_history (id, survivor, duplicate, state, reason, drafter, proposed_at, signer, decided_at,
    undone_by, undone_at, undo_reason, version, replaced_at)
  SELECT OLD.id, OLD.survivor, OLD.duplicate, OLD.state, OLD.reason, OLD.drafter, OLD.proposed_at, OLD.signer,
    OLD.decided_at, OLD.undone_by, OLD.undone_at, OLD.undo_reason, OLD.version, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM party_merges_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER party_merges_history_delete AFTER DELETE ON party_merges
BEGIN
  INSERT INTO party_merges_history (id, survivor, duplicate, state, reason, drafter, proposed_at, signer, decided_at,
    undone_by, undone_at, undo_reason, version, replaced_at)
  SELECT OLD.id, OLD.survivor, OLD.duplicate, OLD.state, OLD.reason, OLD.drafter, OLD.proposed_at, OLD.signer,
    OLD.decided_at, OLD.undone_by, OLD.undone_at, OLD.undo_reason, OLD.version, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM party_merges_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER party_merges_history_no_update BEFORE UPDATE ON party_merges_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER party_merges_history_no_delete BEFORE DELETE ON party_merges_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd

CREATE TABLE application_attachments_history (
  id TEXT, application TEXT, requirement TEXT, name TEXT, media_type TEXT, bytes INTEGER, sha256 TEXT,
  created_by TEXT, created_at INTEGER, removed_by TEXT, removed_at INTEGER, replaced_at INTEGER NOT NULL,
  PRIMARY KEY (id, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER application_attachments_history_update AFTER UPDATE ON application_attachments
BEGIN
  INSERT INTO application_attachments_history (id, application, requirement, name, media_type, bytes, sha256,
    created_by, created_at, removed_by, removed_at, replaced_at)
  SELECT OLD.id, OLD.application, OLD.requirement, OLD.name, OLD.media_type, OLD.bytes, OLD.sha256, OLD.created_by,
    OLD.created_at, OLD.removed_by, OLD.removed_at, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM application_attachments_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER application_attachments_history_delete AFTER DELETE ON application_attachments
BEGIN
  INSERT INTO application_attachments_history (id, application, requirement, name, media_type, bytes, sha256,
    created_by, created_at, removed_by, removed_at, replaced_at)
  SELECT OLD.id, OLD.application, OLD.requirement, OLD.name, OLD.media_type, OLD.bytes, OLD.sha256, OLD.created_by,
    OLD.created_at, OLD.removed_by, OLD.removed_at, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM application_attachments_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER application_attachments_history_no_update BEFORE UPDATE ON application_attachments_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER application_attachments_history_no_delete BEFORE DELETE ON application_attachments_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd

CREATE TABLE application_reasons_history (
  kind TEXT, code TEXT, legal_ref TEXT, grade TEXT, text_kk TEXT, text_ru TEXT, text_en TEXT, valid_from TEXT,
  valid_until TEXT, recorded_at INTEGER, replaced_at INTEGER NOT NULL,
  PRIMARY KEY (kind, code, valid_from, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER application_reasons_history_update AFTER UPDATE ON application_reasons
BEGIN
  INSERT INTO application_reasons_history (kind, code, legal_ref, grade, text_kk, text_ru, text_en, valid_from,
    valid_until, recorded_at, replaced_at)
  SELECT OLD.kind, OLD.code, OLD.legal_ref, OLD.grade, OLD.text_kk, OLD.text_ru, OLD.text_en, OLD.valid_from,
    OLD.valid_until, OLD.recorded_at, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM application_reasons_history h WHERE h.kind = OLD.kind AND h.code = OLD.code AND h.valid_from = OLD.valid_from AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER application_reasons_history_delete AFTER DELETE ON application_reasons
BEGIN
  INSERT INTO application_reasons_history (kind, code, legal_ref, grade, text_kk, text_ru, text_en, valid_from,
    valid_until, recorded_at, replaced_at)
  SELECT OLD.kind, OLD.code, OLD.legal_ref, OLD.grade, OLD.text_kk, OLD.text_ru, OLD.text_en, OLD.valid_from,
    OLD.valid_until, OLD.recorded_at, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM application_reasons_history h WHERE h.kind = OLD.kind AND h.code = OLD.code AND h.valid_from = OLD.valid_from AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER application_reasons_history_no_update BEFORE UPDATE ON application_reasons_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER application_reasons_history_no_delete BEFORE DELETE ON application_reasons_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd

CREATE TABLE appeal_routes_history (
  code TEXT, months INTEGER, body_kk TEXT, body_ru TEXT, body_en TEXT, court_kk TEXT, court_ru TEXT, court_en TEXT,
  legal_ref TEXT, grade TEXT, valid_from TEXT, valid_until TEXT, recorded_at INTEGER, replaced_at INTEGER NOT NULL,
  PRIMARY KEY (code, valid_from, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER appeal_routes_history_update AFTER UPDATE ON appeal_routes
BEGIN
  INSERT INTO appeal_routes_history (code, months, body_kk, body_ru, body_en, court_kk, court_ru, court_en, legal_ref,
    grade, valid_from, valid_until, recorded_at, replaced_at)
  SELECT OLD.code, OLD.months, OLD.body_kk, OLD.body_ru, OLD.body_en, OLD.court_kk, OLD.court_ru, OLD.court_en,
    OLD.legal_ref, OLD.grade, OLD.valid_from, OLD.valid_until, OLD.recorded_at, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM appeal_routes_history h WHERE h.code = OLD.code AND h.valid_from = OLD.valid_from AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER appeal_routes_history_delete AFTER DELETE ON appeal_routes
BEGIN
  INSERT INTO appeal_routes_history (code, months, body_kk, body_ru, body_en, court_kk, court_ru, court_en, legal_ref,
    grade, valid_from, valid_until, recorded_at, replaced_at)
  SELECT OLD.code, OLD.months, OLD.body_kk, OLD.body_ru, OLD.body_en, OLD.court_kk, OLD.court_ru, OLD.court_en,
    OLD.legal_ref, OLD.grade, OLD.valid_from, OLD.valid_until, OLD.recorded_at, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM appeal_routes_history h WHERE h.code = OLD.code AND h.valid_from = OLD.valid_from AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER appeal_routes_history_no_update BEFORE UPDATE ON appeal_routes_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER appeal_routes_history_no_delete BEFORE DELETE ON appeal_routes_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd

CREATE TABLE application_conflicts_history (
  id TEXT, application TEXT, person TEXT, reason TEXT, declared_by TEXT, declared_at INTEGER, withdrawn_by TEXT,
  withdrawn_reason TEXT, withdrawn_at INTEGER, version INTEGER, replaced_at INTEGER NOT NULL,
  PRIMARY KEY (id, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER application_conflicts_history_update AFTER UPDATE ON application_conflicts
BEGIN
  INSERT INTO application_conflicts_history (id, application, person, reason, declared_by, declared_at, withdrawn_by,
    withdrawn_reason, withdrawn_at, version, replaced_at)
  SELECT OLD.id, OLD.application, OLD.person, OLD.reason, OLD.declared_by, OLD.declared_at, OLD.withdrawn_by,
    OLD.withdrawn_reason, OLD.withdrawn_at, OLD.version, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM application_conflicts_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER application_conflicts_history_delete AFTER DELETE ON application_conflicts
BEGIN
  INSERT INTO application_conflicts_history (id, application, person, reason, declared_by, declared_at, withdrawn_by,
    withdrawn_reason, withdrawn_at, version, replaced_at)
  SELECT OLD.id, OLD.application, OLD.person, OLD.reason, OLD.declared_by, OLD.declared_at, OLD.withdrawn_by,
    OLD.withdrawn_reason, OLD.withdrawn_at, OLD.version, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM application_conflicts_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER application_conflicts_history_no_update BEFORE UPDATE ON application_conflicts_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER application_conflicts_history_no_delete BEFORE DELETE ON application_conflicts_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd

CREATE TABLE application_appeals_history (
  id TEXT, application TEXT, state TEXT, body TEXT, filed_by TEXT, filed_at INTEGER, decision TEXT, clock TEXT,
  drafter TEXT, signer TEXT, outcome TEXT, note TEXT, recorded_by TEXT, recorded_at INTEGER, version INTEGER,
  replaced_at INTEGER NOT NULL,
  PRIMARY KEY (id, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER application_appeals_history_update AFTER UPDATE ON application_appeals
BEGIN
  INSERT INTO application_appeals_history (id, application, state, body, filed_by, filed_at, decision, clock, drafter,
    signer, outcome, note, recorded_by, recorded_at, version, replaced_at)
  SELECT OLD.id, OLD.application, OLD.state, OLD.body, OLD.filed_by, OLD.filed_at, OLD.decision, OLD.clock,
    OLD.drafter, OLD.signer, OLD.outcome, OLD.note, OLD.recorded_by, OLD.recorded_at, OLD.version, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM application_appeals_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER application_appeals_history_delete AFTER DELETE ON application_appeals
BEGIN
  INSERT INTO application_appeals_history (id, application, state, body, filed_by, filed_at, decision, clock, drafter,
    signer, outcome, note, recorded_by, recorded_at, version, replaced_at)
  SELECT OLD.id, OLD.application, OLD.state, OLD.body, OLD.filed_by, OLD.filed_at, OLD.decision, OLD.clock,
    OLD.drafter, OLD.signer, OLD.outcome, OLD.note, OLD.recorded_by, OLD.recorded_at, OLD.version, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM application_appeals_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER application_appeals_history_no_update BEFORE UPDATE ON application_appeals_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER application_appeals_history_no_delete BEFORE DELETE ON application_appeals_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd

CREATE TABLE license_acts_history (
  id TEXT, number TEXT, license TEXT, base_version INTEGER, kind TEXT, ground TEXT, months INTEGER, note TEXT,
  since_at INTEGER, correction TEXT, impact TEXT, impact_digest TEXT, state TEXT, drafter TEXT, drafter_unit TEXT,
  drafted_at INTEGER, confirm_by INTEGER, signer TEXT, signer_unit TEXT, signed_at INTEGER, order_number TEXT,
  result_version INTEGER, reason TEXT, closed_by TEXT, closed_at INTEGER, version INTEGER, updated_at INTEGER,
  replaced_at INTEGER NOT NULL,
  PRIMARY KEY (id, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER license_acts_history_update AFTER UPDATE ON license_acts
BEGIN
  INSERT INTO license_acts_history (id, number, license, base_version, kind, ground, months, note, since_at,
    correction, impact, impact_digest, state, drafter, drafter_unit, drafted_at, confirm_by, signer, signer_unit,
    signed_at, order_number, result_version, reason, closed_by, closed_at, version, updated_at, replaced_at)
  SELECT OLD.id, OLD.number, OLD.license, OLD.base_version, OLD.kind, OLD.ground, OLD.months, OLD.note, OLD.since_at,
    OLD.correction, OLD.impact, OLD.impact_digest, OLD.state, OLD.drafter, OLD.drafter_unit, OLD.drafted_at,
    OLD.confirm_by, OLD.signer, OLD.signer_unit, OLD.signed_at, OLD.order_number, OLD.result_version, OLD.reason,
    OLD.closed_by, OLD.closed_at, OLD.version, OLD.updated_at, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM license_acts_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER license_acts_history_delete AFTER DELETE ON license_acts
BEGIN
  INSERT INTO license_acts_history (id, number, license, base_version, kind, ground, months, note, since_at,
    correction, impact, impact_digest, state, drafter, drafter_unit, drafted_at, confirm_by, signer, signer_unit,
    signed_at, order_number, result_version, reason, closed_by, closed_at, version, updated_at, replaced_at)
  SELECT OLD.id, OLD.number, OLD.license, OLD.base_version, OLD.kind, OLD.ground, OLD.months, OLD.note, OLD.since_at,
    OLD.correction, OLD.impact, OLD.impact_digest, OLD.state, OLD.drafter, OLD.drafter_unit, OLD.drafted_at,
    OLD.confirm_by, OLD.signer, OLD.signer_unit, OLD.signed_at, OLD.order_number, OLD.result_version, OLD.reason,
    OLD.closed_by, OLD.closed_at, OLD.version, OLD.updated_at, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM license_acts_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER license_acts_history_no_update BEFORE UPDATE ON license_acts_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER license_acts_history_no_delete BEFORE DELETE ON license_acts_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd

CREATE TABLE equipment_alarms_history (
  id TEXT, kind TEXT, rig TEXT, first_owner TEXT, first_site TEXT, first_license TEXT, first_state TEXT,
  second_owner TEXT, second_site TEXT, second_serial TEXT, claim TEXT, source TEXT, source_ref TEXT, state TEXT,
  outcome TEXT, note TEXT, opened_at INTEGER, opened_by TEXT, resolved_at INTEGER, resolved_by TEXT, registered TEXT,
  version INTEGER, replaced_at INTEGER NOT NULL,
  PRIMARY KEY (id, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER equipment_alarms_history_update AFTER UPDATE ON equipment_alarms
BEGIN
  INSERT INTO equipment_alarms_history (id, kind, rig, first_owner, first_site, first_license, first_state,
    second_owner, second_site, second_serial, claim, source, source_ref, state, outcome, note, opened_at, opened_by,
    resolved_at, resolved_by, registered, version, replaced_at)
  SELECT OLD.id, OLD.kind, OLD.rig, OLD.first_owner, OLD.first_site, OLD.first_license, OLD.first_state,
    OLD.second_owner, OLD.second_site, OLD.second_serial, OLD.claim, OLD.source, OLD.source_ref, OLD.state,
    OLD.outcome, OLD.note, OLD.opened_at, OLD.opened_by, OLD.resolved_at, OLD.resolved_by, OLD.registered,
    OLD.version, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM equipment_alarms_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER equipment_alarms_history_delete AFTER DELETE ON equipment_alarms
BEGIN
  INSERT INTO equipment_alarms_history (id, kind, rig, first_owner, first_site, first_license, first_state,
    second_owner, second_site, second_serial, claim, source, source_ref, state, outcome, note, opened_at, opened_by,
    resolved_at, resolved_by, registered, version, replaced_at)
  SELECT OLD.id, OLD.kind, OLD.rig, OLD.first_owner, OLD.first_site, OLD.first_license, OLD.first_state,
    OLD.second_owner, OLD.second_site, OLD.second_serial, OLD.claim, OLD.source, OLD.source_ref, OLD.state,
    OLD.outcome, OLD.note, OLD.opened_at, OLD.opened_by, OLD.resolved_at, OLD.resolved_by, OLD.registered,
    OLD.version, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM equipment_alarms_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER equipment_alarms_history_no_update BEFORE UPDATE ON equipment_alarms_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER equipment_alarms_history_no_delete BEFORE DELETE ON equipment_alarms_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd

CREATE TABLE obligations_history (
  id TEXT, kind TEXT, license TEXT, party TEXT, subject TEXT, period TEXT, from_date TEXT, until_date TEXT,
  law_due TEXT, due TEXT, legal_ref TEXT, grade TEXT, blocks_gate INTEGER, outlives INTEGER, day_off TEXT,
  amount_tiyn INTEGER, state TEXT, handed TEXT, handed_on TEXT, handed_at INTEGER, handed_by TEXT, note TEXT,
  waiver_ground TEXT, waiver_note TEXT, waiver_by TEXT, waiver_at INTEGER, decided_by TEXT, decided_at INTEGER,
  overdue_at INTEGER, created_at INTEGER, updated_at INTEGER, version INTEGER, replaced_at INTEGER NOT NULL,
  PRIMARY KEY (id, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER obligations_history_update AFTER UPDATE ON obligations
BEGIN
  INSERT INTO obligations_history (id, kind, license, party, subject, period, from_date, until_date, law_due, due,
    legal_ref, grade, blocks_gate, outlives, day_off, amount_tiyn, state, handed, handed_on, handed_at, handed_by,
    note, waiver_ground, waiver_note, waiver_by, waiver_at, decided_by, decided_at, overdue_at, created_at,
    updated_at, version, replaced_at)
  SELECT OLD.id, OLD.kind, OLD.license, OLD.party, OLD.subject, OLD.period, OLD.from_date, OLD.until_date,
    OLD.law_due, OLD.due, OLD.legal_ref, OLD.grade, OLD.blocks_gate, OLD.outlives, OLD.day_off, OLD.amount_tiyn,
    OLD.state, OLD.handed, OLD.handed_on, OLD.handed_at, OLD.handed_by, OLD.note, OLD.waiver_ground, OLD.waiver_note,
    OLD.waiver_by, OLD.waiver_at, OLD.decided_by, OLD.decided_at, OLD.overdue_at, OLD.created_at, OLD.updated_at,
    OLD.version, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM obligations_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER obligations_history_delete AFTER DELETE ON obligations
BEGIN
  INSERT INTO obligations_history (id, kind, license, party, subject, period, from_date, until_date, law_due, due,
    legal_ref, grade, blocks_gate, outlives, day_off, amount_tiyn, state, handed, handed_on, handed_at, handed_by,
    note, waiver_ground, waiver_note, waiver_by, waiver_at, decided_by, decided_at, overdue_at, created_at,
    updated_at, version, replaced_at)
  SELECT OLD.id, OLD.kind, OLD.license, OLD.party, OLD.subject, OLD.period, OLD.from_date, OLD.until_date,
    OLD.law_due, OLD.due, OLD.legal_ref, OLD.grade, OLD.blocks_gate, OLD.outlives, OLD.day_off, OLD.amount_tiyn,
    OLD.state, OLD.handed, OLD.handed_on, OLD.handed_at, OLD.handed_by, OLD.note, OLD.waiver_ground, OLD.waiver_note,
    OLD.waiver_by, OLD.waiver_at, OLD.decided_by, OLD.decided_at, OLD.overdue_at, OLD.created_at, OLD.updated_at,
    OLD.version, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM obligations_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER obligations_history_no_update BEFORE UPDATE ON obligations_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER obligations_history_no_delete BEFORE DELETE ON obligations_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd

CREATE TABLE notices_history (
  id TEXT, party TEXT, kind TEXT, subject_kind TEXT, subject_id TEXT, occasion TEXT, license TEXT, due TEXT,
  data TEXT, at INTEGER, read_at INTEGER, read_by TEXT, replaced_at INTEGER NOT NULL,
  PRIMARY KEY (id, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER notices_history_update AFTER UPDATE ON notices
BEGIN
  INSERT INTO notices_history (id, party, kind, subject_kind, subject_id, occasion, license, due, data, at, read_at,
    read_by, replaced_at)
  SELECT OLD.id, OLD.party, OLD.kind, OLD.subject_kind, OLD.subject_id, OLD.occasion, OLD.license, OLD.due, OLD.data,
    OLD.at, OLD.read_at, OLD.read_by, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM notices_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER notices_history_delete AFTER DELETE ON notices
BEGIN
  INSERT INTO notices_history (id, party, kind, subject_kind, subject_id, occasion, license, due, data, at, read_at,
    read_by, replaced_at)
  SELECT OLD.id, OLD.party, OLD.kind, OLD.subject_kind, OLD.subject_id, OLD.occasion, OLD.license, OLD.due, OLD.data,
    OLD.at, OLD.read_at, OLD.read_by, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM notices_history h WHERE h.id = OLD.id AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER notices_history_no_update BEFORE UPDATE ON notices_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER notices_history_no_delete BEFORE DELETE ON notices_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd

CREATE TABLE obligation_kinds_history (
  code TEXT, period TEXT, due_day INTEGER, day_off TEXT, sub_type TEXT, while_suspended INTEGER, blocks_gate INTEGER,
  outlives INTEGER, legal_ref TEXT, grade TEXT, text_kk TEXT, text_ru TEXT, text_en TEXT, valid_from TEXT,
  valid_until TEXT, recorded_at INTEGER, replaced_at INTEGER NOT NULL,
  PRIMARY KEY (code, valid_from, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER obligation_kinds_history_update AFTER UPDATE ON obligation_kinds
BEGIN
  INSERT INTO obligation_kinds_history (code, period, due_day, day_off, sub_type, while_suspended, blocks_gate,
    outlives, legal_ref, grade, text_kk, text_ru, text_en, valid_from, valid_until, recorded_at, replaced_at)
  SELECT OLD.code, OLD.period, OLD.due_day, OLD.day_off, OLD.sub_type, OLD.while_suspended, OLD.blocks_gate,
    OLD.outlives, OLD.legal_ref, OLD.grade, OLD.text_kk, OLD.text_ru, OLD.text_en, OLD.valid_from, OLD.valid_until,
    OLD.recorded_at, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM obligation_kinds_history h WHERE h.code = OLD.code AND h.valid_from = OLD.valid_from AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER obligation_kinds_history_delete AFTER DELETE ON obligation_kinds
BEGIN
  INSERT INTO obligation_kinds_history (code, period, due_day, day_off, sub_type, while_suspended, blocks_gate,
    outlives, legal_ref, grade, text_kk, text_ru, text_en, valid_from, valid_until, recorded_at, replaced_at)
  SELECT OLD.code, OLD.period, OLD.due_day, OLD.day_off, OLD.sub_type, OLD.while_suspended, OLD.blocks_gate,
    OLD.outlives, OLD.legal_ref, OLD.grade, OLD.text_kk, OLD.text_ru, OLD.text_en, OLD.valid_from, OLD.valid_until,
    OLD.recorded_at, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM obligation_kinds_history h WHERE h.code = OLD.code AND h.valid_from = OLD.valid_from AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER obligation_kinds_history_no_update BEFORE UPDATE ON obligation_kinds_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER obligation_kinds_history_no_delete BEFORE DELETE ON obligation_kinds_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd

CREATE TABLE fee_rates_history (
  source TEXT, rate_tiyn INTEGER, legal_ref TEXT, grade TEXT, valid_from TEXT, valid_until TEXT, recorded_at INTEGER,
  replaced_at INTEGER NOT NULL,
  PRIMARY KEY (source, valid_from, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER fee_rates_history_update AFTER UPDATE ON fee_rates
BEGIN
  INSERT INTO fee_rates_history (source, rate_tiyn, legal_ref, grade, valid_from, valid_until, recorded_at,
    replaced_at)
  SELECT OLD.source, OLD.rate_tiyn, OLD.legal_ref, OLD.grade, OLD.valid_from, OLD.valid_until, OLD.recorded_at, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM fee_rates_history h WHERE h.source = OLD.source AND h.valid_from = OLD.valid_from AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER fee_rates_history_delete AFTER DELETE ON fee_rates
BEGIN
  INSERT INTO fee_rates_history (source, rate_tiyn, legal_ref, grade, valid_from, valid_until, recorded_at,
    replaced_at)
  SELECT OLD.source, OLD.rate_tiyn, OLD.legal_ref, OLD.grade, OLD.valid_from, OLD.valid_until, OLD.recorded_at, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM fee_rates_history h WHERE h.source = OLD.source AND h.valid_from = OLD.valid_from AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER fee_rates_history_no_update BEFORE UPDATE ON fee_rates_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER fee_rates_history_no_delete BEFORE DELETE ON fee_rates_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd

CREATE TABLE waiver_grounds_history (
  code TEXT, legal_ref TEXT, grade TEXT, text_kk TEXT, text_ru TEXT, text_en TEXT, valid_from TEXT, valid_until TEXT,
  recorded_at INTEGER, replaced_at INTEGER NOT NULL,
  PRIMARY KEY (code, valid_from, replaced_at)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER waiver_grounds_history_update AFTER UPDATE ON waiver_grounds
BEGIN
  INSERT INTO waiver_grounds_history (code, legal_ref, grade, text_kk, text_ru, text_en, valid_from, valid_until,
    recorded_at, replaced_at)
  SELECT OLD.code, OLD.legal_ref, OLD.grade, OLD.text_kk, OLD.text_ru, OLD.text_en, OLD.valid_from, OLD.valid_until,
    OLD.recorded_at, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM waiver_grounds_history h WHERE h.code = OLD.code AND h.valid_from = OLD.valid_from AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER waiver_grounds_history_delete AFTER DELETE ON waiver_grounds
BEGIN
  INSERT INTO waiver_grounds_history (code, legal_ref, grade, text_kk, text_ru, text_en, valid_from, valid_until,
    recorded_at, replaced_at)
  SELECT OLD.code, OLD.legal_ref, OLD.grade, OLD.text_kk, OLD.text_ru, OLD.text_en, OLD.valid_from, OLD.valid_until,
    OLD.recorded_at, c.at
  FROM history_clock c
  WHERE NOT EXISTS (SELECT 1 FROM waiver_grounds_history h WHERE h.code = OLD.code AND h.valid_from = OLD.valid_from AND h.replaced_at = c.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER waiver_grounds_history_no_update BEFORE UPDATE ON waiver_grounds_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER waiver_grounds_history_no_delete BEFORE DELETE ON waiver_grounds_history
BEGIN
  SELECT RAISE(ABORT, 'history is never changed or deleted');
END;
-- +goose StatementEnd

-- +goose Down
DROP TRIGGER waiver_grounds_history_delete;
DROP TRIGGER waiver_grounds_history_update;
DROP TABLE waiver_grounds_history;
DROP TRIGGER fee_rates_history_delete;
DROP TRIGGER fee_rates_history_update;
DROP TABLE fee_rates_history;
DROP TRIGGER obligation_kinds_history_delete;
DROP TRIGGER obligation_kinds_history_update;
DROP TABLE obligation_kinds_history;
DROP TRIGGER notices_history_delete;
DROP TRIGGER notices_history_update;
DROP TABLE notices_history;
DROP TRIGGER obligations_history_delete;
DROP TRIGGER obligations_history_update;
DROP TABLE obligations_history;
DROP TRIGGER equipment_alarms_history_delete;
DROP TRIGGER equipment_alarms_history_update;
DROP TABLE equipment_alarms_history;
DROP TRIGGER license_acts_history_delete;
DROP TRIGGER license_acts_history_update;
DROP TABLE license_acts_history;
DROP TRIGGER application_appeals_history_delete;
DROP TRIGGER application_appeals_history_update;
DROP TABLE application_appeals_history;
DROP TRIGGER application_conflicts_history_delete;
DROP TRIGGER application_conflicts_history_update;
DROP TABLE application_conflicts_history;
DROP TRIGGER appeal_routes_history_delete;
DROP TRIGGER appeal_routes_history_update;
DROP TABLE appeal_routes_history;
DROP TRIGGER application_reasons_history_delete;
DROP TRIGGER application_reasons_history_update;
DROP TABLE application_reasons_history;
DROP TRIGGER application_attachments_history_delete;
DROP TRIGGER application_attachments_history_update;
DROP TABLE application_attachments_history;
DROP TRIGGER party_merges_history_delete;
DROP TRIGGER party_merges_history_update;
DROP TABLE party_merges_history;
DROP TRIGGER tasks_history_delete;
DROP TRIGGER tasks_history_update;
DROP TABLE tasks_history;
DROP TRIGGER holidays_history_delete;
DROP TRIGGER holidays_history_update;
DROP TABLE holidays_history;
DROP TRIGGER legal_values_history_delete;
DROP TRIGGER legal_values_history_update;
DROP TABLE legal_values_history;
DROP TRIGGER grounds_history_delete;
DROP TRIGGER grounds_history_update;
DROP TABLE grounds_history;
DROP TRIGGER requirements_history_delete;
DROP TRIGGER requirements_history_update;
DROP TABLE requirements_history;
DROP TRIGGER findings_history_delete;
DROP TRIGGER findings_history_update;
DROP TABLE findings_history;
DROP TRIGGER disconnection_orders_history_delete;
DROP TRIGGER disconnection_orders_history_update;
DROP TABLE disconnection_orders_history;
DROP TRIGGER gate_reservations_history_delete;
DROP TRIGGER gate_reservations_history_update;
DROP TABLE gate_reservations_history;
DROP TRIGGER meters_history_delete;
DROP TRIGGER meters_history_update;
DROP TABLE meters_history;
DROP TRIGGER pdus_history_delete;
DROP TRIGGER pdus_history_update;
DROP TABLE pdus_history;
DROP TRIGGER connection_points_history_delete;
DROP TRIGGER connection_points_history_update;
DROP TABLE connection_points_history;
DROP TRIGGER feeders_history_delete;
DROP TRIGGER feeders_history_update;
DROP TABLE feeders_history;
DROP TRIGGER substations_history_delete;
DROP TRIGGER substations_history_update;
DROP TABLE substations_history;
DROP TRIGGER utilities_history_delete;
DROP TRIGGER utilities_history_update;
DROP TABLE utilities_history;
DROP TRIGGER license_points_history_delete;
DROP TRIGGER license_points_history_update;
DROP TABLE license_points_history;
DROP TRIGGER licenses_history_delete;
DROP TRIGGER licenses_history_update;
DROP TABLE licenses_history;
DROP TRIGGER tolling_periods_history_delete;
DROP TRIGGER tolling_periods_history_update;
DROP TABLE tolling_periods_history;
DROP TRIGGER application_requests_history_delete;
DROP TRIGGER application_requests_history_update;
DROP TABLE application_requests_history;
DROP TRIGGER applications_history_delete;
DROP TRIGGER applications_history_update;
DROP TABLE applications_history;
DROP TRIGGER equipment_history_delete;
DROP TRIGGER equipment_history_update;
DROP TABLE equipment_history;
DROP TRIGGER sites_history_delete;
DROP TRIGGER sites_history_update;
DROP TABLE sites_history;
DROP TRIGGER parties_history_delete;
DROP TRIGGER parties_history_update;
DROP TABLE parties_history;
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
DROP TABLE history_clock;
