-- +goose Up
-- The gate's index follows the newest readings of a batch by one statement, not by one
-- for each meter; what it is told is the same as before (00410).
DROP TRIGGER gate_follows_meter_minutes ON meter_states;
DROP TRIGGER gate_follows_meter_states ON meter_states;
DROP FUNCTION gate_follows_meter_states();

-- +goose StatementBegin
CREATE FUNCTION gate_follows_meter_states() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO gate_changes (kind, key) SELECT 'reading', meter_id FROM new_states;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO gate_changes (kind, key) SELECT 'reading', meter_id FROM old_states;
  ELSE
    -- EXCEPT and no join: its plan is right for one row and for thousands.
    INSERT INTO gate_changes (kind, key) SELECT 'reading', meter_id FROM
      (SELECT meter_id, base_at / 60000000 FROM new_states EXCEPT SELECT meter_id, base_at / 60000000 FROM old_states) moved;
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER gate_follows_new_states AFTER INSERT ON meter_states REFERENCING NEW TABLE AS new_states
  FOR EACH STATEMENT EXECUTE FUNCTION gate_follows_meter_states();
CREATE TRIGGER gate_follows_lost_states AFTER DELETE ON meter_states REFERENCING OLD TABLE AS old_states
  FOR EACH STATEMENT EXECUTE FUNCTION gate_follows_meter_states();
-- Meters are read every second: the newest reading is followed by the minute.
CREATE TRIGGER gate_follows_meter_minutes AFTER UPDATE ON meter_states REFERENCING OLD TABLE AS old_states NEW TABLE AS new_states
  FOR EACH STATEMENT EXECUTE FUNCTION gate_follows_meter_states();

-- Each batch writes these rows anew: with room on their page, no index is touched.
ALTER TABLE meter_states SET (fillfactor = 40);
ALTER TABLE intervals SET (fillfactor = 80);

-- +goose Down
ALTER TABLE intervals RESET (fillfactor);
ALTER TABLE meter_states RESET (fillfactor);
DROP TRIGGER gate_follows_meter_minutes ON meter_states;
DROP TRIGGER gate_follows_lost_states ON meter_states;
DROP TRIGGER gate_follows_new_states ON meter_states;
DROP FUNCTION gate_follows_meter_states();
-- +goose StatementBegin
CREATE FUNCTION gate_follows_meter_states() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO gate_changes (kind, key) VALUES ('reading', NEW.meter_id);
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO gate_changes (kind, key) VALUES ('reading', OLD.meter_id);
  ELSIF OLD.base_at / 60000000 <> NEW.base_at / 60000000 THEN
    INSERT INTO gate_changes (kind, key) SELECT 'reading', OLD.meter_id UNION SELECT 'reading', NEW.meter_id;
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER gate_follows_meter_states AFTER INSERT OR DELETE ON meter_states FOR EACH ROW EXECUTE FUNCTION gate_follows_meter_states();
CREATE TRIGGER gate_follows_meter_minutes AFTER UPDATE ON meter_states FOR EACH ROW WHEN (OLD.base_at / 60000000 <> NEW.base_at / 60000000)
  EXECUTE FUNCTION gate_follows_meter_states();
