"""Everything before the first permit: data, tokenizer and model are there, and the spec is found good."""

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from transformers import PreTrainedModel

from runners.process.durable import write_durably
from runners.process.folder import JobFolder, Start
from runners.process.training.arguments import Arguments, make_arguments
from runners.process.training.checks import check_arguments, check_mirrors, check_words
from runners.process.training.fit import check_models
from runners.process.training.registry import make_task
from runners.process.training.task import Context, Task, first_settings
from runners.protocol.spec import SweepSpec

_BYTES_PER_PARAMETER = 4
_STATES = 3
"""In a checkpoint that a trial goes on from: a weight and the two averages that Adam keeps of it."""
_MARK = "done"


@dataclass(frozen=True)
class Workbench:
    """What trials are trained with. `first`: a model for the Trainer to be made with; trials build their own."""

    spec: SweepSpec
    task: Task
    arguments: Arguments
    first: PreTrainedModel


@dataclass(frozen=True)
class Prepared:
    """The figures of `JobPrepared`."""

    seconds: float
    train_rows: int
    eval_rows: int
    model_parameters: int
    checkpoint_bytes: int


def prepare(
    folder: JobFolder,
    spec: SweepSpec,
    start: Start,
    *,
    store_tokenizer: Callable[[str, Path], Path],
    report: Callable[[Prepared], None],
) -> Workbench:
    """Make the workbench. The first child of a job also checks the spec and reports; later ones find it done.

    Raises `InvalidSpec`.
    """
    began = time.monotonic()
    folder.prepared.mkdir(parents=True, exist_ok=True)
    with locked(folder.prepared / "lock"):
        mark = folder.prepared / _MARK
        done = mark.exists()
        if not done:
            check_words(spec)
            check_mirrors(spec)
        arguments = make_arguments(spec, start, folder.path / "trials")
        if not done:
            check_arguments(spec, arguments)
        task = make_task(Context(spec, start, folder.prepared, store_tokenizer))
        task.datasets(first_settings(spec))
        parameters = 0 if done else check_models(spec, task)
        first = task.load()
        if not done:
            report(
                Prepared(
                    seconds=time.monotonic() - began,
                    train_rows=len(task.rows.train),
                    eval_rows=len(task.rows.eval),
                    model_parameters=parameters,
                    checkpoint_bytes=parameters
                    * _BYTES_PER_PARAMETER
                    * (_STATES if spec.checkpoints.every != "off" else 1),
                )
            )
            # After the report: a child that dies between the two has it reported twice rather than never.
            write_durably(mark, b"")
    return Workbench(spec, task, arguments, first)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One process at a time; the kernel lets go when the holder dies."""
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
