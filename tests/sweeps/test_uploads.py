"""Resumable uploads: the service, and the API for people."""

import errno
import hashlib
import json
import os
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sweeps.models import Artifact, Upload
from sweeps.services.artifacts import open_artifact, store_bytes, upload_dir
from sweeps.services.retention import prune
from sweeps.services.uploads import (
    UploadError,
    append_chunk,
    discard_upload,
    partial_path,
    start_upload,
    table_path,
)
from tests.factories import Cast, make_team
from tests.sweeps.talk import running_job

DATA = bytes(range(256)) * 40
HASH = hashlib.sha256(DATA).hexdigest()
API = "/api/v1/uploads/"


def begin(cast: Cast, **fields: Any) -> Upload:
    return start_upload(**{"team": cast.team, "kind": "dataset", "filename": "a.csv", "size": len(DATA), **fields})


def content(upload: Upload) -> bytes:
    assert upload.artifact is not None
    with open_artifact(upload.artifact) as file:
        data: bytes = file.read()
    return data


def test_chunks_in_order_make_the_file(cast: Cast) -> None:
    upload = begin(cast, sha256=HASH)
    for offset in range(0, len(DATA), 3000):
        assert upload.artifact is None
        upload = append_chunk(upload=upload, offset=offset, data=DATA[offset : offset + 3000])
    assert content(upload) == DATA
    assert upload.artifact == Artifact.objects.get(team=cast.team, sha256=HASH)
    assert not partial_path(upload).exists()


@pytest.mark.parametrize("offset", [0, 99, 101, 10_000, 10**15])
def test_a_chunk_elsewhere_is_told_where_to_go_on(cast: Cast, offset: int) -> None:
    upload = append_chunk(upload=begin(cast), offset=0, data=DATA[:100])
    with pytest.raises(UploadError) as refused:
        append_chunk(upload=upload, offset=offset, data=DATA[:10])
    assert (refused.value.code, refused.value.offset) == ("offset", 100)
    assert "go on at byte 100" in refused.value.message
    upload.refresh_from_db()
    assert upload.offset == 100


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(calls=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3000)), max_size=12))
def test_any_sender_that_follows_the_offset_gets_there(cast: Cast, calls: list[tuple[int, int]]) -> None:
    """Whatever was sent in between, doubled, late or out of place: the bytes are those of the file."""
    upload = begin(cast)
    codes = set()
    for place, length in [*calls, (0, 0)]:
        try:
            append_chunk(upload=upload, offset=place * 1000, data=DATA[place * 1000 : place * 1000 + length])
        except UploadError as error:
            codes.add(error.code)
    assert codes <= {"offset"}
    upload.refresh_from_db()
    if upload.artifact is None:
        upload = append_chunk(upload=upload, offset=upload.offset, data=DATA[upload.offset :])
    assert content(upload) == DATA


def test_a_finished_upload_takes_nothing_more(cast: Cast) -> None:
    upload = append_chunk(upload=begin(cast), offset=0, data=DATA)
    assert append_chunk(upload=upload, offset=len(DATA), data=b"").artifact == upload.artifact
    for offset, data in ((0, DATA), (len(DATA), b"x")):
        with pytest.raises(UploadError, match="go on at byte 10,240"):
            append_chunk(upload=upload, offset=offset, data=data)
    assert content(upload) == DATA
    assert not partial_path(upload).exists()


def test_a_wrong_hash_starts_again(cast: Cast) -> None:
    upload = begin(cast, sha256="0" * 64)
    with pytest.raises(UploadError) as refused:
        append_chunk(upload=upload, offset=0, data=DATA)
    assert (refused.value.code, refused.value.offset) == ("hash", 0)
    upload.refresh_from_db()
    assert (upload.offset, upload.artifact, Artifact.objects.count()) == (0, None, 0)


def test_known_content_is_not_sent_again(cast: Cast) -> None:
    store_bytes(team=cast.team, data=DATA)
    assert begin(cast, sha256=HASH).artifact is not None
    # What another team has is another team's.
    assert begin(cast, team=cast.other, sha256=HASH).artifact is None


def test_an_empty_file_is_complete_at_once(cast: Cast) -> None:
    assert content(begin(cast, size=0)) == b""


@pytest.mark.parametrize(
    ("fields", "code", "sentence"),
    [
        ({"size": -1}, "invalid", "fewer than 0 bytes"),
        ({"size": 600 * 2**20}, "too_large", "600 MiB, and this server takes 512 MiB"),
        ({"sha256": "abc"}, "invalid", "64 hexadecimal digits"),
        ({"sha256": "G" * 64}, "invalid", "64 hexadecimal digits"),
    ],
)
def test_a_bad_start_is_refused(cast: Cast, fields: dict[str, Any], code: str, sentence: str) -> None:
    with pytest.raises(UploadError, match=sentence) as refused:
        begin(cast, **fields)
    assert refused.value.code == code
    assert not Upload.objects.exists()


def test_more_than_was_announced_is_refused(cast: Cast) -> None:
    upload = append_chunk(upload=begin(cast), offset=0, data=DATA[:100])
    with pytest.raises(UploadError, match="10,250 bytes came, but 10,240 were announced"):
        append_chunk(upload=upload, offset=100, data=DATA[:10_150])
    with pytest.raises(UploadError, match="A chunk may have 8 MiB"):
        append_chunk(upload=upload, offset=100, data=bytes(8 * 2**20 + 1))


def test_a_full_disk_is_said_and_the_upload_goes_on_later(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = begin(cast)

    def full(*_args: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "pwrite", full)
        with pytest.raises(UploadError, match="disk is full") as refused:
            append_chunk(upload=upload, offset=0, data=DATA)
    assert refused.value.code == "disk_full"
    assert content(append_chunk(upload=upload, offset=0, data=DATA)) == DATA


def test_too_little_room_is_said_before_anything_is_sent(cast: Cast, settings: Any) -> None:
    settings.RESERVE_BYTES = 2**60
    with pytest.raises(UploadError, match="disk is full"):
        begin(cast)


def test_a_disk_that_fills_up_stops_uploads_and_no_events(cast: Cast, settings: Any) -> None:
    upload = append_chunk(upload=begin(cast), offset=0, data=DATA[:10])
    talk = running_job(cast.team)
    talk.permits()
    settings.RESERVE_BYTES = 2**60
    with pytest.raises(UploadError, match="disk is full"):
        append_chunk(upload=upload, offset=10, data=DATA[10:])
    assert talk.send(*talk.whole_trial(0)).acked_seq == 5
    settings.RESERVE_BYTES = 1
    assert content(append_chunk(upload=upload, offset=10, data=DATA[10:])) == DATA


def test_bytes_lost_in_a_power_cut_are_sent_again(cast: Cast) -> None:
    upload = append_chunk(upload=begin(cast), offset=0, data=DATA[:5000])
    os.truncate(partial_path(upload), 2000)
    with pytest.raises(UploadError) as refused:
        append_chunk(upload=upload, offset=5000, data=DATA[5000:])
    assert refused.value.offset == 2000
    assert content(append_chunk(upload=upload, offset=2000, data=DATA[2000:])) == DATA


def test_a_lost_last_answer_is_made_good(cast: Cast) -> None:
    """The process died between the last byte and the finish."""
    upload = append_chunk(upload=begin(cast), offset=0, data=DATA[:-1])
    with partial_path(upload).open("ab") as file:
        file.write(DATA[-1:])
    Upload.objects.filter(pk=upload.pk).update(offset=len(DATA))
    assert content(append_chunk(upload=upload, offset=len(DATA), data=b"")) == DATA


def test_an_upload_that_was_given_up_is_gone(cast: Cast) -> None:
    upload = append_chunk(upload=begin(cast), offset=0, data=DATA[:10])
    discard_upload(upload=Upload.objects.get(pk=upload.pk))
    assert not partial_path(upload).exists()
    with pytest.raises(UploadError, match="was given up") as refused:
        append_chunk(upload=upload, offset=10, data=DATA[10:])
    assert refused.value.code == "gone"
    assert not partial_path(upload).exists()


def test_names_are_the_last_part_only(cast: Cast) -> None:
    assert begin(cast, filename="C:\\x\\..\\é\x00.csv").filename == "é.csv"
    assert begin(cast, filename="a/" + "b" * 300).filename == "b" * 255


def test_stale_uploads_go_and_fresh_ones_stay(cast: Cast) -> None:
    partial, done = begin(cast), append_chunk(upload=begin(cast), offset=0, data=DATA)
    append_chunk(upload=partial, offset=0, data=DATA[:10])
    table_path(done).write_bytes(b"rows")
    stray = upload_dir() / "version-of-a-killed-process"
    stray.mkdir()
    os.utime(stray, (0, 0))
    assert prune()["uploads"].count == 0
    day = timezone.now() + timedelta(hours=25)
    Upload.objects.filter(pk=partial.pk).update(created_at=timezone.now() - timedelta(hours=25))
    assert prune()["uploads"].count == 0
    os.utime(partial_path(partial), (0, 0))
    assert prune()["uploads"].count == 1
    assert not partial_path(partial).exists()
    assert prune(now=day)["uploads"].count == 0
    assert prune(now=timezone.now() + timedelta(days=8))["uploads"].count == 1
    assert not Upload.objects.exists()
    assert not Artifact.objects.exists()
    assert not table_path(done).exists()
    assert not stray.exists()


@pytest.mark.django_db(transaction=True)
def test_the_same_chunk_at_once_is_written_once() -> None:
    team = make_team()
    upload = start_upload(team=team, kind="dataset", size=len(DATA), sha256=HASH)
    answers: list[str] = []

    def send() -> None:
        try:
            append_chunk(upload=Upload.objects.get(pk=upload.pk), offset=0, data=DATA)
            answers.append("done")
        except UploadError as error:
            answers.append(f"{error.code} {error.offset}")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["done", *[f"offset {len(DATA)}"] * 4]
    upload.refresh_from_db()
    assert content(upload) == DATA


# The API for people.


def announce(client: Client, **body: Any) -> Any:
    return client.post(API, json.dumps(body), content_type="application/json")


def put(client: Client, upload: str, offset: object, data: bytes) -> Any:
    return client.put(f"{API}{upload}/?offset={offset}", data, content_type="application/octet-stream")


@pytest.fixture
def bob(cast: Cast, client: Client) -> Client:
    client.force_login(cast.bob)
    return client


def test_a_person_sends_a_file(cast: Cast, bob: Client) -> None:
    answer = announce(bob, filename="a.csv", size=len(DATA))
    assert answer.status_code == 201
    told = answer.json()
    assert told == {"id": told["id"], "offset": 0, "size": 10_240, "chunk_size": 4 * 2**20, "complete": False}
    assert put(bob, told["id"], 0, DATA[:100]).json() == {**told, "offset": 100}
    answer = put(bob, told["id"], 0, DATA[:100])
    assert answer.status_code == 409
    assert (answer.json()["code"], answer.json()["offset"]) == ("offset", 100)
    assert bob.get(f"{API}{told['id']}/").json()["offset"] == 100
    assert put(bob, told["id"], 100, DATA[100:]).json() == {**told, "offset": 10_240, "complete": True}
    upload = Upload.objects.get()
    assert (upload.team, upload.user, upload.kind, upload.filename) == (cast.team, cast.bob, "dataset", "a.csv")
    assert content(upload) == DATA


def test_an_upload_can_be_given_up(bob: Client) -> None:
    told = announce(bob, filename="a.csv", size=5).json()
    assert bob.delete(f"{API}{told['id']}/").status_code == 204
    assert bob.get(f"{API}{told['id']}/").status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 400, "filename"),
        ({"filename": "a", "size": "5"}, 400, "size"),
        ({"filename": "a", "size": True}, 400, "size"),
        ({"filename": "a", "size": 1.5}, 400, "size"),
        ({"filename": ["a"], "size": 5}, 400, "filename"),
        ({"filename": "a", "size": 5, "sha256": 1}, 400, "sha256"),
        ({"filename": "a", "size": 5, "sha256": "x"}, 400, None),
        ({"filename": "a", "size": -5}, 400, None),
        ({"filename": "a", "size": 10**18}, 413, None),
        ({"filename": "a", "size": 10**400}, 413, None),
    ],
)
def test_a_bad_announcement_is_refused(bob: Client, body: dict[str, Any], status: int, field: str | None) -> None:
    answer = announce(bob, **body)
    assert answer.status_code == status
    assert field is None or field in answer.json()["fields"]
    assert answer.json()["message"]


def test_bodies_that_are_no_announcement(bob: Client) -> None:
    for body in (b"", b"[", b"[]", b'"x"', b"\xff"):
        assert bob.post(API, body, content_type="application/json").status_code == 400
    assert bob.post(API, {"filename": "a"}).status_code == 415


@pytest.mark.parametrize("offset", ["", "x", "-1", "1.5", "9" * 30, "٣"])
def test_a_chunk_says_where_it_begins(bob: Client, offset: str) -> None:
    told = announce(bob, filename="a.csv", size=5).json()
    answer = put(bob, told["id"], offset, b"12345")
    assert answer.status_code == 400
    assert "offset" in answer.json()["fields"]


def test_a_monstrous_chunk_is_not_read(bob: Client) -> None:
    told = announce(bob, filename="a.csv", size=20 * 2**20).json()
    answer = put(bob, told["id"], 0, bytes(9 * 2**20))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_who_may_send(cast: Cast, client: Client) -> None:
    assert announce(client, filename="a", size=1).status_code == 401
    client.force_login(cast.vera)
    assert announce(client, filename="a", size=1).json()["code"] == "permission_denied"
    client.force_login(cast.bob)
    told = announce(client, filename="a", size=1).json()
    for stranger in (cast.alice, cast.charlie):
        client.force_login(stranger)
        assert client.get(f"{API}{told['id']}/").status_code == 404
        assert put(client, told["id"], 0, b"x").status_code == 404
        assert client.delete(f"{API}{told['id']}/").status_code == 404
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.bob)
    assert put(strict, told["id"], 0, b"x").status_code == 403
    assert announce(strict, filename="a", size=1).status_code == 403
