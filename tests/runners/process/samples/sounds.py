"""Tones of four pitches in noise, a quarter of a second long, half of them WAV and half FLAC."""

import io
from typing import Any

import numpy as np
import soundfile

from tests.runners.process.samples.sample import Row, Sample

PITCHES = (300.0, 600.0, 1200.0, 2400.0)
RATE = 8000

WAV2VEC2: dict[str, Any] = {
    "source": "config",
    "model_type": "wav2vec2",
    "fields": {
        "hidden_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 64,
        "conv_dim": [16, 32, 32],
        "conv_stride": [5, 4, 4],
        "conv_kernel": [10, 8, 4],
        "num_conv_pos_embeddings": 16,
        "num_conv_pos_embedding_groups": 4,
        "classifier_proj_size": 32,
        "feat_extract_norm": "layer",
        "apply_spec_augment": False,
        "layerdrop": 0.0,
    },
}


def tone(pitch: float, seed: int, rate: int = RATE, seconds: float = 0.25, kind: str = "WAV") -> bytes:
    """The bytes of a file."""
    chance = np.random.default_rng(seed)
    times = np.arange(round(seconds * rate)) / rate
    wave = 0.4 * np.sin(2 * np.pi * (pitch * times + chance.random())) + 0.05 * chance.standard_normal(len(times))
    file = io.BytesIO()
    soundfile.write(file, wave.astype(np.float32), rate, format=kind)
    return file.getvalue()


def tones(count: int) -> list[Row]:
    chance = np.random.default_rng(6)
    labels = chance.integers(len(PITCHES), size=count).tolist()
    kinds = ("WAV", "FLAC")
    return [
        {"audio": tone(PITCHES[label] * chance.uniform(0.9, 1.1), seed, kind=kinds[seed % 2]), "label": label}
        for seed, label in enumerate(labels)
    ]


SOUNDS = Sample(
    "audio-classification",
    tones,
    "eval_accuracy",
    0.6,
    labels=tuple(f"{pitch:g} Hz" for pitch in PITCHES),
    count=160,
    model=WAV2VEC2,
    processor={"source": "new"},
    settings={"max_seconds": 0.25},
    arguments={"num_train_epochs": 6, "per_device_train_batch_size": 8},
)
