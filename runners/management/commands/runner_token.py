"""`manage.py runner_token NAME`: register a runner, or give one a new token."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from runners.models import Runner
from teams.models import Team


class Command(BaseCommand):
    help = "Register a runner, or replace the token of one that has that name, and print the token. It is kept nowhere."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="The runner's name, as people see it.")
        parser.add_argument("--file", type=Path, help="Write the token there (mode 0600) instead of printing it.")
        parser.add_argument(
            "--team", action="append", default=[], metavar="ID", help="A team that it serves; none: all."
        )

    def handle(self, *_: Any, name: str, file: Path | None, team: list[str], **__: Any) -> None:
        teams = list(Team.objects.filter(public_id__in=team))
        unknown = set(team) - {found.public_id for found in teams}
        if unknown:
            raise CommandError(f"--team: there is no team {', '.join(sorted(unknown))}.")
        runner = Runner.objects.filter(name=name, removed_at=None).first() or Runner(name=name)
        if not name.strip() or len(name) > 100:
            raise CommandError("name: between 1 and 100 characters.")
        token = runner.new_token()
        # Written before it counts: a token that can't be kept must not replace one that works.
        if file:
            _write(file, token)
        runner.save()
        if team:
            runner.teams.set(teams)
        if file:
            self.stderr.write(f"The token of {name} is in {file}.")
        else:
            self.stdout.write(token)


def _write(file: Path, token: str) -> None:
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as target:
            os.fchmod(handle, 0o600)
            target.write(token + "\n")
    except OSError as error:
        raise CommandError(f"--file: can't write {file}: {error.strerror}.") from error
