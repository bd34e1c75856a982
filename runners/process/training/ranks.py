"""Ranks with ties, and what follows from them."""

from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[Any]


def ranks(values: Numbers) -> npt.NDArray[np.float64]:
    """1 for the smallest; equal values share the mean of their ranks."""
    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    mean: npt.NDArray[np.float64] = ((last - counts + 1 + last) / 2)[where.reshape(-1)]
    return mean


def correlation(one: Numbers, other: Numbers) -> float:
    """Pearson's; 0 where one side is all alike, since nothing can be said then."""
    left, right = one - one.mean(), other - other.mean()
    spread = float(np.sqrt((left**2).sum() * (right**2).sum()))
    # Rounding leaves a trace of spread in equal numbers.
    if np.ptp(one) == 0 or np.ptp(other) == 0 or spread == 0:
        return 0.0
    return float(np.clip((left * right).sum() / spread, -1.0, 1.0))


def roc_auc(positive: npt.NDArray[np.bool_], scores: Numbers) -> float | None:
    """How often a positive row scores above a negative one, ties half; None without one of both.

    Method: the Mann-Whitney statistic of the ranks.
    """
    hits = int(positive.sum())
    misses = len(positive) - hits
    if not hits or not misses:
        return None
    return float((ranks(scores)[positive].sum() - hits * (hits + 1) / 2) / (hits * misses))
