"""Metrics of predicted numbers. scikit-learn and SciPy give the same numbers (a test compares)."""

from typing import Any

import numpy as np

from runners.process.training.metrics import first_output
from runners.process.training.ranks import Numbers, correlation, ranks


def numbers(true: Numbers, predicted: Numbers) -> dict[str, float]:
    """The metrics of the catalogue but the loss; both of shape (rows,), counted in float64."""
    true, predicted = true.astype(np.float64), predicted.astype(np.float64)
    error = predicted - true
    mse = float((error**2).mean())
    spread = float(((true - true.mean()) ** 2).sum())
    return {
        "mse": mse,
        "rmse": float(np.sqrt(mse)),
        "mae": float(np.abs(error).mean()),
        # With true numbers all alike there is no variance to explain.
        "r2": 1.0 - float((error**2).sum()) / spread if spread else 0.0,
        "pearson": correlation(true, predicted),
        "spearman": correlation(ranks(true), ranks(predicted)),
    }


def compute_numbers(prediction: Any) -> dict[str, float]:
    """A Trainer's `compute_metrics`, from outputs of shape (rows, 1)."""
    return numbers(prediction.label_ids.reshape(-1), first_output(prediction.predictions).reshape(-1))
