"""The model over the whole space: what can never be built, and what some combinations cannot."""

from collections.abc import Callable, Mapping
from itertools import islice, product
from typing import Final

from runners.optimizers.hopeless import Trials
from runners.optimizers.reach import completed, narrowed, several_of
from runners.protocol.base import Scalar
from runners.protocol.catalogue import catalogue
from runners.protocol.space import CategoricalParameter, IntParameter, Place, SearchSpace, field_of, place_of
from runners.protocol.spec import ConfigModel, ModelSource
from sweeps.validation.problems import Problem
from sweeps.validation.relations import broken, filled_config
from sweeps.validation.text import shown

MAX_COMBINATIONS: Final = 3_000
LISTED: Final = 64
"""Whole numbers with as many values are judged one by one, longer ranges at some values."""
OFFSET: Final = {"roberta": 2}
"""Positions that an architecture keeps for itself."""
LENGTH: Final = "data.max_length"


class _Unfit(ValueError):
    """`names`: the parameters that do not fit each other."""

    def __init__(self, names: tuple[str, ...], message: str) -> None:
        super().__init__(message)
        self.names = names


def check_extremes(
    source: ModelSource, space: SearchSpace, settings: Mapping[str, Scalar], processes: int = 1
) -> list[Problem]:
    """Problems at `space.<parameter>` or `data_settings.<name>`. Only models from a config are known well enough.

    A value that fits no value of the others is an error; one that does not fit some is a warning, for its trials fail.
    """
    if not isinstance(source, ConfigModel) or catalogue().model_type(source.model_type) is None:
        return []
    judged = _listed(narrowed(space, lambda name: place_of(name) is Place.MODEL or name == LENGTH))
    judge = _judge(source, settings)
    found = Trials(judged, processes, judge, (_Unfit,)).hopeless()
    if found is not None:
        names = (found.row.name,) if found.row else getattr(found.error, "names", ())
        value = f" ({found.row.name} = {shown(found.value)})" if found.row and found.row.name.startswith("var.") else ""
        return [Problem(_path(space, names), f"{_said(found.error)}{value}")]
    return _some(judged, judge, processes)


def _some(space: SearchSpace, judge: Callable[[dict[str, Scalar]], None], processes: int) -> list[Problem]:
    values = {row.name: several_of(row) for row in space.parameters}
    for chosen in islice(product(*values.values()), MAX_COMBINATIONS):
        try:
            judge(completed(space, dict(zip(values, chosen, strict=True)), processes))
        except _Unfit as error:
            message = f"Some trials will fail, for the space can draw what does not fit: {error}"
            return [Problem(_path(space, error.names), message, warning=True)]
        except ValueError:  # A formula that cannot be computed there: said where formulas are checked.
            continue
    return []


def _said(error: Exception) -> str:
    return f"The space can draw a model that can't be built: {error}" if _is_shape(error) else str(error)


def _is_shape(error: Exception) -> bool:
    return isinstance(error, _Unfit) and LENGTH not in error.names


def _path(space: SearchSpace, names: tuple[str, ...]) -> str:
    rows = [row.name for row in (*space.parameters, *space.derived)]
    at = next((name for name in names if name in rows), None)
    if at is None:
        at = next((name for name in rows if place_of(name) is Place.MODEL), None) if LENGTH not in names else None
    return f"space.{at}" if at else "data_settings.max_length"


def _listed(space: SearchSpace) -> SearchSpace:
    """With short ranges of whole numbers as choices, so that what lies between the ends is judged too."""
    rows = tuple(
        CategoricalParameter(name=row.name, choices=several_of(row, LISTED), when=row.when)
        if isinstance(row, IntParameter)
        else row
        for row in space.parameters
    )
    return SearchSpace(parameters=rows, derived=space.derived)


def _judge(source: ConfigModel, settings: Mapping[str, Scalar]) -> Callable[[dict[str, Scalar]], None]:
    model_type = catalogue().model_type(source.model_type)
    assert model_type is not None
    base = filled_config(model_type, source.fields)
    text = (entry for task in catalogue().tasks if task.modality == "text" for entry in task.settings)
    setting = next((entry for entry in text if entry.name == "max_length"), None)
    fixed = settings.get("max_length") or (setting.default if setting else None)

    def judge(params: dict[str, Scalar]) -> None:
        config = base | {field_of(name): value for name, value in params.items() if place_of(name) is Place.MODEL}
        for relation in broken(config):
            raise _Unfit(tuple(f"model.{name}" for name in relation.fields), relation.message)
        positions, length = config.get("max_position_embeddings"), params.get(LENGTH, fixed)
        if model_type.modality != "text" or not isinstance(positions, int) or not isinstance(length, int):
            return
        usable = positions - OFFSET.get(model_type.name, 0)
        if length > usable:
            message = (
                f"Texts of {length} tokens are longer than the model can read ({usable}): make max_length {usable} or less, "
                "or the model's max_position_embeddings larger."
            )
            raise _Unfit((LENGTH, "model.max_position_embeddings"), message)

    return judge
