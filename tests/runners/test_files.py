"""Files for and from runners."""

import hashlib
from typing import Any

import pytest
from django.test import AsyncClient, Client

from sweeps.models import Artifact, StoredFolder, Sweep
from sweeps.services.artifacts import store_bytes
from tests.factories import Cast
from tests.sweeps.talk import Talk, online_runner, running_job

ROOT = "/api/runner/v1/"
DATA = bytes(range(256)) * 10


@pytest.fixture
def talk(cast: Cast) -> Talk:
    """A running job whose data is in the store."""
    talk = running_job(cast.team)
    train = store_bytes(team=cast.team, data=DATA)
    spec = talk.sweep.spec
    assert spec is not None
    spec["data"]["train"] = {"sha256": train.sha256, "size": train.size, "rows": 8}
    Sweep.objects.update(spec=spec)
    return talk


@pytest.fixture
def headers(talk: Talk) -> dict[str, str]:
    assert talk.job.runner is not None
    token = talk.job.runner.new_token()
    talk.job.runner.save()
    return {"Authorization": f"Bearer {token}"}


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


async def fetch(headers: dict[str, str], digest: str, **more: str) -> tuple[Any, bytes]:
    answer: Any = await AsyncClient().get(f"{ROOT}artifacts/{digest}", headers={**headers, **more})
    if not answer.streaming:
        return answer, answer.content
    return answer, b"".join([part async for part in answer.streaming_content])


@pytest.mark.django_db(transaction=True)
class TestArtifact:
    @pytest.mark.parametrize(
        ("wanted", "status", "part"),
        [
            ("", 200, slice(None)),
            ("bytes=0-", 206, slice(None)),
            ("bytes=1000-", 206, slice(1000, None)),
            ("bytes=10-19", 206, slice(10, 20)),
            ("bytes=2559-9999", 206, slice(2559, None)),
            ("bytes=-5", 200, slice(None)),
            ("chickens", 200, slice(None)),
        ],
    )
    async def test_whole_or_in_part(
        self, talk: Talk, headers: dict[str, str], wanted: str, status: int, part: slice
    ) -> None:
        answer, body = await fetch(headers, sha256(DATA), **({"Range": wanted} if wanted else {}))
        assert (answer.status_code, body) == (status, DATA[part])
        assert int(answer["Content-Length"]) == len(body)

    async def test_beyond_the_end(self, talk: Talk, headers: dict[str, str]) -> None:
        answer, _ = await fetch(headers, sha256(DATA), Range=f"bytes={len(DATA)}-")
        assert (answer.status_code, answer["Content-Range"]) == (416, f"bytes */{len(DATA)}")

    async def test_compression_does_not_change_a_file(self, talk: Talk, headers: dict[str, str]) -> None:
        answer, body = await fetch(headers, sha256(DATA), **{"Accept-Encoding": "gzip"})
        assert (body, answer.get("Content-Encoding")) == (DATA, None)


@pytest.mark.django_db
class TestRights:
    def test_only_what_a_job_names(self, client: Client, talk: Talk, headers: dict[str, str], cast: Cast) -> None:
        other = store_bytes(team=cast.team, data=b"not named by any job")
        assert client.get(f"{ROOT}artifacts/{other.sha256}", headers=headers).status_code == 404

    def test_only_while_the_job_lives(self, client: Client, talk: Talk, headers: dict[str, str]) -> None:
        talk.send(talk.ended("released"))
        assert client.get(f"{ROOT}artifacts/{sha256(DATA)}", headers=headers).status_code == 404

    def test_another_runner_reaches_nothing(self, client: Client, talk: Talk) -> None:
        _, token = online_runner()
        stranger = {"Authorization": f"Bearer {token}"}
        assert client.get(f"{ROOT}artifacts/{sha256(DATA)}", headers=stranger).status_code == 404
        start = {"job": talk.job.public_id, "sha256": sha256(b"x"), "size": 1, "kind": "model"}
        answer = client.post(f"{ROOT}uploads", start, content_type="application/json", headers=stranger)
        assert answer.status_code == 404
        key = "c" * 64
        tokenizer = client.get(f"{ROOT}tokenizers/{key}?job={talk.job.public_id}", headers=stranger)
        assert tokenizer.status_code == 404


def upload(client: Client, headers: dict[str, str], talk: Talk, data: bytes, kind: str = "model") -> dict[str, Any]:
    start = {"job": talk.job.public_id, "sha256": sha256(data), "size": len(data), "kind": kind}
    told = client.post(f"{ROOT}uploads", start, content_type="application/json", headers=headers).json()
    if told["complete"]:
        return dict(told)
    return dict(put(client, headers, told["id"], 0, data).json())


def put(client: Client, headers: dict[str, str], upload_id: str, offset: int, data: bytes) -> Any:
    path = f"{ROOT}uploads/{upload_id}?offset={offset}"
    return client.put(path, data, content_type="application/octet-stream", headers=headers)


@pytest.mark.django_db
class TestUpload:
    def test_in_chunks_and_resumed(self, client: Client, talk: Talk, headers: dict[str, str]) -> None:
        start = {"job": talk.job.public_id, "sha256": sha256(b"abcdef"), "size": 6, "kind": "model"}
        first = client.post(f"{ROOT}uploads", start, content_type="application/json", headers=headers).json()
        assert put(client, headers, first["id"], 0, b"abc").json()["offset"] == 3
        again = client.post(f"{ROOT}uploads", start, content_type="application/json", headers=headers).json()
        assert (again["id"], again["offset"], again["complete"]) == (first["id"], 3, False)
        wrong = put(client, headers, first["id"], 1, b"bc")
        assert (wrong.status_code, wrong.json()["code"]) == (409, "offset")
        assert put(client, headers, first["id"], 3, b"def").json()["complete"] is True
        assert Artifact.objects.filter(sha256=sha256(b"abcdef"), size=6).count() == 1

    def test_a_wrong_hash_is_refused(self, client: Client, talk: Talk, headers: dict[str, str]) -> None:
        start = {"job": talk.job.public_id, "sha256": sha256(b"right"), "size": 5, "kind": "model"}
        told = client.post(f"{ROOT}uploads", start, content_type="application/json", headers=headers).json()
        answer = put(client, headers, told["id"], 0, b"wrong")
        assert (answer.status_code, answer.json()["code"]) == (400, "hash")
        assert put(client, headers, told["id"], 0, b"right").json()["complete"] is True

    def test_the_offset_must_be_said(self, client: Client, talk: Talk, headers: dict[str, str]) -> None:
        answer = client.put(f"{ROOT}uploads/AAAAAAAAAAAA?offset=0", b"", headers=headers)
        assert answer.status_code == 404
        start = {"job": talk.job.public_id, "sha256": sha256(b"x"), "size": 1, "kind": "model"}
        told = client.post(f"{ROOT}uploads", start, content_type="application/json", headers=headers).json()
        answer = client.put(f"{ROOT}uploads/{told['id']}", b"x", headers=headers)
        assert answer.json()["message"].startswith("offset: ")


@pytest.mark.django_db
class TestFolders:
    def files(self, *data: bytes) -> list[dict[str, Any]]:
        return [{"path": f"{i}.json", "sha256": sha256(d), "size": len(d)} for i, d in enumerate(data)]

    def test_the_first_tokenizer_under_a_key_counts(self, client: Client, talk: Talk, headers: dict[str, str]) -> None:
        path, job = f"{ROOT}tokenizers/{'c' * 64}", talk.job.public_id
        assert client.get(f"{path}?job={job}", headers=headers).status_code == 404
        for data in (b"one", b"two"):
            upload(client, headers, talk, data, "tokenizer")
        for data in (b"one", b"two"):
            body = {"job": job, "files": self.files(data)}
            answer = client.put(path, body, content_type="application/json", headers=headers)
            assert answer.json()["files"] == self.files(b"one")
        assert client.get(f"{path}?job={job}", headers=headers).json()["files"] == self.files(b"one")
        # The runner may now fetch it.
        fetched = client.get(f"{ROOT}artifacts/{sha256(b'one')}", headers=headers)
        fetched.close()
        assert fetched.status_code == 200

    def test_a_tokenizer_of_files_nobody_uploaded_is_refused(
        self, client: Client, talk: Talk, headers: dict[str, str]
    ) -> None:
        body = {"job": talk.job.public_id, "files": self.files(b"missing")}
        answer = client.put(f"{ROOT}tokenizers/{'c' * 64}", body, content_type="application/json", headers=headers)
        assert (answer.status_code, next(iter(answer.json()["fields"]))) == (400, "files.0")

    def test_a_saved_model_is_the_sweeps(self, client: Client, talk: Talk, headers: dict[str, str]) -> None:
        talk.permits()
        talk.send(*talk.whole_trial(0))
        saved = talk.event("model_saved", number=0, attempt=1, files=self.files(b"weights"))
        with pytest.raises(Exception, match=r"events\.0\.files\.0: 0\.json is not in the artifact store"):
            talk.send(saved)
        upload(client, headers, talk, b"weights")
        talk.send(saved)
        sweep = talk.sweep
        assert sweep.model_folder is not None
        assert sweep.model_trial is not None
        assert (sweep.model_trial.number, sweep.model_folder.size) == (0, 7)
        assert StoredFolder.objects.get().files == self.files(b"weights")
