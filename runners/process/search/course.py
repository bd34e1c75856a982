"""A trial's course in a backend: its checkpoints in the runner's folder, its orders in the job's."""

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError

from runners.process.checkpoints import Checkpoint, Counters, Kept, SweepCheckpoints
from runners.process.folder import JobFolder
from runners.process.orders import OrderOf
from runners.process.search.outcome import Outcome
from runners.process.training.distributed import Member
from runners.protocol.job import Permit
from runners.protocol.spec import SweepSpec

_UNWRITTEN: Final = (OSError, RuntimeError, SafetensorError)
"""What torch and safetensors raise where a file cannot be written: each its own."""


class Course:
    """One attempt's. `member`: this process in its group. `resumable`: False where the search cannot take a trial up again."""

    def __init__(
        self,
        folder: JobFolder,
        spec: SweepSpec,
        outcome: Outcome,
        *,
        member: Member | None = None,
        resumable: bool = True,
    ) -> None:
        self._spec = spec
        self._outcome = outcome
        self._member = member
        self._orders = OrderOf(folder, outcome.permit)
        root = folder.start().checkpoints
        self._store = SweepCheckpoints(Path(root)) if root and resumable else None
        self._said = False
        self._found = self._look(outcome.permit)
        outcome.goes_on_from(self._found, self._note(outcome.permit))

    def _look(self, permit: Permit) -> Checkpoint | None:
        if self._store is None or permit.attempt == 1 or permit.params is None:
            return None
        return self._store.newest(permit.number, permit.params, self._spec.processes)

    def _note(self, permit: Permit) -> str:
        expected = self._spec.checkpoints.every != "off" and permit.attempt > 1 and permit.params is not None
        if self._found or not expected:
            return ""
        if self._store is None:
            return "Started from the beginning: trials of this search cannot be taken up again."
        return "Started from the beginning: this runner has no checkpoint of an earlier attempt."

    def resumes(self) -> Checkpoint | None:
        return self._found if self._agreed("resume" if self._found else "begin") == "resume" else None

    def last_objective(self) -> Any:
        found = self._found.kept.told.objective if self._found else ()
        return None if not found else found[0] if len(found) == 1 else found

    def order(self) -> str:
        act = self._agreed(self._orders.act())
        if act in {"stop", "prune"}:
            self._outcome.stopped = True
        return act

    def due(self, step: int, *, evaluated: bool) -> bool:
        wanted = self._spec.checkpoints
        if self._store is None or wanted.every == "off":
            return False
        return evaluated if wanted.every == "evaluation" else step % (wanted.steps or 1) == 0

    def keep(self, step: int, save: Callable[[Path], Counters]) -> bool:
        if self._store is None:
            return False
        permit = self._outcome.permit
        folder, problem, counters = None, "", None
        try:
            folder = self._new(self._store, permit)
            counters = save(folder)
        except _UNWRITTEN as error:
            problem = str(error).splitlines()[0] if str(error) else type(error).__name__
        problem = self._any(problem)
        if self._member is None or self._member.index == 0:
            if not problem and folder is not None and counters is not None:
                try:
                    self._outcome.kept(self._store.keep(folder, self._kept(step, counters)), step)
                except OSError as error:
                    problem = str(error)
            if problem:
                self._skip(folder, step, problem)
        return self._agreed("" if problem else "kept") == "kept"

    def leave(self, step: int) -> None:
        self._outcome.leave(step)

    def _new(self, store: SweepCheckpoints, permit: Permit) -> Path:
        """The folder to write into, made by the first process."""
        made = ""
        if self._member is None or self._member.index == 0:
            try:
                made = str(store.begin(permit.number, permit.attempt))
            except OSError:
                if self._member is None:
                    raise
        made = self._agreed(made)
        if not made:
            raise OSError(errno.ENOSPC, "the first process could not make a folder")
        return Path(made)

    def _kept(self, step: int, counters: Counters) -> Kept:
        permit = self._outcome.permit
        return Kept(
            number=permit.number,
            attempt=permit.attempt,
            step=step,
            params=self._outcome.params,
            processes=self._spec.processes,
            counters=counters,
            told=self._outcome.told(),
            files={},
        )

    def _skip(self, folder: Path | None, step: int, problem: str) -> None:
        if self._store and folder:
            self._store.discard(folder)
        if not self._said:
            self._said = True
            print(
                f"Trial {self._outcome.permit.number}: no checkpoint could be kept at step {step} ({problem}). "
                "Training goes on; a loss of the trial would cost more. Free space on the runner's disk."
            )

    def _any(self, problem: str) -> str:
        """Any process's problem, in all of them."""
        if self._member is None:
            return problem
        told: list[Any] = [""] * self._spec.processes
        torch.distributed.all_gather_object(told, problem)
        return next((each for each in told if each), "")

    def _agreed(self, word: str) -> str:
        return self._member.agree(word) if self._member else word
