"""What is called, as Python: the frozen spec as the calls of `hyperparameter_search` that it stands for."""

from collections.abc import Mapping
from typing import Any

from runners.protocol.arguments import ALWAYS, UNLESS_FIXED
from runners.protocol.backends import NamedChoice, optuna_of
from runners.protocol.space import (
    CategoricalParameter,
    FloatParameter,
    IntParameter,
    Parameter,
    Place,
    field_of,
    place_of,
)
from runners.protocol.spec import SweepSpec

SAMPLERS = {"tpe": "TPESampler", "random": "RandomSampler"}
PRUNERS = {"none": "NopPruner", "median": "MedianPruner"}


def called(spec: SweepSpec) -> str:
    """The calls, in the order of the space's rows. A reader's view, not a program: data and model are left out."""
    backend = optuna_of(spec.backend)
    objective, budget = spec.objectives[0], spec.budget
    arguments = {**UNLESS_FIXED, "seed": spec.seed, **spec.arguments, **ALWAYS}
    lines = [
        "def hp_space(trial):",
        "    return {",
        *(f"        {parameter.name!r}: {_suggest(parameter)}," for parameter in spec.space.parameters),
        "    }",
        "",
        "args = TrainingArguments(",
        *(f"    {name}={value!r}," for name, value in arguments.items()),
        ")",
        "trainer = Trainer(model_init=model_init, args=args, train_dataset=train, eval_dataset=eval, …)",
        f"sampler = {_choice(SAMPLERS, backend.sampler, {'seed': spec.sampler_seed})}",
        f"pruner = {_choice(PRUNERS, backend.pruner)}",
        "",
        "# One call a trial over one study: the same draws and values as one call with all of them.",
        *([f"# No trial starts later than {budget.timeout_s:g} s after the first."] if budget.timeout_s else []),
        *([f"# More than {budget.max_failed_trials} failed trials end it."] if budget.max_failed_trials else []),
        f"for _ in range({budget.n_trials}):",
        "    trainer.hyperparameter_search(",
        "        hp_space=hp_space,",
        f"        compute_objective=lambda metrics: metrics[{objective.metric!r}],",
        "        n_trials=1,",
        f"        direction={objective.direction!r},",
        f"        backend={backend.name!r},",
        "        sampler=sampler,",
        "        pruner=pruner,",
        "        storage=storage,",
        "        study_name='sweep',",
        "        load_if_exists=True,",
        "        catch=(Exception,),",
        "    )",
    ]
    if any(place_of(parameter.name) != Place.ARGUMENTS for parameter in spec.space.parameters):
        lines.insert(0, "# model.… is set in the model's config by model_init, data.… in the preprocessing.")
    return "\n".join(lines)


def _suggest(parameter: Parameter) -> str:
    name = repr(parameter.name)
    match parameter:
        case FloatParameter():
            extra = _extra(parameter.step, parameter.log)
            return f"trial.suggest_float({name}, {parameter.low!r}, {parameter.high!r}{_more(extra)})"
        case IntParameter():
            extra = _extra(None if parameter.step == 1 else parameter.step, parameter.log)
            return f"trial.suggest_int({name}, {parameter.low!r}, {parameter.high!r}{_more(extra)})"
        case CategoricalParameter():
            return f"trial.suggest_categorical({name}, {list(parameter.choices)!r})"


def _extra(step: float | None, log: bool) -> dict[str, Any]:
    if step is not None:
        return {"step": step}
    return {"log": True} if log else {}


def _choice(names: Mapping[str, str], choice: NamedChoice, more: Mapping[str, Any] | None = None) -> str:
    return f"{names.get(choice.name, choice.name)}({_keywords({**choice.options, **(more or {})})})"


def _keywords(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{field_of(name)}={value!r}" for name, value in values.items())


def _more(values: Mapping[str, Any]) -> str:
    return f", {_keywords(values)}" if values else ""
