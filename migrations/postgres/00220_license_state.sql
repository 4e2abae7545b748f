-- +goose Up
-- The list of licenses by state, in its order.
CREATE INDEX licenses_state ON licenses (state, number);

-- +goose Down
DROP INDEX licenses_state;
