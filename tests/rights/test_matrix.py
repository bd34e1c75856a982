"""Who gets through which door: every address and method × every kind of person and program, and what must hold of all.

`matrix.txt` has the answers, as status codes; `login` is a redirect to the login page. Who adds an address adds its rows:
`python -m pytest tests/rights` prints what they are now, and a person decides whether they should be.
"""

from pathlib import Path
from typing import Final

import pytest
from django.db import transaction
from django.test import Client

from tests.rights.doors import address, doors, methods
from tests.rights.people import PEOPLE, crowd
from tests.rights.things import things

FILE: Final = Path(__file__).with_name("matrix.txt")
OUT: Final = {"login", "401"}
PUBLIC: Final = {"healthz", "join/<str:token>/", "setup/"}
SHARED: Final = ("runners/<", "api/v1/runners/<")
"""A runner that serves all teams is every team's."""
OWN: Final = (
    "compare/", "seen/", "teams/", "api/v1/teams/", "api/v1/tokens/", "sweeps/bulk/", "api/v1/sweeps/bulk/", "api/v1/runners/bulk/",
    "sweeps/<str:public_id>/trials/columns/", "sweeps/<str:public_id>/trials/views/", "library/spaces/check/", "sweeps/from-sigopt/",
)  # fmt: skip
"""What a viewer may post: things of one's own, and what goes over several things and asks for each."""

Matrix = dict[tuple[str, str], tuple[str, ...]]


def read() -> Matrix:
    """The answers by (method, path), in the order of `PEOPLE`."""
    found: Matrix = {}
    codes: tuple[str, ...] = ()
    for line in FILE.read_text().splitlines():
        if line.startswith("  "):
            method, path = line.split(maxsplit=1) if " " in line.strip() else (line.strip(), "")
            found[method, path.strip()] = codes
        elif line and not line.startswith("#"):
            codes = tuple(line.split())
    return found


def written(matrix: Matrix) -> str:
    """As in the file."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for (method, path), codes in sorted(matrix.items(), key=lambda row: (row[0][1], row[0][0])):
        groups.setdefault(codes, []).append(f"  {method} {path}".rstrip())
    return "\n\n".join("\n".join([" ".join(codes), *rows]) for codes, rows in groups.items())


def knock(client: Client, method: str, url: str) -> str:
    """The answer's code; what it changed is undone."""
    body = {"content_type": "application/json", "data": "{}"} if url.startswith("/api/") and method != "get" else {}
    with transaction.atomic():
        answer = getattr(client, method)(url, **body)
        transaction.set_rollback(True)
    return "login" if answer.status_code == 302 and "/login/" in answer["Location"] else str(answer.status_code)


@pytest.mark.django_db
@pytest.mark.timeout(900)
def test_every_door_answers_each_as_written() -> None:
    people = crowd()
    ids = things(people)
    found: Matrix = {}
    for path in doors():
        url = address(path, ids)
        for method in methods(path):
            if knock(people.clients["owner"], method, url) != "405":
                found[method, path] = tuple(knock(people.clients[who], method, url) for who in PEOPLE)
    expected = read()
    differing = {row: codes for row, codes in found.items() if expected.get(row) != codes}
    assert not differing, f"{' '.join(PEOPLE)}\n{written(differing)}"
    assert expected.keys() - found.keys() == set()


def test_what_holds_of_every_row() -> None:
    """Also of a row that was written without much thought."""
    matrix = read()
    assert len(matrix) > 200
    for (method, path), codes in matrix.items():
        if path in PUBLIC:
            continue
        by = dict(zip(PEOPLE, codes, strict=True))
        where = f"{method} {path}: {by}"
        assert {by["nobody"], by["revoked"], by["runner"]} <= OUT, where
        if (
            "<" in path
            and not path.startswith(SHARED)
            and "<str:key>" not in path
            and path != "teams/connections/<str:name>/"
        ):
            assert by["stranger"] == "404", where
        if method != "get":
            assert by["reader"] in {*OUT, "403", "404"} or path == "api/v1/sweeps/bulk/", where
            assert by["viewer"] in {"403", "404"} or path.startswith(OWN), where
        if "<str:public_id>" in path:
            assert by["removed"] == "404" or (by["removed"] == "403" and "tokens" in path), where
