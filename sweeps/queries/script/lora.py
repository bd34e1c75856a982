"""Low-rank adapters as code: peft's `LoraConfig`, on the model of a trial."""

from typing import Final

from runners.protocol.space import Place
from runners.protocol.spec import Lora
from sweeps.queries.script.parts import Part

TASK_TYPES: Final = {
    "AutoModelForSequenceClassification": "SEQ_CLS",
    "AutoModelForTokenClassification": "TOKEN_CLS",
    "AutoModelForQuestionAnswering": "QUESTION_ANS",
    "AutoModelForCausalLM": "CAUSAL_LM",
    "AutoModelForSeq2SeqLM": "SEQ_2_SEQ_LM",
}
HEADS: Final = ("classifier", "score", "projector", "qa_outputs", "classification_head")
"""New heads, which are trained whole; peft knows those of its task types itself."""
KNOWN: Final = "TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING"


def lora_lines(part: Part, auto_class: str) -> list[str]:
    """The lines that put adapters on `model`, from `params`; none where no trial trains adapters."""
    searched = part.searched(Place.LORA)
    if part.spec.lora is None and not searched:
        return []
    part.writer.use("peft", "LoraConfig", "get_peft_model")
    lora = part.spec.lora or Lora()
    lines = ["lora = LoraConfig("]
    for name, keyword, fixed in (
        ("r", "r", lora.r),
        ("alpha", "lora_alpha", lora.alpha),
        ("dropout", "lora_dropout", lora.dropout),
    ):
        value = f"params.get({f'lora.{name}'!r}, {fixed!r})" if name in searched else repr(fixed)
        lines.append(f"    {keyword}={value},")
    lines.append(f"    target_modules={_targets(part, lora)},")
    if auto_class in TASK_TYPES:
        lines.append(f"    task_type={TASK_TYPES[auto_class]!r},")
    else:
        lines.append(f"    modules_to_save=[name for name in {HEADS!r} if hasattr(model, name)] or None,")
    return [*lines, ")", "model = get_peft_model(model, lora)"]


def _targets(part: Part, lora: Lora) -> str:
    if lora.target_modules == ("all-linear",):
        return repr("all-linear")
    if lora.target_modules:
        return repr(list(lora.target_modules))
    part.writer.use("peft.utils.constants", KNOWN)
    return f'None if model.config.model_type in {KNOWN} else "all-linear"'
