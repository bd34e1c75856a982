"""What a trial keeps as its own when it goes on from a checkpoint, perhaps another trial's.

The checkpoint's optimizer and scheduler bring their own rate and decay along, and what population-based training has just
changed would be lost.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

_OWN: Final = frozenset({"initial_lr", "weight_decay", "betas", "eps"})


@contextmanager
def own_options(optimizer: Any, scheduler: Any) -> Iterator[None]:
    """Within, the states of both are loaded. Afterwards the options are those of before, the rate at its place in the schedule."""
    fresh = [{name: group[name] for name in _OWN & group.keys()} for group in optimizer.param_groups]
    yield
    for group, own in zip(optimizer.param_groups, fresh, strict=True):
        loaded = group.get("initial_lr")
        group.update(own)
        # A schedule is a factor of the rate, so what was reached of it carries over. Plateaus have none.
        if loaded and own.get("initial_lr", loaded) != loaded:
            group["lr"] *= own["initial_lr"] / loaded
    if hasattr(scheduler, "base_lrs"):
        scheduler.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
