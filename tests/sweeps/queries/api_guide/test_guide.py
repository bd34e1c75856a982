"""The page about the API: every address, its fields, and examples that the API takes."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from sweeps.queries.api_guide.fields import Field, example, rows
from sweeps.queries.api_guide.guide import guide
from tests.factories import Cast

COMPONENTS: dict[str, Any] = {
    "A": {"properties": {"source": {"const": "a"}, "n": {"type": "integer"}}, "required": ["n"]},
    "B": {"properties": {"source": {"const": "b"}, "again": {"$ref": "#/components/schemas/B"}}},
}
SCHEMA: dict[str, Any] = {
    "properties": {
        "name": {"type": "string"},
        "of": {"oneOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}]},
        "many": {"type": "array", "items": {"$ref": "#/components/schemas/A"}},
        "state": {"anyOf": [{"enum": ["on", "off"]}, {"type": "null"}]},
    },
    "required": ["name", "of"],
}


def test_fields_stand_below_the_object_that_they_are_in() -> None:
    found = list(rows(SCHEMA, COMPONENTS))
    assert found[:4] == [
        Field("name", "text", True, 0),
        Field("of", "A or B", True, 0),
        Field("A", "one of the kinds", False, 1),
        Field("source", "“a”", False, 2),
    ]
    assert Field("many", "list of A", False, 0) in found
    assert found[-1] == Field("state", "on, off or null", False, 0)
    # A shape that holds itself ends.
    assert [field.name for field in found].count("again") == 1


def test_an_example_has_what_is_needed() -> None:
    assert example(SCHEMA, COMPONENTS) == {"name": "My name", "of": {"source": "a", "n": 1}}


@pytest.mark.django_db
def test_every_address_stands_on_the_page(client: Client, cast: Cast) -> None:
    assert client.get("/api/").status_code == 302
    client.force_login(cast.vera)
    page = client.get("/api/")
    text = page.content.decode()
    schema = client.get("/api/v1/schema/").json()
    operations = [each["operationId"] for item in schema["paths"].values() for each in item.values()]
    assert sorted(re.findall(r'<details class="disclose api-operation" id="(\w+)"', text)) == sorted(operations)
    assert "<script>" not in text
    assert "style=" not in text


def test_examples_are_json_that_a_shell_takes() -> None:
    bodies = [
        body.replace("'\\''", "'")
        for subject in guide()
        for operation in subject.operations
        for body in re.findall(r"-d '(.*)'", operation.curl)
    ]
    assert len(bodies) > 15
    for body in bodies:
        assert isinstance(json.loads(body), dict)
