"""Parameter values as numbers: a value is found by the checksum of its name and how it is shown.

The `data` of a sweep's `SweepWords` is two columns of little-endian 32-bit numbers, one entry for each value of each
trial: the checksums, then the numbers of the trials. Two values may have one checksum, so what is found is looked up.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

NUMBERS: Final = np.dtype("<u4")
Numbers = NDArray[np.uint32]


def shown(value: object) -> str:
    """A value as it is compared: numbers by four digits, as pages show them, words without case."""
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:.4g}"
    text = str(value).strip()
    try:
        number = float(text)
    except ValueError:
        return text.lower()
    return f"{number:.4g}" if math.isfinite(number) else text.lower()


def checksum(name: str, value: object) -> int:
    return crc32(f"{name.lower()}={shown(value)}".encode())


def packed(trials: Iterable[tuple[int, Mapping[str, Any]]]) -> bytes:
    """The `data` of trials as (number, params)."""
    sums: list[int] = []
    numbers: list[int] = []
    for number, params in trials:
        for name, value in params.items():
            sums.append(checksum(name, value))
            numbers.append(number)
    return np.array(sums, NUMBERS).tobytes() + np.array(numbers, NUMBERS).tobytes()


def having(data: bytes, sums: Iterable[int]) -> list[int]:
    """Numbers of the trials that have all of these checksums, ascending."""
    whole = np.frombuffer(data, NUMBERS)
    half = len(whole) // 2
    found: Numbers | None = None
    for one in sums:
        at = whole[half:][whole[:half] == one]
        if not at.size:
            return []
        found = np.unique(at) if found is None else np.intersect1d(found, at)
    return [] if found is None else [int(number) for number in found]


def has(params: Mapping[str, Any], name: str, value: str) -> bool:
    """Whether the parameters have that value."""
    return any(own.lower() == name.lower() and shown(held) == shown(value) for own, held in params.items())
