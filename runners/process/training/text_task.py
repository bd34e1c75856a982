"""What tasks over texts share: a tokenizer, a longest text, positions, and tokens that are kept on disk."""

from abc import abstractmethod
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, ClassVar

from transformers import DataCollatorWithPadding, PretrainedConfig

from runners.process.training.models import ModelBuilder
from runners.process.training.processors import load_tokenizer
from runners.process.training.refusal import InvalidSpec
from runners.process.training.rows import Split, fraction, load_rows
from runners.process.training.tables import Array, Ragged, TokenRows, flat, stored, unflat
from runners.process.training.task import (
    Context,
    Datasets,
    Settings,
    Task,
    UnfitSetting,
    entry_of,
    first_settings,
    number_of,
)
from runners.protocol.spec import ConfigModel

_OFFSET_POSITIONS = frozenset({"roberta", "xlm-roberta", "camembert", "xlm-roberta-xl", "longformer", "mpnet"})
"""Families whose positions begin after the padding id, so that their table is that much shorter than it says."""

Encoded = dict[str, Ragged | Array]
"""Columns of a tokenised split: lists a row, or a value a row."""


class TextTask(Task):
    """A subclass says how a split is tokenised and which values go with the tokens."""

    pretokenized: ClassVar[bool] = False
    """The rows are lists of words already."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.spec = spec = context.spec
        self.rows = load_rows(spec, context.start, self.columns)
        self._check_there()
        self.check_rows()
        self.processor = load_tokenizer(context, self.texts(), pretokenized=self.pretokenized)
        self._positions_given = isinstance(spec.model, ConfigModel) and "max_position_embeddings" in spec.model.fields
        self._longest = _longest(context)
        self.models = ModelBuilder(
            spec.model,
            entry_of(spec).auto_class,
            self.rows.names,
            context.start.model_roots,
            self.adapt,
            fields=self.config_fields(),
        )
        self._read = self.models.inputs()
        self._encoded: dict[Hashable, tuple[Encoded, Encoded]] = {}

    @abstractmethod
    def texts(self) -> Sequence[str]:
        """What a new tokenizer is trained on: all texts of the training split."""

    @abstractmethod
    def encode(self, split: Split, settings: Settings) -> Encoded:
        """Tokenise a split."""

    def encoding(self, settings: Settings) -> tuple[str | int | float, ...]:
        """Where these differ, so do the tokens. They name a folder."""
        return (int(number_of(settings, "max_length")),)

    @abstractmethod
    def values(self, split: Split, encoded: Encoded) -> Mapping[str, Array]:
        """What goes with the tokens and is not one of them: `labels`."""

    def chosen(self, encoded: Encoded, kept: Array) -> Array:
        """Which encoded rows belong to the `kept` rows of the split."""
        del encoded
        return kept

    def check_rows(self) -> None:
        """Refuse rows that cannot be used. Raises `InvalidSpec` with field `data`."""

    def config_fields(self) -> Mapping[str, Any]:
        """Fields that the task needs in the model's config."""
        return {}

    def datasets(self, settings: Settings) -> Datasets:
        train, evaluation = self.encoded(settings)
        kept = fraction(len(self.rows.train), number_of(settings, "train_fraction"), self._context.spec.seed)
        everything = fraction(len(self.rows.eval), 1, 0)
        return Datasets(
            train=self._dataset(self.rows.train, train, kept),
            eval=self._dataset(self.rows.eval, evaluation, everything),
        )

    def encoded(self, settings: Settings) -> tuple[Encoded, Encoded]:
        """Both splits, tokenised with these settings, from memory or disk where they were before."""
        key = self.encoding(settings)
        if key not in self._encoded:
            self._encoded[key] = (
                self._stored(self.rows.train, settings, "train"),
                self._stored(self.rows.eval, settings, "eval"),
            )
        return self._encoded[key]

    def collator(self, settings: Settings) -> Callable[[Any], Any]:
        del settings
        collate: Callable[[Any], Any] = DataCollatorWithPadding(self.processor)
        return collate

    def check_settings(self, config: PretrainedConfig, settings: Settings) -> None:
        length = int(number_of(settings, "max_length"))
        room = getattr(config, "max_position_embeddings", None)
        if not isinstance(room, int) or room <= 0:
            return
        room -= _offset(config)
        if length > room:
            raise UnfitSetting(
                "max_length", f"max_length {length} is longer than the {room} tokens that the model reads."
            )

    def adapt(self, config: PretrainedConfig) -> None:
        """A new model reads this tokenizer's ids, and texts as long as the sweep has."""
        tokenizer = self.processor
        config.vocab_size = len(tokenizer)
        for name in ("pad_token_id", "bos_token_id", "eos_token_id"):
            if hasattr(config, name):
                setattr(config, name, getattr(tokenizer, name))
        if not self._positions_given and hasattr(config, "max_position_embeddings"):
            config.max_position_embeddings = max(config.max_position_embeddings, self._longest + _offset(config))

    def token_lists(self, tokens: Any) -> Encoded:
        """What the model reads of a tokenizer's output. The collator makes the attention mask while it pads: without
        padding it is all ones."""
        return {
            name: Ragged.of(values)
            for name, values in tokens.items()
            if name in self._read and name != "attention_mask"
        }

    def _check_there(self) -> None:
        for name, split in (("training", self.rows.train), ("evaluation", self.rows.eval)):
            for column in self.columns:
                if column.kind == "input" and column.name in split:
                    row = next((row for row, value in enumerate(split[column.name]) if value is None), None)
                    if row is not None:
                        raise InvalidSpec("data", f"Row {row} of the {name} split has no {column.name}. Take it out.")

    def _dataset(self, split: Split, encoded: Encoded, kept: Array) -> TokenRows:
        lists = {name: column for name, column in encoded.items() if isinstance(column, Ragged) and not _hidden(name)}
        return TokenRows(lists, self.values(split, encoded), self.chosen(encoded, kept))

    def _stored(self, split: Split, settings: Settings, name: str) -> Encoded:
        told = "-".join(str(part) for part in self.encoding(settings))
        folder = self._context.prepared / f"tokens-{told}-{name}"
        return unflat(stored(folder, lambda: flat(self.encode(split, settings))))


def _hidden(name: str) -> bool:
    """A column that the task reads itself begins with an underscore; the model never sees it."""
    return name.startswith("_")


def _offset(config: PretrainedConfig) -> int:
    return (config.pad_token_id or 0) + 1 if config.model_type in _OFFSET_POSITIONS else 0


def _longest(context: Context) -> int:
    """The longest `max_length` of any trial."""
    spec = context.spec
    lengths = [number_of(first_settings(spec), "max_length")]
    for parameter in spec.space.parameters:
        if parameter.name == "data.max_length":
            ends = parameter.choices if parameter.type == "categorical" else (parameter.low, parameter.high)
            lengths += [number for number in ends if isinstance(number, int | float)]
    return int(max(lengths))
