"""The environment, read once, typed, and refused loudly.

Every variable is `HPWEB_<FIELD>`. The defaults are the embedded profile: one machine, nothing to install. The
production profile is other URLs, never another code path.
"""

import errno
import os
import sys
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

BASE_DIR = Path(__file__).resolve().parent.parent

_URL_SCHEMES = {
    "database_url": ("sqlite", "postgres", "postgresql"),
    "broker_url": ("filesystem", "redis", "rediss"),
    "runner_broker_url": ("", "filesystem", "redis", "rediss"),
    "channels_url": ("memory", "redis", "rediss"),
    "tasks_url": ("", "redis", "rediss"),
    "artifacts_url": ("", "file", "s3"),
    "public_url": ("", "http", "https"),
    "email_url": ("", "console", "smtp", "smtp+tls", "smtps"),
    "oidc_url": ("", "http", "https"),
}


class Environment(BaseSettings):
    """What the environment may say."""

    model_config = SettingsConfigDict(env_prefix="HPWEB_", extra="ignore")

    debug: bool = False
    secret_key: str = ""
    data: Path = BASE_DIR / "var"
    """All state of the embedded profile lies below this folder."""
    database_url: str = ""
    """`sqlite:///…` or `postgres://…`; empty: SQLite in `data`."""
    broker_url: str = "filesystem://"
    """Wake-ups for runners; `filesystem://` is a folder in `data`."""
    runner_broker_url: str = ""
    """The broker as runners reach it, with their own account; empty: as `broker_url`."""
    channels_url: str = "memory://"
    tasks_url: str = ""
    """Celery broker for the server's own periodic work; empty: inside the server process."""
    artifacts_url: str = ""
    """`file:///folder` or `s3://bucket/prefix`; empty: a folder in `data`."""
    public_url: str = ""
    """Where people reach the server, `https://hpweb.example.org`; empty: whatever the browser says, on this machine only."""
    allowed_hosts: Annotated[list[str], NoDecode] = []
    proxies: Annotated[int, Field(ge=0, le=10)] = 0
    """Reverse proxies before the server that write `X-Forwarded-For`: rate limits count the address before them."""
    signup: Literal["invitation", "open"] = "invitation"
    """Who may make an account: people with an invitation, or everybody."""
    email_url: str = "console://"
    """`smtp+tls://user:password@host:587`, `smtps://…:465`, `smtp://host:25`; `console://`: printed by the server."""
    email_from: str = "hpweb@localhost"
    oidc_url: str = ""
    """Issuer of OpenID Connect, `https://id.example.org/realms/team`; empty: no single sign-on."""
    oidc_client_id: str = ""
    oidc_secret: str = ""
    oidc_name: str = "Single sign-on"
    """What its button says."""
    oidc_signup: bool = False
    """Whoever the issuer knows may make an account, without an invitation."""
    heartbeat_s: Annotated[float, Field(gt=0, le=300)] = 5.0
    offer_s: Annotated[float, Field(gt=0, le=3600)] = 30.0
    """An offered job that is not claimed within this goes back."""
    lease_s: Annotated[float, Field(gt=0, le=86_400)] = 60.0
    max_upload_mb: Annotated[int, Field(ge=1, le=100_000)] = 512
    reserve_mb: Annotated[int, Field(ge=1, le=1_000_000)] = 256
    """Disk space that uploads leave to the database and to what runners tell."""
    team_quota_mb: Annotated[int, Field(ge=0)] = 0
    """What a team's artifacts and logs may take, unless the team has its own; 0: as much as there is."""
    keep_journals_days: Annotated[int, Field(ge=0, le=36_500)] = 30
    """Batches as runners sent them, after the sweep's end; 0: for ever. Pages do not need them."""
    keep_logs_days: Annotated[int, Field(ge=0, le=36_500)] = 180
    """Training's output, after the sweep's end; 0: for ever."""
    log_mb: Annotated[int, Field(ge=1, le=10_000)] = 64
    """So much of a job's log is kept."""
    trial_log_mb: Annotated[int, Field(ge=1, le=10_000)] = 16
    """So much of one trial's log is kept."""
    breaker_failures: Annotated[int, Field(ge=0, le=1000)] = 3
    """After so many infrastructure failures in a row a runner is quarantined; 0: never."""
    api_per_minute: Annotated[int, Field(ge=0, le=10_000_000)] = 6000
    """So many requests of one person to the API in a minute, pages included; 0: no bound."""
    api_token_per_minute: Annotated[int, Field(ge=0, le=10_000_000)] = 1200
    """So many with one access token; 0: no bound."""
    log_level: str = "INFO"
    demo: bool = False
    """Show the demo login on the login page. Set by `manage.py up --demo`."""

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _comma_separated(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator(*_URL_SCHEMES)
    @classmethod
    def _known_scheme(cls, value: str, info: object) -> str:
        name = getattr(info, "field_name", "")
        scheme = urlsplit(value).scheme
        known = _URL_SCHEMES[name]
        if scheme not in known and not (name == "database_url" and not value):
            raise ValueError(f"must begin with one of {', '.join(f'{s}://' for s in known if s)}")
        return value

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise ValueError("must be one of DEBUG, INFO, WARNING, ERROR")
        return value.upper()


def read_environment() -> Environment:
    """Read the environment, or end the process with one sentence a variable."""
    try:
        return Environment()
    except ValidationError as error:
        for problem in error.errors():
            name = "_".join(str(part) for part in problem["loc"]).upper()
            message = problem["msg"].removeprefix("Value error, ")
            print(f"HPWEB_{name} is {problem['input']!r}: {message}.", file=sys.stderr)
        sys.exit(2)


def data_folder(path: Path) -> Path:
    """The data folder, made where it is missing, or end the process with a sentence."""
    folder = path.resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        print(
            f"HPWEB_DATA: cannot write to {folder} ({error.strerror}). Name a folder that you may write to.",
            file=sys.stderr,
        )
        sys.exit(2)
    return folder
