"""Recordings: taken from a real job, played into the real ingest."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from runners.models import Runner
from sweeps.models import Job, MetricChunk, Sweep
from sweeps.services.recordings import BadRecording, read, record, stage, steps
from sweeps.services.replay import ThisProcess, play
from sweeps.services.schedule import schedule
from tests.factories import Cast
from tests.sweeps.talk import online_runner, running_job

pytestmark = pytest.mark.django_db
REAL = Path(__file__).parent.parent / "recordings" / "text.jsonl"


def test_a_real_recording_plays_to_its_end(cast: Cast) -> None:
    out = io.StringIO()
    call_command("replay", str(REAL), speed=0, sweep="Again", stdout=out)
    sweep = Sweep.objects.get(name="Again")
    assert out.getvalue().strip() == f"/sweeps/{sweep.public_id}/"
    assert (sweep.state, sweep.counted(), sweep.team) == ("complete", 3, cast.team)
    assert sweep.best_trial is not None
    assert sweep.best_trial.value == pytest.approx(0.6013, abs=1e-4)
    assert sum(chunk.rows for chunk in MetricChunk.objects.all()) == 76


def test_what_was_lost_and_returned_is_permitted_again(cast: Cast) -> None:
    talk = running_job(cast.team, n_trials=2)
    talk.permits(count=2)
    talk.send(
        talk.started(0),
        talk.event("permit_returned", number=1, attempt=1),
        talk.event("child_lost", child="0", exit_code=-9, running=[[0, 1]], message="killed"),
    )
    talk.permits(count=2)
    talk.send(*talk.whole_trial(0, 0.25, attempt=2), *talk.whole_trial(1, 0.75), talk.ended())
    lines = list(record(talk.job))
    header, events = read(iter(lines))
    job, _ = stage(header=header, team=cast.team)
    pauses: list[float] = []
    play(ThisProcess(job), events, speed=2.0, sleep=pauses.append)
    job.sweep.refresh_from_db()
    assert (job.sweep.state, job.sweep.counted()) == ("complete", 2)
    assert sum(pauses) == pytest.approx(talk.t / 2)
    again = list(record(job))
    assert again[0] == lines[0].replace('"name":"', '"name":"Replay of ', 1)
    assert read(iter(again))[1] == events


def test_no_real_runner_is_offered_a_replay(cast: Cast) -> None:
    with REAL.open() as lines:
        header, _ = read(lines)
    job, _ = stage(header=header, team=cast.team)
    online_runner()
    assert schedule() == []
    Job.objects.filter(pk=job.pk).update(state="released")
    assert [other.runner == job.runner for other in schedule()] == [False]
    assert Runner.objects.get(name="replay").state == "paused"


def test_events_that_came_together_are_sent_together() -> None:
    with REAL.open() as lines:
        _, events = read(lines)
    groups = [group for _, group in steps(events, 0.1)]
    assert [event for group in groups for event in group] == events
    assert all(group[-1].t - group[0].t <= 0.1 for group in groups)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], "the file is empty"),
        (["{}"], "line 1: name"),
        ([None, "no"], "line 2: "),
        ([None, '{"seq":1,"t":0,"type":"log"}'], "line 2: log.stream"),
    ],
)
def test_what_is_no_recording_names_its_line(lines: list[Any], message: str) -> None:
    header = REAL.read_text().splitlines()[0]
    with pytest.raises(BadRecording) as refused:
        read(line or header for line in lines)
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.jsonl"], "can't read nowhere.jsonl"),
        ([str(REAL), "--speed", "-1"], "--speed"),
        ([str(REAL), "--team", "nobody"], "there is no team nobody"),
        ([str(REAL), "--server", "ftp://x", "--speed", "0"], "--server"),
        ([str(REAL), "--server", "http://127.0.0.1:1", "--speed", "0"], "the server does not answer"),
    ],
)
def test_a_bad_call_is_answered_with_a_sentence(cast: Cast, arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        call_command("replay", *arguments, stdout=io.StringIO())


def test_a_sweep_without_a_journal_cannot_be_recorded(cast: Cast) -> None:
    with pytest.raises(CommandError, match="no journal"):
        call_command("record", "AAAAAAAAAAAA")
