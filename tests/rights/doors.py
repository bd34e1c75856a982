"""Every address of the program, with the things filled in. From the URL configuration, so that a new one is not forgotten."""

import re
from collections.abc import Iterator
from typing import Final

from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

ELSEWHERE: Final = ("account/", "login/", "logout/", "admin/", "wandb/", "sigopt/", "api/runner/")
"""Signing in has no thing to protect, the administration is for staff (tests/hpweb), and what programs of other makers and
runners say is tested where they are (tests/sweeps/wandb, tests/sweeps/sigopt, tests/sweeps/api/runner)."""
METHODS: Final = ("get", "post", "put", "patch", "delete")
BY_NAME: Final = {
    "view_id": "view",
    "invitation_id": "invitation",
    "invitation": "invitation",
    "email": "email",
    "job": "job",
}
FIXED: Final = {"number": "0", "form": "csv", "split": "train", "key": "digits", "name": "wandb", "token": "x" * 20}
BY_PLACE: Final = (
    ("compare/saved/", "comparison"),
    ("compare/chosen/", "sweep"),
    ("library/datasets/map/", "upload"),
    ("teams/tokens/", "token"),
)


def doors() -> Iterator[str]:
    """The paths as the URL configuration has them: `sweeps/<str:public_id>/`."""
    for path in _walk(get_resolver()):
        if not path.startswith(ELSEWHERE):
            yield path


def address(path: str, things: dict[str, str]) -> str:
    """A path with the things' ids."""
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: _word(path, found[1], things), path)


def methods(path: str) -> tuple[str, ...]:
    """Pages are read and posted to."""
    return METHODS if path.startswith("api/v1/") else METHODS[:2]


def _walk(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for part in resolver.url_patterns:
        path = before + str(part.pattern)
        if isinstance(part, URLPattern):
            yield path
        else:
            yield from _walk(part, path)


def _word(path: str, name: str, things: dict[str, str]) -> str:
    if name in FIXED:
        return FIXED[name]
    if name == "pk":
        return things["membership"] if "members" in path else "0"
    if name in BY_NAME:
        return things[BY_NAME[name]]
    for place, kind in BY_PLACE:
        if path.startswith(place):
            return things[kind]
    found = re.match(r"(?:api/v1/|library/)?([a-z]+)s/", path)
    if found is None or name != "public_id":
        raise LookupError(f"Say in tests/rights/doors.py what stands for {name} in {path}.")
    return things[found[1]]
