-- Checks and verdicts are kept by small numbers, not by names, and a site's history must outlive its place in the catalogue.

CREATE TABLE sites (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    slug text NOT NULL UNIQUE,
    url text NOT NULL,
    name text NOT NULL,
    provider text,
    added_at timestamptz NOT NULL,
    -- When the catalogue let it go; its checks, changes and outages stay.
    removed_at timestamptz
);

CREATE TABLE regions (
    id smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE
);
