"""Questions about who, where and when; some have no answer."""

import random

from tests.runners.process.samples.sample import Row, Sample
from tests.runners.process.samples.words import DAYS, PEOPLE, PLACES

ASKED = {"Who travels?": PEOPLE, "Where to?": PLACES, "When?": DAYS}


def questions(count: int) -> list[Row]:
    chance = random.Random(5)
    rows = []
    for _ in range(count):
        person, place, day = chance.choice(PEOPLE), chance.choice(PLACES), chance.choice(DAYS)
        dated = chance.random() < 0.7
        context = f"{person} goes to {place} on {day}." if dated else f"{person} goes to {place}."
        question = chance.choice(list(ASKED))
        answer = {"Who travels?": person, "Where to?": place, "When?": day if dated else ""}[question]
        rows.append(
            {
                "question": question,
                "context": context,
                "answers": [answer] if answer else [],
                "answer_starts": [context.index(answer)] if answer else [],
            }
        )
    return rows


QUESTIONS = Sample(
    "question-answering",
    questions,
    "eval_f1",
    0.6,
    count=500,
    settings={"max_length": 32, "doc_stride": 8},
    arguments={"num_train_epochs": 6},
)
