"""The objectives as `compute_objective`."""

from runners.protocol.objective import TRANSFORMERS_DEFAULT, WEIGHTED_SUM, Objective
from sweeps.queries.script.writer import Writer, literal


def add_objective(writer: Writer, objectives: tuple[Objective, ...], *, apart: bool = False) -> None:
    """`compute_objective(metrics)`: a number, or a tuple of them; not finite is a failure.

    `apart`: where the best evaluation counts, `compute_objective` still gives the one at hand, which is what a pruner
    must see, and `best_of_trial()` the best ones so far.
    """
    writer.use("math")
    best = any(objective.over == "best" for objective in objectives)
    lines = [f"values = [{', '.join(_value(writer, objective) for objective in objectives)}]"]
    lines += [
        "# Repair: infinity would count as a result.",
        "if not all(map(math.isfinite, values)):",
        '    raise ValueError(f"the objective is {values}")',
    ]
    tail = ""
    if best:
        lines += [
            "# Repair: the value of a trial is its last evaluation; the best one must be remembered.",
            "seen.append(values)",
        ]
        if apart:
            tail = f"\n\n\ndef best_of_trial():\n    values = [{_picks(objectives, 'seen[-1]')}]\n    {_answer(objectives)}"
        else:
            lines.append(f"values = [{_picks(objectives, 'values')}]")
    lines.append(_answer(objectives))
    head = "# Repair: by default all metrics are summed.\ndef compute_objective(metrics):\n"
    if best:
        head = "seen = []  # the evaluations of the trial at work\n\n\n" + head
    writer.add(head + "\n".join(f"    {line}" for line in lines) + tail)


def _picks(objectives: tuple[Objective, ...], last: str) -> str:
    return ", ".join(
        f"{'max' if objective.direction == 'maximize' else 'min'}(row[{index}] for row in seen)"
        if objective.over == "best"
        else f"{last}[{index}]"
        for index, objective in enumerate(objectives)
    )


def _answer(objectives: tuple[Objective, ...]) -> str:
    return "return values[0]" if len(objectives) == 1 else "return tuple(values)"


def _value(writer: Writer, objective: Objective) -> str:
    if objective.metric == TRANSFORMERS_DEFAULT:
        writer.use("transformers.trainer_utils", "default_compute_objective")
        return "default_compute_objective(dict(metrics))"
    if objective.metric == WEIGHTED_SUM:
        return " + ".join(f"{weight!r} * metrics[{name!r}]" for name, weight in objective.weights.items())
    return f"metrics[{objective.metric!r}]"


def directions(objectives: tuple[Objective, ...]) -> str:
    """As `direction=` wants them."""
    named = [objective.direction for objective in objectives]
    return literal(named[0] if len(named) == 1 else named)
