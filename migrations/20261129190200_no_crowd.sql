-- How many visitors look a site up or report a problem is counted in memory alone: a restart forgets it.
DROP TABLE crowd_counts, crowd_writers;
