"""Whether parameters make a model that can be trained on the data: found out without memory behind the weights."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Final

import torch
from transformers import PreTrainedModel

from runners.optimizers.hopeless import Trials
from runners.optimizers.reach import Row, narrowed
from runners.process.training.failures import UnfitParameters
from runners.process.training.lora import UnfitAdapters
from runners.process.training.places import Placed, placed, typed_derived
from runners.process.training.refusal import REFUSALS, InvalidSpec, first_line
from runners.process.training.task import Task, UnfitSetting, settings_of
from runners.protocol.base import Scalar
from runners.protocol.space import Place, SearchSpace, field_of, place_of
from runners.protocol.spec import SweepSpec

_PLACES: Final = frozenset({Place.MODEL, Place.DATA, Place.LORA})


def check_models(spec: SweepSpec, task: Task) -> int:
    """Sketch the model at the ends of the space and push a batch of shapes through it.

    A value that works beside no value of the others is refused; one that works beside some is left to its trials.
    Returns the parameters of the largest model. Raises `InvalidSpec`.
    """
    space = narrowed(spec.space, lambda name: place_of(name) in _PLACES)
    _check_fields(space, task)
    counts: list[int] = []

    def sketch(params: dict[str, Scalar]) -> None:
        counts.append(_sketched(spec, task, placed(typed_derived(spec, params))))

    found = Trials(space, spec.processes, sketch, REFUSALS).hopeless()
    if found is not None:
        raise _refused(space, found.row, found.value, found.error) from found.error
    return max(counts)


def check_trial(spec: SweepSpec, task: Task, where: Placed) -> None:
    """Refuse a trial's parameters before its model is made. Raises `UnfitParameters`, with a sentence."""
    if not where.model or task.models.pretrained:
        return
    try:
        _sketched(spec, task, where)
    except REFUSALS as error:
        told = ", ".join(f"model.{name} = {value!r}" for name, value in where.model.items())
        raise UnfitParameters(f"No model can be made with {told}: {first_line(error)}") from error


def _check_fields(space: SearchSpace, task: Task) -> None:
    """A pretrained model's own config has the last word on which fields there are."""
    if not task.models.pretrained:
        return
    for row in (*space.parameters, *space.derived):
        if place_of(row.name) is Place.MODEL and not hasattr(task.models.config({}), field_of(row.name)):
            raise InvalidSpec(f"space.{row.name}", f"The config of this model has no field {field_of(row.name)}.")


def _sketched(spec: SweepSpec, task: Task, where: Placed) -> int:
    """The number of the model's parameters. Raises whatever is wrong with it."""
    settings = settings_of(spec, where.data)
    model = task.sketch(where.model, where.lora)
    task.check_settings(model.config, settings)
    if not task.models.pretrained:
        # Pretrained weights are loaded for real; a sketch cannot do everything that a checkpoint's own model does.
        _push(model, task.example(model.config, settings))
    count: int = model.num_parameters()
    return count


def _push(model: PreTrainedModel, batch: Mapping[str, torch.Tensor]) -> None:
    """A forward pass over shapes alone, as far as the model goes without looking at a value."""
    try:
        model(**batch)
    except RuntimeError as error:
        if "meta" not in str(error):
            raise


def _refused(space: SearchSpace, row: Row | None, value: Scalar, error: Exception) -> InvalidSpec:
    """Whose fault it is: a row's, or the spec's own when no trial works at all."""
    said = first_line(error)
    if row is None and isinstance(error, UnfitAdapters):
        return InvalidSpec("lora.target_modules", said)
    searched = {other.name for other in (*space.parameters, *space.derived)}
    if row is None and isinstance(error, UnfitSetting):
        place = "space.data" if f"data.{error.name}" in searched else "data_settings"
        return InvalidSpec(f"{place}.{error.name}", said)
    if row is None and len(space.parameters) == 1:
        row, value = space.parameters[0], None
        return InvalidSpec(f"space.{row.name}", f"No value of {row.name} can be trained: {said}")
    if row is None:
        with suppress(StopIteration):
            derived = next(other.name for other in space.derived if said.startswith(f"{other.name}:"))
            return InvalidSpec(f"space.{derived}", said)
        return InvalidSpec("model", f"The model cannot be trained as it stands: {said}")
    return InvalidSpec(f"space.{row.name}", f"{row.name} = {value!r} cannot be trained: {said}")
