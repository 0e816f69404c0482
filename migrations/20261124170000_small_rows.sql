-- A check takes 68 bytes and not 76, still in plain columns, and less of the index: its pages fill up.

-- A table that is there by now, whatever this session believed before it waited for a lock: unlike
-- `to_regclass`, a statement looks afresh.
CREATE FUNCTION is_table(part text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    RETURN EXISTS (SELECT FROM pg_class WHERE relname = part AND pg_table_is_visible(oid));
END
$$;

-- The old days, apart; their names and those of their keys are wanted again.
DO $$
DECLARE
    part text;
    key text;
BEGIN
    FOR part IN
        SELECT relname FROM pg_class
        WHERE relkind = 'r' AND relname ~ '^(checks|sealing)_\d{8,}$' AND pg_table_is_visible(oid)
    LOOP
        IF part ~ '^checks' THEN
            EXECUTE format('ALTER TABLE checks DETACH PARTITION %I', part);
        END IF;
        SELECT conname INTO key FROM pg_constraint
        WHERE conrelid = part::regclass AND contype = 'p';
        IF FOUND THEN
            EXECUTE format('ALTER TABLE %I DROP CONSTRAINT %I', part, key);
        END IF;
        EXECUTE format('ALTER TABLE %I RENAME TO %I', part, 'old_' || part);
    END LOOP;
END
$$;
DROP FUNCTION taken_out_checks(date, integer[]);
DROP TABLE checks;

-- Nothing is null, so that a row needs no bitmap of nulls; wide columns first, so that it has no gaps.
-- An answered check takes 64 bytes and four of its page. No foreign keys, as before.
CREATE TABLE checks (
    at timestamptz NOT NULL,
    site_id integer NOT NULL,
    dns integer NOT NULL,
    connect integer NOT NULL,
    tls integer NOT NULL,
    wait integer NOT NULL,
    transfer integer NOT NULL,
    region_id smallint NOT NULL,
    http_status smallint NOT NULL,
    attempts smallint NOT NULL,
    outcome "char" NOT NULL,
    detail text NOT NULL,
    -- In turns, every site adds at the end of its own entries. A page that is split there is left full.
    PRIMARY KEY (site_id, region_id, at) WITH (fillfactor = 100)
) PARTITION BY RANGE (at);

COMMENT ON TABLE checks IS
    'Every check of every turn, in a partition a day (UTC), until the day is sealed.';
COMMENT ON COLUMN checks.at IS 'When the first attempt of the turn began.';
COMMENT ON COLUMN checks.site_id IS 'The site (sites.id).';
COMMENT ON COLUMN checks.dns IS
    'Looking the name up, in the last attempt, redirects included: microseconds; -1 when it was not reached or not needed.';
COMMENT ON COLUMN checks.connect IS
    'Opening the TCP connection: microseconds; -1 when it was not reached or not needed.';
COMMENT ON COLUMN checks.tls IS
    'The TLS handshake: microseconds; -1 when it was not reached or not needed.';
COMMENT ON COLUMN checks.wait IS
    'From the request sent to the first byte of the reply: microseconds; -1 when it was not reached.';
COMMENT ON COLUMN checks.transfer IS
    'From the first byte to the end of what was read: microseconds; -1 when it was not reached. The latency is the sum of the five, those of -1 left out.';
COMMENT ON COLUMN checks.region_id IS 'Where it was looked from (regions.id).';
COMMENT ON COLUMN checks.http_status IS 'The HTTP status of the last reply; 0 when there was none.';
COMMENT ON COLUMN checks.attempts IS 'How many attempts the turn took.';
COMMENT ON COLUMN checks.outcome IS
    'One letter. Small when the server answered: a answered, r restricted (robots are turned away). Capital when it failed: D dns, C connect, S tls, T timeout, E reset, P protocol, L redirect, H http (the status), B body.';
COMMENT ON COLUMN checks.detail IS
    'How it failed, or how we know that robots are turned away, in a few words; empty when there is nothing to say.';

CREATE OR REPLACE FUNCTION ensure_checks_partition(day date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    part text := 'checks_' || to_char(day, 'YYYYMMDD');
BEGIN
    IF is_table(part) THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('stillup checks partitions'));
    IF is_table(part) THEN
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

-- The days of before. Their `failure` was the number of an outcome, from 1 on.
DO $$
DECLARE
    old text;
    part text;
BEGIN
    FOR old IN
        SELECT relname FROM pg_class
        WHERE relkind = 'r' AND relname ~ '^old_(checks|sealing)_\d{8,}$'
          AND pg_table_is_visible(oid)
        ORDER BY relname
    LOOP
        part := substr(old, 5);
        IF part ~ '^checks' THEN
            PERFORM ensure_checks_partition(to_date(substr(part, 8), 'YYYYMMDD'));
        ELSE
            EXECUTE format('CREATE TABLE %I (LIKE checks INCLUDING ALL)', part);
        END IF;
        EXECUTE format(
            $insert$
            INSERT INTO %I (at, site_id, dns, connect, tls, wait, transfer, region_id, http_status,
                attempts, outcome, detail)
            SELECT at, site_id, coalesce(dns, -1), coalesce(connect, -1), coalesce(tls, -1),
                coalesce(wait, -1), coalesce(transfer, -1), region_id, coalesce(http_status, 0),
                attempts,
                CASE WHEN restricted THEN 'r' WHEN failure BETWEEN 1 AND 9
                    THEN substr('DCSTEPLHB', failure, 1) ELSE 'a' END::"char",
                coalesce(detail, '')
            FROM %I ORDER BY site_id, region_id, at
            $insert$,
            part,
            old
        );
        EXECUTE format('DROP TABLE %I', old);
    END LOOP;
END
$$;

-- The checks of some sites in a day that was taken out.
CREATE FUNCTION taken_out_checks(day date, sites integer[]) RETURNS SETOF checks LANGUAGE plpgsql AS $$
BEGIN
    -- By names: a table that was made later may have its columns in another order.
    RETURN QUERY EXECUTE format(
        'SELECT at, site_id, dns, connect, tls, wait, transfer, region_id, http_status, attempts,
             outcome, detail
         FROM %I WHERE site_id = ANY($1) ORDER BY site_id, region_id, at',
        'sealing_' || to_char(day, 'YYYYMMDD')
    ) USING sites;
END
$$;

-- The other makers of partitions look afresh too, once they have waited.
CREATE OR REPLACE FUNCTION ensure_sealed_partition(day date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    part text := 'sealed_' || to_char(day, 'YYYYMMDD');
BEGIN
    IF is_table(part) THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('stillup sealed partitions'));
    IF is_table(part) THEN
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

CREATE OR REPLACE FUNCTION ensure_rollups_partition(step smallint, day date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    parent text := CASE step WHEN 1 THEN 'rollups_5m' ELSE 'rollups_1h' END;
    month date := date_trunc('month', day::timestamp)::date;
    part text := parent || '_' || to_char(month, 'YYYYMM');
BEGIN
    IF step > 2 OR is_table(part) THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('stillup rollups partitions'));
    IF is_table(part) THEN
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
