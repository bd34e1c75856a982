"""The seeded, stratified split.

Of each label the evaluation split gets its share of the rows, at least one and never all; what is left to reach the
whole share by rounding goes to the labels with the largest remainders, earlier labels first. Which rows is drawn label
by label, in the order of the labels, with NumPy's `RandomState(seed).permutation`, whose stream NumPy has frozen: the
same rows, fraction and seed give the same split for good. Rows keep the file's order within both splits.
"""

import math

import numpy as np
import numpy.typing as npt

from sweeps.services.datasets.canonical import EVAL, TRAIN
from sweeps.services.datasets.problems import BadData


def stratified_sides(labels: npt.NDArray[np.int64], *, fraction: float, seed: int) -> npt.NDArray[np.int8]:
    """TRAIN or EVAL for each row. Every label that occurs must have at least two rows."""
    sides = np.full(len(labels), TRAIN, dtype=np.int8)
    counts = np.bincount(labels) if len(labels) else np.zeros(0, dtype=np.int64)
    takes = _shares(counts.tolist(), fraction)
    state = np.random.RandomState(seed)  # the new generators may change their stream
    order = np.argsort(labels, kind="stable")
    start = 0
    for count, take in zip(counts.tolist(), takes, strict=True):
        rows = order[start : start + count]
        sides[rows[state.permutation(count)[:take]]] = EVAL
        start += count
    return sides


def drawn_sides(rows: int, *, fraction: float, seed: int) -> npt.NDArray[np.int8]:
    """TRAIN or EVAL for each of at least two rows, where no label says more."""
    if rows < 2:
        raise BadData("There is one row only. Add rows: one to train on and one to evaluate on are the least.")
    return stratified_sides(np.zeros(rows, dtype=np.int64), fraction=fraction, seed=seed)


def _shares(counts: list[int], fraction: float) -> list[int]:
    """How many rows of each label are for evaluation."""
    takes = [min(max(math.floor(count * fraction), 1), count - 1) if count else 0 for count in counts]
    missing = round(sum(counts) * fraction) - sum(takes)
    by_remainder = sorted(range(len(counts)), key=lambda label: (-(counts[label] * fraction - takes[label]), label))
    for label in by_remainder:
        if missing <= 0:
            break
        if takes[label] < counts[label] - 1:
            takes[label] += 1
            missing -= 1
    return takes
