"""The sampler's state on disk."""

from pathlib import Path

import optuna
import pytest

from runners.optimizers.samplers import SAMPLERS, make_sampler
from runners.process.search.sampler import SharedSampler, seed_after
from runners.protocol.backends import NamedChoice
from runners.protocol.space import FloatParameter, IntParameter, SearchSpace

SPACE = SearchSpace(
    parameters=(FloatParameter(name="x", low=0, high=1, step=0.125), IntParameter(name="y", low=1, high=10))
)


def shared(path: Path, name: str, seed: int) -> SharedSampler:
    return SharedSampler(path, make_sampler(NamedChoice(name=name), seed, SPACE, {"y": 4}))


def draws(sampler: SharedSampler, study: optuna.Study, n: int) -> list[tuple[float, int]]:
    drawn = []
    for _ in range(n):
        trial = study.ask()
        with sampler.held():
            x, y = trial.suggest_float("x", 0, 1, step=0.125), trial.suggest_int("y", 1, 10)
        study.tell(trial, x * y)
        drawn.append((x, y))
    return drawn


@pytest.mark.parametrize("name", SAMPLERS)
def test_two_holders_of_one_file_draw_as_one(name: str, tmp_path: Path) -> None:
    alone = shared(tmp_path / "alone.pickle", name, 3)
    expected = draws(alone, optuna.create_study(sampler=alone), 16)
    storage = optuna.storages.InMemoryStorage()
    first = shared(tmp_path / "shared.pickle", name, 3)
    study = optuna.create_study(storage=storage, study_name="s", sampler=first)
    got = draws(first, study, 5)
    # The seed of a later one says nothing: it takes up the state.
    second = shared(tmp_path / "shared.pickle", name, 99)
    again = optuna.load_study(storage=storage, study_name="s", sampler=second)
    got += draws(second, again, 7) + draws(first, study, 2) + draws(second, again, 2)
    assert got == expected


def test_draws_are_remembered_with_the_state(tmp_path: Path) -> None:
    sampler = shared(tmp_path / "s.pickle", "random", 0)
    with sampler.held():
        for number in range(100):
            sampler.remember(number, {"x": number})
    other = shared(tmp_path / "s.pickle", "random", 0)
    assert other.drawn(99) == {"x": 99}
    assert other.drawn(0) is None


def test_the_seed_of_a_later_runner_depends_on_what_has_finished() -> None:
    assert seed_after(7, 0) == 7
    assert len({seed_after(7, finished) for finished in range(50)}) == 50
    assert seed_after(7, 3) == seed_after(7, 3)
    assert 0 <= seed_after(2**32 - 1, 9) < 2**32
