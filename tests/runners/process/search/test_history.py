"""A study made from what was finished before, also in another version of the space."""

from pathlib import Path
from typing import Any

import optuna
import pytest

from runners.optimizers.compile import compiled, contains, suggest
from runners.optimizers.granted import GrantedSampler
from runners.optimizers.samplers import SAMPLERS, make_sampler, unfit
from runners.process.folder import JobFolder
from runners.process.search.history import learns_rows_alone
from runners.process.search.study import STUDY_NAME, open_storage
from runners.protocol.backends import NamedChoice
from runners.protocol.job import FinishedTrial
from runners.protocol.objective import Objective
from runners.protocol.space import SearchSpace

OBJECTIVES = (Objective(metric="eval_loss", direction="minimize"),)
NUMBERS = SearchSpace.model_validate(
    {
        "parameters": [
            {"type": "float", "name": "rate", "low": 0.1, "high": 1.0, "step": 0.1},
            {"type": "int", "name": "layers", "low": 1, "high": 4},
        ]
    }
)
WORDS = SearchSpace.model_validate(
    {
        "parameters": [
            {"type": "float", "name": "rate", "low": 0.1, "high": 1.0, "step": 0.1},
            {"type": "categorical", "name": "kind", "choices": ["a", "b"]},
        ]
    }
)
KINDS = [
    *(NamedChoice(name=name) for name in SAMPLERS if name != "partial_fixed"),
    NamedChoice(name="tpe", options={"multivariate": True}),
    NamedChoice(name="tpe", options={"multivariate": True, "group": True}),
]


def finished(number: int, params: dict[str, Any], value: float) -> FinishedTrial:
    return FinishedTrial(
        number=number, params=params, state="complete", values=(value,), intermediate=((1, value + 1), (2, value))
    )


OUTSIDE = [
    finished(n, {"rate": 0.01 * n if n % 2 else 0.3, "layers": 7 if n % 3 == 0 else 2}, float(n % 5)) for n in range(14)
]
DROPPED = [finished(n, {"rate": 0.3, "kind": "dropped" if n % 2 else "a"}, float(n % 5)) for n in range(14)]


def study_of(
    path: Path, space: SearchSpace, history: list[FinishedTrial], sampler: NamedChoice
) -> tuple[optuna.Study, int]:
    """(the study with the sampler, trials in it)."""
    folder = JobFolder(path)
    folder.spool.mkdir()
    partial = learns_rows_alone(sampler, 1)
    storage = open_storage(folder, space, OBJECTIVES, history, child="me", partial=partial)
    study = optuna.load_study(storage=storage, study_name=STUDY_NAME, sampler=make_sampler(sampler, 1, space))
    return study, len(study.trials)


@pytest.mark.parametrize(
    ("sampler", "history"),
    [
        pytest.param(sampler, history, id=f"{name}-{sampler}")
        for name, history, space in (("numbers outside", OUTSIDE, NUMBERS), ("choices dropped", DROPPED, WORDS))
        for sampler in KINDS
        if not unfit(sampler.name, space)
    ],
)
def test_every_sampler_goes_on_inside_the_present_space(
    sampler: NamedChoice, history: list[FinishedTrial], tmp_path: Path
) -> None:
    space = NUMBERS if history is OUTSIDE else WORDS
    study, known = study_of(tmp_path, space, history, sampler)
    study.optimize(lambda trial: float(suggest(trial, space)["rate"] or 0), n_trials=12)
    drawn = study.trials[known:]
    assert len(drawn) == 12
    assert all(contains(space, trial.params) for trial in drawn)
    assert all(trial.distributions == compiled(space) for trial in drawn), "each row was drawn"


def test_all_is_known_to_the_sampler_and_to_the_pruner(tmp_path: Path) -> None:
    study, known = study_of(tmp_path, NUMBERS, OUTSIDE, NamedChoice(name="tpe"))
    assert known == len(OUTSIDE)
    for trial, told in zip(study.trials, OUTSIDE, strict=True):
        assert (trial.params, trial.value) == (told.params, told.values[0])
        assert trial.intermediate_values == dict(told.intermediate)
    pruner = optuna.pruners.MedianPruner(n_startup_trials=5)
    study.pruner = pruner
    bad = study.ask()
    bad.report(100.0, 1)
    assert bad.should_prune()


@pytest.mark.parametrize(
    ("sampler", "kept"),
    [
        (NamedChoice(name="tpe", options={"multivariate": False}), 14),
        (NamedChoice(name="tpe", options={"multivariate": True}), 7),
        (NamedChoice(name="tpe", options={"multivariate": True, "group": True}), 14),
        (NamedChoice(name="random"), 14),
        (NamedChoice(name="gp"), 7),
        (NamedChoice(name="brute_force"), 7),
    ],
    ids=str,
)
def test_a_trial_with_a_dropped_choice_is_kept_where_the_sampler_can_use_it(
    sampler: NamedChoice, kept: int, tmp_path: Path
) -> None:
    study, known = study_of(tmp_path, WORDS, DROPPED, sampler)
    assert known == kept
    assert {trial.params.get("kind") for trial in study.trials} <= {"a", None}


def test_what_lies_in_a_space() -> None:
    assert contains(WORDS, {"rate": 0.1, "kind": "b"})
    assert contains(WORDS, {"rate": 1.0})
    assert not contains(WORDS, {"rate": 1.1, "kind": "b"})
    assert not contains(WORDS, {"rate": 0.5, "kind": "dropped"})
    assert not contains(WORDS, {"rate": "0.5"})


def test_a_trial_that_waits_keeps_values_that_its_rows_have_lost() -> None:
    given: dict[str, Any] = {"rate": 2.5, "kind": "dropped", "layers": 2, "one": 3}
    space = SearchSpace.model_validate(
        {
            "parameters": [
                *(row.model_dump() for row in WORDS.parameters),
                {
                    "type": "int",
                    "name": "layers",
                    "low": 1,
                    "high": 4,
                    "when": {"name": "kind", "values": ["a"]},
                },
                {"type": "int", "name": "one", "low": 1, "high": 1},
            ]
        }
    )
    study = optuna.create_study(sampler=GrantedSampler(make_sampler(NamedChoice(name="tpe"), 1, space)))
    sampler = study.sampler
    assert isinstance(sampler, GrantedSampler)
    sampler.granted = given
    trial = study.ask()
    assert suggest(trial, space, given) == {"rate": 2.5, "kind": "dropped", "one": 3}
    assert trial.params == {"rate": 2.5}
    study.tell(trial, 1.0)
    sampler.granted = None
    assert contains(space, suggest(study.ask(), space))
