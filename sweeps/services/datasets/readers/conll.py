"""CoNLL: a token a line with its tag behind it, a blank line between sentences. Its rows are sentences.

Columns between the token and the last one are left out, as are comments (#) before a sentence and -DOCSTART- lines.
"""

import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pyarrow as pa

from sweeps.services.datasets.limits import BATCH_ROWS, MAX_ROWS
from sweeps.services.datasets.problems import BadData
from sweeps.services.datasets.readers.base import Batch, FileRows
from sweeps.services.datasets.readers.text_lines import text_lines

NAMES: Final = (".conll", ".bio", ".iob", ".iob2", ".conll03")
_TAG: Final = re.compile(r"O|[BIESLU]-\S+")
_SAMPLE: Final = 200


def looks_like_conll(path: Path, name: str) -> bool:
    """By its name; or a text in which every line has a word and, last, a tag such as O or B-PER."""
    if name.lower().endswith(NAMES):
        return True
    lines = [line.split() for _number, line in itertools.islice(text_lines(path), _SAMPLE)]
    words = [line for line in lines if line and line[0] != "-DOCSTART-"]
    return bool(words) and all(len(line) >= 2 and _TAG.fullmatch(line[-1]) for line in words)


def read_conll(path: Path) -> FileRows:
    """Columns `tokens` and `tags`, both lists in JSON. The place of a row is its sentence's first line."""
    return FileRows(("tokens", "tags"), "line", _batches(path))


Sentence = tuple[int, list[str], list[str]]


def _sentences(path: Path) -> Iterator[Sentence]:
    first, width = 0, 0
    tokens: list[str] = []
    tags: list[str] = []
    for number, line in text_lines(path):
        fields = line.split()
        if not fields or fields[0] == "-DOCSTART-" or (not tokens and line.startswith("#")):
            if tokens:
                yield first, tokens, tags
                tokens, tags = [], []
            continue
        width = width or len(fields)
        if len(fields) != width or width < 2:
            raise BadData(
                f"Line {number:,} has {len(fields)} field{'' if len(fields) == 1 else 's'}, and "
                + (f"the first token's line has {width}. " if width > 1 else "a token needs a tag behind it. ")
                + "Write a token, a space or tab, and its tag on each line, and a blank line after each sentence.",
                field="file",
            )
        if not tokens:
            first = number
        tokens.append(fields[0])
        tags.append(fields[-1])
    if tokens:
        yield first, tokens, tags


def _batches(path: Path) -> Iterator[Batch]:
    total = 0
    for group in _groups(path):
        total += len(group)
        if total > MAX_ROWS:
            raise BadData(f"The file has more than {MAX_ROWS:,} sentences. Upload a part of it.", field="file")
        yield _batch(group)


def _groups(path: Path) -> Iterator[list[Sentence]]:
    sentences = _sentences(path)
    while group := list(itertools.islice(sentences, BATCH_ROWS)):
        yield group


def _batch(group: list[Sentence]) -> Batch:
    return Batch(
        pa.array([first for first, _tokens, _tags in group], pa.int64()),
        [
            pa.array([json.dumps(words, ensure_ascii=False) for words in column], pa.string())
            for column in zip(*((tokens, tags) for _first, tokens, tags in group), strict=True)
        ],
    )
