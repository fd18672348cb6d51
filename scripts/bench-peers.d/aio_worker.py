"""aio-pika and asyncpg without a framework: the least that a Python worker can do.

    python aio_worker.py each            a transaction for each task
    python aio_worker.py batch           what arrived while one transaction ran is the next
    python aio_worker.py fill TASKS      publishes

Where the settings come from:
- aio-pika, "Work queues" (docs.aio-pika.com): channel.set_qos(prefetch_count=…), durable queue, persistent messages, acknowledgement when done;
  publisher confirms are on by default.
- asyncpg, "Prepared Statements": prepared once on each connection. No pool: a pool's connection is reset after every use, which is a round trip
  more for every task (3.7 times the CPU of an insert), so each of a fixed number of lanes keeps a connection.
- uvloop as the event loop: what asyncpg's own benchmarks run on.
"""
import asyncio
import json
import os
import sys
import time

import aio_pika
import asyncpg
import uvloop
import workload

PREFETCH = int(os.environ.get("BENCH_PREFETCH", "512"))
LANES = int(os.environ.get("BENCH_LANES", "16"))
INSERT = "INSERT INTO bench_peers.result (id, status, result) VALUES ($1, 0, $2) ON CONFLICT (id) DO NOTHING"
INSERT_BATCH = "INSERT INTO bench_peers.result (id, status, result) SELECT id, 0, $2 FROM unnest($1::text[]) i(id) ON CONFLICT (id) DO NOTHING"
SETTINGS = {"synchronous_commit": "on", "application_name": "aio"}


async def open_queue():
    connection = await aio_pika.connect(workload.AMQP_URL)
    channel = await connection.channel()
    await channel.set_qos(prefetch_count=PREFETCH)
    queue = await channel.declare_queue(workload.QUEUE, durable=True, arguments={"x-queue-type": "quorum"})
    return connection, channel, queue


async def each():
    _, _, queue = await open_queue()
    arrived = asyncio.Queue()

    async def lane(statement):
        while True:
            message = await arrived.get()
            await statement.fetch(json.loads(message.body)["id"], workload.RESULT)
            await message.ack()

    databases = [await asyncpg.connect(workload.DATABASE_URL, server_settings=SETTINGS) for _ in range(LANES)]
    lanes = [asyncio.create_task(lane(await database.prepare(INSERT))) for database in databases]
    await start_together()
    await queue.consume(arrived.put)
    # None of them ends before this process is told to.
    await asyncio.gather(*lanes)


async def batch():
    database = await asyncpg.connect(workload.DATABASE_URL, server_settings=SETTINGS)
    _, _, queue = await open_queue()
    arrived = []
    some = asyncio.Event()

    async def on_message(message):
        arrived.append(message)
        some.set()

    await start_together()
    await queue.consume(on_message)
    while True:
        await some.wait()
        some.clear()
        messages = arrived[:]
        arrived.clear()
        await database.execute(INSERT_BATCH, [json.loads(message.body)["id"] for message in messages], workload.RESULT)
        # One acknowledgement for all deliveries up to this one.
        await messages[-1].ack(multiple=True)


async def start_together():
    """Says that this process is ready and waits until all are: the fast ones would otherwise be half done before the second has started."""
    ready, gate = os.environ.get("BENCH_READY"), os.environ.get("BENCH_GATE")
    if ready:
        open(f"{ready}.{os.getpid()}", "w").close()
        while not os.path.exists(gate):
            await asyncio.sleep(0.005)


async def fill(tasks):
    connection, channel, _ = await open_queue()
    begin = time.monotonic()

    def publish():
        message = aio_pika.Message(json.dumps(workload.payload(), separators=(",", ":")).encode(), delivery_mode=aio_pika.DeliveryMode.PERSISTENT, content_type="application/json")
        return channel.default_exchange.publish(message, routing_key=workload.QUEUE)

    # Each publish returns when it is confirmed; a thousand are under way at once.
    for low in range(0, tasks, 1000):
        await asyncio.gather(*(publish() for _ in range(low, min(tasks, low + 1000))))
    workload.report_fill(time.monotonic() - begin, tasks)
    await connection.close()


if __name__ == "__main__":
    uvloop.run({"each": each, "batch": batch}[sys.argv[1]]() if sys.argv[1] != "fill" else fill(int(sys.argv[2])))
