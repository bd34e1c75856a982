"""Figures of written texts: ROUGE and BLEU, as their reference packages compute them."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np


def compute_written(tokenizer: Any) -> Callable[[Any], dict[str, float]]:
    """`compute_metrics` over generated tokens: ROUGE from 0 to 1, BLEU and chrF from 0 to 100, mean length in tokens."""

    def compute(prediction: Any) -> dict[str, float]:
        pad = tokenizer.pad_token_id
        written = np.where(prediction.predictions < 0, pad, prediction.predictions)
        wanted = np.where(prediction.label_ids < 0, pad, prediction.label_ids)
        texts = [text.strip() for text in tokenizer.batch_decode(written, skip_special_tokens=True)]
        targets = [text.strip() for text in tokenizer.batch_decode(wanted, skip_special_tokens=True)]
        return {**rouge(texts, targets), **bleu(texts, targets), "gen_len": float((written != pad).sum(axis=1).mean())}

    return compute


def rouge(texts: Sequence[str], targets: Sequence[str]) -> dict[str, float]:
    """Mean F1 of ROUGE-1, -2 and -L (Lin, 2004), words split at spaces so that every script counts."""
    from rouge_score.rouge_scorer import RougeScorer
    from rouge_score.tokenizers import Tokenizer

    class Words(Tokenizer):  # type: ignore[misc]  # untyped there
        def tokenize(self, text: str) -> list[str]:
            return text.lower().split()

    names = ("rouge1", "rouge2", "rougeL")
    scorer = RougeScorer(list(names), tokenizer=Words())
    scores = [scorer.score(target, text) for text, target in zip(texts, targets, strict=True)]
    return {name: float(np.mean([score[name].fmeasure for score in scores])) for name in names}


def bleu(texts: Sequence[str], targets: Sequence[str]) -> dict[str, float]:
    """BLEU (Papineni et al., 2002) and chrF (Popović, 2015) of the whole split, by sacrebleu."""
    import sacrebleu

    return {
        "bleu": float(sacrebleu.corpus_bleu(list(texts), [list(targets)]).score),
        "chrf": float(sacrebleu.corpus_chrf(list(texts), [list(targets)]).score),
    }
