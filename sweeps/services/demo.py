"""The demo: a team, its people, their library and two sweeps. Seeding again changes nothing that is there."""

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import transaction

from runners.protocol.spec import FolderModel, ModelProcessor
from sweeps.models import Dataset, DatasetVersion, Model, SearchSpace, Sweep
from sweeps.services.datasets import create_package_dataset
from sweeps.services.demo_parts import SWEEPS, DemoSweep
from sweeps.services.drafts import save_draft
from sweeps.services.library import save_model, save_space
from teams.models import Membership, Role, Team, User

OWNER_EMAIL: Final = settings.DEMO_LOGIN["email"]
PASSWORD: Final = settings.DEMO_LOGIN["password"]
VIEWER_EMAIL: Final = "viewer@hpweb.example"
TEAM: Final = "Demo team"
FOLDER_MODEL: Final = "MiniLM (folder)"


@dataclass(frozen=True)
class Demo:
    """What stands after seeding. `sweeps`: the text sweep, then the image sweep."""

    team: Team
    owner: User
    viewer: User
    sweeps: tuple[Sweep, ...]


def seed_demo(*, folder_model: str = "") -> Demo:
    """Make what is missing of the demo. `folder_model`: a folder with a pretrained text model, as the runner names it.

    The sweeps are drafts: starting is `control.start_sweep`'s.
    """
    team, owner, viewer = _people()
    if folder_model:
        _pretrained(team, owner, folder_model)
    return Demo(team, owner, viewer, tuple(_sweep(team, owner, demo) for demo in SWEEPS))


@transaction.atomic
def _people() -> tuple[Team, User, User]:
    owner = _user(OWNER_EMAIL, "Dana Demo")
    viewer = _user(VIEWER_EMAIL, "Vera Viewer")
    membership = Membership.objects.filter(user=owner, team__name=TEAM).select_related("team").first()
    team = membership.team if membership else Team.objects.create(name=TEAM)
    for user, role in ((owner, Role.OWNER), (viewer, Role.VIEWER)):
        Membership.objects.get_or_create(team=team, user=user, defaults={"role": role})
    return team, owner, viewer


def _user(email: str, name: str) -> User:
    user = User.objects.filter(email=email).first()
    return user or User.objects.create_user(email, PASSWORD, name=name)


def _sweep(team: Team, owner: User, demo: DemoSweep) -> Sweep:
    found = Sweep.objects.filter(team=team, name=demo.name, cloned_from=None).order_by("created_at").first()
    if found:
        return found
    return save_draft(
        team=team,
        user=owner,
        name=demo.name,
        description=demo.description,
        draft=demo.draft,
        model=_model(team, owner, demo),
        dataset_version=_data(team, owner, demo),
        space=_space(team, owner, demo),
    )


def _model(team: Team, owner: User, demo: DemoSweep) -> Model:
    return Model.objects.filter(team=team, name=demo.model.name, task=demo.task).first() or save_model(
        team=team,
        user=owner,
        name=demo.model.name,
        description=demo.model.help,
        task=demo.task,
        source=demo.model.source,
        processor=demo.model.processor,
    )


def _space(team: Team, owner: User, demo: DemoSweep) -> SearchSpace:
    return SearchSpace.objects.filter(team=team, name=demo.space_name).first() or save_space(
        team=team,
        user=owner,
        name=demo.space_name,
        description=demo.space_description,
        task=demo.task,
        parameters=demo.space,
    )


def _data(team: Team, owner: User, demo: DemoSweep) -> DatasetVersion:
    dataset = Dataset.objects.filter(team=team, name=demo.dataset_name, task=demo.task).first()
    version = dataset.versions.first() if dataset else None
    return version or create_package_dataset(team=team, user=owner, key=demo.dataset, name=demo.dataset_name)


def _pretrained(team: Team, owner: User, folder: str) -> None:
    if not Model.objects.filter(team=team, name=FOLDER_MODEL).exists():
        save_model(
            team=team,
            user=owner,
            name=FOLDER_MODEL,
            description="A pretrained MiniLM with its own tokenizer, 6 layers, 384 wide.",
            task="text-classification",
            source=FolderModel(path=folder),
            processor=ModelProcessor(),
        )
