"""The Celery app of the server's own periodic work (production): `celery -A hpweb.celery worker -B`.

In the embedded profile nobody runs it: `hpweb.periodic` does the same inside the server process. Wake-ups for runners
are another app at another broker (`runners.wake`).
"""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hpweb.settings")

from celery import Celery
from django.conf import settings

TICK_S = 1.0

app = Celery("hpweb", broker=settings.TASKS_URL or None)
app.conf.update(
    task_ignore_result=True,
    task_default_queue="hpweb.server",
    broker_connection_retry_on_startup=True,
    worker_hijack_root_logger=False,
    # A tick that could not be done in time is pointless: the next one does it.
    beat_schedule={"tick": {"task": "sweeps.tick", "schedule": TICK_S, "options": {"expires": 5.0}}},
    timezone="UTC",
)
app.autodiscover_tasks(["sweeps"])
