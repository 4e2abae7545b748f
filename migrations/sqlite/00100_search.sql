-- +goose Up
-- Words and numbers by which things are found, in the spelling of search, kept in
-- the transactions of the things. party and utility are whose the thing is, ''
-- where nobody's. version is that of the spelling: another one builds the index
-- anew.
CREATE TABLE search_terms (
  kind    TEXT NOT NULL,
  term    TEXT NOT NULL CHECK (term <> ''),
  id      TEXT NOT NULL,
  party   TEXT NOT NULL,
  utility TEXT NOT NULL,
  PRIMARY KEY (kind, term, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX search_terms_id ON search_terms (kind, id, term);

CREATE TABLE search_index (
  version INTEGER PRIMARY KEY
) STRICT;

-- +goose Down
DROP TABLE search_index;
DROP TABLE search_terms;
