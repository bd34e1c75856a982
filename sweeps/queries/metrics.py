"""Metrics in the order in which people look for them."""

import re
from collections.abc import Iterable
from typing import Final

_SUMMARY: Final = re.compile(
    r"(train_(runtime|samples_per_second|steps_per_second|loss)|total_flos"
    r"|eval_(runtime|samples_per_second|steps_per_second)|epoch)"
)
"""Figures about a whole training, not about a step."""


def metric_order(names: Iterable[str], objective: str) -> list[str]:
    """The objective, the loss, what was evaluated, the rest, figures about a whole training."""

    def rank(name: str) -> int:
        if name == objective:
            return 0
        if _SUMMARY.fullmatch(name):
            return 4
        return 1 if name == "loss" else 2 if name.startswith("eval_") else 3

    return sorted(names, key=lambda name: (rank(name), name))


def metric_groups(names: Iterable[str], objective: str) -> list[tuple[str, list[str]]]:
    """What is drawn over the steps, in two groups: what was logged while training, and what was evaluated."""
    drawn = [name for name in metric_order(names, objective) if not _SUMMARY.fullmatch(name)]
    groups = [
        ("Training", [name for name in drawn if not name.startswith("eval_")]),
        ("Evaluation", [name for name in drawn if name.startswith("eval_")]),
    ]
    return [(title, found) for title, found in groups if found]
