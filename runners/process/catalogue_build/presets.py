"""Search spaces to start from."""

from typing import Final

from runners.protocol.catalogue.shapes import Preset
from runners.protocol.space import CategoricalParameter, FloatParameter, IntParameter, SearchSpace

PRESETS: Final[tuple[Preset, ...]] = (
    Preset(
        name="transformers-default",
        label="The transformers default",
        help="What hyperparameter_search(backend='optuna') searches when it is given no space.",
        space=SearchSpace(
            parameters=(
                FloatParameter(name="learning_rate", low=1e-6, high=1e-4, log=True),
                IntParameter(name="num_train_epochs", low=1, high=5),
                IntParameter(name="seed", low=1, high=40),
                CategoricalParameter(name="per_device_train_batch_size", choices=(4, 8, 16, 32, 64)),
            )
        ),
    ),
    Preset(
        name="fine-tuning",
        label="Fine-tuning",
        help="For pretrained weights: small learning rates, few epochs, some warm-up.",
        space=SearchSpace(
            parameters=(
                FloatParameter(name="learning_rate", low=5e-6, high=2e-4, log=True),
                CategoricalParameter(name="per_device_train_batch_size", choices=(8, 16, 32)),
                IntParameter(name="num_train_epochs", low=2, high=4),
                FloatParameter(name="weight_decay", low=0.0, high=0.2),
                FloatParameter(name="warmup_steps", low=0.0, high=0.2),
                CategoricalParameter(name="lr_scheduler_type", choices=("linear", "cosine")),
            )
        ),
    ),
    Preset(
        name="from-scratch",
        label="From scratch",
        help="For random weights: larger learning rates and more regularisation.",
        space=SearchSpace(
            parameters=(
                FloatParameter(name="learning_rate", low=1e-4, high=1e-2, log=True),
                CategoricalParameter(name="per_device_train_batch_size", choices=(16, 32, 64)),
                FloatParameter(name="weight_decay", low=0.0, high=0.3),
                FloatParameter(name="warmup_steps", low=0.0, high=0.3),
                CategoricalParameter(name="lr_scheduler_type", choices=("linear", "cosine", "constant_with_warmup")),
                FloatParameter(name="max_grad_norm", low=0.5, high=5.0),
            )
        ),
    ),
)
