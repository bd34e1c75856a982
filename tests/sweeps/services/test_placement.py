"""Requirements and priority: from the form to the scheduler, and changed under way."""

from typing import Any

import pytest
from django.test import Client

from runners.models import Quota
from sweeps.forms.sweep import SweepForm
from sweeps.forms.sweep_data import NEW_DRAFT, draft_data
from sweeps.models import Job, Sweep, SweepAct
from sweeps.queries.timeline_words import words
from sweeps.queries.waiting import waiting_reason
from sweeps.services.clone import clone_sweep
from sweeps.services.control import NotNow
from sweeps.services.drafts import read_draft, save_draft
from sweeps.services.placement import place_sweep
from sweeps.services.schedule import schedule
from sweeps.validation.problems import Invalid
from sweeps.validation.requirements import Requirements
from tests.factories import Cast
from tests.sweeps.talk import TASK, online_runner, queued_sweep, running_job

pytestmark = pytest.mark.django_db
GB = 10**9


def gpu_runner(memory: int, count: int = 1, **fields: Any) -> Any:
    cards = [{"index": index, "name": "card", "memory_total": memory} for index in range(count)]
    runner, _ = online_runner(slots=count, facts={"tasks": [TASK], "accelerators": cards}, **fields)
    return runner


def needing(cast: Cast, **wanted: Any) -> Sweep:
    sweep = queued_sweep(cast.team)
    sweep.requirements = wanted
    sweep.save()
    return sweep


class TestRequirements:
    def test_memory_labels_and_a_named_runner(self, cast: Cast) -> None:
        small, large = gpu_runner(24 * GB), gpu_runner(85 * GB, labels=["lab"])
        plain, _ = online_runner()
        wants = [
            needing(cast, gpu_memory_gb=40),
            needing(cast, runner=plain.public_id),
            needing(cast, gpus=1),
            needing(cast, labels=["lab"]),
        ]
        jobs = {job.sweep: (job.runner, job.gpus) for job in schedule()}
        assert jobs == {wants[0]: (large, 1.0), wants[1]: (plain, 0.0), wants[2]: (small, 1.0)}
        assert (
            waiting_reason(wants[3]) == f"Runner {large.name} is busy with another sweep. This one is next in its turn."
        )

    def test_what_nobody_has(self, cast: Cast) -> None:
        gpu_runner(24 * GB)
        sweep = needing(cast, gpu_memory_gb=40)
        assert schedule() == []
        assert waiting_reason(sweep) == "No online runner has a GPU with 40 GB: the largest has 24 GB."

    def test_a_limit_of_slots(self, cast: Cast) -> None:
        online_runner(slots=4, slots_limit=1)
        first, second = queued_sweep(cast.team), queued_sweep(cast.team)
        assert [job.sweep for job in schedule()] == [first]
        assert waiting_reason(second).endswith("This one is next in its turn.")


class TestQuota:
    def test_gpus_at_once(self, cast: Cast) -> None:
        gpu_runner(24 * GB, count=2)
        Quota.objects.create(team=cast.team, gpus=1)
        one, two = queued_sweep(cast.team), queued_sweep(cast.team)
        other = queued_sweep(cast.other)
        assert {job.sweep for job in schedule()} == {one, other}
        assert waiting_reason(two) == (
            "The team has 1 GPU at work, and its quota is 1 at once: one of its sweeps must end first."
        )

    def test_gpu_hours_of_this_month(self, cast: Cast) -> None:
        from datetime import timedelta

        from django.utils import timezone

        from sweeps.queries.fleet import gpu_hours, month_start

        gpu_runner(24 * GB)
        now = timezone.now()
        begin = month_start(now)
        done = queued_sweep(cast.team)
        Sweep.objects.filter(pk=done.pk).update(state="complete")
        Job.objects.create(
            sweep=done,
            state="done",
            gpus=2.0,
            claimed_at=begin - timedelta(hours=3),
            finished_at=begin + timedelta(hours=1, minutes=30),
        )
        assert gpu_hours(cast.team.pk, begin, now) == pytest.approx(3.0)
        quota = Quota.objects.create(team=cast.team, gpu_hours=3)
        sweep = queued_sweep(cast.team)
        assert schedule() == []
        assert waiting_reason(sweep).startswith("The team's quota of 3 GPU-hours is used until 1 ")
        quota.gpu_hours = 4
        quota.save()
        assert [job.sweep for job in schedule()] == [sweep]


class TestForm:
    def test_there_and_back(self, cast: Cast) -> None:
        runner = gpu_runner(24 * GB)
        data = {
            **draft_data(NEW_DRAFT),
            "name": "A sweep",
            "requirements-gpus": "1",
            "requirements-gpu_memory_gb": "40",
            "requirements-labels": "Lab, a100 lab",
            "requirements-runner": runner.public_id,
        }
        form = SweepForm(data, team=cast.team)
        assert form.is_valid(), form.errors
        draft = form.cleaned_data["draft"]
        wanted = {"gpus": 1, "gpu_memory_gb": 40.0, "labels": ["a100", "lab"], "runner": runner.public_id}
        assert draft.requirements.model_dump(mode="json") == wanted
        sweep = save_draft(team=cast.team, user=cast.alice, name="A sweep", draft=draft)
        assert sweep.requirements == wanted
        assert draft_data(read_draft(sweep))["requirements-labels"] == "a100, lab"
        assert clone_sweep(sweep=sweep, user=cast.bob).requirements == wanted

    def test_a_label_that_is_none_is_refused_beside_its_field(self, cast: Cast) -> None:
        form = SweepForm({**draft_data(NEW_DRAFT), "name": "x", "requirements-labels": "ok, no/slash"}, team=cast.team)
        assert not form.is_valid()
        assert list(form.errors) == ["requirements-labels"]
        assert "“no/slash” is no label." in form.errors["requirements-labels"][0]


class TestPlacing:
    def test_a_priority_goes_first_and_is_told(self, cast: Cast) -> None:
        old, new = queued_sweep(cast.team), queued_sweep(cast.team)
        place_sweep(sweep=new, user=cast.alice, priority=5)
        act = SweepAct.objects.get(sweep=new, verb="placed")
        assert words(act.verb, act.detail) == "Priority from 0 to 5"
        online_runner()
        assert [job.sweep for job in schedule()] == [new]
        assert old.jobs.count() == 0

    def test_an_offer_goes_back_when_the_needs_change(self, cast: Cast) -> None:
        sweep = queued_sweep(cast.team)
        online_runner()
        (job,) = schedule()
        place_sweep(sweep=sweep, user=cast.bob, requirements=Requirements(gpus=1))
        job.refresh_from_db()
        assert (job.state, job.failure_message) == ("released", "What the sweep needs was changed.")
        sweep.refresh_from_db()
        assert waiting_reason(sweep) == "No online runner has a GPU."

    def test_what_is_refused(self, cast: Cast) -> None:
        sweep = running_job(cast.team).sweep
        with pytest.raises(Invalid, match="Give a number from -100 to 100"):
            place_sweep(sweep=sweep, user=None, priority=101)
        with pytest.raises(Invalid, match="No such runner serves this team"):
            place_sweep(sweep=sweep, user=None, requirements=Requirements(runner="abcdefabcdef"))
        sweep.state = "complete"
        sweep.save()
        with pytest.raises(NotNow):
            place_sweep(sweep=sweep, user=None, priority=1)

    def test_priorities_are_for_admins(self, cast: Cast) -> None:
        sweep = queued_sweep(cast.team)
        sweep.created_by = cast.bob
        sweep.save()
        path = f"/api/v1/sweeps/{sweep.public_id}/place/"

        def said(user: Any, body: dict[str, Any]) -> Any:
            client = Client()
            client.force_login(user)
            return client.post(path, body, content_type="application/json")

        assert said(cast.bob, {"priority": 9}).status_code == 403
        assert said(cast.bob, {"requirements": {"labels": ["lab"]}}).status_code == 200
        assert said(cast.alice, {"priority": 9}).status_code == 200
        assert said(cast.vera, {"requirements": {}}).status_code == 403
        assert said(cast.charlie, {"priority": 1}).status_code == 404
        sweep.refresh_from_db()
        assert (sweep.priority, sweep.requirements) == (9, {"labels": ["lab"]})
