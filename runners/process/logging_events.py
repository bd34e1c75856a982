"""Python's logging in a child as log events, which have a level and the moment itself; printed, they would have neither."""

import logging
import sys
from typing import Any, Final

from runners.process.allowance import Allowance
from runners.process.output import MAX_TEXT, cleaned
from runners.process.search.reporter import Emits

_QUIET: Final = (
    *("httpx", "httpcore", "urllib3", "filelock", "fsspec", "asyncio", "matplotlib", "absl", "numexpr"),
    *("torch", "jax", "ray", "wandb", "sentry_sdk", "huggingface_hub", "datasets"),
)
"""Libraries that tell on level info of their own inner life."""
_OWN_HANDLERS: Final = ("transformers.utils.logging", "optuna.logging", "datasets.utils.logging")
"""Modules with a handler of their own for their library, which would print what is told already."""


class EventHandler(logging.Handler):
    """Emits each record as a log event."""

    def __init__(self, reporter: Emits) -> None:
        super().__init__()
        self._reporter = reporter
        self._allowance = Allowance()
        self._busy = False
        self.setFormatter(logging.Formatter("%(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Never raises: a log must not stop training."""
        if self._busy:
            return  # the way of the event itself logs
        self._busy = True
        try:
            text = self._allowance.admit(cleaned(self.format(record)))
            if text:
                self._reporter.emit("log", stream="logging", level=_level(record.levelno), text=text[:MAX_TEXT])
        except Exception:  # noqa: BLE001 - as logging itself does
            self.handleError(record)
        finally:
            self._busy = False


def capture_logging(reporter: Emits) -> None:
    """Have all that is logged in this process, and Python's warnings, emitted from now on."""
    root = logging.getLogger()
    root.handlers[:] = [EventHandler(reporter)]
    root.setLevel(logging.INFO)
    logging.captureWarnings(True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in _OWN_HANDLERS:
        module: Any = sys.modules.get(name)
        for act in ("disable_default_handler", "enable_propagation"):
            if module is not None and hasattr(module, act):
                getattr(module, act)()


def _level(number: int) -> str:
    if number >= logging.ERROR:
        return "error"
    if number >= logging.WARNING:
        return "warning"
    return "info" if number >= logging.INFO else "debug"
