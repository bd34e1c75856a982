"""A child whose card is too small for one of the trials, unless that is alone: real training, and an error that CUDA gives."""

import socket
from typing import Any

import torch
from transformers import Trainer

from runners.process import child
from runners.process.folder import JobFolder
from runners.process.search.reporter import alive

LARGE = 0.004
"""The learning rate of the trial that has no room beside others."""


def main(folder: JobFolder, name: str, sock: socket.socket) -> int:
    step: Any = Trainer.training_step

    def short(self: Trainer, *given: Any, **named: Any) -> Any:
        living = sum(alive(file) for file in folder.spool.glob("*.jsonl"))
        if self.args.learning_rate == LARGE and living > 1:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        return step(self, *given, **named)

    Trainer.training_step = short  # type: ignore[method-assign]  # in this process alone, which is a forked child
    return child.main(folder, name, sock)
