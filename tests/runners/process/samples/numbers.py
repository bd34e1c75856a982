"""Texts whose words add up to a number."""

import random

from tests.runners.process.samples.sample import Row, Sample
from tests.runners.process.samples.texts import sentence

WORTH = {"little": -1.0, "some": 0.5, "plenty": 2.0}


def sums(count: int) -> list[Row]:
    chance = random.Random(3)
    rows = []
    for _ in range(count):
        words = chance.choices(list(WORTH), k=2)
        rows.append({"text": sentence(chance, *words), "label": sum(WORTH[word] for word in words)})
    return rows


REGRESSION = Sample("text-regression", sums, "eval_pearson", 0.7)
