-- Jobs may be as many as clips (the stream lane), and whoever looks for a task's jobs opens every partition: ten thousand jobs to one instead of a hundred.

-- Partitions of a hundred jobs that are there stay; wide ones begin behind the last of them.
CREATE OR REPLACE FUNCTION ensure_job_partition(of_job bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    width CONSTANT bigint := 10000;
    narrow CONSTANT bigint := 100;
    behind_narrow bigint;
    low bigint;
    high bigint;
    part text;
    parent text;
BEGIN
    SELECT COALESCE(max(substring(relname FROM '^job_task_(\d+)$')::bigint) + narrow, 0) INTO behind_narrow FROM pg_class
    WHERE relname ~ '^job_task_\d+$' AND relnamespace = current_schema()::regnamespace;
    FOREACH parent IN ARRAY ARRAY['job_task', 'job_clip'] LOOP
        IF of_job < behind_narrow THEN
            low := of_job / narrow * narrow;
            high := low + narrow;
            part := parent || '_' || low;
        ELSE
            low := GREATEST(of_job / width * width, behind_narrow);
            high := (of_job / width + 1) * width;
            part := parent || '_w' || low;
        END IF;
        CONTINUE WHEN EXISTS (SELECT FROM pg_class WHERE relname = part AND relnamespace = current_schema()::regnamespace);
        PERFORM pg_advisory_xact_lock(hashtextextended('mvfleet partition ' || parent, 0));
        -- Looked up in the catalogue by a query, which sees what was committed while the lock was waited for; to_regclass() may remember that there was none.
        CONTINUE WHEN EXISTS (SELECT FROM pg_class WHERE relname = part AND relnamespace = current_schema()::regnamespace);
        -- Attaching blocks no reader or writer of the parent, as CREATE … PARTITION OF would.
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', part, parent);
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', parent, part, low, high);
    END LOOP;
END $$;
