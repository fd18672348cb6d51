"""Who is measured, how each is started, and with what concurrency.

The concurrency settings are those that did best on two cores with both servers on the same machine; BENCH_… variables, and --set, try others.
"""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Contestant:
    name: str
    does: str
    # Of the virtual environment's Python: publishes the tasks; the number is appended.
    fill: tuple
    # Command lines of the worker processes.
    workers: tuple
    environment: dict = dataclasses.field(default_factory=dict)
    rows_per_task: int = 1
    # Its workers wait for each other before they consume.
    gated: bool = False
    # Measured when nothing is asked for by name.
    usual: bool = True


def celery(name, does, pool, nodes, concurrency, prefetch_multiplier, **more):
    workers = tuple(
        ("-m", "celery", "-A", "celery_app", "worker", "--pool", pool, "--concurrency", str(concurrency), "--hostname", f"bench{node}@localhost",
         "--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat")
        for node in range(nodes))
    environment = {"BENCH_PREFETCH_MULTIPLIER": str(prefetch_multiplier)}
    return Contestant(name, does, **{"fill": ("celery_app.py", "fill"), "workers": workers, "environment": environment, **more})


def dramatiq(name, does, processes, threads, prefetch, environment=None, **more):
    workers = (("-m", "dramatiq", "dramatiq_app", "--processes", str(processes), "--threads", str(threads)),)
    environment = {"dramatiq_queue_prefetch": str(prefetch), **(environment or {})}
    return Contestant(name, does, **{"fill": ("dramatiq_app.py", "fill"), "workers": workers, "environment": environment, **more})


def aio(name, does, mode, processes, environment):
    return Contestant(name, does, ("aio_worker.py", "fill"), (("aio_worker.py", mode),) * processes, environment, gated=True)


def peers(setting):
    """All peers. `setting(key, default)` gives what --set says for a key."""
    prefork = setting("celery-prefork.nodes", 1), setting("celery-prefork.concurrency", 4), setting("celery-prefork.multiplier", 128)
    threads = setting("celery-threads.nodes", 2), setting("celery-threads.concurrency", 8), setting("celery-threads.multiplier", 64)
    actors = setting("dramatiq.processes", 2), setting("dramatiq.threads", 8), setting("dramatiq.prefetch", 128)
    each = setting("aio-each.processes", 2), {"BENCH_PREFETCH": str(setting("aio-each.prefetch", 512)), "BENCH_LANES": str(setting("aio-each.lanes", 16))}
    batch = setting("aio-batch.processes", 2), {"BENCH_PREFETCH": str(setting("aio-batch.prefetch", 2000))}
    return [
        celery("celery-prefork", "Celery, pool of processes", "prefork", *prefork),
        celery("celery-threads", "Celery, pools of threads", "threads", *threads),
        dramatiq("dramatiq", "Dramatiq, quorum queue", *actors),
        dramatiq("dramatiq-classic", "Dramatiq as it comes: classic queue", *actors, environment={"BENCH_QUEUE_TYPE": "classic"}, usual=False),
        aio("aio-each", "aio-pika + asyncpg, commit per task", "each", *each),
        aio("aio-batch", "aio-pika + asyncpg, batched", "batch", *batch),
        celery("celery-chain", "Celery (threads), chain of two steps", "threads", *threads, fill=("celery_app.py", "fill-chain"), rows_per_task=2, usual=False),
        dramatiq("dramatiq-pipeline", "Dramatiq, pipeline of two steps", *actors, fill=("dramatiq_app.py", "fill-pipeline"), rows_per_task=2, usual=False),
    ]
