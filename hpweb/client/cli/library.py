"""`hpweb model …`, `hpweb space …`, `hpweb runner …`"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import typer

from hpweb.client.cli.session import err, out, print_json, session_of
from hpweb.client.cli.show import facts, state_text, table
from hpweb.client.cli.sweeps import AsJson, File, read_document
from hpweb.client.client import Client
from hpweb.client.library import DocumentShelf

Name = Annotated[str, typer.Option(help="Instead of the file's own.")]
runners = typer.Typer(no_args_is_help=True, help="See the machines that train.")


def shelf_app(attribute: str, what: str) -> typer.Typer:
    """The commands for things that are made of documents."""
    app = typer.Typer(no_args_is_help=True, help=f"See and make {what}s of the team's library.")

    def shelf(client: Client) -> DocumentShelf:
        found: DocumentShelf = getattr(client, attribute)
        return found

    @app.command("list", help=f"The team's {what}s.")
    def list_(context: typer.Context, as_json: AsJson = False) -> None:
        with session_of(context).client(as_json=as_json) as client:
            show_list(shelf(client).list(), f"No {what}s.", as_json=as_json)

    @app.command(help=f"One {what}.")
    def get(context: typer.Context, id: str, as_json: AsJson = False) -> None:  # noqa: A002  its name in the help
        with session_of(context).client(as_json=as_json) as client:
            show_one(shelf(client).get(id), as_json=as_json)

    @app.command(help=f"Make a {what} of a YAML file.")
    def create(context: typer.Context, file: File, name: Name = "", as_json: AsJson = False) -> None:
        with session_of(context).client(as_json=as_json) as client:
            made = shelf(client).create(read_document(file), name=name)
        if as_json:
            print_json(made)
        else:
            typer.echo(f"{made['id']} is made: {made['name']}")

    @app.command(help=f"Print a {what} as YAML, which create makes again.")
    def yaml(context: typer.Context, id: str) -> None:  # noqa: A002  its name in the help
        with session_of(context).client() as client:
            typer.echo(shelf(client).yaml(id), nl=False)

    return app


@runners.command("list")
def list_runners(context: typer.Context, as_json: AsJson = False) -> None:
    """The runners that may train for the team."""
    with session_of(context).client(as_json=as_json) as client:
        found = list(client.runners.list())
    if as_json:
        print_json(found)
    elif found:
        rows = [(str(row["id"]), str(row["name"]), state_text(str(row["state"]))) for row in found]
        out().print(table(("id", "name", "state"), rows))
    else:
        err().print("No runners.")


def show_list(things: Iterable[Mapping[str, Any]], none: str, *, as_json: bool) -> None:
    found = list(things)
    if as_json:
        print_json(found)
    elif found:
        rows = [(str(row["id"]), str(row["name"]), str(row.get("task") or "any")) for row in found]
        out().print(table(("id", "name", "task"), rows))
    else:
        err().print(none)


def show_one(thing: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(thing)
    else:
        out().print(facts((name, str(value)) for name, value in thing.items() if value not in (None, "", [], {})))
