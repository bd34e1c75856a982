"""`manage.py replay FILE`: a recorded job, played into the real ingest, to work on the live page without training."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sweeps.services.recordings import BadRecording, read, stage
from sweeps.services.replay import OverHttp, ThisProcess, play
from teams.models import Team


class Command(BaseCommand):
    help = (
        "Make a sweep and play a recording into it. With --server the events go through a running server, "
        "so open pages show them live."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="A recording, as `manage.py record` prints it.")
        parser.add_argument("--speed", type=float, default=1.0, help="Times as fast as recorded; 0: at once.")
        parser.add_argument("--sweep", default="", metavar="NAME", help="The name of the new sweep.")
        parser.add_argument("--team", default="", metavar="ID", help="The team it belongs to; the first one otherwise.")
        parser.add_argument("--server", default="", metavar="URL", help="A running server of the same database.")

    def handle(self, *_: Any, file: Path, speed: float, sweep: str, team: str, server: str, **__: Any) -> None:
        if speed < 0:
            raise CommandError("--speed: 0 or more.")
        owner = Team.objects.filter(**({"public_id": team} if team else {})).order_by("pk").first()
        if owner is None:
            raise CommandError(f"--team: there is no team {team}." if team else "There is no team yet. Make one first.")
        try:
            with file.open(encoding="utf-8") as lines:
                header, events = read(iter(lines))
            job, token = stage(header=header, team=owner, name=sweep[:100])
            self.stdout.write(f"/sweeps/{job.sweep.public_id}/")
            play(OverHttp(server, token, job) if server else ThisProcess(job), events, speed=speed)
        except OSError as error:
            raise CommandError(f"file: can't read {file}: {error.strerror}.") from error
        except BadRecording as error:
            raise CommandError(str(error)) from error
