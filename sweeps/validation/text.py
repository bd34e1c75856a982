"""Sentences and numbers as a person reads and types them."""

import json

from runners.protocol.spec import FieldValue


def sentence(text: str) -> str:
    """With a full stop at the end."""
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."


def capital(text: str) -> str:
    """With a capital at the start, unless the first word is a name in code (`learning_rate`, `data.max_length`)."""
    first = text.split(" ", 1)[0]
    return text if "_" in first or "." in first else text[:1].upper() + text[1:]


def number_text(value: float) -> str:
    """The shortest text that reads back as the same number: `1e-05`, `0.1`, `64`."""
    return repr(int(value)) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else repr(value)


def shown(value: FieldValue) -> str:
    """A value as a person would type it."""
    match value:
        case None:
            return "none"
        case bool():
            return "true" if value else "false"
        case float():
            return number_text(value)
        case list() | dict():
            return json.dumps(value)
        case _:
            return str(value)


def short(value: object, limit: int = 60) -> str:
    """Cut for a sentence."""
    text = str(value)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
