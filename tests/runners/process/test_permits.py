"""The pool of permits: what is named as held, and for how long."""

from runners.process.permits import PermitPool
from runners.protocol.job import Permit


def permit(number: int, attempt: int = 1) -> Permit:
    return Permit(number=number, attempt=attempt)


def test_permits_are_taken_in_order_and_once() -> None:
    pool = PermitPool()
    assert pool.add([permit(0), permit(1)]) == 2
    assert pool.add([permit(1)]) == 0  # a doubled answer
    assert (pool.ready, pool.holding()) == (2, (0, 1))
    assert pool.take() == permit(0)
    assert pool.take() == permit(1)
    assert pool.take() is None
    assert pool.holding() == (0, 1)


def test_a_number_is_held_until_its_end_is_acknowledged() -> None:
    pool = PermitPool()
    pool.add([permit(0), permit(1)])
    pool.ended(0, 1, seq=7)
    assert not pool.acknowledged(6)
    assert pool.holding() == (0, 1)
    assert pool.acknowledged(7)
    assert pool.holding() == (1,)


def test_a_lost_trial_that_comes_back_is_another_permit() -> None:
    pool = PermitPool()
    pool.add([permit(3)])
    assert pool.take() == permit(3)
    pool.ended(3, 1, seq=5)
    assert pool.add([permit(3, attempt=2)]) == 1
    assert pool.acknowledged(5)
    assert pool.holding() == (3,)
    assert pool.take() == permit(3, attempt=2)


def test_unused_permits_can_be_taken_back_together() -> None:
    pool = PermitPool(acked_seq=3)
    pool.add([permit(0), permit(1)])
    assert pool.take_all() == [permit(0), permit(1)]
    assert (pool.ready, pool.holding()) == (0, (0, 1))


def test_the_end_of_an_unknown_permit_is_no_matter() -> None:
    pool = PermitPool()
    pool.ended(9, 1, seq=1)
    assert pool.holding() == ()


def test_trials_are_on_their_way_back_until_the_server_has_them() -> None:
    pool = PermitPool()
    pool.add([permit(2), permit(3), permit(4)])
    pool.ended(2, 1, seq=5)
    assert not pool.going_back()
    pool.ended(3, 1, seq=6, goes_back=True)
    pool.ended(4, 1, seq=8, goes_back=True)
    pool.acknowledged(7)
    assert pool.going_back()
    pool.acknowledged(8)
    assert not pool.going_back()
    pool.ended(9, 1, seq=9, goes_back=True)
    assert not pool.going_back()
