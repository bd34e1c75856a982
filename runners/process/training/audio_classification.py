"""Sounds with one label each."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

import numpy as np
import torch
from transformers import PretrainedConfig

from runners.process.training.metrics import compute_metrics
from runners.process.training.models import ModelBuilder
from runners.process.training.processors import load_feature_extractor
from runners.process.training.rows import Column, Columns, Split, fraction, load_rows
from runners.process.training.sounds import PadSounds, SoundRows, decoded, refused
from runners.process.training.tables import Array, stored
from runners.process.training.task import Context, Datasets, Settings, Task, UnfitSetting, entry_of, number_of

_KEPT_BYTES = 2**31
"""Prepared sounds above this size are made again for each batch instead of being kept on disk."""


class AudioClassification(Task):
    name: ClassVar[str] = "audio-classification"
    columns: ClassVar[Columns] = (Column("audio"), Column("label", "index"))

    def __init__(self, context: Context) -> None:
        self._context = context
        self.spec = spec = context.spec
        self.rows = load_rows(spec, context.start, self.columns)
        self.models = ModelBuilder(
            spec.model, entry_of(spec).auto_class, self.rows.names, context.start.model_roots, _unchanged
        )
        self.processor = load_feature_extractor(context, self.models.base_config())
        self._input = self.processor.model_input_names[0]
        self._rate = int(self.processor.sampling_rate)
        self._heard: dict[tuple[str, float], Callable[[int], Array]] = {}

    def datasets(self, settings: Settings) -> Datasets:
        seconds = number_of(settings, "max_seconds")
        kept = fraction(len(self.rows.train), number_of(settings, "train_fraction"), self._context.spec.seed)
        everything = fraction(len(self.rows.eval), 1, 0)
        train, evaluation = (
            self._split(self.rows.train, "training", seconds),
            self._split(self.rows.eval, "evaluation", seconds),
        )
        return Datasets(
            train=SoundRows(self._input, train, self.rows.train["label"], kept),
            eval=SoundRows(self._input, evaluation, self.rows.eval["label"], everything),
        )

    def collator(self, settings: Settings) -> Callable[[Any], Any]:
        del settings
        return PadSounds(self.processor, self._input)

    def compute_metrics(self, settings: Settings) -> Callable[[Any], dict[str, float]]:
        del settings
        compute: Callable[[Any], dict[str, float]] = compute_metrics(len(self.rows.names))
        return compute

    def example(self, config: PretrainedConfig, settings: Settings) -> dict[str, torch.Tensor]:
        del config
        shape = self._extracted(np.zeros(self._most(settings), dtype=np.float32)).shape
        return {
            self._input: torch.zeros((2, *shape), dtype=torch.float32, device="meta"),
            "labels": torch.zeros(2, dtype=torch.long, device="meta"),
        }

    def check_settings(self, config: PretrainedConfig, settings: Settings) -> None:
        """The shortest a batch can be must still give frames, and as many as a hidden stretch has."""
        kernels, strides = getattr(config, "conv_kernel", None), getattr(config, "conv_stride", None)
        if kernels is None or strides is None:
            return
        frames = self._most(settings)
        for kernel, stride in zip(kernels, strides, strict=True):
            frames = (frames - kernel) // stride + 1
        if frames < 1:
            raise UnfitSetting("max_seconds", "max_seconds is so short that the model's convolutions leave nothing.")
        hides = getattr(config, "apply_spec_augment", False) and getattr(config, "mask_time_prob", 0) > 0
        if hides and frames < config.mask_time_length:
            raise UnfitSetting(
                "max_seconds",
                f"max_seconds gives {frames} frames, fewer than the {config.mask_time_length} that mask_time_length "
                "hides. Raise max_seconds, or set the model's apply_spec_augment to false.",
            )

    def _most(self, settings: Settings) -> int:
        """Samples of the longest sound that a trial hears."""
        return max(1, round(number_of(settings, "max_seconds") * self._rate))

    def _split(self, split: Split, name: str, seconds: float) -> Callable[[int], Array]:
        if (name, seconds) not in self._heard:
            self._heard[name, seconds] = self._kept(split, name, seconds)
        return self._heard[name, seconds]

    def _kept(self, split: Split, name: str, seconds: float) -> Callable[[int], Array]:
        """What the model hears of each row: from disk, or made anew where that would be too large."""
        make = partial(self._made, split, name, seconds)
        if len(split) * make(0).nbytes > _KEPT_BYTES:
            return make

        def all_rows() -> dict[str, Array]:
            rows = [make(row) for row in range(len(split))]
            lengths = np.asarray([len(row) for row in rows], dtype=np.int64)
            return {"heard": np.concatenate(rows), "ends": np.cumsum(lengths), "lengths": lengths}

        arrays = stored(self._context.prepared / f"sounds-{seconds:g}-{name}", all_rows)
        heard, ends, lengths = arrays["heard"], arrays["ends"], arrays["lengths"]
        return lambda row: heard[ends[row] - lengths[row] : ends[row]]

    def _made(self, split: Split, name: str, seconds: float, row: int) -> Array:
        try:
            return self._extracted(decoded(split["audio"][row], self._rate, seconds))
        except ValueError as error:
            raise refused(row, name, error) from error

    def _extracted(self, samples: Array) -> Array:
        """Of shape (samples,), or (frames, bands) for a spectrogram."""
        heard = self.processor(samples, sampling_rate=self._rate, return_tensors="np")[self._input][0]
        return np.asarray(heard, dtype=np.float32)


def _unchanged(config: PretrainedConfig) -> None:
    """Nothing in an audio model's config depends on the data beyond its labels."""
