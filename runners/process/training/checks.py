"""Refuse a spec before the first trial, with the field and the mend.

Each check raises `InvalidSpec`. What only transformers knows is asked of transformers: arguments are made at the ends of
the space. (`fit` does the same for models.)
"""

from collections.abc import Callable, Mapping
from functools import partial

from runners.optimizers.derive import inputs_of
from runners.optimizers.pruners import NO_PRUNER, make_pruner
from runners.optimizers.reach import Row, at, completed, corners, ends, narrowed
from runners.optimizers.samplers import check_fixed, kind_of, make_sampler, unfit
from runners.optimizers.terminators import make_terminator
from runners.process.mirror.registry import lacking
from runners.process.training.arguments import Arguments
from runners.process.training.places import typed_derived
from runners.process.training.refusal import REFUSALS, InvalidSpec, first_line
from runners.process.training.task import entry_of
from runners.protocol.backends import OptunaBackend
from runners.protocol.base import Scalar
from runners.protocol.catalogue import Field, catalogue
from runners.protocol.catalogue.values import check_parameter, typed
from runners.protocol.objective import TRANSFORMERS_DEFAULT
from runners.protocol.space import Place, field_of, place_of
from runners.protocol.spec import ConfigModel, SweepSpec


def check_words(spec: SweepSpec) -> None:
    """Names, types and bounds against the catalogue: data settings, space, objective, sampler, pruner."""
    entry = entry_of(spec)
    for name, value in spec.data_settings.items():
        if name not in entry.by_name:
            raise InvalidSpec(f"data_settings.{name}", f"{entry.label} has no setting {name}.")
        _blame(f"data_settings.{name}", partial(typed, entry.by_name[name], value))
    for row in spec.space.parameters:
        field = _field(spec, row.name)
        if field is not None:
            _blame(f"space.{row.name}", partial(check_parameter, field, row))
    for derived in spec.space.derived:
        _field(spec, derived.name)
        _blame(f"space.{derived.name}", partial(inputs_of, derived))
    known = {metric.name for metric in entry.metrics}
    for objective in spec.objectives:
        for metric in objective.weights or (objective.metric,):
            if metric in known or metric == TRANSFORMERS_DEFAULT:
                continue
            raise InvalidSpec(
                "objectives",
                f"{metric} is not measured by {entry.label}. Metrics: {', '.join(sorted(known))}.",
            )
    backend = spec.backend
    if isinstance(backend, OptunaBackend):
        _blame("backend.sampler", partial(_check_sampler, spec, backend))
        _blame("backend.pruner", partial(make_pruner, backend.pruner))
        if backend.terminator is not None:
            _blame("backend.terminator", partial(make_terminator, backend.terminator))


def check_mirrors(spec: SweepSpec) -> None:
    """Whether this runner can mirror trials as the sweep asks."""
    for name in spec.report_to:
        lacks = lacking(name)
        if lacks:
            raise InvalidSpec("report_to", lacks)


def _field(spec: SweepSpec, name: str) -> Field | None:
    """Where a row acts; None for a variable, which acts nowhere by itself. Raises `InvalidSpec`."""
    if place_of(name) is Place.VARIABLE:
        return None
    model_type = spec.model.model_type if isinstance(spec.model, ConfigModel) else None
    field = catalogue().field(name, task=spec.task, model_type=model_type)
    if field is None:
        why = catalogue().managed.get(name)
        raise InvalidSpec(f"space.{name}", why or f"{name} acts nowhere. Choose a name from the list.")
    if field.reshapes and model_type is None:
        raise InvalidSpec(
            f"space.{name}", f"{name} changes the shape of pretrained weights. Search it with a new model."
        )
    return field


def _check_sampler(spec: SweepSpec, backend: OptunaBackend) -> None:
    kind = kind_of(backend.sampler)
    reason = unfit(kind.name, spec.space, len(spec.objectives))
    if reason:
        raise ValueError(reason)
    check_fixed(backend, spec.space)
    make_sampler(backend.sampler, spec.sampler_seed, spec.space, backend.fixed)


def check_arguments(spec: SweepSpec, arguments: Arguments) -> None:
    """Cross-checks, and `TrainingArguments` at the ends of the space."""
    base = arguments.first
    if isinstance(spec.backend, OptunaBackend) and spec.backend.pruner.name != NO_PRUNER:
        if base.eval_strategy == "no":
            raise InvalidSpec(
                "arguments.eval_strategy",
                "A pruner needs evaluations while training: set eval_strategy to steps or epoch.",
            )
        if len(spec.objectives) > 1:
            raise InvalidSpec("backend.pruner", "With several objectives no trial can be pruned. Choose no pruner.")
    searched = {row.name for row in spec.space.parameters}
    if base.max_steps > 0 and "num_train_epochs" in searched:
        raise InvalidSpec(
            "space.num_train_epochs", "max_steps is set and would override every number of epochs. Remove one of them."
        )
    for row in spec.space.parameters:
        if place_of(row.name) is not Place.ARGUMENTS:
            continue
        for value in ends(row):
            met = at(spec.space, row, value)
            alone = {name: met[name] for name in _conditions(spec, row) if place_of(name) is Place.ARGUMENTS}
            try:
                arguments.make({**alone, row.name: value})
            except REFUSALS as error:
                raise _refused({row.name: value}, error) from error
    for derived in spec.space.derived:
        if place_of(derived.name) is Place.ARGUMENTS:
            _check_derived(spec, arguments, derived.name)


def _conditions(spec: SweepSpec, row: Row) -> list[str]:
    """The rows that a row's condition hangs on, one upon the other."""
    by_name = {other.name: other for other in spec.space.parameters}
    names = []
    while row.when is not None:
        names.append(row.when.name)
        row = by_name[row.when.name]
    return names


def _check_derived(spec: SweepSpec, arguments: Arguments, name: str) -> None:
    """A derived argument must work at one corner of the space at least; where it does not, its trial fails."""
    space = narrowed(spec.space, lambda other: other == name)
    said: Exception | None = None
    for values in corners(space):
        try:
            params = typed_derived(spec, completed(space, values, spec.processes))
            arguments.make({name: params[name]} if name in params else {})
        except REFUSALS as error:
            said = said or error
        else:
            return
    if said is not None:
        raise InvalidSpec(f"space.{name}", f"{name} cannot be computed for any trial: {first_line(said)}") from said


def _refused(params: Mapping[str, Scalar], error: Exception) -> InvalidSpec:
    """The field is the one that the error names, else the first."""
    said = first_line(error)
    told = ", ".join(f"{name} = {value!r}" for name, value in params.items())
    field = next((name for name in params if field_of(name) in said), next(iter(params)))
    return InvalidSpec(f"space.{field}", f"{told} cannot be trained: {said}")


def _blame(field: str, check: Callable[[], object]) -> None:
    try:
        check()
    except ValueError as error:
        raise InvalidSpec(field, str(error)) from error
