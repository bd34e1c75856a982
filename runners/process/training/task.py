"""What a task is to the search: rows, datasets, a collator, metrics and a model."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import torch
from transformers import PretrainedConfig

from runners.optimizers.reach import completed, corners, narrowed
from runners.process.folder import Start
from runners.process.training.lora import UnfitAdapters, adapted, wanted
from runners.process.training.models import ModelBuilder
from runners.process.training.own_metrics import with_own_metrics
from runners.process.training.places import placed, typed_derived
from runners.process.training.refusal import InvalidSpec, first_line
from runners.process.training.rows import Columns, Rows
from runners.protocol.base import Scalar
from runners.protocol.catalogue import Task as TaskEntry
from runners.protocol.catalogue import catalogue
from runners.protocol.space import Place, place_of
from runners.protocol.spec import FieldValue, SweepSpec

Settings = Mapping[str, Scalar]


class UnfitSetting(ValueError):
    """A data setting does not go with the model. `name` is the setting's, without its place."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


@dataclass(frozen=True)
class Context:
    """What a task is made from. `prepared`: the job's folder for prepared rows. `store_tokenizer`: key and folder of a
    freshly trained tokenizer → the folder of the one that counts."""

    spec: SweepSpec
    start: Start
    prepared: Path
    store_tokenizer: Callable[[str, Path], Path]


@dataclass(frozen=True)
class Datasets:
    """Map-style datasets for the Trainer."""

    train: Any
    eval: Any


class Task(ABC):
    """A task over one spec: its data are loaded, its processor is there. Raises `InvalidSpec` when they cannot be."""

    name: ClassVar[str]
    columns: ClassVar[Columns]
    """The canonical columns that it reads."""

    rows: Rows
    models: ModelBuilder
    processor: Any
    """The tokenizer, image processor or feature extractor that is saved beside a model."""

    @abstractmethod
    def __init__(self, context: Context) -> None: ...

    spec: SweepSpec

    def build(self, fields: Settings, lora: Settings) -> Any:
        """A trial's model, with adapters where they are wanted."""
        return adapted(self.models.build(fields), wanted(self.spec, lora), entry_of(self.spec).auto_class)

    def sketch(self, fields: Settings, lora: Settings) -> Any:
        """`build` without memory behind the weights."""
        return adapted(self.models.sketch(fields), wanted(self.spec, lora), entry_of(self.spec).auto_class)

    def load(self) -> Any:
        """`build` without any searched field. Raises `InvalidSpec`."""
        model = self.models.load()
        try:
            return adapted(model, wanted(self.spec, {}), entry_of(self.spec).auto_class)
        except UnfitAdapters as error:
            raise InvalidSpec("lora.target_modules", first_line(error)) from error

    @abstractmethod
    def datasets(self, settings: Settings) -> Datasets:
        """Both splits for these data settings (without their place: `max_length`). Kept for the next trial."""

    @abstractmethod
    def collator(self, settings: Settings) -> Callable[[Any], Any]: ...

    @abstractmethod
    def compute_metrics(self, settings: Settings) -> Callable[[Any], dict[str, float]]:
        """From a Trainer's `EvalPrediction` to metrics by name, without `eval_`."""

    def preprocess_logits(self) -> Callable[[Any, Any], Any] | None:
        """From a batch's outputs and labels to what `compute_metrics` needs of them, where that is less."""
        return None

    trainer_mixin: ClassVar[type | None] = None
    """A class to put before the Trainer's, where the task evaluates in a way of its own."""

    def trainer_attributes(self, settings: Settings) -> dict[str, Any]:
        """Attributes of that class, anew for each trial."""
        del settings
        return {}

    def trainer_parts(self, settings: Settings) -> dict[str, Any]:
        """What a Trainer has of the task, under the Trainer's own names: anew for each trial, since settings act on it."""
        rows = self.datasets(settings)
        return {
            "train_dataset": rows.train,
            "eval_dataset": rows.eval,
            "data_collator": self.collator(settings),
            "compute_metrics": with_own_metrics(self.spec.task, self.compute_metrics(settings)),
            "preprocess_logits_for_metrics": self.preprocess_logits(),
        }

    @abstractmethod
    def example(self, config: PretrainedConfig, settings: Settings) -> dict[str, torch.Tensor]:
        """A batch of two rows on torch's meta device, as large as these settings make them, with `labels`."""

    @abstractmethod
    def check_settings(self, config: PretrainedConfig, settings: Settings) -> None:
        """Refuse what would only break in the middle of a trial. Raises `UnfitSetting`."""


def settings_of(spec: SweepSpec, searched: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """The data settings of a trial: the catalogue's defaults, the spec's, the trial's (names without their place)."""
    entry = entry_of(spec)
    return {**{field.name: _scalar(field.default) for field in entry.settings}, **spec.data_settings, **searched}


def first_settings(spec: SweepSpec) -> dict[str, Scalar]:
    """Data settings to begin with: some trial may have these."""
    space = narrowed(spec.space, lambda name: place_of(name) is Place.DATA)
    for values in corners(space):
        with suppress(ValueError):
            params = typed_derived(spec, completed(space, values, spec.processes))
            return settings_of(spec, placed(params).data)
    return settings_of(spec, {})


def entry_of(spec: SweepSpec) -> TaskEntry:
    """The task's catalogue entry."""
    entry = catalogue().task(spec.task)
    if entry is None:
        raise LookupError(f"The catalogue has no task {spec.task}.")
    return entry


def _scalar(value: FieldValue) -> Scalar:
    if isinstance(value, list | dict):
        raise TypeError("A data setting is a single value.")
    return value


def number_of(settings: Settings, name: str) -> float:
    """A numeric setting."""
    value = settings[name]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} is not a number: {value!r}")
    return value
