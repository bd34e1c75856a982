"""`manage.py audit`: whether every promise that the database and the artifact store can show is kept."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sweeps.models import Sweep
from sweeps.queries.audit import audit


class Command(BaseCommand):
    help = "Check the database and the artifact store; print what is wrong. The exit code is 1 when something is."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--at-rest", action="store_true", help="A sweep or job that has not ended is wrong too.")
        parser.add_argument("--quick", action="store_true", help="Compare sizes of files only, do not read them.")

    def handle(self, *_: Any, at_rest: bool, quick: bool, **__: Any) -> None:
        findings = audit(at_rest=at_rest, hashes=not quick)
        for finding in findings:
            self.stdout.write(str(finding))
        count = Sweep.objects.count()
        if findings:
            raise CommandError(f"{len(findings)} findings in {count} sweeps.", returncode=1)
        self.stdout.write(f"All is well in {count} sweeps and the artifact store.")
