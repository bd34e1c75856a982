"""Classification metrics from the table of labels against predictions.

Plain arithmetic: scikit-learn gives the same numbers (a test compares), but costs a child its import.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.int64]


def confusion(labels: npt.NDArray[Any], predicted: npt.NDArray[Any], size: int) -> Matrix:
    """Rows are the true labels, columns the predicted ones, of shape (size, size)."""
    flat = np.bincount(labels.astype(np.int64) * size + predicted.astype(np.int64), minlength=size * size)
    return flat.reshape(size, size).astype(np.int64)


def classification(labels: npt.NDArray[Any], predicted: npt.NDArray[Any], size: int) -> dict[str, float]:
    """The metrics of the catalogue but the loss. Means are over the labels that occur, on either side, as usual."""
    matrix = confusion(labels, predicted, size)
    hits = np.diag(matrix).astype(np.float64)
    actual = matrix.sum(axis=1).astype(np.float64)
    guessed = matrix.sum(axis=0).astype(np.float64)
    seen = (actual + guessed) > 0
    recall = np.divide(hits, actual, out=np.zeros_like(hits), where=actual > 0)
    precision = np.divide(hits, guessed, out=np.zeros_like(hits), where=guessed > 0)
    f1 = np.divide(2 * hits, actual + guessed, out=np.zeros_like(hits), where=seen)
    return {
        "accuracy": float(hits.sum() / actual.sum()),
        "balanced_accuracy": float(recall[actual > 0].mean()),
        "f1_macro": float(f1[seen].mean()),
        "f1_weighted": float((f1 * actual).sum() / actual.sum()),
        "precision_macro": float(precision[seen].mean()),
        "mcc": _matthews(hits.sum(), actual, guessed),
    }


def _matthews(hits: float, actual: npt.NDArray[np.float64], guessed: npt.NDArray[np.float64]) -> float:
    total = actual.sum()
    spread = (total**2 - (guessed**2).sum()) * (total**2 - (actual**2).sum())
    if spread <= 0:
        return 0.0
    return float((hits * total - (actual * guessed).sum()) / np.sqrt(spread))


def compute_metrics(size: int) -> Any:
    """A Trainer's `compute_metrics` for `size` labels, from logits of shape (rows, size)."""

    def compute(prediction: Any) -> dict[str, float]:
        logits = first_output(prediction.predictions)
        return classification(prediction.label_ids, logits.argmax(axis=-1), size)

    return compute


def first_output(predictions: Any) -> Any:
    """The logits; some models give hidden states after them."""
    return predictions[0] if isinstance(predictions, tuple) else predictions
