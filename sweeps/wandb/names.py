"""Ids that the W&B client carries back and forth. Letters, digits and hyphens: it refuses little else.

A script's sweep and its agent are called by their public ids. A run, and whatever a runner's job asks about, names a
permit: `<public id>-<number>-<attempt>`.
"""

import re
from typing import Final, NamedTuple

_PERMIT: Final = re.compile(r"([0-9A-Za-z]{12})-(\d{1,9})-(\d{1,9})")


class PermitName(NamedTuple):
    """`owner`: the public id of a script's sweep, or of a runner's job."""

    owner: str
    number: int
    attempt: int

    def __str__(self) -> str:
        return f"{self.owner}-{self.number}-{self.attempt}"


def read_permit(name: object) -> PermitName | None:
    """What the name says, or None for one that is no permit's."""
    found = _PERMIT.fullmatch(name) if isinstance(name, str) else None
    return PermitName(found[1], int(found[2]), int(found[3])) if found else None
