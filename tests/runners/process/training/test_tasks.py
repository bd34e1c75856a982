"""How each task reads its rows, and what it refuses."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from runners.process.training.prepare import Workbench
from runners.process.training.question_answering import QuestionAnswering
from runners.process.training.refusal import InvalidSpec
from runners.process.training.task import settings_of
from runners.process.training.token_classification import aligned, likeliest
from runners.protocol.catalogue import catalogue
from tests.runners.process.samples import (
    MANY_LABELS,
    PAIRS,
    QUESTIONS,
    REGRESSION,
    SOUNDS,
    TAGS,
    Sample,
    sample_sweep,
    workbench,
)
from tests.runners.process.samples.sounds import tone
from tests.runners.process.training.test_models import SMALL as TEXT_MODELS
from tests.runners.process.training.test_models import TEXTS


def batch(bench: Any, rows: int = 3, **settings: Any) -> dict[str, torch.Tensor]:
    """The first training rows as the Trainer would get them."""
    parts = bench.task.trainer_parts(settings_of(bench.spec, settings))
    return dict(parts["data_collator"]([parts["train_dataset"][row] for row in range(rows)]))


def test_both_texts_of_a_pair_are_read(tmp_path: Path) -> None:
    spec, files = sample_sweep(PAIRS)
    bench = workbench(tmp_path, spec, files)
    rows = bench.task.rows.train
    text = bench.task.processor.decode(batch(bench)["input_ids"][0], skip_special_tokens=True)
    assert text == f"{rows['text'][0]} {rows['text_pair'][0]}"
    only = [{"text": f"{'a' if label else 'b'} text", "label": label} for label in (0, 1) * 8]
    bench = workbench(tmp_path / "one", *sample_sweep(PAIRS, rows=only))
    assert "text_pair" not in bench.task.rows.train


def test_labels_have_the_type_and_the_model_the_loss_of_their_task(tmp_path: Path) -> None:
    many = workbench(tmp_path / "many", *sample_sweep(MANY_LABELS))
    labels = batch(many)["labels"]
    assert (labels.dtype, labels.shape) == (torch.float32, (3, 4))
    assert [torch.nonzero(row).flatten().tolist() for row in labels] == many.task.rows.train["labels"][:3]
    assert many.first.config.problem_type == "multi_label_classification"
    loss = torch.nn.functional.binary_cross_entropy_with_logits
    model: Any = many.first
    given = model.eval()(**batch(many))
    assert torch.allclose(given.loss, loss(given.logits, labels))

    numbers = workbench(tmp_path / "numbers", *sample_sweep(REGRESSION))
    labels = batch(numbers)["labels"]
    assert labels.dtype == torch.float32
    assert labels.tolist() == numbers.task.rows.train["label"][:3].tolist()
    model = numbers.first
    given = model.eval()(**batch(numbers))
    assert given.logits.shape == (3, 1)
    assert torch.allclose(given.loss, ((given.logits[:, 0] - labels) ** 2).mean())


def test_the_threshold_of_a_trial_acts_on_its_metrics(tmp_path: Path) -> None:
    bench = workbench(tmp_path, *sample_sweep(MANY_LABELS))
    prediction = SimpleNamespace(predictions=np.full((2, 4), -1.0), label_ids=np.ones((2, 4)))
    for threshold, found in ((0.2, 1.0), (0.5, 0.0)):
        parts = bench.task.trainer_parts(settings_of(bench.spec, {"threshold": threshold}))
        assert parts["compute_metrics"](prediction)["subset_accuracy"] == found


def test_a_word_has_its_tag_at_its_first_token() -> None:
    assert aligned([None, 0, 0, 1, 2, 2, 2, None], [5, 6, 7]) == [-100, 5, -100, 6, 7, -100, -100, -100]
    # The same word again, after another, begins anew; a word without tokens is passed over.
    assert aligned([0, 2], [1, 2, 3]) == [1, 3]


def test_tags_stand_at_their_words(tmp_path: Path) -> None:
    bench = workbench(tmp_path, *sample_sweep(TAGS))
    items = batch(bench)
    tokenizer = bench.task.processor
    rows = bench.task.rows.train
    for row in range(3):
        labels = items["labels"][row]
        assert labels[labels != -100].tolist() == rows["tags"][row]
        first = [
            tokenizer.convert_ids_to_tokens(int(token))
            for token, label in zip(items["input_ids"][row], labels, strict=True)
            if label != -100
        ]
        assert not any(token.startswith("##") for token in first)
        words = [word.lower() for word in rows["tokens"][row]]
        assert all(word.startswith(token) for word, token in zip(words, first, strict=True))
    logits = torch.tensor([[[0.0, 1.0], [1.0, 0.0]]])
    assert likeliest(logits, None).tolist() == likeliest((logits, 0), None).tolist() == [[1, 0]]


def question_task(bench: Workbench) -> QuestionAnswering:
    assert isinstance(bench.task, QuestionAnswering)
    return bench.task


def test_answers_are_found_again_in_the_windows_of_long_contexts(tmp_path: Path) -> None:
    long = [
        {
            "question": "Who?",
            "context": "Some words to begin with. " * before + "Anna Berg" + " and more words to end." * 6,
            "answers": ["Anna Berg"],
            "answer_starts": [26 * before],
        }
        for before in (0, 1, 2, 5, 9, 14, 20, 30)
    ]
    spec, files = sample_sweep(QUESTIONS, rows=long, data_settings={"max_length": 24, "doc_stride": 8})
    task = question_task(workbench(tmp_path, spec, files))
    both: Any = task.encoded(settings_of(spec, {}))
    for split, encoded in zip((task.rows.train, task.rows.eval), both, strict=True):
        ids, offsets, of_rows = encoded["input_ids"], encoded["_offsets"], encoded["_row"]
        assert len(of_rows) > len(split)
        held: set[int] = set()
        for window, row in enumerate(of_rows):
            assert len(ids.row(window)) <= 24
            start, end = encoded["start_positions"][window], encoded["end_positions"][window]
            spans = np.asarray(offsets.row(window)).reshape(-1, 2)
            if start == encoded["_null"][window]:
                assert end == start
                continue
            assert split["context"][row][spans[start][0] : spans[end][1]] == "Anna Berg"
            held.add(int(row))
        assert held == set(range(len(split)))


def test_perfect_scores_give_perfect_answers(tmp_path: Path) -> None:
    spec, files = sample_sweep(QUESTIONS)
    task = question_task(workbench(tmp_path, spec, files))
    settings = settings_of(spec, {})
    encoded: Any = task.encoded(settings)[1]
    count = len(encoded["_row"])
    begins, ends = np.full((count, 40), -5.0), np.full((count, 40), -5.0)
    begins[np.arange(count), encoded["start_positions"]] = 5
    ends[np.arange(count), encoded["end_positions"]] = 5
    metrics = task.compute_metrics(settings)(SimpleNamespace(predictions=(begins, ends)))
    assert metrics == {"exact_match": 1.0, "f1": 1.0}
    # One token is too short for "New York", and is all that counts then.
    short = task.compute_metrics({**settings, "max_answer_length": 1})(SimpleNamespace(predictions=(begins, ends)))
    assert short["exact_match"] < 1.0
    assert {metric.name for metric in _entry("question-answering").metrics} == {
        "eval_loss",
        "eval_exact_match",
        "eval_f1",
    }


def _entry(task: str) -> Any:
    return catalogue().task(task)


def test_a_share_of_the_questions_is_a_share_of_their_windows(tmp_path: Path) -> None:
    spec, files = sample_sweep(QUESTIONS)
    task = question_task(workbench(tmp_path, spec, files))
    whole = task.datasets(settings_of(spec, {})).train
    half = task.datasets(settings_of(spec, {"train_fraction": 0.5})).train
    assert len(half) == len(whole) // 2  # each context is one window here


def test_seconds_act_on_sounds(tmp_path: Path) -> None:
    bench = workbench(tmp_path, *sample_sweep(SOUNDS, rows=[{"audio": tone(500, n), "label": n % 4} for n in range(8)]))
    assert batch(bench, max_seconds=0.1)["input_values"].shape == (3, 1600)
    assert batch(bench, max_seconds=9.0)["input_values"].shape == (3, 4000)


def changed(sample: Sample, **change: Any) -> list[dict[str, Any]]:
    """Rows of the sample, the sixth of them (a training row) changed."""
    rows = sample.rows(12)
    rows[5] = {**rows[5], **change}
    return rows


def test_data_that_do_not_fit_are_refused_with_their_row(tmp_path: Path) -> None:
    answered = {"question": "Who?", "context": "Anna goes.", "answers": ["Bert"], "answer_starts": [0]}
    cases: list[tuple[Sample, list[dict[str, Any]], str]] = [
        (TAGS, changed(TAGS, tokens=["one"], tags=[0, 0]), "Row 4 of the training split has 1 tokens and 2 tags"),
        (TAGS, changed(TAGS, tokens=["one"], tags=[9]), "label outside its 6 names in row 4"),
        (MANY_LABELS, changed(MANY_LABELS, labels=[4]), "label outside its 4 names in row 4"),
        (REGRESSION, changed(REGRESSION, label=float("nan")), "number is missing or not finite"),
        (REGRESSION, changed(REGRESSION, label=None), "number is missing or not finite"),
        (QUESTIONS, changed(QUESTIONS, **answered), "Row 4 of the training split: the answer 'Bert' does not stand"),
        (QUESTIONS, changed(QUESTIONS, **{**answered, "answers": ["Anna"], "answer_starts": [90]}), "at character 90"),
        (QUESTIONS, changed(QUESTIONS, **{**answered, "answer_starts": []}), "has 1 answers and 0 beginnings"),
        (SOUNDS, changed(SOUNDS, audio=b"not a sound"), "sound in row 4 of the training split cannot be used"),
        (PAIRS, changed(PAIRS, text_pair=None), "Row 4 of the training split has no text_pair"),
        (PAIRS, changed(PAIRS, label=3), "label outside its 3 names"),
    ]
    for number, (sample, rows, told) in enumerate(cases):
        spec, files = sample_sweep(sample, rows=rows)
        with pytest.raises(InvalidSpec) as caught:
            workbench(tmp_path / str(number), spec, files)
        assert caught.value.field == "data", told
        assert told in str(caught.value)


@pytest.mark.parametrize(
    ("sample", "changes", "field", "told"),
    [
        (TAGS, {"data_settings": {"max_length": 100}}, "data_settings.max_length", "longer than the 64 tokens"),
        (QUESTIONS, {"data_settings": {"doc_stride": 31}}, "data_settings.doc_stride", "must be less"),
        (QUESTIONS, {"data_settings": {"max_length": 8, "doc_stride": 5}}, "data_settings.doc_stride", "must be less"),
        (
            QUESTIONS,
            {"arguments": {"train_sampling_strategy": "group_by_length"}},
            "arguments.train_sampling_strategy",
            "needs its rows in order",
        ),
        (SOUNDS, {"processor": {"source": "trained"}}, "processor", "cannot hear sounds"),
        (TAGS, {"processor": {"source": "new"}}, "processor", "Choose a tokenizer"),
        (SOUNDS, {"data_settings": {"max_seconds": 0.001}}, "data_settings.max_seconds", "0.05 or more"),
    ],
)
def test_settings_that_do_not_fit_are_refused_with_their_field(
    sample: Sample, changes: dict[str, Any], field: str, told: str, tmp_path: Path
) -> None:
    base = {"data_settings": {**sample.settings, **changes.get("data_settings", {})}}
    spec, files = sample_sweep(sample, **{**changes, **base})
    with pytest.raises(InvalidSpec) as caught:
        workbench(tmp_path, spec, files)
    assert caught.value.field == field
    assert told in str(caught.value)


def test_too_few_frames_for_what_is_hidden_are_refused(tmp_path: Path) -> None:
    fields = {**SOUNDS.model["fields"], "apply_spec_augment": True, "mask_time_length": 100}
    spec, files = sample_sweep(SOUNDS, model={**SOUNDS.model, "fields": fields})
    with pytest.raises(InvalidSpec, match="fewer than the 100 that mask_time_length") as caught:
        workbench(tmp_path, spec, files)
    assert caught.value.field == "data_settings.max_seconds"


SMALL = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
HEARING: dict[str, dict[str, Any]] = {
    "wav2vec2": {**SOUNDS.model["fields"]},
    "hubert": {**SOUNDS.model["fields"]},
    "audio-spectrogram-transformer": {**SMALL, "max_length": 32, "num_mel_bins": 32, "patch_size": 8},
}


@pytest.mark.parametrize("model_type", HEARING)
def test_every_audio_model_trains_a_step(model_type: str, tmp_path: Path) -> None:
    model = {"source": "config", "model_type": model_type, "fields": HEARING[model_type]}
    rows = [{"audio": tone(500, n), "label": n % 4} for n in range(8)]
    bench = workbench(tmp_path, *sample_sweep(SOUNDS, rows=rows, model=model))
    loss = bench.first(**batch(bench)).loss
    loss.backward()
    assert torch.isfinite(loss)
    assert bench.first.config.num_labels == 4


@pytest.mark.full
@pytest.mark.parametrize("sample", [TAGS, QUESTIONS], ids=lambda sample: sample.task)
@pytest.mark.parametrize("model_type", sorted(set(TEXT_MODELS) & set(TEXTS)))
def test_every_text_model_reads_words_and_questions(sample: Sample, model_type: str, tmp_path: Path) -> None:
    known = catalogue().model_type(model_type)
    assert known is not None
    assert _entry(sample.task).takes(known)
    model = {"source": "config", "model_type": model_type, "fields": TEXT_MODELS[model_type]}
    bench = workbench(tmp_path, *sample_sweep(sample, model=model))
    loss = bench.first(**batch(bench)).loss
    loss.backward()
    assert torch.isfinite(loss)
