-- +goose Up
-- Words and numbers by which things are found, in the spelling of search, kept in
-- the transactions of the things. party and utility are whose the thing is, ''
-- where nobody's. version is that of the spelling: another one builds the index
-- anew. Terms compare by byte, so that a range of the index is a prefix.
CREATE TABLE search_terms (
  kind    TEXT NOT NULL,
  term    TEXT COLLATE "C" NOT NULL CHECK (term <> ''),
  id      TEXT NOT NULL,
  party   TEXT NOT NULL,
  utility TEXT NOT NULL,
  PRIMARY KEY (kind, term, id)
);
CREATE INDEX search_terms_id ON search_terms (kind, id, term);
CREATE INDEX equipment_serial_bytes ON equipment (serial_key COLLATE "C");

CREATE TABLE search_index (
  version BIGINT PRIMARY KEY
);

-- +goose Down
DROP TABLE search_index;
DROP INDEX equipment_serial_bytes;
DROP TABLE search_terms;
