"""A sweep again, as a draft."""

from django.db import transaction
from pydantic import ValidationError

from runners.protocol.script import is_script
from runners.protocol.space import SearchSpace
from runners.protocol.spec import SweepSpec
from sweeps.models import SearchSpace as SpaceRow
from sweeps.models import Sweep, SweepAct
from sweeps.services.drafts import read_draft, wanted_of
from sweeps.validation.draft import Draft, DraftBudget
from sweeps.validation.naming import MAX_NAME
from sweeps.validation.problems import Invalid, Problem
from sweeps.validation.requirements import Requirements
from teams.models import User

SUFFIX = " (copy)"


@transaction.atomic
def clone_sweep(*, sweep: Sweep, user: User) -> Sweep:
    """A draft with everything of `sweep`, named "… (copy)".

    Of a sweep that has started, the frozen settings are copied, its space too where the library's has changed since or
    is gone. The model and the data set version are the library's: a deleted one has to be chosen anew. Raises `Invalid`
    for a script's sweep.
    """
    if is_script(sweep.spec):
        raise Invalid([Problem("", "A script's sweep has no form to copy: run the script again for another one.")])
    draft = read_draft(sweep) if sweep.spec is None else thawed(sweep)
    copy = Sweep(
        team=sweep.team,
        created_by=user,
        cloned_from=sweep,
        name=f"{sweep.name[: MAX_NAME - len(SUFFIX)]}{SUFFIX}",
        description=sweep.description,
        model=sweep.model,
        dataset_version=sweep.dataset_version,
        space=sweep.space,
        draft=draft.model_dump(mode="json"),
        requirements=wanted_of(draft),
        n_trials=draft.budget.n_trials or 0,
        timeout_s=draft.budget.timeout_s,
    )
    copy.save()
    SweepAct.objects.create(sweep=copy, user=user, verb="created", detail={"cloned_from": sweep.public_id})
    return copy


def thawed(sweep: Sweep) -> Draft:
    """A started sweep's frozen settings as a draft; its space too, where the library's is another one by now."""
    spec = SweepSpec.model_validate(sweep.spec)
    same = sweep.space is not None and _space_of(sweep.space) == spec.space
    return Draft(
        space=None if same else spec.space,
        objectives=spec.objectives,
        lora=spec.lora,
        backend=spec.backend,
        budget=DraftBudget(
            n_trials=spec.budget.n_trials,
            timeout_s=spec.budget.timeout_s,
            max_failed_trials=spec.budget.max_failed_trials,
        ),
        arguments=spec.arguments,
        data_settings=spec.data_settings,
        seed=spec.seed,
        sampler_seed=spec.sampler_seed,
        threads=spec.threads,
        children=spec.children,
        max_children=spec.max_children,
        processes=spec.processes,
        report_to=spec.report_to,
        keep_best=spec.keep_best,
        checkpoints=spec.checkpoints,
        requirements=Requirements.model_validate(sweep.requirements),
    )


def _space_of(row: SpaceRow) -> SearchSpace | None:
    """The library's space; None for one that no longer holds."""
    try:
        return SearchSpace.model_validate(row.space)
    except ValidationError:
        return None
