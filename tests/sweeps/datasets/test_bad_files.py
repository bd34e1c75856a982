"""Files that are refused: one sentence that names the place and the mend."""

import io
import json
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from sweeps.services.datasets.mapping import SplitChoice
from sweeps.services.datasets.problems import BadData
from sweeps.services.datasets.readers import image_zip
from tests.sweeps.datasets.files import (
    FOUR,
    csv_bytes,
    image_bytes,
    image_folders,
    parquet_bytes,
    whole,
    zip_bytes,
)


def jsonl(*records: object) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def link() -> bytes:
    info = zipfile.ZipInfo("cat/1.png")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return zip_bytes([(info, b"/etc/passwd")])


def encrypted() -> bytes:
    data = bytearray(image_folders("cat/1.png", "dog/1.png"))
    # The flag in the central directory is what readers go by.
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    return bytes(data)


def bomb() -> bytes:
    return zip_bytes([(f"cat/{index}.png", bytes(8 * 2**20)) for index in range(2)])


def big_declared() -> bytes:
    data = bytearray(image_folders("cat/1.png", "dog/1.png"))
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 2**32 - 2)
    return bytes(data)


def pixel_bomb() -> bytes:
    """A PNG that says it is 60,000 × 60,000."""
    data = bytearray(image_bytes())
    data[16:24] = struct.pack(">II", 60_000, 60_000)
    import zlib

    data[29:33] = struct.pack(">I", zlib.crc32(bytes(data[12:29])))
    return bytes(data)


def cut_in_two(data: bytes) -> bytes:
    return data[: len(data) // 2]


def many_labels(count: int, rows: int) -> bytes:
    return csv_bytes([(f"text {index}", f"label {index % count}") for index in range(rows)])


LATIN = "text,label\nfine,pos\ncafé,neg\n".encode("latin-1")

BAD: list[tuple[str, bytes, str, str]] = [
    ("empty", b"", "a.csv", "The file is empty. Upload one with rows."),
    ("only blank lines", b"\n\n\n", "a.csv", "The file is empty. Upload one with a header line and rows."),
    ("only a mark", b"\xef\xbb\xbf", "a.csv", "The file is empty."),
    ("header only", b"text,label\n", "a.csv", "a header and no rows"),
    ("latin-1", LATIN, "a.csv", "Line 3 is not UTF-8: the byte 0xE9 (byte 24 of the file)"),
    ("latin-1 in a jsonl", '{"text": "é"}'.encode("latin-1"), "a.jsonl", "Line 1 is not UTF-8: the byte 0xE9"),
    ("cut in a character", "text,label\nfine,é".encode()[:-1], "a.csv", "Line 2 is not UTF-8: the byte 0xC3"),
    ("utf-16 with mark", "text,label\nfine,pos\n".encode("utf-16"), "a.csv", "UTF-16 or UTF-32. Save it as UTF-8"),
    ("utf-16 without mark", "text,label\nfine,pos\n".encode("utf-16-le"), "a.csv", "UTF-16 or UTF-32. Save it as UTF-8"),
    ("NUL", b"text,label\nfi\0ne,pos\n", "a.csv", "Line 2 holds a NUL character (byte 14 of the file)"),
    ("one column", b"text\nfine\nbad\n", "a.csv", "one column only, whichever of comma, semicolon, tab and bar"),
    ("too many fields", b"text,label\nfine,pos\nwell, well,neg\n", "a.csv", "Line 3 has 3 fields, and the header has 2. Put"),
    ("too few fields", b"text,label\nfine,pos\nbad\n", "a.csv", "Line 3 has 1 field, and the header has 2. Put"),
    ("ragged after a break", b'text,label\n"a\nb",pos\nbad\n', "a.csv", "Line 4 has 1 field"),
    ("ragged tsv", b"text\tlabel\nfine\tpos\nx\ty\tz\n", "a.tsv", "holds a tab or a line break in double quotes"),
    ("open quote", b'text,label\nfine,pos\n"bad,neg\n', "a.csv", "opened in the row that begins on line 3 is never closed"),
    ("text after a quote", b'text,label\n"so" it is,pos\n', "a.csv", "On line 2 text follows a closing quote"),
    ("huge field", b"text,label\n" + b"x" * 140_000 + b",pos\n", "a.csv", "on line 2 is longer than 131,072 characters"),
    ("double header", b"text,label,text\na,b,c\n", "a.csv", "names the column 'text' twice. Rename one"),
    ("header that can't be shown", b'text,"la\nbel"\na,b\n', "a.csv", "which can't be shown. Rename the column"),
    ("header is a text", b"x" * 300 + b",label\na,b\n", "a.csv", "a column name of 300 characters"),
    ("too many columns", ",".join(f"c{i}" for i in range(501)).encode() + b"\n", "a.csv", "501 columns; at most 500"),
    ("one label", csv_bytes([("a", "pos"), ("b", "pos")]), "a.csv", "All 2 rows have the label 'pos'."),
    ("a rare label", csv_bytes([*FOUR, ("odd", "meh")]), "a.csv", "This label has one row only: 'meh'."),
    ("rare labels", csv_bytes([*FOUR, ("odd", "a"), ("odd", "b")]), "a.csv", "These labels have one row only: 'a', 'b'."),
    ("a label a row", many_labels(60, 60), "a.csv", "almost one a row"),
    ("too many labels", many_labels(1001, 2002), "a.csv", "1,001 different values; at most 1,000 labels"),
    ("no label", csv_bytes([*FOUR, ("x", " "), ("y", "")]), "a.csv", "Line 6 has nothing in the column 'label', the first of 2"),
    ("no text", csv_bytes([*FOUR, (" ", "pos")]), "a.csv", "Line 6 has nothing in the column 'text'. Fill it in, or tick"),
    ("control character", csv_bytes([*FOUR, ("a\x02b", "pos")]), "a.csv", "Line 6 has the control character U+0002"),
    ("label with a break", csv_bytes([*FOUR, ("a", "x\ny"), ("b", "x\ny")]), "a.csv", "has a line break or another"),
    ("long label", csv_bytes([*FOUR, ("a", "x" * 201), ("b", "x" * 201)]), "a.csv", "201 characters; at most 200"),
    ("json array", b'[{"text": "a", "label": "b"}]', "a.jsonl", "begins with a JSON array. Write it as JSON Lines"),
    ("json, half a line", b'{"text": "a"}\n{"text": \n', "a.jsonl", "Line 2, column 9 is no JSON (Expecting value)"),
    ("json, no object", b'{"text": "a"}\n[1]\n', "a.jsonl", "Line 2 is no JSON object. Write it as {"),
    ("json, over lines", b'{\n"text": "a"}\n', "a.jsonl", "Line 1, column 2 is no JSON"),
    ("json, empty objects", b"{}\n{}\n", "a.jsonl", "The file has no rows. Upload one with a JSON object"),
    ("json, half a character", b'{"text": "\\ud800", "label": "a"}\n', "a.jsonl", "Line 1 holds half of a character"),
    ("json, too deep", b'{"a": ' + b"[" * 100_000 + b"\n", "a.jsonl", "Line 1 is nested too deeply"),
    ("json, null label", jsonl(*[{"text": t, "label": n} for t, n in FOUR], {"text": "x", "label": None}), "a.jsonl",
     "Line 5 has nothing in the column 'label'"),
    ("json, one column", jsonl({"x": "a"}, {"x": ""}), "a.jsonl", "has nothing in the column 'x'"),
    ("json, too many keys", jsonl({f"k{i}": 1 for i in range(501)}), "a.jsonl", "more than 500 different keys"),
    ("parquet, cut", cut_in_two(parquet_bytes(pa.table({"text": ["a"] * 50, "label": ["b"] * 50}))), "a.parquet",
     "The Parquet file can't be read"),
    ("parquet, garbage", b"PAR1" + b"x" * 100 + b"PAR1", "a.parquet", "The Parquet file can't be read"),
    ("parquet, only times", parquet_bytes(pa.table({"x": pa.array([1, 2], pa.timestamp("s"))})), "a.parquet", "no column of text, numbers, lists"),
    ("parquet, no rows", parquet_bytes(pa.table({"text": pa.array([], pa.string()), "label": pa.array([], pa.string())})),
     "a.parquet", "a header and no rows"),
    ("parquet, not UTF-8",
     parquet_bytes(pa.table({"text": pa.array([b"a", b"\xe9"]).view(pa.string()), "label": ["x", "y"]})), "a.parquet",
     "Row 2 of the column 'text' is not UTF-8"),
    ("parquet, no image", parquet_bytes(pa.table({"image": [image_bytes(), b"none"], "label": [0, 1]})), "a.parquet",
     "Row 2 of the column 'image' is no image that can be read"),
    ("zip, no files", zip_bytes([]), "a.zip", "The zip holds no files. Put images (or WAV files) in folders"),
    ("zip, only noise", zip_bytes([("__MACOSX/cat/._1.png", b"x"), ("cat/.DS_Store", b"x")]), "a.zip", "holds no files"),
    ("zip, cut", cut_in_two(image_folders("cat/1.png", "dog/1.png")), "a.zip", "The zip is broken"),
    ("zip, up and out", image_folders("cat/1.png", "cat/../../dog.png"), "a.zip", "'cat/../../dog.png' whose path leads out"),
    ("zip, absolute", image_folders("/etc/cat/1.png"), "a.zip", "'/etc/cat/1.png' whose path leads out"),
    ("zip, backslashes", image_folders("..\\..\\cat\\1.png"), "a.zip", "whose path leads out"),
    ("zip, drive", image_folders("C:/cat/1.png"), "a.zip", "'C:/cat/1.png' whose path leads out"),
    ("zip, link", link(), "a.zip", "'cat/1.png' is a symbolic link. Zip the file itself"),
    ("zip, encrypted", encrypted(), "a.zip", "'cat/1.png' is encrypted. Zip the folders without a password"),
    ("zip, bomb", bomb(), "a.zip", "which images and audio never do, so it is not opened"),
    ("zip, says 4 GB", big_declared(), "a.zip", "which images and audio never do, so it is not opened"),
    ("zip in a zip", zip_bytes([("cat/1.zip", image_folders("a/1.png"))]), "a.zip", "holds another archive, 'cat/1.zip'"),
    ("zip, not an image", zip_bytes([("cat/1.png", image_bytes()), ("dog/1.txt", b"woof")]), "a.zip",
     "The zip's 'dog/1.txt' is no image that can be read"),
    ("zip, broken image", zip_bytes([("cat/1.png", image_bytes(size=(90, 90))[:-30])]), "a.zip", "'cat/1.png' is no image"),
    ("zip, huge image", zip_bytes([("cat/1.png", pixel_bomb())]), "a.zip", "'cat/1.png' "),
    ("zip, svg", zip_bytes([("cat/1.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>")]), "a.zip", "'cat/1.svg' is no image"),
    ("zip, no folder", image_folders("1.png", "2.png"), "a.zip", "'1.png' lies in no folder, so it has no label"),
    ("zip, one label", image_folders("cat/1.png", "cat/2.png"), "a.zip", "All 2 rows have the label 'cat'"),
    ("zip, one image a label", image_folders("cat/1.png", "dog/1.png"), "a.zip", "one row only: 'cat', 'dog'"),
    ("zip, only evaluation", image_folders("train/cat/1.png", "train/dog/1.png", "val/cow/1.png"), "a.zip",
     "Only evaluation rows have the label 'cow'"),
    ("a workbook", zip_bytes([("xl/workbook.xml", b"<x/>")]), "a.xlsx", "spreadsheet or document. Export it as CSV"),
    ("a PDF", b"%PDF-1.7\n", "a.csv", "The file is a PDF. Upload CSV, TSV, JSON, JSONL, Parquet, plain text"),
    ("gzip", b"\x1f\x8b\x08\0", "a.csv.gz", "The file is gzip-compressed. Upload"),
    ("one image", image_bytes(), "a.png", "The file is one image. Upload"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "name", "sentence"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_a_bad_file_is_refused_with_the_place_and_the_mend(
    tmp_path: Path, data: bytes, name: str, sentence: str
) -> None:
    with pytest.raises(BadData) as refused:
        whole(tmp_path, data, name)
    assert sentence in refused.value.message
    assert refused.value.message.endswith((".", "…”."))
    assert not list(tmp_path.glob("*.table*"))[1:]


def test_the_same_name_twice_in_a_zip_is_refused(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("cat/1.png", image_bytes())
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("cat/1.png", image_bytes())
    with pytest.raises(BadData, match=r"holds 'cat/1\.png' twice"):
        whole(tmp_path, out.getvalue(), "a.zip")


def test_a_zip_with_too_many_entries_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_zip, "MAX_IMAGES", 3)
    with pytest.raises(BadData, match="4 entries; at most 3 are read"):
        whole(tmp_path, image_folders("a/1.png", "a/2.png", "b/1.png", "b/2.png"), "a.zip")


CHOICES: list[tuple[dict[str, Any], str, str]] = [
    ({"input_column": "txt"}, "input_column", "The file has no column 'txt'. Its columns are: text, label, split, id."),
    ({"input_column": ""}, "input_column", "Choose a column."),
    ({"label_column": "text"}, "label_column", "can't be the same column"),
    ({"label_column": "id"}, "label_column", "so it does not look like a label"),
    ({"split": SplitChoice("column", column="nowhere")}, "split_column", "The file has no column 'nowhere'"),
    ({"split": SplitChoice("column", column="split", train_value="train")}, "eval_value", "Choose the value that these rows have"),
    ({"split": SplitChoice("column", column="id")}, "split_column", "has 40 different values; a split has a few"),
    ({"split": SplitChoice("column", column="split", train_value="train", eval_value="val")}, "eval_value", "it has 'train', 'test'"),
    ({"split": SplitChoice("column", column="split", train_value="train", eval_value="train")}, "eval_value", "the same rows"),
    ({"split": SplitChoice("column", column="split", train_value="test", eval_value="train")}, "split_column",
     "Only evaluation rows have the label 'c'"),
    ({"split": SplitChoice("file")}, "eval_file", "Choose the file with the evaluation rows"),
]  # fmt: skip


@pytest.mark.parametrize(("choices", "field", "sentence"), CHOICES)
def test_a_bad_choice_names_its_field(tmp_path: Path, choices: dict[str, Any], field: str, sentence: str) -> None:
    rows = [(f"text {i}", "abc"[i % 3], "test" if i % 3 < 2 and i % 4 == 0 else "train", i) for i in range(40)]
    with pytest.raises(BadData) as refused:
        whole(tmp_path, csv_bytes(rows, ("text", "label", "split", "id")), **choices)
    assert sentence in refused.value.message
    assert refused.value.field == field


def test_incomplete_rows_can_be_left_out(tmp_path: Path) -> None:
    data = csv_bytes([*FOUR, ("", "pos"), ("odd", "")])
    mapped = whole(tmp_path, data, drop_incomplete=True)
    assert mapped.dropped == 2
    assert mapped.summary()["train"]["rows"] + mapped.summary()["eval"]["rows"] == 4


def test_no_complete_row_at_all(tmp_path: Path) -> None:
    data = csv_bytes([("", "pos"), ("odd", "")])
    with pytest.raises(BadData, match="No row has both an input and a label"):
        whole(tmp_path, data, drop_incomplete=True, input_column="text", label_column="label")


def test_a_refusal_says_whether_dropping_would_help(tmp_path: Path) -> None:
    with pytest.raises(BadData) as refused:
        whole(tmp_path, csv_bytes([*FOUR, ("", "pos")]))
    assert refused.value.droppable


def test_more_rows_than_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sweeps.services.datasets.readers import delimited, parquet
    from sweeps.services.datasets.readers import jsonl as jsonl_reader

    for module in (delimited, jsonl_reader, parquet):
        monkeypatch.setattr(module, "MAX_ROWS", 3)
    monkeypatch.setattr(delimited, "BATCH_ROWS", 2)
    refusing: list[Callable[[], object]] = [
        lambda: whole(tmp_path, csv_bytes(FOUR)),
        lambda: whole(tmp_path, jsonl(*[{"text": t, "label": n} for t, n in FOUR]), "a.jsonl"),
        lambda: whole(tmp_path, parquet_bytes(pa.table({"text": ["a"] * 4, "label": ["x"] * 4})), "a.parquet"),
    ]
    for refuse in refusing:
        with pytest.raises(BadData, match="3"):
            refuse()
