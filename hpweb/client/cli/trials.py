"""`hpweb trial …`"""

import json
from typing import Annotated

import typer
from rich.text import Text

from hpweb.client.cli.session import out, print_json, session_of
from hpweb.client.cli.show import duration, facts, number, params_text, state_text, table
from hpweb.client.trials import Scalar, Trial

app = typer.Typer(no_args_is_help=True, help="See and repeat trials of a sweep.")

SweepId = Annotated[str, typer.Argument(metavar="SWEEP", help="The sweep's id.")]
Number = Annotated[int, typer.Argument(metavar="NUMBER", min=0, help="The trial's number.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


@app.command("list")
def list_(context: typer.Context, sweep: SweepId, as_json: AsJson = False) -> None:
    """All trials of a sweep."""
    with session_of(context).client(as_json=as_json) as client:
        found = list(client.trials.list(sweep))
    if as_json:
        print_json([trial.data for trial in found])
        return
    rows = [
        (
            str(trial.number),
            state_text(trial.state),
            number(trial.value),
            duration(trial.duration_s),
            params_text(trial.params),
        )
        for trial in found
    ]
    out().print(table(("trial", "state", "value", "took", "parameters"), rows, ("trial", "value", "took")))


@app.command()
def get(context: typer.Context, sweep: SweepId, trial: Number, as_json: AsJson = False) -> None:
    """One trial."""
    with session_of(context).client(as_json=as_json) as client:
        _show(client.trials.get(sweep, trial), as_json=as_json)


@app.command()
def retry(
    context: typer.Context,
    sweep: SweepId,
    trial: Number,
    changes: Annotated[list[str] | None, typer.Argument(metavar="[NAME=VALUE]...", help="Other values.")] = None,
    as_json: AsJson = False,
) -> None:
    """The same once more, with other values for some parameters if you like."""
    params = dict(_change(text) for text in changes or [])
    with session_of(context).client(as_json=as_json) as client:
        _show(client.trials.retry(sweep, trial, params), as_json=as_json)


def _change(text: str) -> tuple[str, Scalar]:
    """`learning_rate=1e-4`; what is no number, true, false or null is a text."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise typer.BadParameter(f"{text!r} is no change: write NAME=VALUE, such as learning_rate=1e-4.")
    try:
        found = json.loads(value)
    except ValueError:
        return name, value
    return name, found if isinstance(found, int | float | bool | None) else value


def _show(trial: Trial, *, as_json: bool) -> None:
    if as_json:
        print_json(trial.data)
        return
    pairs: list[tuple[str, str | Text]] = [
        ("trial", str(trial.number)),
        ("state", state_text(trial.state)),
        ("value", ", ".join(number(value) for value in trial.values) or "–"),
        ("took", duration(trial.duration_s)),
        *((name, number(value, 17)) for name, value in trial.params.items()),
    ]
    if trial.data.get("failure_message"):
        pairs.append(("failure", str(trial.data["failure_message"])))
    out().print(facts(pairs))
