"""Fleets and queues of any kind, for the scheduler's tests."""

from hypothesis import strategies as st

from sweeps.scheduling.snapshot import GB, Allowance, Machine, Request, Shape, Snapshot

TASK = "text-classification"
TEAMS = (1, 2, 3)


def machine(pk: int, **changes: object) -> Machine:
    """One that is online and can do `TASK`; as many slots may be used and are free as it has."""
    slots = changes.get("slots", 1)
    values: dict[str, object] = {
        "limit": slots,
        "free": slots,
        "named": f"id{pk}",
        "tasks": frozenset({TASK}),
        **changes,
    }
    return Machine(pk=pk, name=f"gpu-{pk}", **values)  # type: ignore[arg-type]  # as the test gives them


def request(pk: int, *, team: int = 1, person: int = 0, priority: int = 0, at: float = 0.0, **shape: object) -> Request:
    """A sweep of `TASK`."""
    return Request(pk, Shape(team, TASK, **shape), person, priority, at)  # type: ignore[arg-type]  # as the test gives them


@st.composite
def machines(draw: st.DrawFn, pk: int) -> Machine:
    slots = draw(st.integers(1, 6))
    limit = draw(st.integers(0, slots))
    gpus = draw(st.sampled_from([(), (24 * GB,), (80 * GB,) * 2, (24 * GB, 80 * GB)]))
    return machine(
        pk,
        slots=slots,
        limit=limit,
        free=draw(st.integers(-1, limit)),
        gpus=gpus,
        state=draw(st.sampled_from(["online", "online", "online", "paused", "offline"])),
        teams=draw(st.frozensets(st.sampled_from(TEAMS), max_size=2)),
        labels=draw(st.frozensets(st.sampled_from(["fast", "big"]))),
    )


@st.composite
def requests(draw: st.DrawFn, pk: int) -> Request:
    return request(
        pk,
        team=draw(st.sampled_from(TEAMS)),
        person=draw(st.integers(0, 2)),
        priority=draw(st.integers(-1, 2)),
        at=draw(st.floats(0, 10**5)),
        processes=draw(st.integers(1, 4)),
        gpus=draw(st.integers(0, 2)),
        gpu_memory=draw(st.sampled_from([0, 0, 40 * GB])),
        labels=draw(st.frozensets(st.sampled_from(["fast", "big"]), max_size=1)),
        runner=draw(st.sampled_from(["", "", "", "id1", "gone"])),
    )


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    fleet = tuple(draw(machines(pk)) for pk in range(draw(st.integers(0, 6))))
    queue = tuple(draw(requests(pk)) for pk in range(draw(st.integers(0, 15))))
    quota = st.builds(
        Allowance,
        gpus=st.none() | st.integers(0, 4).map(float),
        gpus_held=st.integers(0, 3).map(float),
        gpu_hours=st.none() | st.just(10.0),
        gpu_hours_used=st.sampled_from([0.0, 11.0]),
    )
    used = draw(st.dictionaries(st.tuples(st.sampled_from(TEAMS), st.integers(0, 2)), st.floats(0, 10**6)))
    return Snapshot(fleet, queue, used, draw(st.dictionaries(st.sampled_from(TEAMS), quota)), now=10.0**5)
