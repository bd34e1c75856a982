"""Draws of many spaces through every backend's compilation, against what the spaces say: `python -m bench.conformance [draws]`.

The spaces are made by the strategies of the property-based tests. A draw out of bounds, off its step, of another type, or of
a row whose condition is not met is a violation. Exits with 1 when there is one.
"""

import random
import sys
import time
import warnings
from typing import Final

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from runners.protocol.space import SearchSpace
from tests.runners.process.search.drawing import BACKENDS, draws, fits, violations
from tests.runners.process.search.spaces import spaces

DRAWS: Final = 10_000
SLOW: Final = {"optuna gp": 500, "ray hyperopt": 2_000, "ray bohb": 2_000, "wandb bayes": 1_000}
"""Methods that fit a model before each draw: fewer draws."""
A_SPACE: Final = 40
SPACES: Final = 400


def sampled() -> list[SearchSpace]:
    """The same spaces every time."""
    found: list[SearchSpace] = []

    @seed(1)
    @given(st.booleans().flatmap(spaces))
    @settings(
        max_examples=SPACES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def collect(space: SearchSpace) -> None:
        found.append(space)

    collect()
    random.Random(1).shuffle(found)
    return found


def measure(name: str, wanted: int, pool: list[SearchSpace]) -> tuple[int, int, list[str]]:
    """Draws, spaces, violations."""
    backend = BACKENDS[name]
    fitting = [space for space in pool if fits(space, backend)]
    drawn, used = 0, 0
    found: list[str] = []
    while drawn < wanted and fitting:
        space = fitting[used % len(fitting)]
        for values in draws(space, backend, min(A_SPACE, wanted - drawn), used):
            found += violations(space, values)
            drawn += 1
        used += 1
    return drawn, min(used, len(fitting)), found


def main(wanted: int) -> int:
    warnings.simplefilter("ignore")
    pool = sampled()
    bad = 0
    print(f"{'backend':<20} {'draws':>7} {'spaces':>7} {'violations':>11} {'seconds':>8}")
    for name in BACKENDS:
        began = time.monotonic()
        drawn, used, found = measure(name, min(wanted, SLOW.get(name, wanted)), pool)
        bad += len(found)
        print(f"{name:<20} {drawn:>7} {used:>7} {len(found):>11} {time.monotonic() - began:>8.1f}", flush=True)
        for text in found[:3]:
            print(f"  {text}")
    print(f"violations: {bad}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else DRAWS))
