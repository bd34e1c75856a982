"""A SigOpt experiment, as the client creates it, becomes the spec of a script's sweep."""

from collections.abc import Mapping
from secrets import randbelow
from typing import Any, Final, Literal

from pydantic import ValidationError

from runners.protocol.backends import OptunaBackend
from runners.protocol.script import ScriptObjective, ScriptSpec
from runners.protocol.spec import Budget
from sweeps.services.scripts import OPEN_ENDED
from sweeps.sigopt.api_requests import Refusal
from sweeps.sigopt.convert import convert
from sweeps.sigopt.operations_propose import draw

MAX_ROWS: Final = 200
"""Parameters of an experiment: each proposal is made while the sweep is locked."""
_CONVERTED: Final = ("name", "parameters", "conditionals", "linear_constraints", "budget")


def script_spec(definition: Mapping[str, Any]) -> ScriptSpec:
    """The spec. Refusal for what the search would not honour, since the client can't be told later.

    The definition is kept as it came. Without a budget the script may ask for trials as long as it likes.
    """
    parameters = definition.get("parameters")
    if not isinstance(parameters, list) or not parameters:
        raise Refusal("parameters: a list with at least one parameter is expected.")
    if len(parameters) > MAX_ROWS:
        raise Refusal(f"parameters: at most {MAX_ROWS} are taken, and there are {len(parameters)}.")
    made = convert({name: definition[name] for name in _CONVERTED if definition.get(name) is not None})
    if made.lost:
        raise Refusal(" ".join(made.lost)[:2000])
    try:
        spec = ScriptSpec(
            client="sigopt",
            definition=dict(definition),
            names=made.names,
            space=made.space,
            objectives=_objectives(definition.get("metrics")),
            backend=OptunaBackend(),
            budget=Budget(n_trials=made.n_trials or OPEN_ENDED),
            open_ended=made.n_trials is None,
            sampler_seed=randbelow(2**32),
        )
        draw(spec, 0, ())
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in fault["loc"])
        raise Refusal(f"{where}: {fault['msg']}") from None
    except (ValueError, OverflowError) as error:
        raise Refusal(f"parameters: nothing can be drawn from them: {error}") from None
    return spec


def ignored(definition: Mapping[str, Any]) -> list[str]:
    """What is accepted and does nothing here, a sentence each: the script runs as it would, and its owner should know."""
    parameters = definition.get("parameters")
    priors = [
        str(given.get("name"))
        for given in (parameters if isinstance(parameters, list) else [])
        if isinstance(given, dict) and given.get("prior")
    ]
    metrics = definition.get("metrics")
    thresholds = [
        str(given.get("name"))
        for given in (metrics if isinstance(metrics, list) else [])
        if isinstance(given, dict) and given.get("threshold") is not None
    ]
    said = {
        f"The prior of {', '.join(priors)}: values are drawn from the bounds alone.": priors,
        f"The threshold of {', '.join(thresholds)}: the whole Pareto set is kept.": thresholds,
        "parallel_bandwidth: as many trials run at a time as there are processes of the script.": definition.get(
            "parallel_bandwidth"
        )
        not in (None, 1),  # a list as well as a number may stand there
        "num_solutions: the sweep keeps one best trial, or the whole Pareto set.": definition.get("num_solutions"),
        "tasks: every trial trains in full.": definition.get("tasks"),
    }
    return [sentence for sentence, there in said.items() if there]


def _objectives(metrics: Any) -> tuple[ScriptObjective, ...]:
    """The metrics that are optimised, in order. SigOpt maximises where nothing is said."""
    if not isinstance(metrics, list) or not metrics:
        raise Refusal("metrics: a list with at least one metric is expected.")
    found: dict[str, ScriptObjective] = {}
    for given in metrics:
        name = given.get("name") if isinstance(given, dict) else None
        if not isinstance(name, str) or not 1 <= len(name) <= 200:
            raise Refusal("metrics: each one needs a name of 1 to 200 characters.")
        strategy = given.get("strategy") or "optimize"
        if strategy == "store":
            continue
        if strategy != "optimize":
            raise Refusal(f"metrics.{name}: its strategy is {strategy!r}; hpweb takes optimize and store.")
        if name in found:
            raise Refusal(f"metrics.{name}: it is listed twice.")
        found[name] = ScriptObjective(metric=name, direction=_direction(name, given.get("objective")))
    if not found:
        raise Refusal("metrics: none of them is to be optimised. Give one the strategy optimize.")
    return tuple(found.values())


def _direction(name: str, objective: Any) -> Literal["minimize", "maximize"]:
    match objective:
        case None | "maximize":
            return "maximize"
        case "minimize":
            return "minimize"
        case _:
            raise Refusal(f"metrics.{name}: its objective is minimize or maximize, not {str(objective)[:40]!r}.")
