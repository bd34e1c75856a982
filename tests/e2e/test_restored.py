"""A server that was put back to a backup, and a runner that has gone on since."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import ROOT
from tests.stack import Stack

pytestmark = pytest.mark.full  # the short run has it with a fake server: tests/runners/process/test_supervisor_jobs.py

TRIALS = 6


def manage(stack: Stack, *arguments: str) -> str:
    """`manage.py` of the running program; what it printed."""
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, check=False, cwd=ROOT, env=stack.env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


def put_back(stack: Stack, backup: Path) -> None:
    # A login since the backup is forgotten too.
    stack.client().close()
    stack.kill_server()
    manage(stack, "restore", str(backup), "--force")
    stack.start_server()


def jobs_of(stack: Stack, sweep: str) -> list[str]:
    """The states of its jobs, the oldest first."""
    rows = stack.query(
        "select j.state from sweeps_job j join sweeps_sweep s on j.sweep_id = s.id where s.public_id = ? order by j.id",
        sweep,
    )
    return [state for (state,) in rows]


def check_exact(stack: Stack, sweep: str) -> None:
    whole = stack.wait_finished(sweep, 240)
    assert (whole["sweep"]["state"], whole["sweep"]["counted"]) == ("complete", TRIALS), whole["sweep"]
    assert [trial["number"] for trial in whole["trials"]] == list(range(TRIALS))
    ended = stack.query(
        "select t.number, count(*) from sweeps_attempt a join sweeps_trial t on a.trial_id = t.id join sweeps_sweep s"
        " on t.sweep_id = s.id where s.public_id = ? and a.state in ('complete', 'pruned') group by t.number",
        sweep,
    )
    assert dict(ended) == dict.fromkeys(range(TRIALS), 1)
    manage(stack, "audit")


def test_a_runner_that_is_ahead_of_a_restored_server_gives_its_job_back(stack: Stack, tmp_path: Path) -> None:
    sweep = stack.sweep("images", n_trials=TRIALS)
    stack.wait_trials(sweep, finished=1)
    manage(stack, "backup", str(tmp_path / "backup.tar.gz"))
    # Trials are permitted, end and are acknowledged that the backup knows nothing of.
    stack.wait_trials(sweep, finished=4)
    put_back(stack, tmp_path / "backup.tar.gz")
    check_exact(stack, sweep)
    # Lost where the lease ran out before the runner was told.
    first, *later = jobs_of(stack, sweep)
    assert first in {"released", "lost"}
    assert later == ["done"]


def test_a_runner_that_was_killed_too_takes_part_in_the_restored_sweep(stack: Stack, tmp_path: Path) -> None:
    sweep = stack.sweep("images", n_trials=TRIALS)
    stack.wait_trials(sweep, finished=1)
    manage(stack, "backup", str(tmp_path / "backup.tar.gz"))
    stack.wait_trials(sweep, finished=4)
    stack.kill_runner()
    put_back(stack, tmp_path / "backup.tar.gz")
    stack.start_runner()
    check_exact(stack, sweep)


def test_a_job_that_the_restored_server_does_not_know_is_given_up(stack: Stack, tmp_path: Path) -> None:
    manage(stack, "backup", str(tmp_path / "backup.tar.gz"))
    lost = stack.sweep("images", n_trials=TRIALS)
    stack.wait_trials(lost, finished=1)
    put_back(stack, tmp_path / "backup.tar.gz")
    assert stack.client().get(f"/api/v1/sweeps/{lost}/snapshot/").status_code == 404
    # The runner has let go of it, and takes the next one.
    check_exact(stack, stack.sweep("images", n_trials=TRIALS))


def test_a_sweep_that_had_ended_since_the_backup_ends_again(stack: Stack, tmp_path: Path) -> None:
    sweep = stack.sweep("images", n_trials=TRIALS)
    stack.wait_trials(sweep, finished=1)
    manage(stack, "backup", str(tmp_path / "backup.tar.gz"))
    check_exact(stack, sweep)
    put_back(stack, tmp_path / "backup.tar.gz")
    assert stack.snapshot(sweep)["sweep"]["state"] == "running"
    check_exact(stack, sweep)
    assert jobs_of(stack, sweep)[0] == "lost"
