"""The first start: nobody is here, so the first who comes makes the owner, and shows that the machine is theirs."""

import contextlib
import ipaddress
import logging
import secrets
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, get_random_string

from teams.members import Refused, create_team
from teams.models import Team, User

LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""None that is taken for another."""
_log = logging.getLogger(__name__)


def is_needed() -> bool:
    """Whether there is nobody yet."""
    return not User.objects.exists()


def setup_code() -> str:
    """The code that shows who has the machine's console: kept in the data folder until it was used, made where there is none."""
    file = _file()
    if not file.exists():
        temporary = file.with_suffix(f".{secrets.token_hex(4)}")
        temporary.touch(mode=0o600)
        temporary.write_text("-".join(get_random_string(4, LETTERS) for _ in range(3)))
        # link, not rename: the first of two processes that start together wins.
        with contextlib.suppress(FileExistsError):
            file.hardlink_to(temporary)
            _log.warning("Nobody has an account yet. The code for /setup/ is %s (also in %s).", file.read_text(), file)
        temporary.unlink()
    return file.read_text().strip()


def needs_code(request: HttpRequest) -> bool:
    """Whether the request may come from another machine. From this one nobody needs a code."""
    if settings.OPEN_TO_OTHERS or "X-Forwarded-For" in request.headers:
        return True
    try:
        return not ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return True


def is_right(code: str) -> bool:
    """Whether that is the code, in whichever case and with or without its hyphens."""
    typed = code.strip().upper().replace("-", "").replace(" ", "")
    return constant_time_compare(typed, setup_code().replace("-", ""))


@transaction.atomic
def set_up(*, email: str, name: str, password: str, team: str) -> tuple[User, Team]:
    """The first user, who may use the administration, and the first team. Raises `Refused` when somebody was quicker."""
    if not is_needed():
        raise Refused("Somebody has set hpweb up already. Log in.")
    user = User.objects.create_superuser(email, password, name=name)
    made = create_team(user=user, name=team)
    transaction.on_commit(lambda: _file().unlink(missing_ok=True))
    return user, made


def _file() -> Path:
    return Path(settings.DATA_DIR) / "setup-code"
