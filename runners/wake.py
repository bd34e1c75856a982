"""Wake-ups: a Celery message to a runner's own queue, so that it looks for its offer at once.

The database is the truth and heartbeat answers list the offers too, so a message may be lost, doubled or late, and
sending one never raises into the caller.
"""

import logging
from functools import lru_cache
from typing import Any

from celery import Celery
from django.conf import settings
from kombu.entity import Queue

from runners import folder_broker
from runners.models import Runner
from runners.protocol.base import Scalar
from runners.protocol.runner import WAKE_TASK

logger = logging.getLogger(__name__)

_PATIENCE_S = 1.0
folder_broker.use()


def broker_options(url: str) -> dict[str, Scalar]:
    """Celery's transport options for that broker. For `filesystem://` the folders are made when they are missing."""
    if not url.startswith("filesystem"):
        return {}
    messages, control = settings.BROKER_DIR / "messages", settings.BROKER_DIR / "control"
    for folder in (messages, control):
        folder.mkdir(parents=True, exist_ok=True)
    return {
        "data_folder_in": str(messages),
        "data_folder_out": str(messages),
        "control_folder": str(control),
        "store_processed": False,
        "polling_interval": 0.1,
    }


def with_host(url: str) -> str:
    """The broker's URL; kombu warns about a missing host even where there is none, as for `filesystem://`."""
    return "filesystem://localhost/" if url == "filesystem://" else url


def send_wake(runner: Runner, job: str) -> bool:
    """Tell the runner that there is a job (public id) to claim. False when the broker can't be reached."""
    try:
        app = _producer(with_host(settings.BROKER_URL), str(settings.BROKER_DIR))
        app.send_task(
            WAKE_TASK,
            args=[job],
            queue=Queue(runner.queue, durable=True),  # type: ignore[no-untyped-call]  # kombu has no types
            expires=settings.OFFER_S,
            ignore_result=True,
            retry=False,
        )
    except Exception as error:  # noqa: BLE001  whatever the broker's library raises: the heartbeat makes up for it
        logger.warning("The wake-up for runner %s was not sent: %s", runner.name, error)
        return False
    return True


@lru_cache(maxsize=4)
def _producer(url: str, _folder: str) -> Celery:
    options: dict[str, Any] = dict(broker_options(url))
    if not options:
        options = {"socket_connect_timeout": _PATIENCE_S, "socket_timeout": _PATIENCE_S, "max_retries": 0}
    app = Celery("hpweb-wake", broker=url, set_as_current=False)
    app.conf.update(
        broker_transport_options=options,
        broker_connection_timeout=_PATIENCE_S,
        broker_connection_max_retries=0,
        task_ignore_result=True,
        task_serializer="json",
    )
    return app
