"""Which language is this sentence? Django's own translations, real sentences by people, in near languages."""

import hashlib
import re
from collections import Counter
from pathlib import Path
from typing import Final

import django
import pyarrow as pa

from sweeps.services.datasets.packages.base import Examples, Options, PackageData
from sweeps.services.datasets.packages.messages import translations
from sweeps.services.datasets.problems import BadData

LANGUAGES: Final = ("ast", "ca", "eo", "es", "fr", "gl", "ia", "io", "it", "pt", "pt_BR", "ro")
"""Romance languages and three made after them: near enough that how one trains matters."""

_PLACEHOLDER: Final = re.compile(r"%(?:\(\w+\))?[-+#0]*\d*(?:\.\d+)?[a-zA-Z]|\{\w*\}|<[^>]*>|&#?\w+;|https?://\S+")
_LEFTOVER: Final = re.compile(r"[%{}<>\\]")
_SPACE: Final = re.compile(r"\s+")
_LETTERS: Final = re.compile(r"[^\W\d_]")


def load(options: Options) -> Examples:
    """The sentences of each language, cleaned, in turn: one of each language, then the next of each.

    A sentence that more than one of the chosen languages has says nothing, so it is dropped. Within a language the
    order is that of the sentences' hashes, which mixes them and is the same everywhere.
    """
    languages = tuple(dict.fromkeys(options["languages"]))
    unknown = sorted(set(languages) - set(available()))
    if unknown:
        raise BadData(f"Django has no translation into {', '.join(unknown)}. Choose from the list.", field="languages")
    if len(languages) < 2:
        raise BadData("Choose at least two languages.", field="languages")
    sentences = {language: _sentences(language, int(options["min_chars"])) for language in languages}
    spread = Counter(sentence for found in sentences.values() for sentence in found)
    kept = {
        language: sorted((s for s in found if spread[s] == 1), key=mixed)[: int(options["max_per_language"])]
        for language, found in sentences.items()
    }
    few = [language for language in languages if len(kept[language]) < 2]
    if few:
        raise BadData(
            f"Fewer than two sentences are left for {', '.join(few)}. Leave it out, or allow shorter sentences.",
            field="languages",
        )
    values: list[str] = []
    names: list[str] = []
    for turn in range(max(map(len, kept.values()))):
        for language in languages:
            if turn < len(kept[language]):
                values.append(kept[language][turn])
                names.append(language)
    return Examples({"text": pa.array(values, pa.string()), "label": pa.array(names, pa.string())})


def available() -> tuple[str, ...]:
    """Every language that Django has been translated into, by its name in Django's folders (`pt_BR`)."""
    return tuple(
        sorted(path.name for path in (django_root() / "conf" / "locale").iterdir() if (path / "LC_MESSAGES").is_dir())
    )


def _sentences(language: str, min_chars: int) -> set[str]:
    found: set[str] = set()
    for path in django_root().glob(f"**/locale/{language}/LC_MESSAGES/*.mo"):
        found.update(map(clean, translations(path)))
    return {text for text in found if len(text) >= min_chars and is_sentence(text)}


def clean(text: str) -> str:
    """Without placeholders, markup and doubled spaces."""
    return _SPACE.sub(" ", _PLACEHOLDER.sub(" ", text)).strip()


def mixed(text: str) -> bytes:
    """A key that sorts texts in an order that mixes them and is the same everywhere."""
    return hashlib.sha256(text.encode()).digest()


def is_sentence(text: str) -> bool:
    """Mostly letters, and nothing left of code."""
    return len(_LETTERS.findall(text)) * 2 > len(text) and not _LEFTOVER.search(text)


def django_root() -> Path:
    """Django's folder."""
    return Path(django.__file__).parent


DATA = PackageData(
    key="language-id",
    title="Which language is this?",
    layout="text-classification",
    description="Some 3,000 sentences in twelve near languages, to be told apart. A tiny BERT trains on them in seconds.",
    source="Django's translations, by Django's translators, BSD licence.",
    load=load,
    defaults={"languages": list(LANGUAGES), "max_per_language": 300, "min_chars": 20},
)
