"""Tokenizers that are trained on a data set's training split, once.

The trainer's vocabulary differs from run to run, so a tokenizer that was trained is kept, under a key that says what
it was trained on. The supervisor asks for the key: nothing heavy is imported until one is trained.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runners.protocol.spec import TrainedTokenizer

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_BATCH = 1000
_LONGEST = 512
_UNKNOWN = "[UNK]"


def train_tokenizer(texts: Sequence[str], wanted: TrainedTokenizer, folder: Path) -> None:
    """Train on `texts` and write a folder for `AutoTokenizer.from_pretrained`.

    Padding has id 0. Only `input_ids` and `attention_mask` come out: every model reads those, and one segment is what
    a model assumes without being told.
    """
    from transformers import PreTrainedTokenizerFast

    tokenizer, special = _wordpiece(wanted) if wanted.algorithm == "wordpiece" else _bpe(wanted)
    tokenizer.train_from_iterator(_batches(texts), _trainer(wanted, list(special.values())), length=len(texts))
    _template(tokenizer, special["cls_token"], special["sep_token"])
    make: Any = PreTrainedTokenizerFast
    wrapped = make(
        tokenizer_object=tokenizer,
        model_max_length=_LONGEST,
        model_input_names=["input_ids", "attention_mask"],
        **special,
    )
    wrapped.save_pretrained(str(folder))


def _batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts), _BATCH):
        yield texts[start : start + _BATCH]


def _wordpiece(wanted: TrainedTokenizer) -> tuple["Tokenizer", dict[str, str]]:
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers

    tokenizer = Tokenizer(models.WordPiece(unk_token=_UNKNOWN))
    # Accents are kept whatever the case: they tell languages and words apart.
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=wanted.lowercase, strip_accents=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    names = ("pad", "unk", "cls", "sep", "mask")
    return tokenizer, {f"{name}_token": f"[{name.upper()}]" for name in names}


def _bpe(wanted: TrainedTokenizer) -> tuple["Tokenizer", dict[str, str]]:
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers

    tokenizer = Tokenizer(models.BPE())
    steps = [normalizers.NFC(), *([normalizers.Lowercase()] if wanted.lowercase else [])]
    tokenizer.normalizer = normalizers.Sequence(steps)
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer, {
        "pad_token": "<pad>",
        "unk_token": "<unk>",
        "cls_token": "<s>",
        "sep_token": "</s>",
        "mask_token": "<mask>",
    }


def _trainer(wanted: TrainedTokenizer, special: list[str]) -> Any:
    from tokenizers import pre_tokenizers, trainers

    settings: dict[str, Any] = {"vocab_size": wanted.vocab_size, "special_tokens": special, "show_progress": False}
    if wanted.algorithm == "wordpiece":
        return trainers.WordPieceTrainer(**settings)
    return trainers.BpeTrainer(**settings, initial_alphabet=pre_tokenizers.ByteLevel.alphabet())


def _template(tokenizer: "Tokenizer", start: str, end: str) -> None:
    from tokenizers import processors

    ids = {token: tokenizer.token_to_id(token) for token in (start, end)}
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{start} $A {end}",
        pair=f"{start} $A {end} $B:1 {end}:1",
        special_tokens=list(ids.items()),
    )
