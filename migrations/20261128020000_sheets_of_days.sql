-- A history of 90 days is read from three or four rows a region and not from 90: a sheet of days has 32 of them.

CREATE TABLE sheets_of_days (LIKE rollups_1d INCLUDING ALL);
-- Most take less than 2 kB, and none more than a page: no journey to another table.
ALTER TABLE sheets_of_days ALTER sheet SET STORAGE MAIN;

-- A sheet begins with its version, 1. Then comes each bucket, after a byte that says how many places
-- lie between it and the one before: 0 where there was but one.
INSERT INTO sheets_of_days (at, site_id, region_id, step, sheet)
SELECT to_timestamp(number / 32 * 32 * 86400), site_id, region_id, 3,
    '\x01'::bytea || string_agg(set_byte('\x00', 0, gap::integer) || substr(sheet, 3), '' ORDER BY number)
FROM (
    SELECT number, site_id, region_id, sheet, number - 1 - coalesce(
        lag(number) OVER (PARTITION BY site_id, region_id, number / 32 ORDER BY number),
        number / 32 * 32 - 1
    ) AS gap
    FROM (
        SELECT extract(epoch FROM at)::bigint / 86400 AS number, site_id, region_id, sheet
        FROM rollups_1d WHERE length(sheet) > 2
    ) numbered
) days
GROUP BY number / 32, site_id, region_id;

ALTER TABLE rollups DETACH PARTITION rollups_1d;
DROP TABLE rollups_1d;
ALTER TABLE sheets_of_days RENAME TO rollups_1d;
ALTER INDEX sheets_of_days_pkey RENAME TO rollups_1d_pkey;
ALTER TABLE rollups ATTACH PARTITION rollups_1d FOR VALUES IN (3);
