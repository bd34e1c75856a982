import numpy as np
import pytest
from sklearn import metrics as sk

from runners.process.training.metrics import classification, compute_metrics
from runners.protocol.catalogue import catalogue


@pytest.mark.parametrize("labels", [2, 3, 10])
@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
def test_they_are_scikit_learns(labels: int) -> None:
    random = np.random.default_rng(labels)
    for rows in (1, 7, 200):
        true, guessed = random.integers(labels, size=rows), random.integers(labels, size=rows)
        ours = classification(true, guessed, labels)
        assert ours == pytest.approx(
            {
                "accuracy": sk.accuracy_score(true, guessed),
                "balanced_accuracy": sk.recall_score(
                    true, guessed, average="macro", labels=np.unique(true), zero_division=0
                ),
                "f1_macro": sk.f1_score(true, guessed, average="macro", zero_division=0),
                "f1_weighted": sk.f1_score(true, guessed, average="weighted", zero_division=0),
                "precision_macro": sk.precision_score(true, guessed, average="macro", zero_division=0),
                "mcc": sk.matthews_corrcoef(true, guessed) if rows > 1 else 0.0,
            }
        )


def test_they_are_those_of_the_catalogue() -> None:
    ours = {f"eval_{name}" for name in classification(np.array([0, 1]), np.array([0, 1]), 2)} | {"eval_loss"}
    for task in catalogue().tasks:
        if task.name not in {"text-classification", "image-classification", "audio-classification"}:
            continue
        assert {metric.name for metric in task.metrics} == ours


def test_logits_in_a_tuple_are_the_first() -> None:
    class Prediction:
        predictions = (np.array([[0.1, 0.9], [0.8, 0.2]]), np.zeros((2, 5)))
        label_ids = np.array([1, 1])

    assert compute_metrics(2)(Prediction())["accuracy"] == 0.5
