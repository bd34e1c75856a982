"""Metrics of many labels and of numbers against scikit-learn and SciPy."""

import warnings
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as sk

from runners.process.training.metrics_many import compute_many_labels, many_labels
from runners.process.training.metrics_numbers import compute_numbers, numbers
from runners.process.training.ranks import correlation, ranks, roc_auc
from runners.protocol.catalogue import catalogue


def names(task: str) -> set[str]:
    entry = catalogue().task(task)
    assert entry is not None
    return {metric.name.removeprefix("eval_") for metric in entry.metrics} - {"loss"}


@pytest.mark.parametrize("rows", [2, 9, 300])
@pytest.mark.parametrize("threshold", [0.2, 0.5])
def test_many_labels_are_scikit_learns(rows: int, threshold: float) -> None:
    chance = np.random.default_rng(rows)
    labels = chance.random((rows, 5)) < 0.4
    labels[0], labels[1] = True, False  # each label has both, which ROC AUC needs
    scores = np.round(chance.random((rows, 5)), 1)  # with ties
    found = scores >= threshold
    assert many_labels(labels, scores, threshold) == pytest.approx(
        {
            "f1_micro": sk.f1_score(labels, found, average="micro", zero_division=0),
            "f1_macro": sk.f1_score(labels, found, average="macro", zero_division=0),
            "f1_samples": sk.f1_score(labels, found, average="samples", zero_division=0),
            "subset_accuracy": sk.accuracy_score(labels, found),
            "roc_auc": sk.roc_auc_score(labels, scores, average="macro"),
        }
    )
    assert set(many_labels(labels, scores, threshold)) == names("multi-label-classification")


def test_logits_become_probabilities_and_the_threshold_acts() -> None:
    prediction = SimpleNamespace(
        predictions=np.array([[0.0, 800.0], [-0.1, -800.0]], dtype=np.float32), label_ids=np.array([[1.0, 1], [0, 0]])
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert compute_many_labels(0.5)(prediction)["subset_accuracy"] == 1.0
        # A probability of 0.475 is found now, and is wrong.
        assert compute_many_labels(0.4)(prediction)["subset_accuracy"] == 0.5


def test_a_label_that_all_rows_have_is_left_out_of_roc_auc() -> None:
    labels = np.array([[True, True], [True, False]])
    scores = np.array([[0.1, 0.9], [0.2, 0.1]])
    assert many_labels(labels, scores, 0.5)["roc_auc"] == 1.0
    assert many_labels(labels[:, :1], scores[:, :1], 0.5)["roc_auc"] == 0.5
    assert roc_auc(labels[:, 0], scores[:, 0]) is None


@pytest.mark.parametrize("rows", [2, 7, 300])
def test_numbers_are_scikit_learns_and_scipys(rows: int) -> None:
    chance = np.random.default_rng(rows)
    true = np.round(chance.normal(size=rows), 1)
    predicted = np.round(true + chance.normal(size=rows), 1)
    ours = numbers(true, predicted)
    assert ours == pytest.approx(
        {
            "mse": sk.mean_squared_error(true, predicted),
            "rmse": sk.root_mean_squared_error(true, predicted),
            "mae": sk.mean_absolute_error(true, predicted),
            "r2": sk.r2_score(true, predicted),
            "pearson": stats.pearsonr(true, predicted).statistic,
            "spearman": stats.spearmanr(true, predicted).statistic,
        }
    )
    assert set(ours) == names("text-regression")


def test_numbers_that_are_all_alike_correlate_with_nothing() -> None:
    alike, others = np.full(5, 0.1), np.arange(5.0)
    assert numbers(others, alike)["pearson"] == numbers(others, alike)["spearman"] == 0.0
    assert numbers(alike, others)["r2"] == 0.0
    assert correlation(alike, alike) == 0.0


def test_numbers_come_from_one_output_a_row() -> None:
    prediction = SimpleNamespace(predictions=np.array([[1.0], [2.0]]), label_ids=np.array([1.0, 4.0]))
    assert compute_numbers(prediction)["mse"] == 2.0


def test_ranks_share_ties() -> None:
    assert ranks(np.array([3.0, 1.0, 3.0, 2.0])).tolist() == [3.5, 1.0, 3.5, 2.0]
