"""Open sockets of a person: told when the person's rights or sessions may have changed, so that they ask again."""

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction


def person_group(user_id: int) -> str:
    """The channel group of everything that a person has open, by whatever session or token."""
    return f"person.{user_id}"


def ask_again(user_id: int, ended: str = "") -> None:
    """After the commit, have the person's sockets ask whether they may still be open. `ended`: a session's key, whose
    sockets close in any case."""
    message = {"type": "access.changed", "ended": ended}
    send = async_to_sync(get_channel_layer().group_send)
    transaction.on_commit(lambda: send(person_group(user_id), message), robust=True)
