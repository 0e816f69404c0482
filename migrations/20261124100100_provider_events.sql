-- Many sites that fail together have one cause: which provider failed when, and with which sites.

CREATE TABLE provider_events (
    provider text NOT NULL,
    started_at timestamptz NOT NULL,
    -- Outages that began from this moment on are put down to it; a little before `started_at`.
    from_at timestamptz NOT NULL,
    noticed_at timestamptz NOT NULL,
    ended_at timestamptz,
    -- The slugs of every site that was bad with it at some time.
    sites text[] NOT NULL,
    PRIMARY KEY (provider, started_at)
);
CREATE INDEX provider_events_newest ON provider_events (started_at DESC);
CREATE INDEX provider_events_ongoing ON provider_events (started_at DESC) WHERE ended_at IS NULL;

-- From now on the provider of an outage is the one that it is put down to, not the site's own.
UPDATE outages SET provider = NULL;

-- What was found out, for the sites whose provider the catalogue does not name.
ALTER TABLE sites ADD COLUMN provider_found text;
