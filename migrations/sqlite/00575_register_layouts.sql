-- +goose Up
-- What the words of meters' registers are (models.RegisterLayout), by the SHA-256 of the
-- text. Sealed chunks name them; none is ever changed or taken away.
CREATE TABLE register_layouts (
  digest   TEXT PRIMARY KEY CHECK (length(digest) = 64),
  body     TEXT NOT NULL,
  first_at INTEGER NOT NULL
) STRICT;

-- +goose Down
-- Only where no chunk needs them: without its layout nobody reads a chunk's registers.
CREATE TABLE registers_would_be_lost (layouts INTEGER NOT NULL CHECK (layouts = 0)) STRICT;
INSERT INTO registers_would_be_lost SELECT COUNT(*) FROM register_layouts;
DROP TABLE registers_would_be_lost;
DROP TABLE register_layouts;
