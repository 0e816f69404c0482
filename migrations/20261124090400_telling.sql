-- People are told of new verdicts: none may be lost over a restart, so what is new is queued with the verdict itself, and messages are kept until they have arrived.

-- The channels, of all processes. What is from before one was added is not told to it.
CREATE TABLE notify_channels (
    name text PRIMARY KEY,
    added_at timestamptz NOT NULL,
    -- When a process last had it; one that nobody has for long is forgotten.
    seen_at timestamptz NOT NULL
);

-- New verdicts that a channel was not asked about yet. Filled by a trigger, thus in the transaction of
-- the verdict itself and once each; empty while there is no channel.
CREATE TABLE news (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    channel text NOT NULL REFERENCES notify_channels ON DELETE CASCADE,
    at timestamptz NOT NULL,
    since timestamptz,
    site_id integer NOT NULL,
    status smallint NOT NULL,
    failure smallint,
    restricted boolean NOT NULL,
    detail text
);

CREATE INDEX news_oldest ON news (channel, at, id);

CREATE FUNCTION queue_news() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO news (channel, at, since, site_id, status, failure, restricted, detail)
    SELECT name, at, since, site_id, status, failure, restricted, detail
    FROM added CROSS JOIN notify_channels
    ORDER BY at, from_at;
    RETURN NULL;
END
$$;
CREATE TRIGGER changes_are_news AFTER INSERT ON changes
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION queue_news();

-- How each channel stands with each site: the newest verdict, and what was told.
CREATE TABLE notify_cases (
    channel text NOT NULL REFERENCES notify_channels ON DELETE CASCADE,
    site_id integer NOT NULL REFERENCES sites ON DELETE CASCADE,
    at timestamptz NOT NULL,
    since timestamptz,
    status smallint NOT NULL,
    failure smallint,
    restricted boolean NOT NULL,
    detail text,
    -- The bad status that was told last.
    told smallint,
    began_at timestamptz,
    ready_at timestamptz,
    PRIMARY KEY (channel, site_id)
);
CREATE INDEX notify_cases_ready ON notify_cases (ready_at) WHERE ready_at IS NOT NULL;

-- Messages, from when they are made until some time after they arrived or were given up.
CREATE TABLE notices (
    -- The order in which they were made.
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- What a receiver knows a message by, however often it is sent.
    id uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
    channel text NOT NULL,
    made_at timestamptz NOT NULL,
    message jsonb NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    -- When it is tried next; while somebody tries, when somebody else may.
    next_at timestamptz NOT NULL,
    ended_at timestamptz,
    -- Whether it arrived; null while it waits.
    arrived boolean,
    -- What the receiver said last.
    answer text
);
CREATE INDEX notices_waiting ON notices (channel, next_at) WHERE ended_at IS NULL;
CREATE INDEX notices_ended ON notices (ended_at) WHERE ended_at IS NOT NULL;
