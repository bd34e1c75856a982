"""The buttons of a sweep's page, and the model's download."""

import io
import zipfile
from typing import Any

import pytest
from django.test import AsyncClient, Client

from sweeps.models import StoredFolder, Sweep, Trial
from sweeps.services.artifacts import store_bytes
from tests.factories import Cast, make_sweep
from tests.sweeps.talk import queued_sweep, running_job


@pytest.mark.django_db
def test_stop_leads_back_to_the_page(client: Client, cast: Cast) -> None:
    sweep = queued_sweep(cast.team)
    client.force_login(cast.bob)
    answer = client.post(f"/sweeps/{sweep.public_id}/stop/")
    assert (answer.status_code, answer["Location"]) == (302, f"/sweeps/{sweep.public_id}/")
    sweep.refresh_from_db()
    assert sweep.state == "cancelled"
    page = client.post(f"/sweeps/{sweep.public_id}/stop/", follow=True).content.decode()
    assert "The sweep has ended (cancelled), so there is nothing to stop." in page


@pytest.mark.django_db
def test_a_draft_that_cannot_start_leads_to_its_form(client: Client, cast: Cast) -> None:
    sweep = make_sweep(cast.team)
    client.force_login(cast.bob)
    answer = client.post(f"/sweeps/{sweep.public_id}/start/")
    assert answer["Location"] == f"/sweeps/{sweep.public_id}/edit/"


@pytest.mark.django_db
def test_clone_makes_a_draft(client: Client, cast: Cast) -> None:
    sweep = queued_sweep(cast.team)
    client.force_login(cast.bob)
    answer = client.post(f"/sweeps/{sweep.public_id}/clone/")
    copy = Sweep.objects.get(cloned_from=sweep)
    assert (copy.state, copy.created_by, answer["Location"]) == ("draft", cast.bob, f"/sweeps/{copy.public_id}/edit/")


@pytest.mark.django_db
def test_the_page_is_complete_without_a_script(client: Client, cast: Cast) -> None:
    talk = running_job(cast.team)
    talk.permits(count=2)
    talk.send(*talk.whole_trial(0, 0.8125), talk.started(1), talk.failed(1, message="Out of <memory>."))
    client.force_login(cast.vera)
    page = client.get(f"/sweeps/{talk.sweep.public_id}/").content.decode()
    assert 'id="trial-0"' in page
    assert "0.8125" in page
    assert "Out of &lt;memory&gt;." in page
    assert "trainer.hyperparameter_search(" in page
    assert "trial.suggest_float(&#x27;learning_rate&#x27;, 1e-05, 0.01, log=True)" in page
    assert "/stop/" not in page


@pytest.mark.django_db
def test_without_a_model_there_is_nothing_to_get(client: Client, cast: Cast) -> None:
    sweep = queued_sweep(cast.team)
    client.force_login(cast.bob)
    assert client.get(f"/sweeps/{sweep.public_id}/model/").status_code == 404


@pytest.mark.django_db(transaction=True)
async def test_the_best_model_comes_as_a_zip_with_its_card() -> None:
    from asgiref.sync import sync_to_async

    weights = bytes(range(256)) * 9000
    sweep, bob = await sync_to_async(_with_model)(weights)
    client = AsyncClient()
    await client.aforce_login(bob)
    answer: Any = await client.get(f"/sweeps/{sweep.public_id}/model/")
    body = b"".join([part async for part in answer.streaming_content])
    assert answer["Content-Disposition"] == 'attachment; filename="best-of-iall-trial-0.zip"'
    assert (answer["Content-Type"], int(answer["Content-Length"])) == ("application/zip", len(body))
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.testzip() is None
        assert archive.read("best-of-iall-trial-0/model.safetensors") == weights
        card = archive.read("best-of-iall-trial-0/README.md").decode()
        assert archive.namelist().count("best-of-iall-trial-0/README.md") == 1
    assert card.startswith('---\nlibrary_name: transformers\npipeline_tag: "text-classification"\n')
    assert "# Best | of".replace("|", "\\|") in card
    assert "&lt;i&gt;" in card
    assert "| learning\\_rate | 0.001 |" in card
    assert "| eval\\_accuracy | 0.75 |" in card
    assert "| 0 | complete | 0.001 | 0.75 | 2 |" in card


def _with_model(weights: bytes) -> tuple[Sweep, Any]:
    from tests.factories import make_cast

    cast = make_cast()
    talk = running_job(cast.team, n_trials=1)
    talk.permits()
    talk.send(*talk.whole_trial(0, 0.75))
    parts = {"model.safetensors": weights, "README.md": b"the trainer's own"}
    files = [
        {"path": path, "sha256": store_bytes(team=cast.team, data=data).sha256, "size": len(data)}
        for path, data in parts.items()
    ]
    folder = StoredFolder.objects.create(team=cast.team, kind="model", key="k", files=files)
    Sweep.objects.update(
        model_folder=folder, model_trial=Trial.objects.get(), name='Best | of <i>"all"', description="# not a title"
    )
    return talk.sweep, cast.bob


@pytest.mark.django_db
def test_without_a_script_an_ended_sweep_offers_no_stop(client: Client, cast: Cast) -> None:
    sweep = queued_sweep(cast.team)
    client.force_login(cast.bob)
    assert "Stop: running trials finish" in client.get(f"/sweeps/{sweep.public_id}/").content.decode()
    client.post(f"/sweeps/{sweep.public_id}/cancel/")
    page = client.get(f"/sweeps/{sweep.public_id}/").content.decode()
    assert "Stop: running trials finish" not in page
    assert "The sweep ended before its first trial." in page
    assert "Values appear" not in page
