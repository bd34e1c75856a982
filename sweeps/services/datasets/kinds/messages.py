"""Conversations, for training on chats."""

from typing import Any, Final

import pyarrow as pa

from sweeps.services.datasets.kinds.base import BadCell, Kind, each_cell, parsed_json, shown

ROLES: Final = ("system", "user", "assistant")
_TYPE: Final = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))
_SHAPE: Final = '[{"role": "user", "content": "…"}, {"role": "assistant", "content": "…"}]'


def _messages(row: int, cell: str) -> list[dict[str, str]] | None:
    if not cell.strip():
        return None
    given = parsed_json(cell)
    if not isinstance(given, list):
        raise BadCell(row, "has no list of messages", f"Write it as {_SHAPE}.")
    found = [_message(row, number, message) for number, message in enumerate(given, start=1)]
    if found and not any(message["role"] == "assistant" for message in found):
        raise BadCell(row, "has no message of the assistant, so there is nothing to learn", "Add an answer.")
    return found or None


def _message(row: int, number: int, message: Any) -> dict[str, str]:
    if not isinstance(message, dict) or not isinstance(message.get("content"), str):
        raise BadCell(row, f"has a message {number} without a text as its content", f"Write the list as {_SHAPE}.")
    role = message.get("role")
    if role not in ROLES:
        raise BadCell(row, f"has the role {shown(role)} in message {number}", f"Use one of {', '.join(ROLES)}.")
    return {"role": role, "content": message["content"]}


MESSAGES: Final = Kind(lambda cells, _separator: each_cell(cells, _messages, _TYPE), (("", _TYPE),))
