"""The best trial's model, kept ready for `from_pretrained`."""

import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from runners.process.durable import sync_folder, write_durably
from runners.process.folder import JobFolder
from runners.process.training.prepare import locked
from runners.protocol.job import FinishedTrial


@dataclass(frozen=True)
class Best:
    number: int
    value: float


class BestModel:
    """Keeps one model per job: of the best complete trial, ties to the earlier number. Safe among several children."""

    def __init__(
        self, folder: JobFolder, direction: Literal["minimize", "maximize"], history: Iterable[FinishedTrial]
    ) -> None:
        self._folder = folder
        self._sign = 1.0 if direction == "maximize" else -1.0
        self._earlier: Best | None = None
        for trial in history:
            if trial.state == "complete" and trial.values:
                candidate = Best(trial.number, trial.values[0])
                if self._beats(candidate, self._earlier):
                    self._earlier = candidate

    def offer(self, number: int, value: float, save: Callable[[Path], None]) -> bool:
        """Let `save` write the model of a trial into a folder if it is the best so far. True when it was kept."""
        candidate = Best(number, value)
        with locked(self._folder.path / "best.lock"):
            kept = self._kept()
            if not self._beats(candidate, self._earlier) or not self._beats(candidate, kept):
                return False
            target = self._folder.best(number)
            temporary = target.with_name(f".{number}")
            shutil.rmtree(temporary, ignore_errors=True)
            temporary.mkdir(parents=True)
            save(temporary)
            # A trial that was lost after this point and trained again finds its own folder here.
            shutil.rmtree(target, ignore_errors=True)
            temporary.rename(target)
            sync_folder(target.parent)
            told = {"number": number, "value": value}
            write_durably(self._folder.best_file, json.dumps(told).encode())
            for other in target.parent.iterdir():
                if other != target:
                    shutil.rmtree(other, ignore_errors=True)
        return True

    def _kept(self) -> Best | None:
        try:
            told = json.loads(self._folder.best_file.read_bytes())
        except (FileNotFoundError, ValueError):
            return None
        return Best(int(told["number"]), float(told["value"]))

    def _beats(self, candidate: Best, other: Best | None) -> bool:
        if other is None:
            return True
        if candidate.value != other.value:
            return (candidate.value - other.value) * self._sign > 0
        return candidate.number < other.number
