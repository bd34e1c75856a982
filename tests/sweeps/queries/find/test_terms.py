"""How values are compared, and what is looked for."""

import pytest

from sweeps.queries.find.asked import Looked, read_looked
from sweeps.queries.find.hits import around
from sweeps.queries.find.terms import checksum, has, having, packed, shown


def test_words_and_values_are_told_apart() -> None:
    assert read_looked("  wide\0  digits ") == Looked("wide digits", ("wide", "digits"), ())
    assert read_looked("digits learning_rate = 1e-4 model.hidden=3") == Looked(
        "digits learning_rate = 1e-4 model.hidden=3", ("digits",), (("learning_rate", "1e-4"), ("model.hidden", "3"))
    )
    assert read_looked("a=").words == ("a=",)
    assert not read_looked(" ")
    assert len(read_looked("a b c d e f g h").words) == 6


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (0.0001, "1e-4"),
        (0.000123449, "0.0001234"),
        (16, "16.0"),
        (True, "True"),
        (None, "none"),
        ("Cosine", "cosine"),
        ("8", 8),
    ],
)
def test_the_same_value(one: object, other: object) -> None:
    assert shown(one) == shown(other)


def test_values_that_differ() -> None:
    assert len({shown(value) for value in (1, 1.001, True, "one", None, "nan", "inf")}) == 7


def test_trials_that_have_all_values() -> None:
    data = packed([(0, {"lr": 0.1, "n": 2}), (3, {"lr": 0.1, "n": 3}), (7, {"lr": 0.2, "n": 2})])
    asked = read_looked("LR=0.1 n=2")
    sums = [checksum(name, value) for name, value in asked.pairs]
    assert having(data, sums[:1]) == [0, 3]
    assert having(data, sums) == [0]
    assert having(data, [*sums, 12345]) == []
    assert having(b"", sums) == []
    assert has({"lr": 0.1}, "LR", ".1")
    assert not has({"lr": 0.1}, "n", "0.1")


def test_the_piece_of_a_note_about_the_first_word() -> None:
    assert around("short and wide", ("wide",)) == "short and wide"
    text = "x" * 100 + "\n wide " + "y" * 200
    assert around(text, ("wide", "none")) == f"… {'x' * 59} wide {'y' * 115} …"
    assert around(text, ("none",)) == ""
