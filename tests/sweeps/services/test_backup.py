"""A backup is made while a job streams, goes back into an empty place, and is refused when it is not whole."""

import fcntl
import io
import json
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import pytest
import zstandard
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password
from django.core.management import CommandError, call_command
from django.db import connections

from sweeps.models import Artifact
from sweeps.services.artifacts import artifact_storage, remove_artifact, store_bytes
from sweeps.services.backup import write
from sweeps.services.backup.manifest import Manifest
from sweeps.services.backup.problems import Refused
from sweeps.services.backup.restore import check, restore
from sweeps.services.backup.write import back_up
from tests.factories import PASSWORD, make_cast
from tests.processes import ROOT, clean_env
from tests.sweeps.talk import Talk, running_job
from tests.sweeps.test_artifacts import Bucket

LOOK = """
import json, sys
import django
django.setup()
from django.core.management import call_command
from django.test import Client
call_command("restore", sys.argv[1])
from sweeps.models import Job, Sweep
from sweeps.queries.audit import audit
client = Client(HTTP_HOST="localhost")
answer = client.post("/login/", {"login": "alice@example.org", "password": sys.argv[2]})
page = client.get(f"/sweeps/{Sweep.objects.get().public_id}/")
print(json.dumps([answer.status_code, page.status_code, Job.objects.get().acked_seq, len(audit())]))
"""


@pytest.fixture
def emptied() -> None:
    """The tests' store, which outlives their databases, has only this test's files."""
    storage = artifact_storage()
    for folder in storage.listdir("")[0] if storage.exists("") else []:
        for name in storage.listdir(folder)[1]:
            storage.delete(f"{folder}/{name}")


def manage(place: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    env = clean_env(HPWEB_DATA=str(place), DJANGO_SETTINGS_MODULE="hpweb.settings", **variables)
    command = [sys.executable, *arguments]
    return subprocess.run(command, check=False, cwd=ROOT, env=env, capture_output=True, text=True)


class Stream:
    """A runner that tells, trial by trial, until it is stopped."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._end = threading.Event()
        self.begun = threading.Event()
        self.faults: list[BaseException] = []
        self._thread = threading.Thread(target=self._tell)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self.begun.wait(20)
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _tell(self) -> None:
        talk = self._talk
        try:
            for number in range(5000):
                talk.permits()
                talk.send(talk.started(number), talk.metrics(number, 1, loss=1.0))
                talk.send(talk.metrics(number, 2, loss=0.5), talk.finished(number, 0.5))
                if number == 2:
                    self.begun.set()
                if self._end.is_set():
                    return
        except BaseException as error:  # noqa: BLE001  whatever it is, the test must see it
            self.faults.append(error)
        finally:
            connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_a_backup_made_while_a_job_streams_goes_back_into_an_empty_place(emptied: None, tmp_path: Path) -> None:
    cast = make_cast()
    cast.alice.password = make_password(PASSWORD, hasher=PBKDF2PasswordHasher())
    cast.alice.save()
    kept, doomed = store_bytes(team=cast.team, data=b"kept" * 1000), store_bytes(team=cast.team, data=b"doomed")
    target, place = tmp_path / "backup.tar.zst", tmp_path / "place"
    talk = running_job(cast.team, n_trials=5000, data={"source": "hub", "id": "a/b"})
    with Stream(talk) as stream:
        manifest = back_up(target=target)
    assert stream.faults == []
    remove_artifact(artifact=doomed)

    assert target.stat().st_mode & 0o777 == 0o600
    assert set(manifest.artifacts) == {kept.sha256, doomed.sha256}
    assert list(tmp_path.iterdir()) == [target], "nothing else is left beside it"

    looked = manage(place, "-c", LOOK, str(target), PASSWORD, HPWEB_DEBUG="1")
    assert "HPWEB_SECRET_KEY is not that of the backup's server" in looked.stderr
    *said, told = looked.stdout.splitlines() or [looked.stderr]
    assert said[-1].endswith("UTC: 2 artifacts; the audit finds nothing."), looked.stderr
    assert sorted(path.read_bytes() for path in (place / "artifacts").glob("*/*")) == [b"doomed", b"kept" * 1000]
    login, page, acked, findings = json.loads(told)
    assert (login, page, findings) == (302, 200, 0)
    # Everything that had been acknowledged when it was made, and nothing half.
    assert 12 <= acked <= talk.fresh().acked_seq
    assert [path.name for path in place.iterdir() if path.name.startswith("restore-")] == []


@pytest.mark.full
@pytest.mark.django_db(transaction=True)
def test_a_place_that_is_in_use_or_not_empty_is_left_alone_or_replaced_by_force(emptied: None, tmp_path: Path) -> None:
    make_cast()
    target, place = tmp_path / "backup.tar.gz", tmp_path / "place"
    back_up(target=target)
    first, again = (manage(place, "manage.py", "restore", str(target)) for _ in range(2))
    assert (first.returncode, again.returncode) == (0, 1)
    assert "is not empty" in again.stderr
    with (place / "periodic.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        busy = manage(place, "manage.py", "restore", str(target), "--force")
    assert "Stop it first" in busy.stderr
    forced = manage(place, "manage.py", "restore", str(target), "--force", HPWEB_SECRET_KEY="only for tests")
    assert (forced.returncode, forced.stderr) == (0, "")


@pytest.mark.django_db(transaction=True)
def test_an_empty_server_is_backed_up_too(emptied: None, tmp_path: Path) -> None:
    for suffix in (".tar.gz", ".tar.zst"):
        call_command("backup", str(tmp_path / f"empty{suffix}"), stdout=io.StringIO())
        assert check(source=tmp_path / f"empty{suffix}").artifacts == {}


@pytest.mark.django_db(transaction=True)
class TestDamaged:
    @pytest.fixture
    def whole(self, emptied: None, tmp_path: Path) -> Path:
        cast = make_cast()
        for data in (b"first", b"second" * 1000):
            store_bytes(team=cast.team, data=data)
        back_up(target=tmp_path / "whole.tar.gz")
        return tmp_path / "whole.tar.gz"

    def test_any_missing_end_is_noticed(self, whole: Path, tmp_path: Path) -> None:
        data = whole.read_bytes()
        for share in (0.0, 0.1, 0.5, 0.9, 0.99):
            (tmp_path / "cut.tar.gz").write_bytes(data[: int(len(data) * share)])
            with pytest.raises(Refused, match=r"cut short|damaged|is no backup"):
                check(source=tmp_path / "cut.tar.gz")

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda members: members.pop("manifest.json"), "manifest"),
            (lambda members: members.pop(_artifact(members)), "not in the archive as its manifest says"),
            (lambda members: members.update({_artifact(members): b"other"}), "not in the archive as its manifest says"),
            (lambda members: members.update({"../escape": b"x"}), "which no backup has"),
            (lambda members: members.update({"/etc/passwd": b"x"}), "which no backup has"),
            (lambda members: _told(members, migrations=["sweeps.9999_later"]), "later than this one"),
            (
                lambda members: _told(members, engine="postgresql"),
                "not in the archive|holds no database|of its own kind",
            ),
            (lambda members: _told(members, format=2), "made by a later hpweb"),
            (lambda members: _told(members, files="x"), "manifest is damaged"),
        ],
    )
    def test_whatever_is_wrong_with_it_is_said_before_anything_changes(
        self, whole: Path, tmp_path: Path, change: Callable[[dict[str, bytes]], object], message: str
    ) -> None:
        with tarfile.open(whole) as tar:
            members = {name: tar.extractfile(name).read() for name in tar.getnames()}  # type: ignore[union-attr]  # files only
        change(members)
        changed = tmp_path / "changed.tar.gz"
        with tarfile.open(changed, "w:gz") as tar:
            for name, data in members.items():
                info = tarfile.TarInfo(name)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
        before = Artifact.objects.count()
        with pytest.raises(Refused, match=message):
            restore(source=changed, force=True)
        assert Artifact.objects.count() == before

    def test_a_place_that_is_not_empty_is_left_alone(self, whole: Path) -> None:
        with pytest.raises(Refused, match="is not empty"):
            restore(source=whole)

    def test_other_names(self, whole: Path, tmp_path: Path) -> None:
        for name, message in (("backup.zip", "ends with"), ("whole.tar.gz", "is there already")):
            with pytest.raises(CommandError, match=message):
                call_command("backup", str(tmp_path / name))
        with pytest.raises(CommandError, match="is not there"):
            call_command("restore", str(tmp_path / "nowhere.tar.gz"), "--check")
        (tmp_path / "x.tar.gz").write_bytes(b"no archive")
        with pytest.raises(CommandError, match="is no backup"):
            call_command("restore", str(tmp_path / "x.tar.gz"), "--check")

    def test_what_was_lost_already_is_told(self, whole: Path, tmp_path: Path) -> None:
        first, second = Artifact.objects.order_by("size")
        artifact_storage().delete(first.storage_name)
        artifact_storage().delete(second.storage_name)
        with artifact_storage().open(second.storage_name, "wb") as file:
            file.write(b"SECOND" * 1000)
        manifest = back_up(target=tmp_path / "lossy.tar.zst")
        assert set(manifest.lost) == {first.sha256, second.sha256}
        assert check(source=tmp_path / "lossy.tar.zst") == manifest

    def test_files_of_a_bucket_stay_there(self, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        bucket = Bucket()
        for module in ("write", "restore"):
            monkeypatch.setattr(f"sweeps.services.backup.{module}.artifact_storage", lambda: bucket)
        for artifact in Artifact.objects.all():
            with artifact_storage().open(artifact.storage_name) as file:
                bucket.save(artifact.storage_name, file)
        manifest = back_up(target=tmp_path / "listed.tar.zst")
        assert (manifest.inside, len(manifest.artifacts), manifest.lost) == (False, 2, ())
        assert [file.name for file in manifest.files] == ["database.sqlite3"]
        check(source=tmp_path / "listed.tar.zst")
        bucket.delete(Artifact.objects.all()[0].storage_name)
        with pytest.raises(Refused, match="has not 1 of them"):
            check(source=tmp_path / "listed.tar.zst")

    def test_a_full_disk_leaves_no_half_backup(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(*_: Any, **__: Any) -> Manifest:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(write, "_write", full)
        with pytest.raises(Refused, match="is full"):
            back_up(target=tmp_path / "full.tar.zst")
        assert list(tmp_path.iterdir()) == []


def _artifact(members: dict[str, bytes]) -> str:
    return next(name for name in members if name.startswith("artifacts/"))


def _told(members: dict[str, bytes], **changes: Any) -> None:
    members["manifest.json"] = json.dumps(json.loads(members["manifest.json"]) | changes).encode()


def test_the_first_bytes_tell_the_kind() -> None:
    assert zstandard.compress(b"x").startswith(b"\x28\xb5\x2f\xfd")
