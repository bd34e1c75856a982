"""Single-label image classification."""

import io
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from transformers import PretrainedConfig

from runners.process.training.augment import augmentation
from runners.process.training.metrics import compute_metrics
from runners.process.training.models import ModelBuilder
from runners.process.training.pixels import Change, PixelRows, stack_pixels
from runners.process.training.processors import load_image_processor
from runners.process.training.refusal import InvalidSpec, first_line
from runners.process.training.rows import Column, Columns, Split, fraction, load_rows
from runners.process.training.tables import stored
from runners.process.training.task import Context, Datasets, Settings, Task, entry_of, number_of, settings_of

_KEPT_BYTES = 2**30
"""Prepared images above this size are made again for each batch instead of being kept on disk."""
_BATCH = 256
_DEFAULT_SIDE = 224

Pixels = npt.NDArray[np.float32]


class ImageClassification(Task):
    name: ClassVar[str] = "image-classification"
    columns: ClassVar[Columns] = (Column("image"), Column("label", "index"))

    def __init__(self, context: Context) -> None:
        self._context = context
        self.spec = spec = context.spec
        self.rows = load_rows(spec, context.start, self.columns)
        entry = entry_of(spec)
        self.models = ModelBuilder(spec.model, entry.auto_class, self.rows.names, context.start.model_roots, _unchanged)
        config = self.models.base_config()
        side = settings_of(spec, {})["image_size"]
        size = (int(side), int(side)) if isinstance(side, int | float) else _size(config)
        channels = getattr(config, "num_channels", 3)
        self._mode = "L" if channels == 1 else "RGB"
        self.processor = load_image_processor(context, size, channels)
        self._first = self._prepared([self.rows.train["image"][0]])[0]
        self._splits: dict[str, Callable[[int], Pixels]] = {}

    def datasets(self, settings: Settings) -> Datasets:
        kept = fraction(len(self.rows.train), number_of(settings, "train_fraction"), self._context.spec.seed)
        everything = fraction(len(self.rows.eval), 1, 0)
        return Datasets(
            train=PixelRows(self._pixels(self.rows.train, "train"), self.rows.train["label"], kept, _change(settings)),
            eval=PixelRows(self._pixels(self.rows.eval, "eval"), self.rows.eval["label"], everything),
        )

    def collator(self, settings: Settings) -> Callable[[Any], Any]:
        del settings
        return stack_pixels

    def compute_metrics(self, settings: Settings) -> Callable[[Any], dict[str, float]]:
        del settings
        compute: Callable[[Any], dict[str, float]] = compute_metrics(len(self.rows.names))
        return compute

    def example(self, config: PretrainedConfig, settings: Settings) -> dict[str, torch.Tensor]:  # noqa: ARG002 - texts need them
        return {
            "pixel_values": torch.zeros((2, *self._first.shape), dtype=torch.float32, device="meta"),
            "labels": torch.zeros(2, dtype=torch.long, device="meta"),
        }

    def check_settings(self, config: PretrainedConfig, settings: Settings) -> None:
        """Nothing: the trial batch says it all."""

    def _pixels(self, split: Split, name: str) -> Callable[[int], Pixels]:
        if name not in self._splits:
            self._splits[name] = self._kept(split, name)
        return self._splits[name]

    def _kept(self, split: Split, name: str) -> Callable[[int], Pixels]:
        if len(split) * self._first.nbytes > _KEPT_BYTES:
            return lambda row: self._prepared([split["image"][row]])[0]

        def make() -> dict[str, Any]:
            starts = range(0, len(split), _BATCH)
            return {"pixels": np.concatenate([self._prepared(split["image"][s : s + _BATCH]) for s in starts])}

        pixels = stored(self._context.prepared / f"pixels-{name}", make)["pixels"]
        return lambda row: pixels[row]

    def _prepared(self, inputs: Any) -> Pixels:
        """Of shape (rows, channels, height, width)."""
        try:
            images = [self._opened(image) for image in inputs]
            pixels: Pixels = self.processor(images, return_tensors="np")["pixel_values"].astype(np.float32, copy=False)
        except (OSError, ValueError, TypeError) as error:
            raise InvalidSpec("data", f"An image could not be read: {first_line(error)}") from error
        return pixels

    def _opened(self, image: Any) -> Image.Image:
        opened: Image.Image = Image.open(io.BytesIO(image)) if isinstance(image, bytes) else image
        return opened.convert(self._mode)


def _unchanged(config: PretrainedConfig) -> None:
    """Nothing in an image model's config depends on the data beyond its labels."""


def _change(settings: Settings) -> Change | None:
    return augmentation(
        flip=bool(settings["flip"]), crop=int(number_of(settings, "crop")), rotation=number_of(settings, "rotation")
    )


def _size(config: PretrainedConfig) -> tuple[int, int]:
    size = getattr(config, "image_size", _DEFAULT_SIDE)
    if isinstance(size, list | tuple):
        return int(size[0]), int(size[1])
    return int(size), int(size)
