"""TensorBoard: one folder of event files per trial."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tensorboardX import SummaryWriter
from tensorboardX.summary import hparams

from runners.process.mirror.service import End, Entry, Service, Sweep, Trial, numbers_of, slashed
from runners.protocol.base import Scalar

_UNFIT: Final = re.compile(r"[^\w .()#+-]")
_LONGEST: Final = 120


class TensorBoard(Service):
    def __init__(self, sweep: Sweep) -> None:
        self._folder = sweep.folder / "tensorboard"
        self._folder.mkdir(parents=True, exist_ok=True)

    def begin(self, trial: Trial) -> "Folder":
        return Folder(self._folder / folder_name(trial), trial)


class Folder(Entry):
    def __init__(self, path: Path, trial: Trial) -> None:
        self._writer: Any = SummaryWriter(str(path), filename_suffix=f".{trial.attempt}")
        self._step = 0
        shown = {**trial.fixed, **trial.params}
        _, begun, self._ended = hparams(
            {
                name: value if isinstance(value, str | bool | int | float) else str(value)
                for name, value in shown.items()
            },
            {},
        )
        self._writer.file_writer.add_summary(begun)

    def log(self, step: int, epoch: float | None, values: Mapping[str, float]) -> None:
        self._scalars(step, slashed(values) | ({} if epoch is None else {"train/epoch": epoch}))

    def changed(self, step: int, params: Mapping[str, Scalar]) -> None:
        self._scalars(step, numbers_of(params))

    def flush(self) -> None:
        self._writer.flush()

    def finish(self, end: End) -> None:
        self._scalars(self._step, slashed(end.metrics) | dict(end.values))
        self._writer.add_text("state", f"{end.state}: {end.message}" if end.message else end.state, self._step)
        if end.state in {"complete", "pruned"}:
            self._writer.file_writer.add_summary(self._ended)
        self._writer.close()

    def _scalars(self, step: int, values: Mapping[str, float]) -> None:
        self._step = step
        for name, value in values.items():
            self._writer.add_scalar(name, value, step)


def folder_name(trial: Trial) -> str:
    """The entry's name as a folder: TensorBoard shows it. Nothing in a sweep's name leads elsewhere."""
    name = _UNFIT.sub("_", trial.sweep.name)[:_LONGEST].strip(" .")
    return f"{name} #{trial.number}"


def make(sweep: Sweep) -> Service:
    return TensorBoard(sweep)
