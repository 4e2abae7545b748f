-- +goose Up
-- Paragraphs of the registry's letters by date, with {{placeholders}} that their
-- documents fill in. A change of the words is a new row.
CREATE TABLE letter_texts (
  code        TEXT NOT NULL CHECK (code <> ''),
  text_kk     TEXT NOT NULL CHECK (text_kk <> ''),
  text_ru     TEXT NOT NULL CHECK (text_ru <> ''),
  text_en     TEXT NOT NULL CHECK (text_en <> ''),
  legal_ref   TEXT NOT NULL CHECK (legal_ref <> ''),
  grade       TEXT NOT NULL CHECK (grade IN ('S', 'R')),
  valid_from  TEXT NOT NULL CHECK (length(valid_from) = 10),
  valid_until TEXT NOT NULL,
  recorded_at BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (code, valid_from)
);

-- Proposed changes of reference data, each decided by another person than proposed
-- it. lines is JSON.
CREATE TABLE reference_changes (
  id          TEXT PRIMARY KEY,
  kind        TEXT NOT NULL CHECK (kind <> ''),
  note        TEXT NOT NULL CHECK (note <> ''),
  lines       TEXT NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('proposed', 'confirmed', 'rejected')),
  proposed_by TEXT NOT NULL CHECK (proposed_by <> ''),
  proposed_at BIGINT NOT NULL,
  decided_by  TEXT NOT NULL,
  decided_at  BIGINT NOT NULL,
  reason      TEXT NOT NULL,
  version     BIGINT NOT NULL CHECK (version >= 1),
  CONSTRAINT reference_decided_by_somebody CHECK ((state = 'proposed') = (decided_by = '')),
  CONSTRAINT reference_four_eyes CHECK (state <> 'confirmed' OR proposed_by <> decided_by),
  CONSTRAINT reference_rejection_says_why CHECK (state <> 'rejected' OR reason <> '')
);
CREATE INDEX reference_changes_state ON reference_changes (state, id);

CREATE TABLE letter_texts_history (LIKE letter_texts, replaced_at BIGINT NOT NULL, PRIMARY KEY (code, valid_from, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION letter_texts_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO letter_texts_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER letter_texts_keeps_history AFTER UPDATE OR DELETE ON letter_texts FOR EACH ROW EXECUTE FUNCTION letter_texts_keep_history();
CREATE TRIGGER letter_texts_history_immutable BEFORE UPDATE OR DELETE ON letter_texts_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER letter_texts_history_no_truncate BEFORE TRUNCATE ON letter_texts_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

CREATE TABLE reference_changes_history (LIKE reference_changes, replaced_at BIGINT NOT NULL, PRIMARY KEY (id, replaced_at));
-- +goose StatementBegin
CREATE FUNCTION reference_changes_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO reference_changes_history VALUES (OLD.*, history_instant()) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER reference_changes_keeps_history AFTER UPDATE OR DELETE ON reference_changes FOR EACH ROW EXECUTE FUNCTION reference_changes_keep_history();
CREATE TRIGGER reference_changes_history_immutable BEFORE UPDATE OR DELETE ON reference_changes_history FOR EACH ROW EXECUTE FUNCTION history_is_immutable();
CREATE TRIGGER reference_changes_history_no_truncate BEFORE TRUNCATE ON reference_changes_history FOR EACH STATEMENT EXECUTE FUNCTION history_is_immutable();

-- +goose Down
DROP TRIGGER reference_changes_keeps_history ON reference_changes;
DROP TABLE reference_changes_history;
DROP FUNCTION reference_changes_keep_history();
DROP TRIGGER letter_texts_keeps_history ON letter_texts;
DROP TABLE letter_texts_history;
DROP FUNCTION letter_texts_keep_history();
DROP TABLE reference_changes;
DROP TABLE letter_texts;
