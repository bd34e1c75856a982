"""The first seconds of a sound, small enough to lie in a page."""

import base64
import io
from typing import Any, Final

import numpy as np
import soundfile

SECONDS: Final = 3
RATE: Final = 8000
"""Samples a second that the clip has at least, where the sound has more."""


def clip(data: bytes) -> dict[str, Any]:
    """A WAV of 16 bits as a data URI, with the sound's own length in seconds and its samples a second.

    Between samples that stay, those of a faster sound are averaged away, which is good enough to know it by.
    """
    with soundfile.SoundFile(io.BytesIO(data)) as file:
        rate, seconds = file.samplerate, file.frames / file.samplerate
        samples = file.read(min(file.frames, SECONDS * rate), dtype="float32", always_2d=True).mean(axis=1)
    step = max(rate // RATE, 1)
    samples = samples[: len(samples) // step * step].reshape(-1, step).mean(axis=1)
    out = io.BytesIO()
    soundfile.write(out, np.clip(samples, -1, 1), rate // step, format="WAV", subtype="PCM_16")
    uri = "data:audio/wav;base64," + base64.b64encode(out.getvalue()).decode()
    return {"audio": uri, "seconds": round(seconds, 2), "rate": rate}
