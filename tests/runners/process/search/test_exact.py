"""Every sampler and pruner, one call a trial with a new holder in between, gives what one plain loop gives."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import optuna
import pytest
from optuna.trial import FrozenTrial, TrialState

from runners.optimizers.compile import suggest
from runners.optimizers.granted import GrantedSampler
from runners.optimizers.pruners import PRUNERS, make_pruner
from runners.optimizers.samplers import SAMPLERS, make_sampler
from runners.process.folder import JobFolder
from runners.process.search.sampler import SharedSampler, seed_after
from runners.process.search.study import STUDY_NAME, open_storage
from runners.protocol.backends import NamedChoice
from runners.protocol.base import Scalar
from runners.protocol.job import FinishedTrial
from runners.protocol.objective import Objective
from runners.protocol.space import CategoricalParameter, FloatParameter, IntParameter, SearchSpace, When

pytestmark = pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")

NUMBERS: Final = SearchSpace(
    parameters=(FloatParameter(name="x", low=0, high=1, step=0.125), IntParameter(name="n", low=1, high=5))
)
TREE: Final = SearchSpace(
    parameters=(
        CategoricalParameter(name="kind", choices=("a", "b", "c")),
        IntParameter(name="n", low=1, high=4, when=When(name="kind", values=("a", "b"))),
        CategoricalParameter(name="flag", choices=(True, False)),
    )
)
FIXED: Final[dict[str, Scalar]] = {"n": 4}
LOSS: Final = (Objective(metric="eval_loss", direction="minimize"),)
TWO: Final = (*LOSS, Objective(metric="eval_accuracy", direction="maximize"))
STEPS: Final = 9
OPTIONS: Final[dict[str, dict[str, Scalar]]] = {
    "tpe": {"n_startup_trials": 4},
    "gp": {"n_startup_trials": 4},
    "nsgaii": {"population_size": 6},
    "nsgaiii": {"population_size": 6},
    "median": {"n_startup_trials": 2},
    "percentile": {"n_startup_trials": 2, "percentile": 40.0},
    "threshold": {"upper": 2.2},
    "patient": {"pruner": "median", "patience": 1},
    "hyperband": {"max_resource": STEPS},
    "successive_halving": {"min_resource": 1, "reduction_factor": 2},
}

Row = tuple[dict[str, Scalar], str, list[float] | None]


def choice(name: str) -> NamedChoice:
    return NamedChoice(name=name, options=OPTIONS.get(name, {}))


def curve(params: dict[str, Scalar], number: int, step: int) -> float:
    """A made-up loss: it falls, faster for some parameters, and every third trial rises again."""
    where = sum(hash_of(value) for value in params.values())
    return where + 1 / step + (0.2 * step if number % 3 == 2 else 0.0)


def hash_of(value: Scalar) -> float:
    return float(value) if isinstance(value, int | float) else {"a": 0.1, "b": 0.5, "c": 0.9}[str(value)]


def objective(space: SearchSpace, several: bool) -> Callable[[optuna.Trial], Any]:
    def call(trial: optuna.Trial) -> Any:
        params = suggest(trial, space)
        if several:
            return curve(params, trial.number, 1), curve(params, trial.number, STEPS)
        for step in range(1, STEPS + 1):
            value = curve(params, trial.number, step)
            trial.report(value, step)
            if trial.should_prune():
                raise optuna.TrialPruned
        return value

    return call


def rows(study: optuna.Study) -> list[Row]:
    return [(trial.params, trial.state.name, trial.values) for trial in study.trials]


def plain(space: SearchSpace, n: int, sampler: str, pruner: str, goals: Sequence[Objective]) -> list[Row]:
    """One loop, as one writes it by hand."""
    study = optuna.create_study(
        study_name=STUDY_NAME,
        sampler=make_sampler(choice(sampler), 3, space, FIXED),
        pruner=make_pruner(choice(pruner)),
        directions=[goal.direction for goal in goals],
    )
    study.optimize(objective(space, len(goals) > 1), n)
    return rows(study)


class Holder:
    """A child as far as the search goes: the study and the sampler's state from the job's folder."""

    def __init__(
        self,
        path: Path,
        space: SearchSpace,
        sampler: str,
        *,
        pruner: str = "none",
        goals: tuple[Objective, ...] = LOSS,
        history: tuple[FinishedTrial, ...] = (),
    ) -> None:
        folder = JobFolder(path)
        folder.spool.mkdir(parents=True, exist_ok=True)
        self.ends: list[TrialState] = []
        real = make_sampler(choice(sampler), seed_after(3, len(history)), space, FIXED)
        self._sampler = GrantedSampler(SharedSampler(folder.sampler, real), self._ended)
        self._pruner = make_pruner(choice(pruner))
        self._storage = open_storage(folder, space, goals, history, child="c1")
        self._call = objective(space, len(goals) > 1)

    @property
    def study(self) -> optuna.Study:
        return optuna.create_study(
            study_name=STUDY_NAME,
            storage=self._storage,
            sampler=self._sampler,
            pruner=self._pruner,
            load_if_exists=True,
        )

    def one(self, granted: dict[str, Scalar] | None = None) -> None:
        """One permit: one call for one trial. `granted`: its parameters, where they are known."""
        self._sampler.granted = granted
        self.study.optimize(self._call, 1)

    def _ended(self, _trial: FrozenTrial, state: TrialState, _values: Sequence[float] | None) -> None:
        self._sampler.granted = None
        self.ends.append(state)


def ours(
    path: Path,
    space: SearchSpace,
    n: int,
    sampler: str,
    *,
    pruner: str = "none",
    goals: tuple[Objective, ...] = LOSS,
) -> list[Row]:
    """The same with a new holder every three trials, as after a death."""
    for first in range(0, n, 3):
        holder = Holder(path, space, sampler, pruner=pruner, goals=goals)
        for _ in range(min(3, n - first)):
            holder.one()
    return rows(holder.study)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_each_sampler(sampler: str, tmp_path: Path) -> None:
    expected = plain(NUMBERS, 15, sampler, "none", LOSS)
    assert ours(tmp_path, NUMBERS, 15, sampler) == expected


SEVERAL: Final = [name for name, kind in SAMPLERS.items() if kind.objectives is None]


@pytest.mark.parametrize(
    "sampler", [pytest.param(name, marks=pytest.mark.full if name == "gp" else ()) for name in SEVERAL]
)
def test_each_sampler_with_two_objectives(sampler: str, tmp_path: Path) -> None:
    expected = plain(NUMBERS, 15, sampler, "none", TWO)
    assert ours(tmp_path, NUMBERS, 15, sampler, goals=TWO) == expected


@pytest.mark.parametrize("sampler", ["tpe", "random", "brute_force", "nsgaii", "gp"])
def test_each_sampler_of_conditional_rows(sampler: str, tmp_path: Path) -> None:
    expected = plain(TREE, 15, sampler, "none", LOSS)
    assert ours(tmp_path, TREE, 15, sampler) == expected


@pytest.mark.parametrize("pruner", PRUNERS)
def test_each_pruner(pruner: str, tmp_path: Path) -> None:
    expected = plain(NUMBERS, 18, "random", pruner, LOSS)
    assert ours(tmp_path, NUMBERS, 18, "random", pruner=pruner) == expected
    assert ("PRUNED" in {state for _, state, _ in expected}) == (pruner != "none")


def finished(study: optuna.Study) -> tuple[FinishedTrial, ...]:
    return tuple(
        FinishedTrial(number=trial.number, params=trial.params, state="complete", values=tuple(trial.values))
        for trial in study.trials
    )


@pytest.mark.parametrize(("sampler", "space", "points"), [("grid", NUMBERS, 45), ("brute_force", TREE, 18)])
def test_each_point_comes_once_with_two_children_a_death_and_another_runner(
    sampler: str, space: SearchSpace, points: int, tmp_path: Path
) -> None:
    assert space.combinations() == points
    one, other = (Holder(tmp_path / "first", space, sampler) for _ in range(2))
    for _ in range(points // 6):
        one.one()
        other.one()
    # A death: a third one takes up the folder, and one trial that was lost comes again with its own parameters.
    third = Holder(tmp_path / "first", space, sampler)
    third.one()
    history = finished(third.study)[:-1]
    lost = third.study.trials[-1].params
    shutil.rmtree(tmp_path / "first")
    later = Holder(tmp_path / "later", space, sampler, history=history)
    later.one(lost)
    while len(later.study.trials) < points:
        later.one()
    tried = [tuple(sorted(trial.params.items())) for trial in later.study.trials]
    assert len(tried) == len(set(tried)) == points


@pytest.mark.parametrize(("sampler", "space", "points"), [("grid", NUMBERS, 45), ("brute_force", TREE, 18)])
def test_a_permit_too_many_gives_a_trial_and_no_hang(
    sampler: str, space: SearchSpace, points: int, tmp_path: Path
) -> None:
    holder = Holder(tmp_path, space, sampler)
    for _ in range(points + 2):
        holder.one()
    assert holder.ends == [TrialState.COMPLETE] * (points + 2)


def test_a_quasi_random_sequence_goes_on_on_another_runner(tmp_path: Path) -> None:
    expected = plain(NUMBERS, 12, "qmc", "none", LOSS)
    first = Holder(tmp_path / "first", NUMBERS, "qmc")
    for _ in range(7):
        first.one()
    later = Holder(tmp_path / "later", NUMBERS, "qmc", history=finished(first.study))
    for _ in range(5):
        later.one()
    assert rows(later.study) == expected
