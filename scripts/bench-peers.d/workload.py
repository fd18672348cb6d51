"""The work, the same for every peer: a task of about 512 bytes of JSON comes from the queue, one row is written, committed, and only then acknowledged."""
import json
import multiprocessing
import os
import threading
import time
import uuid

AMQP_URL = os.environ["BENCH_AMQP_URL"]
DATABASE_URL = os.environ["BENCH_DATABASE_URL"]
QUEUE = os.environ.get("BENCH_QUEUE", "")

BODY_BYTES = 512
# Publishers of the frameworks whose publishing call waits for each confirm: they overlap by threads, and use both cores by processes.
FILL_PROCESSES, FILL_THREADS = 2, 16

# The row, and the message, are those of `mvfleet bench fleet --path bare`.
INSERT = "INSERT INTO bench_peers.result (id, status, result) VALUES (%s, 0, %s) ON CONFLICT (id) DO NOTHING"
RESULT = '{"frames":15}'


def payload():
    """What a task carries: a JSON object of BODY_BYTES bytes."""
    body = {"id": str(uuid.uuid4()), "pad": ""}
    body["pad"] = "x" * (BODY_BYTES - len(json.dumps(body, separators=(",", ":"))))
    return body


def second_step_of(id):
    """The second step of a workflow writes a row of its own."""
    return "second:" + id


_of_thread = threading.local()


def write(id):
    """Writes one row in a transaction of its own, committed when this returns. One connection for each thread, as psycopg recommends for threads
    that live as long as the process; the statement is prepared by the driver at its first use."""
    cursor = getattr(_of_thread, "cursor", None)
    if cursor is None:
        import psycopg
        connection = psycopg.connect(DATABASE_URL, autocommit=True, prepare_threshold=0, options="-c synchronous_commit=on")
        cursor = _of_thread.cursor = connection.cursor()
    cursor.execute(INSERT, (id, RESULT))


def _fill_share(publish, tasks, process):
    def share(thread):
        for _ in range(process * FILL_THREADS + thread, tasks, FILL_PROCESSES * FILL_THREADS):
            publish()

    threads = [threading.Thread(target=share, args=(thread,)) for thread in range(FILL_THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def fill(publish, tasks):
    """Publishes so many tasks through `publish()`, which returns when the broker has confirmed one. Prints how long it took."""
    begin = time.monotonic()
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=_fill_share, args=(publish, tasks, process)) for process in range(FILL_PROCESSES)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    report_fill(time.monotonic() - begin, tasks if all(process.exitcode == 0 for process in processes) else 0)


def report_fill(seconds, published):
    print(json.dumps({"seconds": seconds, "published": published}))
