"""Sounds: from the bytes of a file to samples at a model's rate, and to what the model hears of them."""

import io
from collections.abc import Callable, Mapping, Sequence
from math import gcd
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.utils.data import Dataset
from transformers import PretrainedConfig

from runners.process.training.refusal import InvalidSpec, first_line
from runners.process.training.tables import Array

Samples = npt.NDArray[np.float32]

_RATE = 16_000
"""What speech models were trained with; a new one has no other wish."""


def decoded(sound: Any, rate: int, seconds: float) -> Samples:
    """One channel, from -1 to 1, at `rate` samples a second; of a longer sound the first `seconds`.

    `sound`: the bytes of a file, or a mapping with `bytes` or `path`, as data sets of the Hub have it. Raises ValueError.
    """
    # Imported here: only sounds need it, and it loads a library of its own.
    import soundfile

    if isinstance(sound, Mapping):
        sound = sound.get("bytes") or sound.get("path")
    source = io.BytesIO(sound) if isinstance(sound, bytes) else sound
    try:
        with soundfile.SoundFile(source) as file:
            own = int(file.samplerate)
            # A few samples more than wanted, so that the filter of a changed rate meets no false end.
            channels = file.read(int(np.ceil((seconds + 0.1) * own)), dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, OSError, TypeError) as error:
        raise ValueError(f"no sound could be read: {first_line(error)}") from error
    if not len(channels):
        raise ValueError("it is empty.")
    return resampled(channels.mean(axis=1), own, rate)[: max(1, round(seconds * rate))]


def resampled(samples: Samples, own: int, rate: int) -> Samples:
    """The same sound with `rate` instead of `own` samples a second, by a polyphase filter."""
    if own == rate:
        return samples
    from scipy.signal import resample_poly

    shared = gcd(own, rate)
    changed: Samples = resample_poly(samples, rate // shared, own // shared).astype(np.float32)
    return changed


def new_feature_extractor(config: PretrainedConfig) -> Any:
    """A feature extractor for a new model: a spectrogram for the one that sees one, else samples of mean 0 and variance 1."""
    import transformers

    spectrogram: Any = transformers.ASTFeatureExtractor
    wave: Any = transformers.Wav2Vec2FeatureExtractor
    if config.model_type == "audio-spectrogram-transformer":
        return spectrogram(sampling_rate=_RATE, max_length=config.max_length, num_mel_bins=config.num_mel_bins)
    # Wave models whose convolutions are normed as a group were trained without an attention mask.
    return wave(
        feature_size=1,
        sampling_rate=_RATE,
        padding_value=0.0,
        do_normalize=True,
        return_attention_mask=config.feat_extract_norm == "layer",
    )


class SoundRows(Dataset[dict[str, Any]]):
    """Sounds as a model hears them, float32, under the extractor's own `name`, and `labels` as int."""

    def __init__(self, name: str, heard: Callable[[int], Array], labels: Array, rows: Array) -> None:
        self._name = name
        self._heard = heard
        self._labels = labels
        self._rows: list[int] = rows.tolist()

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> dict[str, Any]:
        row = self._rows[index]
        return {self._name: self._heard(row), "labels": int(self._labels[row])}


class PadSounds:
    """Collates: `extractor` pads what is shorter than the longest of the batch; `labels` are int64."""

    def __init__(self, extractor: Any, name: str) -> None:
        self._extractor = extractor
        self._name = name

    def __call__(self, items: Sequence[Mapping[str, Any]]) -> dict[str, torch.Tensor]:
        heard = {self._name: [np.asarray(item[self._name]) for item in items]}
        batch = dict(self._extractor.pad(heard, padding=True, return_tensors="pt"))
        return {**batch, "labels": torch.tensor([item["labels"] for item in items], dtype=torch.long)}


def refused(row: int, split: str, error: Exception) -> InvalidSpec:
    """A sound that cannot be used, by its place."""
    return InvalidSpec("data", f"The sound in row {row} of the {split} split cannot be used: {first_line(error)}")
