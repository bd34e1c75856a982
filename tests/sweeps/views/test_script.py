"""The Python of a sweep: read, copied, downloaded with its data."""

import ast
import io
import zipfile
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient, Client

from runners.protocol.spec import TrainedTokenizer
from runners.protocol.tokenizer_key import tokenizer_key
from sweeps.models import StoredFolder, Sweep
from sweeps.queries.details import frozen_spec
from sweeps.services.artifacts import store_bytes
from teams.models import User
from tests.factories import Cast, make_cast
from tests.sweeps.talk import queued_sweep, running_job


def body(client: Client, path: str) -> bytes:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content


@pytest.mark.django_db
def test_the_page_shows_the_script_and_the_file_is_the_same(client: Client, cast: Cast) -> None:
    sweep = queued_sweep(cast.team)
    client.force_login(cast.vera)
    page = body(client, f"/sweeps/{sweep.public_id}/python/").decode()
    assert "trainer.hyperparameter_search(" in page
    text = body(client, f"/sweeps/{sweep.public_id}/python/file/").decode()
    ast.parse(text)
    assert 'trial.suggest_float("learning_rate", 1e-05, 0.01, log=True)' in text


@pytest.mark.django_db
def test_the_script_says_why_it_mirrors_nothing_and_the_page_where_the_trials_are(client: Client, cast: Cast) -> None:
    sweep = queued_sweep(cast.team, report_to=["mlflow", "tensorboard"])
    client.force_login(cast.vera)
    text = body(client, f"/sweeps/{sweep.public_id}/python/file/").decode()
    ast.parse(text)
    assert "# hpweb mirrored the trials to MLflow, TensorBoard, beside the training: no value depends on it." in text
    assert 'report_to="none",' in text
    told = f"MLflow, TensorBoard (mirrors/{sweep.public_id}/tensorboard in the runner&#x27;s folder)"
    assert told in body(client, f"/sweeps/{sweep.public_id}/").decode()


@pytest.mark.django_db
def test_a_trials_script_has_its_parameters(client: Client, cast: Cast) -> None:
    talk = running_job(cast.team)
    talk.permits(count=1)
    talk.send(*talk.whole_trial(0, 0.8125))
    client.force_login(cast.vera)
    text = body(client, f"/sweeps/{talk.sweep.public_id}/trials/0/python/file/").decode()
    params = talk.sweep.trials.get(number=0).params or {}
    assert f"learning_rate={params['learning_rate']!r}" in text
    assert "hyperparameter_search" not in text
    assert client.get(f"/sweeps/{talk.sweep.public_id}/trials/7/python/").status_code == 404


@pytest.mark.django_db(transaction=True)
async def test_the_archive_holds_the_data_and_the_tokenizer() -> None:
    sweep, bob = await sync_to_async(_with_files)()
    client = AsyncClient()
    await client.aforce_login(bob)
    answer: Any = await client.get(f"/sweeps/{sweep.public_id}/python/file/?with=data")
    data = b"".join([part async for part in answer.streaming_content])
    assert int(answer["Content-Length"]) == len(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        names = {name.partition("/")[2] for name in archive.namelist()}
        assert archive.read(next(name for name in archive.namelist() if name.endswith("tokenizer.json"))) == b"{}"
    assert any(name.endswith(".py") for name in names)


def _with_files() -> tuple[Sweep, User]:
    cast = make_cast()
    sweep = queued_sweep(cast.team)
    spec = frozen_spec(sweep)
    assert spec is not None
    trained = spec.model_copy(update={"processor": TrainedTokenizer()})
    Sweep.objects.filter(pk=sweep.pk).update(spec=trained.model_dump(mode="json"))
    artifact = store_bytes(team=cast.team, data=b"{}")
    files = [{"path": "tokenizer.json", "sha256": artifact.sha256, "size": 2}]
    StoredFolder.objects.create(team=cast.team, kind="tokenizer", key=str(tokenizer_key(trained)), files=files)
    return sweep, cast.bob


@pytest.mark.django_db
def test_a_draft_has_no_script_and_a_stranger_sees_none(client: Client, cast: Cast) -> None:
    sweep = queued_sweep(cast.team)
    client.force_login(cast.charlie)
    assert client.get(f"/sweeps/{sweep.public_id}/python/").status_code == 404
    Sweep.objects.filter(pk=sweep.pk).update(spec=None, state="draft")
    client.force_login(cast.vera)
    assert client.get(f"/sweeps/{sweep.public_id}/python/").status_code == 404
