"""`hpweb dataset …`"""

from pathlib import Path
from typing import Annotated, Any

import typer

from hpweb.client.cli.library import show_list, show_one
from hpweb.client.cli.session import print_json, session_of
from hpweb.client.cli.sweeps import AsJson
from hpweb.client.transport import Json

app = typer.Typer(no_args_is_help=True, help="See, make and upload data sets of the team's library.")

DataFile = Annotated[Path, typer.Argument(help="A table or a zip of images.", exists=True, dir_okay=False)]
EvalFile = Annotated[Path | None, typer.Option(help="The evaluation rows.", exists=True, dir_okay=False)]
Task = Annotated[str, typer.Option(help="Without, the columns decide.")]
Columns = Annotated[
    list[str] | None, typer.Option("--column", help="ROLE=COLUMN, such as label=stars; may be given several times.")
]
Fraction = Annotated[float | None, typer.Option(help="This part of the rows is for evaluation.")]
Seed = Annotated[int, typer.Option(min=0, help="Which rows these are.")]


@app.command("list")
def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """The team's data sets."""
    with session_of(context).client(as_json=as_json) as client:
        show_list(client.datasets.list(), "No data sets.", as_json=as_json)


@app.command()
def get(context: typer.Context, id: str, as_json: AsJson = False) -> None:  # noqa: A002  its name in the help
    """One data set with its versions."""
    with session_of(context).client(as_json=as_json) as client:
        found = client.datasets.get(id)
    if not as_json:
        found["versions"] = ", ".join(f"v{one['number']} ({one['id']})" for one in found["versions"])
    show_one(found, as_json=as_json)


@app.command()
def create(
    context: typer.Context,
    name: str,
    file: DataFile,
    *,
    description: str = "",
    eval_file: EvalFile = None,
    task: Task = "",
    column: Columns = None,
    eval_fraction: Fraction = None,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Make a data set of a file."""
    told = _mapping(eval_file, task, column, eval_fraction, seed)
    with session_of(context).client(as_json=as_json) as client:
        _made(client.datasets.create(name, file, description=description, **told), as_json=as_json)


@app.command()
def upload(
    context: typer.Context,
    dataset: Annotated[str, typer.Argument(metavar="DATASET", help="The data set's id.")],
    file: DataFile,
    *,
    eval_file: EvalFile = None,
    column: Columns = None,
    eval_fraction: Fraction = None,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Upload a file as the next version of a data set."""
    told = _mapping(eval_file, "", column, eval_fraction, seed)
    with session_of(context).client(as_json=as_json) as client:
        _made(client.datasets.add_version(dataset, file, **told), as_json=as_json)


def _mapping(eval_file: Path | None, task: str, columns: list[str] | None, fraction: float | None, seed: int) -> Json:
    told: dict[str, Any] = {}
    if eval_file is not None:
        told["eval_file"] = eval_file
    if task:
        told["task"] = task
    if columns:
        told["columns"] = dict(_pair(text) for text in columns)
    if fraction is not None:
        told["split"] = {"by": "fraction", "eval_fraction": fraction, "seed": seed}
    return told


def _pair(text: str) -> tuple[str, str]:
    role, equals, name = text.partition("=")
    if not (role and equals and name):
        raise typer.BadParameter(f"{text!r} is no pair: write ROLE=COLUMN, such as label=stars.", param_hint="--column")
    return role, name


def _made(dataset: Json, *, as_json: bool) -> None:
    if as_json:
        print_json(dataset)
    else:
        newest = dataset["versions"][0]
        typer.echo(f"{dataset['id']} is {dataset['name']} v{newest['number']} ({newest['id']}), for {dataset['task']}")
