"""Jobs of one living runner: ends of every kind, each reported once, in order, with nothing lost."""

import json
import signal
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil
import pytest
from celery import Celery

from runners import folder_broker
from runners.protocol.job import Order
from runners.protocol.runner import WAKE_TASK
from runners.protocol.spec import SweepSpec
from runners.protocol.states import Wanted
from tests.runners.process.cases import spec, wait_for
from tests.runners.process.fake_server import FakeJob, FakeServer, dump, ended
from tests.runners.process.runner_process import RunnerProcess

Shared = tuple[FakeServer, RunnerProcess]


class Start:
    """Offer a job and wake the runner."""

    def __init__(self, server: FakeServer) -> None:
        self.server = server
        folder_broker.use()
        self.app = Celery("tests", broker=server.welcome.broker_url, set_as_current=False)
        self.app.conf.broker_transport_options = server.welcome.broker_options

    def send(self, *arguments: object) -> None:
        self.app.send_task(WAKE_TASK, args=arguments, queue=self.server.welcome.queue, ignore_result=True)

    def __call__(self, case: SweepSpec, **more: Any) -> FakeJob:
        job = self.server.offer(case, **more)
        self.send(job.id)
        return job


@pytest.fixture
def start(shared: Shared) -> Iterator[Start]:
    start = Start(shared[0])
    yield start
    start.app.close()


def kept(runner: RunnerProcess, job: FakeJob) -> Path:
    """The folder of a finished job, once it is put away."""
    folder = runner.home / "finished" / job.id
    wait_for(folder.exists)
    return folder


def states(job: FakeJob) -> dict[int, str]:
    return {number: state for number, (_, state) in job.granted.items()}


def test_a_job_trains_exactly_the_trials_it_has_permits_for(start: Start, shared: Shared) -> None:
    _, runner = shared
    job = start(spec(steps=3), n_trials=5)
    assert ended(job).state == "done"
    assert job.finished() == [0, 1, 2, 3, 4], dump(job)
    assert job.events[0].type == "job_started"
    assert job.events[0].versions["torch"] == version("torch")
    assert len(job.of("metrics")) == 15
    assert len(job.of("child_started")) == 1
    assert not job.of("child_lost", "permit_returned")
    kept(runner, job)
    assert not (runner.home / "jobs" / job.id).exists()


def test_several_children_share_the_permits(start: Start) -> None:
    job = start(spec(children=3, seconds=0.2), n_trials=7)
    assert ended(job).state == "done"
    assert sorted(job.finished()) == list(range(7))
    assert len({event.child for event in job.of("trial_started")}) == 3
    # The others start when the first has prepared the data.
    assert [event.type for event in job.of("child_started", "job_prepared")][:2] == ["child_started", "job_prepared"]


def test_a_job_of_several_processes_holds_a_slot_for_each(start: Start, shared: Shared) -> None:
    server, _ = shared
    case = spec(seconds=1.0).model_copy(update={"processes": 3})
    job = start(case, n_trials=1)
    wait_for(lambda: job.of("trial_started"))
    start.send(job.id)  # a wake-up has the runner say what it does
    wait_for(lambda: any(said.job == job.id and said.slots == 3 for said in server.heartbeats[-1].jobs))
    assert ended(job).state == "done"


def test_a_killed_child_is_replaced_and_its_trial_is_trained_again(start: Start) -> None:
    job = start(spec(crash_at="1", print=1), n_trials=3)
    assert ended(job).state == "done"
    (lost,) = job.of("child_lost")
    assert lost.running == ((1, 1),)
    assert lost.exit_code == -signal.SIGKILL
    assert "about to crash" in lost.message
    assert sorted(job.finished()) == [0, 1, 2]
    again = next(event for event in job.of("trial_started") if event.number == 1 and event.attempt == 2)
    assert again.params == {"learning_rate": 0.25}  # decided by the permit, not drawn
    assert [event.child for event in job.of("child_started")] == ["c1", "c2"]


def test_a_permit_that_died_with_its_child_comes_before_the_next_one(start: Start) -> None:
    job = start(spec(crash_early="1"), n_trials=4)
    assert ended(job).state == "done"
    assert [event.number for event in job.of("trial_started")] == [0, 1, 2, 3]
    assert [event.number for event in job.of("permit_returned")] == [1, 2]


def test_a_server_that_was_restored_gets_what_it_can_take_and_the_job_back(start: Start, shared: Shared) -> None:
    server, runner = shared
    job = start(spec(steps=3, seconds=0.3), n_trials=9)
    wait_for(lambda: job.finished() == [0])
    with server.lock:
        events, granted = list(job.events), dict(job.granted)
    wait_for(lambda: len(job.finished()) >= 3)
    with server.lock:
        job.events, job.granted = events, granted
    end = ended(job)
    assert (end.state, end.failure_code) == ("released", None)
    # What it had permitted before is told again, and counts; of what came later, nothing is taken.
    assert set(job.finished()) >= {0, 1}
    assert {event.number for event in job.of("trial_started")} == set(granted)
    assert [event.seq for event in job.events] == list(range(1, len(job.events) + 1))
    kept(runner, job)


def test_three_deaths_in_a_row_fail_the_job(start: Start) -> None:
    job = start(spec(crash_always=1), n_trials=3)
    end = ended(job)
    assert (end.state, end.failure_code) == ("fail", "crashed")
    assert "3 training processes in a row died" in end.failure_message
    assert "about to crash" in end.failure_message
    assert len(job.of("child_lost")) == 3


def test_a_spec_that_the_child_refuses_fails_the_job_with_its_field(start: Start) -> None:
    job = start(spec(refuse=1))
    end = ended(job)
    assert (end.state, end.failure_code, end.failure_field) == ("fail", "invalid_spec", "model.id")
    assert end.failure_message == "No such model."
    assert not job.granted


def test_a_child_that_writes_nonsense_fails_the_job(start: Start) -> None:
    job = start(spec(bad_event=1))
    end = ended(job)
    assert (end.state, end.failure_code) == ("fail", "protocol_error")
    assert "may not write" in end.failure_message


def test_an_event_that_the_server_refuses_ends_the_job_instead_of_looping(start: Start) -> None:
    job = start(spec(steps=4), refuse_type="metrics")
    end = ended(job)
    assert (end.state, end.failure_code) == ("fail", "protocol_error")
    assert "metrics is not liked" in end.failure_message
    assert job.of("trial_started")  # the good events before the bad one did arrive
    assert len(job.batches) < 40


def test_stop_lets_the_current_trial_finish(start: Start) -> None:
    job = start(spec(seconds=0.6, steps=6), n_trials=50)
    wait_for(lambda: job.of("metrics"))
    job.wanted = Wanted.STOP
    assert ended(job).state == "done"
    assert job.finished() == [0]
    assert states(job) == {0: "complete", 1: "waiting"}  # the permit ahead was given back
    assert [(event.number, event.attempt) for event in job.of("permit_returned")] == [(1, 1)]


def test_pause_releases_the_job_after_the_current_trial(start: Start) -> None:
    job = start(spec(seconds=0.4, steps=4), n_trials=50)
    wait_for(lambda: job.of("metrics"))
    job.wanted = Wanted.PAUSE
    assert ended(job).state == "released"
    assert job.finished() == [0]


def test_an_attempt_that_is_left_at_its_checkpoint_comes_back(start: Start, shared: Shared) -> None:
    _, runner = shared
    job = start(spec(seconds=60, steps=600), n_trials=2)
    wait_for(lambda: job.of("metrics"))
    kept = runner.home / "checkpoints" / "Sweep0000001" / "0"
    job.orders = (Order(number=0, attempt=1, act="checkpoint"),)
    start.send(job.id)
    wait_for(lambda: [event for event in job.of("trial_started") if event.attempt == 2])
    (left,) = job.of("attempt_left")
    assert (left.number, left.attempt) == (0, 1)
    assert kept.is_dir()
    assert not list((runner.home / "jobs" / job.id / "orders").iterdir())
    assert [event.number for event in job.of("trial_started")] == [0, 0], "it comes before what was held ahead of it"
    job.wanted = Wanted.CANCEL
    start.send(job.id)
    ended(job)
    wait_for(lambda: not kept.exists(), what="the end of the sweep's checkpoints")


def test_cancel_ends_the_children_within_two_seconds(start: Start) -> None:
    job = start(spec(seconds=60, steps=1), n_trials=50)
    wait_for(lambda: job.of("trial_started"))
    pid = job.of("child_started")[0].pid
    begun = time.monotonic()
    job.wanted = Wanted.CANCEL
    start.send(job.id)  # a wake-up for a running job asks what is wanted
    assert ended(job).state == "released"
    assert time.monotonic() - begun < 2
    wait_for(lambda: not psutil.pid_exists(pid))
    assert not job.of("child_lost")  # what becomes of the trial, the server has decided


def test_a_child_that_ignores_sigterm_is_killed(start: Start) -> None:
    job = start(spec(seconds=60, steps=1, stubborn=1))
    wait_for(lambda: job.of("trial_started"))
    begun = time.monotonic()
    job.wanted = Wanted.CANCEL
    start.send(job.id)
    assert ended(job).state == "released"
    assert time.monotonic() - begun < 2


def test_lost_answers_change_nothing(start: Start, shared: Shared) -> None:
    server, _ = shared
    job = server.offer(spec(steps=3, seconds=0.1), n_trials=4)
    server.lose += [f"{job.id}/claim", f"{job.id}/permits", f"{job.id}/events", f"{job.id}/permits", f"{job.id}/events"]
    start.send(job.id)
    assert ended(job).state == "done"
    assert server.lose == []
    assert job.claims == [job.claim_id] * 2
    assert job.finished() == [0, 1, 2, 3]
    assert job.duplicates > 0
    assert not job.of("permit_returned")


def test_a_server_that_lost_events_gets_them_again(start: Start) -> None:
    job = start(spec(steps=30, seconds=0.6), n_trials=1)
    wait_for(lambda: len(job.of("metrics")) >= 5)
    with start.server.lock:
        assert job.events[-1].type == "metrics"
        del job.events[-2:]
    assert ended(job).state == "done"
    assert [event.step for event in job.of("metrics")] == list(range(1, 31))


def test_a_fenced_job_is_dropped_and_its_children_are_killed(start: Start, shared: Shared) -> None:
    _, runner = shared
    job = start(spec(seconds=60, steps=1))
    wait_for(lambda: job.of("trial_started"))
    pid = job.of("child_started")[0].pid
    job.claim_id = "0" * 32
    start.send(job.id)
    wait_for(lambda: not psutil.pid_exists(pid))
    wait_for(lambda: not (runner.home / "jobs" / job.id).exists())
    assert job.end is None


def test_a_job_that_the_server_has_ended_still_delivers_what_it_knows(start: Start) -> None:
    job = start(spec(seconds=0.5, steps=1), n_trials=9, lease_s=0.3)
    wait_for(lambda: job.of("trial_finished"))
    job.state = "lost"
    pid = job.of("child_started")[0].pid
    wait_for(lambda: not psutil.pid_exists(pid))
    assert job.end is None


def test_secrets_reach_the_child_and_no_file_and_no_line(start: Start, shared: Shared) -> None:
    _, runner = shared
    job = start(spec(print=2), n_trials=1, secrets={"HF_TOKEN": "hf_verysecretvalue"})
    assert ended(job).state == "done"
    texts = [event.text for event in job.of("log")]
    assert any("[secret]" in text for text in texts)
    assert not any("hf_verysecretvalue" in text for text in texts)
    folder = kept(runner, job)
    written = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".out"]
    assert {path.name for path in written} >= {"claimed.json", "start.json", "journal.jsonl", "claim.json"}
    assert not any(b"verysecret" in path.read_bytes() for path in written)
    assert "verysecret" not in runner.said()


def test_output_becomes_log_events_of_its_trial(start: Start) -> None:
    job = start(spec(print=3, seconds=0.3), n_trials=2)
    assert ended(job).state == "done"
    lines = {(event.number, line) for event in job.of("log") for line in event.text.splitlines()}
    assert {(n, f"line {i} of trial {n}") for n in range(2) for i in range(3)} <= lines


def test_the_best_model_is_uploaded_before_the_job_ends(start: Start, shared: Shared) -> None:
    server, _ = shared
    job = start(spec(best=1), n_trials=2)
    assert ended(job).state == "done"
    assert [event.type for event in job.events[-2:]] == ["model_saved", "job_finished"]
    (saved,) = job.of("model_saved")
    assert (saved.number, saved.attempt) == (1, 1)
    assert {file.path: server.artifacts[file.sha256][:7] for file in saved.files} == {
        "model.safetensors": b"weights",
        "sub/config.json": b"{}",
    }


def test_data_is_fetched_and_its_path_told_to_the_child(start: Start, shared: Shared) -> None:
    server, runner = shared
    train, evaluation = b"train" * 100_000, b"eval"
    data = {
        "source": "artifact",
        "digest": "0" * 64,
        "train": {"sha256": server.store(train), "size": len(train)},
        "eval": {"sha256": server.store(evaluation), "size": len(evaluation)},
        "labels": ["a", "b"],
    }
    server.break_after = 100_000
    job = start(spec(data=data), n_trials=1)
    assert ended(job).state == "done"
    folder = kept(runner, job)
    paths = json.loads((folder / "start.json").read_text())["data"]
    assert Path(paths["train"]).read_bytes() == train
    ranges = [path for _, _, path in server.requests if path == f"artifacts/{server.store(train)}"]
    assert len(ranges) == 2  # broken off once, gone on from there


def test_missing_data_fails_the_job(start: Start) -> None:
    file = {"sha256": "1" * 64, "size": 1}
    data = {"source": "artifact", "digest": "0" * 64, "train": file, "eval": file, "labels": []}
    job = start(spec(data=data))
    end = ended(job)
    assert (end.state, end.failure_code, end.failure_field) == ("fail", "error", "data")


def test_a_wake_up_is_answered_at_once_and_twice_is_once(start: Start, shared: Shared) -> None:
    server, _ = shared
    job = server.offer(spec(), n_trials=1)
    sent = time.monotonic()
    start.send(job.id)
    start.send(job.id)
    assert ended(job).state == "done"
    assert len(job.claims) == 1
    claimed_at = next(t for t, _, path in server.requests if path == f"jobs/{job.id}/claim")
    assert claimed_at - sent < 1.0  # the file-system broker is polled; with Redis it is milliseconds


def test_malformed_wake_ups_are_dropped(start: Start, shared: Shared) -> None:
    server, runner = shared
    folder = Path(str(server.welcome.broker_options["data_folder_out"]))
    queue = server.welcome.queue
    for number, text in enumerate(
        ["no json {", "", '{"body": 3}', '{"body": "e30=", "headers": {}, "properties": {}}']
    ):
        (folder / f"0_bad{number}.{queue}.msg").write_text(text)
    start.send({"not": "a job"})
    start.send()
    start.send("Job999999999")  # unknown to the server
    wait_for(lambda: not list(folder.iterdir()), 20, what="all messages read")
    job = start(spec(), n_trials=1)
    assert ended(job).state == "done"
    assert runner.popen.poll() is None


def test_a_dead_fork_server_is_replaced(start: Start, shared: Shared) -> None:
    _, runner = shared
    job = start(spec(seconds=0.5, steps=2), n_trials=3)
    wait_for(lambda: job.of("metrics"))
    old = runner.forkserver()
    old.kill()
    assert ended(job).state == "done"
    (lost,) = job.of("child_lost")
    assert lost.running == ((0, 1),)
    assert sorted(job.finished()) == [0, 1, 2]
    assert runner.forkserver().pid != old.pid


def test_an_idle_job_keeps_its_lease(start: Start) -> None:
    job = start(spec(seconds=1.2, steps=1), n_trials=1, lease_s=0.6)
    assert ended(job).state == "done"
    assert len([count for _, _, count in job.batches if count == 0]) >= 4


def test_a_server_that_comes_back_hears_of_the_job_within_its_lease(start: Start) -> None:
    job = start(spec(seconds=4, steps=1), n_trials=1, lease_s=1.2)
    wait_for(lambda: job.of("trial_started"))
    start.server.lose += [f"{job.id}/events"] * 8
    wait_for(lambda: not start.server.lose, seconds=15)
    begun = time.monotonic()
    wait_for(lambda: job.batches[-1][0] > begun)
    assert time.monotonic() - begun < job.lease_s
    assert ended(job).state == "done"


def test_a_trained_tokenizer_is_stored_once(start: Start, shared: Shared) -> None:
    server, runner = shared
    case = spec(tokenizer=1)
    first, second = start(case, n_trials=1), start(case, n_trials=1)
    assert ended(first).state == ended(second).state == "done"
    (stored,) = server.tokenizers.values()
    assert server.artifacts[stored.files[0].sha256] == b'{"by": "c1"}'
    assert (runner.home / "tokenizers" / ("ab" * 32) / "tokenizer.json").read_bytes() == b'{"by": "c1"}'


def test_a_trial_that_has_no_memory_beside_others_waits_and_is_trained_beside_fewer(start: Start) -> None:
    job = start(spec(children=4, seconds=0.4, oom_beside="1:2,5"), n_trials=9)
    assert ended(job).state == "done"
    assert {number: state for number, state in states(job).items() if state != "complete"} == {}
    assert sorted(job.finished()) == list(range(9))
    backed = job.of("attempt_backed_off")
    assert {event.number for event in backed} >= {2}
    assert all(event.beside >= 1 for event in backed)
    assert "out of memory" in job.of("packed")[0].why
    assert min(event.children for event in job.of("packed")) == 1
    # The same trial with the same parameters, which the permit brings.
    again = [event for event in job.of("trial_started") if event.number == 2]
    assert [event.attempt for event in again] == list(range(1, len(again) + 1))


def test_a_trial_that_has_no_memory_alone_fails(start: Start) -> None:
    job = start(spec(children=2, seconds=0.2, oom_beside="0:1"), n_trials=4)
    assert ended(job).state == "done"
    assert states(job)[1] == "fail"
    assert sorted(job.finished()) == [0, 1, 2, 3]
