"""The root of the command `hpweb`."""

from typing import Annotated

import typer

from hpweb.client.cli import account, datasets, library, sweeps, trials
from hpweb.client.cli.session import Session
from hpweb.client.transport import VERSION

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=True,
    help="Hyperparameter sweeps of an hpweb server, from a terminal or a script.",
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"hpweb-client {VERSION}")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    url: Annotated[str, typer.Option(help="The server; else HPWEB_URL, else what `hpweb login` has kept.")] = "",
    token: Annotated[str, typer.Option(help="The token; else HPWEB_TOKEN. Others may see it in a command.")] = "",
    _version_asked: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Exit codes: 0 done, 1 the sweep failed, 2 wrong use or refused, 3 the server does not answer, 130 Ctrl-C."""
    if context.obj is None:
        context.obj = Session()
    context.obj.url = url or context.obj.url
    context.obj.token = token or context.obj.token


app.command()(account.login)
app.command()(account.logout)
app.command()(account.whoami)
app.command("download")(sweeps.download)
app.add_typer(sweeps.app, name="sweep")
app.add_typer(trials.app, name="trial")
app.add_typer(library.shelf_app("models", "model"), name="model")
app.add_typer(library.shelf_app("spaces", "search space"), name="space")
app.add_typer(datasets.app, name="dataset")
app.add_typer(library.runners, name="runner")


def main() -> None:
    """The console script."""
    app()
