-- The ledger: the truth of the fleet. A row in `ready` is a promise that a task may be claimed, a row in `running` a lease, a row in `delayed` a date.
-- No index covers a column of `task` that changes, so every update of it is HOT.

CREATE TABLE ledger_state (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    -- Which life of the ledger this is: a restore from a backup rewinds sequences and so begins a new one.
    epoch bigint NOT NULL DEFAULT 1,
    -- The lowest schema version that a program must know to work with this schema; contracting migrations raise it.
    minimum_client integer NOT NULL DEFAULT 1
);
INSERT INTO ledger_state DEFAULT VALUES;

CREATE TABLE leader (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    holder uuid,
    epoch bigint NOT NULL DEFAULT 0,
    until timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO leader DEFAULT VALUES;

-- ---------------------------------------------------------------- what is known of the catalogue

CREATE TABLE collection (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE
);

CREATE TABLE clip (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    collection integer NOT NULL REFERENCES collection,
    key text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    gone boolean NOT NULL DEFAULT false,
    UNIQUE (collection, key)
) WITH (fillfactor = 90);

-- Never changes once written.
CREATE TABLE clip_version (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    clip bigint NOT NULL,
    -- SHA-256 of `document`.
    digest bytea NOT NULL,
    -- Digests of the source fields, in an order and under a tag that the program knows (SourceDigests).
    sources bytea NOT NULL,
    document text NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE stage (
    id smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE
);

CREATE TABLE recipe (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    stage smallint NOT NULL REFERENCES stage,
    version integer NOT NULL,
    settings text NOT NULL,
    digest bytea NOT NULL UNIQUE
);

-- ---------------------------------------------------------------- jobs

CREATE TABLE job (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    collection integer NOT NULL REFERENCES collection,
    -- 0 stream, 1 bulk
    lane smallint NOT NULL,
    priority integer NOT NULL DEFAULT 0,
    -- 0 planning, 1 running, 2 paused, 3 cancelled, 4 finished
    state smallint NOT NULL DEFAULT 0,
    inherits_dead boolean NOT NULL DEFAULT false,
    -- Only these clips; all of the collection where NULL.
    selection text[] COLLATE "C",
    options text NOT NULL DEFAULT '{}',
    -- Everything up to this clip key is planned.
    planned_to text COLLATE "C" NOT NULL DEFAULT '',
    planned_clips integer NOT NULL DEFAULT 0,
    total_clips integer NOT NULL DEFAULT 0,
    submitted_at timestamptz NOT NULL DEFAULT now(),
    planned_at timestamptz,
    finished_at timestamptz,
    split_pinned_at timestamptz
) WITH (fillfactor = 50);
CREATE INDEX job_by_name ON job (name, id);

-- Lane, stage version and job are in the queue, so that priority, pause and an old worker's refusal are questions of the queue and never of a task.
CREATE TABLE queue (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    stage smallint NOT NULL REFERENCES stage,
    version integer NOT NULL,
    lane smallint NOT NULL,
    job bigint NOT NULL REFERENCES job ON DELETE CASCADE,
    UNIQUE (job, stage, version, lane)
);

CREATE TABLE job_recipe (
    job bigint NOT NULL REFERENCES job ON DELETE CASCADE,
    ordinal smallint NOT NULL,
    stage smallint NOT NULL REFERENCES stage,
    recipe integer NOT NULL REFERENCES recipe,
    queue integer NOT NULL,
    -- Ordinals of the stages that this one requires.
    requires smallint[] NOT NULL,
    reads text[] NOT NULL,
    PRIMARY KEY (job, ordinal)
);

-- ---------------------------------------------------------------- tasks and results: shared by all jobs

CREATE SEQUENCE task_block;

CREATE TABLE task (
    id bigint PRIMARY KEY,
    -- The clip version whose document the task runs on.
    clip bigint NOT NULL,
    recipe integer NOT NULL,
    -- Where to make it ready: the queue of its best live subscriber. A hint, which the sweeper corrects.
    queue integer NOT NULL,
    stage smallint NOT NULL,
    -- Length of the longest path to it. Locks are taken in the order (rank, id) everywhere.
    rank smallint NOT NULL,
    -- 0 open, 3 done, 4 filtered, 5 dead
    state smallint NOT NULL,
    -- How many upstream tasks are not done.
    waiting smallint NOT NULL,
    attempt smallint NOT NULL DEFAULT 0,
    strikes smallint NOT NULL DEFAULT 0,
    fp bytea NOT NULL CONSTRAINT task_fp UNIQUE,
    upstreams bigint[]
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);

CREATE TABLE edge (
    up bigint NOT NULL,
    down bigint NOT NULL,
    PRIMARY KEY (up, down)
);

CREATE SEQUENCE ready_seq;

CREATE TABLE ready (
    q integer NOT NULL,
    -- Generation and fence in one number.
    seq bigint NOT NULL DEFAULT nextval('ready_seq'),
    task bigint NOT NULL CONSTRAINT ready_task UNIQUE,
    PRIMARY KEY (q, seq)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_cost_delay = 0);

CREATE TABLE running (
    task bigint PRIMARY KEY,
    seq bigint NOT NULL,
    q integer NOT NULL,
    worker integer NOT NULL,
    started boolean NOT NULL DEFAULT false,
    until timestamptz NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_cost_delay = 0);

CREATE TABLE delayed (
    task bigint PRIMARY KEY,
    run_at timestamptz NOT NULL,
    reason text NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX delayed_run_at ON delayed (run_at);

CREATE TABLE result (
    task bigint PRIMARY KEY,
    queue integer NOT NULL,
    worker integer NOT NULL,
    milliseconds integer NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    degraded boolean NOT NULL,
    -- SHA-256 of `output`.
    digest bytea NOT NULL,
    -- Digests of the upstream outputs that went into it, 32 bytes each, in the order of task.upstreams.
    upstream bytea,
    -- Canonical JSON text: jsonb would reorder keys and rewrite numbers.
    output text NOT NULL
);

-- Why a task ended without a result.
CREATE TABLE filtered (
    task bigint PRIMARY KEY,
    -- The task whose verdict this is: itself, or the one upstream that it follows.
    origin bigint NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE dead (
    task bigint PRIMARY KEY,
    stage smallint NOT NULL,
    discarded boolean NOT NULL DEFAULT false,
    retriable boolean NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    code text NOT NULL,
    message text NOT NULL,
    cause text
);
CREATE INDEX dead_by_code ON dead (stage, code);

-- ---------------------------------------------------------------- subscriptions: partitioned by ranges of jobs

CREATE TABLE job_task (
    task bigint NOT NULL,
    job bigint NOT NULL,
    PRIMARY KEY (task, job)
) PARTITION BY RANGE (job);

CREATE TABLE job_clip (
    job bigint NOT NULL,
    key text COLLATE "C" NOT NULL,
    -- Of clip_version.
    version bigint NOT NULL,
    -- One for each row of job_recipe, by ordinal.
    tasks bigint[] NOT NULL,
    PRIMARY KEY (job, key)
) PARTITION BY RANGE (job);

CREATE FUNCTION ensure_job_partition(of_job bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    width CONSTANT bigint := 100;
    low bigint := of_job / width * width;
    parent text;
BEGIN
    FOREACH parent IN ARRAY ARRAY['job_task', 'job_clip'] LOOP
        CONTINUE WHEN EXISTS (SELECT FROM pg_class WHERE relname = parent || '_' || low AND relnamespace = current_schema()::regnamespace);
        PERFORM pg_advisory_xact_lock(hashtextextended('mvfleet partition ' || parent, 0));
        -- Looked up in the catalogue by a query, which sees what was committed while the lock was waited for; to_regclass() may remember that there was none.
        CONTINUE WHEN EXISTS (SELECT FROM pg_class WHERE relname = parent || '_' || low AND relnamespace = current_schema()::regnamespace);
        -- Attaching blocks no reader or writer of the parent, as CREATE … PARTITION OF would.
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', parent || '_' || low, parent);
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', parent, parent || '_' || low, low, low + width);
    END LOOP;
END $$;

CREATE TABLE job_progress (
    job bigint NOT NULL,
    stage smallint NOT NULL,
    total bigint NOT NULL DEFAULT 0,
    reused bigint NOT NULL DEFAULT 0,
    done bigint NOT NULL DEFAULT 0,
    filtered bigint NOT NULL DEFAULT 0,
    dead bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (job, stage)
) WITH (fillfactor = 50);

-- Written by every settlement, folded into job_progress each second: no settlement waits for another's counter.
CREATE TABLE progress_delta (
    job bigint NOT NULL,
    stage smallint NOT NULL,
    -- 0 total, 1 reused, 3 done, 4 filtered, 5 dead
    kind smallint NOT NULL,
    n integer NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);

-- How far the audit of a job's tasks has come.
CREATE TABLE job_audit (
    job bigint PRIMARY KEY,
    key text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE job_split (
    job bigint NOT NULL,
    key text COLLATE "C" NOT NULL,
    split text NOT NULL,
    PRIMARY KEY (job, key)
);

-- ---------------------------------------------------------------- workers

CREATE TABLE worker (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- One for each start of a process.
    incarnation uuid NOT NULL UNIQUE,
    host text NOT NULL,
    pid integer NOT NULL,
    stages text[] NOT NULL,
    slots integer NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    draining boolean NOT NULL DEFAULT false,
    consuming boolean NOT NULL DEFAULT false
) WITH (fillfactor = 50);

-- ---------------------------------------------------------------- history: partitioned by time

-- Failed attempts only.
CREATE TABLE attempt (
    task bigint NOT NULL,
    attempt smallint NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    worker integer,
    milliseconds integer NOT NULL,
    retriable boolean NOT NULL,
    code text NOT NULL,
    message text NOT NULL,
    cause text
) PARTITION BY RANGE (at);
CREATE INDEX attempt_by_task ON attempt (task);
CREATE TABLE attempt_default PARTITION OF attempt DEFAULT;

CREATE SEQUENCE event_id;

-- The order of ids is not the order of commits: read below pg_snapshot_xmin, by (xid, id).
CREATE TABLE event (
    id bigint NOT NULL DEFAULT nextval('event_id'),
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    at timestamptz NOT NULL DEFAULT now(),
    job bigint NOT NULL,
    stage smallint NOT NULL,
    -- A task's state.
    state smallint NOT NULL,
    tasks bigint[] NOT NULL
) PARTITION BY RANGE (at);
CREATE INDEX event_order ON event (xid, id);
CREATE INDEX event_job_order ON event (job, xid, id);
CREATE TABLE event_default PARTITION OF event DEFAULT;

-- Makes the partitions of this week and the next `ahead` weeks. What the default partition already holds of a week keeps that week there.
CREATE FUNCTION ensure_time_partitions(ahead integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    parent text;
    low timestamptz;
    part text;
    held boolean;
    made integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('mvfleet time partitions', 0));
    FOREACH parent IN ARRAY ARRAY['attempt', 'event'] LOOP
        FOR i IN 0..ahead LOOP
            low := (date_trunc('week', now() AT TIME ZONE 'UTC') + i * interval '7 days') AT TIME ZONE 'UTC';
            part := parent || '_' || to_char(low AT TIME ZONE 'UTC', 'YYYYMMDD');
            CONTINUE WHEN EXISTS (SELECT FROM pg_class WHERE relname = part AND relnamespace = current_schema()::regnamespace);
            EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE at >= %L AND at < %L)', parent || '_default', low, low + interval '168 hours') INTO held;
            CONTINUE WHEN held;
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', part, parent);
            EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, part, low, low + interval '168 hours');
            made := made + 1;
        END LOOP;
    END LOOP;
    RETURN made;
END $$;

-- Drops the weeks that ended before `before`, and what the default partitions hold from then.
CREATE FUNCTION drop_time_partitions(before timestamptz) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    part record;
    dropped integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('mvfleet time partitions', 0));
    FOR part IN
        SELECT c.relname, p.relname AS parent FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent
        WHERE i.inhparent IN ('attempt'::regclass, 'event'::regclass)
    LOOP
        IF part.relname LIKE '%\_default' THEN
            EXECUTE format('DELETE FROM %I WHERE at < %L', part.relname, before);
        ELSIF (to_date(right(part.relname, 8), 'YYYYMMDD') + 7)::timestamp AT TIME ZONE 'UTC' <= before THEN
            EXECUTE format('DROP TABLE %I', part.relname);
            dropped := dropped + 1;
        END IF;
    END LOOP;
    RETURN dropped;
END $$;

SELECT ensure_time_partitions(4);
