"""A metric of text classification for labels that have an order."""

from typing import Any

import numpy as np


def steps_off(predictions: Any, labels: Any) -> dict[str, float]:
    """From logits of shape (rows, labels) and true indices of shape (rows,)."""
    return {"steps_off": float(np.abs(predictions.argmax(axis=-1) - labels).mean())}
