-- +goose Up
-- What holds from an instant on for a place, a license or a party: hours of supply,
-- curtailments, legal holds, suspect premises, claims, transfers between grid
-- companies. Rows are written once; the end of one is a row of its own, written once
-- too, by another person where the fact protects somebody.
CREATE TABLE standing_facts (
  id          TEXT PRIMARY KEY,
  kind        TEXT NOT NULL,
  scope       TEXT NOT NULL,
  scope_id    TEXT NOT NULL,
  from_at     INTEGER NOT NULL CHECK (from_at > 0),
  until_at    INTEGER NOT NULL CHECK (until_at = 0 OR until_at > from_at),
  source      TEXT NOT NULL,
  hours       INTEGER NOT NULL,
  power_w     INTEGER NOT NULL CHECK (power_w >= 0),
  mining_only INTEGER NOT NULL CHECK (mining_only IN (0, 1)),
  claimant    TEXT NOT NULL,
  document    TEXT NOT NULL CHECK (document <> ''),
  note        TEXT NOT NULL,
  recorded_by TEXT NOT NULL CHECK (recorded_by <> ''),
  recorded_at INTEGER NOT NULL,
  CONSTRAINT standing_scope CHECK (
    kind = 'supply_basis' AND scope IN ('connection_point', 'license')
    OR kind = 'curtailment' AND scope IN ('connection_point', 'feeder', 'substation', 'grid')
    OR kind = 'legal_hold' AND scope IN ('connection_point', 'site', 'license', 'party')
    OR kind = 'suspect_premises' AND scope IN ('connection_point', 'site', 'party')
    OR kind = 'claim' AND scope = 'connection_point'
    OR kind = 'area_transfer' AND scope IN ('connection_point', 'feeder', 'substation')),
  CONSTRAINT standing_named CHECK ((scope = 'grid') = (scope_id = '')),
  CONSTRAINT standing_supply CHECK (CASE WHEN kind = 'supply_basis'
    THEN source IN ('auction', 'import', 'own_generation', 'own_res', 'ppa_res') AND hours BETWEEN 1 AND 16777215
    ELSE source = '' AND hours = 0 END),
  CONSTRAINT standing_power CHECK (power_w = 0 OR kind = 'supply_basis' OR kind = 'curtailment' AND scope <> 'grid'),
  CONSTRAINT standing_mining CHECK (mining_only = 0 OR kind = 'curtailment'),
  CONSTRAINT standing_claimant CHECK ((kind = 'claim') = (claimant <> '')),
  CONSTRAINT standing_recorder UNIQUE (id, kind, recorded_by)
) STRICT;
CREATE INDEX standing_facts_scope ON standing_facts (scope, scope_id, kind);

CREATE TABLE standing_ends (
  fact_id     TEXT PRIMARY KEY,
  kind        TEXT NOT NULL,
  recorded_by TEXT NOT NULL,
  ended_by    TEXT NOT NULL CHECK (ended_by <> ''),
  ended_at    INTEGER NOT NULL,
  reason      TEXT NOT NULL CHECK (reason <> ''),
  FOREIGN KEY (fact_id, kind, recorded_by) REFERENCES standing_facts (id, kind, recorded_by),
  CONSTRAINT standing_four_eyes CHECK (kind NOT IN ('legal_hold', 'suspect_premises') OR ended_by <> recorded_by)
) STRICT;

-- +goose Down
DROP TABLE standing_ends;
DROP TABLE standing_facts;
