"""Prepared rows on disk: flat NumPy files that all children map into memory."""

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
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
    """Tokenised texts: `input_ids` and what else the tokenizer gives, as lists, and `labels` as int."""

    def __init__(self, columns: Mapping[str, Ragged], labels: Array, rows: Array) -> None:
        self._columns = columns
        self._labels = labels
        self._rows: list[int] = rows.tolist()

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> dict[str, Any]:
        row = self._rows[index]
        item: dict[str, Any] = {name: column.row(row) for name, column in self._columns.items()}
        item["labels"] = int(self._labels[row])
        return item


class PixelRows(Dataset[dict[str, Any]]):
    """Images as arrays of shape (channels, height, width), float32, and `labels` as int.

    `pixels` gives the array of a row, from a file in memory or from the image itself.
    """

    def __init__(self, pixels: Callable[[int], Array], labels: Array, rows: Array) -> None:
        self._pixels = pixels
        self._labels = labels
        self._rows: list[int] = rows.tolist()

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> dict[str, Any]:
        row = self._rows[index]
        return {"pixel_values": self._pixels(row), "labels": int(self._labels[row])}


def stack_pixels(items: Sequence[Mapping[str, Any]]) -> dict[str, torch.Tensor]:
    """A batch: `pixel_values` of shape (rows, channels, height, width), float32, and `labels`, int64."""
    return {
        "pixel_values": torch.from_numpy(np.stack([item["pixel_values"] for item in items])),
        "labels": torch.tensor([item["labels"] for item in items], dtype=torch.long),
    }


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
