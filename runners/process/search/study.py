"""The study: Optuna's journal in the job's folder, a cache that can be made again from the sweep's history."""

import fcntl
import os
from collections.abc import Iterable
from pathlib import Path

import optuna
from optuna.samplers import RandomSampler
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.storages.journal._file import BaseJournalFileLock  # not exported, yet documented as an argument
from optuna.trial import FrozenTrial, TrialState

from runners.process.folder import JobFolder
from runners.process.search.history import add_history
from runners.process.search.reporter import alive
from runners.process.search.told import Told, finished_trials
from runners.process.training.prepare import locked
from runners.protocol.job import FinishedTrial
from runners.protocol.objective import Objective
from runners.protocol.space import SearchSpace

STUDY_NAME = "sweep"
"""The same for every sweep and in every exported script: Hyperband takes a trial's bracket from it and the trial's number."""
CHILD = "child"
"""The user attribute that names the child at work on a trial."""
_READY = "ready"


class KernelLock(BaseJournalFileLock):
    """A lock that ends with its holder. Optuna's own lock files outlive a killed process by half a minute."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held: int | None = None

    def acquire(self) -> bool:
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        self._held = descriptor
        return True

    def release(self) -> None:
        if self._held is not None:
            os.close(self._held)
            self._held = None


def direction_of(objectives: Iterable[Objective]) -> str | list[str]:
    """As `hyperparameter_search` wants it: one word, or a list for several objectives."""
    directions: list[str] = [objective.direction for objective in objectives]
    return directions[0] if len(directions) == 1 else directions


def open_storage(
    folder: JobFolder,
    space: SearchSpace,
    objectives: tuple[Objective, ...],
    history: Iterable[FinishedTrial],
    *,
    child: str,
    partial: bool = False,
) -> JournalStorage:
    """The job's study, ready for `create_study(load_if_exists=True)`.

    The first child makes it from `history`. A later child repairs what a dead one left: trials that it had told the
    end of get that end, trials that it was at work on fail. `child` is the name of the one that asks. `partial`: see
    `learns_rows_alone`.
    """
    guard = folder.path / "study.guard"
    with locked(guard):
        storage = _storage(folder)
        known = {study.study_name: study for study in storage.get_all_studies()}
        if STUDY_NAME in known and known[STUDY_NAME].user_attrs.get(_READY):
            _repair(_study(storage), folder, child)
            return storage
        if known:
            # A child died while it made the study.
            folder.study.unlink()
            storage = _storage(folder)
        directions = [objective.direction for objective in objectives]
        study = optuna.create_study(
            storage=storage, study_name=STUDY_NAME, directions=directions, sampler=RandomSampler()
        )
        add_history(study, storage, history, space, partial=partial)
        study.set_user_attr(_READY, True)
        return storage


def fail_trial(storage: JournalStorage, number: int) -> None:
    """Close a trial of the study that nobody works on any more."""
    study = _study(storage)
    trials = study.get_trials(deepcopy=False)
    if number < len(trials) and trials[number].state is TrialState.RUNNING:
        study.tell(number, state=TrialState.FAIL)


def _storage(folder: JobFolder) -> JournalStorage:
    lock = KernelLock(folder.study.with_suffix(".lock"))
    if folder.study.exists():
        _cut_torn_line(folder.study, lock)
    return JournalStorage(JournalFileBackend(str(folder.study), lock_obj=lock))


def _cut_torn_line(path: Path, lock: KernelLock) -> None:
    """A line that was being written when the machine stopped would spoil the next one."""
    lock.acquire()
    try:
        with path.open("r+b") as file:
            data = file.read()
            whole = data.rfind(b"\n") + 1
            if whole != len(data):
                file.truncate(whole)
    finally:
        lock.release()


def _study(storage: JournalStorage) -> optuna.Study:
    # The sampler must hear nothing: what the dead child's sampler had heard is in its own state file.
    return optuna.load_study(storage=storage, study_name=STUDY_NAME, sampler=RandomSampler())


def _repair(study: optuna.Study, folder: JobFolder, me: str) -> None:
    running = study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
    dead = [trial for trial in running if not _owned(trial, folder, me)]
    if not dead:
        return
    ends = finished_trials(folder.spool)
    for trial in dead:
        _end(study, trial.number, ends.get(trial.number))


def _owned(trial: FrozenTrial, folder: JobFolder, me: str) -> bool:
    """Whether a living child is at work on it. One without a name may be anybody's who has only just begun."""
    child = trial.user_attrs.get(CHILD)
    if child is not None:
        return alive(folder.spool / f"{child}.jsonl")
    return any(alive(file) for file in folder.spool.glob("*.jsonl") if file.stem != me)


def _end(study: optuna.Study, number: int, told: Told | None) -> None:
    if told is None or told.state == "fail":
        study.tell(number, state=TrialState.FAIL)
    elif told.state == "pruned":
        # Optuna takes the last report for its value, as it did for the child.
        study.tell(number, state=TrialState.PRUNED)
    else:
        study.tell(number, list(told.values))
