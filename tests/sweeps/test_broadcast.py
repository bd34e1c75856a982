"""Messages that follow one another become one."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sweeps.broadcast import Message, joined


def message(first: int, position: int, **parts: Any) -> Message:
    whole: Message = {"first": first, "position": position, "trials": [], "points": [], "logs": []}
    whole.update(parts)  # type: ignore[typeddict-item]  # parts of a message, by name
    return whole


def test_the_last_state_and_row_and_all_points_and_lines() -> None:
    found = joined(
        [
            message(1, 2, sweep={"a": 1}, trials=[{"number": 0, "v": 1}], points=["p"], logs=["x"]),
            message(2, 3, trials=[{"number": 0, "v": 2}, {"number": 1, "v": 1}], points=["q"]),
            message(3, 4, sweep={"a": 2}, logs=["y"]),
        ]
    )
    assert found == [
        message(
            1,
            4,
            sweep={"a": 2},
            trials=[{"number": 0, "v": 2}, {"number": 1, "v": 1}],
            points=["p", "q"],
            logs=["x", "y"],
        )
    ]


def test_a_hole_stays_a_hole() -> None:
    found = joined([message(1, 2), message(4, 5)])
    assert [(one["first"], one["position"]) for one in found] == [(1, 2), (4, 5)]


@given(st.lists(st.integers(1, 3), min_size=1, max_size=8), st.randoms())
def test_order_of_arrival_does_not_matter(sizes: list[int], random: Any) -> None:
    messages, position = [], 0
    for size in sizes:
        messages.append(message(position, position + size, points=[position]))
        position += size
    wanted = joined(messages)
    random.shuffle(messages)
    assert joined(messages) == wanted
    assert len(wanted) == 1
