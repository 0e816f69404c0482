-- What visitors look up and report is shown beside the verdicts for a day, and a restart must not forget it. Who they were is never here, not even as a hash.

-- Visitors in each five minutes: who looked a site up (and was told that it is down), who reported a
-- problem with it.
CREATE TABLE crowd_counts (
    at timestamptz NOT NULL,
    -- 1: lookups, 2: reports.
    what smallint NOT NULL,
    key text NOT NULL,
    times integer NOT NULL,
    down integer NOT NULL,
    PRIMARY KEY (at, what, key)
);

-- The last batch of each process, so that a batch that is written again counts once.
CREATE TABLE crowd_writers (
    writer bigint PRIMARY KEY,
    batch bigint NOT NULL,
    at timestamptz NOT NULL
);

-- Sites that so many look up that they may be worth a place in the catalogue.
CREATE TABLE proposals (
    key text PRIMARY KEY,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    -- The most visitors that it had in an hour.
    visitors integer NOT NULL
);
