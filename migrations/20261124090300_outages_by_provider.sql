-- The outages of one provider are asked for by name, a page at a time, however many there are of others.
CREATE INDEX outages_of_provider ON outages (provider, started_at DESC) WHERE provider IS NOT NULL;
