"""A model from any of the three sources, with the fields that a trial wants."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
import transformers
from transformers import AutoConfig, PretrainedConfig, PreTrainedModel

from runners.process.training.hub import hub_id
from runners.process.training.refusal import InvalidSpec, first_line
from runners.protocol.base import Scalar
from runners.protocol.catalogue import catalogue
from runners.protocol.catalogue.values import typed
from runners.protocol.spec import ConfigModel, FolderModel, HubModel, ModelSource

Fields = Mapping[str, Scalar]
Adapt = Callable[[PretrainedConfig], None]


class ModelBuilder:
    """Builds the same model for the same fields and seed.

    `adapt` brings a new config in line with the data (vocabulary, special tokens); pretrained configs are left alone.
    `fields` are the task's own (`problem_type`), of both kinds. The config gets the names of `labels` where there are
    some and `fields` does not say another number of outputs.
    Weights come from safetensors only and code never comes with them.
    """

    def __init__(
        self,
        source: ModelSource,
        auto_class: str,
        labels: tuple[str, ...],
        roots: tuple[str, ...],
        adapt: Adapt,
        *,
        fields: Mapping[str, Any] | None = None,
    ) -> None:
        self._source = source
        self._auto: Any = getattr(transformers, auto_class)
        self._adapt = adapt
        self._task: dict[str, Any] = dict(fields or {})
        if labels and "num_labels" not in self._task:
            self._task["id2label"] = dict(enumerate(labels))
            self._task["label2id"] = {label: index for index, label in enumerate(labels)}
        self._given: dict[str, Any] = {}
        self._place = ""
        self._options: dict[str, Any] = {}
        match source:
            case ConfigModel():
                self._given = _typed_fields(source)
            case HubModel():
                self._place, self._options = hub_id(source.id, field="model"), {"revision": source.revision}
            case FolderModel():
                self._place = str(listed_folder(source.path, roots, field="model"))

    @property
    def pretrained(self) -> bool:
        return not isinstance(self._source, ConfigModel)

    def config(self, fields: Fields) -> PretrainedConfig:
        """The config with `fields` set. Raises whatever transformers has against them."""
        if isinstance(self._source, ConfigModel):
            config: PretrainedConfig = AutoConfig.for_model(
                self._source.model_type, **{**self._given, **fields}, **self._task
            )
            # An empty list is what makes the auto class take its first model where it has several for a type.
            config.architectures = config.architectures or []
            self._adapt(config)
            return config
        loaded: PretrainedConfig = AutoConfig.from_pretrained(
            self._place, trust_remote_code=False, **self._options, **fields, **self._task
        )
        return loaded

    def build(self, fields: Fields) -> PreTrainedModel:
        """The model in float32, in memory. New weights are drawn from torch's present random state."""
        config = self.config(fields)
        if isinstance(self._source, ConfigModel):
            made: PreTrainedModel = self._auto.from_config(config, trust_remote_code=False)
            return made
        loaded: PreTrainedModel = self._auto.from_pretrained(
            self._place,
            config=config,
            use_safetensors=True,
            trust_remote_code=False,
            # A checkpoint in half precision would be trained in half precision.
            dtype=torch.float32,
            # A head for other labels is replaced by a new one.
            ignore_mismatched_sizes=True,
            **self._options,
        )
        return loaded

    def sketch(self, fields: Fields) -> PreTrainedModel:
        """The model without memory behind its weights: to count and to try shapes."""
        config = self.config(fields)
        with torch.device("meta"):
            sketched: PreTrainedModel = self._auto.from_config(config, trust_remote_code=False)
        return sketched

    def load(self) -> PreTrainedModel:
        """`build({})`. Raises `InvalidSpec`."""
        with self._blamed():
            return self.build({})

    def base_config(self) -> PretrainedConfig:
        """`config({})`. Raises `InvalidSpec`."""
        with self._blamed():
            return self.config({})

    def inputs(self) -> frozenset[str]:
        """The names of what the model's forward pass reads. Raises `InvalidSpec`."""
        with self._blamed():
            return frozenset(inspect.signature(self.sketch({}).forward).parameters)

    @contextmanager
    def _blamed(self) -> Iterator[None]:
        """A failure without any searched field is the fault of the spec's model."""
        try:
            yield
        except (OSError, ValueError, TypeError, RuntimeError, KeyError, ImportError) as error:
            where = f"{self._place} could not be loaded" if self.pretrained else "The model could not be built"
            mend = " Check the id and that this runner reaches the Hub." if isinstance(self._source, HubModel) else ""
            raise InvalidSpec("model", f"{where}: {first_line(error)}{mend}") from error


def listed_folder(path: str, roots: tuple[str, ...], *, field: str) -> Path:
    """The folder behind `path`, links resolved, if it lies below a listed root and holds safetensors or a processor."""
    folder = Path(path).expanduser()
    candidates = [folder] if folder.is_absolute() else [Path(root) / folder for root in roots]
    for candidate in candidates:
        real = candidate.resolve()
        if real.is_dir() and any(real.is_relative_to(Path(root).resolve()) for root in roots):
            return _readable(real, path, field)
    listed = ", ".join(roots) or "none"
    raise InvalidSpec(field, f"{path} is no folder below a model root of this runner. Roots: {listed}.")


def _readable(folder: Path, path: str, field: str) -> Path:
    if field == "model":
        if not (folder / "config.json").is_file():
            raise InvalidSpec(field, f"{path} has no config.json: it is not a saved model.")
        if not any(folder.glob("*.safetensors")):
            raise InvalidSpec(field, f"{path} has no safetensors weights. Save the model with safe serialization.")
    return folder


def _typed_fields(source: ConfigModel) -> dict[str, Any]:
    model_type = catalogue().model_type(source.model_type)
    if model_type is None:
        known = ", ".join(entry.name for entry in catalogue().model_types)
        raise InvalidSpec("model", f"Model type {source.model_type!r} is unknown. Model types: {known}.")
    fields: dict[str, Any] = {}
    for name, value in source.fields.items():
        field = model_type.by_name.get(name)
        if field is None:
            raise InvalidSpec(f"model.{name}", f"{model_type.label} has no field {name} that may be set.")
        try:
            fields[name] = typed(field, value)
        except ValueError as error:
            raise InvalidSpec(f"model.{name}", str(error)) from error
    return fields
