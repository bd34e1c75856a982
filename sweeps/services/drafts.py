"""Drafts of sweeps: saved as incomplete as they are."""

from typing import Any

from django.db import transaction

from sweeps.models import DatasetVersion, Model, SearchSpace, Sweep, SweepAct
from sweeps.validation.draft import Draft
from sweeps.validation.naming import check_label
from sweeps.validation.problems import Invalid, Problem, refuse
from teams.models import Team, User

STARTED = "The sweep has started, so it can't be changed. Clone it to make another one."


@transaction.atomic
def save_draft(
    *,
    team: Team,
    user: User,
    name: str,
    draft: Draft,
    model: Model | None = None,
    dataset_version: DatasetVersion | None = None,
    space: SearchSpace | None = None,
    description: str = "",
    sweep: Sweep | None = None,
) -> Sweep:
    """Make a draft, or change `sweep`, which must be one. Raises `Invalid` for a bad name or a sweep that has started.

    Whether the draft can start is not asked here: see `specs.review`.
    """
    refuse(check_label(name))
    _check_team(team, model, dataset_version, space)
    if sweep is None:
        found = Sweep(team=team, created_by=user)
    else:
        found = Sweep.objects.select_for_update().get(pk=sweep.pk)
        if found.state != "draft":
            raise Invalid([Problem("", STARTED)])
    found.name = name.strip()
    found.description = description.strip()
    found.model = model
    found.dataset_version = dataset_version
    found.space = space
    found.draft = draft.model_dump(mode="json")
    found.requirements = wanted_of(draft)
    # More than can be started, and so many that no column holds them, may stand in a draft.
    found.n_trials = min(draft.budget.n_trials or 0, 2**31 - 1)
    found.timeout_s = draft.budget.timeout_s
    found.save()
    if sweep is None:
        SweepAct.objects.create(sweep=found, user=user, verb="created")
    return found


def wanted_of(draft: Draft) -> dict[str, Any]:
    """What the draft needs of a runner, as `Sweep.requirements` has it: only what is asked for."""
    return draft.requirements.model_dump(mode="json", exclude_defaults=True)


@transaction.atomic
def delete_draft(*, sweep: Sweep) -> None:
    """Take a draft away. Raises `Invalid` for a sweep that has started."""
    found = Sweep.objects.select_for_update().get(pk=sweep.pk)
    if found.state != "draft":
        raise Invalid([Problem("", "The sweep has started: archive it instead.")])
    found.delete()


def read_draft(sweep: Sweep) -> Draft:
    """The draft as saved; an empty one for a sweep that has none."""
    return Draft.model_validate_json(_json(sweep))


def _json(sweep: Sweep) -> str:
    import json

    return json.dumps(sweep.draft or {})


def _check_team(team: Team, model: Model | None, version: DatasetVersion | None, space: SearchSpace | None) -> None:
    """A draft never reaches into another team, whatever its form was told."""
    owners = (
        ("model", model.team_id if model else team.pk),
        ("data", version.dataset.team_id if version else team.pk),
        ("space", space.team_id if space else team.pk),
    )
    refuse(Problem(path, "There is no such thing in this team.") for path, owner in owners if owner != team.pk)
