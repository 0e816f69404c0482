-- A check takes 60 bytes and not 68: its phases lie in one column, where most of them take 14.

-- Microseconds by sevens of bits, the lowest first; the highest bit of a byte says that more follow.
CREATE FUNCTION sevens(number bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN number < 1 << 7 THEN lpad(to_hex(number), 2, '0')
        WHEN number < 1 << 14 THEN to_hex(((number & 127 | 128) << 8) | ((number >> 7) & 127))
        WHEN number < 1 << 21 THEN to_hex(((number & 127 | 128) << 16)
            | (((number >> 7) & 127 | 128) << 8) | ((number >> 14) & 127))
        WHEN number < 1 << 28 THEN to_hex(((number & 127 | 128) << 24)
            | (((number >> 7) & 127 | 128) << 16) | (((number >> 14) & 127 | 128) << 8)
            | ((number >> 21) & 127))
        ELSE to_hex(((number & 127 | 128) << 32) | (((number >> 7) & 127 | 128) << 24)
            | (((number >> 14) & 127 | 128) << 16) | (((number >> 21) & 127 | 128) << 8)
            | ((number >> 28) & 127))
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

-- Eight columns, so that their bitmap of nulls is in the header of a row for nothing; an answered check
-- takes 56 bytes and four of its page. No foreign keys, as before.
CREATE TABLE checks (
    at timestamptz NOT NULL,
    site_id integer NOT NULL,
    region_id smallint NOT NULL,
    http_status smallint NOT NULL,
    outcome "char" NOT NULL,
    phases bytea NOT NULL,
    attempts smallint,
    detail text,
    -- In turns, every site adds at the end of its own entries. A page that is split there is left full.
    PRIMARY KEY (site_id, region_id, at) WITH (fillfactor = 100)
) PARTITION BY RANGE (at);

COMMENT ON TABLE checks IS
    'Every check of every turn, in a partition a day (UTC), until the day is sealed.';
COMMENT ON COLUMN checks.at IS 'When the first attempt of the turn began.';
COMMENT ON COLUMN checks.site_id IS 'The site (sites.id).';
COMMENT ON COLUMN checks.region_id IS 'Where it was looked from (regions.id).';
COMMENT ON COLUMN checks.http_status IS 'The HTTP status of the last reply; 0 when there was none.';
COMMENT ON COLUMN checks.outcome IS
    'One letter. Small when the server answered: a answered, r restricted (robots are turned away). Capital when it failed: D dns, C connect, S tls, T timeout, E reset, P protocol, L redirect, H http (the status), B body.';
COMMENT ON COLUMN checks.phases IS
    'Where the time of the last attempt went, redirects included: dns, connect, tls, wait and transfer; microseconds(phases) gives them as numbers, and their sum is the latency. Packed: each plus one, or 0 when it was not reached or not needed, seven bits a byte, the lowest first; the highest bit says that more follow.';
COMMENT ON COLUMN checks.attempts IS 'How many attempts the turn took; null when it took one.';
COMMENT ON COLUMN checks.detail IS
    'How it failed, or how we know that robots are turned away, in a few words; null when there is nothing to say.';

-- For whoever reads the record with SQL.
CREATE FUNCTION microseconds(phases bytea) RETURNS bigint[] LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
    found bigint[] := '{}';
    number bigint := 0;
    bits integer := 0;
    part integer;
BEGIN
    FOR place IN 0 .. length(phases) - 1 LOOP
        part := get_byte(phases, place);
        number := number | ((part & 127)::bigint << bits);
        bits := bits + 7;
        IF part < 128 THEN
            found := found || CASE WHEN number > 0 THEN number - 1 END;
            number := 0;
            bits := 0;
        END IF;
    END LOOP;
    RETURN found;
END
$$;
COMMENT ON FUNCTION microseconds(bytea) IS
    'The phases of a check: dns, connect, tls, wait and transfer; null when it was not reached or not needed.';

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
            INSERT INTO %I (at, site_id, region_id, http_status, outcome, phases, attempts, detail)
            SELECT at, site_id, region_id, http_status, outcome,
                decode(sevens(dns + 1::bigint) || sevens(connect + 1::bigint)
                    || sevens(tls + 1::bigint) || sevens(wait + 1::bigint)
                    || sevens(transfer + 1::bigint), 'hex'),
                nullif(attempts, 1), nullif(detail, '')
            FROM %I ORDER BY site_id, region_id, at
            $insert$,
            part,
            old
        );
        EXECUTE format('DROP TABLE %I', old);
    END LOOP;
END
$$;
DROP FUNCTION sevens(bigint);

-- The checks of some sites in a day that was taken out.
CREATE FUNCTION taken_out_checks(day date, sites integer[]) RETURNS SETOF checks LANGUAGE plpgsql AS $$
BEGIN
    -- By names: a table that was made later may have its columns in another order.
    RETURN QUERY EXECUTE format(
        'SELECT at, site_id, region_id, http_status, outcome, phases, attempts, detail
         FROM %I WHERE site_id = ANY($1) ORDER BY site_id, region_id, at',
        'sealing_' || to_char(day, 'YYYYMMDD')
    ) USING sites;
END
$$;
