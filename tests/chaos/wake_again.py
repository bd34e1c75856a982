"""Run as the server's program: `python -m tests.chaos.wake_again 3` sends every runner each job's wake-up three times more."""

import secrets
import sys

import django

django.setup()

from runners.models import Runner  # noqa: E402
from runners.wake import send_wake  # noqa: E402
from sweeps.models import Job  # noqa: E402


def send(times: int) -> None:
    for runner in Runner.objects.all():
        jobs = list(Job.objects.order_by("-pk").values_list("public_id", flat=True)[:3])
        for job in (*jobs, secrets.token_hex(6)):
            for _ in range(times):
                send_wake(runner, job)


if __name__ == "__main__":
    send(int(sys.argv[1]))
