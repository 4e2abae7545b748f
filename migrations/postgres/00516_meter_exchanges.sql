-- +goose Up
-- What was done to a meter at its place: installed, exchanged for another device, given
-- other transformers. Registers are in Wh of the primary side: what the old device had
-- counted at the end and the new one at its beginning. Written once, never changed; n
-- orders them, and the readings that join the two counters are the batch n of '@exchange'.
CREATE TABLE meter_exchanges (
  id              TEXT PRIMARY KEY,
  n               BIGINT NOT NULL UNIQUE CHECK (n > 0),
  meter_id        TEXT NOT NULL REFERENCES meters (id),
  kind            TEXT NOT NULL CHECK (kind IN ('installed', 'meter', 'transformers', 'both')),
  at              BIGINT NOT NULL CHECK (at > 0),
  old_serial      TEXT NOT NULL,
  new_serial      TEXT NOT NULL CHECK (new_serial <> ''),
  old_profile     TEXT NOT NULL,
  new_profile     TEXT NOT NULL,
  old_ratio       TEXT NOT NULL,
  new_ratio       TEXT NOT NULL CHECK (new_ratio <> ''),
  final_wh        BIGINT NOT NULL CHECK (final_wh >= 0),
  first_wh        BIGINT NOT NULL CHECK (first_wh >= 0),
  final_export_wh BIGINT NOT NULL CHECK (final_export_wh >= -1),
  first_export_wh BIGINT NOT NULL CHECK (first_export_wh >= -1),
  old_seals       TEXT NOT NULL,
  new_seals       TEXT NOT NULL CHECK (new_seals <> ''),
  act             TEXT NOT NULL CHECK (act <> ''),
  actor_id        TEXT NOT NULL CHECK (actor_id <> ''),
  meter_version   BIGINT NOT NULL CHECK (meter_version > 0),
  recorded_at     BIGINT NOT NULL CHECK (recorded_at >= at),
  UNIQUE (meter_id, at),
  CHECK ((kind = 'installed') = (old_ratio = '')),
  CHECK ((kind IN ('meter', 'both')) = (old_ratio <> '' AND old_serial <> new_serial)),
  CHECK ((kind IN ('transformers', 'both')) = (old_ratio <> '' AND old_ratio <> new_ratio))
);

-- +goose StatementBegin
CREATE FUNCTION meter_exchanges_never_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'an exchange of a meter is never changed or deleted';
END $$;
-- +goose StatementEnd
CREATE TRIGGER meter_exchanges_never_change BEFORE UPDATE OR DELETE ON meter_exchanges
  FOR EACH ROW EXECUTE FUNCTION meter_exchanges_never_change();

-- +goose Down
DROP TABLE meter_exchanges;
DROP FUNCTION meter_exchanges_never_change();
