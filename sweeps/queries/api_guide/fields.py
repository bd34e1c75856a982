"""Shapes of the API as rows, and examples of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

Schema = Mapping[str, Any]
DEEPEST: Final = 3
"""So many objects within objects are shown."""
_WORDS: Final = {
    "integer": "whole number",
    "boolean": "true or false",
    "string": "text",
    "null": "null",
    "array": "list",
}
_SAMPLES: Final[Mapping[str, Any]] = {"string": "…", "integer": 1, "number": 0.5, "boolean": True, "null": None}
_KNOWN: Final[Mapping[str, Any]] = {"name": "My name", "task": "text-classification", "numbers": "0-4", "n_trials": 20}


@dataclass(frozen=True)
class Field:
    """`depth`: how many objects it lies in. `kind`: in words, with the values where there are few."""

    name: str
    kind: str
    required: bool
    depth: int


def rows(
    schema: Schema, components: Mapping[str, Schema], depth: int = 0, seen: tuple[str, ...] = ()
) -> Iterator[Field]:
    """The fields of an object, those of objects in it below them."""
    whole = _followed(schema, components)
    required = set(whole.get("required", ()))
    for name, field in whole.get("properties", {}).items():
        yield Field(name, kind_of(field, components), name in required, depth)
        kinds = [(inner, ref) for inner, ref in _inside(field, components) if ref not in seen]
        for inner, ref in kinds if depth < DEEPEST else ():
            below = depth + 1
            if len(kinds) > 1:
                yield Field(ref, "one of the kinds", required=False, depth=below)
                below += 1
            yield from rows(inner, components, below, (*seen, ref))


def kind_of(schema: Schema, components: Mapping[str, Schema]) -> str:
    """What a value may be, in a few words."""
    for several in ("anyOf", "oneOf"):
        if several in schema:
            kinds = [kind_of(each, components) for each in schema[several]]
            return " or ".join(dict.fromkeys(kinds))
    if "$ref" in schema:
        found = _followed(schema, components)
        return _name(schema) if "properties" in found else kind_of(found, components)
    if "const" in schema:
        return f"“{schema['const']}”"
    if "enum" in schema:
        return ", ".join(str(value) for value in schema["enum"])
    if schema.get("type") == "array":
        items = schema.get("items")
        return f"list of {kind_of(items, components)}" if items else "list"
    if schema.get("type") == "object":
        more = schema.get("additionalProperties")
        return f"object of {kind_of(more, components)}" if isinstance(more, Mapping) and more else "object"
    return _WORDS.get(str(schema.get("type", "")), str(schema.get("type", "anything")))


def example(schema: Schema, components: Mapping[str, Schema], name: str = "", depth: int = 0) -> Any:
    """A value of the shape: what is required, and no more."""
    if name in _KNOWN and depth < 3:
        return _KNOWN[name]
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return example(schema[several][0], components, name, depth)
    if "$ref" in schema:
        return example(_followed(schema, components), components, name, depth)
    if schema.get("type") == "array":
        return [example(schema.get("items", {}), components, "", depth + 1)]
    if "properties" in schema and depth < DEEPEST:
        wanted = [*schema.get("required", ())] or [*schema["properties"]][:1]
        found = {key: example(schema["properties"][key], components, key, depth + 1) for key in wanted}
        # What tells one kind from another has a default, and says what the rest means.
        kinds = {key: field["const"] for key, field in schema["properties"].items() if "const" in field}
        return {**kinds, **found}
    return {} if schema.get("type") == "object" else _SAMPLES.get(str(schema.get("type")), "…")


def _inside(schema: Schema, components: Mapping[str, Schema]) -> list[tuple[Schema, str]]:
    """The objects that a field may be, or a list of them, with their names."""
    if schema.get("type") == "array":
        return _inside(schema.get("items", {}), components)
    if "$ref" in schema:
        found = _followed(schema, components)
        return [(found, _name(schema))] if "properties" in found else []
    several = (*schema.get("anyOf", ()), *schema.get("oneOf", ()))
    return [one for each in several for one in _inside(each, components)]


def _followed(schema: Schema, components: Mapping[str, Schema]) -> Schema:
    return components.get(_name(schema), {}) if "$ref" in schema else schema


def _name(schema: Schema) -> str:
    return str(schema["$ref"]).rpartition("/")[2]
