"""Who may reach what: the one door for pages, API and sockets.

A program that acts as a user (`user.token`) reaches what the user does in the token's team only, and changes things only
with a token that is for it.

A thing of another team does not exist for a stranger (`Http404`, never 403). A viewer sees everything of the team and
changes nothing, a member changes what it has made (`PermissionDenied`). What a role may, says `teams.access`.

`write`: to control or change the thing itself. `make`: to make something of it, such as a copy, or to mark its trials.
"""

from collections.abc import Collection
from typing import Final, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model as TableModel
from django.db.models import Q, QuerySet
from django.http import Http404

from runners.models import Runner
from sweeps.models import Artifact, Dataset, DatasetVersion, Job, Model, SearchSpace, Sweep, Trial, Upload
from teams import access
from teams.access import NO_TEAM, NOT_YOURS, Right
from teams.models import Membership, Scope, Team, User
from teams.reach import Person, token_covers, within

Thing = TypeVar("Thing", bound=TableModel)

MAX_NUMBER: Final = 2**31
"""No column holds a larger number."""
NO_WRITE: Final = access.REFUSALS[Right.MAKE]
ONLY_READS: Final = "This access token only reads. Make one that writes on the page Access tokens."

__all__ = ["MAX_NUMBER", "NOT_YOURS", "NO_TEAM", "NO_WRITE", "Person"]


def may_write(membership: Membership | None) -> bool:
    """Whether the membership lets its user make things."""
    return access.may(membership, Right.MAKE)


def may_write_in(user: Person, team: Team) -> bool:
    """Whether the user makes things in `team`, which need not be the one of the session."""
    return token_covers(user, team, Scope.WRITE) and access.may_in(user, team, Right.MAKE)


def may_change(user: Person, thing: Sweep | Dataset | Model | SearchSpace) -> bool:
    """Whether the user controls and changes the thing: its maker, and owners and admins of its team."""
    covered = token_covers(user, thing.team, Scope.WRITE)
    return covered and access.may_change(user, thing.team, thing.created_by_id)


def reading_team(membership: Membership | None) -> Team:
    """The team a page is about; PermissionDenied for a user without a team."""
    return access.require(membership, Right.LOOK).team


def writing_team(membership: Membership | None) -> Team:
    """The team in which something may be made; PermissionDenied for viewers and users without a team."""
    return access.require(membership, Right.MAKE).team


def get_sweep(user: Person, public_id: str, *, write: bool = False, make: bool = False) -> Sweep:
    """The sweep with its team, or Http404; PermissionDenied when the user may not `write` or `make`."""
    sweeps = Sweep.objects.select_related("team", "created_by", "model", "dataset_version__dataset", "space")
    return _reach(sweeps, user, "", public_id, write=write, make=make)


def get_sweeps(user: Person, public_ids: Collection[str], *, make: bool = False) -> list[Sweep]:
    """These sweeps in this order, or Http404 when one of them does not exist for the user."""
    return [get_sweep(user, public_id, make=make) for public_id in dict.fromkeys(public_ids)]


def reachable_sweeps(user: Person, public_ids: Collection[str]) -> list[Sweep]:
    """Of these the sweeps that the user can reach, in this order. One query."""
    if user.pk is None or not public_ids:
        return []
    wanted = dict.fromkeys(public_ids)
    found = Sweep.objects.select_related("team", "created_by", "model", "dataset_version__dataset", "space").filter(
        public_id__in=wanted, **within(user, "team")
    )
    by_id = {sweep.public_id: sweep for sweep in found}
    return [by_id[public_id] for public_id in wanted if public_id in by_id]


def get_trial(user: Person, public_id: str, number: int, *, write: bool = False, make: bool = False) -> Trial:
    """A trial that has parameters, or Http404; PermissionDenied when the user may not `write` or `make`."""
    return get_trials(get_sweep(user, public_id, write=write, make=make), [number])[0]


def get_trials(sweep: Sweep, numbers: Collection[int]) -> list[Trial]:
    """These trials of the sweep by number, or Http404 when one of them does not exist."""
    wanted = {number for number in numbers if number < MAX_NUMBER}
    trials = Trial.objects.filter(sweep=sweep, number__in=wanted, params__isnull=False).select_related("sweep")
    found = list(trials.order_by("number"))
    if len(found) != len(set(numbers)):
        raise Http404
    return found


def reachable_trials(user: Person, wanted: Collection[tuple[str, int]]) -> dict[tuple[str, int], Trial]:
    """Of these (sweep's public id, number) the trials that have parameters and that the user can reach. Two queries.

    Trials of one sweep share its object, which has its team, model and data set version.
    """
    if user.pk is None or not wanted:
        return {}
    sweeps = {
        sweep.pk: sweep
        for sweep in Sweep.objects.select_related("team", "model", "dataset_version__dataset")
        .filter(public_id__in={public_id for public_id, _ in wanted}, **within(user, "team"))
        .defer("draft")
    }
    numbers = {number for _, number in wanted if number < MAX_NUMBER}
    trials = Trial.objects.filter(sweep__in=sweeps, number__in=numbers, params__isnull=False).defer(
        "traceback", "timings", "intermediate", "changes"
    )
    found = {}
    for trial in trials:
        trial.sweep = sweeps[trial.sweep_id]
        found[trial.sweep.public_id, trial.number] = trial
    return {key: found[key] for key in wanted if key in found}


def get_dataset(user: Person, public_id: str, *, write: bool = False) -> Dataset:
    """The data set, or Http404; PermissionDenied when the user may not `write`."""
    return _reach(Dataset.objects.select_related("team"), user, "", public_id, write=write)


def get_version(user: Person, public_id: str, *, write: bool = False) -> DatasetVersion:
    """The data set version with its data set, or Http404; PermissionDenied when the user may not `write`."""
    versions = DatasetVersion.objects.select_related("dataset__team")
    return _reach(versions, user, "dataset__", public_id, write=write)


def get_model(user: Person, public_id: str, *, write: bool = False) -> Model:
    """The model, or Http404; PermissionDenied when the user may not `write`."""
    return _reach(Model.objects.select_related("team"), user, "", public_id, write=write)


def get_space(user: Person, public_id: str, *, write: bool = False, make: bool = False) -> SearchSpace:
    """The search space, or Http404; PermissionDenied when the user may not `write` or `make`."""
    return _reach(SearchSpace.objects.select_related("team"), user, "", public_id, write=write, make=make)


def get_upload(user: Person, public_id: str) -> Upload:
    """A person's own upload, or Http404: nobody else of the team may add bytes to it."""
    if user.pk is None:
        raise Http404
    found = Upload.objects.select_related("team").filter(public_id=public_id, user_id=user.pk, **within(user, "team"))
    upload = found.first()
    if upload is None:
        raise Http404
    return upload


def get_job(runner: Runner, public_id: str) -> Job:
    """A job of this runner, or Http404."""
    job = Job.objects.select_related("sweep__team", "runner").filter(public_id=public_id, runner=runner).first()
    if job is None:
        raise Http404
    return job


def get_job_upload(runner: Runner, public_id: str) -> Upload:
    """An upload that a job of this runner has started, or Http404."""
    upload = Upload.objects.select_related("team", "job").filter(public_id=public_id, job__runner=runner).first()
    if upload is None:
        raise Http404
    return upload


def get_job_artifact(runner: Runner, sha256: str) -> Artifact:
    """A file that a job of this runner names: the data of its sweep's spec, or its team's trained tokenizer."""
    jobs = Job.objects.filter(runner=runner, finished_at=None).select_related("sweep")
    for job in jobs:
        if sha256 in _named_by(job.sweep):
            artifact = Artifact.objects.filter(team_id=job.sweep.team_id, sha256=sha256).first()
            if artifact:
                return artifact
    raise Http404


def _named_by(sweep: Sweep) -> set[str]:
    """Hashes of the files that the sweep's frozen spec names, and of its team's trained tokenizers."""
    data = (sweep.spec or {}).get("data", {})
    names = {str(data[split]["sha256"]) for split in ("train", "eval") if split in data}
    for files in sweep.team.folders.filter(kind="tokenizer").values_list("files", flat=True):
        names.update(str(file["sha256"]) for file in files)
    return names


def _reach(
    things: QuerySet[Thing], user: Person, path: str, public_id: str, *, write: bool, make: bool = False
) -> Thing:
    """The thing when the user is a member of its team. `path`: to what has the team and its maker."""
    if user.pk is None:
        raise Http404
    team, maker = f"{path}team__memberships__user", f"{path}created_by"
    reach = within(user, f"{path}team")
    thing = things.filter(public_id=public_id, **reach).first()
    if thing is None:
        raise Http404
    if write or make:
        token = user.token if isinstance(user, User) else None
        if token is not None and not token.covers(Scope.WRITE):
            raise PermissionDenied(ONLY_READS)
        one = things.filter(pk=thing.pk)
        role = f"{path}team__memberships__role__in"
        if not one.filter(**{team: user.pk, role: access.roles_with(Right.MAKE)}).exists():
            raise PermissionDenied(NO_WRITE)
        if (
            write
            and not one.filter(
                Q(**{maker: user.pk}) | Q(**{team: user.pk, role: access.roles_with(Right.MANAGE)})
            ).exists()
        ):
            raise PermissionDenied(NOT_YOURS)
    return thing
