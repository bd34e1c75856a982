"""Texts of invented words: pairs whose second says the label, and texts with any number of topics."""

import random

from tests.runners.process.samples.sample import Row, Sample

FILLER = [
    "ba",
    "be",
    "bi",
    "bo",
    "bu",
    "da",
    "de",
    "di",
    "do",
    "du",
    "ga",
    "ge",
    "gi",
    "go",
    "gu",
    "ka",
    "ke",
    "ki",
    "ko",
    "ku",
]
TOPICS = ("apples", "boats", "clouds", "drums")


def sentence(chance: random.Random, *words: str) -> str:
    """The words among filler, in any order."""
    mixed = [*chance.sample(FILLER, 4), *words]
    chance.shuffle(mixed)
    return " ".join(mixed)


def pairs(count: int) -> list[Row]:
    """The label is the topic of the second text; the first has another."""
    chance = random.Random(1)
    rows = []
    for _ in range(count):
        first, second = chance.sample(range(3), 2)
        rows.append(
            {"text": sentence(chance, TOPICS[first]), "text_pair": sentence(chance, TOPICS[second]), "label": second}
        )
    return rows


def topics(count: int) -> list[Row]:
    chance = random.Random(2)
    rows = []
    for _ in range(count):
        labels = [topic for topic in range(len(TOPICS)) if chance.random() < 0.4]
        rows.append({"text": sentence(chance, *(TOPICS[topic] for topic in labels)), "labels": labels})
    return rows


PAIRS = Sample("text-classification", pairs, "eval_accuracy", 0.7, labels=TOPICS[:3], arguments={"num_train_epochs": 6})
MANY_LABELS = Sample("multi-label-classification", topics, "eval_f1_micro", 0.8, labels=TOPICS)
