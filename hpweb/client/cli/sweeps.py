"""`hpweb sweep …`"""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from hpweb.client.cli.live import follow as follow_sweep
from hpweb.client.cli.session import err, out, print_json, session_of
from hpweb.client.cli.show import duration, facts, number, params_text, state_text, sweep_rows
from hpweb.client.sweeps import EVERY_S, Sweep

app = typer.Typer(no_args_is_help=True, help="Make, see, control and follow sweeps.")

Id = Annotated[str, typer.Argument(metavar="SWEEP", help="The sweep's id.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
Follow = Annotated[bool, typer.Option("--follow", help="Show how it goes, until it is over.")]
Every = Annotated[float, typer.Option("--every", min=0.1, help="Seconds between two looks.")]
File = Annotated[Path, typer.Argument(help="A YAML file; - is stdin.")]


@app.command()
def create(
    context: typer.Context,
    file: File,
    *,
    name: Annotated[str, typer.Option(help="Instead of the file's own.")] = "",
    start: Annotated[bool, typer.Option("--start", help="Start it too, or make nothing where it can't start.")] = False,
    follow: Annotated[bool, typer.Option("--follow", help="Start it, and show how it goes until it is over.")] = False,
    every: Every = EVERY_S,
    as_json: AsJson = False,
) -> None:
    """Make a sweep of a YAML file. Exit code: 0 complete, 1 failed, 2 refused."""
    with session_of(context).client(as_json=as_json) as client:
        sweep = client.sweeps.create(read_document(file), name=name, start=start or follow)
        if not as_json:
            _say_warnings(sweep)
            typer.echo(f"{sweep.id} {'is started' if start or follow else 'is made'}: {sweep.url}")
        _end(sweep, follow=follow, every=every, as_json=as_json)


@app.command("list")
def list_(
    context: typer.Context,
    state: Annotated[str, typer.Option(help="Only those in this state.")] = "",
    archived: Annotated[bool, typer.Option("--archived", help="Those in the archive instead.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="So many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """The team's sweeps, the newest first."""
    asked: dict[str, Any] = {"state": state or None, "archived": "1" if archived else None}
    with session_of(context).client(as_json=as_json) as client:
        found = [row for row, _ in zip(client.sweeps.list(**asked), range(limit), strict=False)]
    if as_json:
        print_json(found)
    elif found:
        out().print(sweep_rows(found))
    else:
        err().print("No sweeps.")


@app.command()
def get(context: typer.Context, sweep: Id, as_json: AsJson = False) -> None:
    """One sweep as it stands."""
    with session_of(context).client(as_json=as_json) as client:
        _show(client.sweeps.get(sweep), as_json=as_json)


@app.command()
def follow(context: typer.Context, sweep: Id, every: Every = EVERY_S, as_json: AsJson = False) -> None:
    """Show how it goes until it is over. Exit code: 0 complete, 1 failed or cancelled. Ctrl-C leaves the sweep alone."""
    with session_of(context).client(as_json=as_json) as client:
        _end(client.sweeps.get(sweep), follow=True, every=every, as_json=as_json)


@app.command()
def start(
    context: typer.Context, sweep: Id, follow: Follow = False, every: Every = EVERY_S, as_json: AsJson = False
) -> None:
    """Start a draft."""
    with session_of(context).client(as_json=as_json) as client:
        found = client.sweeps.get(sweep).start()
        if not as_json:
            typer.echo(f"{found.id} is started: {found.url}")
        _end(found, follow=follow, every=every, as_json=as_json)


@app.command()
def pause(
    context: typer.Context,
    sweep: Id,
    checkpoint: Annotated[bool, typer.Option("--checkpoint", help="Running trials leave at a checkpoint.")] = False,
    as_json: AsJson = False,
) -> None:
    """No new trial; the runner is free when those that run have ended."""
    with session_of(context).client(as_json=as_json) as client:
        _done(client.sweeps.get(sweep).pause(checkpoint=checkpoint), as_json=as_json)


@app.command()
def resume(context: typer.Context, sweep: Id, as_json: AsJson = False) -> None:
    """Go on after a pause."""
    with session_of(context).client(as_json=as_json) as client:
        _done(client.sweeps.get(sweep).resume(), as_json=as_json)


@app.command()
def stop(context: typer.Context, sweep: Id, as_json: AsJson = False) -> None:
    """No new trial; those that run finish, and the sweep is complete."""
    with session_of(context).client(as_json=as_json) as client:
        _done(client.sweeps.get(sweep).stop(), as_json=as_json)


@app.command()
def cancel(context: typer.Context, sweep: Id, as_json: AsJson = False) -> None:
    """Running trials end now."""
    with session_of(context).client(as_json=as_json) as client:
        _done(client.sweeps.get(sweep).cancel(), as_json=as_json)


@app.command()
def extend(
    context: typer.Context,
    sweep: Id,
    n_trials: Annotated[int, typer.Argument(metavar="TRIALS", min=1, help="So many in all.")],
    *,
    timeout: Annotated[float | None, typer.Option(help="Seconds from now; without, no limit.")] = None,
    follow: Follow = False,
    every: Every = EVERY_S,
    as_json: AsJson = False,
) -> None:
    """More trials for a sweep that has ended."""
    with session_of(context).client(as_json=as_json) as client:
        found = client.sweeps.get(sweep).extend(n_trials, timeout_s=timeout)
        if follow:
            _end(found, follow=True, every=every, as_json=as_json)
        else:
            _done(found, as_json=as_json)


@app.command()
def export(
    context: typer.Context,
    sweep: Id,
    to: Annotated[Path, typer.Argument(help="A folder or a file name.")] = Path(),
    form: Annotated[str, typer.Option("--format", help="csv, json or parquet.")] = "csv",
    as_json: AsJson = False,
) -> None:
    """Save the trials as a table."""
    with session_of(context).client(as_json=as_json) as client:
        _saved(client.sweeps.get(sweep).export(to, form), as_json=as_json)


@app.command()
def download(
    context: typer.Context,
    sweep: Id,
    to: Annotated[Path, typer.Argument(help="A folder or a file name.")] = Path(),
    as_json: AsJson = False,
) -> None:
    """Save the best model as a zip."""
    with session_of(context).client(as_json=as_json) as client:
        _saved(client.sweeps.get(sweep).download_model(to), as_json=as_json)


@app.command()
def yaml(context: typer.Context, sweep: Id) -> None:
    """Print the sweep as YAML, which `create` makes again."""
    with session_of(context).client() as client:
        typer.echo(client.sweeps.get(sweep).yaml(), nl=False)


def read_document(file: Path) -> str:
    """What the file says, or stdin."""
    if str(file) == "-":
        text = sys.stdin.read()
    else:
        try:
            text = file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
            raise typer.BadParameter(f"{file} can't be read: {why}.", param_hint="FILE") from None
    # A text without a line break would be taken for a file's name.
    return text if "\n" in text else f"{text}\n"


def _end(sweep: Sweep, *, follow: bool, every: float, as_json: bool) -> None:
    try:
        if follow:
            follow_sweep(sweep, every, quiet=as_json)
    finally:
        if as_json:
            print_json(sweep.data)


def _done(sweep: Sweep, *, as_json: bool) -> None:
    if as_json:
        print_json(sweep.data)
    else:
        progress = sweep.progress
        settled = progress.over or progress.wanted in {"run", ""} or progress.state == "paused"
        typer.echo(f"{sweep.id} is {sweep.state}{'' if settled else f', asked to {progress.wanted}'}.")


def _saved(path: Path, *, as_json: bool) -> None:
    if as_json:
        print_json({"path": str(path), "bytes": path.stat().st_size})
    else:
        typer.echo(str(path))


def _show(sweep: Sweep, *, as_json: bool) -> None:
    if as_json:
        print_json(sweep.data)
        return
    progress = sweep.progress
    best = progress.best
    pairs: list[tuple[str, str | Text]] = [
        ("name", sweep.name),
        ("state", state_text(sweep.state)),
        ("trials", f"{progress.counted} of {progress.n_trials}"),
        ("best", f"{number(best.value)} in trial {best.number}: {params_text(best.params)}" if best else "–"),
        ("elapsed", duration(progress.elapsed_s)),
        ("page", sweep.url),
    ]
    if progress.failure:
        pairs.append(("failure", progress.failure))
    if progress.waiting:
        pairs.append(("waiting", progress.waiting))
    out().print(facts(pairs))


def _say_warnings(sweep: Sweep) -> None:
    for kind, style in (("warnings", "yellow"), ("problems", "red")):
        for path, said in sweep.data.get(kind, {}).items():
            for sentence in said:
                err().print(f"{path}: {sentence}", style=style, markup=False)
    if sweep.data.get("problems"):
        err().print("Until this is mended it can't start.", style="red")
