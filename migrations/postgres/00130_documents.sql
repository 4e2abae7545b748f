-- +goose Up
-- What the registry issued on paper: the record, and the bytes that were signed.
-- Neither is ever changed; sha256 is of the whole file and stands in the ledger too.
CREATE TABLE documents (
  id           TEXT PRIMARY KEY,
  number       TEXT NOT NULL UNIQUE,
  kind         TEXT NOT NULL CHECK (kind IN ('license', 'appendix', 'refusal', 'suspension', 'disconnection_order', 'absence', 'extract')),
  subject_kind TEXT NOT NULL,
  subject_id   TEXT NOT NULL,
  license      TEXT NOT NULL,
  party        TEXT NOT NULL,
  sha256       TEXT NOT NULL CHECK (length(sha256) = 64),
  bytes        BIGINT NOT NULL CHECK (bytes > 0),
  ledger_size  BIGINT NOT NULL CHECK (ledger_size >= 0),
  facts_at     BIGINT NOT NULL,
  created_by   TEXT NOT NULL,
  created_at   BIGINT NOT NULL
);
CREATE INDEX documents_license ON documents (license, id);
CREATE INDEX documents_subject ON documents (subject_id, id);
CREATE INDEX documents_party ON documents (party, id);

CREATE TABLE document_files (
  document TEXT PRIMARY KEY REFERENCES documents (id),
  content  BYTEA NOT NULL
);

CREATE INDEX license_versions_holder_bin ON license_versions (holder_bin);
INSERT INTO registry_sequences (name, series, next) VALUES ('document', 'DOC', 1);

-- +goose Down
DELETE FROM registry_sequences WHERE name = 'document';
DROP INDEX license_versions_holder_bin;
DROP TABLE document_files;
DROP TABLE documents;
