"""Pages: every address with odd names, odd questions and odd forms, for a member, a viewer and a stranger."""

import random
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from sweeps.models import Dataset, DatasetVersion, Model, SearchSpace
from tests.fuzz.world import NASTY, Tally, World, rows, undone

SKIPPED = ("/admin/", "/logout/")
"""Django's own; and what would end the session."""


@pytest.fixture
def world(db: None) -> World:
    return World.make()


class Fields(HTMLParser):
    """Names of the fields of a page's forms, with what they hold."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        name = told.get("name")
        if name and tag in {"input", "select", "textarea", "button"} and name != "csrfmiddlewaretoken":
            self.values.setdefault(name, told.get("value") or "")


def addresses(world: World) -> list[str]:
    """One address for each pattern, `<name:kind>` filled in with what there is."""
    found: list[str] = []

    def walk(patterns: list[Any], prefix: str) -> None:
        for pattern in patterns:
            text = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                walk(pattern.url_patterns, text)
            elif isinstance(pattern, URLPattern):
                found.append("/" + text)

    walk(get_resolver().url_patterns, "")
    return [
        address for address in found if not address.startswith(SKIPPED) and "(?P" not in address and "^" not in address
    ]


def filled(address: str, values: dict[str, str]) -> str:
    parts = []
    for part in address.split("/"):
        if part.startswith("<"):
            name = part.strip("<>").rpartition(":")[2]
            parts.append(values.get(name, "x"))
        else:
            parts.append(part)
    return "/".join(parts)


def odd(source: random.Random, kept: str = "") -> str:
    """A nasty value, or what was there, changed a little."""
    if kept and source.random() < 0.5:
        at = source.randrange(len(kept))
        return kept[:at] + source.choice(NASTY)[:40] + kept[at + 1 :]
    return source.choice(NASTY)


def plain(text: str) -> str:
    """As a browser could send it."""
    return text.encode("utf-8", "replace").decode()


def ids(world: World, address: str, source: random.Random) -> dict[str, str]:
    real = {
        "models": Model.objects.get().public_id,
        "spaces": SearchSpace.objects.get().public_id,
        "datasets": Dataset.objects.get().public_id,
        "versions": DatasetVersion.objects.get().public_id,
        "map": world.upload.public_id,
        "sweeps": source.choice(world.ids["public_id"][:2]),
    }
    at = next((real[part] for part in reversed(address.split("/")) if part in real), "x" * 12)
    return {
        "public_id": at,
        "number": source.choice(["0", "1", "9" * 25]),
        "key": source.choice(["digits", "no", "%00"]),
    }


def throw(world: World, seed: int, rounds: int) -> Tally:
    tally, source = Tally(), random.Random(seed)
    people = {}
    for name, person in (("member", world.cast.alice), ("viewer", world.cast.vera), ("stranger", world.cast.charlie)):
        people[name] = Client(raise_request_exception=False)
        people[name].force_login(person)
    people["nobody"] = Client(raise_request_exception=False)
    with tally.listening():
        for address in addresses(world):
            for _ in range(rounds):
                name = source.choice(["member", "member", "member", *people])
                _visit(world, people, name, address, source=source, tally=tally)
    print(f"\npages: {tally}")
    return tally


def _visit(
    world: World, people: dict[str, Client], who: str, address: str, *, source: random.Random, tally: Tally
) -> None:
    client = people[who]
    url = filled(address, ids(world, address, source))
    if source.random() < 0.2:
        url = filled(
            address, {name: "%00" if value == "\0" else plain(value)[:60] or "_" for name, value in _odd_ids(source)}
        )
    with undone():
        query = {
            source.choice(["page", "after", "dataset", "q", "tab", "kind", "next", "sort", "trial"]): plain(odd(source))
        }
        answer = client.get(url, query)
        tally.count(f"{who} GET {url} {query!r}", answer.status_code)
    fields = (
        Fields(answer.content.decode(errors="replace")).values
        if answer.status_code in {200, 422} and not answer.streaming
        else {}
    )
    with undone():
        form: dict[str, Any] = {
            name: plain(odd(source, value)) if source.random() < 0.6 else value for name, value in fields.items()
        }
        for _ in range(source.randint(0, 3)):
            form[plain(odd(source))[:50] or "x"] = plain(odd(source))
        if source.random() < 0.3:
            form["file"] = SimpleUploadedFile(plain(odd(source))[:50] or "x", plain(odd(source)).encode())
        before = rows()
        answer = client.post(url, form)
        tally.count(f"{who} POST {url} {str(form)[:300]}", answer.status_code)
        if answer.status_code >= 400:
            # A file that a form refuses may have come in as an upload: it goes on with the next form.
            changed = {table for table, told in rows().items() if told != before[table]} - {
                "sweeps_upload",
                "sweeps_artifact",
            }
            assert not changed, f"{url}: refused with {answer.status_code}, and {changed} changed: {form}"


def _odd_ids(source: random.Random) -> list[tuple[str, str]]:
    return [
        (name, source.choice(NASTY).replace("/", "_").replace("?", "_").replace("#", "_"))
        for name in ("public_id", "number", "key", "name", "entity", "project", "run")
    ]


@pytest.mark.parametrize("rounds", [1, pytest.param(40, marks=[pytest.mark.full, pytest.mark.timeout(3600)])])
def test_no_page_breaks(world: World, rounds: int) -> None:
    tally = throw(world, seed=rounds, rounds=rounds)
    assert tally.faults == []
    assert tally.tried > 50 * rounds
