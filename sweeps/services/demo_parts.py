"""What the demo shows, as data: two models, two spaces, two sweeps."""

from dataclasses import dataclass, field
from typing import Final

from runners.protocol.backends import NamedChoice, OptunaBackend
from runners.protocol.objective import Objective
from runners.protocol.space import CategoricalParameter, FloatParameter, IntParameter, SearchSpace
from sweeps.services.model_presets import TINY_BERT, TINY_VIT, ModelPreset
from sweeps.validation.draft import Draft, DraftBudget


@dataclass(frozen=True)
class DemoSweep:
    """One demo sweep with its parts. `dataset` is a key of the package data sets."""

    name: str
    description: str
    task: str
    dataset: str
    dataset_name: str
    model: ModelPreset
    space_name: str
    space_description: str
    space: SearchSpace
    draft: Draft = field(default_factory=Draft)


_ACCURACY: Final = (Objective(metric="eval_accuracy", direction="maximize"),)

TEXT: Final = DemoSweep(
    name="Which language is this?",
    description="Twelve near languages, told apart by a tiny BERT that starts from random weights.",
    task="text-classification",
    dataset="language-id",
    dataset_name="Languages of Django's translations",
    model=TINY_BERT,
    space_name="Tiny BERT, from scratch",
    space_description="Learning rate, batch, schedule, decay, dropout and first weights of a small model.",
    space=SearchSpace(
        parameters=(
            FloatParameter(name="learning_rate", low=2e-4, high=1e-2, log=True),
            CategoricalParameter(name="per_device_train_batch_size", choices=(16, 32, 64)),
            CategoricalParameter(name="lr_scheduler_type", choices=("linear", "cosine", "constant")),
            FloatParameter(name="weight_decay", low=0.0, high=0.3),
            FloatParameter(name="model.hidden_dropout_prob", low=0.0, high=0.3),
            FloatParameter(name="model.initializer_range", low=0.02, high=0.15, log=True),
        )
    ),
    draft=Draft(
        objectives=_ACCURACY,
        backend=OptunaBackend(sampler=NamedChoice(name="tpe", options={"n_startup_trials": 4})),
        budget=DraftBudget(n_trials=10),
        arguments={
            "num_train_epochs": 3.0,
            "eval_strategy": "epoch",
            "per_device_eval_batch_size": 128,
            "logging_steps": 10.0,
            "save_strategy": "no",
        },
        data_settings={"max_length": 32},
    ),
)

IMAGES: Final = DemoSweep(
    name="Handwritten digits",
    description="Ten digits of 8 by 8 pixels and a tiny ViT that starts from random weights.",
    task="image-classification",
    dataset="digits",
    dataset_name="Handwritten digits",
    model=TINY_VIT,
    space_name="Tiny ViT, from scratch",
    space_description="Learning rate, batch, schedule, layers, activation and first weights of a small image model.",
    space=SearchSpace(
        parameters=(
            FloatParameter(name="learning_rate", low=3e-4, high=2e-2, log=True),
            CategoricalParameter(name="per_device_train_batch_size", choices=(16, 32, 64)),
            CategoricalParameter(name="lr_scheduler_type", choices=("linear", "cosine", "constant")),
            IntParameter(name="model.num_hidden_layers", low=1, high=3),
            CategoricalParameter(name="model.hidden_act", choices=("gelu", "relu")),
            FloatParameter(name="model.initializer_range", low=0.02, high=0.2, log=True),
        )
    ),
    draft=Draft(
        objectives=_ACCURACY,
        backend=OptunaBackend(
            sampler=NamedChoice(name="tpe", options={"n_startup_trials": 4}),
            pruner=NamedChoice(name="median", options={"n_startup_trials": 4, "n_warmup_steps": 150}),
        ),
        budget=DraftBudget(n_trials=10),
        arguments={
            "num_train_epochs": 6.0,
            "eval_strategy": "epoch",
            "per_device_eval_batch_size": 256,
            "logging_steps": 10.0,
            "save_strategy": "no",
        },
    ),
)

SWEEPS: Final = (TEXT, IMAGES)
