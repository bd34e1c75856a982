"""A run's file stream: metrics, the summary, the end."""

from typing import Any

from django.db import transaction

from sweeps.services import scripts
from sweeps.wandb.answers import Refusal
from sweeps.wandb.callers import Caller
from sweeps.wandb.history import number, record, rows, stored
from sweeps.wandb.runs import Run, find_run
from sweeps.wandb.specs import metric_of


@transaction.atomic
def take_stream(caller: Caller, name: str, body: dict[str, Any]) -> None:
    """Take in one request. The same again changes nothing: lines are counted by their offset."""
    if caller.job is not None:
        return  # a runner's job tells of its trials by itself
    run = find_run(caller, name)
    scripts.touch(run.job)
    attempt = run.attempt
    if attempt is None or attempt.state != "running" or not run.facts:
        return  # it has ended, or another run has taken its place
    files = body.get("files")
    files = files if isinstance(files, dict) else {}
    _history(run, files.get("wandb-history.jsonl"))
    _summary(run, files.get("wandb-summary.json"))
    if body.get("complete"):
        _complete(run, body.get("exitcode"))


def _history(run: Run, file: object) -> None:
    offset, lines = _lines(file)
    known = int(run.facts.get("lines", 0))
    new = lines[max(0, known - offset) :]
    if not new:
        return
    found = rows(new, metric_of(run.sweep))
    scripts.report_rows(job=run.job, trial=run.trial, rows=found)
    reported = [objective for *_, objective in found if objective is not None]
    value = {"value": stored(reported[-1])} if reported else {}
    run.remember(lines=max(known, offset + len(lines)), **value)


def _summary(run: Run, file: object) -> None:
    """The last value of each metric; for a script that writes its objective into the summary only."""
    _, lines = _lines(file)
    value = number(record(lines[-1]).get(metric_of(run.sweep))) if lines else None
    if value is not None:
        run.remember(value=stored(value))


def _complete(run: Run, exit_code: object) -> None:
    """The run's end, for now: transformers closes each run once before it trains, and opens it again."""
    value = run.facts.get("value")
    values = [] if value is None else [float(value)]
    if run.facts.get("stopped"):
        scripts.tell_outcome(job=run.job, trial=run.trial, state="pruned", values=values)
    elif exit_code not in (0, None):
        message = f"The script ended this trial with exit code {exit_code}. Its own output says why."
        scripts.tell_outcome(job=run.job, trial=run.trial, state="fail", message=message)
    elif not values:
        metric = metric_of(run.sweep)
        message = f"{metric} was never logged. Log it under the name that the sweep's metric has."
        scripts.tell_outcome(job=run.job, trial=run.trial, state="fail", message=message)
    elif values[0] - values[0] != 0:
        message = f"{metric_of(run.sweep)} is not finite ({value})."
        scripts.tell_outcome(job=run.job, trial=run.trial, state="fail", message=message)
    else:
        scripts.tell_outcome(job=run.job, trial=run.trial, state="complete", values=values)


def _lines(file: object) -> tuple[int, list[str]]:
    if not isinstance(file, dict):
        return 0, []
    offset, content = file.get("offset", 0), file.get("content", [])
    if not isinstance(offset, int) or offset < 0 or not isinstance(content, list):
        raise Refusal("file_stream: an offset and a list of lines are expected.", 400)
    return offset, [line for line in content if isinstance(line, str)]
