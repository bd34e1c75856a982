"""gettext's compiled catalogues (.mo), as far as their translations go."""

import struct
from pathlib import Path

_MAGIC = 0x950412DE


def translations(path: Path) -> list[str]:
    """Every translated string of a catalogue, plural forms one by one, without the header. ValueError: not a catalogue."""
    return [text for _original, texts in pairs(path) for text in texts]


def pairs(path: Path) -> list[tuple[list[str], list[str]]]:
    """(English, translated) of a catalogue without the header: singular and plurals each. A context is taken off."""
    data = path.read_bytes()
    for order in "<>":
        magic, _version, count, originals, translated = struct.unpack_from(f"{order}5I", data)
        if magic == _MAGIC:
            break
    else:
        raise ValueError(f"{path.name} is no catalogue.")
    found: list[tuple[list[str], list[str]]] = []
    for index in range(count):
        key = _entry(data, order, originals, index)
        if key:
            english = key.split(b"\x04")[-1].decode().split("\0")
            found.append((english, _entry(data, order, translated, index).decode().split("\0")))
    return found


def _entry(data: bytes, order: str, table: int, index: int) -> bytes:
    length, offset = struct.unpack_from(f"{order}2I", data, table + 8 * index)
    return data[offset : offset + length]
