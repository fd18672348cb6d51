"""Dramatiq, as its documentation recommends.

    dramatiq dramatiq_app …              consumes
    python dramatiq_app.py fill TASKS    publishes; `fill-pipeline` publishes workflows of two steps

Where the settings come from (dramatiq.io, and the reference of dramatiq.brokers.rabbitmq.RabbitmqBroker):
- confirm_delivery=True: every enqueue waits for RabbitMQ's confirm. Acknowledgement after the actor has run is Dramatiq's only way ("Guide", Message Delivery).
- dramatiq_queue_prefetch: set by the driver; the default is twice the threads.
- middleware=…: Retries, without which a failed task is lost, and Pipelines. The limits of age and time and the shutdown notices of the default
  list, which nothing here needs, are left out in its favour.

Dramatiq 2.2.1 has no setting for quorum queues (its pull requests 869 and 871, which add one for RabbitMQ 4.3, are closed without a merge), and the queue's
arguments are made by one method, which is overridden here. BENCH_QUEUE_TYPE=classic measures it as it comes.
"""
import os
import sys

import dramatiq
import workload
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.middleware import Pipelines, Retries


class QuorumRabbitmqBroker(RabbitmqBroker):
    def _build_queue_arguments(self, queue_name):
        return {**super()._build_queue_arguments(queue_name), "x-queue-type": "quorum"}


kind = RabbitmqBroker if os.environ.get("BENCH_QUEUE_TYPE") == "classic" else QuorumRabbitmqBroker
broker = kind(url=workload.AMQP_URL, confirm_delivery=True, middleware=[Retries(), Pipelines()])
dramatiq.set_broker(broker)


@dramatiq.actor(queue_name=workload.QUEUE)
def work(body):
    workload.write(body["id"])


@dramatiq.actor(queue_name=workload.QUEUE)
def first_step(body):
    workload.write(body["id"])
    return body


@dramatiq.actor(queue_name=workload.QUEUE)
def second_step(body):
    workload.write(workload.second_step_of(body["id"]))


def publish():
    work.send(workload.payload())


def publish_pipeline():
    (first_step.message(workload.payload()) | second_step.message()).run()


if __name__ == "__main__":
    workload.fill(publish if sys.argv[1] == "fill" else publish_pipeline, int(sys.argv[2]))
