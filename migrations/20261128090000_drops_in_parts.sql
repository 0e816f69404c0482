-- Drops days of checks that ended before this one (UTC), 50 tables at most: all of them, when keeping
-- is made much shorter, take more locks than a transaction has room for. Returns how many.
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
        ORDER BY c.relname LIMIT 50
    LOOP
        EXECUTE format('DROP TABLE %I', part);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END
$$;
