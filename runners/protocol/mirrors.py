"""The services that trials can be mirrored to, as people call them."""

from collections.abc import Mapping
from typing import Final

from runners.protocol.spec import Reporting

MIRROR_LABELS: Final[Mapping[Reporting, str]] = {
    "wandb": "Weights & Biases",
    "mlflow": "MLflow",
    "tensorboard": "TensorBoard",
    "trackio": "Trackio",
}
