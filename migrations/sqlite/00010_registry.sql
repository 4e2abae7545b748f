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
  resident   INTEGER NOT NULL CHECK (resident IN (0, 1)),
  address    TEXT NOT NULL,
  kato       TEXT NOT NULL,
  email      TEXT NOT NULL,
  phone      TEXT NOT NULL,
  state      TEXT NOT NULL CHECK (state IN ('active', 'in_liquidation', 'bankrupt', 'dissolved')),
  search     TEXT NOT NULL,
  version    INTEGER NOT NULL CHECK (version >= 1),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

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
  host_capacity_w  INTEGER NOT NULL CHECK (host_capacity_w >= 0),
  connection_codes TEXT NOT NULL,
  search           TEXT NOT NULL,
  version          INTEGER NOT NULL CHECK (version >= 1),
  created_at       INTEGER NOT NULL,
  updated_at       INTEGER NOT NULL
) STRICT;
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
  hashrate_th      INTEGER NOT NULL CHECK (hashrate_th >= 0),
  nameplate_w      INTEGER NOT NULL CHECK (nameplate_w > 0),
  owner            TEXT NOT NULL REFERENCES parties (id),
  site             TEXT NOT NULL,
  license          TEXT NOT NULL,
  customs          TEXT NOT NULL,
  state            TEXT NOT NULL CHECK (state IN ('active', 'stored', 'sold', 'exported', 'scrapped', 'seized')),
  version          INTEGER NOT NULL CHECK (version >= 1),
  created_at       INTEGER NOT NULL,
  updated_at       INTEGER NOT NULL,
  UNIQUE (serial_key, manufacturer_key)
) STRICT;
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
  declared_w    INTEGER NOT NULL,
  sites         TEXT NOT NULL,
  host          TEXT NOT NULL,
  equipment     TEXT NOT NULL,
  fee_paid_tiyn INTEGER NOT NULL,
  fee_document  TEXT NOT NULL,
  note          TEXT NOT NULL,
  filed_by      TEXT NOT NULL,
  submitted_at  INTEGER NOT NULL,
  registered_at INTEGER NOT NULL,
  complete_at   INTEGER NOT NULL,
  missing       TEXT NOT NULL,
  due           TEXT NOT NULL,
  clock         TEXT NOT NULL,
  officer       TEXT NOT NULL,
  checklist     TEXT NOT NULL,
  decision      TEXT NOT NULL,
  drafter       TEXT NOT NULL,
  signer        TEXT NOT NULL,
  license       TEXT NOT NULL,
  version       INTEGER NOT NULL CHECK (version >= 1),
  created_at    INTEGER NOT NULL,
  updated_at    INTEGER NOT NULL,
  CONSTRAINT application_four_eyes CHECK (signer = '' OR drafter <> '' AND drafter <> signer),
  CONSTRAINT application_decided_is_signed CHECK ((state IN ('granted', 'refused')) = (signer <> ''))
) STRICT;
CREATE INDEX applications_applicant ON applications (applicant, id);
CREATE INDEX applications_state ON applications (state, due);
CREATE UNIQUE INDEX applications_license ON applications (license) WHERE license <> '';

-- License versions are written once and never changed: the triggers below refuse
-- everything else. effective_at never falls from one version to the next, so the
-- version as at an instant is the last one with effective_at <= that instant.
CREATE TABLE license_versions (
  number            TEXT NOT NULL CHECK (length(number) = 15),
  version           INTEGER NOT NULL CHECK (version >= 1),
  sub_type          TEXT NOT NULL CHECK (sub_type IN ('I', 'II')),
  state             TEXT NOT NULL CHECK (state IN ('active', 'suspended', 'revoked', 'expired', 'terminated', 'superseded')),
  holder            TEXT NOT NULL REFERENCES parties (id),
  holder_bin        TEXT NOT NULL,
  holder_name       TEXT NOT NULL,
  application       TEXT NOT NULL REFERENCES applications (id),
  approved_w        INTEGER NOT NULL CHECK (approved_w > 0),
  host              TEXT NOT NULL,
  first_issued      TEXT NOT NULL,
  issued            TEXT NOT NULL,
  valid_from        INTEGER NOT NULL,
  valid_until       INTEGER NOT NULL,
  suspension_ground TEXT NOT NULL,
  suspension_months INTEGER NOT NULL,
  suspension_from   INTEGER NOT NULL,
  suspension_until  INTEGER NOT NULL,
  suspension_note   TEXT NOT NULL,
  order_number      TEXT NOT NULL,
  ground            TEXT NOT NULL,
  verification      TEXT NOT NULL CHECK (length(verification) = 14),
  drafter           TEXT NOT NULL,
  signer            TEXT NOT NULL CHECK (signer <> ''),
  effective_at      INTEGER NOT NULL,
  recorded_at       INTEGER NOT NULL,
  PRIMARY KEY (number, version),
  CONSTRAINT license_four_eyes CHECK (drafter <> signer),
  CONSTRAINT license_issue_is_drafted CHECK (version > 1 OR drafter <> ''),
  CONSTRAINT license_host CHECK ((sub_type = 'II') = (host <> '')),
  CONSTRAINT license_term CHECK (valid_from < valid_until),
  CONSTRAINT license_suspension CHECK (
    (state = 'suspended' AND suspension_ground <> '' AND suspension_months BETWEEN 1 AND 6 AND suspension_from < suspension_until)
    OR (state <> 'suspended' AND suspension_months = 0))
) STRICT;
CREATE INDEX license_versions_effective ON license_versions (number, effective_at);

-- Appendices of a version, one row for each connection point ('' for a site without
-- one, as sub-type II has). approved_w is the power of the whole appendix and stands
-- on each of its rows: take it once for an appendix, do not sum it.
CREATE TABLE license_sites (
  number          TEXT NOT NULL,
  version         INTEGER NOT NULL,
  appendix        TEXT NOT NULL,
  site            TEXT NOT NULL REFERENCES sites (id),
  site_code       TEXT NOT NULL,
  connection_code TEXT NOT NULL,
  approved_w      INTEGER NOT NULL CHECK (approved_w > 0),
  PRIMARY KEY (number, version, appendix, connection_code),
  FOREIGN KEY (number, version) REFERENCES license_versions (number, version)
) STRICT;
CREATE INDEX license_sites_point ON license_sites (connection_code);

-- The current version of each license, kept in the transaction of the version.
CREATE TABLE licenses (
  number       TEXT PRIMARY KEY,
  version      INTEGER NOT NULL,
  sub_type     TEXT NOT NULL,
  state        TEXT NOT NULL,
  holder       TEXT NOT NULL REFERENCES parties (id),
  holder_bin   TEXT NOT NULL,
  approved_w   INTEGER NOT NULL,
  host         TEXT NOT NULL,
  valid_from   INTEGER NOT NULL,
  valid_until  INTEGER NOT NULL,
  verification TEXT NOT NULL UNIQUE,
  changed_at   INTEGER NOT NULL,
  FOREIGN KEY (number, version) REFERENCES license_versions (number, version)
) STRICT;
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
  approved_w      INTEGER NOT NULL,
  in_force        INTEGER NOT NULL CHECK (in_force IN (0, 1)),
  PRIMARY KEY (number, connection_code)
) STRICT;
CREATE UNIQUE INDEX license_points_one_in_force ON license_points (connection_code) WHERE in_force = 1;
CREATE INDEX license_points_code ON license_points (connection_code);

-- Reference data, each row from a legal date on (valid_until '' is open). grade says
-- how far the row is evidenced: S read in a source, R recalled and to be confirmed.
CREATE TABLE requirements (
  code        TEXT NOT NULL,
  sub_type    TEXT NOT NULL CHECK (sub_type IN ('I', 'II')),
  position    INTEGER NOT NULL,
  evidence    TEXT NOT NULL,
  legal_ref   TEXT NOT NULL CHECK (legal_ref <> ''),
  grade       TEXT NOT NULL CHECK (grade IN ('S', 'R')),
  text_kk     TEXT NOT NULL,
  text_ru     TEXT NOT NULL,
  text_en     TEXT NOT NULL,
  valid_from  TEXT NOT NULL,
  valid_until TEXT NOT NULL,
  PRIMARY KEY (code, sub_type, valid_from)
) STRICT;

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
) STRICT;

-- Numbers of the law by date: mci (tiyn), fee_I and fee_II (in MCI), decision_days and
-- completeness_days (working days), license_years.
CREATE TABLE legal_values (
  code        TEXT NOT NULL,
  value       INTEGER NOT NULL CHECK (value > 0),
  unit        TEXT NOT NULL,
  legal_ref   TEXT NOT NULL CHECK (legal_ref <> ''),
  grade       TEXT NOT NULL CHECK (grade IN ('S', 'R')),
  valid_from  TEXT NOT NULL,
  valid_until TEXT NOT NULL,
  PRIMARY KEY (code, valid_from)
) STRICT;

CREATE TABLE holidays (
  date      TEXT PRIMARY KEY CHECK (length(date) = 10),
  kind      TEXT NOT NULL CHECK (kind IN ('holiday', 'moved_day_off', 'working_saturday')),
  name_kk   TEXT NOT NULL,
  name_ru   TEXT NOT NULL,
  name_en   TEXT NOT NULL,
  legal_ref TEXT NOT NULL
) STRICT;

-- Counters. series is the letters of a license number.
CREATE TABLE registry_sequences (
  name   TEXT PRIMARY KEY,
  series TEXT NOT NULL,
  next   INTEGER NOT NULL CHECK (next >= 1)
) STRICT;
INSERT INTO registry_sequences (name, series, next) VALUES ('license', 'DMA', 1), ('application', 'A', 1), ('order', 'DM', 1), ('site', 'S', 1);

-- +goose StatementBegin
CREATE TRIGGER license_versions_no_update BEFORE UPDATE ON license_versions
BEGIN
  SELECT RAISE(ABORT, 'license versions are never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER license_versions_no_delete BEFORE DELETE ON license_versions
BEGIN
  SELECT RAISE(ABORT, 'license versions are never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER license_sites_no_update BEFORE UPDATE ON license_sites
BEGIN
  SELECT RAISE(ABORT, 'license versions are never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER license_sites_no_delete BEFORE DELETE ON license_sites
BEGIN
  SELECT RAISE(ABORT, 'license versions are never changed or deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER license_versions_no_gap BEFORE INSERT ON license_versions
WHEN NEW.version > 1 AND NOT EXISTS (SELECT 1 FROM license_versions
  WHERE number = NEW.number AND version = NEW.version - 1 AND effective_at <= NEW.effective_at)
BEGIN
  SELECT RAISE(ABORT, 'license versions have no gaps and no falling instants');
END;
-- +goose StatementEnd

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
DROP TABLE applications;
DROP TABLE equipment;
DROP TABLE sites;
DROP TABLE parties;
