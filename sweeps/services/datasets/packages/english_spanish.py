"""Django's messages in English and Spanish: what several of the data sets here are made of."""

from functools import lru_cache

from sweeps.services.datasets.packages.language_id import clean, django_root, is_sentence, mixed
from sweeps.services.datasets.packages.messages import pairs

SOURCE = "Django's messages and their Spanish translations, by Django's authors and translators, BSD licence."


@lru_cache(maxsize=1)
def sentence_pairs() -> tuple[tuple[str, str], ...]:
    """(English, Spanish), cleaned of placeholders, each English text once, in a mixed order."""
    found: dict[str, str] = {}
    for english, spanish in _messages():
        for source, target in zip(map(clean, english), map(clean, spanish), strict=False):
            if source and target and is_sentence(source) and is_sentence(target):
                found.setdefault(source, target)
    return tuple(sorted(found.items(), key=lambda pair: mixed(pair[0])))


@lru_cache(maxsize=1)
def english_messages() -> tuple[str, ...]:
    """English messages as programmers wrote them, placeholders and all, on one line each, in a mixed order."""
    found = {" ".join(text.split()) for english, _spanish in _messages() for text in english}
    return tuple(sorted((text for text in found if len(text) >= 8), key=mixed))


def _messages() -> list[tuple[list[str], list[str]]]:
    paths = sorted(django_root().glob("**/locale/es/LC_MESSAGES/*.mo"))
    return [message for path in paths for message in pairs(path)]
