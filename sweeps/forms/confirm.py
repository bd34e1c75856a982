"""The form of a confirmation: how many of the best, with how many seeds."""

from typing import Any

from django import forms

from sweeps.services.confirm import MOST_SEEDS, MOST_SETS
from sweeps.validation.problems import Problem


class ConfirmForm(forms.Form):
    """`there`: how many different parameter sets have a value."""

    best = forms.IntegerField(
        label="Best parameter sets",
        min_value=1,
        max_value=MOST_SETS,
        help_text="So many of the best are trained again. Two and more can be told apart, or not.",
    )
    seeds = forms.IntegerField(
        label="Seeds for each",
        min_value=2,
        max_value=MOST_SEEDS,
        initial=5,
        help_text="New ones, the same for every set. Three show whether chance matters; five to ten tell close ones apart.",
    )

    def __init__(self, data: Any = None, *, there: int) -> None:
        super().__init__(data, initial={"best": min(3, there)})

    def refuse(self, problems: list[Problem]) -> None:
        """Put what the service has refused beside its field."""
        for problem in problems:
            self.add_error(problem.path if problem.path in self.fields else None, problem.message)
