-- +goose Up
-- Acts on licenses by two people: one drafts, another signs. An urgent suspension
-- holds at once (state provisional) and is confirmed by another person until
-- confirm_by, or falls. correction is JSON of the facts a correction changes; impact is
-- JSON of what the drafter was shown, and impact_digest its digest.
CREATE TABLE license_acts (
  id             TEXT PRIMARY KEY,
  number         TEXT NOT NULL UNIQUE,
  license        TEXT NOT NULL REFERENCES licenses (number),
  base_version   BIGINT NOT NULL CHECK (base_version >= 1),
  kind           TEXT NOT NULL CHECK (kind IN ('suspension', 'extension', 'lift', 'revocation', 'termination', 'correction')),
  ground         TEXT NOT NULL,
  months         BIGINT NOT NULL CHECK (months BETWEEN 0 AND 6),
  note           TEXT NOT NULL,
  since_at       BIGINT NOT NULL,
  correction     TEXT NOT NULL,
  impact         TEXT NOT NULL,
  impact_digest  TEXT NOT NULL,
  state          TEXT NOT NULL CHECK (state IN ('drafted', 'provisional', 'signed', 'rejected', 'void', 'lapsed')),
  drafter        TEXT NOT NULL CHECK (drafter <> ''),
  drafter_unit   TEXT NOT NULL,
  drafted_at     BIGINT NOT NULL,
  confirm_by     BIGINT NOT NULL,
  signer         TEXT NOT NULL,
  signer_unit    TEXT NOT NULL,
  signed_at      BIGINT NOT NULL,
  order_number   TEXT NOT NULL,
  result_version BIGINT NOT NULL,
  reason         TEXT NOT NULL,
  closed_by      TEXT NOT NULL,
  closed_at      BIGINT NOT NULL,
  version        BIGINT NOT NULL CHECK (version >= 1),
  updated_at     BIGINT NOT NULL,
  CONSTRAINT license_act_four_eyes CHECK (drafter <> signer),
  CONSTRAINT license_act_other_unit CHECK (signer = '' OR drafter_unit = '' OR signer_unit = '' OR drafter_unit <> signer_unit),
  CONSTRAINT license_act_signed_by_somebody CHECK ((state = 'signed') = (signer <> '')),
  CONSTRAINT license_act_provisional_until CHECK (state <> 'provisional' OR confirm_by > drafted_at),
  CONSTRAINT license_act_closed CHECK ((state IN ('drafted', 'provisional')) = (closed_at = 0)),
  CONSTRAINT license_act_corrects CHECK ((kind = 'correction') = (correction <> ''))
);
CREATE INDEX license_acts_license ON license_acts (license, id);
CREATE INDEX license_acts_state ON license_acts (state, id);
CREATE UNIQUE INDEX license_acts_one_open ON license_acts (license, kind) WHERE state IN ('drafted', 'provisional');
CREATE INDEX licenses_suspended ON licenses (number) WHERE state = 'suspended';
INSERT INTO registry_sequences (name, series, next) VALUES ('act', 'LA', 1);

-- corrects is the number of the version whose facts a version states anew, 0 for an
-- ordinary one; act is the id of the act behind the version, '' for none.
ALTER TABLE license_versions ADD COLUMN corrects BIGINT NOT NULL DEFAULT 0 CHECK (corrects >= 0);
ALTER TABLE license_versions ADD COLUMN act TEXT NOT NULL DEFAULT '';

-- Versions have two times. effective_at is from when a version holds and may lie back
-- only where it corrects an earlier one; recorded_at is when the registry learned it
-- and never falls. Version numbers have no gaps.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION license_versions_have_no_gaps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.version > 1 AND NOT EXISTS (SELECT 1 FROM license_versions
    WHERE number = NEW.number AND version = NEW.version - 1 AND recorded_at <= NEW.recorded_at
    AND (NEW.corrects > 0 OR effective_at <= NEW.effective_at)) THEN
    RAISE EXCEPTION 'license versions have no gaps and no falling instants' USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.corrects > 0 AND (NEW.effective_at > NEW.recorded_at OR NOT EXISTS (SELECT 1 FROM license_versions
    WHERE number = NEW.number AND version = NEW.corrects AND effective_at <= NEW.effective_at AND recorded_at <= NEW.recorded_at)) THEN
    RAISE EXCEPTION 'a correction names the version it corrects and holds from an instant that has passed' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION license_versions_have_no_gaps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.version > 1 AND NOT EXISTS (SELECT 1 FROM license_versions
    WHERE number = NEW.number AND version = NEW.version - 1 AND effective_at <= NEW.effective_at) THEN
    RAISE EXCEPTION 'license versions have no gaps and no falling instants' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
ALTER TABLE license_versions DROP COLUMN act;
ALTER TABLE license_versions DROP COLUMN corrects;
DELETE FROM registry_sequences WHERE name = 'act';
DROP INDEX licenses_suspended;
DROP TABLE license_acts;
