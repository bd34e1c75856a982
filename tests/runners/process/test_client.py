"""The HTTP client and what stands on it: files both ways, refusals told apart from outages."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from runners.process.artifacts import Artifacts, NotIntact
from runners.process.backoff import Backoff
from runners.process.client import BadToken, Refused, ServerClient, Unreachable
from runners.process.jobs.tokenizers import Tokenizers
from runners.process.uploads import upload_folder
from runners.protocol.job import Claim
from runners.protocol.runner import Heartbeat
from tests.runners.process.cases import spec
from tests.runners.process.fake_server import TOKEN, FakeServer

HEARTBEAT = Heartbeat(instance="0" * 32, cpu_percent=1, memory_used=1, disk_free=1)
KEY = "ab" * 32


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with FakeServer().serving() as fake:
        yield fake


@pytest.fixture
async def client(server: FakeServer) -> AsyncIterator[ServerClient]:
    client = ServerClient(server.url, SecretStr(TOKEN))
    yield client
    await client.aclose()


@pytest.fixture
def artifacts(client: ServerClient, tmp_path: Path) -> Artifacts:
    return Artifacts(tmp_path, client)


async def test_answers_are_messages(client: ServerClient) -> None:
    assert (await client.heartbeat(HEARTBEAT)).hello


async def test_a_wrong_token_is_told_apart(server: FakeServer) -> None:
    client = ServerClient(server.url, SecretStr("wrong"))
    with pytest.raises(BadToken, match=r"bad_token: Unknown token\."):
        await client.heartbeat(HEARTBEAT)
    await client.aclose()


async def test_a_refusal_carries_its_code(server: FakeServer, client: ServerClient) -> None:
    job = server.offer(spec())
    await client.claim(job.id, Claim(claim_id="1" * 32))
    assert (await client.claim(job.id, Claim(claim_id="1" * 32))).job == job.id  # the same again
    with pytest.raises(Refused) as refused:
        await client.claim(job.id, Claim(claim_id="2" * 32))
    assert (refused.value.status, refused.value.code) == (409, "not_offered")


async def test_outages_of_every_kind_are_unreachable(server: FakeServer, client: ServerClient) -> None:
    server.down = True
    with pytest.raises(Unreachable, match="503"):
        await client.heartbeat(HEARTBEAT)
    nowhere = ServerClient("http://127.0.0.1:1", SecretStr(TOKEN))
    with pytest.raises(Unreachable):
        await nowhere.heartbeat(HEARTBEAT)
    await nowhere.aclose()


async def test_an_answer_of_another_shape_is_no_answer(server: FakeServer, client: ServerClient) -> None:
    with pytest.raises(Unreachable, match="not understood"):
        await client._post("heartbeat", HEARTBEAT, Claim)


async def test_a_file_is_fetched_once_and_shared(server: FakeServer, artifacts: Artifacts) -> None:
    sha256 = server.store(b"data" * 1000)
    first, second = await asyncio.gather(artifacts.get(sha256), artifacts.get(sha256))
    assert first == second
    assert first.read_bytes() == b"data" * 1000
    assert first.stat().st_mode & 0o222 == 0
    assert len([1 for _, _, path in server.requests if path.startswith("artifacts/")]) == 1


async def test_a_broken_transfer_goes_on_where_it_broke(server: FakeServer, artifacts: Artifacts) -> None:
    sha256 = server.store(bytes(range(256)) * 4000)
    server.break_after = 300_000
    path = await artifacts.get(sha256)
    assert path.read_bytes() == bytes(range(256)) * 4000


async def test_a_file_that_was_damaged_on_disk_is_fetched_again(
    server: FakeServer, client: ServerClient, tmp_path: Path
) -> None:
    sha256 = server.store(b"good")
    (tmp_path / sha256).write_bytes(b"evil")
    assert (await Artifacts(tmp_path, client).get(sha256)).read_bytes() == b"good"


async def test_a_damaged_part_is_not_built_upon(server: FakeServer, artifacts: Artifacts, tmp_path: Path) -> None:
    sha256 = server.store(b"0123456789")
    (tmp_path / f"{sha256}.part").write_bytes(b"abc")
    assert (await artifacts.get(sha256)).read_bytes() == b"0123456789"


async def test_a_whole_part_needs_no_byte_more(server: FakeServer, artifacts: Artifacts, tmp_path: Path) -> None:
    sha256 = server.store(b"0123456789")
    (tmp_path / f"{sha256}.part").write_bytes(b"0123456789")
    assert (await artifacts.get(sha256)).read_bytes() == b"0123456789"


async def test_a_file_that_is_always_wrong_is_given_up(
    server: FakeServer, artifacts: Artifacts, tmp_path: Path
) -> None:
    sha256 = server.store(b"promised")
    server.artifacts[sha256] = b"delivered"
    with pytest.raises(NotIntact):
        await artifacts.get(sha256)
    assert [path.name for path in tmp_path.iterdir()] == []  # noqa: ASYNC240 - a test may


async def test_a_folder_is_uploaded_in_chunks(server: FakeServer, client: ServerClient, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "model.safetensors").write_bytes(b"m" * 10_000)
    (tmp_path / "sub" / "empty.txt").write_bytes(b"")
    job = server.offer(spec())
    files = await upload_folder(client, job.id, tmp_path, "model")
    assert [(file.path, file.size) for file in files] == [("model.safetensors", 10_000), ("sub/empty.txt", 0)]
    assert server.artifacts[files[0].sha256] == b"m" * 10_000
    assert len([1 for _, method, _ in server.requests if method == "PUT"]) == 3  # 4,096 bytes each


async def test_an_interrupted_upload_goes_on(server: FakeServer, client: ServerClient, tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"m" * 10_000)
    job = server.offer(spec())
    uploading = asyncio.create_task(upload_folder(client, job.id, tmp_path, "model"))
    while not any(upload["data"] for upload in server.uploads.values()):  # noqa: ASYNC110 - another thread's
        await asyncio.sleep(0)
    server.down = True
    await asyncio.sleep(0.05)
    server.down = False
    (file,) = await uploading
    assert server.artifacts[file.sha256] == b"m" * 10_000


async def test_the_first_tokenizer_counts(server: FakeServer, client: ServerClient, tmp_path: Path) -> None:
    job = server.offer(spec())
    kept: list[bytes] = []
    for name in ("first", "second"):
        home = tmp_path / name
        trained = home / "trained"
        for folder in (trained, home / "artifacts", home / "tokenizers"):
            folder.mkdir(parents=True)
        (trained / "tokenizer.json").write_text(f"by {name}")
        tokenizers = Tokenizers(home / "tokenizers", client, Artifacts(home / "artifacts", client))
        known = await tokenizers.get(KEY, job.id)
        assert (known is None) == (name == "first")
        folder = await tokenizers.store(KEY, job.id, trained)
        assert folder == home / "tokenizers" / KEY
        kept.append((folder / "tokenizer.json").read_bytes())
        assert await tokenizers.get(KEY, job.id) == folder
    assert kept == [b"by first"] * 2


def test_waits_double_up_to_their_limit() -> None:
    backoff = Backoff(first=1.0, limit=5.0)
    waits = [backoff.next() for _ in range(5)]
    for wait, full in zip(waits, [1.0, 2.0, 4.0, 5.0, 5.0], strict=True):
        assert 0.75 * full <= wait <= full
    backoff.reset()
    assert backoff.next() <= 1.0
