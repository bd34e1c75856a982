"""Is this file UTF-8 text? If not, where does it end to be, and what is it instead?"""

import codecs
from pathlib import Path

from sweeps.services.datasets.problems import BadData

BLOCK = 2**20
SAVE_AS = "Save it as UTF-8 (in Excel: “CSV UTF-8”) and upload it again."


def check_utf8(path: Path) -> None:
    """Refuse what is not UTF-8, with the line and byte where that shows. A byte-order mark is welcome."""
    with path.open("rb") as file:
        _check_utf16(file.read(4096))
    decoder = codecs.getincrementaldecoder("utf-8")()
    offset = 0
    with path.open("rb") as file:
        while True:
            block = file.read(BLOCK)
            # What the decoder still holds of a character that the last block cut in two.
            held = len(decoder.getstate()[0])
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                at = offset - held + error.start
                raise _bad_byte(path, at, error.object[error.start]) from None
            nul = block.find(0)
            if nul >= 0:
                at = offset + nul
                raise BadData(
                    f"Line {_line(path, at):,} holds a NUL character (byte {at + 1:,} of the file), so this is no text file. "
                    "Upload CSV, TSV, JSONL, Parquet or a zip of images.",
                    field="file",
                )
            if not block:
                return
            offset += len(block)


def _check_utf16(head: bytes) -> None:
    marked = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE))
    # Plain text in UTF-16 without a mark: every other byte is zero.
    zeros = (head[0::2].count(0), head[1::2].count(0))
    if marked or (len(head) >= 8 and min(zeros) == 0 and max(zeros) * 4 > len(head)):
        raise BadData(f"The file is encoded as UTF-16 or UTF-32. {SAVE_AS}", field="file")


def _bad_byte(path: Path, offset: int, byte: int) -> BadData:
    return BadData(
        f"Line {_line(path, offset):,} is not UTF-8: the byte 0x{byte:02X} (byte {offset + 1:,} of the file) makes no "
        f"character there. {SAVE_AS}",
        field="file",
    )


def _line(path: Path, offset: int) -> int:
    """The line of the byte at `offset`, from 1."""
    line, left = 1, offset
    with path.open("rb") as file:
        while left > 0 and (block := file.read(min(BLOCK, left))):
            line += block.count(b"\n")
            left -= len(block)
    return line
