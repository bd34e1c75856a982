"""Is this audio? libsndfile looks, within bounds."""

import io
from typing import Final

import soundfile

from sweeps.services.datasets.limits import MAX_SOUND_SECONDS
from sweeps.services.datasets.problems import BadData

KEPT: Final = frozenset({"WAV", "WAVEX", "FLAC"})
"""What runners read."""
_BLOCK: Final = 2**16


def is_sound(head: bytes) -> bool:
    """Whether bytes begin as WAV or FLAC do."""
    return head.startswith(b"fLaC") or (head.startswith(b"RIFF") and head[8:12] == b"WAVE")


def checked_sound(data: bytes, place: str) -> bytes:
    """The bytes as they are, decoded once to be sure. BadData names `place`."""
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            kind, frames, rate = file.format, file.frames, file.samplerate
            if kind in KEPT and 0 < frames <= rate * MAX_SOUND_SECONDS:
                read = 0
                while len(block := file.read(_BLOCK, dtype="float32", always_2d=True)):
                    read += len(block)
                frames = min(frames, read)
    except (soundfile.LibsndfileError, RuntimeError, ValueError, TypeError, OSError):
        kind = ""
    if kind not in KEPT:
        raise BadData(f"{place} is no WAV or FLAC that can be read. Take it out, or save it anew as WAV or FLAC.")
    if frames <= 0:
        raise BadData(f"{place} has no sound in it. Take it out.")
    if frames > rate * MAX_SOUND_SECONDS:
        raise BadData(f"{place} is {frames // rate:,} seconds long; at most {MAX_SOUND_SECONDS} are read. Cut it.")
    return data
