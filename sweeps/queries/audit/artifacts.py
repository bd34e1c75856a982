"""Every file that something names is in the artifact store, whole, and nothing lies there that nobody names."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from django.core.files.storage import Storage, storages
from django.utils import timezone

from runners.protocol.states import SweepState
from sweeps.models import Artifact, DatasetVersion, StoredFolder, Sweep
from sweeps.queries.audit.finding import Finding, Findings

RULE: Final = "artifacts"
YOUNG: Final = timedelta(days=1)
"""A file that no row names may be on its way in for so long."""
BLOCK: Final = 2**20


def check_artifacts(*, hashes: bool) -> Findings:
    """`hashes`: read every file and compute its hash, not only its size."""
    storage = storages["artifacts"]
    known: dict[int, set[str]] = {}
    sizes: dict[str, set[int]] = {}
    for artifact in Artifact.objects.all().iterator():
        known.setdefault(artifact.team_id, set()).add(artifact.sha256)
        sizes.setdefault(artifact.sha256, set()).add(artifact.size)
    for sha256, told in sorted(sizes.items()):
        yield from _file(storage, sha256, told, hashes=hashes)
    for where, team, sha256 in _named():
        if sha256 not in known.get(team, ()):
            yield Finding(RULE, where, f"it names the file {sha256[:12]}, which its team does not have.")
    yield from _orphans(storage, set(sizes))


def _file(storage: Storage, sha256: str, sizes: set[int], *, hashes: bool) -> Findings:
    where, name = f"artifact {sha256[:12]}", f"{sha256[:2]}/{sha256}"
    if not storage.exists(name):
        yield Finding(RULE, where, "the store has lost it.")
        return
    size = storage.size(name)
    if sizes != {size}:
        yield Finding(RULE, where, f"the store has {size} bytes of it, the database says {sorted(sizes)}.")
    elif hashes:
        digest = hashlib.sha256()
        with storage.open(name, "rb") as file:
            while block := file.read(BLOCK):
                digest.update(block)
        if digest.hexdigest() != sha256:
            yield Finding(RULE, where, "its content is not what its name says.")


def _named() -> Iterable[tuple[str, int, str]]:
    """Where, the team's key, the hash."""
    for version in DatasetVersion.objects.select_related("dataset").defer("preview", "summary"):
        for sha256 in data_files(version.spec):
            yield f"data set version {version.public_id}", version.dataset.team_id, sha256
    for folder in StoredFolder.objects.all():
        for file in folder.files:
            yield f"folder {folder}", folder.team_id, str(file["sha256"])
    started = Sweep.objects.exclude(state=SweepState.DRAFT.value).only("public_id", "team_id", "spec")
    for sweep in started.iterator():
        for sha256 in data_files((sweep.spec or {}).get("data") or {}):
            yield f"sweep {sweep.public_id}", sweep.team_id, sha256


def data_files(data: dict[str, Any]) -> list[str]:
    """Hashes of the files that a spec's data names; none where the data is not uploaded."""
    return [str(data[split]["sha256"]) for split in ("train", "eval") if isinstance(data.get(split), dict)]


def _orphans(storage: Storage, known: set[str]) -> Findings:
    limit = timezone.now() - YOUNG
    for name in stored_names(storage):
        sha256 = name.rpartition("/")[2]
        if sha256 not in known and _changed(storage, name) < limit:
            yield Finding("orphans", f"stored file {name}", "no row names it.")


def stored_names(storage: Storage) -> Iterable[str]:
    """Names of all files in the store."""
    try:
        folders, files = storage.listdir("")
    except FileNotFoundError:
        return
    yield from files
    for folder in sorted(folders):
        for file in storage.listdir(folder)[1]:
            yield f"{folder}/{file}"


def _changed(storage: Storage, name: str) -> datetime:
    return storage.get_modified_time(name)
