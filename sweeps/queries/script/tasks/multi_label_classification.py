"""Texts, or pairs of texts, with any number of labels each."""

from sweeps.queries.script.data import LABELS, add_labels, add_rows, add_tokenizer, split_lines
from sweeps.queries.script.parts import Part
from sweeps.queries.script.tasks.code import TaskCode
from sweeps.queries.script.tasks.texts import ITEMS, adapt_text, texts_of

METRICS = """
def measure(threshold):
    def compute_metrics(prediction):
        logits = prediction.predictions[0] if isinstance(prediction.predictions, tuple) else prediction.predictions
        chances = 0.5 * (1 + np.tanh(logits.astype(np.float64) / 2))
        true, guess = prediction.label_ids > 0.5, chances >= threshold
        areas = [
            metrics.roc_auc_score(true[:, label], chances[:, label])
            for label in range(true.shape[1])
            if 0 < true[:, label].sum() < len(true)
        ]
        return {
            **{
                f"f1_{average}": metrics.f1_score(true, guess, average=average, zero_division=0)
                for average in ("micro", "macro", "samples")
            },
            "subset_accuracy": metrics.accuracy_score(true, guess),
            "roc_auc": np.mean(areas) if areas else 0.5,
        }

    return compute_metrics
"""


def multi_label_classification(part: Part) -> TaskCode:
    """Writes the data section and the metrics."""
    writer = part.writer
    add_rows(part)
    add_labels(part)
    add_tokenizer(part)
    writer.use("functools")
    writer.use("numpy as np")
    writer.use("sklearn", "metrics")
    writer.use("transformers", "DataCollatorWithPadding")
    writer.add(
        f"""
        @functools.cache
        def load(split, max_length):
            rows = read(split)
            tokens = dict(tokenizer({texts_of(part, "rows")}, truncation=True, max_length=max_length))
            tokens["labels"] = [[float(label in row) for label in range(len(LABELS))] for row in rows["labels"]]
            return {ITEMS}
        """
    )
    datasets = split_lines(part, "max_length")
    writer.add(METRICS)
    return TaskCode(
        datasets=datasets,
        collator="DataCollatorWithPadding(tokenizer)",
        processor="tokenizer",
        metrics=f"measure({part.setting('threshold')})",
        labels=f'{LABELS}, problem_type="multi_label_classification"',
        adapt=adapt_text(part),
    )
