"""Single-label text classification."""

from runners.protocol.spec import ConfigModel
from sweeps.queries.script.data import LABELS, add_labels, add_rows, add_tokenizer, kept
from sweeps.queries.script.model import OFFSET_POSITIONS
from sweeps.queries.script.parts import Part
from sweeps.queries.script.tasks.code import TaskCode

METRICS = """
def compute_metrics(prediction):
    logits = prediction.predictions[0] if isinstance(prediction.predictions, tuple) else prediction.predictions
    true, guess = prediction.label_ids, logits.argmax(axis=-1)
    macro = {"average": "macro", "zero_division": 0}
    return {
        "accuracy": metrics.accuracy_score(true, guess),
        "balanced_accuracy": metrics.recall_score(true, guess, labels=sorted(set(true)), **macro),
        "f1_macro": metrics.f1_score(true, guess, **macro),
        "f1_weighted": metrics.f1_score(true, guess, average="weighted", zero_division=0),
        "precision_macro": metrics.precision_score(true, guess, **macro),
        "mcc": metrics.matthews_corrcoef(true, guess),
    }
"""


def text_classification(part: Part) -> TaskCode:
    """Writes the data section and the metrics."""
    writer = part.writer
    add_rows(part)
    add_labels(part)
    add_tokenizer(part)
    writer.use("functools")
    writer.use("sklearn", "metrics")
    writer.use("transformers", "DataCollatorWithPadding")
    pair = 'batch["text"], batch["text_pair"]' if has_pairs(part) else 'batch["text"]'
    dropped = '["text", "text_pair"]' if has_pairs(part) else '["text"]'
    writer.add(
        f"""
        @functools.cache
        def load(split, max_length):
            return read(split).map(
                lambda batch: tokenizer({pair}, truncation=True, max_length=max_length),
                batched=True,
                remove_columns={dropped},
            )
        """
    )
    fraction = kept(part)
    length = part.setting("max_length")
    train = f'load("train", {length})'
    writer.add(METRICS)
    return TaskCode(
        datasets=(
            f"train = share({train}, {fraction})" if fraction else f"train = {train}",
            f'evaluation = load("eval", {length})',
        ),
        collator="DataCollatorWithPadding(tokenizer)",
        processor="tokenizer",
        labels=LABELS,
        adapt=adapt_text(part),
    )


def has_pairs(part: Part) -> bool:
    """Whether rows have a second text."""
    data = part.spec.data
    return "text_pair" in data.columns


def adapt_text(part: Part) -> tuple[str, ...]:
    """A new model reads this tokenizer's ids, and texts as long as the sweep has."""
    source = part.spec.model
    if not isinstance(source, ConfigModel):
        return ()
    lines = ["config.vocab_size = len(tokenizer)", 'for name in ("pad_token_id", "bos_token_id", "eos_token_id"):']
    lines += ["    if hasattr(config, name):", "        setattr(config, name, getattr(tokenizer, name))"]
    if "max_position_embeddings" not in source.fields:
        more = " + tokenizer.pad_token_id + 1" if source.model_type in OFFSET_POSITIONS else ""
        lines += [
            'if hasattr(config, "max_position_embeddings"):',
            f"    config.max_position_embeddings = max(config.max_position_embeddings, {part.most('max_length')}{more})",
        ]
    return tuple(lines)
