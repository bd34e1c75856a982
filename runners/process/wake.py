"""The wake-up calls: a Celery worker in a thread, on this runner's own queue.

A message carries a job's id and no more, and losing one costs a heartbeat's time, so nothing here may stop a runner:
the worker reconnects, what is malformed is dropped, and a worker that dies all the same is started again.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from celery import Celery
from celery.worker import WorkController, state
from kombu.entity import Queue

from runners.process.logs import pairs
from runners.protocol.base import Scalar
from runners.protocol.runner import WAKE_TASK

logger = logging.getLogger(__name__)


class WakeUps:
    """`on_wake(job)` is called in the event loop that makes this object."""

    def __init__(self, on_wake: Callable[[str], None]) -> None:
        self._on_wake = on_wake
        self._loop = asyncio.get_running_loop()
        self._source: tuple[str, dict[str, Scalar], str] | None = None
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()

    def listen(self, broker_url: str, options: dict[str, Scalar], queue: str) -> None:
        """Listen there from now on. Called again with the same values, it changes nothing."""
        if self._source == (broker_url, options, queue):
            return
        self.stop()
        before, self._source = self._thread, (broker_url, options, queue)
        self._stopping = threading.Event()
        self._thread = threading.Thread(
            target=self._work, args=(*self._source, self._stopping, before), name="wake-ups", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop listening. The thread ends at its next look at the queue; nothing is lost by not waiting for that."""
        if self._source is not None:
            self._source = None
            self._stopping.set()
            state.should_stop = 0  # Celery's own, process-wide: the only worker in this process is ours

    def _work(
        self,
        broker_url: str,
        options: dict[str, Scalar],
        queue: str,
        stopping: threading.Event,
        before: threading.Thread | None,
    ) -> None:
        if before is not None:
            before.join()
        while not stopping.is_set():
            state.should_stop = None
            begun = time.monotonic()
            try:
                worker = WorkController(app=self._app(broker_url, options, queue), **_WORKER)
                worker.start()
            except Exception:
                logger.exception("The wake-up worker stopped")
            if not stopping.wait(0.1 if time.monotonic() - begun > 1 else 0.5):
                logger.debug("The wake-up worker is started again")

    def _app(self, broker_url: str, options: dict[str, Scalar], queue: str) -> Celery:
        # No fix-ups: with DJANGO_SETTINGS_MODULE in the environment Celery would load Django into this process.
        app = Celery("runner", broker=broker_url, fixups=())
        app.set_default()  # a message is handled by the default app of its thread, whichever app received it
        app.conf.update(
            broker_transport_options=options,
            broker_connection_retry_on_startup=True,
            broker_connection_max_retries=None,
            task_queues=[Queue(queue, durable=True)],  # type: ignore[no-untyped-call]  # kombu has no types
            task_default_queue=queue,
            task_create_missing_queues=False,
            task_ignore_result=True,
            accept_content=["json"],
            worker_enable_remote_control=False,
            worker_send_task_events=False,
            worker_cancel_long_running_tasks_on_connection_loss=False,
            worker_proc_alive_timeout=60.0,
        )

        @app.task(name=WAKE_TASK, shared=False)  # type: ignore[untyped-decorator]  # Celery has no types
        def wake(job: Any = "", *_: Any, **__: Any) -> None:
            if isinstance(job, str) and job.isalnum() and len(job) == 12:
                self._loop.call_soon_threadsafe(self._on_wake, job)
            else:
                logger.warning("A wake-up without a job was dropped", extra=pairs(queue=queue))

        return app


_WORKER: dict[str, Any] = {
    "pool_cls": "solo",
    "concurrency": 1,
    "without_gossip": True,
    "without_mingle": True,
    "without_heartbeat": True,
    "quiet": True,
}
