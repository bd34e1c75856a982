"""What a sweep, a space or a model is made of: a YAML file, YAML text, or a dict of the same form."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hpweb.client.transport import Json, Transport

Document = Mapping[str, Any] | str | Path
"""A `Path` is a file. A text is YAML where it has a line break, else the name of a file."""


def make(transport: Transport, kind: str, document: Document, *, name: str = "", start: bool = False) -> Json:
    """Have the server make it. `{"kind", "id", "name", …}`. Raises `Refused` with the document's own paths."""
    body: Json = {"kind": kind, "name": name}
    if isinstance(document, Mapping):
        body["document"] = dict(document)
    elif isinstance(document, str) and "\n" in document:
        body["text"] = document
    else:
        body["text"] = Path(document).read_text(encoding="utf-8-sig")
    if start:
        body["start"] = True
    found: Json = transport.request("POST", "documents/", body=body, makes=True)
    return found
