"""`manage.py restore SOURCE`: a backup back into an empty place."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sweeps.services.backup.problems import Refused
from sweeps.services.backup.restore import check, restore


class Command(BaseCommand):
    help = (
        "Check the backup SOURCE, make it this server's database and artifacts, bring the tables to this version, and audit. "
        "Stop the server first. The exit code is 1 when the audit finds something."
    )
    # They ask the database, which may not be there yet.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", type=Path, help="A file that `manage.py backup` has made.")
        parser.add_argument("--force", action="store_true", help="Lose what is there now.")
        parser.add_argument("--check", action="store_true", help="Only check the backup; nothing is changed.")

    def handle(self, *_: Any, source: Path, force: bool, check: bool, **__: Any) -> None:
        try:
            if check:
                self._check(source)
            else:
                self._restore(source, force)
        except Refused as error:
            raise CommandError(str(error)) from error

    def _check(self, source: Path) -> None:
        manifest = check(source=source)
        self.stdout.write(
            f"{source} is whole: hpweb {manifest.hpweb}, {manifest.engine}, {len(manifest.artifacts)} artifacts, "
            f"made {manifest.made_at:%Y-%m-%d %H:%M} UTC."
        )

    def _restore(self, source: Path, force: bool) -> None:
        done = restore(source=source, force=force)
        if done.other_key:
            self.stderr.write(
                "HPWEB_SECRET_KEY is not that of the backup's server: people must log in again, and the keys on the page "
                "Connections must be entered again, unless you start the server with the old one."
            )
        for finding in done.findings:
            self.stdout.write(str(finding))
        if done.findings:
            raise CommandError(f"Restored, and the audit has {len(done.findings)} findings.", returncode=1)
        self.stdout.write(
            f"Restored what was backed up at {done.manifest.made_at:%Y-%m-%d %H:%M} UTC: "
            f"{len(done.manifest.artifacts)} artifacts; the audit finds nothing."
        )
