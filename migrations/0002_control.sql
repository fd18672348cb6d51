-- Control: what people set while the fleet runs, and a record of who set it. Dispatcher and claims read it, so it holds for whatever is restarted.

-- A stage without a row is neither paused nor limited.
CREATE TABLE stage_control (
    stage smallint PRIMARY KEY REFERENCES stage,
    -- Nothing of it is dispatched or claimed.
    paused boolean NOT NULL DEFAULT false,
    -- Tasks a second that the whole fleet may begin, both lanes together; no limit where NULL.
    rate double precision CHECK (rate > 0 AND rate < 'infinity'),
    changed_at timestamptz NOT NULL DEFAULT now(),
    -- user@host
    changed_by text NOT NULL
);

-- How many tasks of the job may be out (sent or leased) at once; no limit where NULL.
ALTER TABLE job ADD COLUMN task_limit integer CHECK (task_limit > 0);

-- Failures that were put aside are few, and are counted for each job apart.
CREATE INDEX dead_discarded ON dead (task) WHERE discarded;

-- What people did, written in the transaction that did it. Work in several transactions adds to `count` in each.
CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    -- user@host
    who text NOT NULL,
    -- job.pause, stage.rate, failures.retry, …
    action text NOT NULL,
    -- What it was done to and how, a JSON object.
    filter text NOT NULL,
    -- How many tasks, jobs, stages or workers it changed.
    count bigint NOT NULL DEFAULT 0
);
CREATE INDEX audit_at ON audit (at);
