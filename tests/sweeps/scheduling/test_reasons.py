"""Why a sweep waits, word for word."""

import pytest

from sweeps.scheduling.decide import decide
from sweeps.scheduling.reasons import reason
from sweeps.scheduling.snapshot import GB, Allowance, Machine, Request, Snapshot
from tests.sweeps.scheduling.fleets import machine, request

ONE = request(1)
CARD = (24 * GB,)


def said(one: Request, *machines: Machine, before: tuple[Request, ...] = (), quota: Allowance | None = None) -> str:
    snapshot = Snapshot(machines, (*before, one), {}, {1: quota} if quota else {}, now=100.0)
    return reason(snapshot, decide(snapshot), one)


@pytest.mark.parametrize(
    ("one", "machines", "sentence"),
    [
        (ONE, [machine(1)], ""),
        (ONE, [], "No runner is registered for this team. An admin adds one on the runners page."),
        (
            ONE,
            [machine(1, teams=frozenset({9}))],
            "No runner is registered for this team. An admin adds one on the runners page.",
        ),
        (ONE, [machine(1, state="offline")], "No runner is online. The sweep begins when one comes."),
        (
            ONE,
            [machine(1, state="paused"), machine(2, state="offline")],
            "Runner gpu-1 is paused, and no other is online. An admin resumes it on the runners page.",
        ),
        (
            ONE,
            [machine(1, state="quarantined", quarantine_reason="3 failures in a row.")],
            (
                "Runner gpu-1 is quarantined (3 failures in a row), and no other is online. An admin mends the machine and "
                "lets it take part again on the runners page."
            ),
        ),
        (ONE, [machine(1, tasks=frozenset({"masked-lm"}))], "No runner that is online can do text-classification."),
        (request(1, labels=frozenset({"a100"})), [machine(1)], "No online runner has the label a100."),
        (
            request(1, labels=frozenset({"a", "b"})),
            [machine(1, labels=frozenset({"a"})), machine(2, labels=frozenset({"b"}))],
            "No online runner has the labels a, b together.",
        ),
        (request(1, gpus=1), [machine(1)], "No online runner has a GPU."),
        (request(1, gpus=2), [machine(1, gpus=CARD)], "No online runner has 2 GPUs: the most is 1."),
        (
            request(1, gpu_memory=40 * GB),
            [machine(1, gpus=CARD)],
            "No online runner has a GPU with 40 GB: the largest has 24 GB.",
        ),
        (
            request(1, runner="id1"),
            [machine(1, state="paused"), machine(2)],
            "Runner gpu-1 is named, and it is paused.",
        ),
        (request(1, runner="id1", gpus=1), [machine(1)], "Runner gpu-1 is named, and it has no GPUs."),
        (
            request(1, runner="gone"),
            [machine(1)],
            "The runner that is named serves this team no more. Change what the sweep needs.",
        ),
        (ONE, [machine(1, free=0)], "Runner gpu-1 is busy with another sweep. This one is next in its turn."),
        (
            ONE,
            [machine(1, free=0), machine(2, free=0)],
            "All 2 runners that could do it are busy with other sweeps. This one is next in its turn.",
        ),
    ],
)
def test_sentence(one: Request, machines: list[Machine], sentence: str) -> None:
    assert said(one, *machines) == sentence


def test_how_many_are_ahead() -> None:
    """Those that wait for other machines are not."""
    fleet = (machine(1, free=0), machine(2, free=0, labels=frozenset({"other"})))
    before = (
        request(2, team=2, priority=1),
        request(3, team=2, priority=1),
        request(4, team=2, priority=1, labels=frozenset({"other"})),
    )
    mine = request(1, runner="id1")
    assert said(mine, *fleet, before=before) == "Runner gpu-1 is busy with another sweep. 2 sweeps are ahead."


def test_what_a_trial_of_several_processes_waits_for() -> None:
    pair = request(1, processes=2)
    assert said(pair, machine(1, slots=2, free=1)) == (
        "Runner gpu-1 is busy with another sweep. This one is next in its turn. A trial needs 2 slots of one runner; those "
        "that become free are kept for it."
    )


def test_quotas() -> None:
    fleet = machine(1, gpus=CARD)
    used_up = Allowance(gpu_hours=100.0, gpu_hours_used=100.5, renewed="1 December")
    assert said(ONE, fleet, quota=used_up) == "The team's quota of 100 GPU-hours is used until 1 December."
    at_once = Allowance(gpus=1.0, gpus_held=1.0)
    assert said(ONE, fleet, quota=at_once) == (
        "The team has 1 GPU at work, and its quota is 1 at once: one of its sweeps must end first."
    )
    assert said(ONE, machine(1, free=0), quota=used_up).startswith("Runner gpu-1 is busy")
