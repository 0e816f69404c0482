-- The hours of a site as a whole were kept as they are shown, in a format of their own: 0.15 ms less for a
-- month. Nobody else could read it. They are read from the regions again, and their judged time is summed
-- again from the verdicts.
INSERT INTO rollup_marks (from_at, until_at)
SELECT min(at), max(at) + interval '23 hours' FROM rollups
WHERE step = 2 AND region_id = 0 AND get_byte(sheet, 0) = 2
HAVING count(*) > 0;

DELETE FROM rollups WHERE step = 2 AND region_id = 0 AND get_byte(sheet, 0) = 2;

COMMENT ON COLUMN rollups.region_id IS '0 is the site as a whole: its judged time';
