"""Both APIs, fuzzed from their OpenAPI description: never a 500, and what is refused has changed nothing."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from teams.models import Scope
from teams.tokens import make_token
from tests.fuzz.world import NASTY, Tally, World, drawing, rows, undone


@pytest.fixture
def world(db: None) -> World:
    return World.make()


@dataclass(frozen=True)
class Caller:
    """What comes with each request."""

    headers: dict[str, str]
    cookies: dict[str, str] = field(default_factory=dict)


def member(world: World) -> Caller:
    _, text = make_token(user=world.cast.alice, team=world.cast.team, name="fuzz", scope=Scope.ADMIN)
    return Caller({"Authorization": f"Bearer {text}"})


def operations(prefix: str, caller: Caller) -> list[Any]:
    address = "/api/v1/schema/" if prefix == "/api/v1/" else "/api/runner/v1/schema"
    client = Client(headers=caller.headers)
    client.cookies.load(caller.cookies)
    answer = client.get(address)
    assert answer.status_code == 200, answer.content[:300]
    schema = json.loads(answer.content)
    schema["paths"] = {path: item for path, item in schema["paths"].items() if path.startswith(prefix)}
    loaded = schemathesis.openapi.from_dict(schema)
    loaded.app = WSGIHandler()
    loaded.config.update(base_url="http://localhost")
    found: list[Any] = list(loaded.get_all_operations())
    return [result.ok() for result in found]


def fuzz(world: World, prefix: str, caller: Caller, examples: int) -> Tally:
    tally, found = Tally(), operations(prefix, caller)
    with tally.listening():
        for operation in found:
            _fuzz_one(world, operation, caller, examples, tally)
    print(f"\n{prefix}: {tally}")
    return tally


def _fuzz_one(world: World, operation: Any, caller: Caller, examples: int, tally: Tally) -> None:
    good = operation.as_strategy(generation_mode=schemathesis.GenerationMode.POSITIVE)
    bad = operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE)

    @drawing(examples, same_below=50)
    @given(data=st.data())
    def one(data: st.DataObject) -> None:
        case = data.draw(st.one_of(good, bad))
        for name in case.path_parameters or {}:
            real = world.ids.get(name, [])
            chosen = data.draw(st.sampled_from([*real, *real, *(text for text in NASTY if text.isalnum())]))
            case.path_parameters[name] = chosen
        if isinstance(case.body, dict) and "claim_id" in case.body and data.draw(st.booleans()):
            case.body["claim_id"] = world.talk.claim_id
        before = rows()
        with undone():
            response = case.call(headers={**caller.headers, "Accept-Encoding": "identity"}, cookies=caller.cookies)
            tally.count(f"{operation.method.upper()} {operation.path} {str(case.body)[:300]!r}", response.status_code)
            if response.status_code >= 400:
                assert rows() == before, (
                    f"{operation.path}: refused with {response.status_code}, and something was kept"
                )
                kind = "".join(response.headers.get("content-type", ""))
                assert "json" not in kind or json.loads(response.content)["code"], operation.path

    try:
        one()
    except Exception as error:
        if "Unsatisfiable" not in type(error).__name__:
            raise


EXAMPLES = [4, pytest.param(100, marks=[pytest.mark.full, pytest.mark.timeout(3600)])]


# The files are streamed for ASGI, and this is WSGI.
@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume asynchronous iterators")
@pytest.mark.parametrize("examples", EXAMPLES)
def test_the_api_for_people(world: World, examples: int) -> None:
    tally = fuzz(world, "/api/v1/", member(world), examples)
    assert tally.faults == []
    assert tally.answers[200] > 5
    assert tally.tried > 12 * examples


@pytest.mark.parametrize("examples", EXAMPLES)
def test_the_api_for_runners(world: World, examples: int) -> None:
    tally = fuzz(world, "/api/runner/v1/", Caller({"Authorization": f"Bearer {world.token}"}), examples)
    assert tally.faults == []
    assert tally.tried > 8 * examples
