"""`manage.py record SWEEP`: a sweep's journal as a recording that `replay` can play."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count

from sweeps.models import Job
from sweeps.services.recordings import record


class Command(BaseCommand):
    help = "Print the journal of a sweep's longest job, with the spec, as lines of JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("sweep", help="The sweep's public id, as in its address.")

    def handle(self, *_: Any, sweep: str, **__: Any) -> None:
        jobs = Job.objects.filter(sweep__public_id=sweep).annotate(size=Count("batches")).select_related("sweep")
        job = jobs.filter(size__gt=0).order_by("-acked_seq").first()
        if job is None:
            raise CommandError(f"sweep: there is no journal of a sweep {sweep}.")
        for line in record(job):
            self.stdout.write(line)
