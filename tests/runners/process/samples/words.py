"""Sentences from templates, tagged with people, places and days."""

import random

from tests.runners.process.samples.sample import Row, Sample

PEOPLE = ("Anna Berg", "Bert Stone", "Carla Diaz", "Dan", "Eva")
PLACES = ("Rome", "New York", "Oslo", "San Jose")
DAYS = ("Monday", "Friday", "Sunday")
LABELS = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-DAY")
TEMPLATES = (
    ("{PER}", "visits", "{LOC}", "on", "{DAY}"),
    ("On", "{DAY}", "{PER}", "leaves", "{LOC}", "."),
    ("{LOC}", "is", "cold", ",", "says", "{PER}"),
)
WORDS = {"{PER}": PEOPLE, "{LOC}": PLACES, "{DAY}": DAYS}


def tagged(count: int) -> list[Row]:
    chance = random.Random(4)
    rows = []
    for _ in range(count):
        tokens, tags = [], []
        for part in chance.choice(TEMPLATES):
            if part not in WORDS:
                tokens.append(part)
                tags.append(0)
                continue
            words = chance.choice(WORDS[part]).split()
            tokens += words
            kind = part.strip("{}")
            tags += [LABELS.index(f"{'B' if not place else 'I'}-{kind}") for place in range(len(words))]
        rows.append({"tokens": tokens, "tags": tags})
    return rows


TAGS = Sample(
    "token-classification", tagged, "eval_f1", 0.8, labels=LABELS, count=300, arguments={"num_train_epochs": 3}
)
