-- Language models: what was paid for, what is being asked, budgets, limits that all processes share, and batches.
-- Nothing here is touched in a transaction that settles or claims.

-- What was paid for, by the digest of the request: written before anything reads it. The text never changes once written.
CREATE TABLE llm_answer (
    digest bytea PRIMARY KEY,
    -- The task that asked first, and the job that bears the cost.
    task bigint NOT NULL,
    job bigint,
    stage text NOT NULL,
    -- As the request names it, and as the server does.
    model text NOT NULL,
    served text NOT NULL,
    endpoint text NOT NULL,
    is_batch boolean NOT NULL,
    -- NULL where the server did not say: the cost is then an estimate.
    prompt_tokens integer,
    cached_tokens integer,
    answer_tokens integer,
    -- Billionths of a dollar, over all payments.
    cost bigint NOT NULL,
    -- How often it was sent for, as far as is known, and how often it was paid for: more than once only where a process died in between.
    asked smallint NOT NULL,
    paid smallint NOT NULL DEFAULT 1,
    -- Of the last payment, so that none is booked twice.
    receipt bigint NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    finish_reason text NOT NULL,
    refusal text,
    answer text NOT NULL
);
CREATE INDEX llm_answer_task ON llm_answer (task);
CREATE INDEX llm_answer_job ON llm_answer (job);

-- Processes that ask. One that has not been heard of until then holds nothing any more.
CREATE TABLE llm_gateway (
    id uuid PRIMARY KEY,
    host text NOT NULL,
    pid integer NOT NULL,
    until timestamptz NOT NULL
) WITH (fillfactor = 50);

-- Written before a request is sent, deleted with its answer. One whose gateway is dead may have been paid for; whoever needs the answer asks again.
CREATE TABLE llm_intent (
    digest bytea PRIMARY KEY,
    gateway uuid NOT NULL,
    task bigint NOT NULL,
    job bigint,
    stage text NOT NULL,
    model text NOT NULL,
    -- The most that it may cost: a part of its job's `reserved`.
    reserve bigint NOT NULL,
    asked smallint NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_cost_delay = 0);

-- In billionths of a dollar. Of each job that has ever asked a model.
CREATE TABLE llm_budget (
    job bigint PRIMARY KEY,
    -- No limit where NULL.
    allowance bigint,
    spent bigint NOT NULL DEFAULT 0,
    -- The sum of `reserve` over the job's rows of llm_intent and llm_line.
    reserved bigint NOT NULL DEFAULT 0,
    -- Nothing more is sent for the job until somebody raises the allowance.
    reached_at timestamptz
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);

-- Deferred tasks that wait for something that will come about here: the answer of a batch, or (digest NULL) more budget for the job.
CREATE TABLE llm_waiter (
    task bigint PRIMARY KEY,
    job bigint,
    digest bytea,
    at timestamptz NOT NULL DEFAULT now()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_cost_delay = 0);

-- What is known of a key's limit for a model, and how far it is used: all processes take their turns here, on the database's clock.
CREATE TABLE llm_limit (
    -- The key's id (no part of the key), or the endpoint where it needs none.
    scope text NOT NULL,
    model text NOT NULL,
    -- NULL while none is known.
    requests_per_minute double precision,
    tokens_per_minute double precision,
    -- Whether the limit of requests was never told, but concluded from refusals.
    is_guess boolean NOT NULL DEFAULT false,
    -- How fast to go, as a part of the limit: above 1 while the server has something left over.
    request_pace double precision NOT NULL DEFAULT 0.95,
    token_pace double precision NOT NULL DEFAULT 0.95,
    -- From when on the next request may be sent, by the one limit and by the other.
    next_request_at timestamptz NOT NULL DEFAULT 'epoch',
    next_tokens_at timestamptz NOT NULL DEFAULT 'epoch',
    -- Nothing is sent until then.
    rests_until timestamptz NOT NULL DEFAULT 'epoch',
    -- What was sent in this minute and in the one before.
    minute bigint NOT NULL DEFAULT 0,
    minute_requests double precision NOT NULL DEFAULT 0,
    last_minute_requests double precision NOT NULL DEFAULT 0,
    -- In all.
    requests bigint NOT NULL DEFAULT 0,
    refusals bigint NOT NULL DEFAULT 0,
    refused_at timestamptz NOT NULL DEFAULT 'epoch',
    reported_at timestamptz NOT NULL DEFAULT 'epoch',
    PRIMARY KEY (scope, model)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);

-- Who packs and polls batches: one gateway, while its lease lasts.
CREATE TABLE llm_keeper (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    holder uuid,
    until timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO llm_keeper DEFAULT VALUES;

CREATE TABLE llm_batch (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- In the file's name and in the batch's metadata: by it a batch is found whose creation was not written down.
    token text NOT NULL UNIQUE,
    endpoint text NOT NULL,
    model text NOT NULL,
    -- 0 packed, 1 uploaded, 2 about to be created, 3 created, 4 ended at the server, 5 its answers are written, 6 over (its files are deleted)
    state smallint NOT NULL DEFAULT 0,
    lines integer NOT NULL,
    input_file text,
    remote text,
    -- In the server's words.
    status text NOT NULL DEFAULT '',
    output_file text,
    error_file text,
    answered integer NOT NULL DEFAULT 0,
    at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);
CREATE INDEX llm_batch_open ON llm_batch (id) WHERE state < 6;

-- Requests that go by batch. Deleted with their answers.
CREATE TABLE llm_line (
    digest bytea PRIMARY KEY,
    task bigint NOT NULL,
    job bigint,
    stage text NOT NULL,
    model text NOT NULL,
    reserve bigint NOT NULL,
    -- What the request is, with media by their digests.
    request text NOT NULL,
    -- Of the rendered line, media included.
    bytes bigint NOT NULL,
    tokens bigint NOT NULL,
    -- NULL while none has it.
    batch bigint REFERENCES llm_batch,
    -- Batches that brought no answer. With too many it is sent by itself.
    failures smallint NOT NULL DEFAULT 0,
    is_batchable boolean NOT NULL DEFAULT true,
    at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX llm_line_batch ON llm_line (batch, model, at);
