"""Who draws a trial's parameters: Ray's own random and grid variants, or a search algorithm of Ray's."""

from collections.abc import Iterable
from importlib.util import find_spec
from typing import Any, Protocol

from runners.optimizers.compile import contains
from runners.optimizers.compile_ray import decode, encode
from runners.optimizers.ray_choices import options_of
from runners.process.search.ray.domains import compiled_ray
from runners.process.training.refusal import InvalidSpec
from runners.protocol.backends import RayBackend
from runners.protocol.base import Scalar
from runners.protocol.job import FinishedTrial
from runners.protocol.space import SearchSpace


class Draws(Protocol):
    """Asked once a trial, in the order in which trials begin. `trial`: Ray's id."""

    def draw(self, trial: str, number: int) -> dict[str, Scalar] | None:
        """The parameters of trial `number`; None when the space is used up."""

    def result(self, trial: str, result: dict[str, Any]) -> None: ...

    def ended(self, trial: str, result: dict[str, Any] | None, *, error: bool) -> None: ...

    def paused(self, trial: str, *, goes_on: bool) -> None:
        """The scheduler lets the trial wait, or (`goes_on`) train again."""


def make_draws(
    backend: RayBackend, space: SearchSpace, seed: int, mode: str, history: Iterable[FinishedTrial]
) -> Draws:
    """The one that the backend names. `mode`: "min" or "max"."""
    name = backend.search.name
    options = options_of("search", backend.search)
    if name in {"random", "grid"}:
        return Variants(space, seed, grid=name == "grid")
    algorithm = Algorithm(_make(name, options, seed), space, mode)
    if name == "optuna":  # HyperOpt cannot be told
        algorithm.remember(history)
    return algorithm


class Variants:
    """Ray's variant generator, by trial number: any job goes on where another has stopped, with the same draws."""

    def __init__(self, space: SearchSpace, seed: int, *, grid: bool) -> None:
        from ray.tune.search.sample import _BackwardsCompatibleNumpyRng

        self._space = space
        self._domains = compiled_ray(space, grid=grid)
        self._random: Any = _BackwardsCompatibleNumpyRng(seed)
        self._grid = grid
        self._drawn: list[dict[str, Scalar]] = []
        self._variants: Any = None

    def draw(self, trial: str, number: int) -> dict[str, Scalar] | None:  # noqa: ARG002 - a variant has only its number
        while len(self._drawn) <= number:
            variant = self._next()
            if variant is None:
                return None
            self._drawn.append(variant)
        return self._drawn[number]

    def _next(self) -> dict[str, Scalar] | None:
        from ray.tune.search.variant_generator import generate_variants

        if self._variants is None or not self._grid:
            self._variants = iter(generate_variants({"config": self._domains}, random_state=self._random))
        found = next(self._variants, None)
        return None if found is None else decode(self._space, found[1]["config"])

    def result(self, trial: str, result: dict[str, Any]) -> None:
        """Nothing is learned."""

    def ended(self, trial: str, result: dict[str, Any] | None, *, error: bool) -> None:
        """Nothing is learned."""

    def paused(self, trial: str, *, goes_on: bool) -> None:
        """Nothing is learned."""


class Algorithm:
    """A `Searcher` of Ray's. What another job has finished is told to it where it can listen.

    It hears of the trials that it has drawn, as some know no others.
    """

    def __init__(self, searcher: Any, space: SearchSpace, mode: str) -> None:
        self._space = space
        self._searcher = searcher
        self._searcher.set_search_properties("objective", mode, compiled_ray(space))
        self._mine: set[str] = set()

    def remember(self, history: Iterable[FinishedTrial]) -> None:
        """Tell it what was finished before."""
        for trial in history:
            # Ray's searchers refuse what is outside of the space, where it has been amended.
            if trial.state == "complete" and trial.values and contains(self._space, trial.params):
                self._searcher.add_evaluated_point(encode(self._space, trial.params), trial.values[0])

    def draw(self, trial: str, number: int) -> dict[str, Scalar] | None:  # noqa: ARG002 - it keeps its own count
        drawn = self._searcher.suggest(trial)
        self._mine.add(trial)
        return None if not isinstance(drawn, dict) else decode(self._space, drawn)

    def result(self, trial: str, result: dict[str, Any]) -> None:
        if trial in self._mine:
            self._searcher.on_trial_result(trial, result)

    def ended(self, trial: str, result: dict[str, Any] | None, *, error: bool) -> None:
        if trial in self._mine:
            self._mine.discard(trial)
            self._searcher.on_trial_complete(trial, result=result, error=error)

    def paused(self, trial: str, *, goes_on: bool) -> None:
        if trial in self._mine and hasattr(self._searcher, "on_pause"):
            (self._searcher.on_unpause if goes_on else self._searcher.on_pause)(trial)


def _make(name: str, options: dict[str, Scalar], seed: int) -> Any:
    told: dict[str, Any] = dict(options)
    if name == "optuna":
        from ray.tune.search.optuna import OptunaSearch

        return OptunaSearch(seed=seed)
    if name == "bohb":
        import numpy as np
        from ray.tune.search.bohb import TuneBOHB

        if find_spec("hpbandster") is None:
            raise InvalidSpec(
                "backend.search.name",
                "BOHB needs the package hpbandster, which this runner lacks. Install it there: "
                "pip install --no-deps -r requirements/runner-no-deps.txt; or choose another search.",
            )
        # hpbandster draws from NumPy's global state too. No trial trains in this process.
        np.random.seed(seed)
        return TuneBOHB(seed=seed, bohb_config=told)
    from ray.tune.search.hyperopt import HyperOptSearch

    return HyperOptSearch(random_state_seed=seed, **told)
