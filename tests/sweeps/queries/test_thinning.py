"""Thinned curves keep what a person looks for."""

from hypothesis import given
from hypothesis import strategies as st

from sweeps.queries.shapes import Curve, Figure
from sweeps.queries.thinning import kept_places, thinned


def curve(values: list[Figure]) -> Curve:
    count = len(values)
    return {"step": list(range(count)), "epoch": [None] * count, "t": [i / 2 for i in range(count)], "value": values}


def test_a_short_curve_stays_as_it_is() -> None:
    short = curve([1.0, 2.0, 3.0])
    assert thinned(short, 4) is short


def test_spikes_stay_and_rows_stay_together() -> None:
    values: list[Figure] = [1.0 + i / 1e6 for i in range(1000)]
    values[501], values[777] = 9.0, -9.0
    found = thinned(curve(values), 20)
    assert len(found["value"]) <= 20
    assert {501, 777, 0, 999} <= set(found["step"])
    assert [found["value"][found["step"].index(step)] for step in (501, 777)] == [9.0, -9.0]
    assert found["t"] == [step / 2 for step in found["step"]]


def test_a_stretch_that_is_not_finite_leaves_one_point() -> None:
    values: list[Figure] = [*[1.0] * 50, *["nan"] * 50, *[1.0] * 50]
    found = thinned(curve(values), 30)
    assert found["value"].count("nan") == 4


@given(st.lists(st.integers(-9, 9), min_size=2, max_size=80), st.integers(4, 20))
def test_never_more_than_asked_for_and_the_extremes_are_there(numbers: list[int], most: int) -> None:
    values: list[Figure] = [float(number) for number in numbers]
    places = kept_places(values, most)
    assert len(places) <= max(most, 2)
    assert places == sorted(set(places))
    assert (places[0], places[-1]) == (0, len(values) - 1)
    kept = [values[place] for place in places]
    assert (min(map(float, kept)), max(map(float, kept))) == (min(map(float, values)), max(map(float, values)))
