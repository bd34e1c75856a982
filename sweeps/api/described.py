"""The API described as OpenAPI; `schema.py` has the addresses of the description.

Paths come from the URLs, so none is forgotten. What a view takes it says itself, where it is more than nothing:

    takes = {"POST": SomeMessage}          the body of that method
    asks = {"after": "…"}                  its query parameters, each with a sentence
    asks = {"GET": {"after": "…"}}         those of one method
"""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from pydantic import BaseModel

METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
REFUSAL: dict[str, Any] = {
    "type": "object",
    "properties": {
        "code": {"type": "string"},
        "message": {"type": "string"},
        "fields": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
    },
    "required": ["code", "message"],
}
"""Every refusal."""


class Described(AutoSchema):
    """An operation, from what its view says of itself."""

    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular has it, not its base
        return str(self.view.__doc__ or "")

    def get_operation_id(self) -> str:
        named = self.path.strip("/").replace("/", "_").replace("{", "").replace("}", "").replace("-", "_")
        return f"{self.method.lower()}_{named}"

    def get_tags(self) -> list[str]:
        return [part for part in self.path.split("/") if part and not part.startswith("{")][2:3]

    def get_override_parameters(self) -> list[Any]:
        asks: dict[str, Any] = getattr(self.view, "asks", {})
        own = asks.get(self.method)
        named: dict[str, str] = own if isinstance(own, dict) else {} if set(asks) & METHODS else asks
        return [_query(name, text) for name, text in named.items()]

    def _get_request_body(self, direction: str = "request") -> dict[str, Any] | None:  # noqa: ARG002  its signature
        if self.method not in {"POST", "PUT", "PATCH", "DELETE"}:
            return None
        takes: dict[str, type[BaseModel] | bytes] = getattr(self.view, "takes", {})
        if self.method not in takes:
            return None
        shape = takes[self.method]
        if isinstance(shape, bytes):
            return {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
        return {"content": {"application/json": {"schema": _flat(shape)}}, "required": True}

    def _get_response_bodies(self, direction: str = "response") -> dict[str, Any]:  # noqa: ARG002  its signature
        refused = {"description": "Refused, with a sentence.", "content": {"application/json": {"schema": REFUSAL}}}
        return {"2XX": {"description": "Done."}, "4XX": refused, "507": refused}


def _query(name: str, text: str) -> Any:
    return OpenApiParameter(name, str, OpenApiParameter.QUERY, description=text)


def _flat(shape: type[BaseModel]) -> dict[str, Any]:
    """The shape's JSON schema with every definition in its place; one that holds itself ends as anything at all."""
    schema = shape.model_json_schema()
    definitions = schema.pop("$defs", {})

    def put(part: Any, above: tuple[str, ...]) -> Any:
        if isinstance(part, list):
            return [put(each, above) for each in part]
        if not isinstance(part, dict):
            return part
        name = str(part.get("$ref", "")).rpartition("/")[2]
        if name:
            return {} if name in above else put(definitions[name], (*above, name))
        return {key: put(value, above) for key, value in part.items() if key != "discriminator"}

    flat: dict[str, Any] = put(schema, ())
    return flat
