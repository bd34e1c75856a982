"""A child killed anywhere: its successor goes on as if nothing had happened."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runners.process.search.outcome import Outcome
from tests.runners.process.material import IMAGES, sweep
from tests.runners.process.small_supervisor import Inside, SmallSupervisor, end

Table = list[tuple[int, dict[str, Any], list[float]]]

QUICK = {**IMAGES["arguments"], "num_train_epochs": 2, "logging_steps": 4}
MEDIAN = {"name": "median", "options": {"n_startup_trials": 3}}
N_TRIALS = 14
"""More than TPE's ten random ones, so that the draws after them depend on all values before."""


def dies(method: str, number: int, *, before: bool) -> Inside:
    """A death in trial `number`, just before or after the outcome's `method`."""

    def inside() -> None:
        real: Callable[..., None] = getattr(Outcome, method)

        def deadly(self: Outcome, *args: Any, **kwargs: Any) -> None:
            if self.permit.number == number and before:
                end()
            real(self, *args, **kwargs)
            if self.permit.number == number:
                end()

        setattr(Outcome, method, deadly)

    return inside


DEATHS = {
    "drawn, not told": ("started", True),
    "told, not trained": ("started", False),
    "in mid-training": ("logged", False),
    "after the last evaluation": ("trained", True),
    "after the model was kept": ("trained", False),
    "before the end was told": ("ended", True),
    "told the end, the study not": ("ended", False),
}


def job(path: Path, sampler: str, pruner: dict[str, Any]) -> SmallSupervisor:
    backend = {"name": "optuna", "sampler": {"name": sampler}, "pruner": pruner}
    spec, files = sweep(IMAGES, 120, N_TRIALS, arguments=QUICK, backend=backend)
    return SmallSupervisor(path, spec, files)


@pytest.mark.parametrize("sampler", ["tpe", pytest.param("random", marks=pytest.mark.full)])
@pytest.mark.parametrize(
    "pruner", [pytest.param({"name": "none"}, marks=pytest.mark.full), MEDIAN], ids=["no pruner", "median"]
)
def test_the_search_goes_on_exactly(sampler: str, pruner: dict[str, Any], tmp_path: Path) -> None:
    undisturbed = job(tmp_path / "undisturbed", sampler, pruner)
    undisturbed.run(N_TRIALS)
    disturbed = job(tmp_path / "disturbed", sampler, pruner)
    # A pruned trial is not trained to its end.
    points = [point for point in DEATHS.values() if point[0] != "trained"]
    deaths = [dies(method, number, before=before) for number, (method, before) in enumerate(points, 8)]
    disturbed.run(N_TRIALS, deaths)
    assert disturbed.children == len(deaths) + 1
    assert disturbed.table() == undisturbed.table()
    states = [event["state"] for event in disturbed.of_type("trial_finished")]
    assert states == [event["state"] for event in undisturbed.of_type("trial_finished")]
    assert ("pruned" in states) == (pruner is MEDIAN)


@pytest.mark.parametrize(
    "death", [pytest.param(name, marks=() if name == "in mid-training" else pytest.mark.full) for name in DEATHS]
)
def test_tpe_goes_on_exactly_after_each_death(death: str, tmp_path: Path, undisturbed: Table) -> None:
    method, before = DEATHS[death]
    disturbed = job(tmp_path, "tpe", {"name": "none"})
    disturbed.run(N_TRIALS, [dies(method, 12, before=before)])
    assert disturbed.children == 2
    assert disturbed.table() == undisturbed


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Table:
    supervisor = job(tmp_path_factory.mktemp("undisturbed") / "job", "tpe", {"name": "none"})
    supervisor.run(N_TRIALS)
    return supervisor.table()
