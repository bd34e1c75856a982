"""Data sets of the library, and the files that they are made of."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from hpweb.client.errors import Refused
from hpweb.client.library import Shelf
from hpweb.client.transport import Json

Source = Mapping[str, Any] | str | Path
"""A file's name, or a dict as the API takes it: `{"source": "hub", "id": …}`, `{"source": "package", "key": …}`."""
BLOCK: Final = 1 << 20
LOST: Final = 10
"""So often in a row may the server have another offset than this side before it is given up."""


class Datasets(Shelf):
    """`client.datasets`."""

    path = "datasets"

    def create(self, name: str, source: Source, *, description: str = "", **mapping: Any) -> Json:
        """A data set with its first version. Of a file, `mapping` may say more than its columns look like:

        `eval_file`: its evaluation rows; `task`, `layout`; `columns`: role → column; `split`: `{"by": "fraction",
        "eval_fraction": 0.2, "seed": 0}`. Raises `Refused` with paths such as `source.columns.label`.
        """
        body = {"name": name, "description": description, "source": self._source(source, mapping)}
        found: Json = self._transport.request("POST", "datasets/", body=body, makes=True)
        return found

    def add_version(self, dataset: str, source: Source, **mapping: Any) -> Json:
        """The next version of a data set, which `dataset` names by id; the data set with all its versions."""
        body = {"source": self._source(source, mapping)}
        found: Json = self._transport.request("POST", f"datasets/{dataset}/versions/", body=body, makes=True)
        return found

    def delete(self, dataset: str) -> None:
        """Raises `Refused` while a sweep under way uses it."""
        self._transport.request("DELETE", f"datasets/{dataset}/")

    def download(self, version: str, split: str = "train", to: str | Path = ".") -> Path:
        """The rows of a version, `train` or `eval`, as Parquet."""
        return self._transport.download(f"versions/{version}/{split}.parquet", Path(to))

    def upload(self, file: str | Path, tell: Callable[[int, int], None] | None = None) -> str:
        """Send a file in pieces; the upload's id, for `source`. `tell`: how many bytes of how many are there.

        A piece that was lost on the way is sent again from where the server stands.
        """
        path = Path(file)
        size = path.stat().st_size
        announced = {"filename": path.name, "size": size, "sha256": _hash(path)}
        state: Json = self._transport.request("POST", "uploads/", body=announced, makes=True)
        lost = 0
        with path.open("rb") as content:
            while not state["complete"]:
                content.seek(state["offset"])
                block = content.read(int(state["chunk_size"]))
                address = f"uploads/{state['id']}/"
                try:
                    state = self._transport.request("PUT", address, content=block, params={"offset": state["offset"]})
                    lost = 0
                except Refused as error:
                    lost += 1
                    if error.code != "offset" or lost > LOST:
                        raise
                    state = self._transport.request("GET", address)
                if tell is not None:
                    tell(int(state["offset"]), size)
        return str(state["id"])

    def _source(self, source: Source, mapping: Mapping[str, Any]) -> Json:
        if isinstance(source, Mapping):
            return {**source, **mapping}
        told = dict(mapping)
        second = told.pop("eval_file", None)
        if second is not None:
            told["eval_upload"] = self.upload(second)
        return {"source": "upload", "upload": self.upload(source), **told}


def _hash(path: Path) -> str:
    found = hashlib.sha256()
    for block in _blocks(path):
        found.update(block)
    return found.hexdigest()


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block
