"""The artifact store: content once, rows a team, nothing half."""

import hashlib
import threading
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.db import connections

from sweeps.models import Artifact, StoredFolder
from sweeps.services import artifacts
from sweeps.services.artifacts import (
    ArtifactMissing,
    artifact_storage,
    local_file,
    open_artifact,
    remove_artifact,
    remove_stored,
    store_bytes,
    store_file,
    upload_dir,
)
from sweeps.services.collecting import hold_files
from tests.factories import Cast, make_sweep, make_team

DATA = b"some bytes" * 1000


class Bucket(Storage):
    """What every storage has, and no paths."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def _open(self, name: str, mode: str = "rb") -> Any:
        return ContentFile(self.objects[name])

    def _save(self, name: str, content: Any) -> str:
        self.objects[name] = content.read()
        return name

    def exists(self, name: str) -> bool:
        return name in self.objects

    def size(self, name: str) -> int:
        return len(self.objects[name])

    def delete(self, name: str) -> None:
        del self.objects[name]


def content(artifact: Artifact) -> bytes:
    with open_artifact(artifact) as file:
        data: bytes = file.read()
    return data


def test_bytes_come_back_under_their_hash(cast: Cast) -> None:
    artifact = store_bytes(team=cast.team, data=DATA)
    assert artifact.sha256 == hashlib.sha256(DATA).hexdigest()
    assert (artifact.size, content(artifact)) == (10_000, DATA)
    with local_file(artifact) as path:
        assert path.read_bytes() == DATA


def test_the_same_content_is_kept_once_with_a_row_a_team(cast: Cast) -> None:
    first, again = store_bytes(team=cast.team, data=DATA), store_bytes(team=cast.team, data=DATA)
    other = store_bytes(team=cast.other, data=DATA)
    assert first == again != other
    assert first.storage_name == other.storage_name
    _, files = artifact_storage().listdir(first.sha256[:2])
    assert [name for name in files if name.startswith(first.sha256)] == [first.sha256]


def test_a_file_is_copied_or_given_up(cast: Cast, tmp_path: Path) -> None:
    kept, given = tmp_path / "kept", tmp_path / "given"
    kept.write_bytes(b"kept")
    given.write_bytes(b"given")
    assert content(store_file(team=cast.team, path=kept)) == b"kept"
    assert content(store_file(team=cast.team, path=given, move=True)) == b"given"
    assert (kept.exists(), given.exists()) == (True, False)


def test_nothing_is_left_behind(cast: Cast) -> None:
    before = set(upload_dir().iterdir())
    store_bytes(team=cast.team, data=b"tidy")
    assert set(upload_dir().iterdir()) == before


def test_a_copy_that_was_cut_short_is_replaced(cast: Cast) -> None:
    data = b"cut short" * 100
    name = Artifact(sha256=hashlib.sha256(data).hexdigest()).storage_name
    artifact_storage().save(name, ContentFile(data[:50]))
    assert content(store_bytes(team=cast.team, data=data)) == data


def test_a_lost_file_is_said_and_comes_back_with_its_content(cast: Cast) -> None:
    artifact = store_bytes(team=cast.team, data=b"lost and found")
    artifact_storage().delete(artifact.storage_name)
    with pytest.raises(ArtifactMissing, match="has lost"):
        open_artifact(artifact)
    with pytest.raises(ArtifactMissing, match="has lost"), local_file(artifact):
        pass
    store_bytes(team=cast.team, data=b"lost and found")
    assert content(artifact) == b"lost and found"


def test_a_storage_without_paths_serves_as_well(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bucket has no paths: the storage API is all that may be used."""
    storage = Bucket()
    monkeypatch.setattr(artifacts, "artifact_storage", lambda: storage)
    artifact = store_bytes(team=cast.team, data=DATA)
    assert content(artifact) == DATA
    with local_file(artifact) as path:
        assert path.read_bytes() == DATA
    assert not path.exists()


def test_what_is_named_stays(cast: Cast) -> None:
    data, tokenizer, free = (store_bytes(team=cast.team, data=data) for data in (b"data", b"tokenizer", b"free"))
    files = [{"path": "tokenizer.json", "sha256": tokenizer.sha256, "size": 9}]
    StoredFolder.objects.create(team=cast.team, kind="tokenizer", key="k", files=files)
    make_sweep(cast.team, spec={"data": {"train": {"sha256": data.sha256}, "eval": {"sha256": "0" * 64}}})
    assert [remove_artifact(artifact=artifact) for artifact in (data, tokenizer, free)] == [False, False, True]
    assert not artifact_storage().exists(free.storage_name)
    assert content(data) == b"data"


def test_what_another_team_has_stays_on_disk(cast: Cast) -> None:
    ours, theirs = (store_bytes(team=team, data=b"shared") for team in (cast.team, cast.other))
    assert remove_artifact(artifact=ours)
    assert content(theirs) == b"shared"


def test_what_is_held_stays_on_disk_until_it_is_let_go(cast: Cast) -> None:
    held = store_bytes(team=cast.team, data=b"held")
    with hold_files(), hold_files():
        assert remove_artifact(artifact=held)
        assert not remove_stored(held.sha256)
        assert artifact_storage().exists(held.storage_name)
    assert remove_stored(held.sha256)
    assert not artifact_storage().exists(held.storage_name)


def test_a_file_taken_away_while_its_row_is_made_is_there_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def removed_meanwhile(sha256: str) -> None:
        name = Artifact(sha256=sha256).storage_name
        assert artifact_storage().exists(name)
        artifact_storage().delete(name)

    monkeypatch.setattr(artifacts, "lock_content", removed_meanwhile)
    assert content(store_bytes(team=cast.team, data=b"came and went")) == b"came and went"


@pytest.mark.django_db(transaction=True)
def test_many_writers_of_the_same_content() -> None:
    team = make_team()
    found: list[Any] = []

    def write() -> None:
        try:
            found.append(store_bytes(team=team, data=b"contended" * 5000).pk)
        except Exception as error:  # noqa: BLE001  whatever it is, the test shows it
            found.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    artifact = Artifact.objects.get()
    assert found == [artifact.pk] * 6
    assert content(artifact) == b"contended" * 5000
