-- +goose Up
-- What else is known of a rig, how its serial number is folded so that numbers that
-- people mistake for one another meet, and the import that registered it.
ALTER TABLE equipment ADD COLUMN import_country TEXT NOT NULL DEFAULT '';
ALTER TABLE equipment ADD COLUMN import_date TEXT NOT NULL DEFAULT '';
ALTER TABLE equipment ADD COLUMN import_job TEXT NOT NULL DEFAULT '';
ALTER TABLE equipment ADD COLUMN serial_fold TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE equipment SET serial_fold = translate(serial_key, 'OОILІАВСЕНКМРТХУ', '00111ABCEHKMPTXY');
CREATE INDEX equipment_fold ON equipment (serial_fold);
CREATE INDEX equipment_state ON equipment (state, id);
CREATE INDEX equipment_import ON equipment (import_job, id) WHERE import_job <> '';

-- What happened to each rig. An event is written once; version is that of the rig
-- after it, so there are no two for one version.
CREATE TABLE equipment_events (
  id             TEXT PRIMARY KEY,
  equipment      TEXT NOT NULL REFERENCES equipment (id),
  version        BIGINT NOT NULL CHECK (version >= 2),
  kind           TEXT NOT NULL CHECK (kind IN ('moved', 'stored', 'sold', 'seized', 'released', 'removed', 'awarded', 'corrected')),
  effective_on   TEXT NOT NULL CHECK (length(effective_on) = 10),
  recorded_at    BIGINT NOT NULL,
  before_owner   TEXT NOT NULL,
  before_site    TEXT NOT NULL,
  before_license TEXT NOT NULL,
  before_state   TEXT NOT NULL,
  after_owner    TEXT NOT NULL,
  after_site     TEXT NOT NULL,
  after_license  TEXT NOT NULL,
  after_state    TEXT NOT NULL,
  document       TEXT NOT NULL,
  authority      TEXT NOT NULL,
  note           TEXT NOT NULL,
  alarm          TEXT NOT NULL,
  actor_id       TEXT NOT NULL,
  actor_name     TEXT NOT NULL,
  UNIQUE (equipment, version),
  CONSTRAINT equipment_event_sale CHECK (kind <> 'sold' OR before_owner <> after_owner AND document <> ''),
  CONSTRAINT equipment_event_seizure CHECK (kind <> 'seized' OR authority <> '' AND document <> '')
);
-- +goose StatementBegin
CREATE FUNCTION equipment_events_never_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'events of equipment are never changed or deleted' USING ERRCODE = 'check_violation';
END $$;
-- +goose StatementEnd
CREATE TRIGGER equipment_events_no_change BEFORE UPDATE OR DELETE ON equipment_events
  FOR EACH ROW EXECUTE FUNCTION equipment_events_never_change();

-- One rig claimed at two places. The claim is parked here, not taken. At most one
-- alarm is open for the same claim.
CREATE TABLE equipment_alarms (
  id            TEXT PRIMARY KEY,
  kind          TEXT NOT NULL CHECK (kind IN ('same', 'similar')),
  rig           TEXT NOT NULL REFERENCES equipment (id),
  first_owner   TEXT NOT NULL,
  first_site    TEXT NOT NULL,
  first_license TEXT NOT NULL,
  first_state   TEXT NOT NULL,
  second_owner  TEXT NOT NULL,
  second_site   TEXT NOT NULL,
  second_serial TEXT NOT NULL,
  claim         TEXT NOT NULL,
  source        TEXT NOT NULL CHECK (source IN ('import', 'registration', 'move')),
  source_ref    TEXT NOT NULL,
  state         TEXT NOT NULL CHECK (state IN ('open', 'resolved')),
  outcome       TEXT NOT NULL CHECK (outcome IN ('', 'first_right', 'second_right', 'different_machines', 'typing_error')),
  note          TEXT NOT NULL,
  opened_at     BIGINT NOT NULL,
  opened_by     TEXT NOT NULL,
  resolved_at   BIGINT NOT NULL,
  resolved_by   TEXT NOT NULL,
  registered    TEXT NOT NULL,
  version       BIGINT NOT NULL CHECK (version >= 1),
  CONSTRAINT equipment_alarm_resolved CHECK ((state = 'resolved') = (outcome <> '') AND (state = 'resolved') = (resolved_by <> ''))
);
CREATE UNIQUE INDEX equipment_alarms_claim ON equipment_alarms (rig, second_owner, second_site, second_serial) WHERE state = 'open';
CREATE INDEX equipment_alarms_rig ON equipment_alarms (rig);
CREATE INDEX equipment_alarms_state ON equipment_alarms (state, id);

-- Imports as jobs. done is the checkpoint: data rows that the phase is through
-- with; a chunk of rows, its checkpoint and its entry in the ledger are one
-- transaction, so a job that was cut off goes on where it was.
CREATE TABLE import_jobs (
  id          TEXT PRIMARY KEY,
  kind        TEXT NOT NULL CHECK (kind IN ('equipment')),
  name        TEXT NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('uploading', 'uploaded', 'checking', 'checked', 'running', 'done', 'failed', 'undoing', 'undone', 'cancelled')),
  goal        TEXT NOT NULL CHECK (goal IN ('check', 'run')),
  bytes       BIGINT NOT NULL,
  digest      TEXT NOT NULL,
  encoding    TEXT NOT NULL,
  columns     TEXT NOT NULL,
  sample      TEXT NOT NULL,
  total       BIGINT NOT NULL,
  done        BIGINT NOT NULL,
  imported    BIGINT NOT NULL,
  known       BIGINT NOT NULL,
  refused     BIGINT NOT NULL,
  alarms      BIGINT NOT NULL,
  undone      BIGINT NOT NULL,
  kept        BIGINT NOT NULL,
  cursor      TEXT NOT NULL,
  work_us     BIGINT NOT NULL,
  problem     TEXT NOT NULL,
  attempts    BIGINT NOT NULL,
  worker      TEXT NOT NULL,
  lease_until BIGINT NOT NULL,
  actor       TEXT NOT NULL,
  actor_id    TEXT NOT NULL,
  request_key TEXT NOT NULL,
  created_at  BIGINT NOT NULL,
  updated_at  BIGINT NOT NULL,
  finished_at BIGINT NOT NULL,
  version     BIGINT NOT NULL,
  CONSTRAINT import_progress CHECK (done >= 0 AND done <= total AND imported + known + refused <= total)
);
CREATE UNIQUE INDEX import_jobs_key ON import_jobs (actor_id, request_key) WHERE request_key <> '';
CREATE INDEX import_jobs_work ON import_jobs (state) WHERE state IN ('uploading', 'uploaded', 'checking', 'running', 'undoing');

-- The bytes of the file, in order.
CREATE TABLE import_chunks (
  job  TEXT NOT NULL REFERENCES import_jobs (id),
  n    BIGINT NOT NULL,
  data BYTEA NOT NULL,
  PRIMARY KEY (job, n)
);

-- Rows that were refused, and rigs that an undo kept. phase is check, run or undo;
-- cells is the row as the file has it.
CREATE TABLE import_errors (
  job    TEXT NOT NULL REFERENCES import_jobs (id),
  phase  TEXT NOT NULL CHECK (phase IN ('check', 'run', 'undo')),
  line   BIGINT NOT NULL,
  n      BIGINT NOT NULL,
  field  TEXT NOT NULL,
  code   TEXT NOT NULL,
  detail TEXT NOT NULL,
  value  TEXT NOT NULL,
  cells  TEXT NOT NULL,
  PRIMARY KEY (job, phase, line, n)
);

-- +goose Down
DROP TABLE import_errors;
DROP TABLE import_chunks;
DROP TABLE import_jobs;
DROP TABLE equipment_alarms;
DROP TABLE equipment_events;
DROP FUNCTION equipment_events_never_change();
DROP INDEX equipment_import;
DROP INDEX equipment_state;
DROP INDEX equipment_fold;
ALTER TABLE equipment DROP COLUMN serial_fold;
ALTER TABLE equipment DROP COLUMN import_job;
ALTER TABLE equipment DROP COLUMN import_date;
ALTER TABLE equipment DROP COLUMN import_country;
