"""The frozen specification of a sweep: everything a runner needs to know to run it, and nothing it must ask for later.

It is JSON, it is frozen when the sweep starts, and the same spec gives the same trials.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, StringConstraints, model_validator

from runners.protocol.base import Message, Scalar, Sha256
from runners.protocol.space import SearchSpace

SPEC_VERSION = 1

Seed = Annotated[int, Field(ge=0, lt=2**32)]
"""NumPy's range, which `transformers.set_seed` needs."""

TaskName = Literal["text-classification", "image-classification"]

FieldValue = Scalar | list[Scalar] | dict[str, Scalar]


class HubModel(Message):
    """Pretrained weights by Hub id. `revision` is a branch, tag or commit; None is the default branch."""

    source: Literal["hub"] = "hub"
    id: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    revision: str | None = None


class FolderModel(Message):
    """Pretrained weights in a folder of the runner, below one of the roots that its operator has listed."""

    source: Literal["folder"] = "folder"
    path: Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class ConfigModel(Message):
    """A new model with random weights: transformers' `model_type` and the config fields that differ from its defaults."""

    source: Literal["config"] = "config"
    model_type: str
    fields: dict[str, FieldValue] = {}


ModelSource = Annotated[HubModel | FolderModel | ConfigModel, Field(discriminator="source")]


class ModelProcessor(Message):
    """The tokenizer or image processor that lies beside the model's weights."""

    source: Literal["model"] = "model"


class TrainedTokenizer(Message):
    """A tokenizer trained once on the data set's training split, then kept as an artifact."""

    source: Literal["trained"] = "trained"
    algorithm: Literal["wordpiece", "bpe"] = "wordpiece"
    vocab_size: Annotated[int, Field(ge=100, le=200_000)] = 4000
    lowercase: bool = True


class NewImageProcessor(Message):
    """An image processor made from the model's image size and channels, with mean and standard deviation 0.5."""

    source: Literal["new"] = "new"


ProcessorSource = Annotated[
    ModelProcessor | HubModel | FolderModel | TrainedTokenizer | NewImageProcessor, Field(discriminator="source")
]
"""`hub` and `folder` here name another place to load the tokenizer or image processor from."""


class FileRef(Message):
    """A file in the artifact store. `rows` where it is a table."""

    sha256: Sha256
    size: NonNegativeInt
    rows: NonNegativeInt | None = None


class ArtifactData(Message):
    """A data set version: two Parquet files with the canonical columns of the task.

    text-classification: `text` (string), `label` (int64, an index into `labels`).
    image-classification: `image` (binary, PNG or JPEG as uploaded), `label` (int64).
    Row order is part of the version.
    """

    source: Literal["artifact"] = "artifact"
    digest: Sha256
    train: FileRef
    eval: FileRef
    labels: tuple[str, ...]


class HubData(Message):
    """A data set by Hub id, loaded by the runner. Without `eval_split`, a stratified `eval_fraction` of the training rows."""

    source: Literal["hub"] = "hub"
    id: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    config: str | None = None
    revision: str | None = None
    train_split: str = "train"
    eval_split: str | None = None
    eval_fraction: Annotated[float, Field(gt=0, lt=1)] = 0.2
    split_seed: Seed = 0
    input_column: str = "text"
    label_column: str = "label"


DataSource = Annotated[ArtifactData | HubData, Field(discriminator="source")]


class Objective(Message):
    """A metric as the Trainer names it (`eval_accuracy`, `eval_loss`) and what is better. Its value is the last evaluation's."""

    metric: Annotated[str, StringConstraints(pattern=r"^eval_[A-Za-z0-9_]+$")]
    direction: Literal["minimize", "maximize"]


class NamedChoice(Message):
    """A sampler or pruner by name, with the options that differ from its defaults. Names: `runners.optimizers`."""

    name: str
    options: dict[str, Scalar] = {}


class OptunaBackend(Message):
    name: Literal["optuna"] = "optuna"
    sampler: NamedChoice = NamedChoice(name="tpe")
    pruner: NamedChoice = NamedChoice(name="none")


class Budget(Message):
    """`timeout_s`: no trial starts later than this after the first claim. `max_failed_trials`: the sweep fails beyond it."""

    n_trials: PositiveInt
    timeout_s: PositiveFloat | None = None
    max_failed_trials: PositiveInt | None = None


class SweepSpec(Message):
    """What a sweep is. `seed` seeds training, `sampler_seed` the sampler; `threads` is torch's thread count in each child."""

    version: Literal[1] = 1
    task: TaskName
    model: ModelSource
    processor: ProcessorSource = ModelProcessor()
    data: DataSource
    data_settings: dict[str, Scalar] = {}
    space: SearchSpace
    objectives: Annotated[tuple[Objective, ...], Field(min_length=1)]
    backend: OptunaBackend = OptunaBackend()
    budget: Budget
    arguments: dict[str, FieldValue] = {}
    seed: Seed = 42
    sampler_seed: Seed = 0
    threads: PositiveInt = 1
    children: PositiveInt = 1
    keep_best: bool = True

    @model_validator(mode="after")
    def _once(self) -> Self:
        both = sorted({p.name for p in self.space.parameters} & set(self.arguments))
        if both:
            raise ValueError(f"{', '.join(both)}: fixed in the training arguments and searched in the space. Keep one.")
        return self
