"""A conversation as one text, and which parts of it a model learns to say."""

from collections.abc import Mapping, Sequence
from typing import Any

from runners.process.training.language import Span

Message = Mapping[str, str]
ROLES = frozenset({"system", "user", "assistant", "tool"})


def written(tokenizer: Any, messages: Sequence[Message]) -> tuple[str, list[Span]]:
    """(text, spans of what the assistant says), by the tokenizer's chat template or else by a plain one."""
    if getattr(tokenizer, "chat_template", None):
        return _templated(tokenizer, messages)
    text, spans = "", []
    for message in messages:
        text += f"<{message['role']}>\n"
        start = len(text)
        text += f"{message['content']}\n"
        if message["role"] == "assistant":
            spans.append((start, len(text)))
    return text, spans


def _templated(tokenizer: Any, messages: Sequence[Message]) -> tuple[str, list[Span]]:
    given = [dict(message) for message in messages]
    text: str = tokenizer.apply_chat_template(given, tokenize=False)
    spans = []
    for place, message in enumerate(given):
        if message["role"] != "assistant":
            continue
        before = tokenizer.apply_chat_template(given[:place], tokenize=False, add_generation_prompt=True)
        after = tokenizer.apply_chat_template(given[: place + 1], tokenize=False)
        if text.startswith(before) and text.startswith(after):
            spans.append((len(before), len(after)))
    return text, spans
