"""Trackio: a project per sweep, in a folder of the runner, or at the team's Space or server."""

import os
import re
import warnings
from collections.abc import Mapping
from typing import Any, Final

from runners.process.mirror.service import End, Entry, Service, Sweep, Trial, numbers_of, slashed
from runners.protocol.base import Scalar

_UNDELIVERED: Final = re.compile(r"\b(could not|cannot|failed|error)\b", re.IGNORECASE)


class Undelivered(Exception):
    """What Trackio warned of."""


class Trackio(Service):
    def __init__(self, sweep: Sweep) -> None:
        folder = sweep.folder / "trackio"
        folder.mkdir(parents=True, exist_ok=True)
        # Read when trackio is imported. What a server does not take in time waits here, too.
        os.environ["TRACKIO_DIR"] = str(folder)
        import trackio
        from trackio import context_vars

        self._trackio: Any = trackio
        # It warns where it cannot deliver, from threads of its own, and raises nothing.
        self._warned: list[str] = []
        warnings.simplefilter("always")
        warnings.showwarning = self._note
        self._current: Any = context_vars.current_run

    def begin(self, trial: Trial) -> "Run":
        run = self._trackio.init(
            project=trial.sweep.group,
            name=trial.name,
            group=trial.sweep.name,
            config={**trial.fixed, **trial.params, "attempt": trial.attempt},
            resume="allow",
            private=True,
            embed=False,
            auto_log_gpu=False,
            auto_log_cpu=False,
        )
        # The next `init` would finish the one that is at work; several are, where trials run side by side.
        self._current.set(None)
        return Run(run, self._warned)

    def _note(self, message: Warning | str, *_: object, **__: object) -> None:
        if _UNDELIVERED.search(str(message)):
            self._warned.append(str(message))


class Run(Entry):
    def __init__(self, run: Any, warned: list[str]) -> None:
        self._run = run
        self._warned = warned
        self._step = 0

    def log(self, step: int, epoch: float | None, values: Mapping[str, float]) -> None:
        self._step = step
        self._run.log(slashed(values) | ({} if epoch is None else {"train/epoch": epoch}), step=step)

    def changed(self, step: int, params: Mapping[str, Scalar]) -> None:
        self._step = step
        self._run.log(numbers_of(params), step=step)

    def flush(self) -> None:
        """Its own thread sends."""

    def finish(self, end: End) -> None:
        told: dict[str, object] = {**slashed(end.metrics), **end.values, "state": end.state}
        if end.message:
            told["failure"] = end.message
        self._run.log(told, step=self._step)
        self._run.finish()
        if self._warned:
            first = self._warned[0]
            self._warned.clear()
            raise Undelivered(first)


def make(sweep: Sweep) -> Service:
    return Trackio(sweep)
