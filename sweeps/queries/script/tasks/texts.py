"""What scripts of tasks over texts share."""

from runners.protocol.spec import ConfigModel
from sweeps.queries.script.model import OFFSET_POSITIONS
from sweeps.queries.script.parts import Part


def texts_of(part: Part, rows: str) -> str:
    """The tokenizer's first arguments: the texts of `rows`, or its pairs."""
    names = ("text", "text_pair") if has_pairs(part) else ("text",)
    return ", ".join(f'list({rows}["{name}"])' for name in names)


def has_pairs(part: Part) -> bool:
    """Whether rows have a second text."""
    return "text_pair" in part.columns


ITEMS = "[dict(zip(tokens, row, strict=True)) for row in zip(*tokens.values(), strict=True)]"
"""Columns in `tokens` as a list of items."""


def adapt_text(part: Part, *more: str) -> tuple[str, ...]:
    """A new model reads this tokenizer's ids, and texts as long as the sweep has. `more`: further lines for it."""
    source = part.spec.model
    if not isinstance(source, ConfigModel):
        return ()
    lines = ["config.vocab_size = len(tokenizer)", 'for name in ("pad_token_id", "bos_token_id", "eos_token_id"):']
    lines += ["    if hasattr(config, name):", "        setattr(config, name, getattr(tokenizer, name))"]
    if "max_position_embeddings" not in source.fields:
        offset = " + (config.pad_token_id or 0) + 1" if source.model_type in OFFSET_POSITIONS else ""
        lines += [
            'if hasattr(config, "max_position_embeddings"):',
            f"    config.max_position_embeddings = max(config.max_position_embeddings, {part.most('max_length')}{offset})",
        ]
    return (*lines, *more)
