"""Following a sweep in the terminal: a table that changes in place, or a line for each news where stdout is no terminal."""

from typing import Final

import typer
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from hpweb.client.cli.session import FAILED, INTERRUPTED, err, out
from hpweb.client.cli.show import duration, number, params_text, state_text, table
from hpweb.client.progress import Progress
from hpweb.client.sweeps import Sweep
from hpweb.client.trials import Trial

SHOWN: Final = 12
"""So many trials at most, so that the table fits a terminal."""
BAR: Final = 40


def follow(sweep: Sweep, every_s: float, *, quiet: bool = False) -> None:
    """Until the sweep is over. Exits with 1 where it is not complete, with 130 at Ctrl-C; the sweep goes on then."""
    try:
        if quiet:
            sweep.wait(every_s)
        elif out().is_terminal:
            _in_place(sweep, every_s)
        else:
            _in_lines(sweep, every_s)
    except KeyboardInterrupt:
        err().print(f"Not followed any more; the sweep goes on: hpweb sweep follow {sweep.id}", markup=False)
        raise typer.Exit(INTERRUPTED) from None
    if sweep.state != "complete":
        if not quiet:
            err().print(f"{sweep.name}: {_end(sweep.progress)}", style="red", markup=False)
        raise typer.Exit(FAILED)


def _in_place(sweep: Sweep, every_s: float) -> None:
    console: Console = out()
    with Live(console=console, auto_refresh=False, transient=False) as live:
        for progress in sweep.follow(every_s):
            live.update(picture(sweep.name, progress), refresh=True)


def _in_lines(sweep: Sweep, every_s: float) -> None:
    said = ""
    for progress in sweep.follow(every_s):
        line = f"{_word(progress)}: {progress.counted} of {progress.n_trials} trials{_best(progress)}"
        if line != said:
            typer.echo(line)
        said = line


def picture(name: str, progress: Progress) -> RenderableType:
    """The sweep as it stands."""
    head = Table.grid(padding=(0, 2))
    bar = ProgressBar(total=max(1, progress.n_trials), completed=progress.counted, width=BAR)
    head.add_row(Text(name, style="bold"), state_text(progress.state), bar, f"{progress.counted}/{progress.n_trials}")
    times = f"elapsed {duration(progress.elapsed_s)}"
    if progress.remaining_s is not None and not progress.over:
        times += f", about {duration(progress.remaining_s)} left"
    lines: list[RenderableType] = [head, Text(times, style="dim")]
    if progress.waiting:
        lines.append(Text(progress.waiting, style="yellow"))
    if progress.best is not None:
        best = progress.best
        lines.append(
            Text(f"best {number(best.value)} in trial {best.number}:  {params_text(best.params)}", style="green")
        )
    rows = shown_trials(progress)
    if rows:
        lines.append(table(("trial", "state", "value", "parameters"), map(_row, rows), ("trial", "value")))
    if progress.over and progress.state != "complete":
        lines.append(Text(_end(progress), style="red"))
    return Group(*lines)


def shown_trials(progress: Progress) -> list[Trial]:
    """Those that run first, then the newest; by number."""
    running = [trial for trial in progress.trials if trial.state == "running"][:SHOWN]
    others = sorted((trial for trial in progress.trials if trial.state != "running"), key=lambda trial: -trial.number)
    return sorted([*running, *others[: SHOWN - len(running)]], key=lambda trial: trial.number)


def _row(trial: Trial) -> tuple[str, Text, str, str]:
    return str(trial.number), state_text(trial.state), number(_latest(trial)), params_text(trial.params)


def _latest(trial: Trial) -> float | None:
    """The value, of one that runs that of its last evaluation."""
    if trial.value is not None:
        return trial.value
    points = trial.data.get("intermediate") or []
    return points[-1][2] if points else None


def _best(progress: Progress) -> str:
    return f", best {number(progress.best.value)} in trial {progress.best.number}" if progress.best else ""


def _word(progress: Progress) -> str:
    return "failed" if progress.state == "fail" else progress.state


def _end(progress: Progress) -> str:
    told = f": {progress.failure}" if progress.failure else "."
    return f"The sweep was cancelled{told}" if progress.state == "cancelled" else f"The sweep failed{told}"
