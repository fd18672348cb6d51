"""Celery, as its documentation recommends for many short tasks that must not be lost.

    celery -A celery_app worker …        consumes
    python celery_app.py fill TASKS      publishes; `fill-chain` publishes workflows of two steps

Where the settings come from (docs.celeryq.dev):
- User Guide, "Optimizing", Prefetch Limits: many short tasks want a large worker_prefetch_multiplier ("64 or 128").
- User Guide, "Tasks", Task.acks_late and reject_on_worker_lost: acknowledge after the task has run, redeliver what a killed worker held.
- "Using RabbitMQ", Quorum Queues: task_default_queue_type="quorum"; worker_detect_quorum_queues (on by default) turns global QoS off;
  publisher confirms by broker_transport_options["confirm_publish"].
- User Guide, "Tasks", "Ignore results you don't want" (the row that the task writes is the result); events are off by default.
- `celery worker --help`: --without-gossip, --without-mingle, --without-heartbeat spare the chatter between workers.
"""
import os
import sys

import celery
import workload

app = celery.Celery("bench", broker=workload.AMQP_URL)
app.conf.update(
    task_default_queue=workload.QUEUE,
    task_default_queue_type="quorum",
    broker_transport_options={"confirm_publish": True},
    broker_pool_limit=workload.FILL_THREADS,
    broker_connection_retry_on_startup=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    task_serializer="json",
    worker_prefetch_multiplier=int(os.environ.get("BENCH_PREFETCH_MULTIPLIER", "64")),
    worker_send_task_events=False,
    worker_enable_remote_control=False,
)


@app.task(name="bench.work")
def work(body):
    workload.write(body["id"])


@app.task(name="bench.first_step")
def first_step(body):
    workload.write(body["id"])
    return body


@app.task(name="bench.second_step")
def second_step(body):
    workload.write(workload.second_step_of(body["id"]))


def publish():
    work.apply_async((workload.payload(),))


def publish_chain():
    celery.chain(first_step.s(workload.payload()), second_step.s()).apply_async()


if __name__ == "__main__":
    workload.fill(publish if sys.argv[1] == "fill" else publish_chain, int(sys.argv[2]))
