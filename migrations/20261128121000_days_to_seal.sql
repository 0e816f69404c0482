-- All the days that are to be sealed: one that cannot be must not hold up the days after it.
DROP FUNCTION first_day_to_seal(date);

-- The days (UTC) with a partition of single checks, or one that was taken out to be sealed, before
-- this day; oldest first.
CREATE FUNCTION days_to_seal(before date) RETURNS SETOF date LANGUAGE sql AS $$
    SELECT DISTINCT to_date(substring(relname FROM '\d{8}$'), 'YYYYMMDD') AS day
    FROM pg_class
    WHERE relkind = 'r' AND relname ~ '^(checks|sealing)_\d{8}$'
      AND pg_table_is_visible(oid)
      AND to_date(substring(relname FROM '\d{8}$'), 'YYYYMMDD') < before
    ORDER BY day
$$;

-- Whether this day was taken out to be sealed: to count its checks, as before, takes long where they are many.
CREATE FUNCTION is_taken_out(day date) RETURNS boolean LANGUAGE sql AS $$
    SELECT to_regclass('sealing_' || to_char(day, 'YYYYMMDD')) IS NOT NULL
$$;
