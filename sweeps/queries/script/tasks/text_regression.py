"""Texts, or pairs of texts, with a number each."""

from sweeps.queries.script.data import add_rows, add_tokenizer, split_lines
from sweeps.queries.script.parts import Part
from sweeps.queries.script.tasks.code import TaskCode
from sweeps.queries.script.tasks.texts import ITEMS, adapt_text, texts_of

METRICS = """
def compute_metrics(prediction):
    outputs = prediction.predictions[0] if isinstance(prediction.predictions, tuple) else prediction.predictions
    true, guess = (numbers.reshape(-1).astype(np.float64) for numbers in (prediction.label_ids, outputs))
    mse = metrics.mean_squared_error(true, guess)
    # Where one side is all alike, nothing can be said.
    alike = np.ptp(true) == 0 or np.ptp(guess) == 0
    return {
        "mse": mse,
        "rmse": np.sqrt(mse),
        "mae": metrics.mean_absolute_error(true, guess),
        "r2": metrics.r2_score(true, guess) if np.ptp(true) else 0.0,
        "pearson": 0.0 if alike else stats.pearsonr(true, guess).statistic,
        "spearman": 0.0 if alike else stats.spearmanr(true, guess).statistic,
    }
"""


def text_regression(part: Part) -> TaskCode:
    """Writes the data section and the metrics."""
    writer = part.writer
    add_rows(part)
    add_tokenizer(part)
    writer.use("functools")
    writer.use("numpy as np")
    writer.use("scipy", "stats")
    writer.use("sklearn", "metrics")
    writer.use("transformers", "DataCollatorWithPadding")
    writer.add(
        f"""
        @functools.cache
        def load(split, max_length):
            rows = read(split)
            tokens = dict(tokenizer({texts_of(part, "rows")}, truncation=True, max_length=max_length))
            tokens["labels"] = [float(number) for number in rows["label"]]
            return {ITEMS}
        """
    )
    datasets = split_lines(part, "max_length")
    writer.add(METRICS)
    return TaskCode(
        datasets=datasets,
        collator="DataCollatorWithPadding(tokenizer)",
        processor="tokenizer",
        labels='num_labels=1, problem_type="regression"',
        adapt=adapt_text(part),
    )
