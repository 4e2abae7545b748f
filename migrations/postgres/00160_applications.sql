-- +goose Up
-- Kinds of application: what each is about, why, how its documents come, and the law
-- as it stood at its filing (pinned, host_contract: JSON). A first license is about
-- no other license.
ALTER TABLE applications ADD COLUMN base_license TEXT NOT NULL DEFAULT '' CHECK (
  kind IN ('issue', 'reissue', 'appendix_change', 'renewal', 'duplicate', 'termination') AND (kind <> 'issue' OR base_license = ''));
ALTER TABLE applications ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE applications ADD COLUMN documents TEXT NOT NULL DEFAULT 'paper' CHECK (documents IN ('attached', 'paper'));
ALTER TABLE applications ADD COLUMN host_contract TEXT NOT NULL DEFAULT '{}';
ALTER TABLE applications ADD COLUMN pinned TEXT NOT NULL DEFAULT '{}';

-- A number is issued by one application and may be changed by many, one at a time.
DROP INDEX applications_license;
CREATE UNIQUE INDEX applications_license ON applications (license) WHERE license <> '' AND kind IN ('issue', 'reissue');
CREATE UNIQUE INDEX applications_one_change ON applications (base_license)
  WHERE base_license <> '' AND kind IN ('reissue', 'appendix_change', 'renewal', 'termination')
  AND state IN ('submitted', 'registered', 'in_review', 'decision_drafted');

CREATE INDEX license_sites_site ON license_sites (site);

-- Which number took the place of which at a re-issue.
CREATE TABLE license_successors (
  number      TEXT PRIMARY KEY REFERENCES licenses (number),
  successor   TEXT NOT NULL UNIQUE REFERENCES licenses (number),
  application TEXT NOT NULL REFERENCES applications (id),
  replaced_at BIGINT NOT NULL,
  CONSTRAINT successor_is_another CHECK (number <> successor)
);

-- Files, each kept once by its hash, and what each was given as evidence of. A
-- removed attachment stays on record.
CREATE TABLE attachment_files (
  sha256  TEXT PRIMARY KEY CHECK (length(sha256) = 64),
  bytes   BIGINT NOT NULL CHECK (bytes > 0),
  content BYTEA NOT NULL,
  CONSTRAINT attachment_is_whole CHECK (length(content) = bytes)
);
CREATE TABLE application_attachments (
  id          TEXT PRIMARY KEY,
  application TEXT NOT NULL REFERENCES applications (id),
  requirement TEXT NOT NULL CHECK (requirement <> ''),
  name        TEXT NOT NULL CHECK (name <> ''),
  media_type  TEXT NOT NULL CHECK (media_type IN ('application/pdf', 'image/jpeg', 'image/png')),
  bytes       BIGINT NOT NULL CHECK (bytes > 0),
  sha256      TEXT NOT NULL REFERENCES attachment_files (sha256),
  created_by  TEXT NOT NULL CHECK (created_by <> ''),
  created_at  BIGINT NOT NULL,
  removed_by  TEXT NOT NULL,
  removed_at  BIGINT NOT NULL,
  CONSTRAINT attachment_removed_by_somebody CHECK ((removed_by = '') = (removed_at = 0))
);
CREATE INDEX application_attachments_application ON application_attachments (application, id);
CREATE UNIQUE INDEX application_attachments_once ON application_attachments (application, requirement, sha256) WHERE removed_by = '';

-- What was filed, every time: content is canonical JSON, digest its SHA-256.
CREATE TABLE application_receipts (
  application TEXT NOT NULL REFERENCES applications (id),
  version     BIGINT NOT NULL,
  reference   TEXT NOT NULL,
  filed_at    BIGINT NOT NULL,
  digest      TEXT NOT NULL CHECK (length(digest) = 64),
  content     TEXT NOT NULL,
  register_by TEXT NOT NULL CHECK (length(register_by) = 10),
  PRIMARY KEY (application, version)
);

-- Reasons for which an application of a kind can be made: dated data.
CREATE TABLE application_reasons (
  kind        TEXT NOT NULL,
  code        TEXT NOT NULL CHECK (code <> ''),
  legal_ref   TEXT NOT NULL CHECK (legal_ref <> ''),
  grade       TEXT NOT NULL CHECK (grade IN ('S', 'R')),
  text_kk     TEXT NOT NULL,
  text_ru     TEXT NOT NULL,
  text_en     TEXT NOT NULL,
  valid_from  TEXT NOT NULL,
  valid_until TEXT NOT NULL,
  PRIMARY KEY (kind, code, valid_from)
);

-- Which kinds of application look at a requirement ('' is every kind), and whether an
-- application with attached documents has a file for it.
ALTER TABLE requirements ADD COLUMN needs_file SMALLINT NOT NULL DEFAULT 0 CHECK (needs_file IN (0, 1));
ALTER TABLE requirements ADD COLUMN kinds TEXT NOT NULL DEFAULT '';
UPDATE requirements SET needs_file = 1 WHERE code IN ('DATA_CENTRE_RIGHT', 'LAND_USE', 'TECHNICAL_CONDITIONS', 'SUPPLY_CONTRACT', 'EQUIPMENT_OWNED', 'HOSTING_CONTRACT');
UPDATE requirements SET kinds = 'issue,reissue,appendix_change,renewal' WHERE code = 'APPLICANT';
UPDATE requirements SET kinds = 'issue,reissue,renewal,duplicate' WHERE code = 'FEE';
UPDATE requirements SET kinds = 'issue,appendix_change,renewal' WHERE code NOT IN ('APPLICANT', 'FEE');

-- +goose Down
ALTER TABLE requirements DROP COLUMN kinds;
ALTER TABLE requirements DROP COLUMN needs_file;
DROP TABLE application_reasons;
DROP TABLE application_receipts;
DROP TABLE application_attachments;
DROP TABLE attachment_files;
DROP TABLE license_successors;
DROP INDEX license_sites_site;
DROP INDEX applications_one_change;
DROP INDEX applications_license;
CREATE UNIQUE INDEX applications_license ON applications (license) WHERE license <> '';
ALTER TABLE applications DROP COLUMN pinned;
ALTER TABLE applications DROP COLUMN host_contract;
ALTER TABLE applications DROP COLUMN documents;
ALTER TABLE applications DROP COLUMN reason;
ALTER TABLE applications DROP COLUMN base_license;
