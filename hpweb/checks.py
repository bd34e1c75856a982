"""System checks with stable ids."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register
def one_process_profile(**_: Any) -> list[CheckMessage]:
    """hpweb.E001: SQLite serves one machine; with a Redis broker several server processes are meant."""
    engine = settings.DATABASES["default"]["ENGINE"]
    if settings.TASKS_URL and engine.endswith("sqlite3"):
        return [
            Error(
                "HPWEB_TASKS_URL is set but the database is SQLite.",
                hint="Set HPWEB_DATABASE_URL to a postgres:// URL.",
                id="hpweb.E001",
            )
        ]
    return []
