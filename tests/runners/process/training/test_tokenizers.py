from pathlib import Path

import pytest
from transformers import AutoTokenizer

from runners.process.training.tokenizers import train_tokenizer
from runners.protocol.spec import TrainedTokenizer
from runners.protocol.tokenizer_key import tokenizer_key
from tests.runners.process.material import IMAGES, TEXT, sweep

TEXTS = ["Está seguro de que quiere eliminar", "Êtes-vous sûr de vouloir supprimer", "Sunteți sigur că vreți"] * 20


@pytest.mark.parametrize("algorithm", ["wordpiece", "bpe"])
@pytest.mark.parametrize("lowercase", [True, False])
def test_a_trained_tokenizer_loads_and_pads(algorithm: str, lowercase: bool, tmp_path: Path) -> None:
    train_tokenizer(TEXTS, TrainedTokenizer(algorithm=algorithm, vocab_size=400, lowercase=lowercase), tmp_path)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path)
    assert tokenizer.pad_token_id == 0
    batch = tokenizer(["Está seguro", "Sunteți sigur că vreți 中"], padding=True)
    assert set(batch) == {"input_ids", "attention_mask"}
    first = batch["input_ids"][0]
    assert first[0] == tokenizer.cls_token_id
    assert tokenizer.sep_token_id in first
    assert first[-1] == tokenizer.pad_token_id
    text = tokenizer.decode(first, skip_special_tokens=True)
    assert isinstance(text, str)
    assert text.strip() == ("está seguro" if lowercase else "Está seguro")
    assert len(tokenizer("sigur " * 50, truncation=True, max_length=9)["input_ids"]) == 9


def test_the_key_says_what_it_was_trained_on() -> None:
    spec, _ = sweep(TEXT, 60)
    same, _ = sweep(TEXT, 60, seed=7, arguments={})
    other, _ = sweep(TEXT, 60, processor={**TEXT["processor"], "vocab_size": 4001})
    more, _ = sweep(TEXT, 120)
    key = tokenizer_key(spec)
    assert key is not None
    assert len(key) == 64
    assert tokenizer_key(same) == key
    assert tokenizer_key(other) != key
    assert tokenizer_key(more) != key
    assert tokenizer_key(sweep(IMAGES, 60)[0]) is None
