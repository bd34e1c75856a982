"""A script with everything it reads, as one file."""

from collections.abc import Iterator

from zipstream import ZIP_STORED, ZipStream

from runners.protocol.spec import ArtifactData, SweepSpec
from runners.protocol.tokenizer_key import tokenizer_key
from sweeps.models import Artifact, StoredFolder, Sweep
from sweeps.services.artifacts import open_artifact
from sweeps.services.download import Archive
from sweeps.services.streaming import BLOCK


def missing_tokenizer(sweep: Sweep, spec: SweepSpec) -> bool:
    """Whether the script reads a tokenizer that has not been trained yet."""
    key = tokenizer_key(spec)
    return key is not None and _tokenizer(sweep, key) is None


def script_archive(sweep: Sweep, spec: SweepSpec, script: str, name: str) -> Archive:
    """`<name>/<name>.py`, the data set's files and the trained tokenizer where it has one. Nothing is compressed twice."""
    files: dict[str, str] = {}
    if isinstance(spec.data, ArtifactData):
        files = {"train.parquet": spec.data.train.sha256, "eval.parquet": spec.data.eval.sha256}
    key = tokenizer_key(spec)
    folder = _tokenizer(sweep, key) if key else None
    if folder is not None:
        files |= {f"tokenizer/{file['path']}": file["sha256"] for file in folder.files}
    artifacts = Artifact.objects.filter(team_id=sweep.team_id, sha256__in=files.values())
    by_hash = {artifact.sha256: artifact for artifact in artifacts}
    archive = ZipStream(compress_type=ZIP_STORED, sized=True)
    archive.add(script, f"{name}/{name}.py")
    for path, sha256 in files.items():
        if sha256 in by_hash:
            archive.add(_blocks(by_hash[sha256]), f"{name}/{path}", size=by_hash[sha256].size)
    return Archive(f"{name}.zip", len(archive), iter(archive))


def _tokenizer(sweep: Sweep, key: str) -> StoredFolder | None:
    return StoredFolder.objects.filter(team_id=sweep.team_id, kind="tokenizer", key=key).first()


def _blocks(artifact: Artifact) -> Iterator[bytes]:
    with open_artifact(artifact) as file:
        yield from file.chunks(BLOCK)
