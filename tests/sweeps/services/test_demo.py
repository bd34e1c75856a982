"""The demo's seed."""

import pytest
from django.core.management import call_command

from sweeps.models import Dataset, Model, SearchSpace, Sweep
from sweeps.services.demo import OWNER_EMAIL, PASSWORD, VIEWER_EMAIL, seed_demo
from sweeps.services.specs import review
from teams.models import Membership, Team, User


def counts() -> list[int]:
    return [kind.objects.count() for kind in (Team, User, Membership, Model, Dataset, SearchSpace, Sweep)]


def test_the_demo_can_start_and_seeding_again_changes_nothing(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    demo = seed_demo(folder_model="minilm")
    assert [sweep.state for sweep in demo.sweeps] == ["draft", "draft"]
    assert [sweep.model.task for sweep in demo.sweeps if sweep.model] == ["text-classification", "image-classification"]
    for sweep in demo.sweeps:
        spec, problems = review(sweep=sweep)
        assert problems == []
        assert spec is not None
        assert spec.budget.n_trials >= 8
    roles = dict(Membership.objects.values_list("user__email", "role"))
    assert roles == {OWNER_EMAIL: "owner", VIEWER_EMAIL: "viewer"}
    assert demo.owner.check_password(PASSWORD)
    before = counts()
    assert before == [1, 2, 2, 3, 2, 2, 2]
    call_command("demo_seed", folder_model="minilm")
    assert counts() == before
    assert PASSWORD in capsys.readouterr().out
