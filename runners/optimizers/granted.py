"""A sampler that can be told what to draw, and that tells what was drawn and how a trial ended."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from runners.protocol.base import Scalar

Ended = Callable[[FrozenTrial, TrialState, Sequence[float] | None], None]


class GrantedSampler(BaseSampler):
    """The real sampler, except where a trial's parameters are already decided.

    While `granted` is set, a trial gets exactly those values and `inner` neither draws nor moves its random state; a
    row that `granted` lacks is drawn by `inner`. Otherwise everything is `inner`'s.

    `ended` is called at the end of each trial, after `inner` has heard of it and before the study's storage has.
    """

    def __init__(self, inner: BaseSampler, ended: Ended | None = None) -> None:
        self.inner = inner
        self.granted: Mapping[str, Scalar] | None = None
        self._ended = ended

    def __str__(self) -> str:
        return str(self.inner)

    def reseed_rng(self) -> None:
        self.inner.reseed_rng()

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        if self.granted is None:
            self.inner.before_trial(study, trial)

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        if self.granted is not None:
            return {}
        return self.inner.infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        if self.granted is not None:
            return {}
        return self.inner.sample_relative(study, trial, search_space)

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        if self.granted is not None and param_name in self.granted:
            return self.granted[param_name]
        return self.inner.sample_independent(study, trial, param_name, param_distribution)

    def after_trial(self, study: Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None) -> None:
        self.inner.after_trial(study, trial, state, values)
        if self._ended is not None:
            self._ended(trial, state, values)
