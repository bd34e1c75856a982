"""Images as a Trainer gets them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset

from runners.process.training.tables import Array

Change = Callable[[Array], Array]


class PixelRows(Dataset[dict[str, Any]]):
    """Images as arrays of shape (channels, height, width), float32, and `labels` as int.

    `pixels` gives the array of a row, from a file in memory or from the image itself; `change` makes another of it each
    time it is asked for.
    """

    def __init__(
        self, pixels: Callable[[int], Array], labels: Array, rows: Array, change: Change | None = None
    ) -> None:
        self._pixels = pixels
        self._labels = labels
        self._rows: list[int] = rows.tolist()
        self._change = change

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> dict[str, Any]:
        row = self._rows[index]
        pixels = self._pixels(row)
        if self._change is not None:
            pixels = self._change(pixels)
        return {"pixel_values": pixels, "labels": int(self._labels[row])}


def stack_pixels(items: Sequence[Mapping[str, Any]]) -> dict[str, torch.Tensor]:
    """A batch: `pixel_values` of shape (rows, channels, height, width), float32, and `labels`, int64."""
    return {
        "pixel_values": torch.from_numpy(np.stack([item["pixel_values"] for item in items])),
        "labels": torch.tensor([item["labels"] for item in items], dtype=torch.long),
    }
