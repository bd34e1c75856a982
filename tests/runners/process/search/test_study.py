"""The study as a cache: made from history, mended after a death."""

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.storages import JournalStorage
from optuna.trial import TrialState

from runners.process.folder import JobFolder
from runners.process.search.reporter import Reporter, alive
from runners.process.search.study import CHILD, STUDY_NAME, KernelLock, fail_trial, open_storage
from runners.process.search.told import finished_trials
from runners.protocol.job import FinishedTrial
from runners.protocol.objective import Objective
from runners.protocol.space import FloatParameter, SearchSpace

SPACE = SearchSpace(parameters=(FloatParameter(name="x", low=0, high=1),))
OBJECTIVES = (Objective(metric="eval_loss", direction="minimize"),)
HISTORY = (
    FinishedTrial(number=0, params={"x": 0.5}, state="complete", values=(2.0,), intermediate=((1, 3.0), (2, 2.0))),
    FinishedTrial(number=2, params={"x": 0.25}, state="fail"),
    FinishedTrial(number=1, params={"x": 0.75}, state="pruned", values=(4.0,), intermediate=((1, 4.0),)),
)


@pytest.fixture
def folder(tmp_path: Path) -> JobFolder:
    folder = JobFolder(tmp_path)
    folder.spool.mkdir()
    return folder


def opened(folder: JobFolder, history: Iterable[FinishedTrial] = ()) -> tuple[JournalStorage, optuna.Study]:
    storage = open_storage(folder, SPACE, OBJECTIVES, history, child="me")
    return storage, optuna.load_study(storage=storage, study_name=STUDY_NAME)


def test_it_is_made_from_the_history_once(folder: JobFolder) -> None:
    for _ in range(2):
        _, study = opened(folder, HISTORY)
        assert [(trial.state.name, trial.params["x"], trial.value) for trial in study.trials] == [
            ("COMPLETE", 0.5, 2.0),
            ("FAIL", 0.25, None),
            ("PRUNED", 0.75, 4.0),
        ]
        assert study.trials[0].intermediate_values == {1: 3.0, 2: 2.0}


def test_a_half_made_study_is_made_again(folder: JobFolder) -> None:
    lock = KernelLock(folder.path / "lock")
    backend = optuna.storages.journal.JournalFileBackend(str(folder.study), lock_obj=lock)
    half = optuna.create_study(storage=optuna.storages.JournalStorage(backend), study_name=STUDY_NAME)
    half.ask()
    _, study = opened(folder, HISTORY)
    assert len(study.trials) == 3


def told(folder: JobFolder, child: str, events: list[dict[str, Any]]) -> None:
    lines = [json.dumps({"t": 0, **event}) for event in events]
    (folder.spool / f"{child}.jsonl").write_text("\n".join([*lines, '{"torn']))


def begun(study: optuna.Study, child: str) -> optuna.Trial:
    trial = study.ask({"x": optuna.distributions.FloatDistribution(0, 1)})
    trial.set_user_attr(CHILD, child)
    return trial


def start(number: int, optuna_number: int) -> dict[str, Any]:
    return {"type": "trial_started", "number": number, "attempt": 1, "optuna_number": optuna_number}


def finish(number: int, state: str, *values: float) -> dict[str, Any]:
    return {"type": "trial_finished", "number": number, "attempt": 1, "state": state, "values": list(values)}


def test_trials_of_the_dead_get_the_end_they_told_or_fail(folder: JobFolder) -> None:
    _, study = opened(folder)
    for _ in range(3):
        begun(study, "c1")
    begun(study, "c1").report(7.0, 1)
    told(
        folder,
        "c1",
        [
            start(5, 0),
            start(6, 1),
            finish(5, "complete", 1.5),
            finish(6, "fail"),
            start(7, 2),
            start(8, 3),
            finish(8, "pruned", 7.0),
        ],
    )
    assert finished_trials(folder.spool)[0] == ("complete", (1.5,))
    _, study = opened(folder)
    assert [(trial.state, trial.value) for trial in study.trials] == [
        (TrialState.COMPLETE, 1.5),
        (TrialState.FAIL, None),
        (TrialState.FAIL, None),
        (TrialState.PRUNED, 7.0),
    ]


def test_a_trial_of_a_living_child_is_left_alone(folder: JobFolder) -> None:
    _, study = opened(folder)
    begun(study, "c1")
    file = folder.spool / "c1.jsonl"
    code = (
        "import fcntl, sys, time; f = open(sys.argv[1], 'ab'); fcntl.flock(f, fcntl.LOCK_EX);"
        "print(flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert alive(file)
        # One that has only just been asked for has no name yet, and may be the living child's.
        study.ask()
        assert [trial.state.name for trial in opened(folder)[1].trials] == ["RUNNING", "RUNNING"]
        process.kill()
        process.wait()
    assert not alive(file)
    assert [trial.state.name for trial in opened(folder)[1].trials] == ["FAIL", "FAIL"]


def test_a_torn_line_does_not_spoil_the_journal(folder: JobFolder) -> None:
    _, study = opened(folder, HISTORY)
    with folder.study.open("ab") as file:
        file.write(b'{"op_code": 4, "worker')
    _, study = opened(folder)
    study.ask()
    assert len(opened(folder)[1].trials) == 4


def test_a_lost_trial_is_closed_once(folder: JobFolder) -> None:
    storage, study = opened(folder, HISTORY)
    begun(study, "c1")
    for number in (3, 3, 0, 99):
        fail_trial(storage, number)
    assert [trial.state.name for trial in study.trials] == ["COMPLETE", "FAIL", "PRUNED", "FAIL"]


def test_events_are_lines_and_each_is_poked(tmp_path: Path) -> None:
    pokes: list[int] = []
    reporter = Reporter(tmp_path / "spool" / "c1.jsonl", 0.0, lambda: pokes.append(1))
    reporter.emit("reported", number=1, attempt=1, step=3, epoch=0.5, value="nan")
    reporter.emit("trial_finished", sync=True, number=1, attempt=1)
    lines = [json.loads(line) for line in (tmp_path / "spool" / "c1.jsonl").read_text().splitlines()]
    assert [line["type"] for line in lines] == ["reported", "trial_finished"]
    assert lines[0]["value"] == "nan"
    assert lines[0]["t"] > 0
    assert len(pokes) == 2
    with pytest.raises(ValueError, match="JSON"):
        reporter.emit("reported", value=float("nan"))
    reporter.close()
    assert not alive(tmp_path / "spool" / "c1.jsonl")
