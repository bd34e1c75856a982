"""Reading what a request asks for in its address; 400 names the parameter that is wrong."""

import re
from typing import Final

from rest_framework import exceptions
from rest_framework.request import Request

from sweeps.access import MAX_NUMBER

_NUMBER: Final = re.compile(r"\d{1,10}", re.ASCII)


def whole_number(request: Request, name: str) -> int | None:
    """A trial's number, None where it is not asked for."""
    text = request.query_params.get(name)
    return None if text is None else _number(name, text)


def whole_numbers(request: Request, name: str, most: int) -> list[int] | None:
    """Trials' numbers between commas, None where they are not asked for."""
    text = request.query_params.get(name)
    if text is None:
        return None
    found = [_number(name, part) for part in text.split(",") if part]
    if len(found) > most:
        raise exceptions.ValidationError({name: [f"Ask for at most {most} trials at once, not {len(found)}."]})
    return found


def _number(name: str, text: str) -> int:
    number = int(text) if _NUMBER.fullmatch(text.strip()) else -1
    if not 0 <= number < MAX_NUMBER:
        raise exceptions.ValidationError({name: [f"Give the numbers of trials, such as 3, not {text[:20]!r}."]})
    return number
