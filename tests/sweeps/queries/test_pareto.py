"""The Pareto set."""

from hypothesis import given
from hypothesis import strategies as st

from sweeps.queries.pareto import front


def test_no_kept_point_is_beaten_and_equal_points_all_stay() -> None:
    points: dict[int, tuple[float, ...]] = {
        0: (1.0, 5.0),
        1: (2.0, 2.0),
        2: (3.0, 3.0),
        3: (5.0, 1.0),
        4: (2.0, 2.0),
        5: (1.0, 6.0),
    }
    assert sorted(front(points)) == [0, 1, 3, 4]


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 6)), max_size=30))
def test_it_is_what_the_definition_says(rows: list[tuple[int, int, int]]) -> None:
    points = {number: tuple(map(float, row)) for number, row in enumerate(rows)}

    def beaten(point: tuple[float, ...]) -> bool:
        return any(
            other != point and all(x <= y for x, y in zip(other, point, strict=True)) for other in points.values()
        )

    assert set(front(points)) == {number for number, point in points.items() if not beaten(point)}
