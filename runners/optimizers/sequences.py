"""A quasi-random sequence that goes on where another runner has stopped."""

from typing import Any

from optuna.samplers import BaseSampler, QMCSampler
from optuna.study import Study

from runners.protocol.space import SearchSpace

HISTORY = "history"
"""The user attribute of trials that another runner has finished."""


class GoesOn(QMCSampler):
    """Optuna keeps the place in the study, which does not travel: trials of the history count as drawn."""

    def _find_sample_id(self, study: Study, search_space: dict[str, Any]) -> int:
        before = sum(HISTORY in trial.user_attrs for trial in study.get_trials(deepcopy=False))
        place: int = super()._find_sample_id(study, search_space)
        # The first trial of a study is no point of the sequence: Optuna draws it independently.
        return max(0, before - 1) + place


def after_history(space: SearchSpace, **options: Any) -> BaseSampler:  # noqa: ARG001 - as every sampler is made
    """The sampler of kind "qmc"."""
    return GoesOn(warn_independent_sampling=False, warn_asynchronous_seeding=False, **options)
