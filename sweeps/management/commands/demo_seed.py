"""`manage.py demo_seed`: the demo team, its library and its sweeps."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from sweeps.services.demo import OWNER_EMAIL, PASSWORD, VIEWER_EMAIL, seed_demo


class Command(BaseCommand):
    help = "Make the demo team, users, data, models, spaces and sweeps, as far as they are missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--folder-model",
            default="",
            metavar="PATH",
            help="A pretrained text model, as the runner names its folder.",
        )
        parser.add_argument("--start", action="store_true", help="Start the demo's sweeps that are still drafts.")

    def handle(self, *args: Any, **options: Any) -> None:
        demo = seed_demo(folder_model=options["folder_model"])
        if options["start"]:
            from sweeps.services.control import start_sweep

            for sweep in demo.sweeps:
                if sweep.state == "draft":
                    start_sweep(sweep=sweep, user=demo.owner)
        for sweep in demo.sweeps:
            self.stdout.write(f"{sweep.public_id}  {sweep.state}  {sweep.name}")
        self.stdout.write(f"Log in as {OWNER_EMAIL} (or {VIEWER_EMAIL}, who only looks) with the password {PASSWORD}")
