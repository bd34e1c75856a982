"""The page of a trial: what it says, and its neighbours."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from runners.models import RunnerSample
from sweeps.models import Attempt, Trial
from tests.factories import Cast
from tests.sweeps.queries.compare.world import add_ran, plain_sweep

pytestmark = pytest.mark.django_db


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_a_trial_stands_beside_the_best_with_its_times_and_its_origin(client: Client, cast: Cast) -> None:
    sweep = plain_sweep(cast.team)
    best = add_ran(sweep, 2, params={"learning_rate": 0.001}, values=[0.9])
    trial = add_ran(
        sweep,
        5,
        params={"learning_rate": 0.004},
        values=[0.5],
        last={"eval_accuracy": 0.5, "loss": 1.25, "train_runtime": 3.0},
        timings={"load": 1.0, "evaluate": 2.0, "save": 0.0, "train": 7.0},
    )
    add_ran(sweep, 9, params={"learning_rate": 0.002})
    Trial.objects.create(sweep=sweep, number=7)  # a permit whose parameters are not drawn is not shown
    sweep.best_trial = best
    sweep.save()
    attempt = Attempt.objects.get(trial=trial)
    attempt.started_at = trial.created_at + timedelta(seconds=10)
    attempt.child = "0"
    attempt.checkpoint_step = 40
    attempt.save()
    Trial.objects.filter(pk=trial.pk).update(started_at=attempt.started_at, finished_at=timezone.now())
    client.force_login(cast.vera)
    html = client.get(f"/sweeps/{sweep.public_id}/trials/5/").content.decode()
    shown = text_of(html)
    assert "Compared with the best, trial 2" in shown
    assert "learning_ rate 0.004 0.001 +0.003 (× 4) 5e−5" in shown
    assert re.findall(r'rel="(prev|next)" href="([^"]+)"', html) == [
        ("prev", f"/sweeps/{sweep.public_id}/trials/2/"),
        ("next", f"/sweeps/{sweep.public_id}/trials/9/"),
    ]
    assert f">http://testserver/sweeps/{sweep.public_id}/trials/5/</span>" in html
    # 10 s of waiting, then 10 s of the runner's phases.
    assert "Waiting for a runner 10 s 50 % Loading model and data 1.0 s 5 % Training 7.0 s 35 %" in shown
    assert re.findall(r'data-metric="([^"]+)"><div class="metric-head">', html) == ["loss", "eval_accuracy"]
    assert "Training seed 42" in shown
    assert "Proposed by tpe (optuna), seed 0" in shown
    assert "optuna 5.0.0, torch 2.13.0, transformers 5.23.0" in shown
    assert "Attempt 1, step 40 deleted with the trial's end" in shown.replace("&#x27;", "'")
    assert "Nothing was sampled" in shown


def test_the_best_itself_has_no_difference_and_its_machine_is_drawn(client: Client, cast: Cast) -> None:
    sweep = plain_sweep(cast.team)
    best = add_ran(sweep, 0, {"device": "CPU, 2 cores"}, params={"learning_rate": 5e-5})
    sweep.best_trial = best
    sweep.save()
    attempt = Attempt.objects.get(trial=best)
    attempt.started_at = timezone.now() - timedelta(seconds=30)
    attempt.save()
    assert attempt.job.runner is not None
    RunnerSample.objects.create(runner=attempt.job.runner, at=timezone.now(), cpu_percent=50, memory_used=2**30)
    client.force_login(cast.alice)
    html = client.get(f"/sweeps/{sweep.public_id}/trials/0/").content.decode()
    assert "This is the best trial" in html
    assert '<th scope="col" class="num">Difference</th>' not in html
    assert "the same</span></td></tr>" in html
    assert re.findall(r'class="metric" data-group="(\w+)"', html) == ["use", "memory"]
    assert "CPU of the machine" in html


def test_of_several_objectives_the_leader_of_the_first_is_compared_with(client: Client, cast: Cast) -> None:
    objectives = [
        {"metric": "eval_accuracy", "direction": "maximize"},
        {"metric": "eval_loss", "direction": "minimize"},
    ]
    sweep = plain_sweep(cast.team, objectives=objectives)
    for number, values in enumerate(([0.8, 0.1], [0.9, 0.3], [0.7, 0.5])):
        add_ran(sweep, number, values=values, state="complete")
    client.force_login(cast.bob)
    html = client.get(f"/sweeps/{sweep.public_id}/trials/2/").content.decode()
    assert "Best, trial 1" in html


def test_a_trial_without_parameters_has_its_page_too(client: Client, cast: Cast) -> None:
    sweep = plain_sweep(cast.team)
    Trial.objects.create(sweep=sweep, number=0)
    client.force_login(cast.bob)
    shown = text_of(client.get(f"/sweeps/{sweep.public_id}/trials/0/").content.decode())
    assert "They are not drawn yet." in shown
    assert "No runner has begun it yet." in shown
