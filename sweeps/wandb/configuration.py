"""A sweep configuration, as the W&B client sends it, becomes the spec of a script's sweep."""

import json
from collections.abc import Mapping
from secrets import randbelow
from typing import Any, Final

import yaml
from pydantic import ValidationError

from runners.optimizers.wandb_brain import WandbBrain
from runners.optimizers.wandb_choices import HYPERBAND, NO_EARLY, WANDB_EARLY, early_options
from runners.protocol.backends import NamedChoice, WandbBackend
from runners.protocol.script import ScriptObjective, ScriptSpec
from runners.protocol.spec import Budget
from sweeps.services.scripts import OPEN_ENDED
from sweeps.wandb.early import hyperband

MAX_CONFIGURATION: Final = 64 * 2**10
_UNSEARCHED: Final = ScriptObjective(metric="loss", direction="minimize")


class BadConfiguration(Exception):
    """The configuration can't be searched; the text names the field and the mend."""


def read_configuration(text: object) -> dict[str, Any]:
    """The YAML as a dictionary. BadConfiguration for anything else."""
    if not isinstance(text, str) or len(text) > MAX_CONFIGURATION:
        raise BadConfiguration(f"config: YAML of at most {MAX_CONFIGURATION // 2**10} KiB is expected.")
    try:
        # A few nested aliases unfold to gigabytes, and the client never writes any.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.SafeLoader)):
            raise BadConfiguration("config: YAML aliases are not taken.")
        found = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise BadConfiguration(f"config: the YAML can't be read: {str(error).splitlines()[0]}") from None
    if not isinstance(found, dict):
        raise BadConfiguration("config: method, metric and parameters are expected.")
    try:
        # As it is stored: JSON, which has no dates and no infinity.
        written = json.dumps(found, allow_nan=False, default=str)
    except (ValueError, TypeError, RecursionError) as error:
        raise BadConfiguration(f"config: only strings, finite numbers, true, false and null: {error}.") from None
    if "\\u0000" in written:
        raise BadConfiguration("config: a NUL character can't be kept.")
    plain: dict[str, Any] = json.loads(written)
    return plain


def script_spec(configuration: Mapping[str, Any]) -> ScriptSpec:
    """The spec. Tries the proposer once, since a client can't be told later. BadConfiguration.

    `run_cap` is the budget; a grid has its size; else there is none. `seed`, which W&B does not know, makes the draws
    repeat.
    """
    try:
        seed = configuration.get("seed")
        seed = seed if isinstance(seed, int) and 0 <= seed < 2**32 else randbelow(2**32)
        brain = WandbBrain(configuration, seed)
        brain.propose(0)
        early = _early(configuration.get("early_terminate"))
        budget = _budget(configuration, brain.size)
        spec = ScriptSpec(
            client="wandb",
            definition=dict(configuration),
            names=tuple(dimension.name for dimension in brain.dimensions),
            objectives=(_objective(configuration, needed=brain.method == "bayes" or early.name != NO_EARLY),),
            backend=WandbBackend.model_validate({"method": brain.method, "early_terminate": early}),
            budget=Budget(n_trials=budget or OPEN_ENDED),
            open_ended=budget is None,
            sampler_seed=seed,
        )
        hyperband(spec.backend, spec.objectives[0].direction)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in fault["loc"])
        raise BadConfiguration(f"{where}: {fault['msg']}") from None
    except ValueError as error:
        raise BadConfiguration(str(error)) from None
    return spec


def _objective(configuration: Mapping[str, Any], *, needed: bool) -> ScriptObjective:
    metric = configuration.get("metric")
    if not isinstance(metric, Mapping) or not metric.get("name"):
        if needed:
            raise BadConfiguration("metric: give its name and its goal, minimize or maximize.")
        return _UNSEARCHED
    goal = metric.get("goal", "minimize")
    if goal not in ("minimize", "maximize"):
        raise BadConfiguration(f"metric.goal: minimize or maximize is expected, not {goal!r}. hpweb takes one metric.")
    return ScriptObjective(metric=str(metric["name"]), direction=goal)


def _early(given: object) -> NamedChoice:
    if given is None:
        return NamedChoice(name=NO_EARLY)
    if not isinstance(given, Mapping) or given.get("type") != HYPERBAND:
        raise BadConfiguration("early_terminate.type: hyperband is the only one there is.")
    known = {option.name: option for option in WANDB_EARLY[HYPERBAND].options}
    options = {}
    for name, value in given.items():
        # W&B leaves aside what it does not know here.
        if name in known and value is not None:
            options[name] = float(value) if known[name].type == "float" and isinstance(value, int) else value
    choice = NamedChoice(name=HYPERBAND, options=options)
    early_options(choice)
    return choice


def _budget(configuration: Mapping[str, Any], size: int | None) -> int | None:
    cap = configuration.get("run_cap")
    if cap is None:
        return min(size, OPEN_ENDED) if size is not None else None
    if isinstance(cap, bool) or not isinstance(cap, int) or not 1 <= cap <= OPEN_ENDED:
        raise BadConfiguration(f"run_cap: a whole number from 1 to {OPEN_ENDED} is expected.")
    return min(cap, size) if size is not None else cap
