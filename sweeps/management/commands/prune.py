"""`manage.py prune`: what retention removes, now instead of at the timer's next hour, or only said."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.template.defaultfilters import filesizeformat

from sweeps.services.retention import prune, rules


class Command(BaseCommand):
    help = "Remove what the rules of retention no longer keep, and say what that was."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only say what would be removed.")

    def handle(self, *_: Any, dry_run: bool, **__: Any) -> None:
        found = prune(dry=dry_run)
        for rule in rules():
            pruned = found[rule.name]
            self.stdout.write(f"{rule.name:10} {pruned.count:8} {filesizeformat(pruned.size):>10}  {rule.text}")
        if dry_run:
            self.stdout.write("Nothing was removed.")
