"""Any bytes at all: a sentence, never a crash."""

import io
import random
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
import soundfile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sweeps.services.datasets.mapping import apply_mapping
from sweeps.services.datasets.problems import BadData
from sweeps.services.datasets.propose import describe, propose
from sweeps.services.datasets.roles import LAYOUTS
from tests.factories import Cast
from tests.sweeps.datasets.files import (
    FOUR,
    csv_bytes,
    image_bytes,
    image_folders,
    parquet_bytes,
    proposed,
    read,
    zip_bytes,
)


def sound_folders() -> bytes:
    out = io.BytesIO()
    soundfile.write(out, [0.0, 0.1, 0.2, 0.1], 8000, format="WAV")
    return zip_bytes((f"{label}/{n}.wav", out.getvalue()) for label in "ab" for n in range(2))


SEEDS: dict[str, bytes] = {
    "csv": csv_bytes([*FOUR, ('a "b"\nc', "pos")]),
    "jsonl": b'{"text": "a", "label": "x"}\n{"text": "b\\u00e9", "label": "y"}\n' * 3,
    "parquet": parquet_bytes(pa.table({"text": ["a", "b"] * 4, "label": ["x", "y"] * 4})),
    "conll": b"Ann B-PER\nran O\n\nBob B-PER\n" * 3,
    "txt": b"One line.\n\nAnother line.\n" * 3,
    "json": b'{"data": [{"paragraphs": [{"context": "It is in Paris.", "qas": [{"question": "Where?", "answers": '
    b'[{"text": "Paris", "answer_start": 9}]}, {"question": "What?", "answers": []}]}]}]}',
    "chat.jsonl": b'{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}\n' * 3,
    "tokens.jsonl": b'{"tokens": ["a", "b"], "tags": ["O", "B-X"], "answers": {"text": ["a"], "answer_start": [0]}}\n'
    * 3,
    "lists.parquet": parquet_bytes(pa.table({"tokens": [["a", "b"]] * 4, "tags": [[0, 1]] * 4})),
    "sounds.zip": sound_folders(),
    "zip": image_folders("a/1.png", "a/2.png", "b/1.png", "b/2.png"),
}


def garbled(data: bytes, source: random.Random) -> bytes:
    """Some bytes changed, a piece cut out or doubled."""
    found = bytearray(data)
    for _ in range(source.randint(1, 8)):
        at = source.randrange(len(found) + 1)
        kind = source.randrange(4)
        if kind == 0 and found:
            found[at % len(found)] = source.randrange(256)
        elif kind == 1:
            found[at:at] = source.randbytes(source.randint(1, 6))
        elif kind == 2:
            del found[at : at + source.randint(1, 30)]
        else:
            found[at:at] = found[: source.randint(1, 40)]
    return bytes(found)


def noise(source: random.Random) -> bytes:
    head = source.choice([b"", b"PK\x03\x04", b"PAR1", b"{", b"text,label\n", b"\xef\xbb\xbf", b"GIF89a", b"\x89PNG"])
    return head + source.randbytes(source.randint(0, 60))


@pytest.mark.parametrize("seed", range(4))
def test_garbled_files_end_in_rows_or_in_a_sentence(tmp_path: Path, seed: int) -> None:
    source = random.Random(seed)
    makers: list[tuple[str, Callable[[], bytes]]] = [
        *((f"x.{kind}", lambda data=data: garbled(data, source)) for kind, data in SEEDS.items()),
        ("noise", lambda: noise(source)),
    ]
    refused: list[str] = []
    for name, make in makers:
        for _ in range(15):
            data = make()
            try:
                table = read(tmp_path, data, name)
                apply_mapping(table, proposed(table)).summary()
                for layout in LAYOUTS:
                    try:
                        mapped = apply_mapping(table, propose(table, describe(table), layout=layout))
                        assert len(mapped.preview()) > 0
                    except BadData as error:
                        refused.append(error.message)
            except BadData as error:
                refused.append(error.message)
            for left in tmp_path.iterdir():
                left.unlink()
    assert len(refused) > 40
    assert all(len(message) > 15 for message in refused)


def test_garbled_images_end_in_a_sentence(tmp_path: Path) -> None:
    source = random.Random(9)
    refused: list[str] = []
    from sweeps.services.datasets.readers.images import checked_image

    for kind in ("PNG", "JPEG", "BMP", "GIF", "WEBP"):
        for _ in range(40):
            data = garbled(image_bytes(kind, mode="RGB", color=(1, 2, 3), size=(30, 20)), source)
            try:
                assert checked_image(data, "It")
            except BadData as error:
                refused.append(error.message)
    assert refused
    assert all(message.startswith("It ") for message in refused)


def test_the_pages_answer_any_file(cast: Cast, client: Client) -> None:
    client.force_login(cast.bob)
    source = random.Random(5)
    for number in range(33):
        kind = list(SEEDS)[number % len(SEEDS)]
        data = noise(source) if number % 3 else garbled(SEEDS[kind], source)
        answer = client.post("/library/datasets/new/", {"file": SimpleUploadedFile(f"x.{kind}", data)})
        assert answer.status_code == 302
        assert client.get(answer["Location"]).status_code in {200, 422}
        typed = {"task": source.choice(["", "x", *(layout.task for layout in LAYOUTS.values())]), "act": "update"}
        assert client.post(answer["Location"], typed | {"layout": "y", "shown_layout": "z"}).status_code in {200, 422}
