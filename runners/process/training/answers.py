"""Answers to questions: from scores of beginnings and ends to text, and from text to exact match and F1.

Method: the evaluation of SQuAD (Rajpurkar et al. 2016, 2018), with scores from 0 to 1 instead of 0 to 100.
"""

import re
import string
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)

Scores = npt.NDArray[Any]


class Window(NamedTuple):
    """A window of a context. `offsets`: for each token, begin and end in the context in characters; -1 outside of it."""

    row: int
    offsets: npt.NDArray[np.int64]


class Span(NamedTuple):
    """A stretch of a context, in characters, and how likely it is."""

    begin: int
    end: int
    score: float


def best_span(window: Window, begins: Scores, ends: Scores, n_best: int, longest: int) -> Span | None:
    """The likeliest answer in a window, of at most `longest` tokens; None where no pair of the `n_best` makes one.

    `begins` and `ends`: a score for each token; longer than the window where batches were padded.
    """
    inside = np.flatnonzero(window.offsets[:, 0] >= 0)
    if not len(inside):
        return None
    firsts = inside[np.argsort(-begins[inside], kind="stable")[:n_best]]
    lasts = inside[np.argsort(-ends[inside], kind="stable")[:n_best]]
    lengths = lasts[None, :] - firsts[:, None] + 1
    scores = np.where((lengths >= 1) & (lengths <= longest), begins[firsts][:, None] + ends[lasts][None, :], -np.inf)
    first, last = np.unravel_index(int(scores.argmax()), scores.shape)
    if not np.isfinite(scores[first, last]):
        return None
    begin, end = window.offsets[firsts[first], 0], window.offsets[lasts[last], 1]
    return Span(int(begin), int(end), float(scores[first, last]))


def predicted_answers(
    windows: Sequence[Window],
    begins: Scores,
    ends: Scores,
    contexts: Sequence[str],
    *,
    nulls: Sequence[int],
    n_best: int,
    longest: int,
    may_be_empty: bool,
) -> list[str]:
    """One answer a row: the likeliest of its windows; empty where none beats `no answer`.

    `nulls`: the token of each window whose score says that there is no answer. `begins` and `ends` have a row a window.
    """
    best: dict[int, Span] = {}
    empty: dict[int, float] = {}
    for index, window in enumerate(windows):
        null = float(begins[index, nulls[index]] + ends[index, nulls[index]])
        empty[window.row] = min(empty.get(window.row, np.inf), null)
        span = best_span(window, begins[index], ends[index], n_best, longest)
        if span is not None and (window.row not in best or span.score > best[window.row].score):
            best[window.row] = span
    answers = []
    for row, context in enumerate(contexts):
        found = best.get(row)
        none = found is None or (may_be_empty and empty[row] > found.score)
        answers.append("" if found is None or none else context[found.begin : found.end])
    return answers


def normalized(text: str) -> str:
    """Lower case, without punctuation, articles and further spaces."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def exact_match(answer: str, true: Sequence[str]) -> float:
    """1 where the answer is one of the true ones; without a true one, where it is empty."""
    return float(any(normalized(answer) == normalized(one) for one in true or ("",)))


def word_f1(answer: str, true: Sequence[str]) -> float:
    """F1 between the words of the answer and of the nearest true one; without a true one, 1 for an empty answer."""
    return max(_overlap(normalized(answer).split(), normalized(one).split()) for one in true or ("",))


def _overlap(words: list[str], true: list[str]) -> float:
    if not words or not true:
        return float(words == true)
    common = sum((Counter(words) & Counter(true)).values())
    return 2 * common / (len(words) + len(true))
