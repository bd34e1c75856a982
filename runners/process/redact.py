"""Keeping a job's secrets out of what its children print and report."""

import json
from collections.abc import Iterable

_SHORTEST = 6
"""A shorter secret would turn ordinary words into blots, and guards nothing."""


class Redactor:
    """Replaces each secret's value, plain or as JSON writes it, by `[secret]`."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for value in secrets if len(value) >= _SHORTEST for form in (value, json.dumps(value)[1:-1])}
        self._forms = [form.encode() for form in sorted(forms, key=len, reverse=True)]

    def __call__(self, text: bytes) -> bytes:
        for form in self._forms:
            text = text.replace(form, b"[secret]")
        return text
