"""Why a queued sweep waits, in a sentence: what the scheduler's own decision says."""

import time
from collections.abc import Iterable
from typing import Final

from runners.protocol.script import is_script
from runners.protocol.states import JobState
from sweeps.models import Job, Sweep
from sweeps.queries.fleet import request_of, snapshot_now
from sweeps.scheduling.decide import Decision, decide
from sweeps.scheduling.reasons import reason
from sweeps.scheduling.snapshot import Snapshot

SLOW_S: Final = 0.1
KEPT: Final = 10
"""A decision that took more than `SLOW_S` is told for so many times as long: a large fleet does not change with each look."""


def waiting_reason(sweep: Sweep) -> str:
    """What the queued sweep waits for; empty when nothing is known to be missing."""
    return waiting_reasons([sweep])[sweep.pk]


def waiting_reasons(sweeps: Iterable[Sweep]) -> dict[int, str]:
    """Primary key of each of these queued sweeps → what it waits for. One decision for all."""
    sweeps, found = list(sweeps), dict[int, str]()
    offers = {
        job.sweep_id: job
        for job in Job.objects.filter(sweep__in=sweeps, state=JobState.OFFERED.value).select_related("runner")
    }
    round_: tuple[Snapshot, Decision] | None = None
    for sweep in sweeps:
        if is_script(sweep.spec):
            found[sweep.pk] = "Waits for its script: trials begin when it connects again."
        elif offer := offers.get(sweep.pk):
            found[sweep.pk] = f"Offered to runner {offer.runner.name}." if offer.runner else "Offered to a runner."
        else:
            round_ = round_ or _Last.look()
            found[sweep.pk] = reason(*round_, request_of(sweep))
    return found


class _Last:
    """The last decision of this process, where it took long."""

    held: tuple[Snapshot, Decision] | None = None
    until = 0.0

    @classmethod
    def look(cls) -> tuple[Snapshot, Decision]:
        begun = time.monotonic()
        if cls.held is not None and begun < cls.until:
            return cls.held
        snapshot = snapshot_now()
        cls.held = snapshot, decide(snapshot)
        took = time.monotonic() - begun
        cls.until = time.monotonic() + KEPT * took if took > SLOW_S else 0.0
        return cls.held
