"""Package data of every task: its canonical columns, learnable rows, the same each time."""

import pytest

from runners.protocol.spec import ArtifactData
from sweeps.services.datasets import create_package_dataset
from sweeps.services.datasets.packages import PACKAGES
from tests.factories import Cast
from tests.sweeps.datasets.test_package import read

COLUMNS = {
    "message-traits": ("text", "labels"),
    "vowel-share": ("text", "label"),
    "message-words": ("tokens", "tags"),
    "dictionary-questions": ("question", "context", "answers", "answer_starts"),
    "spanish-texts": ("text",),
    "translation-chat": ("messages",),
    "translation": ("source", "target"),
    "spanish-masked": ("text",),
    "tones": ("audio", "label"),
}


@pytest.mark.parametrize("key", COLUMNS)
def test_a_package_has_its_tasks_columns(cast: Cast, key: str) -> None:
    version = create_package_dataset(team=cast.team, user=cast.alice, key=key)
    spec = ArtifactData.model_validate(version.spec)
    rows = read(version, "train") + read(version, "eval")
    assert spec.columns == COLUMNS[key] == tuple(rows[0])
    assert version.dataset.task == PACKAGES[key].task
    assert 200 < len(rows) < 5000
    assert version.summary["eval"]["rows"] == pytest.approx(len(rows) * 0.2, abs=8)
    assert version.preview
    assert all(value is not None for row in rows for value in row.values())
    again = create_package_dataset(team=cast.team, user=None, key=key, dataset=version.dataset)
    assert again == version


def test_tags_fit_their_tokens(cast: Cast) -> None:
    version = create_package_dataset(team=cast.team, user=None, key="message-words")
    assert version.spec["labels"] == ["B-MARK", "B-NAME", "B-NUMBER", "B-PLACEHOLDER", "O"]
    for row in read(version, "train"):
        assert len(row["tokens"]) == len(row["tags"]) > 0  # type: ignore[arg-type]  # both columns are lists


def test_answers_stand_in_their_context(cast: Cast) -> None:
    for row in read(create_package_dataset(team=cast.team, user=None, key="dictionary-questions"), "eval"):
        answers, starts = row["answers"], row["answer_starts"]
        assert isinstance(answers, list)
        assert isinstance(starts, list)
        assert str(row["context"])[starts[0] : starts[0] + len(answers[0])] == answers[0]
