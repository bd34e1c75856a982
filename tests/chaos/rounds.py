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
from tests.chaos.faults import DEATHS, LOSING, TARGETS, forget
from tests.chaos.stage import GRID, Stage
from tests.stack import FINISHED

DROPPED: Final = "messages dropped"
"""This one lasts from before the start to the end."""
NAMES: Final = (*TARGETS, DROPPED)
PATIENCE_S: Final = 240.0
IN_HASTE: Final = 0.5
"""So often a death comes before the one before it has been recovered from, within `HASTE_S`.

Outages in haste would add up to more than a lease, and the job would rightly be lost.
"""
HASTE_S: Final = 8.0


@dataclass(frozen=True)
class Hit:
    """A fault, `moment_s` after the sweep's start. `struck`: there was something to hit. `continued_s`: from its end until a point
    of a curve was committed that was logged later; None when nothing was left to log, or the next fault came first."""

    target: str
    moment_s: float
    struck: bool
    continued_s: float | None


@dataclass(frozen=True)
class Round:
    """One sweep with its faults, and the promises that were broken. `saved`: a checkpoint every so many steps, 0: none."""

    stage: str
    seed: str
    targets: tuple[str, ...]
    saved: int
    sweep: str
    hits: tuple[Hit, ...]
    seconds: float
    trials: int
    lost_attempts: int
    resumed_attempts: int
    jobs: int
    points: int
    findings: tuple[str, ...]

    def json(self) -> dict[str, Any]:
        return asdict(self)


class Player:
    """Plays rounds on a running stage."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.patience_s = PATIENCE_S + 10 * stage.n_trials
        self._references: dict[str, audit.Record] = {}

    def reference(self, kind: str) -> audit.Record:
        """The undisturbed run of that kind of small sweep; played once."""
        found = self._references.get(kind)
        if found is None:
            sweep = self.stage.begin_sweep(kind)
            self.stage.wait(
                lambda: self.stage.state(sweep) == "complete", self.patience_s, "the undisturbed sweep does not end"
            )
            self.stage.wait_over(sweep, self.patience_s)
            record = audit.read(self.stage, sweep)
            wrong = audit.findings(self.stage, sweep, record)
            assert not wrong, wrong
            found = self._references[kind] = record
        return found

    def play(self, seed: str, *targets: str, saved: int = 0) -> Round:
        """One round with these faults, one after another. Broken promises are in its `findings`; a sweep that does not end is one.

        `saved`: a checkpoint every so many steps. The undisturbed run has none, and still parameters, values and curves must be equal.
        """
        stage, draw = self.stage, random.Random(f"{seed} {targets} {self.stage.name}")
        keeping = not LOSING.keys() & set(targets)
        small = stage.n_trials == GRID
        kind = "tpe" if keeping or not small else "grid"
        reference = self.reference(kind) if small else None
        found: list[str] = []
        stage.proxy.random.seed(seed)
        faults = [target for target in targets if target != DROPPED]
        hits: list[Hit] = []
        with _dropping(stage) if DROPPED in targets else _nothing():
            sweep = stage.begin_sweep(kind, saved)
            begun = time.monotonic()
            try:
                continuing = self._continuing(sweep) if DROPPED in targets else None
                for place, target in enumerate(faults):
                    deaths = place > 0 and {faults[place - 1], target} <= DEATHS
                    if deaths and draw.random() < IN_HASTE:
                        time.sleep(draw.uniform(0, HASTE_S))
                    else:
                        if continuing:
                            continuing.join(self.patience_s / 2)
                        self._wait_for_moment(sweep, draw, place / len(faults), (place + 1) / len(faults))
                    if continuing:
                        hits.append(continuing.hit())
                    continuing = _Continuing(stage, sweep, target, time.monotonic() - begun)
                    held_s = TARGETS[target](stage, draw)
                    continuing.settle(held_s)
                stage.wait_over(sweep, self.patience_s)
                if continuing:
                    hits.append(continuing.hit())
            except AssertionError as error:
                found.append(str(error)[:4000])
            seconds = time.monotonic() - begun
        stage.heal()
        record = audit.read(stage, sweep)
        if keeping and len(record.jobs) > 1:
            found.append(f"the job was lost: {record.jobs}")
        elif reference:
            found += audit.differences(record, kind, reference)
        found += audit.findings(stage, sweep, record)
        found += [f"a process is left: {stray}" for stray in stage.wait_settled()]
        return Round(
            stage=stage.name,
            seed=seed,
            targets=targets,
            saved=saved,
            sweep=sweep,
            hits=tuple(hits),
            seconds=round(seconds, 3),
            trials=len(record.trials),
            lost_attempts=record.lost,
            resumed_attempts=len(record.resumed),
            jobs=len(record.jobs),
            points=sum(map(len, record.curves.values())),
            findings=tuple(found),
        )

    def _continuing(self, sweep: str) -> "_Continuing":
        """From the start of the sweep."""
        continuing = _Continuing(self.stage, sweep, DROPPED, 0.0)
        self.stage.lost_now()
        continuing.settle(0.0)
        return continuing

    def _wait_for_moment(self, sweep: str, draw: random.Random, begin: float = 0.0, end: float = 1.0) -> None:
        """A random place between those two parts of the sweep: a place, since a time would depend on what else the machine does.

        One in four of the first comes before training has begun, while the job is offered, claimed and prepared.
        """
        if begin == 0 and draw.random() < 0.25:
            time.sleep(draw.uniform(0, 3))
            return
        lines = draw.uniform(begin, end) * self.stage.n_trials * self.stage.lines
        deadline = time.monotonic() + self.patience_s
        while len(self.stage.logged(sweep)) < lines and time.monotonic() < deadline:
            if self.stage.state(sweep) in FINISHED:
                return
            time.sleep(0.05)
        time.sleep(draw.uniform(0, 0.2))


class _Continuing(threading.Thread):
    """Waits until a point is committed that was logged after the fault, which begins now."""

    def __init__(self, stage: Stage, sweep: str, target: str, moment_s: float) -> None:
        super().__init__(daemon=True)
        self._stage, self._sweep = stage, sweep
        self._target, self._moment_s = target, moment_s
        self._over = threading.Event()
        self._at: float | None = None
        self._held_s = 0.0
        self._struck = False
        stage.lost_at = math.inf
        self.start()

    def settle(self, held_s: float | None) -> None:
        """The fault is over, and was held so long; None: it found nothing to hit."""
        self._struck, self._held_s = held_s is not None, held_s or 0.0

    def run(self) -> None:
        over = False
        while not over and not self._over.wait(0.05):
            over = self._stage.state(self._sweep) in FINISHED
            later = [line for line in self._stage.logged(self._sweep) if line["at"] > self._stage.lost_at]
            for key in {tuple(line["key"]): line for line in later}:
                rows = self._stage.curve(self._sweep, *key) or []
                if any((line["step"], line["values"]) in rows for line in later if tuple(line["key"]) == key):
                    self._at = time.monotonic()
                    return

    def hit(self) -> Hit:
        """What came of it, until now."""
        self._over.set()
        self.join()
        continued = None
        if self._at is not None:
            continued = round(max(0.0, self._at - self._stage.lost_at - self._held_s), 3)
        return Hit(self._target, round(self._moment_s, 3), self._struck, continued)


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
