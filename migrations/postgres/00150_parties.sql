-- +goose Up
-- A party that was merged into another stays: its id and number lead to the survivor.
ALTER TABLE parties ADD COLUMN merged_into TEXT REFERENCES parties (id) CHECK (merged_into <> id);
CREATE INDEX parties_merged_into ON parties (merged_into) WHERE merged_into IS NOT NULL;

-- What the law asks of who may be licensed, by legal date. values_json is a JSON array
-- of the values that are allowed.
CREATE TABLE party_rules (
  code        TEXT NOT NULL CHECK (code IN ('residency', 'size', 'state')),
  values_json TEXT NOT NULL,
  legal_ref   TEXT NOT NULL CHECK (legal_ref <> ''),
  grade       TEXT NOT NULL CHECK (grade IN ('S', 'R')),
  valid_from  TEXT NOT NULL CHECK (length(valid_from) = 10),
  valid_until TEXT NOT NULL,
  PRIMARY KEY (code, valid_from)
);

-- Directors and beneficial owners: what was known, version by version. valid_from and
-- valid_until are legal dates (valid_until not included, '' is open), recorded_at is
-- when it became known. Rows are never changed: a correction, an end and a move to
-- another party are new versions. person_key is one for one human being: the IIN, or
-- the folded name and the citizenship of who has none. What ends on the day it begins
-- never was. salt makes the digest of the person in the ledger tell nothing.
CREATE TABLE party_persons (
  id          TEXT NOT NULL,
  version     BIGINT NOT NULL CHECK (version >= 1),
  party       TEXT NOT NULL REFERENCES parties (id),
  role        TEXT NOT NULL CHECK (role IN ('director', 'beneficial_owner')),
  name        TEXT NOT NULL CHECK (name <> ''),
  iin         TEXT NOT NULL CHECK (iin = '' OR length(iin) = 12),
  citizenship TEXT NOT NULL CHECK (length(citizenship) = 2),
  person_key  TEXT NOT NULL CHECK (person_key <> ''),
  share_bp    BIGINT NOT NULL CHECK (share_bp BETWEEN 0 AND 10000),
  valid_from  TEXT NOT NULL CHECK (length(valid_from) = 10),
  valid_until TEXT NOT NULL CHECK (valid_until = '' OR valid_from <= valid_until),
  note        TEXT NOT NULL,
  salt        BYTEA NOT NULL,
  recorded_by TEXT NOT NULL CHECK (recorded_by <> ''),
  recorded_at BIGINT NOT NULL,
  PRIMARY KEY (id, version),
  CONSTRAINT person_share CHECK ((role = 'beneficial_owner') = (share_bp > 0)),
  CONSTRAINT person_citizen_has_iin CHECK (citizenship <> 'KZ' OR iin <> '')
);
CREATE INDEX party_persons_party ON party_persons (party, id);
CREATE INDEX party_persons_key ON party_persons (person_key, id);

-- +goose StatementBegin
CREATE FUNCTION party_persons_are_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'what was known about a person is never changed or deleted' USING ERRCODE = 'check_violation';
END $$;
-- +goose StatementEnd
CREATE TRIGGER party_persons_immutable BEFORE UPDATE OR DELETE ON party_persons
  FOR EACH ROW EXECUTE FUNCTION party_persons_are_immutable();
CREATE TRIGGER party_persons_no_truncate BEFORE TRUNCATE ON party_persons
  FOR EACH STATEMENT EXECUTE FUNCTION party_persons_are_immutable();
-- +goose StatementBegin
CREATE FUNCTION party_persons_have_no_gaps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.version > 1 AND NOT EXISTS (SELECT 1 FROM party_persons
    WHERE id = NEW.id AND version = NEW.version - 1 AND recorded_at <= NEW.recorded_at) THEN
    RAISE EXCEPTION 'versions have no gaps and no falling instants' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER party_persons_no_gap BEFORE INSERT ON party_persons
  FOR EACH ROW EXECUTE FUNCTION party_persons_have_no_gaps();

-- What parties are compared by: kind is name, phone, email, address or person.
CREATE TABLE party_keys (
  kind  TEXT NOT NULL,
  term  TEXT NOT NULL CHECK (term <> ''),
  party TEXT NOT NULL REFERENCES parties (id),
  PRIMARY KEY (kind, term, party)
);
CREATE INDEX party_keys_party ON party_keys (party);

-- Pairs that look like one party, kept in the transactions of the parties. signs is a
-- JSON array of what agrees.
CREATE TABLE party_pairs (
  a     TEXT NOT NULL REFERENCES parties (id),
  b     TEXT NOT NULL REFERENCES parties (id),
  score BIGINT NOT NULL CHECK (score BETWEEN 1 AND 100),
  signs TEXT NOT NULL,
  PRIMARY KEY (a, b),
  CONSTRAINT pair_once CHECK (a COLLATE "C" < b COLLATE "C")
);
CREATE INDEX party_pairs_b ON party_pairs (b);
CREATE INDEX party_pairs_score ON party_pairs (score, a, b);

CREATE TABLE party_index (
  version BIGINT PRIMARY KEY
);

-- Pairs that somebody looked at and found to be two. They come back when more agrees
-- than score.
CREATE TABLE party_dismissals (
  a            TEXT NOT NULL REFERENCES parties (id),
  b            TEXT NOT NULL REFERENCES parties (id),
  score        BIGINT NOT NULL,
  reason       TEXT NOT NULL CHECK (reason <> ''),
  dismissed_by TEXT NOT NULL CHECK (dismissed_by <> ''),
  dismissed_at BIGINT NOT NULL,
  PRIMARY KEY (a, b),
  CONSTRAINT dismissal_once CHECK (a COLLATE "C" < b COLLATE "C")
);

-- Merges of one party into another: proposed by one person, confirmed by another,
-- undone by one. A party is merged once at a time.
CREATE TABLE party_merges (
  id          TEXT PRIMARY KEY,
  survivor    TEXT NOT NULL REFERENCES parties (id),
  duplicate   TEXT NOT NULL REFERENCES parties (id),
  state       TEXT NOT NULL CHECK (state IN ('proposed', 'rejected', 'merged', 'undone')),
  reason      TEXT NOT NULL CHECK (reason <> ''),
  drafter     TEXT NOT NULL CHECK (drafter <> ''),
  proposed_at BIGINT NOT NULL,
  signer      TEXT NOT NULL,
  decided_at  BIGINT NOT NULL,
  undone_by   TEXT NOT NULL,
  undone_at   BIGINT NOT NULL,
  undo_reason TEXT NOT NULL,
  version     BIGINT NOT NULL CHECK (version >= 1),
  CONSTRAINT merge_of_two CHECK (survivor <> duplicate),
  CONSTRAINT merge_decided_by_somebody CHECK ((state = 'proposed') = (signer = '')),
  CONSTRAINT merge_four_eyes CHECK (state NOT IN ('merged', 'undone') OR drafter <> signer),
  CONSTRAINT merge_undone_with_reason CHECK ((state = 'undone') = (undone_by <> '' AND undo_reason <> ''))
);
CREATE UNIQUE INDEX party_merges_one_open ON party_merges (duplicate) WHERE state IN ('proposed', 'merged');
CREATE INDEX party_merges_survivor ON party_merges (survivor, id);

-- Exactly what a merge moved: the things that belonged to the duplicate. old_bin is
-- the applicant's number that an application had.
CREATE TABLE party_merge_items (
  merge_id TEXT NOT NULL REFERENCES party_merges (id),
  kind     TEXT NOT NULL CHECK (kind IN ('site', 'equipment', 'application', 'user', 'person')),
  item     TEXT NOT NULL,
  old_bin  TEXT NOT NULL,
  PRIMARY KEY (merge_id, kind, item)
);

-- +goose Down
DROP TABLE party_merge_items;
DROP TABLE party_merges;
DROP TABLE party_dismissals;
DROP TABLE party_index;
DROP TABLE party_pairs;
DROP TABLE party_keys;
DROP TABLE party_persons;
DROP FUNCTION party_persons_are_immutable();
DROP FUNCTION party_persons_have_no_gaps();
DROP TABLE party_rules;
DROP INDEX parties_merged_into;
ALTER TABLE parties DROP COLUMN merged_into;
