"""Metrics of rows with any number of labels. scikit-learn gives the same numbers (a test compares)."""

from typing import Any

import numpy as np
import numpy.typing as npt

from runners.process.training.metrics import first_output
from runners.process.training.ranks import roc_auc

Flags = npt.NDArray[np.bool_]


def many_labels(labels: Flags, probabilities: npt.NDArray[Any], threshold: float) -> dict[str, float]:
    """The metrics of the catalogue but the loss; both arrays of shape (rows, labels)."""
    found = probabilities >= threshold
    areas = [roc_auc(labels[:, column], probabilities[:, column]) for column in range(labels.shape[1])]
    known = [area for area in areas if area is not None]
    return {
        "f1_micro": float(_f1(labels, found, None)[0]),
        "f1_macro": float(_f1(labels, found, 0).mean()),
        "f1_samples": float(_f1(labels, found, 1).mean()),
        "subset_accuracy": float((labels == found).all(axis=1).mean()),
        "roc_auc": float(np.mean(known)) if known else 0.5,
    }


def _f1(labels: Flags, found: Flags, axis: int | None) -> npt.NDArray[np.float64]:
    """F1 of each column (axis 0), each row (1), or of all (None); 0 where there is nothing on either side."""
    hits = np.atleast_1d((labels & found).sum(axis=axis)).astype(np.float64)
    both = np.atleast_1d(labels.sum(axis=axis) + found.sum(axis=axis)).astype(np.float64)
    return np.divide(2 * hits, both, out=np.zeros_like(hits), where=both > 0)


def compute_many_labels(threshold: float) -> Any:
    """A Trainer's `compute_metrics`, from logits and labels of 0 and 1, both of shape (rows, labels)."""

    def compute(prediction: Any) -> dict[str, float]:
        logits = first_output(prediction.predictions).astype(np.float64)
        # Written so that a large logit of either sign overflows nowhere.
        probabilities = 0.5 * (1 + np.tanh(logits / 2))
        return many_labels(prediction.label_ids > 0.5, probabilities, threshold)

    return compute
