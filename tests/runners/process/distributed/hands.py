"""A test's hands inside the ranks of a child: something happens at one place of one trial, on one rank or on all."""

import os
import signal
import time
from collections.abc import Callable
from typing import Any, Literal

import psutil

from runners.process.training.distributed import DistributedTrainer
from runners.process.training.models import Fields, ModelBuilder
from tests.runners.process.small_supervisor import Inside

QUICK: dict[str, Any] = {
    "num_train_epochs": 1,
    "eval_strategy": "epoch",
    "logging_steps": 10,
    "per_device_eval_batch_size": 256,
}
RATE = {"type": "float", "name": "learning_rate", "low": 1e-4, "high": 1e-2, "log": True}
TWO: dict[str, Any] = {"processes": 2}
LOSS = [{"metric": "eval_loss", "direction": "minimize"}]

Act = Callable[[], None]
Where = Literal["build", "step", "evaluation", "save"]
_METHODS = {"step": "training_step", "evaluation": "prediction_step", "save": "_save_for_use"}


def rank() -> int:
    return int(os.environ.get("RANK", "-1"))


def at(where: Where, trial: int, act: Act, *, on: int | None = None, call: int = 1) -> Inside:
    """`act` at the `call`-th coming to a place in the child's `trial`-th trial (both from 1), on one rank or on all."""
    built, calls = -1, 0  # the first model of a process is loaded, when the Trainer is made

    def arrive(place: Where) -> None:
        nonlocal calls
        if place == where and built == trial and on in (None, rank()):
            calls += 1
            if calls == call:
                act()

    def inside() -> None:
        real_build = ModelBuilder.build

        def build(self: ModelBuilder, fields: Fields) -> Any:
            nonlocal built
            built += 1
            arrive("build")
            return real_build(self, fields)

        ModelBuilder.build = build  # type: ignore[method-assign]  # in the forked child alone
        if where != "build":
            _wrap(_METHODS[where], lambda: arrive(where))

    return inside


def _wrap(name: str, before: Act) -> None:
    real: Any = getattr(DistributedTrainer, name)

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        before()
        return real(self, *args, **kwargs)

    setattr(DistributedTrainer, name, method)


def raises(error: Exception) -> Act:
    def act() -> None:
        raise error

    return act


def die() -> None:
    """As if the kernel had taken this process."""
    os.kill(os.getpid(), signal.SIGKILL)


def stand_still() -> None:
    """Until someone wakes or kills it."""
    os.kill(os.getpid(), signal.SIGSTOP)


def sleep_for_ever() -> None:
    time.sleep(1000)


def none_left() -> bool:
    """Whether no fork of this process is left. Other tests of the session may keep programs of their own, as browsers."""
    own = psutil.Process()
    return not [child for child in own.children(recursive=True) if _command(child) == own.cmdline()]


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
