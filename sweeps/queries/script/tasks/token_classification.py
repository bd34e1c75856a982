"""Words with a tag each."""

from sweeps.queries.script.data import LABELS, add_labels, add_rows, add_tokenizer, split_lines
from sweeps.queries.script.parts import Part
from sweeps.queries.script.tasks.code import TaskCode
from sweeps.queries.script.tasks.texts import ITEMS, adapt_text

ROWS = f"""
def aligned(words, tags):
    # The first token of a word has the word's tag; the loss leaves the others out.
    return [
        -100 if word is None or (place and word == words[place - 1]) else tags[word]
        for place, word in enumerate(words)
    ]


@functools.cache
def load(split, max_length):
    rows = read(split)
    encoded = tokenizer(list(rows["tokens"]), is_split_into_words=True, truncation=True, max_length=max_length)
    labels = [aligned(encoded.word_ids(row), tags) for row, tags in enumerate(rows["tags"])]
    tokens = {{**encoded, "labels": labels}}
    return {ITEMS}
"""

METRICS = '''
def likeliest(logits, labels):
    return (logits[0] if isinstance(logits, tuple) else logits).argmax(dim=-1)


def entities(tags):
    """The (type, first, last) of a row, as seqeval reads tags by default."""
    found, first, before, kind_before = set(), None, "O", ""
    for position, tag in enumerate([*tags, "O"]):
        prefix, dash, kind = tag.partition("-")
        if tag == "O":
            kind = ""
        elif not dash or prefix not in set("BIELSU"):
            prefix, kind = "I", tag
        if first is not None and (prefix in "BSUO" or before in "ELSUO" or kind != kind_before):
            found.add((kind_before, first, position - 1))
            first = None
        if first is None and prefix != "O":
            first = position
        before, kind_before = prefix, kind
    return found


def compute_metrics(prediction):
    hits = real = guesses = right = tags = 0
    for labels, guess in zip(prediction.label_ids, prediction.predictions, strict=True):
        tagged = labels != -100
        true = [LABELS[index] for index in labels[tagged]]
        given = [LABELS[index] for index in guess[tagged]]
        wanted, offered = entities(true), entities(given)
        hits, real, guesses = hits + len(wanted & offered), real + len(wanted), guesses + len(offered)
        right, tags = right + sum(map(str.__eq__, true, given)), tags + len(true)
    return {
        "f1": 2 * hits / (real + guesses) if real + guesses else 0.0,
        "precision": hits / guesses if guesses else 0.0,
        "recall": hits / real if real else 0.0,
        "accuracy": right / tags if tags else 0.0,
    }
'''


def token_classification(part: Part) -> TaskCode:
    """Writes the data section and the metrics."""
    writer = part.writer
    add_rows(part)
    add_labels(part)
    add_tokenizer(part, words=True)
    writer.use("functools")
    writer.use("transformers", "DataCollatorForTokenClassification")
    writer.add(ROWS)
    datasets = split_lines(part, "max_length")
    writer.add(METRICS)
    return TaskCode(
        datasets=datasets,
        collator="DataCollatorForTokenClassification(tokenizer)",
        processor="tokenizer",
        labels=LABELS,
        adapt=adapt_text(part),
        more=("preprocess_logits_for_metrics=likeliest",),
    )
