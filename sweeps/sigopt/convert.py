"""A SigOpt definition as a search space and what else a sweep needs, with all that could not be carried over."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import ValidationError

from runners.protocol.objective import Objective
from runners.protocol.space import CategoricalParameter, Parameter, SearchSpace, When
from sweeps.sigopt.names import metric_name, place_name
from sweeps.sigopt.rows import BadParameter, row_of


@dataclass
class Converted:
    """`space` and `objectives` hold what was carried over; `notes` what changed on the way; `lost` what was not.

    `names`: SigOpt's own names of the parameters, in the order of the space's rows when none was lost.
    """

    name: str = ""
    space: SearchSpace = field(default_factory=SearchSpace)
    names: tuple[str, ...] = ()
    objectives: tuple[Objective, ...] = ()
    n_trials: int | None = None
    children: int = 1
    notes: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


_SAID = {
    "tasks": "Tasks with costs (multitask): every trial trains in full. A pruner saves time in a similar way.",
    "num_solutions": "num_solutions: a sweep with several objectives keeps the whole Pareto set.",
    "parameters_prior": "Priors",
}
_QUIET = frozenset(
    [
        "name",
        "parameters",
        "metrics",
        "metric",
        "observation_budget",
        "budget",
        "parallel_bandwidth",
        "conditionals",
        "linear_constraints",
        "project",
        "type",
        "metadata",
        "id",
        "object",
        "client",
        "user",
        "created",
        "updated",
        "state",
        "progress",
    ]
)


def convert(definition: Mapping[str, Any], task: str = "") -> Converted:
    """Convert what `read_definition` gave. Never raises for a definition's content: what is wrong lands in `lost`."""
    result = Converted(name=str(definition.get("name") or "")[:100])
    rows = _Rows(result, task)
    result.space = _space(rows.of(definition), result)
    result.names = tuple(rows.renamed)
    _objectives(definition, result)
    _budget(definition, result)
    _rest(definition, result)
    return result


class _Rows:
    """Reads conditionals and parameters, in order. `renamed`: SigOpt's name → ours."""

    def __init__(self, result: Converted, task: str) -> None:
        self.result = result
        self.task = task
        self.rows: list[Parameter] = []
        self.renamed: dict[str, str] = {}

    def of(self, definition: Mapping[str, Any]) -> list[Parameter]:
        for given in _listed(definition.get("conditionals")):
            self._conditional(given)
        for index, given in enumerate(_listed(definition.get("parameters"))):
            self._parameter(given, index)
        return self.rows

    def _placed(self, name: str) -> tuple[str, str] | None:
        place, note = place_name(name, self.task)
        if place in {row.name for row in self.rows}:
            self.result.lost.append(f"{name}: {place} stands in the space already.")
            return None
        self.renamed[name] = place
        return place, note

    def _conditional(self, given: Any) -> None:
        name, values = (given.get("name"), given.get("values")) if isinstance(given, dict) else (None, None)
        if not isinstance(name, str) or not isinstance(values, list) or not values:
            self.result.lost.append("A conditional without a name and values.")
            return
        placed = self._placed(name)
        if placed is None:
            return
        self.result.notes += [placed[1]] if placed[1] else []
        self.rows.append(CategoricalParameter(name=placed[0], choices=tuple(dict.fromkeys(map(str, values)))))

    def _parameter(self, given: Any, index: int) -> None:
        name = given.get("name") if isinstance(given, dict) else None
        if not isinstance(name, str) or not name:
            self.result.lost.append(f"Parameter {index + 1}: it has no name.")
            return
        placed = self._placed(name)
        if placed is None:
            return
        try:
            row, notes = row_of(placed[0], given)
        except BadParameter as error:
            self.result.lost.append(f"{name}: {error}")
            return
        self.result.notes += [text for text in (placed[1], *(f"{name}: {said}" for said in notes)) if text]
        self.rows.append(self._with_condition(row, name, given.get("conditions")))

    def _with_condition(self, row: Parameter, name: str, conditions: Any) -> Parameter:
        if not isinstance(conditions, dict) or not conditions:
            return row
        (source, values), *more = conditions.items()
        if more:
            others = ", ".join(str(other) for other, _ in more)
            self.result.lost.append(f"{name}: its condition on {others}; a row has one condition here.")
        wanted = tuple(map(str, values if isinstance(values, list) else [values]))
        known = next((other for other in self.rows if other.name == self.renamed.get(str(source))), None)
        if not isinstance(known, CategoricalParameter) or not set(wanted) & set(known.choices):
            self.result.lost.append(f"{name}: its condition on {source}, which is no conditional of this definition.")
            return row
        when = When(name=known.name, values=tuple(value for value in known.choices if value in wanted))
        return row.model_copy(update={"when": when})


def _listed(given: Any) -> list[Any]:
    """Parameters as a list; a mapping of name → fields is accepted too."""
    if isinstance(given, dict):
        return [{"name": name, **value} if isinstance(value, dict) else value for name, value in given.items()]
    return list(given) if isinstance(given, list) else []


def _space(rows: list[Parameter], result: Converted) -> SearchSpace:
    try:
        return SearchSpace(parameters=tuple(rows))
    except ValidationError as error:
        result.lost.append(f"The space as a whole: {error.errors()[0]['msg']}")
        return SearchSpace()


def _objectives(definition: Mapping[str, Any], result: Converted) -> None:
    metrics = _listed(definition.get("metrics")) or [definition.get("metric") or "objective"]
    objectives = []
    for given in metrics:
        fields = given if isinstance(given, dict) else {"name": given}
        name, strategy = str(fields.get("name") or "objective"), fields.get("strategy", "optimize")
        if strategy != "optimize":
            result.lost.append(f"Metric {name}: its strategy {strategy}; it is measured all the same.")
            continue
        if fields.get("threshold") is not None:
            result.lost.append(f"Metric {name}: its threshold.")
        direction: Literal["minimize", "maximize"] = "minimize" if fields.get("objective") == "minimize" else "maximize"
        metric = metric_name(name)
        if len(metric) > 100:
            result.lost.append(f"Metric {name[:60]}…: its name is too long.")
            continue
        if metric != name:
            result.notes.append(
                f"The metric {name} is looked for as {metric}: choose another one if the task has it not."
            )
        objectives.append(Objective(metric=metric, direction=direction))
    result.objectives = tuple({objective.metric: objective for objective in objectives}.values())


def _budget(definition: Mapping[str, Any], result: Converted) -> None:
    budget = definition.get("budget", definition.get("observation_budget"))
    if isinstance(budget, int | float) and not isinstance(budget, bool) and 1 <= budget <= 100_000:
        result.n_trials = int(budget)
    elif budget is not None:
        result.lost.append(f"The budget {str(budget)[:40]!r}: it is no number of trials from 1 to 100000.")
    width = definition.get("parallel_bandwidth")
    if isinstance(width, int) and not isinstance(width, bool) and 1 <= width <= 64:
        result.children = width
    elif width is not None:
        result.lost.append(f"parallel_bandwidth {str(width)[:40]!r}: it is no number of trials at a time from 1 to 64.")


def _rest(definition: Mapping[str, Any], result: Converted) -> None:
    constraints = _listed(definition.get("linear_constraints"))
    for given in constraints:
        terms = given.get("terms") if isinstance(given, dict) else None
        names = ", ".join(str(term.get("name")) for term in _listed(terms) if isinstance(term, dict)) or "?"
        result.lost.append(f"A linear constraint over {names}: no backend here draws below one.")
    for name in definition:
        if name in _SAID:
            result.lost.append(_SAID[name])
        elif name not in _QUIET:
            result.lost.append(f"{name[:60]}: hpweb has nothing like it.")
