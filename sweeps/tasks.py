"""Periodic work, as Celery tasks of the server's own worker. In the embedded profile the server process does it."""

import logging

from celery import shared_task
from django.db import DatabaseError

from sweeps.services.timer import Timer

logger = logging.getLogger(__name__)
_timer = Timer()


@shared_task(name="sweeps.tick", ignore_result=True)  # type: ignore[untyped-decorator]  # Celery has no types
def tick() -> None:
    """What is due each second."""
    try:
        _timer.tick()
    except DatabaseError:
        logger.warning("The database does not answer; periodic work is tried again.")
