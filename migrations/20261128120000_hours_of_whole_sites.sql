-- A chart of a month took most of its time to unpack and merge 720 histograms. The hours of a site as a
-- whole are now kept as they are shown, in a row of their own. Days from before have none: they are read
-- from their regions, and get one when they are summed again.
COMMENT ON COLUMN rollups.region_id IS
    '0 is the site as a whole: its judged time, and of hours (step 2) all that is shown of them';
