"""Data sets of the Hub in the canonical columns of the further tasks; the Hub itself is not asked."""

from collections.abc import Callable
from typing import Any

import datasets
import numpy as np
import pytest

from runners.process.training.audio_classification import AudioClassification
from runners.process.training.hub_rows import load_hub_rows
from runners.process.training.multi_label_classification import MultiLabelClassification
from runners.process.training.question_answering import QuestionAnswering
from runners.process.training.refusal import InvalidSpec
from runners.process.training.rows import Rows
from runners.process.training.sounds import decoded
from runners.process.training.task import Task
from runners.process.training.text_classification import TextClassification
from runners.process.training.text_regression import TextRegression
from runners.process.training.token_classification import TokenClassification
from runners.protocol.spec import HubData
from tests.runners.process.samples.sounds import tone

Load = Callable[..., Rows]


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Load:
    """(task, columns of the data set, what the spec says) → rows."""

    def load(task: type[Task], table: Any, **data: Any) -> Rows:
        given = table if isinstance(table, datasets.Dataset) else datasets.Dataset.from_dict(table)
        monkeypatch.setattr(datasets, "load_dataset", lambda *args, **kwargs: given)
        return load_hub_rows(HubData(id="some/thing", eval_split="test", **data), task.columns)

    return load


def test_pairs_by_the_names_of_the_data_set(load: Load) -> None:
    table = {"premise": ["a", "b"], "hypothesis": ["c", "d"], "verdict": ["no", "yes"]}
    rows = load(TextClassification, table, columns={"text": "premise", "text_pair": "hypothesis", "label": "verdict"})
    assert (rows.names, rows.train["label"].tolist()) == (("no", "yes"), [0, 1])
    assert (list(rows.train["text"]), list(rows.train["text_pair"])) == (["a", "b"], ["c", "d"])
    alone = load(TextClassification, table, input_column="premise", label_column="verdict")
    assert "text_pair" not in alone.train


@pytest.mark.parametrize(
    ("tags", "names", "indices"),
    [
        ([["O", "B-X"], ["I-X"]], ("B-X", "I-X", "O"), [[2, 0], [1]]),
        ([[0, 2], [1]], ("0", "1", "2"), [[0, 2], [1]]),
    ],
)
def test_lists_of_labels_become_indices(
    tags: list[list[Any]], names: tuple[str, ...], indices: list[list[int]], load: Load
) -> None:
    rows = load(TokenClassification, {"tokens": [["a", "b"], ["c"]], "ner_tags": tags})
    assert (rows.names, rows.train["tags"]) == (names, indices)
    assert list(rows.train["tokens"]) == [["a", "b"], ["c"]]


def test_lists_of_named_labels_keep_their_names(load: Load) -> None:
    features = datasets.Features(
        {"text": datasets.Value("string"), "topics": datasets.List(datasets.ClassLabel(names=["x", "y", "z"]))}
    )
    table = datasets.Dataset.from_dict({"text": ["a", "b"], "topics": [[0, 2], []]}, features=features)
    rows = load(MultiLabelClassification, table, columns={"labels": "topics"})
    assert (rows.names, rows.train["labels"]) == (("x", "y", "z"), [[0, 2], []])


def test_numbers(load: Load) -> None:
    rows = load(TextRegression, {"text": ["a", "b"], "score": [1, 2]}, columns={"label": "score"})
    assert rows.train["label"].dtype == np.float64
    assert (rows.train["label"].tolist(), rows.names) == ([1.0, 2.0], ())


def test_answers_as_squad_has_them(load: Load) -> None:
    table = {
        "question": ["who?", "when?"],
        "context": ["Anna.", "Bert."],
        "answers": [{"text": ["Anna"], "answer_start": [0]}, {"text": [], "answer_start": []}],
    }
    rows = load(QuestionAnswering, table)
    assert (rows.train["answers"], rows.train["answer_starts"]) == ([["Anna"], []], [[0], []])


def test_sounds_stay_files_until_they_are_heard(load: Load) -> None:
    sounds = [{"bytes": tone(500.0, n), "path": None} for n in range(2)]
    table = datasets.Dataset.from_dict({"audio": sounds, "label": ["low", "high"]})
    rows = load(AudioClassification, table.cast_column("audio", datasets.Audio()), input_column="audio")
    assert (rows.names, rows.train["label"].tolist()) == (("high", "low"), [1, 0])
    assert len(decoded(rows.train["audio"][1], 8000, 1.0)) == 2000


def test_a_column_that_is_not_there_is_said_with_those_that_are(load: Load) -> None:
    table = {"question": ["q"], "context": ["c"], "answers": ["a"]}
    with pytest.raises(InvalidSpec, match="no column 'answer_starts'"):
        load(QuestionAnswering, table)
    with pytest.raises(InvalidSpec, match="no column 'pair'"):
        load(TextClassification, {"text": ["a"], "label": ["x"]}, columns={"text_pair": "pair"})
