"""Causal language modelling: texts, conversations, or prompts with completions."""

from sweeps.queries.script.data import add_rows, add_tokenizer, split_lines
from sweeps.queries.script.parts import Part
from sweeps.queries.script.tasks.code import TaskCode
from sweeps.queries.script.tasks.language import END, add_figures
from sweeps.queries.script.tasks.texts import adapt_text

PLAIN = '''
def told(rows):
    """(text, what of it is learned) of each row."""
    return [(text, [(0, len(text))]) for text in rows["text"]]
'''
PROMPTS = '''
def told(rows):
    """(text, which characters of it are the answer) of each row."""
    return [
        (prompt + completion, [(len(prompt), len(prompt) + len(completion))])
        for prompt, completion in zip(rows["prompt"], rows["completion"], strict=True)
    ]
'''
CHAT = '''
def told(rows):
    """(text, which characters of it the assistant says) of each row."""
    return [written(messages) for messages in rows["messages"]]


def written(messages):
    text, spans = "", []
    if not tokenizer.chat_template:
        for message in messages:
            text += f"<{message['role']}>\\n"
            start = len(text)
            text += f"{message['content']}\\n"
            if message["role"] == "assistant":
                spans.append((start, len(text)))
        return text, spans
    text = tokenizer.apply_chat_template(messages, tokenize=False)
    for place, message in enumerate(messages):
        if message["role"] == "assistant":
            before = tokenizer.apply_chat_template(messages[:place], tokenize=False, add_generation_prompt=True)
            after = tokenizer.apply_chat_template(messages[: place + 1], tokenize=False)
            if text.startswith(before) and text.startswith(after):
                spans.append((len(before), len(after)))
    return text, spans
'''
ROWS = '''
@functools.cache
def load(split, max_length, answers_only):
    texts = told(read(split))
    tokens = tokenizer(
        [text for text, _ in texts],
        truncation=True,
        max_length=max_length,
        return_offsets_mapping=True,{special}
    )
    return [
        {{"input_ids": ids, "labels": labels_in(ids, offsets, spans if answers_only else [(0, len(text))])}}
        for ids, offsets, (text, spans) in zip(tokens["input_ids"], tokens["offset_mapping"], texts, strict=True)
    ]


def labels_in(ids, offsets, spans):
    """A token is learned where it begins within a span; of special tokens the last one, the end, is learned."""
    last = len(ids) - 1
    return [
        token
        if (start == end and place == last and place > 0)
        or (start != end and any(first <= start < stop for first, stop in spans))
        else -100
        for place, (token, (start, end)) in enumerate(zip(ids, offsets, strict=True))
    ]
'''


def causal_lm(part: Part) -> TaskCode:
    """Writes the data section and the metrics."""
    writer = part.writer
    add_rows(part)
    add_tokenizer(part)
    writer.use("functools")
    writer.use("transformers", "DataCollatorForTokenClassification")
    chat = "messages" in part.columns
    prompts = "prompt" in part.columns and "text" not in part.columns
    writer.add(CHAT if chat else PROMPTS if prompts else PLAIN)
    special = "\n        add_special_tokens=not tokenizer.chat_template," if chat else ""
    writer.add(ROWS.format(special=special))
    datasets = split_lines(part, "max_length", "answers_only")
    add_figures(part, shift=True)
    return TaskCode(
        datasets=datasets,
        collator="DataCollatorForTokenClassification(tokenizer)",  # it pads tokens and labels alike
        processor="tokenizer",
        adapt=adapt_text(part, f"config.eos_token_id = {END}"),
        more=("preprocess_logits_for_metrics=figures",),
    )
