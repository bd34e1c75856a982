"""Readers of files. Pure: a path in, rows out, `BadData` for what is bad. The content decides which reader; the name
only between texts that could be either."""

from pathlib import Path
from typing import Final

from sweeps.services.datasets.problems import BadData
from sweeps.services.datasets.readers.base import Batch, FileRows, Unit
from sweeps.services.datasets.readers.conll import NAMES as CONLL
from sweeps.services.datasets.readers.conll import looks_like_conll, read_conll
from sweeps.services.datasets.readers.delimited import is_table, read_delimited
from sweeps.services.datasets.readers.encoding import check_utf8
from sweeps.services.datasets.readers.image_zip import read_image_zip
from sweeps.services.datasets.readers.jsonl import read_jsonl
from sweeps.services.datasets.readers.parquet import read_parquet
from sweeps.services.datasets.readers.squad import whole_json
from sweeps.services.datasets.readers.text_lines import NAMES as PLAIN
from sweeps.services.datasets.readers.text_lines import read_text_lines

__all__ = ["Batch", "FileRows", "Unit", "open_rows"]

_OTHERS: Final = {
    b"%PDF": "a PDF",
    b"\x1f\x8b": "gzip-compressed",
    b"BZh": "bzip2-compressed",
    b"\xfd7zXZ": "xz-compressed",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"\x28\xb5\x2f\xfd": "zstd-compressed",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x89PNG": "one image",
    b"\xff\xd8\xff": "one image",
    b"SQLite": "a database",
    b"ARROW1": "an Arrow file",
}
KINDS: Final = "CSV, TSV, JSON, JSONL, Parquet, plain text, CoNLL or a zip of folders of images or audio"


def open_rows(path: Path, name: str) -> FileRows:
    """Open a file by its content. `name`: what its owner calls it. Reading `batches` does the work, and may raise too."""
    with path.open("rb") as file:
        head = file.read(64)
    if not head:
        raise BadData("The file is empty. Upload one with rows.", field="file")
    if head.startswith(b"PAR1"):
        return read_parquet(path)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip(path, name)
    for magic, what in _OTHERS.items():
        if head.startswith(magic):
            raise BadData(f"The file is {what}. Upload {KINDS}.", field="file")
    check_utf8(path)
    text = head.decode("utf-8-sig", errors="ignore").lstrip()
    if not text:
        # Blank for as long as we have looked; the reader finds out.
        return read_delimited(path, name)
    lower = name.lower()
    if text.startswith(("{", "[")) and lower.endswith(".json") and (rows := whole_json(path)):
        return rows
    if lower.endswith((*PLAIN, *CONLL)):
        if looks_like_conll(path, name):
            return read_conll(path)
        if not text.startswith("{") and not is_table(path):
            return read_text_lines(path)
    if text.startswith("{") or (text.startswith("[") and lower.endswith((".json", ".jsonl", ".ndjson"))):
        return read_jsonl(path)
    return read_delimited(path, name)


def _zip(path: Path, name: str) -> FileRows:
    if name.lower().endswith((".xlsx", ".ods", ".docx", ".numbers")):
        raise BadData(f"The file is a spreadsheet or document. Export it as CSV, or upload {KINDS}.", field="file")
    return read_image_zip(path)
