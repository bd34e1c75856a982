"""What is in the chosen columns: which rows are whole, and the labels of each row as codes."""

from collections.abc import Mapping as Facts
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sweeps.services.datasets.kinds import KINDS, BadCell
from sweeps.services.datasets.kinds.answers import check_answers
from sweeps.services.datasets.limits import MAX_LABELS
from sweeps.services.datasets.problems import BadData
from sweeps.services.datasets.roles import Layout, Role
from sweeps.services.datasets.table import Table

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Codes:
    """Labels of rows as indices into `names`. `offsets` is None where a row has one label: then -1 is "none". Else row i
    has `flat[offsets[i]:offsets[i + 1]]`."""

    names: list[str]
    flat: Ints
    offsets: Ints | None = None

    def counts(self, rows: Flags) -> dict[str, int]:
        """How often the chosen rows have each label, without those that they never have."""
        chosen = self.flat[rows if self.offsets is None else np.repeat(rows, np.diff(self.offsets))]
        counts = np.bincount(chosen[chosen >= 0], minlength=len(self.names))
        return {name: int(count) for name, count in zip(self.names, counts, strict=True) if count}

    def recoded(self, labels: tuple[str, ...]) -> "Codes":
        """The same with the names in another order; a label that is not there any more gets -1."""
        order = {label: index for index, label in enumerate(labels)}
        table = np.array([*(order.get(name, -1) for name in self.names), -1], dtype=np.int64)
        return Codes(list(labels), table[self.flat], self.offsets)

    def array(self, rows: slice) -> pa.Array:
        """int64, or lists of int64, of some rows."""
        if self.offsets is None:
            return pa.array(self.flat[rows])
        offsets = self.offsets[rows.start : rows.stop + 1]
        flat = self.flat[offsets[0] : offsets[-1]]
        return pa.ListArray.from_arrays(pa.array(offsets - offsets[0], pa.int32()), pa.array(flat))


@dataclass(frozen=True)
class Scanned:
    """`there`: by role, whether each row has something."""

    there: dict[str, Flags]
    codes: Codes | None


def scan(table: Table, layout: Layout, columns: Facts[str, str], separator: str) -> Scanned:
    """Look at every cell of the chosen columns once. Raises `BadData` with the place of the first that is wrong."""
    coded = layout.coded
    single = encoded_labels(table, columns[coded.name]) if coded and coded.kind == "label" else None
    roles = [role for role in layout.roles if role.name in columns and (single is None or role is not coded)]
    there: dict[str, list[Flags]] = {role.name: [] for role in roles}
    names: dict[str, int] = {}
    flat: list[Ints] = []
    lengths: list[Ints] = []
    start = 0
    for cells in table.rows_of([columns[role.name] for role in roles]):
        values = {
            role.name: _parsed(table, role, (columns[role.name], start), cells[number], separator)
            for number, role in enumerate(roles)
        }
        _check_relations(table, layout, values, start)
        for name, found in values.items():
            there[name].append(np.asarray(found.is_valid().to_numpy(zero_copy_only=False), dtype=np.bool_))
        if coded and coded.name in values:
            lists = values[coded.name]
            lengths.append(pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False))
            flat.append(_encode(lists.flatten(), names))
        start += len(cells[0])
    found_there = {name: np.concatenate(parts) for name, parts in there.items()}
    if coded is None:
        return Scanned(found_there, None)
    if single is not None:
        codes, labels = single
        return Scanned({**found_there, coded.name: codes >= 0}, Codes(labels, codes))
    offsets = np.concatenate(([0], np.cumsum(np.concatenate(lengths)))).astype(np.int64)
    return Scanned(found_there, Codes(list(names), np.concatenate(flat), offsets))


def coded_values(values: pa.Array) -> Codes:
    """Codes of labels (strings), or of lists of labels, none of them missing."""
    names: dict[str, int] = {}
    if pa.types.is_list(values.type):
        lengths = pc.list_value_length(values).to_numpy(zero_copy_only=False)
        offsets = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
        flat = _encode(values.flatten(), names)
        return Codes(list(names), flat, offsets)
    flat = _encode(values, names)
    return Codes(list(names), flat)


def encoded_labels(table: Table, column: str) -> tuple[Ints, list[str]]:
    """A code for each row, -1 where the label is missing or blank, and the label of each code. Blanks around don't count."""
    encoded = pc.dictionary_encode(KINDS["label"].parse(table.column(column).combine_chunks(), ""))
    if len(encoded.dictionary) > max(MAX_LABELS, table.rows // 2):
        raise BadData(
            f"The column {column!r} has {len(encoded.dictionary):,} different values in {table.rows:,} rows, so it does not "
            "look like a label. Choose another label column.",
            field="label_column",
        )
    codes = pc.fill_null(pc.cast(encoded.indices, pa.int64()), -1).to_numpy(zero_copy_only=False)
    return np.array(codes, dtype=np.int64), encoded.dictionary.to_pylist()


def _encode(values: pa.Array, names: dict[str, int]) -> Ints:
    """Codes of flat values; new ones get the next numbers in `names`."""
    encoded = pc.dictionary_encode(values)
    own = [names.setdefault(name, len(names)) for name in encoded.dictionary.to_pylist()]
    codes: Ints = np.array(own, dtype=np.int64)[encoded.indices.to_numpy(zero_copy_only=False)]
    return codes


def _parsed(table: Table, role: Role, at: tuple[str, int], cells: pa.Array, separator: str) -> pa.Array:
    """`at`: the column, and the number of the first row."""
    column, start = at
    try:
        return KINDS[role.kind].parse(cells, separator)
    except BadCell as error:
        place = table.place(start + error.row)
        raise BadData(f"{place} {error.why} in the column {column!r}. {error.mend}", field=role.field) from None


def _check_relations(table: Table, layout: Layout, values: Facts[str, pa.Array], start: int) -> None:
    """What cells of one row owe each other."""
    if "tags" in values:
        lengths = [pc.list_value_length(values[name]) for name in ("tokens", "tags")]
        row = pc.index(pc.fill_null(pc.not_equal(*lengths), False), True).as_py()
        if row >= 0:
            tokens, tags = (counts[row].as_py() for counts in lengths)
            raise BadData(
                f"{table.place(start + row)} has {tokens:,} tokens and {tags:,} tags. Give each token one tag.",
                field=layout.role("tags").field,
            )
    if "answers" in values:
        try:
            check_answers(values["context"], values["answers"])
        except BadCell as error:
            raise BadData(
                f"{table.place(start + error.row)} {error.why}. {error.mend}", field=layout.role("answers").field
            ) from None
