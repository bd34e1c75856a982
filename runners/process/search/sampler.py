"""The sampler's state on disk: another child draws on as if nothing had happened.

Pickles never travel: the file is this job's and this machine's own.
"""

import hashlib
import pickle
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from runners.process.durable import write_durably
from runners.process.training.prepare import locked
from runners.protocol.base import Scalar

_REMEMBERED = 64


class SharedSampler(BaseSampler):
    """The real sampler, whose state lives in a file that all children of a job share, under a lock.

    `held` gives a child the state; what was changed is on the disk when it ends. `drawn` remembers the last draws by
    trial number: a draw whose news never left the child is given again instead of being drawn anew.
    """

    def __init__(self, path: Path, real: BaseSampler) -> None:
        self._path = path
        self._real = real
        self._drawn: dict[int, dict[str, Scalar]] = {}
        self._depth = 0
        self._saved = b""
        with self.held():
            pass

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the state; may be nested."""
        if self._depth:
            yield
            return
        with locked(self._path.with_suffix(".lock")):
            self._load()
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                self._save()

    def drawn(self, number: int) -> dict[str, Scalar] | None:
        """The draw for this trial, if it was made before."""
        return self._drawn.get(number)

    def remember(self, number: int, params: Mapping[str, Scalar]) -> None:
        """Keep a draw. To be called while the state is held, so that draw and state reach the disk together."""
        self._drawn[number] = dict(params)
        for old in list(self._drawn)[:-_REMEMBERED]:
            del self._drawn[old]

    def _load(self) -> None:
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return
        if data != self._saved:
            self._real, self._drawn = pickle.loads(data)  # noqa: S301 - written by this job's own children
            self._saved = data

    def _save(self) -> None:
        data = pickle.dumps((self._real, self._drawn))
        if data != self._saved:
            write_durably(self._path, data)
            self._saved = data

    def reseed_rng(self) -> None:
        with self.held():
            self._real.reseed_rng()

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        with self.held():
            self._real.before_trial(study, trial)

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        with self.held():
            return self._real.infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        with self.held():
            return self._real.sample_relative(study, trial, search_space)

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        with self.held():
            return self._real.sample_independent(study, trial, param_name, param_distribution)

    def after_trial(self, study: Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None) -> None:
        with self.held():
            self._real.after_trial(study, trial, state, values)


def seed_after(seed: int, finished: int) -> int:
    """The seed of a sampler that begins after `finished` trials: the sweep's own at first, then another for each count.

    A sampler's state does not travel to another runner; the same seed there would draw the first trials again.
    """
    if finished == 0:
        return seed
    return int.from_bytes(hashlib.sha256(f"{seed}:{finished}".encode()).digest()[:4], "big")
