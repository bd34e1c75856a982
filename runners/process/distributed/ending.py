"""The end of a trial that its own rank 0 cannot write any more."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from runners.process.search.reporter import Reporter
from runners.process.training.failures import Failure


def trial_at_work(spool_file: Path) -> dict[str, Any] | None:
    """The `trial_started` that nothing has ended since; None where there is none."""
    started: dict[str, Any] | None = None
    try:
        lines = spool_file.read_bytes().split(b"\n")[:-1]
    except FileNotFoundError:
        return None
    for line in lines:
        if any(word in line for word in (b'"trial_started"', b'"trial_finished"', b'"attempt_left"')):
            event = json.loads(line)
            started = event if event["type"] == "trial_started" else None
    return started


def write_failure(spool_file: Path, t0: float, failure: Failure, poke: Callable[[], None]) -> bool:
    """Write that the trial at work failed. False when none is. Rank 0 must be dead: the file has one writer."""
    started = trial_at_work(spool_file)
    if started is None:
        return False
    _cut_torn_line(spool_file)
    reporter = Reporter(spool_file, t0, poke)
    reporter.emit(
        "trial_finished",
        sync=True,
        number=started["number"],
        attempt=started["attempt"],
        state="fail",
        values=[],
        duration_s=max(0.0, time.monotonic() - t0 - started["t"]),
        metrics={},
        timings={},
        failure_code=failure.code.value,
        failure_message=failure.message[:2000],
        traceback=failure.traceback,
    )
    reporter.close()
    return True


def _cut_torn_line(path: Path) -> None:
    with path.open("r+b") as file:
        data = file.read()
        whole = data.rfind(b"\n") + 1
        if whole != len(data):
            file.truncate(whole)
