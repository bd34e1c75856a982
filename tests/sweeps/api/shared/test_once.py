"""Idempotency-Key: whoever comes second gets the first one's answer, waits, or is told that the key is used."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from sweeps.api.library import datasets
from sweeps.models import Dataset, GivenAnswer
from sweeps.services.retention import prune
from tests.factories import Cast
from tests.sweeps.api.caller import Caller

pytestmark = pytest.mark.django_db
HUB: dict[str, Any] = {"name": "Hub", "source": {"source": "hub", "id": "owner/name", "task": "text-classification"}}


def test_slow_work_is_claimed_and_a_dead_claim_ends(cast: Cast) -> None:
    bob = Caller(cast.bob, cast.team)
    assert bob.post("datasets/", HUB, idempotency_key="k").status_code == 201
    # As if the process were still at it.
    GivenAnswer.objects.update(code=0, body="")
    waiting = bob.post("datasets/", HUB, idempotency_key="k")
    assert (waiting.status_code, waiting.json()["code"]) == (409, "under_way")
    GivenAnswer.objects.update(created_at=timezone.now() - timedelta(minutes=16))
    # The name is taken by then: refused, and nothing is left of the key.
    assert bob.post("datasets/", HUB, idempotency_key="k").json()["fields"].keys() == {"name"}
    assert (Dataset.objects.count(), GivenAnswer.objects.count()) == (1, 0)


def test_a_mistake_of_the_server_frees_the_key(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    bob = Caller(cast.bob, cast.team)

    def broken(**_: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(datasets, "make_version", broken)
        with pytest.raises(RuntimeError):
            bob.post("datasets/", HUB, idempotency_key="k")
    assert GivenAnswer.objects.count() == 0
    assert bob.post("datasets/", HUB, idempotency_key="k").status_code == 201


def test_keys_are_a_persons_own_and_go_after_a_day(cast: Cast) -> None:
    body = {"name": "x"}
    one = Caller(cast.bob, cast.team).post("sweeps/", body, idempotency_key="k").json()
    other = Caller(cast.alice, cast.team).post("sweeps/", body, idempotency_key="k").json()
    assert one["id"] != other["id"]
    assert prune()["answers"].count == 0
    GivenAnswer.objects.filter(user=cast.bob).update(created_at=timezone.now() - timedelta(hours=25))
    assert prune()["answers"].count == 1
    assert GivenAnswer.objects.get().user == cast.alice
