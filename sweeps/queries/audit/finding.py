"""What the auditor found wrong."""

from collections.abc import Iterator
from dataclasses import dataclass

Findings = Iterator["Finding"]


@dataclass(frozen=True)
class Finding:
    """One broken promise. `rule`: which, in a word or two; `where`: the thing, by public id and number; `message`: what."""

    rule: str
    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.where}: {self.message}"
