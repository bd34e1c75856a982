"""Sounds with one label each."""

from runners.protocol.spec import ConfigModel, NewImageProcessor
from sweeps.queries.script.data import LABELS, add_labels, add_rows, split_lines
from sweeps.queries.script.model import base_config, place_of_processor
from sweeps.queries.script.parts import Part
from sweeps.queries.script.tasks.code import TaskCode
from sweeps.queries.script.tasks.text_classification import METRICS

SPECTROGRAM = """
shape = {config}
processor = ASTFeatureExtractor(sampling_rate=16000, max_length=shape.max_length, num_mel_bins=shape.num_mel_bins)
"""
WAVE = """
shape = {config}
processor = Wav2Vec2FeatureExtractor(
    feature_size=1,
    sampling_rate=16000,
    padding_value=0.0,
    do_normalize=True,
    return_attention_mask=shape.feat_extract_norm == "layer",
)
"""
ROWS = '''
INPUT, RATE = processor.model_input_names[0], processor.sampling_rate


def samples(sound, seconds):
    """One channel at the model's rate; of a longer sound the first seconds."""
    if isinstance(sound, dict):
        sound = sound.get("bytes") or sound.get("path")
    with soundfile.SoundFile(io.BytesIO(sound) if isinstance(sound, bytes) else sound) as file:
        own = file.samplerate
        wave = file.read(int(np.ceil((seconds + 0.1) * own)), dtype="float32", always_2d=True).mean(axis=1)
    if own != RATE:
        shared = math.gcd(own, RATE)
        wave = signal.resample_poly(wave, RATE // shared, own // shared).astype(np.float32)
    return wave[: max(1, round(seconds * RATE))]


@functools.cache
def load(split, max_seconds):
    rows = read(split)
    heard = [
        processor(samples(sound, max_seconds), sampling_rate=RATE, return_tensors="np")[INPUT][0]
        for sound in rows["audio"]
    ]
    return [
        {INPUT: np.asarray(wave, dtype=np.float32), "labels": label}
        for wave, label in zip(heard, rows["label"], strict=True)
    ]


def collate(items):
    batch = processor.pad({INPUT: [item[INPUT] for item in items]}, padding=True, return_tensors="pt")
    return {**batch, "labels": torch.tensor([item["labels"] for item in items])}
'''


def audio_classification(part: Part) -> TaskCode:
    """Writes the data section and the metrics."""
    writer = part.writer
    add_rows(part)
    add_labels(part)
    for module in ("functools", "io", "math", "numpy as np", "soundfile", "torch"):
        writer.use(module)
    writer.use("scipy", "signal")
    writer.use("sklearn", "metrics")
    _add_extractor(part)
    writer.add(ROWS)
    datasets = split_lines(part, "max_seconds")
    writer.add(METRICS)
    return TaskCode(datasets=datasets, collator="collate", processor="processor", labels=LABELS)


def _add_extractor(part: Part) -> None:
    writer, model = part.writer, part.spec.model
    if not isinstance(part.spec.processor, NewImageProcessor):
        writer.use("transformers", "AutoFeatureExtractor")
        writer.add(f"processor = AutoFeatureExtractor.from_pretrained({place_of_processor(part)})")
        return
    config = base_config(part)
    if isinstance(model, ConfigModel) and model.model_type == "audio-spectrogram-transformer":
        writer.use("transformers", "ASTFeatureExtractor")
        writer.add(SPECTROGRAM.format(config=config))
    elif isinstance(model, ConfigModel):
        writer.use("transformers", "Wav2Vec2FeatureExtractor")
        writer.add(WAVE.format(config=config))
    else:
        writer.use("transformers", "ASTFeatureExtractor", "Wav2Vec2FeatureExtractor")
        new = {"seen": SPECTROGRAM, "heard": WAVE}
        seen, heard = (
            "\n".join(f"    {line}" for line in code.strip().splitlines()[1:]) for code in (new["seen"], new["heard"])
        )
        writer.add(f'shape = {config}\nif shape.model_type == "audio-spectrogram-transformer":\n{seen}\nelse:\n{heard}')
