"""Which teams a runner serves: one, several, or all of them."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db import transaction

from runners.models import Runner, RunnerAct
from teams.models import Team, User


class ServingForm(forms.Form):
    whom = forms.ChoiceField(
        label="It serves",
        choices=[("all", "All teams, also those to come"), ("some", "Only the teams chosen here")],
        widget=forms.RadioSelect,
    )
    teams = forms.ModelMultipleChoiceField(
        queryset=Team.objects.order_by("name", "pk"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any = None, *, runner: Runner) -> None:
        now = list(runner.teams.all())
        super().__init__(data, initial={"whom": "some" if now else "all", "teams": now})

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if said.get("whom") == "some" and not said.get("teams"):
            self.add_error("teams", "Choose at least one team.")
        return said

    def chosen(self) -> list[Team]:
        """The teams; none for all."""
        return list(self.cleaned_data["teams"]) if self.cleaned_data["whom"] == "some" else []


def served(runner: Runner) -> str:
    """The teams in words."""
    return ", ".join(str(team) for team in runner.teams.order_by("name", "pk")) or "all teams"


@transaction.atomic
def serve(*, runner: Runner, teams: Iterable[Team], user: User) -> None:
    """Offer it the sweeps of these teams only; of all where there is none. What it runs already goes on."""
    before = served(runner)
    runner.teams.set(teams)
    after = served(runner)
    if after != before:
        RunnerAct.objects.create(runner=runner, user=user, verb="serves", detail={"before": before, "after": after})
