"""What a backup holds: the last member of the archive, so an archive that was cut short has none."""

import hashlib
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, NonNegativeInt, StringConstraints, ValidationError

from runners.protocol.base import Sha256
from sweeps.services.backup.problems import Refused

NAME: Final = "manifest.json"
KEY_FILE: Final = "secret-key"
FORMAT: Final = 1
ROUNDS: Final = 100_000

Engine = Literal["sqlite", "postgresql"]
DATABASE_FILES: Final[dict[Engine, str]] = {"sqlite": "database.sqlite3", "postgresql": "database.pgdump"}


class StoredFile(BaseModel):
    """A member of the archive. `size` in bytes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[
        str, StringConstraints(pattern=r"^(database\.(sqlite3|pgdump)|secret-key|artifacts/[0-9a-f]{2}/[0-9a-f]{64})$")
    ]
    size: NonNegativeInt
    sha256: Sha256


class Manifest(BaseModel):
    """`migrations`: those the database has had, `app.name`. `key_check`: tells the SECRET_KEY from another one.

    `artifacts`: hash → bytes of all that the database names. `inside`: whether their bytes are in the archive; else they
    stay in the bucket. `lost`: those the store had not, or not whole, when the backup was made.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = FORMAT
    hpweb: str
    made_at: AwareDatetime
    engine: Engine
    migrations: tuple[str, ...]
    key_check: str
    files: tuple[StoredFile, ...]
    artifacts: dict[Sha256, NonNegativeInt]
    inside: bool
    lost: tuple[Sha256, ...] = ()


def read_manifest(data: bytes) -> Manifest:
    """Refused for what is none, or one of a later format."""
    try:
        return Manifest.model_validate_json(data)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        if fault["loc"] == ("format",):
            raise Refused("The backup was made by a later hpweb. Update hpweb here, then restore.") from None
        raise Refused(
            f"The backup's manifest is damaged ({'.'.join(map(str, fault['loc']))}: {fault['msg']}). Take another backup."
        ) from None


def key_check(secret_key: str) -> str:
    """The same for the same key; slow to compute, so that it does not help to guess a weak one."""
    return hashlib.pbkdf2_hmac("sha256", secret_key.encode(), b"hpweb.backup", ROUNDS).hex()[:16]
