"""What may become of a trial while it trains: it goes on from a checkpoint, is kept in one, or ends early by order."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from runners.process.checkpoints import Checkpoint, Counters


class Left(Exception):
    """The attempt ends at a checkpoint, by order; another one goes on from there."""


class Course(Protocol):
    """Where a trial's training asks. In a group of processes all ask equally often, and all get the same answer."""

    def resumes(self) -> Checkpoint | None:
        """What this attempt goes on from."""

    def last_objective(self) -> Any:
        """What the last evaluation before that gave, as `compute_objective` has it; None where there was none."""

    def order(self) -> str:
        """`stop`, `prune`, `checkpoint`, or "" for none. `stop` and `prune` count as obeyed once they are told."""

    def due(self, step: int, *, evaluated: bool) -> bool:
        """Whether a checkpoint is to be kept after this step."""

    def keep(self, step: int, save: Callable[[Path], Counters]) -> bool:
        """Let `save` write everything into a folder, and make that the newest checkpoint. False when it cannot be kept."""

    def leave(self, step: int) -> None:
        """The attempt ends here."""
