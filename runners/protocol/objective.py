"""What a sweep optimises."""

from typing import Annotated, Final, Literal, Self

from pydantic import StringConstraints, model_validator

from runners.protocol.base import Message

MetricName = Annotated[str, StringConstraints(pattern=r"^eval_[A-Za-z0-9_]+$", max_length=100)]

WEIGHTED_SUM: Final = "weighted_sum"
TRANSFORMERS_DEFAULT: Final = "transformers_default"


class Objective(Message):
    """A number and which direction is better.

    `metric` is a metric as the Trainer names it (`eval_accuracy`, `eval_loss`), or one of two that are made of several:

    - `weighted_sum`: the sum of `weights`[metric] · metric over `weights`;
    - `transformers_default`: what `transformers.trainer_utils.default_compute_objective` gives: `eval_loss` when the
      task measures nothing else, else the sum of all metrics without it.

    `over`: of the evaluations of a trial, the value of the `last` one, or the `best` one by `direction`.
    """

    metric: MetricName | Literal["weighted_sum", "transformers_default"]
    direction: Literal["minimize", "maximize"]
    over: Literal["last", "best"] = "last"
    weights: dict[MetricName, float] = {}

    @model_validator(mode="after")
    def _weights(self) -> Self:
        if (self.metric == WEIGHTED_SUM) != bool(self.weights):
            raise ValueError("weights are needed for weighted_sum, and for nothing else.")
        return self
