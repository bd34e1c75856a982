"""Questions that a passage of a context answers, or nothing does."""

from sweeps.queries.script.data import add_rows, add_tokenizer, takes_a_share
from sweeps.queries.script.parts import Part
from sweeps.queries.script.tasks.code import TaskCode
from sweeps.queries.script.tasks.texts import adapt_text

ROWS = '''
def answer_tokens(spans, begin, end):
    """The first and last token of these characters; None where the window does not hold them all."""
    inside = [token for token, span in enumerate(spans) if span[0] >= 0]
    if not inside or spans[inside[0]][0] > begin or spans[inside[-1]][1] < end:
        return None
    first = max(token for token in inside if spans[token][0] <= begin)
    last = min(token for token in inside if spans[token][1] >= end)
    return (first, last) if first <= last else None


LOADED = {}


def load(split, max_length, doc_stride):
    if (split, max_length, doc_stride) not in LOADED:
        LOADED[split, max_length, doc_stride] = windows_of(split, max_length, doc_stride)
    return LOADED[split, max_length, doc_stride]


def windows_of(split, max_length, doc_stride):
    """Contexts in windows: (what the model reads, row, token that means no answer, characters of each token)."""
    rows = read(split)
    tokens = tokenizer(
        [question.lstrip() for question in rows["question"]],
        list(rows["context"]),
        truncation="only_second",
        max_length=max_length,
        stride=doc_stride,
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
    )
    of_rows, offsets = tokens.pop("overflow_to_sample_mapping"), tokens.pop("offset_mapping")
    answers, starts = list(rows["answers"]), list(rows["answer_starts"])
    windows = []
    for window, row in enumerate(of_rows):
        item = {name: column[window] for name, column in tokens.items()}
        ids = item["input_ids"]
        null = ids.index(tokenizer.cls_token_id) if tokenizer.cls_token_id in ids else 0
        sides = tokens.sequence_ids(window)
        spans = [span if side == 1 else (-1, -1) for span, side in zip(offsets[window], sides, strict=True)]
        found = None
        if answers[row]:
            found = answer_tokens(spans, starts[row][0], starts[row][0] + len(answers[row][0]))
        item["start_positions"], item["end_positions"] = found or (null, null)
        windows.append((item, row, null, np.array(spans)))
    return windows
'''

METRICS = '''
MAY_BE_EMPTY = not all(answers for split in ("train", "eval") for answers in read(split)["answers"])


def normalized(text):
    text = text.lower().translate(str.maketrans("", "", string.punctuation))
    return re.sub(r"\\b(a|an|the)\\b", " ", text).split()


def overlap(words, true):
    if not words or not true:
        return float(words == true)
    return 2 * sum((collections.Counter(words) & collections.Counter(true)).values()) / (len(words) + len(true))


def best_span(spans, begins, ends, n_best, longest):
    """(score, first and last character) of the likeliest answer in a window; None where there is none."""
    inside = np.flatnonzero(spans[:, 0] >= 0)
    firsts = inside[np.argsort(-begins[inside], kind="stable")[:n_best]]
    lasts = inside[np.argsort(-ends[inside], kind="stable")[:n_best]]
    lengths = lasts[None, :] - firsts[:, None] + 1
    fits = (lengths >= 1) & (lengths <= longest)
    scores = np.where(fits, begins[firsts][:, None] + ends[lasts][None, :], -np.inf)
    if not scores.size or not np.isfinite(scores.max()):
        return None
    first, last = np.unravel_index(int(scores.argmax()), scores.shape)
    return float(scores[first, last]), spans[firsts[first], 0], spans[lasts[last], 1]


def measure(max_length, doc_stride, n_best, longest):
    def compute_metrics(prediction):
        rows = read("eval")
        begins, ends = prediction.predictions[:2]
        best, empty = {}, {}
        for window, (_, row, null, spans) in enumerate(load("eval", max_length, doc_stride)):
            empty[row] = min(empty.get(row, np.inf), float(begins[window, null] + ends[window, null]))
            found = best_span(spans, begins[window], ends[window], n_best, longest)
            if found and (row not in best or found[0] > best[row][0]):
                best[row] = found
        exact, f1 = [], []
        for row, (context, answers) in enumerate(zip(rows["context"], rows["answers"], strict=True)):
            score, first, last = best.get(row, (-np.inf, 0, 0))
            none = row not in best or (MAY_BE_EMPTY and empty[row] > score)
            words = normalized("" if none else context[first:last])
            true = [normalized(answer) for answer in answers or [""]]
            exact.append(float(words in true))
            f1.append(max(overlap(words, one) for one in true))
        return {"exact_match": float(np.mean(exact)), "f1": float(np.mean(f1))}

    return compute_metrics
'''

SHARE = '''
def share(windows, fraction):
    """The windows of the same rows for the same fraction; a smaller share is part of every larger one."""
    count = len(read("train"))
    order = np.random.default_rng({seed}).permutation(count)
    rows = set(order[: max(1, int(count * fraction))].tolist()) if fraction < 1 else range(count)
    return [window for window in windows if window[1] in rows]
'''


def question_answering(part: Part) -> TaskCode:
    """Writes the data section and the metrics."""
    writer = part.writer
    add_rows(part)
    add_tokenizer(part)
    for module in ("collections", "numpy as np", "re", "string"):
        writer.use(module)
    writer.use("transformers", "DataCollatorWithPadding")
    writer.add(ROWS)
    windows = part.settings("max_length", "doc_stride")
    train = f'load("train", {windows})'
    if takes_a_share(part):
        writer.add(SHARE.format(seed=part.spec.seed))
        train = f"share({train}, {part.setting('train_fraction')})"
    writer.add(METRICS)
    return TaskCode(
        datasets=(
            f"train = [window[0] for window in {train}]",
            f'evaluation = [window[0] for window in load("eval", {windows})]',
        ),
        collator="DataCollatorWithPadding(tokenizer)",
        processor="tokenizer",
        metrics=f"measure({windows}, {part.settings('n_best', 'max_answer_length')})",
        adapt=adapt_text(part),
    )
