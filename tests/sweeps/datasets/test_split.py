"""The seeded, stratified split."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweeps.services.datasets.canonical import EVAL, TRAIN
from sweeps.services.datasets.split import stratified_sides


def test_a_split_is_the_same_for_good() -> None:
    """These are the rows of today; a change of NumPy or of the method would split existing data anew."""
    labels = np.array([0, 1] * 10)
    sides = stratified_sides(labels, fraction=0.3, seed=7)
    assert np.flatnonzero(sides == EVAL).tolist() == EXPECTED


EXPECTED = [0, 3, 5, 7, 10, 16]


@settings(max_examples=100, deadline=None)
@given(
    counts=st.lists(st.integers(2, 40), min_size=1, max_size=8),
    fraction=st.floats(0.01, 0.99),
    seed=st.integers(0, 2**32 - 1),
    data=st.randoms(use_true_random=False),
)
def test_each_label_is_on_both_sides_in_its_share(counts: list[int], fraction: float, seed: int, data: object) -> None:
    rows = [label for label, count in enumerate(counts) for _ in range(count)]
    data.shuffle(rows)  # type: ignore[attr-defined]  # a random.Random
    labels = np.array(rows)
    sides = stratified_sides(labels, fraction=fraction, seed=seed)
    assert set(sides.tolist()) == {TRAIN, EVAL}
    for label, count in enumerate(counts):
        taken = int((sides[labels == label] == EVAL).sum())
        assert 1 <= taken <= count - 1
        assert abs(taken - min(max(count * fraction, 1), count - 1)) <= 1
    least, most = len(counts), len(rows) - len(counts)
    assert abs(int((sides == EVAL).sum()) - min(max(round(len(rows) * fraction), least), most)) <= len(counts)


@pytest.mark.parametrize(("fraction", "total"), [(0.2, 360), (0.1, 180), (0.5, 900)])
def test_the_whole_share_is_met(fraction: float, total: int) -> None:
    labels = np.repeat(np.arange(9), 200)
    assert int((stratified_sides(labels, fraction=fraction, seed=0) == EVAL).sum()) == total


def test_a_label_without_rows_takes_nothing() -> None:
    sides = stratified_sides(np.array([0, 0, 2, 2]), fraction=0.5, seed=0)
    assert int((sides == EVAL).sum()) == 2


def test_seeds_differ() -> None:
    labels = np.zeros(100, dtype=np.int64)
    assert (stratified_sides(labels, fraction=0.5, seed=0) != stratified_sides(labels, fraction=0.5, seed=1)).any()
