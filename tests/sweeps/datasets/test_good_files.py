"""Good files of each kind: exactly their rows."""

import csv
import io
import json
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from sweeps.services.datasets.mapping import Mapping, SplitChoice, apply_mapping
from sweeps.services.datasets.problems import BadData
from sweeps.services.datasets.readers import delimited, jsonl, open_rows
from sweeps.services.datasets.readers.images import checked_image
from sweeps.services.datasets.table import open_table
from tests.sweeps.datasets.files import (
    FOUR,
    csv_bytes,
    image_bytes,
    image_folders,
    parquet_bytes,
    proposed,
    read,
    texts,
    whole,
    zip_bytes,
)


def cells(tmp_path: Path, data: bytes, name: str = "data.csv") -> list[dict[str, object]]:
    return read(tmp_path, data, name).head(1000)


FOUR_ROWS: list[dict[str, object]] = [{"text": text, "label": label} for text, label in FOUR]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    assert cells(tmp_path, csv_bytes(FOUR, delimiter=delimiter)) == FOUR_ROWS


def test_a_delimiter_inside_the_text_does_not_mislead(tmp_path: Path) -> None:
    data = b"text;label\na, b, c;pos\nd, e;neg\n"
    assert cells(tmp_path, data) == [{"text": "a, b, c", "label": "pos"}, {"text": "d, e", "label": "neg"}]


def test_the_name_decides_between_equally_good_delimiters(tmp_path: Path) -> None:
    data = b"a,b;c\n1,2;3\n"
    assert read(tmp_path, data, "x.csv").columns == ("a", "b;c")
    data = b"a,b\tc\n1,2\t3\n"
    assert read(tmp_path, data, "x.tsv").columns == ("a,b", "c")


def test_quotes_line_breaks_and_blank_lines(tmp_path: Path) -> None:
    data = b'\xef\xbb\xbftext,label\r\n"two\r\nlines, ""quoted""",pos\r\n\r\nplain,neg\r\n'
    table = read(tmp_path, data)
    assert table.head(9) == [{"text": 'two\r\nlines, "quoted"', "label": "pos"}, {"text": "plain", "label": "neg"}]
    assert [table.place(0), table.place(1)] == ["Line 2", "Line 5"]


def test_a_column_without_a_name_is_called_by_its_number(tmp_path: Path) -> None:
    assert read(tmp_path, b",text,label\n0,a,b\n").columns == ("column 1", "text", "label")


def test_json_lines(tmp_path: Path) -> None:
    data = (
        b'{"text": "a", "label": 1}\n\n{"label": 1.0, "text": "b", "more": {"x": [1]}}\n{"text": null, "label": true}\n'
    )
    assert cells(tmp_path, data, "a.jsonl") == [
        {"text": "a", "label": "1", "more": None},
        {"text": "b", "label": "1.0", "more": '{"x": ["1"]}'},
        {"text": None, "label": "true", "more": None},
    ]


def test_numbers_in_json_keep_every_digit(tmp_path: Path) -> None:
    long = "9" * 6000
    assert cells(tmp_path, f'{{"a": {long}, "b": NaN}}\n'.encode(), "a.jsonl") == [{"a": long, "b": "NaN"}]


def test_parquet_of_plain_columns(tmp_path: Path) -> None:
    table = pa.table(
        {
            "text": pa.array(["a", "b", None]),
            "large": pa.array(["a", "b", "c"], pa.large_string()),
            "coded": pa.array(["x", "y", "x"]).dictionary_encode(),
            "number": [1, 2, None],
            "real": [0.5, float("nan"), 2.0],
            "flag": [True, False, None],
            "list": [[1], [2], [3]],
        }
    )
    assert cells(tmp_path, parquet_bytes(table), "a.parquet") == [
        {"text": "a", "large": "a", "coded": "x", "number": "1", "real": "0.5", "flag": "true", "list": "[1]"},
        {"text": "b", "large": "b", "coded": "y", "number": "2", "real": None, "flag": "false", "list": "[2]"},
        {"text": None, "large": "c", "coded": "x", "number": None, "real": "2", "flag": None, "list": "[3]"},
    ]


def test_parquet_as_the_datasets_library_writes_it(tmp_path: Path) -> None:
    features = {"label": {"names": ["cat", "dog"], "_type": "ClassLabel"}, "image": {"_type": "Image"}}
    images = [image_bytes(color=index) for index in range(4)]
    table = pa.table({"image": [{"bytes": data, "path": None} for data in images], "label": [1, 0, 1, 0]})
    table = table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    read_back = read(tmp_path, parquet_bytes(table), "a.parquet")
    assert proposed(read_back).layout == "image-classification"
    assert read_back.column("image").to_pylist() == images
    assert read_back.column("label").to_pylist() == ["dog", "cat", "dog", "cat"]


def test_a_class_that_the_file_does_not_name(tmp_path: Path) -> None:
    features = {"label": {"names": ["cat"], "_type": "ClassLabel"}}
    table = pa.table({"text": ["a", "b"], "label": [0, 1]})
    table = table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    with pytest.raises(BadData, match="Row 2 of the column 'label' has the class 1"):
        read(tmp_path, parquet_bytes(table), "a.parquet")


def test_image_folders(tmp_path: Path) -> None:
    table = read(
        tmp_path, image_folders("cat/2.png", "cat/1.png", "dog/1.png", "dog/deep/2.png", "dog/.DS_Store"), "a.zip"
    )
    assert table.column("label").to_pylist() == ["cat", "cat", "dog", "dog"]
    assert table.column("image").to_pylist() == [image_bytes(color=color) for color in (1, 0, 2, 3)]
    assert table.place(0) == "The file 'cat/1.png'"


@pytest.mark.parametrize("around", ["", "photos/", "my/photos/"])
def test_a_folder_around_the_folders_says_nothing(tmp_path: Path, around: str) -> None:
    table = read(tmp_path, image_folders(f"{around}cat/1.png", f"{around}dog/1.png"), "a.zip")
    assert table.column("label").to_pylist() == ["cat", "dog"]


@pytest.mark.parametrize("evaluation", ["test", "val", "eval", "validation", "Dev"])
def test_split_folders(tmp_path: Path, evaluation: str) -> None:
    names = ["train/cat/1.png", "train/dog/1.png", f"{evaluation}/cat/2.png"]
    mapped = whole(tmp_path, image_folders(*names), "a.zip")
    assert mapped.summary() == {
        "train": {"rows": 2, "labels": {"cat": 1, "dog": 1}},
        "eval": {"rows": 1, "labels": {"cat": 1, "dog": 0}},
    }


def test_a_validation_split_goes_before_a_test_split(tmp_path: Path) -> None:
    names = [f"{split}/{label}/1.png" for split in ("train", "val", "test") for label in ("cat", "dog")]
    mapped = whole(tmp_path, image_folders(*names), "a.zip")
    assert (mapped.summary()["train"]["rows"], mapped.summary()["eval"]["rows"], mapped.left_out) == (2, 2, 2)


@pytest.mark.parametrize(("kind", "mode"), [("PNG", "RGBA"), ("JPEG", "RGB"), ("JPEG", "CMYK"), ("PNG", "I;16")])
def test_png_and_jpeg_stay_as_they_are(kind: str, mode: str) -> None:
    data = image_bytes(kind, mode=mode, color=0)
    assert checked_image(data, "It") == data


@pytest.mark.parametrize("kind", ["BMP", "GIF", "WEBP"])
def test_other_images_become_png(kind: str) -> None:
    data = image_bytes(kind, mode="RGB", color=(200, 100, 50))
    with Image.open(io.BytesIO(checked_image(data, "It"))) as image, Image.open(io.BytesIO(data)) as original:
        assert image.format == "PNG"
        assert image.convert("RGB").tobytes() == original.convert("RGB").tobytes()


def test_of_an_animation_the_first_frame_counts() -> None:
    frames = [Image.new("L", (4, 4), color) for color in (10, 200)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    with Image.open(io.BytesIO(checked_image(out.getvalue(), "It"))) as image:
        assert image.convert("L").getpixel((0, 0)) == 10


def test_images_of_any_compression(tmp_path: Path) -> None:
    for compression in (zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        data = zip_bytes([("a/1.png", image_bytes()), ("b/1.png", image_bytes())], compression=compression)
        assert read(tmp_path, data, "a.zip").rows == 2


def test_a_second_file_for_evaluation(tmp_path: Path) -> None:
    train = read(tmp_path, csv_bytes(FOUR))
    evaluation = read(tmp_path, b'{"label": "neg", "text": "dire"}\n{"label": "pos", "text": "glad"}\n', "b.jsonl")
    mapped = apply_mapping(
        train, Mapping("text-classification", {"text": "text", "label": "label"}, split=SplitChoice("file")), evaluation
    )
    assert texts(mapped) == [
        *(("train", text, label) for text, label in FOUR),
        ("eval", "dire", "neg"),
        ("eval", "glad", "pos"),
    ]


def test_a_split_column(tmp_path: Path) -> None:
    rows = [("a", "x", "train"), ("b", "y", "train"), ("c", "x", "test"), ("d", "y", ""), ("e", "y", "test")]
    mapped = whole(tmp_path, csv_bytes(rows, ("sentence", "class", "split")))
    assert texts(mapped) == [("train", "a", "x"), ("train", "b", "y"), ("eval", "c", "x"), ("eval", "e", "y")]
    assert mapped.left_out == 1


def test_number_labels_are_in_the_order_of_numbers(tmp_path: Path) -> None:
    rows = [(f"t{i}", label) for i, label in enumerate(["10", "9", "-1", "10", "9", "-1", "2.5", "2.5"])]
    assert whole(tmp_path, csv_bytes(rows)).labels == ("-1", "2.5", "9", "10")


def test_word_labels_are_sorted(tmp_path: Path) -> None:
    rows = [(f"t{i}", label) for i, label in enumerate(["b", "a", "10", "é", "b", "a", "10", "é"])]
    assert whole(tmp_path, csv_bytes(rows)).labels == ("10", "a", "b", "é")


def test_labels_are_trimmed_and_texts_are_not(tmp_path: Path) -> None:
    mapped = whole(tmp_path, csv_bytes([(" a ", "x "), ("b", " x"), ("c", "y"), ("d", "y")]))
    assert sorted(row[1:] for row in texts(mapped)) == [(" a ", "x"), ("b", "x"), ("c", "y"), ("d", "y")]


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        (("text", "label"), ("a b c", "{i%2}"), ("text", "label")),
        (("label", "sentence"), ("{i%2}", "a b c {i}"), ("sentence", "label")),
        (("id", "x", "y"), ("{i}", "some longer text {i}", "{i%2}"), ("x", "y")),
        (("a", "b", "c"), ("{i%2}", "short {i}", "a much longer text {i}"), ("c", "a")),
        (("Title", "Review", "Stars"), ("{i}", "words {i}", "{i%3}"), ("Review", "Stars")),
        (("lang", "phrase"), ("{i%2}", "words {i}"), ("phrase", "lang")),
    ],
)
def test_columns_are_proposed(
    tmp_path: Path, header: tuple[str, ...], row: tuple[str, ...], expected: tuple[str, str]
) -> None:
    rows = [[cell.format_map({"i": i, "i%2": i % 2, "i%3": i % 3}) for cell in row] for i in range(12)]
    mapping = proposed(read(tmp_path, csv_bytes(rows, header)))
    assert (mapping.columns["text"], mapping.columns["label"]) == expected
    assert mapping.split.by == "fraction"


def test_a_table_is_read_again_without_its_file(tmp_path: Path) -> None:
    table = read(tmp_path, csv_bytes(FOUR))
    assert open_table(table.path) == table


def test_batches_cut_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "BATCH_ROWS", 3)
    monkeypatch.setattr(jsonl, "BATCH_BYTES", 100)
    rows = [(f"text {i}", "xy"[i % 2]) for i in range(50)]
    assert cells(tmp_path, csv_bytes(rows)) == [{"text": text, "label": label} for text, label in rows]
    lines = b"".join(json.dumps({"text": text, "label": label}).encode() + b"\n" for text, label in rows)
    assert cells(tmp_path, lines, "a.jsonl") == [{"text": text, "label": label} for text, label in rows]
    mapped = whole(tmp_path, csv_bytes(rows))
    assert sorted(row[1:] for row in texts(mapped)) == sorted(rows)


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    rows=st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=8),
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    ending=st.sampled_from(["\n", "\r\n", "\r"]),
    mark=st.booleans(),
)
def test_whatever_the_csv_module_writes_comes_back(
    tmp_path: Path, *, rows: list[tuple[str, str, str]], delimiter: str, quoting: int, ending: str, mark: bool
) -> None:
    if quoting == csv.QUOTE_MINIMAL:
        # With another line end the module leaves a lone \r or \n unquoted, and can't read that back itself.
        ending = "\r\n"
    data = csv_bytes(rows, ("text", "label", "more"), delimiter=delimiter, quoting=quoting, lineterminator=ending)
    path = tmp_path / "source"
    path.write_bytes(b"\xef\xbb\xbf" * mark + data)
    found = open_rows(path, "data.csv")
    assert found.columns == ("text", "label", "more")
    back = [row for batch in found.batches for row in zip(*(column.to_pylist() for column in batch.cells), strict=True)]
    assert back == rows


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    records=st.lists(
        st.dictionaries(st.sampled_from(["text", "label", "x"]), st.none() | CELL, min_size=1), min_size=1, max_size=8
    )
)
def test_whatever_json_writes_comes_back(tmp_path: Path, records: list[dict[str, str | None]]) -> None:
    path = tmp_path / "source"
    path.write_bytes(b"".join(json.dumps(record).encode() + b"\n" for record in records))
    found = open_rows(path, "data.jsonl")
    back = [
        dict(zip(found.columns, row, strict=True))
        for batch in found.batches
        for row in zip(*(column.to_pylist() for column in batch.cells), strict=True)
    ]
    assert back == [{name: record.get(name) for name in found.columns} for record in records]
