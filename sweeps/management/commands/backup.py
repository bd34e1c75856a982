"""`manage.py backup TARGET`: database and artifacts as one file, while the server works."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import filesizeformat

from sweeps.services.backup.problems import Refused
from sweeps.services.backup.write import back_up


class Command(BaseCommand):
    help = (
        "Write the database, the artifacts and the server's key to TARGET (.tar.zst or .tar.gz), while the server works. "
        "The file can be read by its owner only: whoever has it has everything."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("target", type=Path, help="A new file, as backups/monday.tar.zst.")
        parser.add_argument("--force", action="store_true", help="Replace a file of that name.")

    def handle(self, *_: Any, target: Path, force: bool, **__: Any) -> None:
        try:
            manifest = back_up(target=target.absolute(), force=force)
        except Refused as error:
            raise CommandError(str(error)) from error
        size = filesizeformat(target.stat().st_size)
        where = "" if manifest.inside else " (they stay in the bucket)"
        self.stdout.write(f"{target}: {size}, the database and {len(manifest.artifacts)} artifacts{where}.")
        if manifest.lost:
            self.stderr.write(
                f"{len(manifest.lost)} artifacts were missing or damaged already: " + ", ".join(manifest.lost)
            )
