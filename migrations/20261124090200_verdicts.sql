-- What the judge said and remembers: uptime is computed from the changes exactly, and a restart must not make a site flap.

-- Every new verdict. `at` is when it was settled, `from_at` from when it holds.
CREATE TABLE changes (
    at timestamptz NOT NULL,
    from_at timestamptz NOT NULL,
    -- The verdict's own `since`, which may lie before a silence.
    since timestamptz,
    site_id integer NOT NULL REFERENCES sites,
    status smallint NOT NULL,
    failure smallint,
    restricted boolean NOT NULL,
    detail text,
    PRIMARY KEY (site_id, at, from_at, status)
);

CREATE TABLE outages (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    -- The `at` of the change that this row is as of: a replay of an older one changes nothing.
    changed_at timestamptz NOT NULL,
    site_id integer NOT NULL REFERENCES sites,
    status smallint NOT NULL,
    failure smallint,
    detail text,
    regions text[] NOT NULL,
    -- Of the site, when the outage began.
    provider text,
    UNIQUE (site_id, started_at, status)
);
CREATE INDEX outages_newest ON outages (started_at DESC, id DESC);
CREATE INDEX outages_ongoing ON outages (started_at DESC, id DESC) WHERE ended_at IS NULL;

CREATE TABLE site_states (
    site_id integer PRIMARY KEY REFERENCES sites,
    -- The moment of the last check that the state knows of: an older state changes nothing.
    last_at timestamptz NOT NULL,
    state jsonb NOT NULL
);
