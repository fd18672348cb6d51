-- Who runs what, since when: for people who ask why something does not run.

-- The program that a worker runs (empty where it is older than this column), and the versions of its stages, in the order of `stages`.
ALTER TABLE worker ADD COLUMN version text NOT NULL DEFAULT '';
ALTER TABLE worker ADD COLUMN stage_versions integer[] NOT NULL DEFAULT '{}';

-- Heartbeats move `until`; this stays.
ALTER TABLE running ADD COLUMN since timestamptz NOT NULL DEFAULT now();

-- The leader in its own words. They hold while `described` is the holder: an older program takes the lead and says nothing.
ALTER TABLE leader ADD COLUMN described uuid;
ALTER TABLE leader ADD COLUMN host text;
ALTER TABLE leader ADD COLUMN pid integer;
ALTER TABLE leader ADD COLUMN version text;
ALTER TABLE leader ADD COLUMN since timestamptz;
-- When its dispatcher last went through all queues.
ALTER TABLE leader ADD COLUMN dispatched_at timestamptz;
