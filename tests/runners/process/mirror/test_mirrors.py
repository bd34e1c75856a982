"""Mirrors of a living runner's jobs, read back from each service."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from runners.protocol.job import MIRROR_PREFIX
from runners.protocol.spec import Reporting, SweepSpec
from runners.protocol.states import Wanted
from tests.runners.process.cases import spec, wait_for
from tests.runners.process.fake_server import FakeJob, FakeServer, ended
from tests.runners.process.mirror import read
from tests.runners.process.mirror.services import FakeWandb, refusing, silent
from tests.runners.process.runner_process import RunnerProcess

KEY = "secretkey" * 5


def mirrored(*names: Reporting, **fake: Any) -> SweepSpec:
    return spec(steps=3, **fake).model_copy(update={"report_to": names})


def settings(**given: str) -> dict[str, str]:
    return {f"{MIRROR_PREFIX}{name}": value for name, value in given.items()}


def mirrors(runner: RunnerProcess) -> list[psutil.Process]:
    found = []
    for process in runner.process().children():
        with contextlib.suppress(psutil.ZombieProcess, psutil.NoSuchProcess):
            if "runners.process.mirror" in process.cmdline():
                found.append(process)
    return found


def logged(job: FakeJob) -> str:
    return "\n".join(event.text for event in job.of("log"))


@pytest.fixture
def wandb() -> Iterator[FakeWandb]:
    with FakeWandb().serving() as server:
        yield server


def test_each_trial_is_one_entry_at_each_service(
    server: FakeServer, runner: RunnerProcess, wandb: FakeWandb, tmp_path: Path
) -> None:
    store = f"file://{tmp_path}/mlruns"
    job = server.offer(
        mirrored("wandb", "mlflow", "tensorboard", "trackio", crash_at="1", print=1),
        secrets=settings(
            WANDB_BASE_URL=wandb.url, WANDB_API_KEY=KEY, MLFLOW_TRACKING_URI=store, MLFLOW_ALLOW_FILE_STORE="true"
        ),
    )
    assert ended(job).state == "done"
    wait_for(lambda: not mirrors(runner), 60, what="the mirrors' ends")
    rates: dict[int, list[object]] = {number: [] for number in range(3)}
    for event in job.of("trial_started"):
        # The fake server grants other parameters to a second attempt; the real one, the same.
        rates[event.number].append(pytest.approx(event.params["learning_rate"]))
    folder = runner.home / "mirrors" / "Sweep0000001"
    for entries in (
        read.tensorboard(folder / "tensorboard"),
        read.trackio(folder / "trackio", "Night/owls (Sweep0000001)"),
        read.mlflow(store, "Night/owls (Sweep0000001)"),
        read.wandb(wandb, "Night/owls (Sweep0000001)"),
    ):
        assert sorted(entries) == sorted(f"Night{entries.slash}owls #{number}" for number in rates)
        for number, drawn in rates.items():
            entry = entries[f"Night{entries.slash}owls #{number}"]
            assert float(entry.params["learning_rate"]) in drawn
            assert str(entry.params["task"]) == "text-classification"
            assert entry.losses == pytest.approx({1: 1.0, 2: 1 / 2, 3: 1 / 3})
            assert (entry.state, entry.value) == ("complete", 0.5)
    assert f"tensorboard --logdir {folder}/tensorboard" in logged(job)
    assert "not all mirrored" not in logged(job)
    assert KEY not in logged(job) + runner.said()
    assert not [path for path in runner.home.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]


def test_a_service_that_never_answers_costs_no_trial_a_moment(server: FakeServer, runner: RunnerProcess) -> None:
    ended(server.offer(spec(steps=3), n_trials=3))  # the first job waits for the fork server
    begun = time.monotonic()
    ended(server.offer(spec(steps=3), n_trials=3))
    plain = time.monotonic() - begun
    with silent() as address:
        begun = time.monotonic()
        job = server.offer(mirrored("mlflow", "wandb"), secrets=settings(
            MLFLOW_TRACKING_URI=address, WANDB_BASE_URL=address, WANDB_API_KEY=KEY
        ))  # fmt: skip
        assert ended(job).state == "done"
        assert time.monotonic() - begun < plain + 1.0
        assert len(mirrors(runner)) == 2
        # Its folder is put away, its slot is free: the mirrors tell what they can, by themselves.
        wait_for((runner.home / "finished" / job.id).exists)
        ended(server.offer(spec(steps=3), n_trials=1))


def test_what_is_not_set_is_said_once(server: FakeServer, runner: RunnerProcess) -> None:
    job = server.offer(mirrored("wandb"), secrets={})
    assert ended(job).state == "done"
    assert logged(job) == (
        "No trial is mirrored to Weights & Biases: WANDB_API_KEY cannot be read. "
        "An owner or admin enters it again on the page Connections."
    )


@pytest.mark.full
def test_a_service_that_refuses_is_named_once_in_the_log(server: FakeServer, runner: RunnerProcess) -> None:
    with refusing() as address:
        given = settings(MLFLOW_TRACKING_URI=address, MLFLOW_TRACKING_TOKEN=KEY)
        job = server.offer(mirrored("mlflow", seconds=0.5), n_trials=1000, secrets=given)
        wait_for(lambda: "not all mirrored" in logged(job), 60)
        known = len(job.finished())
        wait_for(lambda: len(job.finished()) > known + 4, 30, what="trials after the mirror's end")
        job.wanted = Wanted.STOP
        assert ended(job, 30).state == "done"
    (line,) = logged(job).splitlines()
    assert line.startswith("Trials are not all mirrored to MLflow: MlflowException: ")
    assert "Bearer [secret]" in line
