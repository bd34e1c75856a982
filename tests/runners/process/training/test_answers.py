"""Answers from scores, and their exact match and F1 as SQuAD counts them (worked out by hand)."""

import numpy as np
import pytest

from runners.process.training.answers import (
    Span,
    Window,
    best_span,
    exact_match,
    normalized,
    predicted_answers,
    word_f1,
)

CONTEXT = "Anna lives in New York now."
OFFSETS = np.array([(-1, -1), (0, 4), (5, 10), (11, 13), (14, 17), (18, 22), (23, 26), (-1, -1)])
WINDOW = Window(0, OFFSETS)


def scores(**high: float) -> np.ndarray:
    """0 for each token but those named t<position>; two further columns of padding."""
    values = np.zeros(10)
    for name, value in high.items():
        values[int(name[1:])] = value
    values[8:] = 100.0  # never looked at
    return values


def test_the_likeliest_span_of_a_window() -> None:
    assert best_span(WINDOW, scores(t4=5), scores(t5=4), 3, 30) == Span(14, 22, 9.0)
    # An end before the beginning is none; the next best pair is taken.
    assert best_span(WINDOW, scores(t5=8), scores(t4=9, t6=2), 3, 30) == Span(18, 26, 10.0)
    # Longer than allowed.
    assert best_span(WINDOW, scores(t1=5), scores(t6=5, t2=1), 3, 2) == Span(0, 10, 6.0)
    # With one candidate a side there may be no pair.
    assert best_span(WINDOW, scores(t5=5), scores(t4=9), 1, 30) is None
    assert best_span(Window(0, OFFSETS[:1]), scores(), scores(), 3, 30) is None


def test_answers_are_taken_over_windows_and_may_be_empty() -> None:
    second = Window(1, OFFSETS)
    windows = [WINDOW, WINDOW, second]
    begins = np.stack([scores(t1=1), scores(t4=5), scores(t0=9, t1=1)])
    ends = np.stack([scores(t1=1), scores(t5=5), scores(t0=9, t1=1)])

    def answers(*, may_be_empty: bool) -> list[str]:
        return predicted_answers(
            windows,
            begins,
            ends,
            [CONTEXT, CONTEXT, CONTEXT],
            nulls=[0, 0, 0],
            n_best=3,
            longest=5,
            may_be_empty=may_be_empty,
        )

    # The third row has no window at all.
    assert answers(may_be_empty=True) == ["New York", "", ""]
    assert answers(may_be_empty=False) == ["New York", "Anna", ""]


def test_no_answer_must_be_likely_in_every_window() -> None:
    begins = np.stack([scores(t0=9, t4=2), scores(t0=1, t4=3)])
    ends = np.stack([scores(t0=9, t5=2), scores(t0=1, t5=3)])
    given = predicted_answers(
        [WINDOW, WINDOW], begins, ends, [CONTEXT], nulls=[0, 0], n_best=3, longest=5, may_be_empty=True
    )
    assert given == ["New York"]


@pytest.mark.parametrize(
    ("answer", "true", "match", "f1"),
    [
        ("the New York!", ["new york"], 1.0, 1.0),
        ("New York now", ["New York"], 0.0, 0.8),
        ("Oslo", ["New York", "oslo"], 1.0, 1.0),
        ("Oslo", ["New York"], 0.0, 0.0),
        ("", [], 1.0, 1.0),
        ("Oslo", [], 0.0, 0.0),
        ("", ["Oslo"], 0.0, 0.0),
        ("york york", ["york"], 0.0, 2 / 3),
    ],
)
def test_exact_match_and_f1(answer: str, true: list[str], match: float, f1: float) -> None:
    assert exact_match(answer, true) == match
    assert word_f1(answer, true) == pytest.approx(f1)


def test_case_punctuation_and_articles_do_not_count() -> None:
    assert normalized("  The  cat's, an   Apple ") == "cats apple"
