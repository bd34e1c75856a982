"""Low-rank adapters: trained instead of the model's own weights.

Method: Hu et al., LoRA: Low-Rank Adaptation of Large Language Models (2021), as the package peft does it.
"""

import warnings
from collections.abc import Mapping
from typing import Any, Final

from torch import nn
from transformers import PreTrainedModel

from runners.protocol.base import Scalar
from runners.protocol.space import Place, place_of
from runners.protocol.spec import Lora, SweepSpec

_TASK_TYPES: Final = {
    "AutoModelForSequenceClassification": "SEQ_CLS",
    "AutoModelForTokenClassification": "TOKEN_CLS",
    "AutoModelForQuestionAnswering": "QUESTION_ANS",
    "AutoModelForCausalLM": "CAUSAL_LM",
    "AutoModelForSeq2SeqLM": "SEQ_2_SEQ_LM",
}
_HEADS: Final = ("classifier", "score", "projector", "qa_outputs", "classification_head")
"""New heads are trained whole: random weights below an adapter would learn nothing."""
_ALL: Final = "all-linear"


class UnfitAdapters(ValueError):
    """Adapters cannot be put on this model."""


def wanted(spec: SweepSpec, searched: Mapping[str, Scalar]) -> Lora | None:
    """The adapters of a trial: the spec's, with the searched fields (without their place) over them."""
    if spec.lora is None and not searched:
        return None
    return Lora.model_validate({**(spec.lora or Lora()).model_dump(), **searched})


def has_adapters(spec: SweepSpec) -> bool:
    """Whether any trial of the sweep trains adapters."""
    rows = (*spec.space.parameters, *spec.space.derived)
    return spec.lora is not None or any(place_of(row.name) is Place.LORA for row in rows)


def adapted(model: PreTrainedModel, lora: Lora | None, auto_class: str) -> Any:
    """The model, with adapters where they are wanted. Raises `UnfitAdapters` for modules that it does not have."""
    if lora is None:
        return model
    # Imported here: a sweep without adapters must not wait for it.
    from peft import LoraConfig, get_peft_model

    task_type = _TASK_TYPES.get(auto_class)
    heads = [name for name in _HEADS if hasattr(model, name)]
    targets = lora.target_modules
    _check_targets(model, targets)
    more: dict[str, Any] = {} if task_type is None else {"task_type": task_type}
    if task_type is None and heads:
        more["modules_to_save"] = heads
    try:
        config = LoraConfig(
            r=lora.r,
            lora_alpha=lora.alpha,
            lora_dropout=lora.dropout,
            target_modules=_ALL if targets == (_ALL,) else list(targets) or _usual(model),
            **more,
        )
        with warnings.catch_warnings():
            # peft asks the model by a name that transformers is about to drop.
            warnings.simplefilter("ignore", FutureWarning)
            return get_peft_model(model, config)
    except (ValueError, KeyError) as error:
        raise UnfitAdapters(f"LoRA cannot be put on this model: {error}") from error


def _check_targets(model: PreTrainedModel, targets: tuple[str, ...]) -> None:
    if targets in ((), (_ALL,)):
        return
    linear = sorted({name.rpartition(".")[2] for name, part in model.named_modules() if isinstance(part, nn.Linear)})
    every = [name for name, _ in model.named_modules()]
    for target in targets:
        if not any(name == target or name.endswith(f".{target}") for name in every):
            raise UnfitAdapters(f"The model has no module {target!r}. Its linear modules: {', '.join(linear)}.")


def merged(model: Any) -> PreTrainedModel:
    """The model with its adapters worked into its weights, as `from_pretrained` reads it without peft."""
    merge = getattr(model, "merge_and_unload", None)
    plain: PreTrainedModel = model if merge is None else merge()
    return plain


def _usual(model: PreTrainedModel) -> Any:
    """What peft adapts in this architecture; all linear modules where it has no opinion."""
    from peft.utils.constants import TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING as KNOWN

    return None if model.config.model_type in KNOWN else _ALL
