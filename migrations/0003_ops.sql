-- Operations: jobs leave in two steps, so that what only they used can be collected after a grace time.

-- Since when a job is deleted: it is listed no more and never runs again; its rows, and what only it used, go with a collection.
ALTER TABLE job ADD COLUMN deleted_at timestamptz;
CREATE INDEX job_deleted ON job (deleted_at) WHERE deleted_at IS NOT NULL;
