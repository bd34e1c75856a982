"""The runner's settings, read from the environment once and refused with sentences."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class SettingsError(Exception):
    """The environment cannot be used. The text has one sentence a line, each naming a variable and the mend."""


def _http_address(value: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise ValueError("must start with http:// or https://, for example http://127.0.0.1:8000")
    return value.rstrip("/")


class RunnerSettings(BaseSettings):
    """What the operator decides; everything else a runner must know comes from the server.

    `runner_slots` None: as many as there are GPUs, at least one. `model_roots`: folders below which a sweep may name a
    pretrained model. `runner_stall_s`: a trial of several processes that does not move for so many seconds is ended.
    `runner_log_mb`: so much is kept of what one job's training prints and logs. `runner_home_mb`: near so many megabytes (of a
    million bytes) the home's caches are deleted; None is no limit.
    """

    model_config = SettingsConfigDict(env_prefix="HPWEB_", env_ignore_empty=True, extra="ignore", frozen=True)

    server: Annotated[str, AfterValidator(_http_address)]
    runner_token: SecretStr | None = None
    runner_token_file: Path | None = None
    runner_home: Path = Path("var/runner")
    model_roots: Annotated[tuple[Path, ...], NoDecode] = ()
    runner_slots: Annotated[int, Field(ge=1, le=1024)] | None = None
    runner_stall_s: Annotated[float, Field(ge=10)] = 600.0
    runner_log_mb: Annotated[int, Field(ge=1, le=10_000)] = 64
    runner_home_mb: Annotated[int, Field(ge=100, le=10**9)] | None = None
    runner_log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("model_roots", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return [part for part in value.split(os.pathsep) if part] if isinstance(value, str) else value

    @field_validator("model_roots")
    @classmethod
    def _folders(cls, value: tuple[Path, ...]) -> tuple[Path, ...]:
        for root in value:
            if not root.is_dir():
                raise ValueError(f"{root} is not a folder. Name existing folders, separated by {os.pathsep!r}")
        return tuple(root.resolve() for root in value)

    @model_validator(mode="after")
    def _one_token(self) -> Self:
        if (self.runner_token is None) == (self.runner_token_file is None):
            raise ValueError(
                "HPWEB_RUNNER_TOKEN or HPWEB_RUNNER_TOKEN_FILE must be set, and only one of them. "
                "An admin gets a token on the Runners page."
            )
        return self

    def token(self) -> SecretStr:
        """The token itself. Raises `SettingsError` when its file cannot be read or is empty."""
        if self.runner_token is not None:
            return self.runner_token
        assert self.runner_token_file is not None  # held by _one_token
        try:
            text = self.runner_token_file.read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(
                f"HPWEB_RUNNER_TOKEN_FILE: {self.runner_token_file} cannot be read ({error}). Write the token into it."
            ) from error
        if not text:
            raise SettingsError(f"HPWEB_RUNNER_TOKEN_FILE: {self.runner_token_file} is empty. Write the token into it.")
        return SecretStr(text)


def read_settings() -> RunnerSettings:
    """Read the environment. Raises `SettingsError` with every fault at once."""
    try:
        return RunnerSettings()
    except ValidationError as error:
        raise SettingsError("\n".join(_sentence(fault) for fault in error.errors(include_url=False))) from None


def _sentence(fault: Any) -> str:
    """One fault as pydantic reports it, as a sentence. The value itself is left out: it may be the token."""
    message = str(fault["msg"]).removeprefix("Value error, ").rstrip(".")
    if not fault["loc"]:
        return f"{message}."
    variable = f"HPWEB_{str(fault['loc'][0]).upper()}"
    if fault["type"] == "missing":
        return f"{variable} is not set. Give the server's address, for example http://127.0.0.1:8000."
    return f"{variable}: {message[0].lower()}{message[1:]}."
