"""The analysis of a sweep: asked for by who looks, computed in a process of its own, kept until more trials have ended."""

import logging
import os
import subprocess
import sys
import time
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from runners.optimizers.analysis import NEEDED, Asked, Found
from sweeps.models import Sweep, SweepAnalysis
from sweeps.queries.analysis.asked import asked_of, finished_count

logger = logging.getLogger(__name__)

LONGEST_S: Final = 600.0
"""A process that takes longer is ended; one that was begun longer ago has died with its server."""
PAUSE: Final = 10.0
"""So many times its own duration passes between two analyses of a sweep: at most a tenth of a core for each."""
PROBLEM: Final = "The analysis failed on the server; its log says why. It is tried again when another trial has ended."


def ask(sweep: Sweep) -> None:
    """Somebody looks: have it computed where it would rest on more trials than it does. Writes only when that is new."""
    finished = finished_count(sweep)
    if finished < NEEDED:
        return
    analysis, _ = SweepAnalysis.objects.get_or_create(sweep=sweep)
    if analysis.asked_at is None and analysis.finished != finished:
        SweepAnalysis.objects.filter(pk=analysis.pk, asked_at=None).update(asked_at=timezone.now())


def due() -> SweepAnalysis | None:
    """The analysis that has waited longest of those whose turn it is. One query; none where nobody looks."""
    now = timezone.now()
    waiting = SweepAnalysis.objects.filter(asked_at__isnull=False).filter(
        Q(begun_at=None) | Q(begun_at__lt=now - timedelta(seconds=LONGEST_S + 60))
    )
    for analysis in waiting.select_related("sweep").order_by("asked_at"):
        rested = analysis.computed_at is None or now >= analysis.computed_at + timedelta(
            seconds=PAUSE * analysis.took_s
        )
        if rested:
            return analysis
    return None


def compute(analysis: SweepAnalysis) -> bool:
    """Compute one and keep it. False where another process has taken it meanwhile."""
    mine = SweepAnalysis.objects.filter(pk=analysis.pk, begun_at=analysis.begun_at, asked_at__isnull=False)
    if not mine.update(begun_at=timezone.now()):
        return False
    # Counted before the trials are read: one that ends between the two is asked for again.
    finished = finished_count(analysis.sweep)
    begin = time.monotonic()
    found: Found | None = None
    try:
        found = in_a_process(asked_of(analysis.sweep))
    except (subprocess.SubprocessError, OSError, ValueError):
        logger.exception("The analysis of sweep %s failed", analysis.sweep.public_id)
    kept = {} if found is None else {"result": found.model_dump(mode="json")}
    SweepAnalysis.objects.filter(pk=analysis.pk).update(
        asked_at=None,
        begun_at=None,
        computed_at=timezone.now(),
        finished=finished,
        took_s=time.monotonic() - begin,
        problem="" if found else PROBLEM,
        **kept,
    )
    return True


def in_a_process(asked: Asked) -> Found:
    """Run `runners.optimizers.analyse` with little of the machine. Raises SubprocessError, ValueError."""
    done = subprocess.run(
        [sys.executable, "-m", "runners.optimizers.analyse"],
        input=asked.model_dump_json().encode(),
        capture_output=True,
        check=False,
        timeout=LONGEST_S,
        cwd=settings.BASE_DIR,
        env={**_plain(), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )
    if done.returncode:
        raise subprocess.SubprocessError(done.stderr.decode(errors="replace")[-2000:])
    return Found.model_validate_json(done.stdout)


def _plain() -> dict[str, str]:
    """The environment without what only the server may know."""
    return {name: value for name, value in os.environ.items() if not name.startswith("HPWEB_")}
