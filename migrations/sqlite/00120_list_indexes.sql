-- +goose Up
-- What lists, the gate and detection look rows up by.
CREATE INDEX findings_feeder ON findings (feeder_id);
CREATE INDEX applications_bin ON applications (applicant_bin, state);
CREATE INDEX disconnection_orders_license ON disconnection_orders (license, id);
CREATE INDEX idempotency_keys_at ON idempotency_keys (at);

-- +goose Down
DROP INDEX idempotency_keys_at;
DROP INDEX disconnection_orders_license;
DROP INDEX applications_bin;
DROP INDEX findings_feeder;
