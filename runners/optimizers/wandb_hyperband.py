"""W&B's Hyperband: which running trials end early.

After docs.wandb.ai, "Early termination with Hyperband", and the behaviour of W&B's own search (package `sweeps` 0.3.0):
brackets count evaluations; at a bracket a trial must be among the best 1 in eta of those that came as far.
"""

from collections.abc import Mapping, Sequence
from math import inf
from typing import Any, Final

_LAST_BRACKET: Final = 10**7


class Hyperband:
    """`options`: those of `WANDB_EARLY["hyperband"]`, complete. ValueError when no bracket comes out of them."""

    def __init__(self, options: Mapping[str, Any], direction: str) -> None:
        self._eta = float(options["eta"])
        self._strict = bool(options.get("strict"))
        self._sign = -1.0 if direction == "maximize" else 1.0
        self.brackets = _brackets(options, self._eta)
        if not self.brackets:
            raise ValueError("early_terminate: no bracket is left. Raise max_iter, or lower eta.")

    def stops(self, number: int, histories: Mapping[int, Sequence[float]]) -> bool:
        """Whether trial `number` ends now. `histories`: trial → its finite evaluations so far, of all trials."""
        signed = {key: [self._sign * value for value in values] for key, values in histories.items() if values}
        mine = signed.get(number, [])
        reached = [bracket for bracket in self.brackets if bracket <= len(mine)]
        if not reached:
            return False
        bracket = reached[-1]
        there = sorted(values[bracket - 1] for values in signed.values() if len(values) >= bracket)
        place = int(len(there) / self._eta)
        threshold = there[place] if place < len(there) else inf
        judged = mine[bracket - 1] if self._strict else min(mine)
        return judged > threshold


def _brackets(options: Mapping[str, Any], eta: float) -> tuple[int, ...]:
    if options.get("max_iter") is not None:
        later = [options["max_iter"] / eta**power for power in range(1, int(options["s"]) + 1)]
        return tuple(sorted({int(bracket) for bracket in later if bracket >= 1}))
    brackets: list[int] = []
    bracket = float(options["min_iter"])
    while bracket < _LAST_BRACKET and len(brackets) < 100:
        brackets.append(int(bracket))
        bracket *= eta
    return tuple(sorted(set(brackets)))
