"""The analysis of a sweep: who asks for it, when it is computed, what the API answers."""

import random
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from runners.optimizers.analyse import analyse
from sweeps.models import Sweep, SweepAnalysis, Trial
from sweeps.queries.analysis.asked import asked_of
from sweeps.services import analysis
from sweeps.services.analysis import ask, compute, due
from sweeps.services.analysis_worker import AnalysisWorker
from tests.factories import Cast, make_sweep

SPEC = {
    "objectives": [{"metric": "eval_loss", "direction": "minimize"}, {"metric": "eval_f1", "direction": "maximize"}]
}


def sweep_of(cast: Cast, complete: int) -> Sweep:
    sweep = make_sweep(cast.team, spec=SPEC, state="running")
    add(sweep, complete)
    return sweep


def add(sweep: Sweep, count: int) -> None:
    chance = random.Random(3)
    first = sweep.trials.count()
    for number in range(first, first + count):
        rate, size = chance.uniform(0, 1), chance.choice([8, 16])
        Trial.objects.create(
            sweep=sweep, number=number, state="complete", value=rate, values=[rate, 1 - rate],
            params={"learning_rate": rate, "per_device_train_batch_size": size},
        )  # fmt: skip


def answer(client: Client, sweep: Sweep) -> dict[str, Any]:
    got = client.get(f"/api/v1/sweeps/{sweep.public_id}/analysis/")
    assert got.status_code == 200
    found: dict[str, Any] = got.json()
    return found


@pytest.mark.django_db
def test_too_few_trials_are_counted_and_nothing_is_computed(cast: Cast, client: Client) -> None:
    sweep = sweep_of(cast, 4)
    client.force_login(cast.vera)
    assert answer(client, sweep) == {
        "needed": 10, "finished": 4, "rests_on": 0, "pending": False, "computed_at": None, "problem": "", "result": None,
    }  # fmt: skip
    assert due() is None


@pytest.mark.django_db
def test_a_look_has_it_computed_once(cast: Cast, client: Client) -> None:
    sweep = sweep_of(cast, 14)
    client.force_login(cast.vera)
    assert due() is None
    assert answer(client, sweep)["pending"] is True
    found = due()
    assert found is not None
    assert found.sweep == sweep
    assert compute(found) is True
    told = answer(client, sweep)
    assert (told["pending"], told["finished"], told["rests_on"], told["problem"]) == (False, 14, 14, "")
    first = told["result"]["importances"]["rated"][0]
    assert (first["evaluator"], first["objective"], first["trials"]) == ("ped_anova", "eval_loss", 14)
    assert max(first["shares"], key=first["shares"].get) == "learning_rate"
    # One line of trials: the better the one, the worse the other; the reference is the worst of both.
    assert told["result"]["hypervolume"]["reference"] == pytest.approx(
        [max(t.values[0] for t in sweep.trials.all()), min(t.values[1] for t in sweep.trials.all())]
    )
    assert due() is None
    # Taken already: nobody computes it a second time.
    assert compute(found) is False


@pytest.mark.django_db
def test_it_rests_ten_times_its_own_duration(cast: Cast) -> None:
    sweep = sweep_of(cast, 12)
    kept = SweepAnalysis.objects.create(sweep=sweep, finished=11, took_s=6.0, computed_at=timezone.now())
    ask(sweep)
    assert due() is None
    kept.computed_at = timezone.now() - timedelta(seconds=61)
    kept.save(update_fields=["computed_at"])
    assert due() == kept


@pytest.mark.django_db
def test_what_died_with_its_server_is_taken_up(cast: Cast) -> None:
    sweep = sweep_of(cast, 12)
    ask(sweep)
    SweepAnalysis.objects.update(begun_at=timezone.now() - timedelta(seconds=60))
    assert due() is None
    SweepAnalysis.objects.update(begun_at=timezone.now() - timedelta(seconds=analysis.LONGEST_S + 61))
    assert due() is not None


@pytest.mark.django_db
def test_a_failure_keeps_the_last_result_and_says_so(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sweep = sweep_of(cast, 12)
    SweepAnalysis.objects.create(sweep=sweep, finished=11, result={"kept": True})
    ask(sweep)
    found = due()
    assert found is not None
    monkeypatch.setattr(analysis, "LONGEST_S", 0.001)
    assert compute(found) is True
    found.refresh_from_db()
    assert (found.result, found.problem, found.finished) == ({"kept": True}, analysis.PROBLEM, 12)
    assert sweep.public_id in caplog.text
    ask(sweep)
    assert due() is None


@pytest.mark.django_db
def test_the_environment_of_the_process_has_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HPWEB_SECRET_KEY", "s")
    assert not [name for name in analysis._plain() if name.startswith("HPWEB_")]


@pytest.mark.django_db
def test_only_finite_values_count(cast: Cast) -> None:
    sweep = sweep_of(cast, 2)
    Trial.objects.create(sweep=sweep, number=2, state="complete", value=0.5, values=[0.5, "nan"], params={})
    Trial.objects.create(sweep=sweep, number=3, state="pruned", value=0.5, values=[0.5, 0.1], params={})
    asked = asked_of(sweep)
    assert asked.numbers == (0, 1)
    assert asked.space is None
    assert [aim.direction for aim in asked.objectives] == ["minimize", "maximize"]


@pytest.mark.django_db
def test_strangers_see_neither(cast: Cast, client: Client) -> None:
    sweep = sweep_of(cast, 12)
    client.force_login(cast.charlie)
    for part in ("analysis", "attempts"):
        assert client.get(f"/api/v1/sweeps/{sweep.public_id}/{part}/").status_code == 404
    assert due() is None


@pytest.mark.django_db(transaction=True)
def test_the_worker_computes_beside_the_timer(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis, "in_a_process", analyse)
    sweep = sweep_of(cast, 10)
    worker = AnalysisWorker()
    worker.look()
    assert [thread for thread in threading.enumerate() if thread.name == "analysis"] == []
    ask(sweep)
    worker.look()
    assert worker._thread is not None
    worker._thread.join(60)
    assert SweepAnalysis.objects.get(sweep=sweep).finished == 10
