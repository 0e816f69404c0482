-- What is told of a site beside its status (it fails now and then, it turns us away since an hour) is part of its verdicts: the record has it, and an export too.

-- The notes in force from then on: [{"kind": "intermittent", "since": "2017-02-28T17:37:00.000Z"}].
ALTER TABLE changes ADD COLUMN notes jsonb NOT NULL DEFAULT '[]';
