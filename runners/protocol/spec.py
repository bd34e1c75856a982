"""The frozen specification of a sweep: everything a runner needs to know to run it, and nothing it must ask for later.

It is JSON, it is frozen when the sweep starts, and the same spec gives the same trials.
"""

from typing import Annotated, Literal, Self

from pydantic import (
    Field,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    StringConstraints,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

from runners.protocol.backends import BackendChoice, OptunaBackend
from runners.protocol.base import Message, Scalar, Sha256
from runners.protocol.objective import Objective
from runners.protocol.space import SearchSpace

SPEC_VERSION = 1

Seed = Annotated[int, Field(ge=0, lt=2**32)]
"""NumPy's range, which `transformers.set_seed` needs."""

TaskName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$", max_length=60)]
"""A task of the catalogue, or of a package that adds one (see docs/extending.md)."""


def _number_or_auto(value: object, read: ValidatorFunctionWrapHandler) -> object:
    """One sentence for the field, where pydantic has one for each side of the union, under names of its own."""
    try:
        return read(value)
    except ValidationError:
        raise ValueError("give a whole number from 1, or auto") from None


TrialsAtATime = Annotated[PositiveInt | Literal["auto"], WrapValidator(_number_or_auto)]

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
    """A data set version: two Parquet files with the canonical columns of the task. Row order is part of the version.

    An index is an int64 into `labels`, which is empty where the task has none. `columns`: what the files hold.

    text-classification: `text` (string), optionally `text_pair`, `label` (index).
    multi-label-classification: `text`, optionally `text_pair`, `labels` (list of indices, perhaps empty).
    text-regression: `text`, optionally `text_pair`, `label` (float64).
    token-classification: `tokens` (list of strings), `tags` (list of indices, as many).
    question-answering: `question`, `context` (strings), `answers` (list of strings), `answer_starts` (list of int64,
    where each begins in the context, in characters; both empty for a question without an answer).
    causal-lm: `text`; or `messages` (list of structs `role`, `content`, both strings), or `prompt` and `completion`.
    seq2seq: `source`, `target` (strings).
    masked-lm: `text`.
    image-classification: `image` (binary, PNG or JPEG as uploaded), `label` (index).
    audio-classification: `audio` (binary, WAV or FLAC as uploaded), `label` (index).
    """

    source: Literal["artifact"] = "artifact"
    digest: Sha256
    train: FileRef
    eval: FileRef
    labels: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


class HubData(Message):
    """A data set by Hub id, loaded by the runner. Without `eval_split`, an `eval_fraction` of the training rows, stratified
    where rows have one label.

    `columns`: canonical column of the task → the data set's own, where the names differ. `input_column` and
    `label_column` are those of single-label classification.
    """

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
    columns: dict[str, str] = {}


DataSource = Annotated[ArtifactData | HubData, Field(discriminator="source")]


class Lora(Message):
    """Low-rank adapters, trained instead of the model's own weights (peft's `LoraConfig`).

    `target_modules`: names of linear modules; empty is peft's choice for the architecture, `("all-linear",)` is all.
    """

    r: PositiveInt = 8
    alpha: PositiveInt = 16
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    target_modules: tuple[str, ...] = ()


Reporting = Literal["wandb", "mlflow", "tensorboard", "trackio"]


class Budget(Message):
    """`timeout_s`: no trial starts later than this after the first claim. `max_failed_trials`: the sweep fails beyond it."""

    n_trials: PositiveInt
    timeout_s: PositiveFloat | None = None
    max_failed_trials: PositiveInt | None = None


class Checkpoints(Message):
    """When a trial's whole state is kept on the runner, so that a lost or paused trial goes on from there.

    Of each trial the newest one is kept, and deleted with the trial's end. `steps`: with `every` = "steps" only.
    """

    every: Literal["off", "evaluation", "steps"] = "off"
    steps: PositiveInt | None = None

    @model_validator(mode="after")
    def _steps(self) -> Self:
        if (self.every == "steps") != (self.steps is not None):
            raise ValueError("steps: give the number of steps when checkpoints are kept every N steps, and only then.")
        return self


class SweepSpec(Message):
    """What a sweep is. `seed` seeds training, `sampler_seed` the sampler; `threads` is torch's thread count in each process.

    `children`: trials at a time on one runner; "auto": as many as the runner finds to be best, up to `max_children`. The number
    changes no trial's value, only the order of adaptive draws. `processes`: of one trial, in distributed data parallel; Optuna only.
    `report_to`: where trials are mirrored, beside hpweb.
    """

    version: Literal[1] = 1
    task: TaskName
    model: ModelSource
    processor: ProcessorSource = ModelProcessor()
    data: DataSource
    data_settings: dict[str, Scalar] = {}
    space: SearchSpace
    objectives: Annotated[tuple[Objective, ...], Field(min_length=1)]
    lora: Lora | None = None
    backend: BackendChoice = OptunaBackend()
    budget: Budget
    arguments: dict[str, FieldValue] = {}
    seed: Seed = 42
    sampler_seed: Seed = 0
    threads: PositiveInt = 1
    children: TrialsAtATime = 1
    max_children: PositiveInt | None = None
    processes: PositiveInt = 1
    report_to: tuple[Reporting, ...] = ()
    keep_best: bool = True
    checkpoints: Checkpoints = Checkpoints()

    @property
    def side_by_side(self) -> int:
        """`children` as a number; 1 where the runner finds it."""
        return self.children if isinstance(self.children, int) else 1

    @model_validator(mode="after")
    def _once(self) -> Self:
        rows = (*self.space.parameters, *self.space.derived)
        both = sorted({row.name for row in rows} & set(self.arguments))
        if both:
            raise ValueError(f"{', '.join(both)}: fixed in the training arguments and searched in the space. Keep one.")
        return self
