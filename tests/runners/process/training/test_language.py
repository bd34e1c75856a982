"""Figures over tokens and where the loss counts."""

import math
from types import SimpleNamespace

import pytest
import torch

from runners.process.training.chat import written
from runners.process.training.language import IGNORED, labels_in, next_tokens, same_tokens, token_metrics
from runners.process.training.written import bleu, rouge


def test_perplexity_is_over_all_tokens_of_all_rows() -> None:
    torch.manual_seed(0)
    logits = torch.randn(3, 5, 7)
    labels = torch.randint(0, 7, (3, 5))
    labels[0, 3:] = labels[1, :4] = IGNORED
    figures = torch.cat([next_tokens(logits[:2], labels[:2]), next_tokens(logits[2:], labels[2:])])
    metrics = token_metrics(SimpleNamespace(predictions=figures.numpy()))
    scores, wanted = logits[:, :-1].reshape(-1, 7), labels[:, 1:].reshape(-1)
    kept = wanted != IGNORED
    loss = torch.nn.functional.cross_entropy(scores[kept], wanted[kept]).item()
    assert metrics["token_loss"] == pytest.approx(loss, rel=1e-6)
    assert metrics["perplexity"] == pytest.approx(math.exp(loss), rel=1e-6)
    assert metrics["token_accuracy"] == pytest.approx((scores.argmax(-1) == wanted)[kept].float().mean().item())


def test_without_a_shift_scores_speak_of_their_own_token() -> None:
    logits = torch.nn.functional.one_hot(torch.tensor([[1, 2, 3]]), 5) * 50.0
    figures = same_tokens(logits, torch.tensor([[1, IGNORED, 4]]))
    assert figures[0, 1:].tolist() == [2.0, 1.0]


def test_only_spans_and_the_end_are_learned() -> None:
    offsets = [(0, 0), (0, 3), (3, 7), (7, 9), (0, 0)]
    assert labels_in([1, 5, 6, 7, 2], offsets, [(3, 9)]) == [IGNORED, IGNORED, 6, 7, 2]


def test_a_conversation_without_a_template() -> None:
    messages = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
    text, spans = written(SimpleNamespace(chat_template=None), messages)
    assert text == "<user>\nHi\n<assistant>\nHello\n"
    assert [text[start:stop] for start, stop in spans] == ["Hello\n"]


def test_rouge_and_bleu_of_texts_whose_figures_are_known() -> None:
    # One of two words is right: precision and recall 1/2; no pair of words is.
    scores = rouge(["the cat"], ["the dog"])
    assert scores == {"rouge1": 0.5, "rouge2": 0.0, "rougeL": 0.5}
    assert rouge(["кот спит"], ["кот спит"])["rouge2"] == 1.0
    assert bleu(["a b c d e"], ["a b c d e"])["bleu"] == pytest.approx(100.0)
    assert bleu(["x"], ["a b c d e"])["bleu"] == 0.0
