-- +goose Up
-- The status list as it was last counted: what each license and connection point is
-- (0 valid, 1 suspended, 2 revoked, 3 pending) and the version of the list at which
-- it became so. Versions only grow.
CREATE TABLE status_entries (
  kind       TEXT NOT NULL CHECK (kind IN ('license', 'connection')),
  id         TEXT NOT NULL CHECK (id <> ''),
  utility_id TEXT NOT NULL,
  status     INTEGER NOT NULL CHECK (status BETWEEN 0 AND 3),
  version    INTEGER NOT NULL CHECK (version >= 1),
  CONSTRAINT status_entries_key PRIMARY KEY (kind, id),
  CONSTRAINT status_utility CHECK ((kind = 'license') = (utility_id = ''))
) STRICT;
CREATE INDEX status_entries_version ON status_entries (version);

CREATE TABLE status_version (
  one     INTEGER PRIMARY KEY CHECK (one = 1),
  version INTEGER NOT NULL CHECK (version >= 0)
) STRICT;
INSERT INTO status_version (one, version) VALUES (1, 0);

-- +goose Down
DROP TABLE status_version;
DROP TABLE status_entries;
