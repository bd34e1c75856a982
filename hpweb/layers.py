"""How messages reach the pages of every server process: Channels' layer, in memory or through Redis."""

from typing import Any, Final

IDLE_READ_S: Final = 30.0
"""Seconds that a read from Redis may take. The layer itself waits 5 s for a message, and redis-py gives up after 5 s
by its own default: whichever came first decided whether an idle page kept its socket."""
PAGE_DAYS: Final = 7
"""How long an open page is remembered as a reader."""


def channel_layer(url: str) -> dict[str, Any]:
    """Channels' setting for `HPWEB_CHANNELS_URL`: `memory://` (one server process), or a `redis://` URL (any number)."""
    if url.startswith("memory"):
        return {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": 1000}}
    return {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {
            "hosts": [{"address": url, "socket_timeout": IDLE_READ_S}],
            "capacity": 1000,
            "expiry": 30,
            "group_expiry": PAGE_DAYS * 24 * 60 * 60,
        },
    }
