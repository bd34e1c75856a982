"""gettext's compiled catalogues (.mo), as far as their translations go."""

import struct
from pathlib import Path

_MAGIC = 0x950412DE


def translations(path: Path) -> list[str]:
    """Every translated string of a catalogue, plural forms one by one, without the header. ValueError: not a catalogue."""
    data = path.read_bytes()
    for order in "<>":
        magic, _version, count, originals, translated = struct.unpack_from(f"{order}5I", data)
        if magic == _MAGIC:
            break
    else:
        raise ValueError(f"{path.name} is no catalogue.")
    found: list[str] = []
    for index in range(count):
        key = _entry(data, order, originals, index)
        if key:
            found.extend(part.decode() for part in _entry(data, order, translated, index).split(b"\0"))
    return found


def _entry(data: bytes, order: str, table: int, index: int) -> bytes:
    length, offset = struct.unpack_from(f"{order}2I", data, table + 8 * index)
    return data[offset : offset + length]
