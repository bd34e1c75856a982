"""What a task's module gives to the rest of a script."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TaskCode:
    """`datasets`: the lines of a function's body that set `train` and `evaluation` from `params`.

    `collator`, `processor`: expressions. `labels`: more keywords of the model's config, or "". `adapt`: lines that bring
    a new `config` in line with the data. `trainer`: the Trainer's class. `more`: further keywords of the Trainer.
    """

    datasets: tuple[str, ...]
    collator: str
    processor: str
    labels: str = ""
    adapt: tuple[str, ...] = ()
    trainer: str = "Trainer"
    more: tuple[str, ...] = ()
