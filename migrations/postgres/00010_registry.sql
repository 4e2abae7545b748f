-- +goose Up
-- Parties: applicants, holders, consumers, owners of sites. bin is a BIN or an IIN,
-- text because leading zeros count. search is the folded name for LIKE.
CREATE TABLE parties (
  id         TEXT PRIMARY KEY,
  bin        TEXT NOT NULL UNIQUE CHECK (length(bin) = 12),
  kind       TEXT NOT NULL CHECK (kind IN ('legal_entity', 'sole_entrepreneur', 'joint_entrepreneurs')),
  name_kk    TEXT NOT NULL,
  name_ru    TEXT NOT NULL CHECK (name_ru <> '' OR name_kk <> ''),
  size       TEXT NOT NULL CHECK (size IN ('small', 'medium', 'large')),
  resident   SMALLINT NOT NULL CHECK (resident IN (0, 1)),
  address    TEXT NOT NULL,
  kato       TEXT NOT NULL,
  email      TEXT NOT NULL,
  phone      TEXT NOT NULL,
  state      TEXT NOT NULL CHECK (state IN ('active', 'in_liquidation', 'bankrupt', 'dissolved')),
  search     TEXT NOT NULL,
  version    BIGINT NOT NULL CHECK (version >= 1),
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);

-- Sites: digital mining data centres. connection_codes is a JSON array of codes.
CREATE TABLE sites (
  id               TEXT PRIMARY KEY,
  code             TEXT NOT NULL UNIQUE,
  owner            TEXT NOT NULL REFERENCES parties (id),
  name_kk          TEXT NOT NULL,
  name_ru          TEXT NOT NULL,
  address          TEXT NOT NULL,
  kato             TEXT NOT NULL CHECK (length(kato) = 9),
  region           TEXT NOT NULL CHECK (length(region) = 2),
  grid_zone        TEXT NOT NULL CHECK (grid_zone IN ('north', 'south', 'west')),
  host_capacity_w  BIGINT NOT NULL CHECK (host_capacity_w >= 0),
  connection_codes TEXT NOT NULL,
  search           TEXT NOT NULL,
  version          BIGINT NOT NULL CHECK (version >= 1),
  created_at       BIGINT NOT NULL,
  updated_at       BIGINT NOT NULL
);
CREATE INDEX sites_owner ON sites (owner);

-- Rigs. The keys are manufacturer and serial in upper case without spaces, so that
-- spelling does not make a second rig out of one.
CREATE TABLE equipment (
  id               TEXT PRIMARY KEY,
  manufacturer     TEXT NOT NULL CHECK (manufacturer <> ''),
  model            TEXT NOT NULL CHECK (model <> ''),
  serial           TEXT NOT NULL CHECK (serial <> ''),
  manufacturer_key TEXT NOT NULL,
  serial_key       TEXT NOT NULL,
  algorithm        TEXT NOT NULL,
  hashrate_th      BIGINT NOT NULL CHECK (hashrate_th >= 0),
  nameplate_w      BIGINT NOT NULL CHECK (nameplate_w > 0),
  owner            TEXT NOT NULL REFERENCES parties (id),
  site             TEXT NOT NULL,
  license          TEXT NOT NULL,
  customs          TEXT NOT NULL,
  state            TEXT NOT NULL CHECK (state IN ('active', 'stored', 'sold', 'exported', 'scrapped', 'seized')),
  version          BIGINT NOT NULL CHECK (version >= 1),
  created_at       BIGINT NOT NULL,
  updated_at       BIGINT NOT NULL,
  UNIQUE (serial_key, manufacturer_key)
);
CREATE INDEX equipment_owner ON equipment (owner, id);
CREATE INDEX equipment_site ON equipment (site, id) WHERE site <> '';
CREATE INDEX equipment_license ON equipment (license, id) WHERE license <> '';

-- Applications. sites, equipment, clock, checklist and decision are JSON; drafter and
-- signer stand beside the decision so that four eyes are a constraint.
CREATE TABLE applications (
  id            TEXT PRIMARY KEY,
  number        TEXT NOT NULL UNIQUE,
  kind          TEXT NOT NULL,
  sub_type      TEXT NOT NULL CHECK (sub_type IN ('I', 'II')),
  state         TEXT NOT NULL CHECK (state IN ('draft', 'submitted', 'registered', 'returned', 'in_review',
                  'decision_drafted', 'granted', 'refused', 'withdrawn')),
  applicant     TEXT NOT NULL REFERENCES parties (id),
  applicant_bin TEXT NOT NULL,
  language      TEXT NOT NULL,
  supply_basis  TEXT NOT NULL,
  declared_w    BIGINT NOT NULL,
  sites         TEXT NOT NULL,
  host          TEXT NOT NULL,
  equipment     TEXT NOT NULL,
  fee_paid_tiyn BIGINT NOT NULL,
  fee_document  TEXT NOT NULL,
  note          TEXT NOT NULL,
  filed_by      TEXT NOT NULL,
  submitted_at  BIGINT NOT NULL,
  registered_at BIGINT NOT NULL,
  complete_at   BIGINT NOT NULL,
  missing       TEXT NOT NULL,
  due           TEXT NOT NULL,
  clock         TEXT NOT NULL,
  officer       TEXT NOT NULL,
  checklist     TEXT NOT NULL,
  decision      TEXT NOT NULL,
  drafter       TEXT NOT NULL,
  signer        TEXT NOT NULL,
  license       TEXT NOT NULL,
  version       BIGINT NOT NULL CHECK (version >= 1),
  created_at    BIGINT NOT NULL,
  updated_at    BIGINT NOT NULL,
  CONSTRAINT application_four_eyes CHECK (signer = '' OR drafter <> '' AND drafter <> signer),
  CONSTRAINT application_decided_is_signed CHECK ((state IN ('granted', 'refused')) = (signer <> ''))
);
CREATE INDEX applications_applicant ON applications (applicant, id);
CREATE INDEX applications_state ON applications (state, due);
CREATE UNIQUE INDEX applications_license ON applications (license) WHERE license <> '';

-- License versions are written once and never changed: the triggers below refuse
-- everything else. effective_at never falls from one version to the next, so the
-- version as at an instant is the last one with effective_at <= that instant.
CREATE TABLE license_versions (
  number            TEXT NOT NULL CHECK (length(number) = 15),
  version           BIGINT NOT NULL CHECK (version >= 1),
  sub_type          TEXT NOT NULL CHECK (sub_type IN ('I', 'II')),
  state             TEXT NOT NULL CHECK (state IN ('active', 'suspended', 'revoked', 'expired', 'terminated', 'superseded')),
  holder            TEXT NOT NULL REFERENCES parties (id),
  holder_bin        TEXT NOT NULL,
  holder_name       TEXT NOT NULL,
  application       TEXT NOT NULL REFERENCES applications (id),
  approved_w        BIGINT NOT NULL CHECK (approved_w > 0),
  host              TEXT NOT NULL,
  first_issued      TEXT NOT NULL,
  issued            TEXT NOT NULL,
  valid_from        BIGINT NOT NULL,
  valid_until       BIGINT NOT NULL,
  suspension_ground TEXT NOT NULL,
  suspension_months BIGINT NOT NULL,
  suspension_from   BIGINT NOT NULL,
  suspension_until  BIGINT NOT NULL,
  suspension_note   TEXT NOT NULL,
  order_number      TEXT NOT NULL,
  ground            TEXT NOT NULL,
  verification      TEXT NOT NULL CHECK (length(verification) = 14),
  drafter           TEXT NOT NULL,
  signer            TEXT NOT NULL CHECK (signer <> ''),
  effective_at      BIGINT NOT NULL,
  recorded_at       BIGINT NOT NULL,
  PRIMARY KEY (number, version),
  CONSTRAINT license_four_eyes CHECK (drafter <> signer),
  CONSTRAINT license_issue_is_drafted CHECK (version > 1 OR drafter <> ''),
  CONSTRAINT license_host CHECK ((sub_type = 'II') = (host <> '')),
  CONSTRAINT license_term CHECK (valid_from < valid_until),
  CONSTRAINT license_suspension CHECK (
    (state = 'suspended' AND suspension_ground <> '' AND suspension_months BETWEEN 1 AND 6 AND suspension_from < suspension_until)
    OR (state <> 'suspended' AND suspension_months = 0))
);
CREATE INDEX license_versions_effective ON license_versions (number, effective_at);

-- Appendices of a version, one row for each connection point ('' for a site without
-- one, as sub-type II has). approved_w is the power of the whole appendix and stands
-- on each of its rows: take it once for an appendix, do not sum it.
CREATE TABLE license_sites (
  number          TEXT NOT NULL,
  version         BIGINT NOT NULL,
  appendix        TEXT NOT NULL,
  site            TEXT NOT NULL REFERENCES sites (id),
  site_code       TEXT NOT NULL,
  connection_code TEXT NOT NULL,
  approved_w      BIGINT NOT NULL CHECK (approved_w > 0),
  PRIMARY KEY (number, version, appendix, connection_code),
  FOREIGN KEY (number, version) REFERENCES license_versions (number, version)
);
CREATE INDEX license_sites_point ON license_sites (connection_code);

-- The current version of each license, kept in the transaction of the version.
CREATE TABLE licenses (
  number       TEXT PRIMARY KEY,
  version      BIGINT NOT NULL,
  sub_type     TEXT NOT NULL,
  state        TEXT NOT NULL,
  holder       TEXT NOT NULL REFERENCES parties (id),
  holder_bin   TEXT NOT NULL,
  approved_w   BIGINT NOT NULL,
  host         TEXT NOT NULL,
  valid_from   BIGINT NOT NULL,
  valid_until  BIGINT NOT NULL,
  verification TEXT NOT NULL UNIQUE,
  changed_at   BIGINT NOT NULL,
  FOREIGN KEY (number, version) REFERENCES license_versions (number, version)
);
CREATE INDEX licenses_holder ON licenses (holder);
CREATE INDEX licenses_holder_bin ON licenses (holder_bin);
CREATE INDEX licenses_host ON licenses (host) WHERE host <> '';
CREATE INDEX licenses_due ON licenses (valid_until) WHERE state IN ('active', 'suspended');

-- Which connection points each license holds or held. in_force is 1 while the
-- license is active or suspended: no two licenses in force for one point.
CREATE TABLE license_points (
  number          TEXT NOT NULL REFERENCES licenses (number),
  connection_code TEXT NOT NULL CHECK (connection_code <> ''),
  site            TEXT NOT NULL,
  appendix        TEXT NOT NULL,
  approved_w      BIGINT NOT NULL,
  in_force        SMALLINT NOT NULL CHECK (in_force IN (0, 1)),
  PRIMARY KEY (number, connection_code)
);
CREATE UNIQUE INDEX license_points_one_in_force ON license_points (connection_code) WHERE in_force = 1;
CREATE INDEX license_points_code ON license_points (connection_code);

-- Reference data, each row from a legal date on (valid_until '' is open). grade says
-- how far the row is evidenced: S read in a source, R recalled and to be confirmed.
CREATE TABLE requirements (
  code        TEXT NOT NULL,
  sub_type    TEXT NOT NULL CHECK (sub_type IN ('I', 'II')),
  position    BIGINT NOT NULL,
  evidence    TEXT NOT NULL,
  legal_ref   TEXT NOT NULL CHECK (legal_ref <> ''),
  grade       TEXT NOT NULL CHECK (grade IN ('S', 'R')),
  text_kk     TEXT NOT NULL,
  text_ru     TEXT NOT NULL,
  text_en     TEXT NOT NULL,
  valid_from  TEXT NOT NULL,
  valid_until TEXT NOT NULL,
  PRIMARY KEY (code, sub_type, valid_from)
);

CREATE TABLE grounds (
  kind        TEXT NOT NULL CHECK (kind IN ('suspend', 'lift', 'revoke', 'terminate', 'refuse', 'return')),
  code        TEXT NOT NULL,
  legal_ref   TEXT NOT NULL CHECK (legal_ref <> ''),
  grade       TEXT NOT NULL CHECK (grade IN ('S', 'R')),
  text_kk     TEXT NOT NULL,
  text_ru     TEXT NOT NULL,
  text_en     TEXT NOT NULL,
  valid_from  TEXT NOT NULL,
  valid_until TEXT NOT NULL,
  PRIMARY KEY (kind, code, valid_from)
);

-- Numbers of the law by date: mci (tiyn), fee_I and fee_II (in MCI), decision_days and
-- completeness_days (working days), license_years.
CREATE TABLE legal_values (
  code        TEXT NOT NULL,
  value       BIGINT NOT NULL CHECK (value > 0),
  unit        TEXT NOT NULL,
  legal_ref   TEXT NOT NULL CHECK (legal_ref <> ''),
  grade       TEXT NOT NULL CHECK (grade IN ('S', 'R')),
  valid_from  TEXT NOT NULL,
  valid_until TEXT NOT NULL,
  PRIMARY KEY (code, valid_from)
);

CREATE TABLE holidays (
  date      TEXT PRIMARY KEY CHECK (length(date) = 10),
  kind      TEXT NOT NULL CHECK (kind IN ('holiday', 'moved_day_off', 'working_saturday')),
  name_kk   TEXT NOT NULL,
  name_ru   TEXT NOT NULL,
  name_en   TEXT NOT NULL,
  legal_ref TEXT NOT NULL
);

-- Counters. series is the letters of a license number.
CREATE TABLE registry_sequences (
  name   TEXT PRIMARY KEY,
  series TEXT NOT NULL,
  next   BIGINT NOT NULL CHECK (next >= 1)
);
INSERT INTO registry_sequences (name, series, next) VALUES ('license', 'DMA', 1), ('application', 'A', 1), ('order', 'DM', 1), ('site', 'S', 1);

-- +goose StatementBegin
CREATE FUNCTION license_history_is_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'license versions are never changed or deleted' USING ERRCODE = 'check_violation';
END $$;
-- +goose StatementEnd
CREATE TRIGGER license_versions_immutable BEFORE UPDATE OR DELETE ON license_versions
  FOR EACH ROW EXECUTE FUNCTION license_history_is_immutable();
CREATE TRIGGER license_versions_no_truncate BEFORE TRUNCATE ON license_versions
  FOR EACH STATEMENT EXECUTE FUNCTION license_history_is_immutable();
CREATE TRIGGER license_sites_immutable BEFORE UPDATE OR DELETE ON license_sites
  FOR EACH ROW EXECUTE FUNCTION license_history_is_immutable();
CREATE TRIGGER license_sites_no_truncate BEFORE TRUNCATE ON license_sites
  FOR EACH STATEMENT EXECUTE FUNCTION license_history_is_immutable();
-- +goose StatementBegin
CREATE FUNCTION license_versions_have_no_gaps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.version > 1 AND NOT EXISTS (SELECT 1 FROM license_versions
    WHERE number = NEW.number AND version = NEW.version - 1 AND effective_at <= NEW.effective_at) THEN
    RAISE EXCEPTION 'license versions have no gaps and no falling instants' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER license_versions_no_gap BEFORE INSERT ON license_versions
  FOR EACH ROW EXECUTE FUNCTION license_versions_have_no_gaps();

-- +goose Down
DROP TABLE registry_sequences;
DROP TABLE holidays;
DROP TABLE legal_values;
DROP TABLE grounds;
DROP TABLE requirements;
DROP TABLE license_points;
DROP TABLE licenses;
DROP TABLE license_sites;
DROP TABLE license_versions;
DROP FUNCTION license_history_is_immutable();
DROP FUNCTION license_versions_have_no_gaps();
DROP TABLE applications;
DROP TABLE equipment;
DROP TABLE sites;
DROP TABLE parties;
