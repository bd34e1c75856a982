"""Real bytes for tests: tables, images, archives."""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from sweeps.services.datasets.mapping import Mapped, Mapping, apply_mapping
from sweeps.services.datasets.propose import describe, propose
from sweeps.services.datasets.readers import open_rows
from sweeps.services.datasets.roles import LAYOUTS
from sweeps.services.datasets.table import Table, write_table

FOUR = [("good film", "pos"), ("bad film", "neg"), ("fine film", "pos"), ("poor film", "neg")]


def csv_bytes(rows: Iterable[Sequence[object]], header: Sequence[str] = ("text", "label"), **dialect: Any) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, **dialect)
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode()


def image_bytes(kind: str = "PNG", *, color: object = 128, mode: str = "L", size: tuple[int, int] = (6, 4)) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, color).save(out, kind)  # type: ignore[arg-type]  # any colour of the mode
    return out.getvalue()


def zip_bytes(
    files: Iterable[tuple[str | zipfile.ZipInfo, bytes]], *, compression: int = zipfile.ZIP_DEFLATED
) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return out.getvalue()


def image_folders(*names: str) -> bytes:
    """A zip with a different grey image under each name."""
    return zip_bytes((name, image_bytes(color=index)) for index, name in enumerate(names))


def parquet_bytes(table: pa.Table) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def read(tmp_path: Path, data: bytes, name: str = "data.csv") -> Table:
    """The table of a file with these bytes."""
    path = tmp_path / f"source-{len(list(tmp_path.iterdir()))}"
    path.write_bytes(data)
    return write_table(open_rows(path, name), path.with_suffix(".table"))


def proposed(table: Table) -> Mapping:
    return propose(table, describe(table))


def whole(tmp_path: Path, data: bytes, name: str = "data.csv", **choices: Any) -> Mapped:
    """A file, mapped as proposed unless `choices` say otherwise: of the mapping, or columns by their field's name."""
    table = read(tmp_path, data, name)
    named = choices.pop("layout", "")
    proposal = propose(table, describe(table), layout=named)
    fields = {role.field: role.name for role in LAYOUTS[proposal.layout].roles}
    columns = {fields[name]: choices.pop(name) for name in list(choices) if name in fields}
    return apply_mapping(table, replace(proposal, columns={**proposal.columns, **columns}, **choices))


def texts(mapped: Mapped) -> list[tuple[str, str, str]]:
    """(split, text, label) of the rows, split by split."""
    found = []
    for batch in mapped.rows().batches:
        for value, label, side in zip(*batch.columns, batch.sides, strict=True):
            if side >= 0:
                found.append((("train", "eval")[side], value.as_py(), mapped.labels[label.as_py()]))
    return sorted(found, key=lambda row: row[0], reverse=True)
