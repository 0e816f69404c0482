-- Single checks of a day that is over take a tenth of the room, packed by site, region and hour.

CREATE TABLE sealed (
    -- The hour.
    at timestamptz NOT NULL,
    site_id integer NOT NULL,
    region_id smallint NOT NULL,
    -- How many are in it: fewer than a site could ever have in an hour.
    checks integer NOT NULL,
    packed bytea NOT NULL,
    PRIMARY KEY (site_id, at, region_id)
) PARTITION BY RANGE (at);

-- Makes the partition of a day (UTC) of sealed checks, unless it is there. Large rows are compressed
-- where they are.
CREATE FUNCTION ensure_sealed_partition(day date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    part text := 'sealed_' || to_char(day, 'YYYYMMDD');
BEGIN
    IF to_regclass(part) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE sealed INCLUDING ALL)', part);
    EXECUTE format('ALTER TABLE %I ALTER packed SET STORAGE MAIN', part);
    EXECUTE format(
        'ALTER TABLE sealed ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        part,
        to_char(day, 'YYYY-MM-DD') || ' 00:00:00+00',
        to_char(day + 1, 'YYYY-MM-DD') || ' 00:00:00+00'
    );
END
$$;

-- The first day (UTC) with a partition of single checks, or one that was taken out to be sealed,
-- before this day.
CREATE FUNCTION first_day_to_seal(before date) RETURNS date LANGUAGE sql AS $$
    SELECT min(to_date(substring(relname FROM '\d{8}$'), 'YYYYMMDD'))
    FROM pg_class
    WHERE relkind = 'r' AND relname ~ '^(checks|sealing)_\d{8}$'
      AND pg_table_is_visible(oid)
      AND to_date(substring(relname FROM '\d{8}$'), 'YYYYMMDD') < before
$$;

-- Takes the partition of a day out of the table of checks, so that nobody writes there any more. A
-- check that comes later finds a new one. It gives up rather than have the recorder queue behind it.
CREATE FUNCTION take_out_checks(day date) RETURNS void LANGUAGE plpgsql
SET lock_timeout = '200ms' AS $$
DECLARE
    part text := 'checks_' || to_char(day, 'YYYYMMDD');
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('stillup checks partitions'));
    EXECUTE format('ALTER TABLE checks DETACH PARTITION %I', part);
    EXECUTE format('ALTER TABLE %I RENAME TO %I', part, 'sealing_' || to_char(day, 'YYYYMMDD'));
    EXECUTE format(
        'ALTER INDEX %I RENAME TO %I', part || '_pkey', 'sealing_' || to_char(day, 'YYYYMMDD') || '_pkey'
    );
END
$$;

-- Drops the days of checks before this one (UTC), single and sealed; returns how many partitions.
CREATE OR REPLACE FUNCTION drop_checks_before(day date) RETURNS integer LANGUAGE plpgsql
SET lock_timeout = '200ms' AS $$
DECLARE
    part text;
    dropped integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('stillup checks partitions'));
    FOR part IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent IN ('checks'::regclass, 'sealed'::regclass)
          AND c.relname ~ '^(checks|sealed)_\d{8,}$'
          AND to_date(substr(c.relname, 8), 'YYYYMMDD') < day
        ORDER BY c.relname
    LOOP
        EXECUTE format('DROP TABLE %I', part);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END
$$;

-- The checks of some sites in a day that was taken out.
CREATE FUNCTION taken_out_checks(day date, sites integer[]) RETURNS SETOF checks LANGUAGE plpgsql AS $$
BEGIN
    -- By names: a table that was made later may have its columns in another order.
    RETURN QUERY EXECUTE format(
        'SELECT at, site_id, dns, connect, tls, wait, transfer, region_id, http_status, attempts,
             failure, restricted, detail
         FROM %I WHERE site_id = ANY($1) ORDER BY site_id, region_id, at',
        'sealing_' || to_char(day, 'YYYYMMDD')
    ) USING sites;
END
$$;

-- How many checks are in a day that was taken out; null when there is no such day.
CREATE FUNCTION count_taken_out(day date) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    part text := 'sealing_' || to_char(day, 'YYYYMMDD');
    found bigint;
BEGIN
    IF to_regclass(part) IS NULL THEN
        RETURN NULL;
    END IF;
    EXECUTE format('SELECT count(*) FROM %I', part) INTO found;
    RETURN found;
END
$$;

-- Drops a day that was taken out.
CREATE FUNCTION drop_taken_out(day date) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('DROP TABLE %I', 'sealing_' || to_char(day, 'YYYYMMDD'));
END
$$;
