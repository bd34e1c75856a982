"""The runner as a process: signals, outages, restarts, and sentences for whoever set it up wrongly."""

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import psutil
import pytest

from runners.protocol import PROTOCOL_VERSION
from tests.runners.process.cases import spec, wait_for
from tests.runners.process.fake_server import FakeServer, dump, ended
from tests.runners.process.runner_process import RunnerProcess, processes_of


def test_sigterm_releases_the_job_and_leaves_no_process(server: FakeServer, runner: RunnerProcess) -> None:
    job = server.offer(spec(seconds=60, steps=60, best=1), n_trials=50)
    wait_for(lambda: job.of("metrics"))
    forkserver, trainer = runner.forkserver().pid, job.of("child_started")[0].pid
    begun = time.monotonic()
    runner.signal(signal.SIGTERM)
    assert runner.wait() == 0
    assert time.monotonic() - begun < 3
    assert ended(job).state == "released", dump(job)
    (lost,) = job.of("child_lost")
    assert (lost.running, lost.message) == (((0, 1),), "The runner was stopped.")
    assert server.heartbeats[-1].stopping
    assert not psutil.pid_exists(forkserver)
    assert not processes_of(trainer)
    assert not list((runner.home / "jobs").iterdir())


def test_a_server_that_is_down_for_a_while_costs_nothing(server: FakeServer, runner: RunnerProcess) -> None:
    job = server.offer(spec(seconds=0.4, steps=20), n_trials=4)
    wait_for(lambda: job.of("trial_finished"))
    server.down = True
    time.sleep(1.5)
    server.down = False
    assert ended(job).state == "done"
    assert job.finished() == [0, 1, 2, 3]
    assert len(job.of("metrics")) == 80
    assert runner.said().count("cannot be reached") == 1
    # Training went on meanwhile: the trial that had its permit ahead began before the server was back.
    assert len({event.t for event in job.of("metrics")}) == 80


def test_a_server_that_is_not_there_yet_is_waited_for(server: FakeServer, runner: RunnerProcess) -> None:
    server.down = True
    wait_for(lambda: "cannot be reached" in runner.said())
    time.sleep(0.5)
    server.down = False
    job = server.offer(spec(), n_trials=1)
    ended(job)
    assert runner.said().count("cannot be reached") == 1


def test_a_killed_runner_gives_its_jobs_back_when_it_starts_again(server: FakeServer, runner: RunnerProcess) -> None:
    job = server.offer(spec(seconds=1.0, steps=20, best=1, print=1), n_trials=50, lease_s=30.0)
    wait_for(lambda: job.of("trial_finished"))
    server.down = True  # so that there are events that only the disk knows
    time.sleep(0.4)
    trainer = job.of("child_started")[0].pid
    runner.kill()
    wait_for(lambda: not processes_of(trainer), 3, what="the child's death with its runner")
    acknowledged = len(job.events)
    server.down = False
    other = server.offer(spec(), n_trials=1)
    runner.start()
    ended(job)
    ended(other)
    assert ended(job).state == "released"
    assert len(job.events) > acknowledged + 3
    assert [event.seq for event in job.events] == list(range(1, len(job.events) + 1))
    (lost,) = job.of("child_lost")
    assert lost.running == ((1, 1),)
    assert lost.message == "The runner's own process was killed."
    assert job.of("model_saved")[0].number == 0
    steps = [(event.number, event.step) for event in job.of("metrics")]
    assert len(steps) == len(set(steps))
    assert steps[:20] == [(0, step) for step in range(1, 21)]
    assert job.claims == [job.claim_id] * 2
    assert other.claims, "new jobs come after the old"
    wait_for(lambda: not list((runner.home / "jobs").iterdir()))


def test_a_runner_killed_at_any_moment_loses_nothing_that_was_finished(
    server: FakeServer, runner: RunnerProcess
) -> None:
    finished: set[int] = set()
    for delay in (0.05, 0.15, 0.3):
        job = server.offer(spec(seconds=0.05, steps=4, children=2), n_trials=1000, lease_s=30.0)
        wait_for(partial(job.of, "trial_started"))
        time.sleep(delay)
        runner.kill()
        known = set(job.finished())
        runner.start()
        ended(job)
        assert known <= set(job.finished())
        assert len(job.finished()) == len(set(job.finished()))
        assert [event.seq for event in job.events] == list(range(1, len(job.events) + 1))
        # Every trial that was begun is finished or lost, none both.
        begun = {(event.number, event.attempt) for event in job.of("trial_started")}
        ends = [(event.number, event.attempt) for event in job.of("trial_finished")]
        ends += [key for event in job.of("child_lost") for key in event.running]
        assert sorted(ends) == sorted(begun)
        finished |= set(job.finished())
    assert finished


def test_a_job_that_another_runner_has_by_now_is_dropped(server: FakeServer, runner: RunnerProcess) -> None:
    job = server.offer(spec(seconds=60, steps=1), lease_s=30.0)
    wait_for(lambda: job.of("trial_started"))
    runner.kill()
    job.claim_id = "0" * 32
    runner.start()
    wait_for(lambda: not list((runner.home / "jobs").iterdir()))
    assert job.end is None


def test_hello_is_said_again_when_the_server_asks(server: FakeServer, runner: RunnerProcess) -> None:
    wait_for(lambda: server.heartbeats)
    server.known_instances.clear()
    wait_for(lambda: len(server.hellos) == 2)
    assert server.hellos[0].instance == server.hellos[1].instance


def test_a_withdrawn_token_ends_the_runner_with_a_sentence(server: FakeServer, runner: RunnerProcess) -> None:
    job = server.offer(spec(seconds=60, steps=1))
    wait_for(lambda: job.of("trial_started"))
    trainer = job.of("child_started")[0].pid
    server.token = "another"
    assert runner.wait() == 1
    assert "refuses this runner's token" in runner.said()
    assert "HPWEB_RUNNER_TOKEN" in runner.said()
    assert not processes_of(trainer)


def test_a_server_of_another_protocol_ends_the_runner_with_a_sentence(server: FakeServer, tmp_path: Path) -> None:
    server.protocol_version = 7
    with RunnerProcess(server.url, tmp_path / "home") as runner:
        assert runner.wait() == 1
        assert f"Version 7 is spoken here. This runner speaks version {PROTOCOL_VERSION}" in runner.said()


def test_a_home_has_one_runner(server: FakeServer, runner: RunnerProcess) -> None:
    wait_for(lambda: server.heartbeats)
    with RunnerProcess(server.url, runner.home) as second:
        second.log = second.log.with_name("second.log")
        assert second.wait() == 2
    assert f"in use by process {runner.popen.pid}. Stop that runner, or set HPWEB_RUNNER_HOME" in runner.said()


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"HPWEB_SERVER": ""}, "HPWEB_SERVER is not set. Give the server's address"),
        ({"HPWEB_SERVER": "localhost:8000"}, "HPWEB_SERVER: must start with http:// or https://"),
        ({"HPWEB_RUNNER_TOKEN": ""}, "HPWEB_RUNNER_TOKEN or HPWEB_RUNNER_TOKEN_FILE must be set"),
        ({"HPWEB_RUNNER_SLOTS": "0"}, "HPWEB_RUNNER_SLOTS: input should be greater than or equal to 1."),
        ({"HPWEB_MODEL_ROOTS": "/no/such/folder"}, "HPWEB_MODEL_ROOTS: /no/such/folder is not a folder."),
    ],
)
def test_wrong_settings_are_refused_with_a_sentence(environment: dict[str, str], sentence: str) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "HPWEB_SERVER": "http://127.0.0.1:1",
        "HPWEB_RUNNER_TOKEN": "secret-token-value",
        **environment,
    }
    result = subprocess.run(
        [sys.executable, "-m", "runners.process"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert result.returncode == 2
    assert f"error: {sentence}" in result.stderr
    assert "secret-token-value" not in result.stderr
    assert "Traceback" not in result.stderr


def stop_all(runner: RunnerProcess, trainer: int, number: int) -> None:
    """A signal for the runner, its fork server and its child, as when a machine sleeps."""
    for pid in (trainer, runner.forkserver().pid, runner.popen.pid):
        os.kill(pid, number)


def test_a_runner_that_slept_longer_than_its_lease_is_fenced_and_begins_afresh(
    server: FakeServer, runner: RunnerProcess
) -> None:
    job = server.offer(spec(seconds=60, steps=3000), n_trials=50, lease_s=1.0)
    wait_for(lambda: job.of("metrics"))
    trainer = job.of("child_started")[0].pid
    stop_all(runner, trainer, signal.SIGSTOP)
    known = len(job.events)
    time.sleep(1.5)
    job.state = "lost"
    stop_all(runner, trainer, signal.SIGCONT)
    wait_for(lambda: not processes_of(trainer), what="the end of training that nobody waits for")
    wait_for(lambda: not list((runner.home / "jobs").iterdir()))
    # What it had told its own disk comes late, and is kept; nothing is said of the end of a job that is over.
    assert [event.seq for event in job.events] == list(range(1, len(job.events) + 1))
    assert len(job.events) >= known
    assert job.end is None
    assert runner.popen.poll() is None
    other = server.offer(spec(), n_trials=2)
    assert ended(other).state == "done"
    assert other.finished() == [0, 1]


def test_all_killed_while_the_server_was_down_and_what_was_logged_arrives(
    server: FakeServer, runner: RunnerProcess
) -> None:
    job = server.offer(spec(seconds=2.0, steps=100), n_trials=50, lease_s=30.0)
    wait_for(lambda: job.of("metrics"))
    trainer = job.of("child_started")[0].pid
    server.down = True
    time.sleep(0.5)
    os.kill(runner.popen.pid, signal.SIGKILL)
    os.kill(trainer, signal.SIGKILL)
    runner.kill()
    acknowledged = len(job.of("metrics"))
    runner.start()
    time.sleep(1.0)
    assert len(job.of("metrics")) == acknowledged
    server.down = False
    assert ended(job).state == "released"
    steps = [event.step for event in job.of("metrics")]
    assert steps == list(range(1, len(steps) + 1)), "no gap, no double"
    assert len(steps) > acknowledged
    (lost,) = job.of("child_lost")
    assert lost.running == ((0, 1),)


def test_a_home_with_a_limit_is_told_of_in_the_heartbeat(server: FakeServer, tmp_path: Path) -> None:
    old = tmp_path / "home" / "artifacts" / "0"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"x" * 90 * 10**6)
    os.utime(old, (0, 0))
    with RunnerProcess(server.url, tmp_path / "home", HPWEB_RUNNER_HOME_MB="100"):
        wait_for(lambda: server.heartbeats)
        room = server.heartbeats[0].home
    assert room is not None
    assert room.limit == 100 * 10**6
    assert room.used < 10**6
    assert not old.exists()
