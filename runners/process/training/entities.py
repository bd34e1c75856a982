"""Entities in tags, and how many of them were found.

Tags are read as seqeval and the CoNLL evaluation script read them by default: `B-X` begins an entity of type X, `I-X`
goes on with one or begins it after something else; `E-X` and `L-X` end one, `S-X` and `U-X` are one alone; `O` is
outside. A tag without such a prefix counts as `I-`.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

_PREFIXES = frozenset("BIELSU")
_IGNORED = -100


class Entity(NamedTuple):
    """`last` is included."""

    type: str
    first: int
    last: int


def parts(tag: str) -> tuple[str, str]:
    """(prefix, type); `O` has no type."""
    if tag == "O":
        return "O", ""
    prefix, dash, kind = tag.partition("-")
    return (prefix, kind) if dash and prefix in _PREFIXES else ("I", tag)


def entities(tags: Sequence[str]) -> list[Entity]:
    """The entities of one row, in order."""
    found: list[Entity] = []
    first: int | None = None
    before, kind_before = "O", ""
    for position, tag in enumerate((*tags, "O")):
        prefix, kind = parts(tag)
        apart = prefix in "BSUO" or before in "ELSUO" or kind != kind_before
        if first is not None and apart:
            found.append(Entity(kind_before, first, position - 1))
            first = None
        if first is None and prefix != "O":
            first = position
        before, kind_before = prefix, kind
    return found


def entity_metrics(true: Iterable[Sequence[str]], predicted: Iterable[Sequence[str]]) -> dict[str, float]:
    """Micro averages over all entities of all rows, and the share of right tags; 0 where there is nothing to count."""
    hits = real = guesses = right = tags = 0
    for ours, theirs in zip(true, predicted, strict=True):
        wanted, given = set(entities(ours)), set(entities(theirs))
        hits += len(wanted & given)
        real += len(wanted)
        guesses += len(given)
        right += sum(one == other for one, other in zip(ours, theirs, strict=True))
        tags += len(ours)
    return {
        "f1": _share(2 * hits, real + guesses),
        "precision": _share(hits, guesses),
        "recall": _share(hits, real),
        "accuracy": _share(right, tags),
    }


def compute_entities(names: Sequence[str]) -> Any:
    """A Trainer's `compute_metrics`, from predicted indices of shape (rows, tokens); labels of -100 are no tags."""
    lookup = np.asarray(names, dtype=object)

    def compute(prediction: Any) -> dict[str, float]:
        labels, predicted = prediction.label_ids, prediction.predictions
        tagged = labels != _IGNORED
        true = [lookup[row[kept]].tolist() for row, kept in zip(labels, tagged, strict=True)]
        found = [lookup[row[kept]].tolist() for row, kept in zip(predicted, tagged, strict=True)]
        return entity_metrics(true, found)

    return compute


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
