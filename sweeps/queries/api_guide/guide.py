"""The whole description, ready for the page."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from drf_spectacular.generators import SchemaGenerator

from sweeps.queries.api_guide.fields import Field, Schema, example, rows

SUBJECTS: Final = {
    "sweeps": "Sweeps and trials",
    "compare": "Comparing trials",
    "models": "Models",
    "datasets": "Data sets",
    "versions": "Versions of data sets",
    "uploads": "Uploads",
    "spaces": "Search spaces",
    "documents": "YAML",
    "runners": "Runners",
    "teams": "Teams and members",
    "tokens": "Access tokens",
    "me": "Who am I",
}
"""By the first part of their addresses, in the page's order; others come behind."""
_METHODS: Final = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Parameter:
    """`place`: path, query or header."""

    name: str
    place: str
    text: str


@dataclass(frozen=True)
class Operation:
    """`takes`, `gives`: fields of body and answer. `code`: of the answer."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    parameters: list[Parameter]
    takes: list[Field]
    gives: list[Field]
    code: str
    curl: str
    python: str


@dataclass(frozen=True)
class Subject:
    name: str
    title: str
    operations: list[Operation]


@cache
def guide() -> list[Subject]:
    """Made once in a process: it follows from the code alone."""
    schema: Mapping[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]  # untyped there
    components: Mapping[str, Schema] = schema["components"]["schemas"]
    found: dict[str, list[Operation]] = {name: [] for name in SUBJECTS}
    for path, item in schema["paths"].items():
        for method in _METHODS:
            if method in item:
                tag = item[method]["tags"][0]
                found.setdefault(tag, []).append(_operation(path, method, item[method], components))
    return [Subject(name, SUBJECTS.get(name, name.capitalize()), each) for name, each in found.items() if each]


def _operation(path: str, method: str, said: Schema, components: Mapping[str, Schema]) -> Operation:
    body = said.get("requestBody", {}).get("content", {})
    takes: Schema = body.get("application/json", {}).get("schema", {})
    code, answer = next((code, answer) for code, answer in said["responses"].items() if code.startswith("2"))
    gives: Schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    parameters = [
        Parameter(each["name"], each["in"], each.get("description", ""))
        for each in said.get("parameters", ())
        if each["in"] != "path"
    ]
    sent = example(takes, components) if takes else None
    raw = "application/octet-stream" in body
    return Operation(
        id=said["operationId"],
        method=method.upper(),
        path=path,
        summary=said.get("summary", ""),
        description=said.get("description", ""),
        parameters=parameters,
        takes=list(rows(takes, components)),
        gives=list(rows(gives, components)),
        code=code,
        curl=_curl(method, path, sent, raw=raw),
        python=_python(method, path, sent, raw=raw),
    )


def _curl(method: str, path: str, sent: Any, *, raw: bool) -> str:
    lines = list(_curl_lines(method, path, sent, raw=raw))
    return " \\\n  ".join(lines)


def _curl_lines(method: str, path: str, sent: Any, *, raw: bool) -> Iterator[str]:
    verb = "" if method == "get" else f" -X {method.upper()}"
    yield f'curl{verb} -H "Authorization: Bearer $HPWEB_TOKEN"'
    if raw:
        yield '-H "Content-Type: application/octet-stream" --data-binary @chunk'
    if sent is not None:
        text = json.dumps(sent, ensure_ascii=False).replace("'", "'\\''")
        yield f"-H \"Content-Type: application/json\" -d '{text}'"
    yield f'"$HPWEB_URL{path}"'


def _python(method: str, path: str, sent: Any, *, raw: bool) -> str:
    address = path.removeprefix("/api/v1/")
    more = ", content=chunk" if raw else f", json={sent!r}" if sent is not None else ""
    # httpx sends no body with its own delete.
    if method == "delete" and more:
        return f'answer = api.request("DELETE", "{address}"{more})'
    return f'answer = api.{method}("{address}"{more})'
