-- +goose Up
-- PostgreSQL only: there the newest readings of a batch are followed by one statement, and
-- have room beside them to be written anew.
SELECT 1;

-- +goose Down
SELECT 1;
