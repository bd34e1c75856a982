"""Refuse a spec before the first trial, with the field and the mend.

Each check raises `InvalidSpec`. What only transformers knows is asked of transformers: arguments are made and models
are sketched at the ends of the space.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial

import torch
from transformers import PreTrainedModel

from runners.optimizers.pruners import NO_PRUNER, make_pruner
from runners.optimizers.samplers import check_fixed, kind_of, make_sampler, unfit
from runners.optimizers.terminators import make_terminator
from runners.process.training.arguments import Arguments
from runners.process.training.corners import Corner, Rows, corners, ends, first_ends, one_by_one
from runners.process.training.lora import UnfitAdapters
from runners.process.training.places import placed
from runners.process.training.refusal import InvalidSpec, first_line
from runners.process.training.task import Task, UnfitSetting, entry_of, settings_of
from runners.protocol.backends import OptunaBackend
from runners.protocol.base import Scalar
from runners.protocol.catalogue import catalogue
from runners.protocol.catalogue.values import check_parameter, typed
from runners.protocol.objective import TRANSFORMERS_DEFAULT
from runners.protocol.space import Place, field_of, place_of
from runners.protocol.spec import ConfigModel, SweepSpec

_REFUSALS = (ValueError, TypeError, KeyError, AttributeError, RuntimeError, NotImplementedError, IndexError)


def check_words(spec: SweepSpec) -> None:
    """Names, types and bounds against the catalogue: data settings, space, objective, sampler, pruner."""
    entry = entry_of(spec)
    for name, value in spec.data_settings.items():
        if name not in entry.by_name:
            raise InvalidSpec(f"data_settings.{name}", f"{entry.label} has no setting {name}.")
        _blame(f"data_settings.{name}", partial(typed, entry.by_name[name], value))
    model_type = spec.model.model_type if isinstance(spec.model, ConfigModel) else None
    for row in spec.space.parameters:
        field = catalogue().field(row.name, task=spec.task, model_type=model_type)
        if field is None:
            why = catalogue().managed.get(row.name)
            raise InvalidSpec(f"space.{row.name}", why or f"{row.name} acts nowhere. Choose a name from the list.")
        _blame(f"space.{row.name}", partial(check_parameter, field, row))
        if field.reshapes and model_type is None:
            raise InvalidSpec(
                f"space.{row.name}", f"{row.name} changes the shape of pretrained weights. Search it with a new model."
            )
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
    rows = tuple(row for row in spec.space.parameters if place_of(row.name) is Place.ARGUMENTS)
    for corner in one_by_one(rows):
        try:
            arguments.make(placed(corner.params).arguments)
        except _REFUSALS as error:
            raise _refused(corner, error) from error


def check_models(spec: SweepSpec, task: Task) -> int:
    """Sketch the model at the ends of the space and push a batch of shapes through it.

    Returns the parameters of the largest one.
    """
    rows = tuple(row for row in spec.space.parameters if place_of(row.name) in {Place.MODEL, Place.DATA, Place.LORA})
    for row in rows:
        if place_of(row.name) is Place.MODEL and task.models.pretrained:
            field = placed({row.name: None}).model
            if not all(hasattr(task.models.config({}), name) for name in field):
                raise InvalidSpec(f"space.{row.name}", f"The config of this model has no field {', '.join(field)}.")
    first = first_ends(rows)
    try:
        largest = _tried(spec, task, first)
    except _REFUSALS as error:
        raise _first_refused(spec, task, rows, error) from error
    for corner in corners(rows):
        try:
            largest = max(largest, _tried(spec, task, {**first, **corner.params}))
        except _REFUSALS as error:
            raise _refused(corner, error) from error
    return largest


def _tried(spec: SweepSpec, task: Task, params: Mapping[str, Scalar]) -> int:
    """The number of the model's parameters. Raises whatever is wrong with it."""
    by_place = placed(params)
    settings = settings_of(spec, by_place.data)
    model = task.sketch(by_place.model, by_place.lora)
    task.check_settings(model.config, settings)
    if not task.models.pretrained:
        # Pretrained weights are loaded for real; a sketch cannot do everything that a checkpoint's own model does.
        _push(model, task.example(model.config, settings))
    count: int = model.num_parameters()
    return count


def _push(model: PreTrainedModel, batch: dict[str, torch.Tensor]) -> None:
    """A forward pass over shapes alone, as far as the model goes without looking at a value."""
    try:
        model(**batch)
    except RuntimeError as error:
        if "meta" not in str(error):
            raise


def _first_refused(spec: SweepSpec, task: Task, rows: Rows, error: Exception) -> InvalidSpec:
    """Whose fault it is that not even the first ends work: the row's that mends it alone, else the spec's own."""
    if isinstance(error, UnfitAdapters):
        return InvalidSpec("lora.target_modules", first_line(error))
    first = first_ends(rows)
    for row in rows:
        for value in ends(row)[1:]:
            with suppress(*_REFUSALS):
                _tried(spec, task, {**first, row.name: value})
                return _refused(Corner({row.name: first[row.name]}, (row.name,)), error)
    if isinstance(error, UnfitSetting) and f"data.{error.name}" not in first:
        return InvalidSpec(f"data_settings.{error.name}", str(error))
    if len(rows) == 1:
        return _refused(Corner(first, (rows[0].name,)), error)
    return InvalidSpec("model", f"The model cannot be trained as it stands: {first_line(error)}")


def _refused(corner: Corner, error: Exception) -> InvalidSpec:
    said = first_line(error)
    told = ", ".join(f"{name} = {value!r}" for name, value in corner.params.items())
    field = min(corner.blame, key=lambda name: (field_of(name) not in said, corner.blame.index(name)))
    return InvalidSpec(f"space.{field}", f"{told} cannot be trained: {said}")


def _blame(field: str, check: Callable[[], object]) -> None:
    try:
        check()
    except ValueError as error:
        raise InvalidSpec(field, str(error)) from error
