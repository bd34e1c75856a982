"""The team's library: models, search spaces, data sets. And its runners, which are only looked at."""

from collections.abc import Iterator
from typing import Any

from hpweb.client.documents import Document, make
from hpweb.client.transport import Json, Transport


class Shelf:
    """Things of one kind. `path` is also the name of the list in an answer."""

    path = ""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, **filters: Any) -> Iterator[Json]:
        """Each as JSON, page by page. `filters`: those of the API's list."""
        return self._transport.pages(f"{self.path}/", self.path, filters)

    def get(self, public_id: str) -> Json:
        found: Json = self._transport.request("GET", f"{self.path}/{public_id}/")
        return found


class DocumentShelf(Shelf):
    """Things that are made of documents."""

    kind = ""

    def create(self, document: Document, *, name: str = "") -> Json:
        """Of a YAML file, YAML text or dict. `{"kind", "id", "name"}`. `name`: instead of the document's own."""
        return make(self._transport, self.kind, document, name=name)

    def yaml(self, public_id: str) -> str:
        """As a document, which `create` makes again."""
        return self._transport.answer("GET", f"{self.path}/{public_id}/yaml/").text

    def delete(self, public_id: str) -> None:
        """Sweeps that have started keep what they were frozen with; drafts lose the choice."""
        self._transport.request("DELETE", f"{self.path}/{public_id}/")


class Models(DocumentShelf):
    """`client.models`."""

    path, kind = "models", "model"


class Spaces(DocumentShelf):
    """`client.spaces`."""

    path, kind = "spaces", "space"


class Runners(Shelf):
    """`client.runners`."""

    path = "runners"
