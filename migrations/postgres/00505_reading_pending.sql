-- +goose Up
-- Readings as batches brought them, until they are folded into parts, intervals and the
-- newest readings of their meters: one row for all meters of a batch (models.AppendPacket).
-- place is that of its meters, 0 when there are several. A reading is here, in a part or
-- in a sealed chunk, and only once.
CREATE TABLE reading_pending (
  place       BIGINT NOT NULL CHECK (place >= 0),
  id          TEXT NOT NULL,
  first_at    BIGINT NOT NULL,
  last_at     BIGINT NOT NULL CHECK (last_at >= first_at),
  readings    BIGINT NOT NULL CHECK (readings > 0),
  received_at BIGINT NOT NULL,
  body        BYTEA NOT NULL,
  PRIMARY KEY (place, id)
);
ALTER TABLE reading_pending ALTER COLUMN body SET STORAGE EXTERNAL;

-- Counted up by each batch for the places of its meters: who remembers the newest
-- readings of a place knows by it that nobody wrote there since.
CREATE TABLE reading_turns (
  place BIGINT PRIMARY KEY,
  turn  BIGINT NOT NULL
);
ALTER TABLE reading_turns SET (fillfactor = 40);

-- Counted up by each change of the meters: who remembers their codes and utilities knows
-- by it that they hold.
CREATE TABLE meters_turn (
  one  BIGINT PRIMARY KEY CHECK (one = 1),
  turn BIGINT NOT NULL
);
INSERT INTO meters_turn (one, turn) VALUES (1, 1);
-- +goose StatementBegin
CREATE FUNCTION meters_turn_up() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE meters_turn SET turn = turn + 1 WHERE one = 1;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER meters_turn_up AFTER INSERT OR UPDATE OR DELETE ON meters FOR EACH STATEMENT EXECUTE FUNCTION meters_turn_up();

-- +goose Down
-- Only where nothing waits: start the server before, it folds what waits within a minute.
CREATE TABLE readings_would_be_lost (readings BIGINT NOT NULL CHECK (readings = 0));
INSERT INTO readings_would_be_lost SELECT COUNT(*) FROM reading_pending;
DROP TABLE readings_would_be_lost;
DROP TRIGGER meters_turn_up ON meters;
DROP FUNCTION meters_turn_up();
DROP TABLE meters_turn;
DROP TABLE reading_turns;
DROP TABLE reading_pending;
