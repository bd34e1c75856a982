"""Prepared rows on disk: flat NumPy files that all children map into memory."""

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from torch.utils.data import Dataset

Array = npt.NDArray[Any]


class Ragged:
    """Lists of integers of different lengths, flat: row i is `flat[offsets[i]:offsets[i + 1]]`."""

    def __init__(self, flat: Array, offsets: Array) -> None:
        self.flat = flat
        self.offsets = offsets

    @classmethod
    def of(cls, rows: Sequence[Sequence[int]]) -> "Ragged":
        lengths = np.fromiter((len(row) for row in rows), dtype=np.int64, count=len(rows))
        offsets = np.concatenate(([0], np.cumsum(lengths)))
        flat = np.fromiter((value for row in rows for value in row), dtype=np.int32, count=int(offsets[-1]))
        return cls(flat, offsets)

    def row(self, index: int) -> list[int]:
        row: list[int] = self.flat[self.offsets[index] : self.offsets[index + 1]].tolist()
        return row


class TokenRows(Dataset[dict[str, Any]]):
    """Tokenised texts: `lists` (`input_ids` and what else there is a token), then `values` (one number or list a row).

    `rows`: which rows, in order. Items hold plain Python numbers and lists.
    """

    def __init__(self, lists: Mapping[str, Ragged], values: Mapping[str, Array], rows: Array) -> None:
        self._lists = lists
        self._values = values
        self._rows: list[int] = rows.tolist()

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> dict[str, Any]:
        row = self._rows[index]
        item: dict[str, Any] = {name: column.row(row) for name, column in self._lists.items()}
        for name, values in self._values.items():
            item[name] = values[row].tolist()
        return item


def stored(folder: Path, make: Callable[[], Mapping[str, Array]]) -> dict[str, Array]:
    """The arrays in `folder`, mapped; made and written there first where it does not exist. Whole or absent."""
    if not folder.is_dir():
        temporary = folder.with_name(f".{folder.name}.{os.getpid()}")
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        for name, array in make().items():
            np.save(temporary / f"{name}.npy", array)
        try:
            temporary.rename(folder)
        except OSError:
            # Another child was quicker with the same rows.
            shutil.rmtree(temporary, ignore_errors=True)
            if not folder.is_dir():
                raise
    return {path.stem: np.load(path, mmap_mode="r") for path in sorted(folder.glob("*.npy"))}


def flat(columns: Mapping[str, Ragged | Array]) -> dict[str, Array]:
    """Columns as the arrays of `stored`; `unflat` gives them back."""
    arrays: dict[str, Array] = {}
    for name, column in columns.items():
        if isinstance(column, Ragged):
            arrays[f"{name}.flat"], arrays[f"{name}.offsets"] = column.flat, column.offsets
        else:
            arrays[name] = column
    return arrays


def unflat(arrays: Mapping[str, Array]) -> dict[str, Ragged | Array]:
    """`flat` backwards, in the order of the names."""
    columns: dict[str, Ragged | Array] = {}
    for name in sorted({key.removesuffix(".flat").removesuffix(".offsets") for key in arrays}):
        ragged = f"{name}.flat" in arrays
        columns[name] = Ragged(arrays[f"{name}.flat"], arrays[f"{name}.offsets"]) if ragged else arrays[name]
    return columns
