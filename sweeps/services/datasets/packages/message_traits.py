"""English messages of a program: what they have, how many vowels, and what each of their words is."""

import re
from typing import Final

import pyarrow as pa

from sweeps.services.datasets.packages.base import Examples, Options, PackageData
from sweeps.services.datasets.packages.english_spanish import SOURCE, english_messages

_PLACEHOLDER: Final = r"%\(\w+\)[a-z]|%[a-z]|\{\w*\}"
_TRAITS: Final = {
    "placeholder": re.compile(_PLACEHOLDER),
    "number": re.compile(r"\d"),
    "question": re.compile(r"\?"),
    "full stop": re.compile(r"\.$"),
    "quotes": re.compile(r"[“”\"]"),
    "negation": re.compile(r"\b(?:not|no|cannot|never|without)\b|n[’']t\b", re.IGNORECASE),
    "please": re.compile(r"\bplease\b", re.IGNORECASE),
}
_TOKEN: Final = re.compile(rf"(?P<PLACEHOLDER>{_PLACEHOLDER})|(?P<NUMBER>\d[\d.,]*)|(?P<word>[^\W\d_]+)|(?P<MARK>\S)")


def load_traits(_options: Options) -> Examples:
    """Each message with the traits that it has, in the order of the traits; some have none."""
    texts = english_messages()
    labels = [[name for name, pattern in _TRAITS.items() if pattern.search(text)] for text in texts]
    return Examples({"text": pa.array(texts, pa.string()), "labels": pa.array(labels, pa.list_(pa.string()))})


def load_vowels(_options: Options) -> Examples:
    """Each message with the share of vowels among its letters, from 0 to 1."""
    texts = [text for text in english_messages() if re.search(r"[A-Za-z]{3}", text)]
    shares = []
    for text in texts:
        letters = [letter for letter in text.lower() if letter.isalpha()]
        shares.append(round(sum(letter in "aeiou" for letter in letters) / len(letters), 4))
    return Examples({"text": pa.array(texts, pa.string()), "label": pa.array(shares, pa.float64())})


def load_words(_options: Options) -> Examples:
    """Each message in tokens: placeholders, numbers, marks, capitalised words (NAME) and, as O, other words."""
    tokens: list[list[str]] = []
    tags: list[list[str]] = []
    for text in english_messages():
        found = list(_TOKEN.finditer(text))
        tokens.append([match.group() for match in found])
        tags.append([_tag(match) for match in found])
    strings = pa.list_(pa.string())
    return Examples({"tokens": pa.array(tokens, strings), "tags": pa.array(tags, strings)})


def _tag(match: re.Match[str]) -> str:
    if match.lastgroup == "word":
        return "B-NAME" if match.group()[0].isupper() else "O"
    return f"B-{match.lastgroup}"


TRAITS: Final = PackageData(
    key="message-traits",
    title="What does this message have?",
    layout="multi-label-classification",
    description="English messages and which of seven traits they have: a number, a question, a negation, and others.",
    source=SOURCE,
    load=load_traits,
)
VOWELS: Final = PackageData(
    key="vowel-share",
    title="How many vowels?",
    layout="text-regression",
    description="English messages and the share of vowels among their letters: a number that a small model can learn.",
    source=SOURCE,
    load=load_vowels,
)
WORDS: Final = PackageData(
    key="message-words",
    title="Words of a message",
    layout="token-classification",
    description="English messages in tokens: placeholders, numbers, marks and capitalised words are to be found.",
    source=SOURCE,
    load=load_words,
)
