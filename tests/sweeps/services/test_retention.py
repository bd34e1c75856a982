"""What is removed when, and what never is."""

import os
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from sweeps.models import Artifact, JournalBatch, LogChunk, StoredFolder, Sweep
from sweeps.queries.audit import audit
from sweeps.services.artifacts import artifact_storage, store_bytes
from sweeps.services.retention import Pruned, prune
from sweeps.services.uploads import append_chunk, start_upload
from tests.factories import Cast, make_sweep
from tests.sweeps.talk import Talk, running_job

LATER = timezone.now() + timedelta(days=400)
NOTHING = Pruned()


def told(cast: Cast) -> Talk:
    talk = running_job(cast.team, n_trials=1, data={"source": "hub", "id": "a/b"})
    talk.permits()
    talk.send(*talk.whole_trial(0), talk.event("log", stream="stdout", text="Hello.", number=0))
    return talk


def test_a_sweep_under_way_keeps_everything_and_one_that_ended_keeps_what_pages_show(cast: Cast) -> None:
    talk = told(cast)
    found = prune(now=LATER)
    assert (found["journals"], found["logs"]) == (NOTHING, NOTHING)
    talk.send(talk.ended())
    assert prune(now=timezone.now() + timedelta(days=29))["journals"] == NOTHING
    dry = prune(now=LATER, dry=True)
    assert (dry["journals"].count, dry["logs"].count) == (2, 1)
    assert JournalBatch.objects.count() == 2
    month = timezone.now() + timedelta(days=31)
    assert (prune(now=month)["journals"], LogChunk.objects.count()) == (dry["journals"], 1)
    assert prune(now=LATER)["logs"] == dry["logs"]
    assert (JournalBatch.objects.count(), LogChunk.objects.count()) == (0, 0)
    assert dry["journals"].size > 0
    assert audit(at_rest=True, artifacts=False) == []


def test_a_sweep_that_was_extended_keeps_its_journals(cast: Cast) -> None:
    talk = told(cast)
    talk.send(talk.ended())
    Sweep.objects.update(state="queued", finished_at=None)
    assert prune(now=LATER)["journals"] == NOTHING


def test_for_ever_means_for_ever(cast: Cast, settings: pytest.FixtureRequest) -> None:
    talk = told(cast)
    talk.send(talk.ended())
    settings.KEEP_JOURNALS_DAYS = settings.KEEP_LOGS_DAYS = 0  # type: ignore[attr-defined]  # pytest-django's wrapper
    found = prune(now=LATER)
    assert (found["journals"], found["logs"]) == (NOTHING, NOTHING)


def test_files_that_nobody_names_go_and_others_stay(cast: Cast) -> None:
    kept = [store_bytes(team=cast.team, data=data) for data in (b"of a sweep", b"of a model", b"of an upload")]
    free, old = store_bytes(team=cast.team, data=b"nobody's"), store_bytes(team=cast.team, data=b"replaced")
    make_sweep(cast.team, state="complete", spec={"data": {"train": {"sha256": kept[0].sha256}}})
    folders = [
        StoredFolder.objects.create(
            team=cast.team,
            kind="model",
            key=key,
            files=[{"path": "m", "sha256": artifact.sha256, "size": artifact.size}],
        )
        for key, artifact in (("new", kept[1]), ("old", old))
    ]
    make_sweep(cast.team, model_folder=folders[0])
    upload = start_upload(team=cast.team, user=cast.bob, kind="dataset", size=12)
    append_chunk(upload=upload, offset=0, data=b"of an upload")
    names = {artifact.storage_name for artifact in (free, old)}

    assert prune()["artifacts"] == NOTHING
    Artifact.objects.update(created_at=timezone.now() - timedelta(days=2))
    StoredFolder.objects.update(created_at=timezone.now() - timedelta(days=2))
    found = prune()
    assert (found["models"].count, found["artifacts"]) == (1, Pruned(2, 16))
    assert set(Artifact.objects.all()) == set(kept)
    assert not any(artifact_storage().exists(name) for name in names)
    assert StoredFolder.objects.get() == folders[0]


def test_a_file_without_a_row_goes_when_it_is_old(cast: Cast) -> None:
    name = store_bytes(team=cast.team, data=b"stray").storage_name
    Artifact.objects.all().delete()
    prune()
    assert artifact_storage().exists(name)
    old = (timezone.now() - timedelta(days=2)).timestamp()
    os.utime(artifact_storage().path(name), (old, old))
    prune(dry=True)
    assert artifact_storage().exists(name)
    prune()
    assert not artifact_storage().exists(name)


def test_the_command_says_what_it_does(cast: Cast) -> None:
    out = StringIO()
    call_command("prune", "--dry-run", stdout=out)
    lines = out.getvalue().splitlines()
    assert lines[0].split() == [
        *("journals", "0", "0", "bytes", "Batches", "of", "events", "as", "runners", "sent", "them:"),
        *("30", "days", "after", "the", "sweep's", "end"),
    ]
    assert lines[-1] == "Nothing was removed."
