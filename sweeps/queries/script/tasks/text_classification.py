"""Texts, or pairs of texts, with one label each."""

from sweeps.queries.script.data import LABELS, add_labels, add_rows, add_tokenizer, split_lines
from sweeps.queries.script.parts import Part
from sweeps.queries.script.tasks.code import TaskCode
from sweeps.queries.script.tasks.texts import adapt_text, has_pairs

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
    datasets = split_lines(part, "max_length", listed=False)
    writer.add(METRICS)
    return TaskCode(
        datasets=datasets,
        collator="DataCollatorWithPadding(tokenizer)",
        processor="tokenizer",
        labels=LABELS,
        adapt=adapt_text(part),
    )
