"""What a team's connections and runners allow: the names of its keys, never their values."""

from dataclasses import dataclass
from typing import Final

from runners.protocol.mirrors import MIRROR_LABELS
from runners.protocol.spec import Reporting
from runners.queries import largest_runner, runners_for
from teams.connections import secrets_of
from teams.models import Secret, Team, Unreadable

RAY_ADDRESS: Final = "RAY_ADDRESS"
_NEEDED: Final[dict[Reporting, str]] = {"wandb": "WANDB_API_KEY", "mlflow": "MLFLOW_TRACKING_URI"}


@dataclass(frozen=True)
class TeamSettings:
    """`secrets`: the names that have a value. `ray_address`: of the team's Ray cluster, which is no secret.

    `most_processes`: that a trial can have on the team's largest runner, and the runner's name; None while none is known. `runners`: public id
    and name of all.
    """

    secrets: frozenset[str] = frozenset()
    ray_address: str | None = None
    most_processes: tuple[int, str] | None = None
    runners: tuple[tuple[str, str], ...] = ()


def team_settings(team: Team) -> TeamSettings:
    """What the team has entered on its page Connections, and its runners. An address that can't be read counts as none."""
    names = frozenset(Secret.objects.filter(team=team).values_list("name", flat=True))
    try:
        address = secrets_of(team, RAY_ADDRESS).get(RAY_ADDRESS)
    except Unreadable:
        address = None
    runner = largest_runner(team)
    known = tuple((one.public_id, one.name) for one in runners_for(team))
    return TeamSettings(names, address, (runner.most_processes, runner.name) if runner else None, known)


def report_place(name: Reporting, settings: TeamSettings) -> str | None:
    """Where people find what is kept on the runner itself; None for a service elsewhere."""
    if name == "tensorboard":
        return "TensorBoard keeps its event files on the runner, in the folder that the sweep's log names."
    if name == "trackio" and not {"TRACKIO_SPACE_ID", "TRACKIO_SERVER_URL"} & settings.secrets:
        return "Trackio keeps its entries on the runner, too: the team has set neither a Space nor a server."
    return None


def report_label(name: Reporting) -> str:
    return MIRROR_LABELS[name]


def report_reason(name: Reporting, settings: TeamSettings) -> str | None:
    """Why trials can't be mirrored there, with the mend; None where they can."""
    needed = _NEEDED.get(name)
    if needed is not None and needed not in settings.secrets:
        return f"{MIRROR_LABELS[name]} needs {needed}: enter it on the team's page Connections."
    return None
