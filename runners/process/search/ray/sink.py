"""The way of events from Ray's worker processes to the driver, which alone writes the spool."""

import threading
from collections.abc import Callable
from typing import Any

POLL_S = 0.1


class Lines:
    """An actor that holds lines until the driver takes them, and permits until their workers ask."""

    def __init__(self) -> None:
        self._lines: list[dict[str, Any]] = []
        self._permits: dict[str, dict[str, Any]] = {}

    def grant(self, trial_id: str, permit: dict[str, Any]) -> None:
        self._permits[trial_id] = permit

    def permit(self, trial_id: str) -> dict[str, Any]:
        return self._permits[trial_id]

    def put(self, line: dict[str, Any]) -> None:
        self._lines.append(line)

    def take(self) -> list[dict[str, Any]]:
        lines, self._lines = self._lines, []
        return lines


class WorkerReporter:
    """What `Reporter` is in a child: `emit` from a worker."""

    def __init__(self, actor: Any) -> None:
        self._actor = actor

    def emit(self, type_: str, *, sync: bool = False, **fields: Any) -> None:
        """Send an event. With `sync` it is with the actor when this returns."""
        import ray

        sent = self._actor.put.remote({"type": type_, **fields})
        if sync:
            ray.get(sent)


class Drain:
    """Takes the actor's lines in the driver, by a thread and on demand, and gives each to `heard` in order."""

    def __init__(self, actor: Any, heard: Callable[[dict[str, Any]], None]) -> None:
        self._actor = actor
        self._heard = heard
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._poll, name="ray-lines", daemon=True)
        self._thread.start()

    def now(self) -> None:
        """Take what is there."""
        import ray

        with self._lock:
            for line in ray.get(self._actor.take.remote()):
                self._heard(line)

    def close(self) -> None:
        """Take the rest and stop."""
        self._over.set()
        self._thread.join()
        self.now()

    def _poll(self) -> None:
        while not self._over.wait(POLL_S):
            self.now()
