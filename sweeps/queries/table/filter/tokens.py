"""The words of a filter."""

import math
import re
from dataclasses import dataclass
from typing import Final

from sweeps.queries.table.filter.problem import FilterProblem

MOST_CHARACTERS: Final = 4000
KEYWORDS: Final = frozenset({"and", "or", "not", "in", "contains"})
UNITS: Final = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}

_SPACE: Final = " \t\r\n\xa0"
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.(?!\.)[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_WORD: Final = re.compile(r"[^\W\d][\w.:/-]*")
_UNIT: Final = re.compile(r"(?:min|s|h|d)(?![\w:/-]|\.(?!\.))")
_SIGN: Final = re.compile(r"<=|>=|!=|<>|==|\.\.|[=<>(),]")
_SAME: Final = {"==": "=", "<>": "!="}


@dataclass(frozen=True)
class Token:
    """`kind`: "number", "word", "text" (quoted), "name" (in backticks), "sign", "keyword" or "end".

    `text`: what it says, without quotes; keywords in lower case. `value` and `unit`: of a number. From `at` to `end`.
    """

    kind: str
    text: str
    at: int
    end: int
    value: float = 0.0
    unit: str = ""


def tokens(text: str) -> list[Token]:
    """All of them, and one of kind "end". FilterProblem for what is none."""
    if len(text) > MOST_CHARACTERS:
        message = f"The filter has {len(text)} characters. At most {MOST_CHARACTERS} are read: take conditions out."
        raise FilterProblem(message, MOST_CHARACTERS, len(text))
    found: list[Token] = []
    at = 0
    while at < len(text):
        if text[at] in _SPACE:
            at += 1
            continue
        token = _quoted(text, at) or _number(text, at) or _word(text, at) or _sign(text, at)
        if token is None:
            raise FilterProblem(f"{_shown(text[at])} has no meaning here. Text stands in double quotes.", at, at + 1)
        found.append(token)
        at = token.end
    return [*found, Token("end", "", len(text), len(text))]


def _quoted(text: str, at: int) -> Token | None:
    quote = text[at]
    if quote not in "\"'`":
        return None
    end = text.find(quote, at + 1)
    if end < 0:
        raise FilterProblem(f"The quote {quote} that begins here does not end: add {quote}.", at, len(text))
    inside = text[at + 1 : end]
    for place, character in enumerate(inside, at + 1):
        if not character.isprintable():
            raise FilterProblem(f"{_shown(character)} can't stand in a filter: take it out.", place, place + 1)
    if quote == "`" and not inside:
        raise FilterProblem("Between the backticks stands a column's name: none is there.", at, end + 1)
    return Token("name" if quote == "`" else "text", inside, at, end + 1)


def _number(text: str, at: int) -> Token | None:
    match = _NUMBER.match(text, at)
    if match is None:
        return None
    end = match.end()
    unit = _UNIT.match(text, end)
    if unit is not None:
        end = unit.end()
    elif _WORD.match(text, end) or (end < len(text) and text[end].isdigit()):
        rest = re.compile(r"[\w.:/-]*").match(text, at + 1)
        whole = text[at : rest.end() if rest else end]
        message = f"{_shown(whole)} is no number. If it is text, put it into double quotes."
        raise FilterProblem(message, at, at + len(whole))
    value = float(match.group())
    if not math.isfinite(value):
        raise FilterProblem(f"{match.group()} is too large a number.", at, end)
    return Token("number", text[at:end], at, end, value, unit.group() if unit else "")


def _word(text: str, at: int) -> Token | None:
    match = _WORD.match(text, at)
    if match is None:
        return None
    lower = match.group().lower()
    kind = "keyword" if lower in KEYWORDS else "word"
    return Token(kind, lower if kind == "keyword" else match.group(), at, match.end())


def _sign(text: str, at: int) -> Token | None:
    match = _SIGN.match(text, at)
    if match is None:
        return None
    return Token("sign", _SAME.get(match.group(), match.group()), at, match.end())


def _shown(text: str) -> str:
    return f"`{text}`" if text.isprintable() else f"The character {', '.join(f'U+{ord(each):04X}' for each in text)}"
