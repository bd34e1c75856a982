"""The scheduler's decision: what always holds, and single cases."""

import dataclasses
import random
from collections import Counter, defaultdict

from hypothesis import HealthCheck, given, settings

from sweeps.scheduling.decide import Decision, decide, exceeds
from sweeps.scheduling.fits import able, could_take
from sweeps.scheduling.reasons import reason
from sweeps.scheduling.snapshot import GB, Allowance, Machine, Request, Snapshot
from sweeps.scheduling.turns import AGEING_S, effective_priority
from tests.sweeps.scheduling.fleets import machine, request, snapshots


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(snapshots())
def test_what_always_holds(snapshot: Snapshot) -> None:
    decision = decide(snapshot)
    the_sets_are_what_the_rules_say(snapshot, decision)
    no_slot_is_given_twice_and_nothing_to_who_cannot(snapshot, decision)
    no_quota_is_passed(snapshot, decision)
    nobody_waits_beside_free_slots(snapshot, decision)
    slots_are_kept_for_those_that_need_several(snapshot, decision)
    everybody_who_waits_hears_why_and_nobody_else(snapshot, decision)


def the_sets_are_what_the_rules_say(snapshot: Snapshot, decision: Decision) -> None:
    for one in snapshot.requests:
        found = list(decision.fleet.of(decision.fleet.able(one.shape)))
        assert found == sorted(able(snapshot.machines, one.shape), key=lambda each: each.name)


def no_slot_is_given_twice_and_nothing_to_who_cannot(snapshot: Snapshot, decision: Decision) -> None:
    given_away: Counter[int] = Counter()
    for offer in decision.offers:
        assert could_take(offer.machine, offer.request.shape)
        assert offer.slots == min(offer.request.shape.processes, offer.machine.slots)
        given_away[offer.machine.pk] += offer.slots
    for each in snapshot.machines:
        assert given_away[each.pk] <= max(0, min(each.free, each.limit))
    everybody = [offer.request.pk for offer in decision.offers] + [one.pk for one in decision.waiting]
    assert sorted(everybody) == sorted(one.pk for one in snapshot.requests)


def no_quota_is_passed(snapshot: Snapshot, decision: Decision) -> None:
    taken: defaultdict[int, float] = defaultdict(float)
    for offer in decision.offers:
        taken[offer.request.shape.team] += offer.gpus
    for team, allowance in snapshot.allowances.items():
        if allowance.gpus is not None and taken[team]:
            assert allowance.gpus_held + taken[team] <= allowance.gpus + 1e-6
        if allowance.hours_used_up:
            assert taken[team] == 0


def nobody_waits_beside_free_slots(snapshot: Snapshot, decision: Decision) -> None:
    """Outside of what is kept for larger ones before."""
    for one in decision.waiting:
        for each in able(snapshot.machines, one.shape):
            need = each.need(one.shape.processes)
            over = exceeds(
                snapshot.allowances.get(one.shape.team),
                decision.held.get(one.shape.team, 0.0),
                each.gpus_of(one.shape.processes),
            )
            assert decision.free[each.pk] < need or over


def slots_are_kept_for_those_that_need_several(snapshot: Snapshot, decision: Decision) -> None:
    by_pk = {one.pk: one for one in snapshot.requests}
    for pk, each in decision.kept.items():
        assert min(each.free, each.limit) > 0
        assert each.need(by_pk[pk].shape.processes) > 1


def everybody_who_waits_hears_why_and_nobody_else(snapshot: Snapshot, decision: Decision) -> None:
    for one in decision.waiting:
        said = reason(snapshot, decision, one)
        assert said.endswith(".")
        assert "  " not in said
    for offer in decision.offers:
        assert reason(snapshot, decision, offer.request) == ""


class TestTurns:
    def test_teams_take_turns_then_people_then_age(self) -> None:
        queue = (
            *(request(pk, team=1, person=1, at=pk) for pk in range(4)),
            *(request(pk, team=1, person=2, at=pk) for pk in range(4, 6)),
            *(request(pk, team=2, person=3, at=pk) for pk in range(6, 8)),
        )
        offers = decide(Snapshot((machine(0, slots=8),), queue, now=10)).offers
        assert [offer.request.pk for offer in offers] == [0, 6, 4, 7, 1, 5, 2, 3]

    def test_who_has_had_less_of_late_comes_first(self) -> None:
        queue = (request(1, team=1, at=1), request(2, team=2, at=2))
        offers = decide(Snapshot((machine(0),), queue, {(1, 0): 3600.0}, now=10)).offers
        assert [offer.request.pk for offer in offers] == [2]

    def test_priority_goes_before_shares(self) -> None:
        queue = (request(1, team=1, priority=1), request(2, team=2))
        offers = decide(Snapshot((machine(0),), queue, {(1, 0): 1e9})).offers
        assert [offer.request.pk for offer in offers] == [1]

    def test_age_lifts_to_the_highest_priority_and_not_beyond(self) -> None:
        old = request(1, at=0)
        assert [effective_priority(old, AGEING_S * n, 2) for n in (0.5, 1, 2, 9)] == [0, 1, 2, 2]
        assert effective_priority(request(2, priority=5), 0, 2) == 5

    def test_a_low_priority_has_its_turn_beside_an_endless_stream(self) -> None:
        """One slot, a job of an hour each, and a new urgent sweep every hour."""
        low, used = request(0, team=1, priority=0), {(2, 0): 0.0}
        for hour in range(30):
            urgent = request(hour + 1, team=2, priority=2, at=hour * 3600.0)
            (offer,) = decide(Snapshot((machine(0),), (low, urgent), used, now=hour * 3600.0)).offers
            if offer.request.pk == 0:
                assert hour == 12
                return
            used[2, 0] += 3600.0
        raise AssertionError("It never had its turn.")


class TestRoom:
    def test_free_slots_are_kept_and_others_backfill(self) -> None:
        big, small = request(1, at=1, processes=4), request(2, at=2)
        fleet = (machine(0, slots=4, free=2), machine(1, slots=1))
        decision = decide(Snapshot(fleet, (big, small), now=3))
        assert [(offer.request.pk, offer.machine.pk) for offer in decision.offers] == [(2, 1)]
        assert decision.kept[1].pk == 0

    def test_a_big_one_does_not_hold_machines_that_it_cannot_use(self) -> None:
        big, small = request(1, at=1, processes=2, labels=frozenset({"big"})), request(2, at=2)
        fleet = (machine(0, slots=2, free=2),)
        assert [offer.request.pk for offer in decide(Snapshot(fleet, (big, small), now=3)).offers] == [2]

    def test_a_limit_of_slots(self) -> None:
        queue = tuple(request(pk, at=pk) for pk in range(3))
        fleet = (machine(0, slots=4, limit=2, free=2),)
        assert len(decide(Snapshot(fleet, queue, now=3)).offers) == 2

    def test_a_quota_is_about_gpus_alone(self) -> None:
        queue = tuple(request(pk, at=pk) for pk in range(3))
        fleet = (machine(0, slots=2, gpus=(80 * GB,) * 2), machine(1))
        decision = decide(Snapshot(fleet, queue, {}, {1: Allowance(gpus=1.0)}, now=3))
        assert sorted(offer.machine.pk for offer in decision.offers) == [0, 1]
        assert [offer.gpus for offer in decision.offers] == [1.0, 0.0]


def test_fair_in_the_long_run() -> None:
    """Three people of two teams with endless queues on a mixed fleet, jobs of any length: half for each team, and half of
    that for each person of the team of two."""
    chance = random.Random(3)
    fleet = {pk: machine(pk, slots=chance.randint(1, 4)) for pk in range(8)}
    owners = [(1, 1), (1, 2), (2, 3)]
    queues: list[Request] = []
    jobs: list[tuple[float, float, int, Request]] = []
    had: Counter[tuple[int, int]] = Counter()
    for step in range(3000):
        now = step * 60.0
        jobs = [job for job in jobs if job[1] > now]
        while len(queues) < 60:
            # One asks for ten times as much as the others do.
            team, person = owners[0] if chance.random() < 0.8 else chance.choice(owners[1:])
            queues.append(request(step * 100 + len(queues), team=team, person=person, at=now))
        for team, person in owners:
            if not any(one.person == person for one in queues):
                queues.append(request(step * 100 + 90 + person, team=team, person=person, at=now))
        decision = decide(Snapshot(tuple(_busy(fleet, jobs)), tuple(queues), _used(jobs, had, now), now=now))
        for offer in decision.offers:
            jobs.append((now, now + chance.expovariate(1 / 1800), offer.machine.pk, offer.request))
            queues.remove(offer.request)
        for _, _, _, one in jobs:
            had[one.shape.team, one.person] += 60
    total = sum(had.values())
    shares = {owner: round(had[owner] / total, 2) for owner in owners}
    assert abs(shares[2, 3] - 0.5) < 0.03
    assert abs(shares[1, 1] - 0.25) < 0.03
    assert abs(shares[1, 2] - 0.25) < 0.03


def _busy(fleet: dict[int, Machine], jobs: list[tuple[float, float, int, Request]]) -> list[Machine]:
    held = Counter(pk for _, _, pk, _ in jobs)
    return [dataclasses.replace(each, free=each.slots - held[pk]) for pk, each in fleet.items()]


def _used(
    jobs: list[tuple[float, float, int, Request]], had: Counter[tuple[int, int]], now: float
) -> dict[tuple[int, int], float]:
    used = {owner: float(seconds) for owner, seconds in had.items()}
    for _, _, _, one in jobs:
        key = (one.shape.team, one.person)
        used[key] = used.get(key, 0.0) + 600.0
    return used
