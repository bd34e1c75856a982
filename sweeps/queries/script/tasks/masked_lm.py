"""Masked language modelling."""

from sweeps.queries.script.data import add_rows, add_tokenizer, split_lines
from sweeps.queries.script.parts import Part
from sweeps.queries.script.tasks.code import TaskCode
from sweeps.queries.script.tasks.language import add_figures
from sweeps.queries.script.tasks.texts import ITEMS, adapt_text

ROWS = '''
@functools.cache
def load(split, max_length):
    tokens = dict(tokenizer(list(read(split)["text"]), truncation=True, max_length=max_length))
    if split == "eval":
        hidden = [masked(ids, row) for row, ids in enumerate(tokens["input_ids"])]
        tokens["input_ids"], tokens["labels"] = [ids for ids, _ in hidden], [labels for _, labels in hidden]
    return {items}


def masked(ids, row):
    """Repair: the masks of the evaluation are drawn once, or no two evaluations would compare."""
    special = set(tokenizer.all_special_ids)
    places = [place for place, token in enumerate(ids) if token not in special]
    hidden = set()
    if places:
        count = max(1, round(0.15 * len(places)))
        hidden = set(np.random.default_rng(({seed}, row)).choice(places, size=count, replace=False).tolist())
    return (
        [tokenizer.mask_token_id if place in hidden else token for place, token in enumerate(ids)],
        [token if place in hidden else -100 for place, token in enumerate(ids)],
    )


def collator(probability):
    """Masks rows that come without labels, and pads those that have them."""
    mask = DataCollatorForLanguageModeling(tokenizer, mlm=True, mlm_probability=probability)
    pad = DataCollatorForTokenClassification(tokenizer)
    return lambda items: pad(items) if "labels" in items[0] else mask(items)
'''


def masked_lm(part: Part) -> TaskCode:
    """Writes the data section and the metrics."""
    writer = part.writer
    add_rows(part)
    add_tokenizer(part)
    writer.use("functools")
    writer.use("numpy as np")
    writer.use("transformers", "DataCollatorForLanguageModeling", "DataCollatorForTokenClassification")
    writer.add(ROWS.format(seed=part.spec.seed, items=ITEMS))
    datasets = split_lines(part, "max_length")
    add_figures(part, shift=False)
    return TaskCode(
        datasets=datasets,
        collator=f"collator({part.setting('mlm_probability')})",
        processor="tokenizer",
        adapt=adapt_text(part),
        more=("preprocess_logits_for_metrics=figures",),
    )
