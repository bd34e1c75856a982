"""What tasks that predict tokens share: where the loss counts, and figures that are exact over tokens.

The Trainer's `eval_loss` is a mean over batches of means over tokens; a batch of short texts weighs as much as one of
long ones. Perplexity here comes from the sum over all tokens.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from runners.process.training.metrics import first_output

IGNORED = -100
"""The loss leaves tokens with this label out."""
_MOST = 700.0
"""exp of more is no float."""

Span = tuple[int, int]


def labels_in(ids: Sequence[int], offsets: Sequence[Span], spans: Sequence[Span]) -> list[int]:
    """Labels of a text's tokens: the token where it begins within a span, else ignored.

    `offsets`: where each token stands in the text; (0, 0) for special tokens, of which the last one, the end, is learned.
    """
    last = len(ids) - 1
    return [
        token
        if (start == end and place == last and place > 0)
        or (start != end and any(first <= start < stop for first, stop in spans))
        else IGNORED
        for place, (token, (start, end)) in enumerate(zip(ids, offsets, strict=True))
    ]


def figures(logits: Any, labels: torch.Tensor, *, shift: bool) -> torch.Tensor:
    """Of scores of shape (rows, tokens, vocabulary): sum of the loss, tokens and hits of each row, shape (rows, 3).

    `shift`: the scores at a token speak of the next one.
    """
    scores = first_output(logits)
    if shift:
        scores, labels = scores[:, :-1], labels[:, 1:]
    counted = labels != IGNORED
    safe = labels.clamp(min=0)
    losses = torch.nn.functional.cross_entropy(scores.float().transpose(1, 2), safe, reduction="none")
    hits = (scores.argmax(dim=-1) == labels) & counted
    return torch.stack([(losses * counted).sum(1), counted.sum(1).float(), hits.sum(1).float()], dim=1)


def next_tokens(logits: Any, labels: torch.Tensor) -> torch.Tensor:
    """`figures` of a causal model."""
    return figures(logits, labels, shift=True)


def same_tokens(logits: Any, labels: torch.Tensor) -> torch.Tensor:
    """`figures` of a model whose scores at a token speak of that token."""
    return figures(logits, labels, shift=False)


def token_metrics(prediction: Any) -> dict[str, float]:
    """From the figures of all rows: perplexity, token loss, accuracy."""
    losses, counts, hits = np.asarray(prediction.predictions, dtype=np.float64).sum(axis=0)
    mean = losses / counts if counts else math.nan
    return {
        "perplexity": math.exp(mean) if mean < _MOST else (math.inf if mean == mean else math.nan),  # noqa: PLR0124
        "token_loss": float(mean),
        "token_accuracy": float(hits / counts) if counts else math.nan,
    }
