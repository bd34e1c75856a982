"""`manage.py up`: the database, the server and one runner on this machine, until Ctrl-C."""

import asyncio
import sys
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from hpweb.environment import BASE_DIR
from hpweb.up import prepare
from hpweb.up.console import Console
from hpweb.up.together import Stack, run_together


class Command(BaseCommand):
    help = "Run the server and one runner on this machine, until Ctrl-C. All state lies below the data folder."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=_port, default=8000, help="port on 127.0.0.1 (default 8000)")
        parser.add_argument(
            "--demo", action="store_true", help="on the first start: demo team, data and sweeps, started"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.TASKS_URL:
            raise CommandError(
                "HPWEB_TASKS_URL is set: that is the production profile, where each process is started on its own "
                "(docs/development.md). `manage.py up` is for one machine; unset it."
            )
        host, port, demo = "127.0.0.1", int(options["port"]), bool(options["demo"])
        prepare.check_port(host, port)
        console = Console(sys.stdout)
        with prepare.lock_data_folder():
            prepare.migrate()
            if not settings.DEBUG and prepare.collect_static():
                console.line("hpweb", "Static files are collected.")
            token_file = prepare.runner_token_file()
            prepare.model_folder()
            if demo and prepare.seed_demo():
                console.line("hpweb", "The demo's team, data and sweeps are made.")
            code = "" if demo else prepare.first_code()
            stack = Stack(BASE_DIR, settings.DATA_DIR, host, port, token_file, demo)
            ended = asyncio.run(run_together(stack, console, lambda: _announce(stack, console, code)))
        if ended:
            sys.exit(ended)


def _port(text: str) -> int:
    if not text.isdecimal():
        raise ArgumentTypeError(f"{text!r} is no port; give a number from 1024 to 65535: make run PORT=8001")
    return int(text)


def _announce(stack: Stack, console: Console, code: str) -> None:
    console.line("hpweb", "")
    console.line("hpweb", f"hpweb is ready: {stack.address}")
    if stack.demo:
        login = settings.DEMO_LOGIN
        console.line("hpweb", f"Log in as {login['email']} with the password {login['password']}")
    if code:
        console.line("hpweb", f"Nobody has an account yet: make yours at {stack.address}/setup/")
        console.line("hpweb", f"From another machine it asks for this code: {code}")
    console.line("hpweb", f"Ctrl-C stops everything. All data stays in {stack.data}.")
    console.line("hpweb", "")
