-- Every check of every turn, in daily partitions: a day is dropped in one stroke when it is past keeping.

-- Wide columns first, so that a row has no padding: 39 bytes of data when every phase is there.
-- No foreign keys: they would cost a look-up a row, and the recorder has made site and region before.
CREATE TABLE checks (
    at timestamptz NOT NULL,
    site_id integer NOT NULL,
    -- Phases, in microseconds.
    dns integer,
    connect integer,
    tls integer,
    wait integer,
    transfer integer,
    region_id smallint NOT NULL,
    http_status smallint,
    attempts smallint NOT NULL,
    -- The number of `Failure`; null when there was a good or restricted reply.
    failure smallint,
    restricted boolean NOT NULL,
    -- Only for failed and restricted ones.
    detail text,
    -- The moment last: site and region fill its eight bytes, so an entry is 8 bytes smaller, and
    -- the newest of one site and region are one short walk. The site is first, as sharding wants it.
    PRIMARY KEY (site_id, region_id, at)
) PARTITION BY RANGE (at);

-- Makes the partition of a day (UTC) unless it is there. It is made apart and then attached, which
-- blocks neither readers nor writers of the other days.
CREATE FUNCTION ensure_checks_partition(day date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    part text := 'checks_' || to_char(day, 'YYYYMMDD');
BEGIN
    IF to_regclass(part) IS NOT NULL THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('stillup checks partitions'));
    IF to_regclass(part) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE checks INCLUDING ALL)', part);
    EXECUTE format(
        'ALTER TABLE checks ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        part,
        to_char(day, 'YYYY-MM-DD') || ' 00:00:00+00',
        to_char(day + 1, 'YYYY-MM-DD') || ' 00:00:00+00'
    );
END
$$;

-- Drops the partitions of all days before this one (UTC); returns how many. It gives up rather than
-- have the recorder queue behind it; the next call tries again.
CREATE FUNCTION drop_checks_before(day date) RETURNS integer LANGUAGE plpgsql
SET lock_timeout = '2s' AS $$
DECLARE
    part text;
    dropped integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('stillup checks partitions'));
    FOR part IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'checks'::regclass AND c.relname ~ '^checks_\d{8,}$'
          AND to_date(substr(c.relname, 8), 'YYYYMMDD') < day
        ORDER BY c.relname
    LOOP
        EXECUTE format('DROP TABLE %I', part);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END
$$;
