"""Extending, other budgets, other spaces; archive and delete."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from runners.protocol.states import Wanted
from sweeps.models import Artifact, Job, SpaceVersion, StoredFolder, Sweep, SweepAct, Trial
from sweeps.services.added_trials import enqueue_trial
from sweeps.services.amend import amend_budget, amend_space, extend_sweep
from sweeps.services.archive import archive_sweep, delete_sweep, restore_sweep
from sweeps.services.artifacts import store_bytes
from sweeps.services.control import NotNow
from sweeps.services.pausing import pause_sweep
from sweeps.validation.amendment import RowChange
from sweeps.validation.problems import Invalid
from tests.factories import Cast
from tests.sweeps.services.test_pausing import next_job
from tests.sweeps.talk import queued_sweep, running_job

pytestmark = pytest.mark.django_db

WIDER = {"learning_rate": RowChange(high=0.1)}


def test_a_sweep_that_is_complete_is_extended(cast: Cast) -> None:
    talk = running_job(cast.team, n_trials=1, budget={"n_trials": 1, "timeout_s": 60.0})
    talk.permits()
    talk.send(*talk.whole_trial(0, 0.75))
    with pytest.raises(NotNow, match="has not ended"):
        extend_sweep(sweep=talk.sweep, user=cast.bob, n_trials=2)
    talk.send(talk.ended())
    best = talk.sweep.best_trial_id
    extend_sweep(sweep=talk.sweep, user=cast.bob, n_trials=2)
    sweep = talk.sweep
    assert (sweep.state, sweep.n_trials, sweep.finished_at, sweep.best_trial_id) == ("queued", 3, None, best)
    assert sweep.timeout_s is None
    later = next_job(sweep)
    assert [permit.number for permit in later.permits(count=9).permits] == [1, 2]
    later.send(*later.whole_trial(1), *later.whole_trial(2), later.ended())
    assert (talk.sweep.state, talk.sweep.counted(), talk.sweep.best_trial_id) == ("complete", 3, best)
    act = SweepAct.objects.get(verb="extended")
    assert (act.user, act.detail["before"], act.detail["after"]) == (cast.bob, {"n_trials": 1}, {"n_trials": 3})


def test_a_time_for_the_extension_counts_from_now(cast: Cast) -> None:
    talk = running_job(cast.team, n_trials=1)
    talk.permits()
    talk.send(*talk.whole_trial(0), talk.ended())
    with pytest.raises(Invalid, match="timeout_s"):
        extend_sweep(sweep=talk.sweep, user=cast.bob, n_trials=1, timeout_s=0.0)
    extend_sweep(sweep=talk.sweep, user=cast.bob, n_trials=1, timeout_s=100.0)
    assert talk.sweep.timeout_s == pytest.approx(100, abs=5)


def test_fewer_trials_and_no_fewer_than_there_are(cast: Cast) -> None:
    talk = running_job(cast.team, n_trials=9)
    talk.permits(count=2)
    talk.send(*talk.whole_trial(0), talk.started(1))
    with pytest.raises(Invalid, match=r"2 trials have ended, run or wait\. Give 2 or more"):
        amend_budget(sweep=talk.sweep, user=cast.bob, n_trials=1)
    amend_budget(sweep=talk.sweep, user=cast.bob, n_trials=2, timeout_s=3600.0)
    assert (talk.sweep.n_trials, talk.sweep.timeout_s) == (2, 3600.0)
    assert talk.permits(1).state == "wait"
    talk.send(talk.finished(1), talk.ended())
    assert (talk.sweep.state, talk.sweep.counted()) == ("complete", 2)


def test_a_paused_sweep_ends_with_the_trials_that_it_has(cast: Cast) -> None:
    talk = running_job(cast.team, n_trials=9)
    talk.permits(count=2)
    talk.send(*talk.whole_trial(0))
    pause_sweep(sweep=talk.sweep, user=cast.bob)
    talk.send(talk.event("permit_returned", number=1, attempt=1), talk.ended("released"))
    amend_budget(sweep=talk.sweep, user=cast.bob, n_trials=1)
    assert (talk.sweep.state, talk.sweep.counted()) == ("complete", 1)
    assert Trial.objects.get(number=1).state == "cancelled"


def test_a_new_space_is_drawn_from_by_the_next_job(cast: Cast) -> None:
    talk = running_job(cast.team, n_trials=3)
    talk.permits(count=1)
    talk.send(*talk.whole_trial(0))
    talk.permits()
    talk.send(talk.started(1))
    amend_space(sweep=talk.sweep, user=cast.bob, changes=WIDER)
    assert [(row.version, row.user) for row in SpaceVersion.objects.all()] == [(1, cast.bob), (2, cast.bob)]
    answer = talk.permits(1)
    assert (answer.state, answer.wanted, talk.sweep.wanted) == ("finished", Wanted.PAUSE, "run")
    talk.send(talk.finished(1), talk.ended("released"))
    later = next_job(talk.sweep)
    claimed = later.claim()
    assert (claimed.wanted, claimed.spec.space.parameters[0].high) == (Wanted.RUN, 0.1)  # type: ignore[union-attr]  # a float row
    later.permits()
    later.send(later.started(2, lr=0.05), later.finished(2), later.ended())
    assert list(Trial.objects.values_list("space_version", flat=True)) == [1, 1, 2]
    assert (talk.sweep.state, Job.objects.get(pk=later.job.pk).space_version) == ("complete", 2)
    act = SweepAct.objects.get(verb="space")
    assert act.detail["before"] == {"learning_rate": {"low": 1e-5, "high": 1e-2}}
    assert act.detail["after"] == {"learning_rate": {"low": 1e-5, "high": 0.1}}


def test_a_job_that_drew_nothing_hands_over_too(cast: Cast) -> None:
    talk = running_job(cast.team)
    amend_space(sweep=talk.sweep, user=cast.bob, changes=WIDER)
    assert talk.permits().state == "finished"
    talk.send(talk.ended("done"))
    assert talk.sweep.state == "queued"


@pytest.mark.parametrize(
    ("changes", "more", "path", "message"),
    [
        ({}, {}, "parameters", "Say what is to change"),
        ({"nothing": RowChange(low=1)}, {}, "parameters.nothing", "no row of the space"),
        ({"learning_rate": RowChange(choices=(1,))}, {}, "parameters.learning_rate.choices", "high and low can change"),
        ({"learning_rate": RowChange(low=1.0)}, {}, "parameters.learning_rate", "above high"),
        ({"learning_rate": RowChange(low=-1.0)}, {}, "parameters.learning_rate", "low above 0"),
        ({"learning_rate": RowChange(low=1e-5)}, {}, "parameters", "Nothing is different"),
        (WIDER, {"backend": {"name": "optuna", "sampler": {"name": "brute_force"}}}, "parameters", "Brute force goes"),
        (WIDER, {"backend": {"name": "ray", "search": {"name": "hyperopt"}}}, "parameters", "keeps the space it began"),
        (WIDER, {"backend": {"name": "wandb", "server": "wandb"}}, "parameters", "W&B's own server draws"),
    ],
)
def test_what_cannot_be_amended_says_why(
    cast: Cast, changes: dict[str, RowChange], more: dict[str, Any], path: str, message: str
) -> None:
    sweep = queued_sweep(cast.team, **more)
    with pytest.raises(Invalid) as refused:
        amend_space(sweep=sweep, user=cast.bob, changes=changes)
    assert any(message in text for text in refused.value.fields()[path]), refused.value.fields()
    sweep.refresh_from_db()
    assert sweep.space_version == 1


def test_a_trial_that_waits_must_stay_inside(cast: Cast) -> None:
    sweep = queued_sweep(cast.team)
    enqueue_trial(sweep=sweep, user=cast.bob, params={"learning_rate": 0.01})
    with pytest.raises(Invalid, match="Trial 0 waits and would be outside"):
        amend_space(sweep=sweep, user=cast.bob, changes={"learning_rate": RowChange(high=0.005)})


def test_archive_and_restore(cast: Cast) -> None:
    sweep = queued_sweep(cast.team)
    with pytest.raises(NotNow, match="under way"):
        archive_sweep(sweep=sweep, user=cast.bob)
    Sweep.objects.update(state="complete")
    archive_sweep(sweep=sweep, user=cast.bob)
    assert Sweep.objects.get().archived_at is not None
    restore_sweep(sweep=sweep, user=cast.bob)
    assert Sweep.objects.get().archived_at is None


def test_a_sweep_is_deleted_by_its_maker_or_an_owner_with_what_it_alone_has(cast: Cast) -> None:
    talk = running_job(cast.team, n_trials=1)
    Sweep.objects.update(created_by=cast.alice)
    talk.permits()
    talk.send(*talk.whole_trial(0))
    own, shared = (store_bytes(team=cast.team, data=data) for data in (b"own", b"shared"))
    files = [{"path": item.sha256[:8], "sha256": item.sha256, "size": item.size} for item in (own, shared)]
    key = f"{talk.sweep.public_id}-0-1"
    folder = StoredFolder.objects.create(team=cast.team, kind="model", key=key, files=files)
    StoredFolder.objects.create(team=cast.team, kind="model", key="another", files=files[1:])
    Sweep.objects.update(model_folder=folder, model_trial=Trial.objects.get())
    sweep = talk.sweep
    with pytest.raises(PermissionDenied):
        delete_sweep(sweep=sweep, user=cast.bob, name=sweep.name)
    with pytest.raises(NotNow, match="Cancel it first"):
        delete_sweep(sweep=sweep, user=cast.alice, name=sweep.name)
    talk.send(talk.ended())
    with pytest.raises(Invalid, match="Type the sweep's name"):
        delete_sweep(sweep=sweep, user=cast.alice, name="another")
    delete_sweep(sweep=sweep, user=cast.alice, name=sweep.name)
    assert not Sweep.objects.exists()
    assert not Trial.objects.exists()
    assert list(Artifact.objects.values_list("sha256", flat=True)) == [shared.sha256]
    assert list(StoredFolder.objects.values_list("key", flat=True)) == ["another"]
