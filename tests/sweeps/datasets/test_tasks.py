"""Files of every task: exactly their rows; what is wrong, with its place and the mend."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import soundfile

from sweeps.services.datasets.canonical import write_rows
from sweeps.services.datasets.mapping import SplitChoice
from sweeps.services.datasets.problems import BadData
from sweeps.services.datasets.roles import LAYOUTS, layouts_of
from tests.sweeps.datasets.files import csv_bytes, parquet_bytes, proposed, read, whole, zip_bytes


def jsonl(*rows: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def wav(pitch: float = 440, seconds: float = 0.1, kind: str = "WAV") -> bytes:
    out = io.BytesIO()
    soundfile.write(out, 0.3 * np.sin(2 * np.pi * pitch * np.arange(int(8000 * seconds)) / 8000), 8000, format=kind)
    return out.getvalue()


def written(tmp_path: Path, data: bytes, name: str = "a.jsonl", **choices: Any) -> tuple[list[dict[str, Any]], Any]:
    """All rows of both splits as they are in the files, training first; and the mapping's result."""
    mapped = whole(tmp_path, data, name, **choices)
    folder = tmp_path / "out"
    folder.mkdir()
    found = write_rows(mapped.rows(), folder)
    assert found.summary(mapped.labels) == mapped.summary()
    assert found.preview == mapped.preview()
    return [*pq.read_table(found.train).to_pylist(), *pq.read_table(found.eval).to_pylist()], mapped


SQUAD = {"question": "Where?", "context": "It is in Paris.", "answers": {"text": ["Paris"], "answer_start": [9]}}
CHAT = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
TOKENS = {"tokens": ["Ann", "ran"], "ner_tags": ["B-PER", "O"]}
AS_TOKENS = {"tokens": ["Ann", "ran"], "tags": [0, 1]}
AS_ANSWERS = {"question": "Where?", "context": "It is in Paris.", "answers": ["Paris"], "answer_starts": [9]}

GOOD: list[tuple[str, str, bytes, str, dict[str, Any]]] = [
    ("multi-label lists", "multi-label-classification", jsonl(*[{"text": "a", "labels": ["x", "y", "x"]}] * 3), "a.jsonl",
     {"text": "a", "labels": [0, 1]}),
    ("number", "text-regression", csv_bytes([("a", "2.5")] * 3, ("text", "score")), "a.csv", {"text": "a", "label": 2.5}),
    ("pair", "text-regression", csv_bytes([("a", "b", "-1e2")] * 3, ("sentence1", "sentence2", "score")), "a.csv",
     {"text": "a", "text_pair": "b", "label": -100.0}),
    ("token lists", "token-classification", jsonl(*[TOKENS] * 3), "a.jsonl", AS_TOKENS),
    ("token numbers", "token-classification", jsonl(*[{"tokens": ["Ann", "ran"], "tags": [7, 11]}] * 3), "a.jsonl", AS_TOKENS),
    ("token text", "token-classification", csv_bytes([("Ann ran", "B-PER O")] * 3, ("tokens", "tags")), "a.csv", AS_TOKENS),
    ("token parquet", "token-classification", parquet_bytes(pa.table({"tokens": [["Ann", "ran"]] * 3, "tags": [["B", "O"]] * 3})),
     "a.parquet", AS_TOKENS),
    ("conll", "token-classification", b"-DOCSTART- O\n\nAnn NNP B-PER\nran VBD O\n\n\nAnn NNP B-PER\nran VBD O\n", "a.conll", AS_TOKENS),
    ("conll text", "token-classification", b"Ann\tB-PER\nran\tO\n\nAnn\tB-PER\nran\tO\n", "a.txt", AS_TOKENS),
    ("squad rows", "question-answering", jsonl(*[SQUAD] * 3), "a.jsonl", AS_ANSWERS),
    ("squad", "question-answering", json.dumps({"data": [{"title": "t", "paragraphs": [{"context": SQUAD["context"], "qas": [
        {"id": str(n), "question": "Where?", "answers": [{"text": "Paris", "answer_start": 9}]} for n in range(3)]}]}]}).encode(),
     "a.json", AS_ANSWERS),
    ("no answer", "question-answering", jsonl(*[SQUAD | {"answers": {"text": [], "answer_start": []}}] * 2), "a.jsonl",
     AS_ANSWERS | {"answers": [], "answer_starts": []}),
    ("plain text", "causal-lm", b"One line, of text.\n\nOne line, of text.\n", "a.txt", {"text": "One line, of text."}),
    ("chat", "causal-lm-messages", jsonl(*[{"messages": CHAT}] * 3), "a.jsonl", {"messages": CHAT}),
    ("chat parquet", "causal-lm-messages", parquet_bytes(pa.table({"messages": [CHAT] * 3})), "a.parquet", {"messages": CHAT}),
    ("prompt", "causal-lm-prompt", jsonl(*[{"prompt": "a", "completion": "b"}] * 2), "a.jsonl", {"prompt": "a", "completion": "b"}),
    ("json array", "causal-lm-prompt", json.dumps([{"instruction": "a", "output": "b"}] * 2).encode(), "a.json",
     {"prompt": "a", "completion": "b"}),
    ("seq2seq", "seq2seq", csv_bytes([("a", "b")] * 2, ("article", "summary")), "a.csv", {"source": "a", "target": "b"}),
]  # fmt: skip


@pytest.mark.parametrize(("layout", "data", "name", "row"), [case[1:] for case in GOOD], ids=[case[0] for case in GOOD])
def test_rows_are_canonical(tmp_path: Path, layout: str, data: bytes, name: str, row: dict[str, Any]) -> None:
    chosen = {"layout": layout} if layout == "text-regression" else {}
    rows, mapped = written(tmp_path, data, name, **chosen)
    assert mapped.layout.key == layout
    assert len(rows) >= 2
    assert all(found == row for found in rows)
    assert mapped.summary()["eval"]["rows"] == 1


def test_labels_in_one_cell(tmp_path: Path) -> None:
    rows = [("a", "x; y"), ("b", ""), ("c", "y"), ("d", "x;y")]
    found, mapped = written(tmp_path, csv_bytes(rows), "a.csv", layout="multi-label-classification")
    assert mapped.labels == ("x", "y")
    assert {row["text"]: row["labels"] for row in found} == {"a": [0, 1], "b": [], "c": [1], "d": [0, 1]}


def test_the_draw_without_labels_is_seeded(tmp_path: Path) -> None:
    data = "".join(f"row {n}\n" for n in range(50)).encode()
    draws = []
    for seed in (0, 0, 1):
        mapped = whole(tmp_path, data, "a.txt", split=SplitChoice(eval_fraction=0.3, seed=seed))
        draws.append([side for batch in mapped.rows().batches for side in batch.sides.tolist()])
    assert draws[0] == draws[1] != draws[2]
    assert sum(draws[0]) == 15


@pytest.mark.parametrize("kind", ["WAV", "FLAC"])
def test_audio_by_folder(tmp_path: Path, kind: str) -> None:
    files = [
        (f"{label}/{n}.x", wav(pitch + n, kind=kind))
        for label, pitch in (("low", 200), ("high", 800))
        for n in range(2)
    ]
    rows, mapped = written(tmp_path, zip_bytes(files), "a.zip")
    assert mapped.labels == ("high", "low")
    assert sorted(row["audio"] for row in rows) == sorted(data for _name, data in files)
    shown = mapped.preview()[0]
    assert shown["audio"].startswith("data:audio/wav;base64,")
    assert (shown["seconds"], shown["rate"]) == (0.1, 8000)


BAD: list[tuple[str, str, bytes, str, str, str]] = [
    ("no number", "text-regression", csv_bytes([("a", "1"), ("b", "two")], ("text", "score")), "a.csv",
     "Line 3 has 'two', which is no number in the column 'score'.", "label_column"),
    ("infinite", "text-regression", csv_bytes([("a", "inf"), ("b", "1")], ("text", "score")), "a.csv", "which is no number", "label_column"),
    ("lengths", "token-classification", jsonl(TOKENS, TOKENS | {"ner_tags": ["O"]}), "a.jsonl",
     "Line 2 has 2 tokens and 1 tags. Give each token one tag.", "tags_column"),
    ("token number", "token-classification", jsonl(TOKENS, TOKENS | {"tokens": ["a", None]}), "a.jsonl",
     "Line 2 has None as its token 2", "tokens_column"),
    ("conll width", "token-classification", b"a O\nb O\nc\n", "a.conll", "Line 3 has 1 field, and the first token's line has 2.", "file"),
    ("answer beyond", "question-answering", jsonl(SQUAD, SQUAD | {"answers": {"text": ["Paris"], "answer_start": [12]}}), "a.jsonl",
     "Line 2 has an answer that ends at character 17, and its context has 15. It stands at 9. Mend answer_start.", "answers_column"),
    ("answer elsewhere", "question-answering", jsonl(SQUAD | {"answers": {"text": ["Rome"], "answer_start": [2]}}), "a.jsonl",
     "Line 1 has the answer 'Rome' at character 2, where its context has ' is '. It stands nowhere", "answers_column"),
    ("answer start", "question-answering", jsonl(SQUAD | {"answers": {"text": ["Paris"], "answer_start": [-1]}}), "a.jsonl",
     "has the answer_start '-1'", "answers_column"),
    ("answers", "question-answering", jsonl(SQUAD | {"answers": "Paris"}), "a.jsonl", "has no answers with text and answer_start", "answers_column"),
    ("role", "causal-lm-messages", jsonl({"messages": [{"role": "robot", "content": "x"}]}), "a.jsonl",
     "Line 1 has the role 'robot' in message 1 in the column 'messages'. Use one of system, user, assistant.", "messages_column"),
    ("role is a list", "causal-lm-messages", jsonl({"messages": [{"role": [1], "content": "x"}]}), "a.jsonl", "has the role", "messages_column"),
    ("no assistant", "causal-lm-messages", jsonl({"messages": CHAT[:1]}), "a.jsonl", "has no message of the assistant", "messages_column"),
    ("no messages", "causal-lm-messages", jsonl({"messages": "hello"}), "a.jsonl", "has no list of messages", "messages_column"),
    ("one row", "causal-lm", b"only one\n", "a.txt", "There is one row only", ""),
    ("no label", "multi-label-classification", jsonl(*[{"text": "a", "labels": []}] * 3), "a.jsonl", "No row has a label", "label_column"),
    ("no sound", "audio-classification", zip_bytes([("a/1.wav", wav()), ("b/1.wav", b"RIFF____WAVE")]), "a.zip",
     "'b/1.wav' is no WAV or FLAC that can be read", ""),
    ("empty sound", "audio-classification", zip_bytes([("a/1.wav", wav()), ("b/1.wav", wav(seconds=0))]), "a.zip", "has no sound in it", ""),
]  # fmt: skip


@pytest.mark.parametrize("case", [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_what_is_wrong_is_named(tmp_path: Path, case: tuple[str, bytes, str, str, str]) -> None:
    layout, data, name, sentence, field = case
    with pytest.raises(BadData) as refused:
        whole(tmp_path, data, name, layout=layout)
    assert sentence in refused.value.message
    assert refused.value.field == field


def test_every_task_of_the_contract_has_a_layout() -> None:
    assert {layout.task for layout in LAYOUTS.values()} == {
        "text-classification", "multi-label-classification", "text-regression", "token-classification", "question-answering",
        "causal-lm", "seq2seq", "masked-lm", "image-classification", "audio-classification",
    }  # fmt: skip
    assert [layout.key for layout in layouts_of("causal-lm")] == ["causal-lm", "causal-lm-messages", "causal-lm-prompt"]


def test_plain_tables_are_still_classification(tmp_path: Path) -> None:
    rows = [(f"t{n}", "ab"[n % 2]) for n in range(6)]
    for header in (("text", "label"), ("text", "target"), ("document", "summary")):
        assert proposed(read(tmp_path, csv_bytes(rows, header))).layout == "text-classification"
