from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_out


class TeamsConfig(AppConfig):
    name = "teams"

    def ready(self) -> None:
        user_logged_out.connect(_close_sockets, dispatch_uid="teams.close_sockets")


def _close_sockets(request: Any, user: Any, **_: Any) -> None:
    """Other tabs of the session show nothing new any more."""
    from teams.sockets import ask_again

    key = getattr(getattr(request, "session", None), "session_key", None)
    if user is not None and key:
        ask_again(user.pk, ended=key)
