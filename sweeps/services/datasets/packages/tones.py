"""Tones of eight pitches with noise, made here."""

import io
from typing import Final

import numpy as np
import pyarrow as pa
import soundfile

from sweeps.services.datasets.packages.base import Examples, Options, PackageData

RATE: Final = 16_000
SAMPLES: Final = 4_000
"""A quarter of a second."""
EACH: Final = 40
PITCHES: Final = {
    "C4": 261.63,
    "D4": 293.66,
    "E4": 329.63,
    "F4": 349.23,
    "G4": 392.0,
    "A4": 440.0,
    "B4": 493.88,
    "C5": 523.25,
}


def load(_options: Options) -> Examples:
    """Pitches in turn. Loudness, phase, overtones and noise are drawn by a fixed seed, whose stream NumPy has frozen."""
    state = np.random.RandomState(0)
    time = np.arange(SAMPLES) / RATE
    sounds: list[bytes] = []
    names: list[str] = []
    for _turn in range(EACH):
        for name, pitch in PITCHES.items():
            loud, phase, overtone = state.uniform(0.2, 0.6), state.uniform(0, 2 * np.pi), state.uniform(0, 0.5)
            wave = np.sin(2 * np.pi * pitch * time + phase) + overtone * np.sin(4 * np.pi * pitch * time + phase)
            samples = np.clip(loud * wave / 1.5 + 0.05 * state.standard_normal(SAMPLES), -1, 1)
            sounds.append(_wav(np.rint(samples * 32767).astype(np.int16)))
            names.append(name)
    return Examples({"audio": pa.array(sounds, pa.binary()), "label": pa.array(names, pa.string())})


def _wav(samples: np.ndarray) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, samples, RATE, format="WAV", subtype="PCM_16")
    return out.getvalue()


DATA: Final = PackageData(
    key="tones",
    title="Which tone is this?",
    layout="audio-classification",
    description="320 sounds of a quarter of a second, eight pitches with noise. A tiny Wav2Vec2 trains on them in a minute.",
    source="Made by hpweb, free for any use (CC0).",
    load=load,
)
