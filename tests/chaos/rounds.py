"""A round: one sweep, one fault at a random moment, one audit."""

import math
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, Final

from tests.chaos import audit
from tests.chaos.faults import LOSING, TARGETS, forget
from tests.chaos.stage import Stage
from tests.stack import FINISHED

DROPPED: Final = "messages dropped"
"""This one lasts from before the start to the end."""
NAMES: Final = (*TARGETS, DROPPED)
PATIENCE_S: Final = 240.0


@dataclass(frozen=True)
class Round:
    """`moment_s` after the sweep's start the fault came. `continued_s`: from then until a point of the curve was committed
    that was logged later, less what the fault was held on purpose; None when nothing was left to log."""

    target: str
    stage: str
    seed: str
    sweep: str
    moment_s: float
    seconds: float
    trials: int
    lost_attempts: int
    jobs: int
    points: int
    continued_s: float | None
    findings: tuple[str, ...]

    def json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Reference:
    """An undisturbed run."""

    record: audit.Record
    seconds: float


class Player:
    """Plays rounds on a running stage."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._references: dict[str, Reference] = {}

    def reference(self, kind: str) -> Reference:
        """The undisturbed run of that kind of sweep; played once."""
        found = self._references.get(kind)
        if found is None:
            begun = time.monotonic()
            sweep = self.stage.begin_sweep(kind)
            self.stage.wait(
                lambda: self.stage.state(sweep) == "complete", PATIENCE_S, "the undisturbed sweep does not end"
            )
            seconds = time.monotonic() - begun
            self.stage.wait_over(sweep, PATIENCE_S)
            record = audit.read(self.stage, sweep)
            wrong = audit.findings(self.stage, sweep, record)
            assert not wrong, wrong
            found = self._references[kind] = Reference(record, seconds)
        return found

    def play(self, seed: str, *targets: str) -> Round:
        """One round with these faults, one after another. Broken promises are in its `findings`; a sweep that does not end is one."""
        stage, draw = self.stage, random.Random(f"{seed} {targets} {self.stage.name}")
        keeping = not LOSING.keys() & set(targets)
        kind = "tpe" if keeping else "grid"
        reference = self.reference(kind)
        found: list[str] = []
        stage.proxy.random.seed(seed)
        faults = [TARGETS[target] for target in targets if target != DROPPED]
        with _dropping(stage) if DROPPED in targets else _nothing():
            sweep = stage.begin_sweep(kind)
            begun = time.monotonic()
            moment, continuing = 0.0, None
            try:
                for place, fault in enumerate(faults):
                    self._wait_for_moment(sweep, reference, draw, place / len(faults), (place + 1) / len(faults))
                    moment = time.monotonic() - begun
                    stage.lost_at = math.inf
                    continuing = _Continuing(stage, sweep)
                    continuing.held_s = fault(stage, draw)
                    if stage.lost_at == math.inf:
                        stage.lost_now()  # there was nothing to hit
                stage.wait_over(sweep, PATIENCE_S)
            except AssertionError as error:
                found.append(str(error)[:4000])
            seconds = time.monotonic() - begun
        if continuing:
            continuing.stop()
        stage.heal()
        record = audit.read(stage, sweep)
        if keeping and len(record.jobs) > 1:
            found.append(f"the job was lost: {record.jobs}")
        else:
            found += audit.differences(record, kind, reference.record)
        found += audit.findings(stage, sweep, record)
        found += [f"a process is left: {stray}" for stray in stage.wait_settled()]
        return Round(
            target=" + ".join(targets),
            stage=stage.name,
            seed=seed,
            sweep=sweep,
            moment_s=round(moment, 3),
            seconds=round(seconds, 3),
            trials=len(record.trials),
            lost_attempts=record.lost,
            jobs=len(record.jobs),
            points=sum(map(len, record.curves.values())),
            continued_s=continuing.seconds if continuing else None,
            findings=tuple(found),
        )

    def _wait_for_moment(
        self, sweep: str, reference: Reference, draw: random.Random, begin: float = 0.0, end: float = 1.0
    ) -> None:
        """A random place between those two parts of the sweep: a place, since a time would depend on what else the machine does.

        One in four of the first comes before training has begun, while the job is offered, claimed and prepared.
        """
        if begin == 0 and draw.random() < 0.25:
            time.sleep(draw.uniform(0, 3))
            return
        lines = draw.uniform(begin, end) * sum(map(len, reference.record.curves.values()))
        deadline = time.monotonic() + PATIENCE_S
        while len(self.stage.logged(sweep)) < lines and time.monotonic() < deadline:
            if self.stage.state(sweep) in FINISHED:
                return
            time.sleep(0.05)
        time.sleep(draw.uniform(0, 0.2))


class _Continuing(threading.Thread):
    """Waits for a committed point that was logged after the fault."""

    def __init__(self, stage: Stage, sweep: str) -> None:
        super().__init__(daemon=True)
        self._stage, self._sweep = stage, sweep
        self._over = threading.Event()
        self.held_s = 0.0
        self._at: float | None = None
        self.start()

    def run(self) -> None:
        while not self._over.is_set():
            points = self._stage.points(self._sweep)
            before = sum(line["at"] <= self._stage.lost_at for line in self._stage.logged(self._sweep))
            if points is not None and points > before:
                self._at = time.monotonic()
                return
            self._over.wait(0.05)

    def stop(self) -> None:
        self._over.set()
        self.join()

    @property
    def seconds(self) -> float | None:
        return None if self._at is None else round(max(0.0, self._at - self._stage.lost_at - self.held_s), 3)


@contextmanager
def _dropping(stage: Stage) -> Iterator[None]:
    """No wake-up lives long enough to be read, or hardly any."""
    over = threading.Event()

    def drop() -> None:
        while not over.wait(0.01):
            forget(stage)

    dropper = threading.Thread(target=drop, daemon=True)
    dropper.start()
    try:
        yield
    finally:
        over.set()
        dropper.join()


@contextmanager
def _nothing() -> Iterator[None]:
    yield
