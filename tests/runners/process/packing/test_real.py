"""Real training beside others: the number of children changes no value, and a trial without memory is trained again."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runners.protocol.job import Permit
from runners.protocol.spec import SweepSpec
from tests.runners.process.cases import wait_for
from tests.runners.process.fake_server import FakeJob, FakeServer
from tests.runners.process.material import IMAGES, sweep
from tests.runners.process.packing.short_of_memory import LARGE
from tests.runners.process.runner_process import RunnerProcess

PROGRAM = """
import sys
from runners.process.__main__ import main
sys.exit(main("tests.runners.process.packing.short_of_memory:main"))
"""
RATES = [0.001, 0.002, LARGE, 0.008, 0.016, 0.0005]


class Grid(FakeJob):
    """Grants a trial its own parameters again, as the server does."""

    def grant(self, holding: tuple[int, ...], count: int) -> list[Permit]:
        drawn = {event.number: event.params for event in self.of("trial_started")}
        return [
            permit if permit.params is None else permit.model_copy(update={"params": drawn.get(permit.number)})
            for permit in super().grant(holding, count)
        ]

    def values(self) -> dict[Any, float]:
        """Learning rate → value of each complete trial."""
        rates = {event.number: event.params["learning_rate"] for event in self.of("trial_started")}
        return {rates[event.number]: event.values[0] for event in self.of("trial_finished")}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeServer]:
    folder = tmp_path_factory.mktemp("packing")
    with FakeServer().serving() as fake:
        runner = RunnerProcess(fake.url, folder / "home", OMP_NUM_THREADS="1")
        runner.program = PROGRAM
        with runner:
            wait_for(lambda: "Ready to start children" in runner.said(), 120, "the runner is not warm")
            yield fake


def job(server: FakeServer, children: int | str) -> Grid:
    row = {"type": "categorical", "name": "learning_rate", "choices": RATES}
    spec, files = sweep(
        IMAGES,
        150,
        n_trials=len(RATES),
        arguments={"num_train_epochs": 2, "eval_strategy": "epoch"},
        space={"parameters": [row]},
        backend={"name": "optuna", "sampler": {"name": "grid"}},
        children=children,
        keep_best=False,
    )
    told = spec.model_dump()
    for split, file in files.items():
        data = Path(file).read_bytes()
        told["data"][split] = {"sha256": server.store(data), "size": len(data)}
    made = Grid(f"Job{len(server.jobs):09d}", SweepSpec.model_validate(told), n_trials=len(RATES), lease_s=60.0)
    with server.lock:
        server.jobs[made.id] = made
    wait_for(lambda: made.end, 180, "the job's end")
    assert made.end is not None
    assert made.end.state == "done", made.end
    return made


def test_four_children_and_no_memory_for_one_give_the_values_of_one_child(server: FakeServer) -> None:
    alone, packed = job(server, 1), job(server, 4)
    assert not alone.of("attempt_backed_off")
    assert sorted(alone.values()) == sorted(RATES)
    assert packed.values() == alone.values()
    backed = packed.of("attempt_backed_off")
    assert backed
    rates = {event.number: event.params["learning_rate"] for event in packed.of("trial_started")}
    assert {rates[event.number] for event in backed} == {LARGE}
    assert {state for _, state in packed.granted.values()} == {"complete"}


@pytest.mark.full
def test_auto_gives_them_too(server: FakeServer) -> None:
    packed = job(server, "auto")
    assert packed.values() == job(server, 1).values()
    assert packed.of("packed")[0].why == "1 trial: its pace is being measured."
