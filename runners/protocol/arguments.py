"""Training arguments that hpweb sets for every sweep, whatever the spec fixes; the form and the review show them."""

from collections.abc import Mapping
from typing import Final

from runners.protocol.base import Scalar

ALWAYS: Final[Mapping[str, Scalar]] = {
    "report_to": "none",
    "disable_tqdm": True,
    # With the filter on, batches that are not a number are left out of the loss, and a diverged model looks fine.
    "logging_nan_inf_filter": False,
    # It multiplies eval_loss by the number of processes for some models.
    "average_tokens_across_devices": False,
    # Rows hold what the model reads and nothing else.
    "remove_unused_columns": False,
}

UNLESS_FIXED: Final[Mapping[str, Scalar]] = {
    # A model is kept by the search itself; checkpoints of every trial would fill the disk.
    "save_strategy": "no",
    "dataloader_num_workers": 0,
}
