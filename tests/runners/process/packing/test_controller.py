"""The controller of packing against simulated cards: it ends at a good number, within every limit, whatever the card."""

import re
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runners.process.packing.controller import GAIN, Limits, Packing
from runners.process.packing.forecast import CONTEXT, MARGIN, Forecast
from runners.process.packing.observed import Card, Pace, Seen

GB = 10**9


@dataclass
class Simulated:
    """`speed[n - 1]`: steps a second of all `n` children together. Memory in bytes; `peak` of one child."""

    speed: list[float]
    total: int = 80 * GB
    peak: int = GB
    others: int = 0
    batch: int = 8
    t: float = 0.0
    steps: dict[int, tuple[float, float]] = field(default_factory=dict)

    def run(self, packing: Packing, seconds: float = 60.0, left: int | None = None) -> list[int]:
        """Obey the plan for so long; → how many trained, at each look."""
        told = []
        for _ in range(int(seconds / 0.2)):
            now = packing.plan.children
            assert 1 <= now <= packing.plan.ready
            rate = self.speed[min(now, len(self.speed)) - 1] / now
            for child in range(now):
                steps, busy = self.steps.get(child, (0.0, 0.0))
                self.steps[child] = (steps + rate * 0.2, busy + 0.2)
            self.t += 0.2
            packing.look(Seen(self.t, self.paces(now), self.card(now), left))
            told.append(now)
        return told

    def paces(self, count: int) -> tuple[Pace, ...]:
        return tuple(
            Pace(
                str(child),
                int(self.steps[child][0]),
                int(self.steps[child][0]) * self.batch,
                self.steps[child][1],
                self.peak,
                self.batch,
            )
            for child in range(count)
        )

    def card(self, count: int) -> Card:
        return Card(self.total, self.others + count * (self.peak + CONTEXT))


def linear(most: int, per: float = 10.0, grows_to: int = 8) -> list[float]:
    """Twice as many are twice as fast, up to `grows_to`; then nothing is gained."""
    return [per * min(n, grows_to) for n in range(1, most + 1)]


def packed(most: int = 16, **more: object) -> Packing:
    return Packing(Limits(most), Forecast(), **more)  # type: ignore[arg-type]  # keywords of Packing


def test_a_small_model_is_packed_within_seconds() -> None:
    packing = packed()
    told = Simulated(linear(16)).run(packing, 10)
    assert told[0] == 1
    assert packing.plan.children == 8
    assert told.index(8) * 0.2 < 4, "learned before most trials are over"
    assert packing.found
    assert "steps a second" in packing.plan.why


def test_a_fast_pace_is_told_as_people_write_it() -> None:
    packing = packed()
    Simulated(linear(16, per=4000.0)).run(packing, 10)
    paces = re.findall(r"(\S+) steps a second", packing.plan.why)
    assert paces
    assert all(re.fullmatch(r"\d{1,3}(,\d{3})+", pace) for pace in paces), packing.plan.why


def test_what_made_the_whole_slower_is_taken_back() -> None:
    packing = packed()
    Simulated([10, 18, 20, 21, 20, 19, 18, 12, *[10] * 8]).run(packing, 20)
    assert packing.plan.children == 4
    packing = packed()
    Simulated([10, 14, 9, 8, *[5] * 12]).run(packing, 20)
    assert packing.plan.children == 2, "a leap that was too far is halved"
    packing = packed()
    Simulated([10, 9, 8, 7, *[5] * 12]).run(packing, 20)
    assert packing.plan.children == 1


def test_memory_leaves_a_margin() -> None:
    packing = packed()
    Simulated(linear(16, grows_to=16), peak=20 * GB).run(packing, 20)
    assert packing.plan.children == 3
    assert "GB of memory" in packing.plan.why


def test_the_largest_batch_of_the_space_counts() -> None:
    packing = Packing(Limits(16), Forecast(largest_batch=64, parameters=10**7), by_samples=True)
    Simulated(linear(16, grows_to=16), peak=2 * GB, batch=8).run(packing, 20)
    fixed = 16 * 10**7
    each = fixed + (2 * GB - fixed) * 8 + CONTEXT
    assert packing.plan.children == int(80 * GB * (1 - MARGIN) // each) == 4


def test_no_more_children_than_trials() -> None:
    packing = packed()
    Simulated(linear(16)).run(packing, 10, left=0)
    assert packing.plan.children == 1
    assert not packing.found, "nothing is remembered of a sweep that had no more trials"


def test_a_number_that_a_person_chose_stays() -> None:
    packing = Packing(Limits(3, grows=False), Forecast(), start=3)
    Simulated([10, 9, 1]).run(packing, 10)
    assert (packing.plan.children, packing.plan.why) == (3, "3 trials, as chosen.")


def test_out_of_memory_halves_and_comes_back_below_what_was_too_much() -> None:
    packing = Packing(Limits(8, grows=False), Forecast(), start=8)
    plan = packing.out_of_memory(8)
    assert (plan.children, plan.ready) == (4, 4)
    assert "7 others" in plan.why
    numbers, living = [4], 4
    while living > 1:
        living = packing.out_of_memory(living).children
        numbers.append(living)
    assert numbers == [4, 2, 1]


def test_after_calm_more_are_tried_but_fewer_than_were_too_many() -> None:
    packing = packed()
    simulated = Simulated(linear(16, grows_to=16))
    simulated.run(packing, 10)
    assert packing.plan.children == 16
    packing.out_of_memory(16)
    assert max(simulated.run(packing, 10)) == 8
    for _ in range(16):
        packing.finished()
    simulated.run(packing, 20)
    assert packing.plan.children == 12


@settings(deadline=None, max_examples=50)
@given(
    speed=st.lists(st.floats(0.5, 200), min_size=16, max_size=16),
    peak=st.integers(10**8, 60 * GB),
    others=st.integers(0, 40 * GB),
    most=st.integers(1, 16),
)
def test_any_card(speed: list[float], peak: int, others: int, most: int) -> None:
    packing = packed(most)
    simulated = Simulated(speed, peak=peak, others=others)
    told = simulated.run(packing, 150)
    assert max(told) <= most
    kept = packing.plan.children
    room = max(1, int((simulated.total * (1 - MARGIN) - others) // (peak + CONTEXT)))
    assert kept <= room
    assert packing.settled, "the search ends"
    # Never worse than one at a time, but for what a look may err.
    assert speed[kept - 1] >= speed[0] / GAIN
    before = list(told)
    assert simulated.run(packing, 10) == [kept] * 50, before


@settings(deadline=None, max_examples=20)
@given(st.lists(st.integers(1, 16), min_size=1, max_size=12))
def test_any_order_of_memory_running_out_ends_alone(oom: list[int]) -> None:
    packing = packed(16)
    least = 16
    for living in oom:
        children = packing.out_of_memory(living).children
        assert 1 <= children <= max(1, living // 2)
        least = min(least, living)
        for _ in range(40):
            packing.finished()
        Simulated(linear(16, grows_to=16)).run(packing, 20)
        assert packing.plan.children < max(2, least)


@pytest.mark.parametrize("learned", [3, 16])
def test_what_was_learned_is_where_the_next_sweep_begins(learned: int) -> None:
    packing = packed(8, start=learned, learned=True)
    assert packing.plan.children == min(learned, 8)
    Simulated(linear(16)).run(packing, 5)
    assert packing.plan.children == min(learned, 8)
