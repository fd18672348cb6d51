"""What the driver asks of the servers, by the peers' own client libraries. Answers with one JSON object.

    control.py prepare                  an empty table; refuses a database that would not survive a crash
    control.py watch ROWS SECONDS       waits until the table has ROWS rows; when the first and the last were written
    control.py finish                   how many messages the queue still holds; deletes it
"""
import json
import sys
import time

import pika
import psycopg
import workload

TABLE = """
DROP SCHEMA IF EXISTS bench_peers CASCADE;
CREATE SCHEMA bench_peers;
-- `at` is when the row was written, in its transaction: the clock of one machine for first and last row, whoever writes them.
CREATE TABLE bench_peers.result (id text PRIMARY KEY, status integer NOT NULL, result text NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp());
"""


def connect():
    return psycopg.connect(workload.DATABASE_URL, autocommit=True)


def prepare():
    with connect() as database:
        settings = {name: database.execute(f"SHOW {name}").fetchone()[0] for name in ("fsync", "synchronous_commit", "full_page_writes")}
        if any(value != "on" for value in settings.values()):
            sys.exit(f"the database does not keep what it has committed: {settings}; the peers are measured with all of them on")
        database.execute("SET client_min_messages = warning")
        database.execute(TABLE)
    return settings


def watch(rows, seconds):
    deadline = time.monotonic() + seconds
    with connect() as database:
        while True:
            found = database.execute("SELECT count(*) FROM bench_peers.result").fetchone()[0]
            if found >= rows or time.monotonic() > deadline:
                break
            time.sleep(0.25)
        first, last = database.execute("SELECT extract(epoch FROM min(at))::float8, extract(epoch FROM max(at))::float8 FROM bench_peers.result").fetchone()
        return {"rows": found, "first": first, "last": last}


def finish():
    left = 0
    connection = pika.BlockingConnection(pika.URLParameters(workload.AMQP_URL))
    # Dramatiq has a queue for delayed and one for dead messages beside each queue.
    for name in (workload.QUEUE, workload.QUEUE + ".DQ", workload.QUEUE + ".XQ"):
        channel = connection.channel()
        try:
            left += channel.queue_declare(name, passive=True).method.message_count
            channel.queue_delete(name)
        except pika.exceptions.ChannelClosedByBroker:
            continue
    connection.close()
    return {"left": left}


if __name__ == "__main__":
    command = {"prepare": prepare, "watch": watch, "finish": finish}[sys.argv[1]]
    print(json.dumps(command(*map(float, sys.argv[2:]))))
