-- Charts and uptime must cost the same after ten years: sums of checks and of judged time are kept.

-- A row is a sheet of buckets, packed: step 1 is an hour in buckets of five minutes, step 2 a day in
-- hours, step 3 a day. Checks are summed by region; region 0 holds the judged time of the site.
CREATE TABLE rollups (
    at timestamptz NOT NULL,
    site_id integer NOT NULL,
    region_id smallint NOT NULL,
    step smallint NOT NULL,
    sheet bytea NOT NULL,
    -- The site is first, as sharding wants it; then one short walk is one stretch of all regions.
    PRIMARY KEY (site_id, step, at, region_id)
) PARTITION BY LIST (step);

CREATE TABLE rollups_5m PARTITION OF rollups FOR VALUES IN (1) PARTITION BY RANGE (at);
CREATE TABLE rollups_1h PARTITION OF rollups FOR VALUES IN (2) PARTITION BY RANGE (at);
CREATE TABLE rollups_1d PARTITION OF rollups FOR VALUES IN (3);

-- Stretches to sum again, written with the checks and changes that are in them. A row goes only after
-- a sum that has seen what it stands for, so a sum that was killed is made again, and the same.
CREATE TABLE rollup_marks (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- The first and the last hour; a verdict, which holds until the next one, has no last.
    from_at timestamptz NOT NULL,
    until_at timestamptz,
    -- All sites when it is null.
    site_id integer
);

-- Up to where there are sheets of each step; before `raw`, checks are not all there any more.
CREATE TABLE rollup_progress (
    name text PRIMARY KEY,
    until timestamptz NOT NULL
);

-- What was recorded before there were rollups.
INSERT INTO rollup_marks (from_at, until_at)
SELECT day, day + interval '23 hours' FROM (
    SELECT to_timestamp(substr(c.relname, 8), 'YYYYMMDD')::timestamp AT TIME ZONE 'UTC' AS day
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'checks'::regclass AND c.relname ~ '^checks_\d{8}$'
) days WHERE day > now() - interval '400 days' AND day < now();

-- Makes the partition of a month (UTC) of sheets of step 1 or 2, unless it is there.
CREATE FUNCTION ensure_rollups_partition(step smallint, day date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    parent text := CASE step WHEN 1 THEN 'rollups_5m' ELSE 'rollups_1h' END;
    month date := date_trunc('month', day::timestamp)::date;
    part text := parent || '_' || to_char(month, 'YYYYMM');
BEGIN
    IF step > 2 OR to_regclass(part) IS NOT NULL THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('stillup rollups partitions'));
    IF to_regclass(part) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', part, parent);
    EXECUTE format(
        'ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        parent,
        part,
        to_char(month, 'YYYY-MM-DD') || ' 00:00:00+00',
        to_char((month + interval '1 month')::date, 'YYYY-MM-DD') || ' 00:00:00+00'
    );
END
$$;

-- Drops the months of sheets of step 1 or 2 that ended before this day (UTC); returns how many.
CREATE FUNCTION drop_rollups_before(step smallint, day date) RETURNS integer LANGUAGE plpgsql
SET lock_timeout = '200ms' AS $$
DECLARE
    parent text := CASE step WHEN 1 THEN 'rollups_5m' ELSE 'rollups_1h' END;
    part text;
    dropped integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('stillup rollups partitions'));
    FOR part IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = parent::regclass AND c.relname ~ '^rollups_\d[mh]_\d{6,}$'
          AND to_date(substr(c.relname, 12), 'YYYYMM') + interval '1 month' <= day
        ORDER BY c.relname
    LOOP
        EXECUTE format('DROP TABLE %I', part);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END
$$;

-- The recorder queues behind a drop that waits: it may not wait long.
ALTER FUNCTION drop_checks_before(date) SET lock_timeout = '200ms';
