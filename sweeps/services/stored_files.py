"""Several artifacts as a folder, as a runner names them."""

from runners.protocol.events import ModelFile
from sweeps.models import Artifact
from sweeps.services.refusals import BadEvent


def check_files(*, team_id: int, files: tuple[ModelFile, ...], path: str) -> None:
    """BadEvent at `path` unless there are files, each once, all of them in the team's artifact store with their sizes."""
    if not files:
        raise BadEvent(path, "there is at least one file.")
    found = Artifact.objects.filter(team_id=team_id, sha256__in=[file.sha256 for file in files])
    sizes = dict(found.values_list("sha256", "size"))
    names: set[str] = set()
    for index, file in enumerate(files):
        where = f"{path}.{index}"
        if sizes.get(file.sha256) != file.size:
            raise BadEvent(where, f"{file.path} is not in the artifact store with {file.size} bytes. Upload it first.")
        if file.path in names:
            raise BadEvent(f"{where}.path", f"{file.path} is listed twice.")
        names.add(file.path)
