"""Other services that a team's jobs talk to: which there are, what each needs, and the values by name."""

import re
from dataclasses import dataclass
from typing import Final

from teams.models import Secret, Team, User

MAX_VALUE: Final = 4000
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Setting:
    """One value of a service. `name`: the environment variable that a job gets. `hidden`: a key that nobody may read."""

    name: str
    label: str
    help: str
    hidden: bool = True


@dataclass(frozen=True)
class Connection:
    name: str
    label: str
    help: str
    settings: tuple[Setting, ...]


CONNECTIONS: Final = (
    Connection(
        "wandb",
        "Weights & Biases",
        "For sweeps whose parameters W&B proposes, and for trials that are mirrored there. hpweb's own W&B endpoint needs neither.",
        (
            Setting(
                "WANDB_BASE_URL",
                "Server",
                "Of a self-hosted W&B, such as https://wandb.example.org. Empty: https://api.wandb.ai.",
                hidden=False,
            ),
            Setting("WANDB_API_KEY", "API key", "From the user settings of W&B."),
            Setting("WANDB_ENTITY", "Entity", "Where mirrored trials go. Empty: the key's own.", hidden=False),
            Setting("WANDB_PROJECT", "Project", "Of mirrored trials. Empty: hpweb.", hidden=False),
        ),
    ),
    Connection(
        "mlflow",
        "MLflow",
        "Trials can be mirrored to an MLflow tracking server.",
        (
            Setting("MLFLOW_TRACKING_URI", "Tracking server", "Such as https://mlflow.example.org.", hidden=False),
            Setting("MLFLOW_TRACKING_TOKEN", "Token", "Where the server asks for one."),
            Setting("MLFLOW_TRACKING_USERNAME", "User name", "Where it asks for a name and a password.", hidden=False),
            Setting("MLFLOW_TRACKING_PASSWORD", "Password", ""),
        ),
    ),
    Connection(
        "trackio",
        "Trackio",
        "Trials can be mirrored to a Space or a server of yours. Without either they are kept on the runner.",
        (
            Setting(
                "TRACKIO_SPACE_ID",
                "Space",
                "Such as my-team/trials. It is made, private, where there is none.",
                hidden=False,
            ),
            Setting("HF_TOKEN", "Hugging Face token", "One that may write to the Space."),
            Setting("TRACKIO_SERVER_URL", "Server", "Instead of a Space, such as https://trackio.example.org."),
            Setting("TRACKIO_WRITE_TOKEN", "Write token", "Of that server."),
        ),
    ),
    Connection(
        "ray",
        "Ray cluster",
        "Sweeps with Ray Tune start a local Ray; with an address they use this cluster.",
        (
            Setting(
                "RAY_ADDRESS",
                "Address",
                "Of its head, such as 10.0.0.5:6379. The runner must be on a machine of the cluster, its folder on a shared disk.",
                hidden=False,
            ),
            Setting("RAY_AUTH_TOKEN", "Token", "What `ray get-auth-token` says there, where the cluster asks for one."),
        ),
    ),
)
NAMES: Final = frozenset(setting.name for connection in CONNECTIONS for setting in connection.settings)


def names_of(connection: str) -> tuple[str, ...]:
    """The environment variables of a service; none for one that needs no connection."""
    return tuple(setting.name for one in CONNECTIONS if one.name == connection for setting in one.settings)


def keep_secret(*, team: Team, user: User, name: str, value: str) -> None:
    """Keep a value; an empty one takes it away. ValueError, with a sentence, for a value that can't be kept."""
    if name not in NAMES:
        raise ValueError(f"{name} is no setting of a connection.")
    value = value.strip()
    if not value:
        Secret.objects.filter(team=team, name=name).delete()
        return
    if len(value) > MAX_VALUE or _UNPRINTABLE.search(value):
        raise ValueError(f"{name}: at most {MAX_VALUE} characters in one line.")
    if name.endswith(("_URL", "_URI")) and not value.startswith(("http://", "https://")):
        raise ValueError(f"{name}: an address that begins with https:// or http:// is needed.")
    secret = Secret.objects.filter(team=team, name=name).first() or Secret(team=team, name=name)
    secret.seal(value)
    secret.updated_by = user
    secret.save()


def has_secret(team: Team, name: str) -> bool:
    """Whether the team has a value for it."""
    return Secret.objects.filter(team=team, name=name).exists()


def secrets_of(team: Team, *names: str) -> dict[str, str]:
    """Name → value of those that the team has. Raises `Unreadable`."""
    return {secret.name: secret.value() for secret in Secret.objects.filter(team=team, name__in=names)}
