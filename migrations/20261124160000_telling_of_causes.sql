-- People are told of a cause once: of a provider that fails and of its end, and of a site that keeps failing and coming back; of nothing while we doubt ourselves. So news says both, and what was told of an event is kept.

ALTER TABLE changes ADD COLUMN unstable boolean NOT NULL DEFAULT false;
ALTER TABLE changes ADD COLUMN doubt smallint;
ALTER TABLE news ADD COLUMN unstable boolean NOT NULL DEFAULT false;
ALTER TABLE news ADD COLUMN doubt smallint;

CREATE OR REPLACE FUNCTION queue_news() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO news (channel, at, since, site_id, status, failure, restricted, detail, unstable,
        doubt)
    SELECT name, at, since, site_id, status, failure, restricted, detail, unstable, doubt
    FROM added CROSS JOIN notify_channels
    ORDER BY at, from_at;
    RETURN NULL;
END
$$;

ALTER TABLE notify_cases ADD COLUMN unstable boolean NOT NULL DEFAULT false;
-- It was told that the site keeps failing and coming back.
ALTER TABLE notify_cases ADD COLUMN restless boolean NOT NULL DEFAULT false;
-- How often its bad stretch was told.
ALTER TABLE notify_cases ADD COLUMN tellings smallint NOT NULL DEFAULT 0;
-- When its last bad stretch was over.
ALTER TABLE notify_cases ADD COLUMN over_at timestamptz;

-- The provider events that a channel was told of, and not yet of their end.
CREATE TABLE notify_events (
    channel text NOT NULL REFERENCES notify_channels ON DELETE CASCADE,
    provider text NOT NULL,
    started_at timestamptz NOT NULL,
    PRIMARY KEY (channel, provider, started_at),
    FOREIGN KEY (provider, started_at) REFERENCES provider_events ON DELETE CASCADE
);
