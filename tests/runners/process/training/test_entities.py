"""Entities in tags, against what seqeval and the CoNLL script say of the same tags (worked out by hand)."""

from types import SimpleNamespace

import numpy as np
import pytest

from runners.process.training.entities import Entity, compute_entities, entities, entity_metrics
from runners.protocol.catalogue import catalogue


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ("", []),
        ("O O", []),
        ("B-PER I-PER O B-LOC", [("PER", 0, 1), ("LOC", 3, 3)]),
        ("B-PER B-PER", [("PER", 0, 0), ("PER", 1, 1)]),
        ("B-PER I-LOC", [("PER", 0, 0), ("LOC", 1, 1)]),
        ("I-PER I-PER O I-PER", [("PER", 0, 1), ("PER", 3, 3)]),
        ("B-PER I-PER E-PER I-PER", [("PER", 0, 2), ("PER", 3, 3)]),
        ("S-PER S-PER O U-LOC", [("PER", 0, 0), ("PER", 1, 1), ("LOC", 3, 3)]),
        ("NUM NUM O DATE", [("NUM", 0, 1), ("DATE", 3, 3)]),
        ("B-A-B I-A-B", [("A-B", 0, 1)]),
        ("X-Y X-Y", [("X-Y", 0, 1)]),
    ],
)
def test_entities_in_tags(tags: str, found: list[tuple[str, int, int]]) -> None:
    assert entities(tags.split()) == [Entity(*one) for one in found]


def test_whole_entities_count() -> None:
    true = [["B-PER", "I-PER", "O", "B-LOC"], ["B-DAY", "O"]]
    predicted = [["B-PER", "O", "O", "B-LOC"], ["B-DAY", "B-DAY"]]
    # Of 3 entities LOC and the first DAY are found; 4 are guessed; 4 of 6 tags are right.
    assert entity_metrics(true, predicted) == pytest.approx(
        {"f1": 4 / 7, "precision": 2 / 4, "recall": 2 / 3, "accuracy": 4 / 6}
    )
    assert entity_metrics([["O"]], [["O"]]) == {"f1": 0.0, "precision": 0.0, "recall": 0.0, "accuracy": 1.0}


def test_only_labelled_tokens_count() -> None:
    prediction = SimpleNamespace(
        predictions=np.array([[2, 1, 2, -100], [0, 0, 1, 1]]),
        label_ids=np.array([[-100, 1, 2, -100], [0, -100, 1, -100]]),
    )
    metrics = compute_entities(["O", "B-X", "I-X"])(prediction)
    assert metrics == {"f1": 1.0, "precision": 1.0, "recall": 1.0, "accuracy": 1.0}
    entry = catalogue().task("token-classification")
    assert entry is not None
    assert {metric.name for metric in entry.metrics} == {f"eval_{name}" for name in metrics} | {"eval_loss"}
