"""What a task's module gives to the rest of a script."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TaskCode:
    """`datasets`: the lines of a function's body that set `train` and `evaluation` from `params`.

    `collator`, `metrics`, `processor`: expressions, with `params` in scope. `labels`: more keywords of the model's config,
    or "". `adapt`: lines that bring a new `config` in line with the data. `trainer`: the Trainer's class. `more`: further
    keywords of the Trainer. `each`: lines that set what else a trial's `params` change, once the Trainer is there.
    """

    datasets: tuple[str, ...]
    collator: str
    processor: str
    metrics: str = "compute_metrics"
    labels: str = ""
    adapt: tuple[str, ...] = ()
    trainer: str = "Trainer"
    more: tuple[str, ...] = ()
    each: tuple[str, ...] = ()
