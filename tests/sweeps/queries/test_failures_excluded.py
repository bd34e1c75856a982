"""What failed trials have in common, as a change of the space that a person may make."""

from typing import Any
from urllib.parse import parse_qs

import pytest
from django.test import Client

from runners.protocol.space import SearchSpace
from sweeps.models import Sweep
from sweeps.queries.failures import failure_groups
from sweeps.queries.failures_common import in_common
from sweeps.queries.failures_excluded import proposed
from tests.factories import Cast
from tests.sweeps.queries.test_failures import CUDA, OOM, fail
from tests.sweeps.talk import Talk, running_job

BATCH = "per_device_train_batch_size"
SPACE = SearchSpace.model_validate(
    {
        "parameters": [
            {"type": "float", "name": "learning_rate", "low": 1e-5, "high": 1e-2, "log": True},
            {"type": "categorical", "name": BATCH, "choices": [8, 16, 64, "64", None]},
        ],
        "derived": [{"type": "lookup", "name": "warmup_steps", "of": BATCH, "values": [1, 2, 3, 4, 5]}],
    }
)


def failed_at_64(cast: Cast) -> Talk:
    """Two trials with 64 are out of memory, two with less are fine."""
    space = {
        "parameters": [
            {"type": "float", "name": "learning_rate", "low": 1e-5, "high": 1e-2, "log": True},
            {"type": "categorical", "name": BATCH, "choices": [8, 16, 64]},
        ]
    }
    talk = running_job(cast.team, n_trials=20, space=space)
    for number, size in enumerate((8, 16)):
        talk.permits()
        talk.send(talk.started(number, params={"learning_rate": 0.001, BATCH: size}), talk.finished(number))
    for number in (2, 3):
        told = {"failure_code": "oom", "failure_message": OOM, "traceback": CUDA}
        fail(talk, number, {"learning_rate": 0.001, BATCH: 64}, **told)
    return talk


@pytest.mark.django_db
def test_the_page_of_changes_opens_without_the_bad_choice_and_saves_nothing(cast: Cast, client: Client) -> None:
    talk = failed_at_64(cast)
    found = failure_groups(talk.sweep)[0].excludable
    assert found is not None
    assert found.words == f"Take {BATCH} 64 out of the space"
    client.force_login(cast.bob)
    at = f"/sweeps/{talk.sweep.public_id}/change/?{found.question}"
    assert f'href="{at.replace("&", "&amp;")}"' in client.get(f"/sweeps/{talk.sweep.public_id}/").content.decode()
    page = client.get(at).content.decode()
    assert f"Filled in below: {BATCH} without 64." in page
    assert 'value="8, 16"' in page
    sweep = Sweep.objects.get(pk=talk.sweep.pk)
    assert (sweep.space_version, sweep.spec) == (1, talk.sweep.spec)
    # The form is sent to the same address. What the person has typed counts there.
    assert client.post(at, {"act": "space", "r-0": "1e-05", "r-1": "0.01", "r-2": "8, 16"}).status_code == 302
    sweep.refresh_from_db()
    assert sweep.spec is not None
    assert (sweep.space_version, sweep.spec["space"]["parameters"][1]["choices"]) == (2, [8, 16])
    assert "The space has changed since" in client.get(at).content.decode()
    assert "The space has changed since" not in client.get(at.partition("?")[0]).content.decode()


@pytest.mark.parametrize(
    ("question", "changes"),
    [
        ({"row": BATCH, "without": "64"}, {BATCH: (8, 16, "64", None), "warmup_steps": (1, 2, 4, 5)}),
        ({"row": BATCH, "without": '"64"'}, {BATCH: (8, 16, 64, None), "warmup_steps": (1, 2, 3, 5)}),
        ({"row": BATCH, "without": "null"}, {BATCH: (8, 16, 64, "64"), "warmup_steps": (1, 2, 3, 4)}),
        ({"row": BATCH, "without": "64.0"}, {}),
        ({"row": BATCH, "low": "1"}, {}),
        ({"row": "learning_rate", "high": "0.001"}, {"learning_rate": 0.001}),
        ({"row": "learning_rate", "low": "0.5"}, {}),
        ({"row": "learning_rate", "low": "nan"}, {}),
        ({"row": "learning_rate", "without": "0.001"}, {}),
        ({"row": "warmup_steps", "without": "1"}, {}),
        ({"row": "nothing"}, {}),
        ({}, {}),
    ],
)
def test_an_address_proposes_what_the_space_can_do(question: dict[str, str], changes: dict[str, Any]) -> None:
    found = proposed(SPACE, question)
    assert {name: next(iter(change.values())) for name, change in found.changes.items()} == changes
    assert found.words


@pytest.mark.django_db
def test_failures_on_one_side_propose_a_bound(cast: Cast) -> None:
    talk = running_job(cast.team, n_trials=20)
    for number, rate in enumerate((0.0001, 0.001)):
        talk.permits()
        talk.send(talk.started(number, params={"learning_rate": rate}), talk.finished(number))
    for number, rate in ((2, 0.005), (3, 0.008)):
        fail(talk, number, {"learning_rate": rate}, failure_code="not_finite", failure_message="eval_loss is nan.")
    found = failure_groups(talk.sweep)[0].excludable
    assert found is not None
    assert (found.words, parse_qs(found.question)) == (
        "Search learning_rate up to 0.001 only",
        {"row": ["learning_rate"], "high": ["0.001"]},
    )


def test_one_value_that_is_none_is_told_from_no_value() -> None:
    (found,) = in_common([{"a": None}, {"a": None}], [{"a": 1}])
    assert (found.single, found.value, found.words) == (True, None, "a none")
