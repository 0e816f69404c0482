-- Why a provider was named is told for ever, so it is kept as it was then; blame that was taken back must not stay as blame; and who answers for a name cannot be asked while that is down.

-- What the provider does for its sites: serves, names, certificate or declared.
ALTER TABLE provider_events ADD COLUMN role text;
-- What the sites had in common when it was named: http_503, errors, unreachable, dns, slow and others.
ALTER TABLE provider_events ADD COLUMN alike text;
-- Seconds between the first and the last that fell; how many fell of how many, and elsewhere.
ALTER TABLE provider_events ADD COLUMN fell_within integer;
ALTER TABLE provider_events ADD COLUMN affected integer;
ALTER TABLE provider_events ADD COLUMN watched integer;
ALTER TABLE provider_events ADD COLUMN elsewhere_affected integer;
ALTER TABLE provider_events ADD COLUMN elsewhere_watched integer;
-- When it was taken back; such a row is shown to nobody, and stays so that what is sent again brings no blame back.
ALTER TABLE provider_events ADD COLUMN withdrawn_at timestamptz;

-- Who answers for the site's name, when that was looked up, and who issued its certificate.
ALTER TABLE sites ADD COLUMN names_found text;
ALTER TABLE sites ADD COLUMN names_found_at timestamptz;
ALTER TABLE sites ADD COLUMN authority_found text;
