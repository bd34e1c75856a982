"""Sounds from files to samples."""

import io

import numpy as np
import pytest
import soundfile
from transformers import AutoConfig

from runners.process.training.sounds import PadSounds, decoded, new_feature_extractor, resampled
from tests.runners.process.samples.sounds import tone


def pitch(samples: np.ndarray, rate: int) -> float:
    """The strongest frequency, in hertz."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.fft.rfftfreq(len(samples), 1 / rate)[spectrum.argmax()])


@pytest.mark.parametrize("kind", ["WAV", "FLAC"])
@pytest.mark.parametrize("rate", [8000, 16000, 44100])
def test_a_sound_keeps_its_pitch_at_another_rate(kind: str, rate: int) -> None:
    samples = decoded(tone(1000.0, 1, rate=rate, seconds=0.5, kind=kind), 16000, 2.0)
    assert samples.dtype == np.float32
    assert len(samples) == 8000
    assert pitch(samples, 16000) == pytest.approx(1000.0, abs=5)


def test_a_long_sound_is_cut_at_its_end() -> None:
    sound = tone(500.0, 1, rate=16000, seconds=1.0)
    assert np.array_equal(decoded(sound, 16000, 0.1), decoded(sound, 16000, 2.0)[:1600])
    assert len(decoded(tone(500.0, 1, rate=44100, seconds=1.0), 16000, 0.1)) == 1600


def test_channels_are_mixed_and_files_of_the_hub_are_read(tmp_path: object) -> None:
    stereo = np.stack([np.full(100, 0.5), np.full(100, -0.25)], axis=1).astype(np.float32)
    file = io.BytesIO()
    soundfile.write(file, stereo, 16000, format="WAV", subtype="FLOAT")
    for sound in (file.getvalue(), {"bytes": file.getvalue(), "path": None}):
        assert decoded(sound, 16000, 1.0).tolist() == [0.125] * 100


@pytest.mark.parametrize("sound", [b"no sound", b"", {"bytes": None, "path": "/nowhere.wav"}, None])
def test_what_is_no_sound_is_said(sound: object) -> None:
    with pytest.raises(ValueError, match="no sound could be read"):
        decoded(sound, 16000, 1.0)


def test_an_empty_sound_is_said() -> None:
    file = io.BytesIO()
    soundfile.write(file, np.zeros(0, dtype=np.float32), 16000, format="WAV")
    with pytest.raises(ValueError, match="empty"):
        decoded(file.getvalue(), 16000, 1.0)


def test_the_same_rate_changes_nothing() -> None:
    samples = np.ones(5, dtype=np.float32)
    assert resampled(samples, 16000, 16000) is samples


def test_short_sounds_are_padded_and_waves_normed() -> None:
    extractor = new_feature_extractor(AutoConfig.for_model("wav2vec2"))
    heard = [
        extractor(np.linspace(0, 1, size, dtype=np.float32), sampling_rate=16000, return_tensors="np")["input_values"][
            0
        ]
        for size in (50, 80)
    ]
    assert float(heard[1].mean()) == pytest.approx(0.0, abs=1e-5)
    assert float(heard[1].std()) == pytest.approx(1.0, abs=1e-3)
    items = [{"input_values": one, "labels": label} for one, label in zip(heard, (1, 0), strict=True)]
    batch = PadSounds(extractor, "input_values")(items)
    assert batch["input_values"].shape == (2, 80)
    assert batch["input_values"][0, 50:].abs().sum() == 0
    assert batch["labels"].tolist() == [1, 0]
    # A model with the norm in each layer wants to know what is padding.
    assert "attention_mask" not in batch
    layered = new_feature_extractor(AutoConfig.for_model("wav2vec2", feat_extract_norm="layer"))
    assert PadSounds(layered, "input_values")(items)["attention_mask"].sum(dim=1).tolist() == [50, 80]


def test_a_spectrogram_model_gets_a_spectrogram() -> None:
    config = AutoConfig.for_model("audio-spectrogram-transformer", max_length=64, num_mel_bins=32)
    extractor = new_feature_extractor(config)
    given = extractor(np.zeros(16000, dtype=np.float32), sampling_rate=16000, return_tensors="np")["input_values"]
    assert given.shape == (1, 64, 32)
