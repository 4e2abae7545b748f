-- +goose Up
-- Readings as batches brought them, until they are folded into parts, intervals and the
-- newest readings of their meters: one row for all meters of a batch (models.AppendPacket).
-- place is that of its meters, 0 when there are several. A reading is here, in a part or
-- in a sealed chunk, and only once.
CREATE TABLE reading_pending (
  place       INTEGER NOT NULL CHECK (place >= 0),
  id          TEXT NOT NULL,
  first_at    INTEGER NOT NULL,
  last_at     INTEGER NOT NULL CHECK (last_at >= first_at),
  readings    INTEGER NOT NULL CHECK (readings > 0),
  received_at INTEGER NOT NULL,
  body        BLOB NOT NULL,
  PRIMARY KEY (place, id)
) STRICT;

-- Counted up by each batch for the places of its meters: who remembers the newest
-- readings of a place knows by it that nobody wrote there since.
CREATE TABLE reading_turns (
  place INTEGER PRIMARY KEY,
  turn  INTEGER NOT NULL
) STRICT;

-- Counted up by each change of the meters: who remembers their codes and utilities knows
-- by it that they hold.
CREATE TABLE meters_turn (
  one  INTEGER PRIMARY KEY CHECK (one = 1),
  turn INTEGER NOT NULL
) STRICT;
INSERT INTO meters_turn (one, turn) VALUES (1, 1);
-- +goose StatementBegin
CREATE TRIGGER meters_turn_insert AFTER INSERT ON meters BEGIN UPDATE meters_turn SET turn = turn + 1 WHERE one = 1; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER meters_turn_update AFTER UPDATE ON meters BEGIN UPDATE meters_turn SET turn = turn + 1 WHERE one = 1; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER meters_turn_delete AFTER DELETE ON meters BEGIN UPDATE meters_turn SET turn = turn + 1 WHERE one = 1; END;
-- +goose StatementEnd

-- +goose Down
-- Only where nothing waits: start the server before, it folds what waits within a minute.
CREATE TABLE readings_would_be_lost (readings INTEGER NOT NULL CHECK (readings = 0)) STRICT;
INSERT INTO readings_would_be_lost SELECT COUNT(*) FROM reading_pending;
DROP TABLE readings_would_be_lost;
DROP TRIGGER meters_turn_delete;
DROP TRIGGER meters_turn_update;
DROP TRIGGER meters_turn_insert;
DROP TABLE meters_turn;
DROP TABLE reading_turns;
DROP TABLE reading_pending;
