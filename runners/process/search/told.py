"""What children have already told on their spool files: the truth about trials that the study may have missed."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple


class Told(NamedTuple):
    """The end of a trial as its child wrote it. `values` is empty unless the trial is complete or pruned."""

    state: str
    values: tuple[float, ...]


def finished_trials(spool: Path) -> dict[int, Told]:
    """The study's own trial number → how that trial ended, over all children of the job."""
    ended: dict[int, Told] = {}
    for file in sorted(spool.glob("*.jsonl")):
        optuna_numbers: dict[tuple[int, int], int] = {}
        for event in _events(file):
            if event["type"] == "trial_started" and event.get("optuna_number") is not None:
                optuna_numbers[event["number"], event["attempt"]] = event["optuna_number"]
            elif event["type"] == "trial_finished":
                number = optuna_numbers.get((event["number"], event["attempt"]))
                if number is not None:
                    ended[number] = Told(event["state"], tuple(float(value) for value in event["values"]))
    return ended


def _events(file: Path) -> Iterator[dict[str, Any]]:
    """The whole lines of a spool file; a torn last one is no event."""
    for line in file.read_bytes().split(b"\n")[:-1]:
        if b'"trial_' in line:
            yield json.loads(line)
