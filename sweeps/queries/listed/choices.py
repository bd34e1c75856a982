"""What the filters of the list of sweeps offer: only what some sweep of the team has."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from sweeps.models import Dataset, Model, Sweep, SweepTag
from sweeps.queries.listed.filter import BACKENDS, ME, STATES, Asked
from teams.models import Team, User

STATE_WORDS = {"open": "under way", "finished": "finished", "fail": "failed"}
LABELS = {
    "q": "Text",
    "owner": "Owner",
    "state": "State",
    "tag": "Tag",
    "model": "Model",
    "dataset": "Data set",
    "backend": "Backend",
    "start": "Made from",
    "end": "Made until",
}


@dataclass(frozen=True)
class Choice:
    """One select of the filters: its name in the address, its label, `(value, words)` to choose from, what is chosen."""

    name: str
    label: str
    options: list[tuple[str, str]]
    chosen: str


def choices(team: Team, asked: Asked) -> list[Choice]:
    """The selects. Four queries."""
    mine = Sweep.objects.filter(team=team)
    owners = User.objects.filter(Exists(mine.filter(created_by=OuterRef("pk")))).order_by("name", "email")
    models = Model.objects.filter(team=team).filter(Exists(mine.filter(model=OuterRef("pk"))))
    datasets = Dataset.objects.filter(team=team).filter(Exists(mine.filter(dataset_version__dataset=OuterRef("pk"))))
    tags = SweepTag.objects.filter(sweep__team=team).order_by("name").values_list("name", flat=True).distinct()
    offered = {
        "owner": [(ME, "me"), *((owner.email, str(owner)) for owner in owners)],
        "state": [(state, STATE_WORDS.get(state, state)) for state in STATES],
        "tag": [(tag, tag) for tag in tags],
        "model": [(model.public_id, model.name) for model in models.only("public_id", "name").order_by("name")],
        "dataset": [(found.public_id, found.name) for found in datasets.only("public_id", "name").order_by("name")],
        "backend": [(name, name) for name in BACKENDS],
    }
    found = []
    for name, options in offered.items():
        chosen = getattr(asked, name)
        if chosen and chosen not in dict(options):
            # An address may ask for what no sweep has (any more).
            options.append((chosen, chosen))
        if options:
            found.append(Choice(name, LABELS[name], options, chosen))
    return found


def chips(found: list[Choice], asked: Asked) -> list[tuple[str, str, str]]:
    """What filters now: its label, its value in words, and the query without it."""
    words = {choice.name: dict(choice.options) for choice in found}
    return [
        (LABELS[name], words.get(name, {}).get(value, value), asked.query(**{name: None}))
        for name, value in asked.active.items()
    ]
