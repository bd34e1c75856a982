"""A data set of the Hugging Face Hub in the canonical columns of a task."""

from itertools import chain
from typing import Any

import datasets
import numpy as np

from runners.process.training.hub import hub_id
from runners.process.training.refusal import InvalidSpec, first_line
from runners.process.training.rows import Column, Columns, Rows, Split
from runners.protocol.spec import HubData


def load_hub_rows(data: HubData, columns: Columns) -> Rows:
    """Load both splits, or split what there is. Raises `InvalidSpec` with field `data`."""
    datasets.disable_progress_bars()
    hub_id(data.id, field="data")
    try:
        train = datasets.load_dataset(data.id, data.config, split=data.train_split, revision=data.revision)
        given = (
            datasets.load_dataset(data.id, data.config, split=data.eval_split, revision=data.revision)
            if data.eval_split
            else None
        )
    except Exception as error:  # the Hub's client raises a dozen kinds, some of them private
        raise InvalidSpec(
            "data",
            f"{data.id} could not be loaded from the Hugging Face Hub: {first_line(error)} "
            "Check the id, configuration and splits, and that this runner reaches the Hub.",
        ) from error
    own = _own_names(data, columns, train)
    index = next((own[column.name] for column in columns if column.kind == "index"), None)
    try:
        if index is not None and not isinstance(train.features[index], datasets.ClassLabel):
            train = train.class_encode_column(index)
            if given is not None:
                given = given.cast_column(index, train.features[index])
        if given is None:
            parts = train.train_test_split(test_size=data.eval_fraction, seed=data.split_seed, stratify_by_column=index)
            train, given = parts["train"], parts["test"]
    except (ValueError, TypeError, KeyError) as error:
        by = "" if index is None else f" by {index}"
        raise InvalidSpec("data", f"{data.id} could not be split{by}: {first_line(error)}") from error
    names: tuple[str, ...] = () if index is None else tuple(train.features[index].names)
    splits = [_split(table, columns, own) for table in (train, given)]
    for column in columns:
        if column.kind == "indices" and column.name in own:
            names = _index_lists(column, own[column.name], train, splits)
    return Rows(train=Split(splits[0]), eval=Split(splits[1]), names=names)


def _own_names(data: HubData, columns: Columns, table: Any) -> dict[str, str]:
    """Canonical name → the data set's own, for those that it has."""
    own = {}
    single = any(column.kind == "index" for column in columns)
    for position, column in enumerate(columns):
        if column.name in data.columns:
            candidates: tuple[str, ...] = (data.columns[column.name],)
        elif single and column.kind == "index":
            candidates = (data.label_column,)
        elif single and position == 0:
            candidates = (data.input_column,)
        else:
            # A field of a column comes first: the column that holds it may have the canonical name.
            candidates = tuple(sorted((column.name, *column.hub), key=lambda name: "." not in name))
        found = next((name for name in candidates if _has(table, name)), None)
        if found is not None:
            own[column.name] = found
        elif not column.optional or column.name in data.columns:
            missing = column.name if column.name in candidates else candidates[0]
            raise InvalidSpec(
                "data", f"{data.id} has no column {missing!r}. Its columns: {', '.join(table.column_names)}."
            )
    return own


def _has(table: Any, name: str) -> bool:
    outer, _, inner = name.partition(".")
    if outer not in table.column_names or not inner:
        return outer in table.column_names
    feature = table.features[outer]
    return isinstance(feature, dict) and inner in feature


def _split(table: Any, columns: Columns, own: dict[str, str]) -> dict[str, Any]:
    return {column.name: _values(table, column, own[column.name]) for column in columns if column.name in own}


def _values(table: Any, column: Column, name: str) -> Any:
    outer, _, inner = name.partition(".")
    if inner:
        return [row[inner] for row in table[outer]]
    if isinstance(table.features[name], datasets.Audio):
        # The bytes as they are; the task decodes them.
        table = table.cast_column(name, datasets.Audio(decode=False))
    match column.kind:
        case "index":
            return np.asarray(table[name], dtype=np.int64)
        case "number":
            return np.asarray(table[name], dtype=np.float64)
        case "indices":
            return list(table[name])
        case "input":
            # The column object decodes images row by row, when they are asked for.
            return table[name]


def _index_lists(column: Column, name: str, train: Any, splits: list[dict[str, Any]]) -> tuple[str, ...]:
    """Label names of a column of lists; labels given as text become indices into them, in place."""
    inner = getattr(train.features[name], "feature", None)
    if isinstance(inner, datasets.ClassLabel):
        return tuple(inner.names)
    labels = sorted(set(chain.from_iterable(chain.from_iterable(split[column.name] for split in splits))))
    if labels and all(isinstance(label, int) for label in labels):
        return tuple(str(number) for number in range(max(labels) + 1))
    position = {label: index for index, label in enumerate(labels)}
    for split in splits:
        split[column.name] = [[position[label] for label in row] for row in split[column.name]]
    return tuple(str(label) for label in labels)
