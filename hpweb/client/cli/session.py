"""What every command shares: the client, what is printed where, and which exit code a mistake has.

0: done; of a followed sweep: complete. 1: the sweep has failed or was cancelled. 2: wrong use, or refused. 3: the server does
not answer. 130: Ctrl-C.
"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import typer
from rich.console import Console

from hpweb.client.client import Client
from hpweb.client.errors import ApiError, Busy, HpwebError, Unreachable

FAILED: Final = 1
REFUSED: Final = 2
NO_ANSWER: Final = 3
INTERRUPTED: Final = 130


@dataclass
class Session:
    """`make`: how to come to a client. `url`, `token`: given before the command."""

    url: str = ""
    token: str = ""
    make: Callable[..., Client] = Client

    @contextmanager
    def client(self, *, as_json: bool = False) -> Iterator[Client]:
        """A client; what goes wrong with it is said on stderr, and ends the program."""
        try:
            with self.make(self.url, self.token) as client:
                yield client
        except HpwebError as error:
            tell(error, as_json=as_json)
            raise typer.Exit(NO_ANSWER if isinstance(error, Unreachable | Busy) else REFUSED) from None


def session_of(context: typer.Context) -> Session:
    found = context.find_object(Session)
    return found if found is not None else Session()


def out() -> Console:
    """Made anew, since what stdout is may change."""
    return Console(highlight=False, soft_wrap=not sys.stdout.isatty())


def err() -> Console:
    return Console(stderr=True, highlight=False, soft_wrap=True)


def print_json(value: Any) -> None:
    """One document on stdout; NaN and infinity as texts, as everywhere in hpweb."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def tell(error: HpwebError, *, as_json: bool = False) -> None:
    """A refusal on stderr: the sentence, then each field with its own."""
    fields = error.fields if isinstance(error, ApiError) else {}
    if as_json:
        code = error.code if isinstance(error, ApiError) else "error"
        typer.echo(json.dumps({"code": code, "message": str(error), "fields": fields}), err=True)
        return
    console = err()
    named = {name: said for name, said in fields.items() if name}
    plain = fields.get("", [])
    if not named:
        console.print(" ".join(plain) or str(error), style="red", markup=False)
        return
    console.print("Refused:", style="red")
    for sentence in plain:
        console.print(f"  {sentence}", markup=False)
    for name, said in named.items():
        for sentence in said:
            console.print(f"  {name}: {sentence}", markup=False)
