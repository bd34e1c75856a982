"""What a new description of the API takes from programs that were written for an old one."""

from collections.abc import Iterator
from typing import Any

METHODS = ("get", "post", "put", "patch", "delete")


def broken(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Sentences: addresses, methods, parameters, fields, values and kinds that are gone, and fields newly required."""
    return [*_paths(old, new), *_shapes(old, new)]


def _paths(old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    for path, item in old["paths"].items():
        if path not in new["paths"]:
            yield f"{path} is gone"
            continue
        for method in [name for name in METHODS if name in item]:
            now = new["paths"][path].get(method)
            if now is None:
                yield f"{method.upper()} {path} is gone"
                continue
            known = {parameter["name"] for parameter in now.get("parameters", ())}
            for parameter in item[method].get("parameters", ()):
                if parameter["name"] not in known:
                    yield f"{method.upper()} {path}: the parameter {parameter['name']} is gone"
            before = {
                parameter["name"] for parameter in item[method].get("parameters", ()) if parameter.get("required")
            }
            for parameter in now.get("parameters", ()):
                if parameter.get("required") and parameter["name"] not in before:
                    yield f"{method.upper()} {path}: the parameter {parameter['name']} is required now"


def _shapes(old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    schemas, now = old["components"]["schemas"], new["components"]["schemas"]
    answered = set(_named(old, "responses", schemas))
    for name, schema in schemas.items():
        if name not in now:
            yield f"{name} is gone"
        else:
            yield from _shape(name, schema, now[name], answered=name in answered)


def _shape(name: str, old: dict[str, Any], new: dict[str, Any], *, answered: bool) -> Iterator[str]:
    properties = new.get("properties", {})
    for field, schema in old.get("properties", {}).items():
        if field not in properties:
            yield f"{name}.{field} is gone"
            continue
        if "type" in schema and "type" in properties[field] and schema["type"] != properties[field]["type"]:
            yield f"{name}.{field}: {schema['type']} has become {properties[field]['type']}"
        yield from _values(f"{name}.{field}", schema, properties[field])
    yield from _values(name, old, new)
    if not answered:
        for field in sorted(set(new.get("required", ())) - set(old.get("required", ()))):
            yield f"{name}.{field} is required now"


def _values(at: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    """An enum that is gone altogether allows more than before."""
    if "enum" in old and "enum" in new:
        for value in old["enum"]:
            if value not in new["enum"]:
                yield f"{at}: {value!r} is gone"


def _named(schema: dict[str, Any], part: str, schemas: dict[str, Any]) -> set[str]:
    """The shapes that answers refer to, and those that these refer to."""
    found: set[str] = set()
    waiting = [
        operation.get(part)
        for item in schema["paths"].values()
        for method, operation in item.items()
        if method in METHODS
    ]
    while waiting:
        at: Any = waiting.pop()
        if isinstance(at, dict):
            name = str(at.get("$ref", "")).rpartition("/")[2]
            if name and name not in found:
                found.add(name)
                waiting.append(schemas.get(name))
            waiting += list(at.values())
        elif isinstance(at, list):
            waiting += at
    return found
