"""What the Trainer logs, passed on."""

import logging
from collections.abc import Callable
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

logger = logging.getLogger(__name__)

Log = Callable[[int, float | None, dict[str, float]], None]


class LogCallback(TrainerCallback):
    """Calls `log(step, epoch, values)` for each of the Trainer's logs. Never raises into training."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def on_log(
        self,
        args: TrainingArguments,  # noqa: ARG002 - the Trainer passes by name
        state: TrainerState,
        control: TrainerControl,  # noqa: ARG002
        logs: dict[str, Any] | None = None,
        **kwargs: Any,  # noqa: ARG002
    ) -> None:
        try:
            values = {
                name: float(value)
                for name, value in (logs or {}).items()
                if name != "epoch" and isinstance(value, int | float)
            }
            if values:
                self._log(state.global_step, state.epoch, values)
        except Exception:
            logger.exception("A log line of the Trainer could not be passed on.")
