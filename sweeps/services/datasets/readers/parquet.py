"""Parquet: strings, numbers and booleans as text; bytes, or structs with `bytes` (as `datasets` writes images), as images."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sweeps.services.datasets.limits import BATCH_ROWS, MAX_IMAGE_BYTES, MAX_ROWS, MAX_TABLE_BYTES
from sweeps.services.datasets.problems import BadData
from sweeps.services.datasets.readers.base import Batch, FileRows, check_columns
from sweeps.services.datasets.readers.images import checked_image
from sweeps.services.datasets.readers.nested import nested

IMAGE_BATCH_ROWS: Final = 256

Cells = Callable[[pa.Array, int], pa.Array]
"""(array, number of its first row) → strings or images."""


@dataclass(frozen=True)
class _Column:
    name: str
    read: Cells
    image: bool = False


def read_parquet(path: Path) -> FileRows:
    """Lists, maps and structs become JSON; columns of other types (dates, times) are left out."""
    try:
        with pq.ParquetFile(path) as file:
            metadata = file.metadata
            schema = file.schema_arrow
    except (pa.ArrowException, OSError, ValueError) as error:
        raise BadData(
            f"The Parquet file can't be read ({_short(error)}). Write it anew, unencrypted.", field="file"
        ) from None
    unpacked = sum(metadata.row_group(index).total_byte_size for index in range(metadata.num_row_groups))
    if metadata.num_rows > MAX_ROWS:
        raise BadData(
            f"The file has {metadata.num_rows:,} rows; at most {MAX_ROWS:,} are read. Upload a part of it.",
            field="file",
        )
    if unpacked > MAX_TABLE_BYTES:
        raise BadData(
            f"The file unpacks to {unpacked // 2**20:,} MiB; at most {MAX_TABLE_BYTES // 2**20:,} MiB are read. "
            "Upload a part of it.",
            field="file",
        )
    check_columns(list(schema.names), "The file")
    names = _class_names(schema)
    columns = [column for field in schema if (column := _column(field, names.get(field.name)))]
    if not columns:
        raise BadData("The file has no column of text, numbers, lists or images. Upload one that has.", field="file")
    images = frozenset(index for index, column in enumerate(columns) if column.image)
    shown = check_columns([column.name for column in columns], "The file")
    return FileRows(shown, "row", _batches(path, columns), images)


def _column(field: pa.Field, class_names: list[str] | None) -> _Column | None:
    kind = field.type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if class_names and pa.types.is_integer(kind):
        return _Column(field.name, lambda array, first: _named(array, first, class_names, field.name))
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _Column(field.name, lambda array, first: _text(array, first, field.name))
    if pa.types.is_floating(kind):
        return _Column(field.name, lambda array, _first: _number(array))
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return _Column(field.name, lambda array, _first: pc.cast(array, pa.string()))
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return _Column(field.name, lambda array, first: _image(array, first, field.name), image=True)
    if pa.types.is_struct(kind) and kind.get_field_index("bytes") >= 0:
        return _Column(
            field.name, lambda array, first: _image(pc.struct_field(array, "bytes"), first, field.name), image=True
        )
    if pa.types.is_nested(kind) and not _holds_bytes(kind):
        return _Column(field.name, lambda array, first: nested(array, first, class_names, field.name))
    return None


def _batches(path: Path, columns: list[_Column]) -> Iterator[Batch]:
    size = IMAGE_BATCH_ROWS if any(column.image for column in columns) else BATCH_ROWS
    first = 1
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=size, columns=[column.name for column in columns]):
                cells = [column.read(batch.column(column.name), first) for column in columns]
                yield Batch(pa.array(range(first, first + batch.num_rows), pa.int64()), cells)
                first += batch.num_rows
    except (pa.ArrowException, OSError, ValueError) as error:
        raise BadData(
            f"The Parquet file can't be read beyond row {first - 1:,} ({_short(error)}). Write it anew.", field="file"
        ) from None


def _text(array: pa.Array, first: int, name: str) -> pa.Array:
    try:
        # Parquet promises UTF-8 and checks nothing.
        return pc.cast(pc.cast(array, pa.large_binary()), pa.large_string()).cast(pa.string())
    except pa.ArrowInvalid:
        for row, value in enumerate(pc.cast(array, pa.large_binary()), start=first):
            try:
                (value.as_py() or b"").decode()
            except UnicodeDecodeError:
                raise BadData(
                    f"Row {row:,} of the column {name!r} is not UTF-8. Write the file with text in UTF-8.", field="file"
                ) from None
        raise


def _number(array: pa.Array) -> pa.Array:
    """NaN is no value."""
    wide = pc.cast(array, pa.float64())
    return pc.cast(pc.if_else(pc.is_nan(wide), None, wide), pa.string())


def _holds_bytes(kind: pa.DataType) -> bool:
    if pa.types.is_map(kind):
        return _holds_bytes(kind.key_type) or _holds_bytes(kind.item_type)
    if pa.types.is_nested(kind):
        return any(_holds_bytes(kind.field(index).type) for index in range(kind.num_fields))
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _named(array: pa.Array, first: int, names: list[str], column: str) -> pa.Array:
    """Class numbers by the names that the file itself gives them; -1 is `datasets`' "no label"."""
    values: list[str | None] = []
    for row, number in enumerate(array.to_pylist(), start=first):
        if number is not None and not -1 <= number < len(names):
            raise BadData(
                f"Row {row:,} of the column {column!r} has the class {number}, and the file names {len(names)} classes. "
                "Mend the class numbers.",
                field="file",
            )
        values.append(None if number is None or number < 0 else names[number])
    return pa.array(values, pa.string())


def _image(array: pa.Array, first: int, column: str) -> pa.Array:
    images: list[bytes | None] = []
    for row, data in enumerate(array.to_pylist(), start=first):
        if data and len(data) > MAX_IMAGE_BYTES:
            raise BadData(
                f"Row {row:,} of the column {column!r} has {len(data):,} bytes. Make the image smaller.", field="file"
            )
        images.append(checked_image(data, f"Row {row:,} of the column {column!r}") if data else None)
    return pa.array(images, pa.binary())


def _class_names(schema: pa.Schema) -> dict[str, list[str]]:
    """The class names that the `datasets` library keeps in a file's metadata, by column."""
    try:
        features: Any = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
        return {
            column: [str(name) for name in classes["names"]]
            for column, feature in features.items()
            if (classes := _classes(feature)) and classes.get("names")
        }
    except (KeyError, ValueError, TypeError, AttributeError):
        return {}


def _classes(feature: Any) -> dict[str, Any] | None:
    """The ClassLabel of a column, or of a column's lists."""
    while isinstance(feature, dict) and isinstance(feature.get("feature"), dict):
        feature = feature["feature"]
    found = isinstance(feature, dict) and feature.get("_type") == "ClassLabel"
    return feature if found else None


def _short(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
