"""Texts with an order that can be learned: counting, questions about it, and turning words around."""

import random
from typing import Any

from tests.runners.process.samples.sample import Row, Sample

NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
GPT2: dict[str, Any] = {
    "source": "config",
    "model_type": "gpt2",
    "fields": {"n_embd": 32, "n_layer": 2, "n_head": 2, "n_positions": 64, "initializer_range": 0.1}
    | dict.fromkeys(("resid_pdrop", "embd_pdrop", "attn_pdrop"), 0.0),
}
T5: dict[str, Any] = {
    "source": "config",
    "model_type": "t5",
    "fields": {"d_model": 32, "d_kv": 16, "d_ff": 64, "num_layers": 2, "num_heads": 2, "dropout_rate": 0.0},
}


def counted(count: int) -> list[Row]:
    chance = random.Random(7)
    rows = []
    for _ in range(count):
        start = chance.randrange(5)
        rows.append({"text": " ".join(NUMBERS[start : start + chance.randint(4, 5)])})
    return rows


def asked(count: int) -> list[Row]:
    rows = []
    for row in counted(count):
        first, *rest = row["text"].split()
        rows.append(
            {
                "messages": [
                    {"role": "system", "content": "You count."},
                    {"role": "user", "content": f"Count from {first}."},
                    {"role": "assistant", "content": " ".join(rest)},
                ]
            }
        )
    return rows


def copied(count: int) -> list[Row]:
    chance = random.Random(8)
    rows = []
    for _ in range(count):
        words = [chance.choice(NUMBERS[:5]) for _ in range(3)]
        rows.append({"source": " ".join(words), "target": words[0]})
    return rows


COUNTING = Sample("causal-lm", counted, "eval_token_accuracy", 0.6, model=GPT2)
CHAT = Sample("causal-lm", asked, "eval_token_accuracy", 0.6, model=GPT2)
MASKED = Sample("masked-lm", counted, "eval_token_accuracy", 0.3, arguments={"num_train_epochs": 8})
TURNING = Sample(
    "seq2seq",
    copied,
    "eval_rouge1",
    0.3,
    model=T5,
    settings={"max_length": 16, "max_target_length": 6},
    arguments={"num_train_epochs": 8},
)
