"""The API described as OpenAPI; `schema.py` has the addresses of the description.

Paths come from the URLs, so none is forgotten. A view says itself, where it is more than nothing:

    takes = {"POST": SomeMessage}          the body of that method; b"" for raw bytes
    gives = {"GET": SomeTypedDict}         the answer's JSON
    binary = {"GET": "application/zip"}    an answer that is a file
    asks = {"after": "…"}                  query parameters, each with a sentence; {"GET": {"after": "…"}} of one method
    codes = {"POST": 201}                  where the answer has not the usual code
    says = {"POST": "…"}                   instead of the docstring

What a method does stands in the view's docstring behind its name: `GET: the trials. POST: add one.`
"""

import json
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentIdentity, ResolvedComponent
from drf_spectacular.utils import OpenApiParameter
from pydantic import BaseModel, TypeAdapter

from sweeps.api.shared.etags import TaggedView
from sweeps.api.shared.once import HEADER

PEOPLE: Final = "/api/v1/"
RUNNERS: Final = "/api/runner/v1/"
METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
_SAID: Final = re.compile(r"(?:^|(?<=\. )|(?<=\.\n)|(?<=\n))\s*(GET|POST|PUT|PATCH|DELETE)\b:?\s+")


class Refusal(BaseModel):
    """Every refusal. `fields`: sentences by field, "" for the whole."""

    code: str
    message: str
    fields: dict[str, list[str]]


class Described(AutoSchema):
    """An operation, from what its view says of itself."""

    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular has it, not its base
        says: dict[str, str] = getattr(self.view, "says", {})
        words = says.get(self.method) or said(str(self.view.__doc__ or ""), self.method)
        return words[:1].upper() + words[1:]

    def get_summary(self) -> str:
        first = re.split(r"(?<=[.;:])\s|\n\n", self.get_description().replace("\n", " ") or self.method)[0]
        return first.rstrip(".;:")[:120]

    def get_operation_id(self) -> str:
        named = re.sub(r"\W+", "_", self.path.removeprefix(PEOPLE)).strip("_")
        return f"{self.method.lower()}_{named}"

    def get_tags(self) -> list[str]:
        if not self.path.startswith(PEOPLE):
            return ["runner"]
        return [self.path.removeprefix(PEOPLE).partition("/")[0]]

    def get_override_parameters(self) -> list[Any]:
        asks: dict[str, Any] = getattr(self.view, "asks", {})
        own = asks.get(self.method)
        named: dict[str, str] = own if isinstance(own, dict) else {} if set(asks) & METHODS else asks
        found = [_parameter(name, OpenApiParameter.QUERY, text) for name, text in named.items()]
        return [*found, *(_parameter(name, OpenApiParameter.HEADER, text) for name, text in self._headers())]

    def _headers(self) -> Iterable[tuple[str, str]]:
        if self._creates():
            yield HEADER, "A key of your own: sent again within 24 hours, the same answer and nothing made twice."
        if self.method == "GET" and isinstance(self.view, TaggedView):
            yield "If-None-Match", "An ETag: 304 where nothing has changed since."
        if self.method in {"PATCH", "DELETE"} and getattr(self.view, "matches", False):
            yield "If-Match", "An ETag: 412 where somebody has changed the thing since."

    def _creates(self) -> bool:
        return bool(getattr(getattr(self.view, self.method.lower(), None), "creates", False))

    def _is_list_view(self, serializer: Any = None) -> bool:  # noqa: ARG002  its signature
        return False

    def _get_request_body(self, direction: str = "request") -> dict[str, Any] | None:  # noqa: ARG002  its signature
        takes: dict[str, type[BaseModel] | bytes] = getattr(self.view, "takes", {})
        if self.method not in takes:
            return None
        shape = takes[self.method]
        if isinstance(shape, bytes):
            return {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
        return {"content": {"application/json": {"schema": self._schema(shape)}}, "required": True}

    def _get_response_bodies(self, direction: str = "response") -> dict[str, Any]:  # noqa: ARG002  its signature
        found: dict[str, Any] = {str(self._code()): self._answer()}
        if self.method == "GET" and isinstance(self.view, TaggedView):
            found["304"] = {"description": "Nothing has changed."}
        refused = {"application/json": {"schema": self._schema(Refusal)}}
        found["4XX"] = {"description": "Refused, with a code, a sentence and the fields.", "content": refused}
        found["429"] = {
            "description": "Too many requests.",
            "headers": {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}},
            "content": refused,
        }
        return found

    def _code(self) -> int:
        usual = 204 if self.method == "DELETE" else 201 if self.method == "POST" and self._creates() else 200
        codes: dict[str, int] = getattr(self.view, "codes", {})
        return codes.get(self.method, usual)

    def _answer(self) -> dict[str, Any]:
        gives: dict[str, Any] = getattr(self.view, "gives", {})
        binary: dict[str, str] = getattr(self.view, "binary", {})
        if self.method in binary:
            file = {"schema": {"type": "string", "format": "binary"}}
            return {"description": "The file.", "content": {binary[self.method]: file}}
        if self.method in gives:
            return {
                "description": "Done.",
                "content": {"application/json": {"schema": self._schema(gives[self.method])}},
            }
        return {"description": "Done."}

    def _schema(self, shape: Any) -> dict[str, Any]:
        """A reference to the shape, which is put among the components with all that it names."""
        schema, definitions = _schema_of(shape)
        for name, definition in definitions.items():
            self._register(name, definition)
        if "$ref" in schema:
            return dict(schema)
        name = str(schema.get("title") or shape.__name__)
        self._register(name, schema)
        return {"$ref": f"#/components/schemas/{name}"}

    def _register(self, name: str, schema: dict[str, Any]) -> None:
        # Two shapes of one name are warned of.
        same = ComponentIdentity(json.dumps(schema, sort_keys=True))  # type: ignore[no-untyped-call]  # untyped there
        component = ResolvedComponent(name, ResolvedComponent.SCHEMA, schema, object=same)  # type: ignore[no-untyped-call]  # untyped there
        self.registry.register_on_missing(component)


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # it registers itself, untyped
    target_class = "teams.authentication.BearerToken"
    name = "accessToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:  # noqa: ARG002  its signature
        return {"type": "http", "scheme": "bearer", "description": "An access token, hpt_…"}


class RunnerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # it registers itself, untyped
    target_class = "runners.authentication.RunnerToken"
    name = "runnerToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:  # noqa: ARG002  its signature
        return {"type": "http", "scheme": "bearer", "description": "A runner's token, hpr_…"}


def for_people(endpoints: list[Any]) -> list[Any]:
    """The addresses of people's programs."""
    return [each for each in endpoints if each[0].startswith(PEOPLE)]


def for_runners(endpoints: list[Any]) -> list[Any]:
    """The addresses of runners."""
    return [each for each in endpoints if each[0].startswith(RUNNERS)]


def said(text: str, method: str) -> str:
    """What a docstring says of a method: its own words, then what is said of all of them."""
    first, *rest = re.split(r"\n\s*\n", text.strip())
    parts = _SAID.split(first)
    own = {name: words.strip() for name, words in zip(parts[1::2], parts[2::2], strict=True)}
    general = []
    for paragraph in rest:
        found = _SAID.split(paragraph.strip())
        if len(found) > 1 and not found[0].strip():
            own |= {name: words.strip() for name, words in zip(found[1::2], found[2::2], strict=True)}
        else:
            general.append(paragraph)
    chosen = own.get(method, "" if own else first)
    return "\n\n".join(" ".join(part.split()) for part in (chosen, *general) if part.strip())


def _parameter(name: str, place: Any, text: str) -> Any:
    return OpenApiParameter(name, str, place, description=text)


@lru_cache(maxsize=500)
def _schema_of(shape: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The shape's JSON schema, and the definitions that it refers to."""
    schema = TypeAdapter(shape).json_schema(ref_template="#/components/schemas/{model}")
    definitions: dict[str, Any] = schema.pop("$defs", {})
    return schema, definitions
