"""Data sets that a package on the server carries, so that a sweep can start without any file.

A new one is a module here with a `PackageData` and a line in `PACKAGES`.
"""

from typing import Final

from sweeps.services.datasets.packages import digits, language_id, message_traits, tones, translation
from sweeps.services.datasets.packages.base import PackageData

PACKAGES: Final[dict[str, PackageData]] = {
    data.key: data
    for data in (
        language_id.DATA,
        message_traits.TRAITS,
        message_traits.VOWELS,
        message_traits.WORDS,
        translation.QUESTIONS,
        translation.TEXTS,
        translation.CHATS,
        translation.PAIRS,
        translation.MASKED,
        digits.DATA,
        tones.DATA,
    )
}

__all__ = ["PACKAGES", "PackageData"]
