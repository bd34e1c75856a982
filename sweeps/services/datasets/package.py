"""A data set that a package carries becomes artifacts like any other: a runner has none of the server's packages."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from django.db import transaction

from sweeps.models import Dataset, DatasetVersion
from sweeps.queries.usage import over_quota
from sweeps.services.datasets.canonical import CanonicalRows, RowBatch
from sweeps.services.datasets.cells import coded_values
from sweeps.services.datasets.kinds import KINDS
from sweeps.services.datasets.labels import check_labels, order_labels
from sweeps.services.datasets.limits import BATCH_ROWS
from sweeps.services.datasets.packages import PACKAGES
from sweeps.services.datasets.packages.base import Examples
from sweeps.services.datasets.problems import BadData
from sweeps.services.datasets.roles import LAYOUTS, Layout
from sweeps.services.datasets.split import drawn_sides, stratified_sides
from sweeps.services.datasets.versions import create_dataset, keep_version, write_version
from sweeps.validation.naming import check_name
from sweeps.validation.problems import refuse
from teams.models import Team, User


def create_package_dataset(
    *,
    team: Team,
    user: User | None,
    key: str,
    name: str | None = None,
    description: str | None = None,
    dataset: Dataset | None = None,
    eval_fraction: float = 0.2,
    split_seed: int = 0,
    options: Mapping[str, Any] | None = None,
) -> DatasetVersion:
    """Make a data set, or a version of `dataset`, from a package's data. `options` replace the package's defaults.

    Raises `BadData` for an unknown key or option or for options that leave too little, `Invalid` for a name.
    """
    package = PACKAGES.get(key)
    if package is None:
        raise BadData(f"There is no package data {key!r}. Choose one of {', '.join(PACKAGES)}.", field="key")
    unknown = sorted(set(options or ()) - set(package.defaults))
    if unknown:
        raise BadData(f"{package.title} has no option {unknown[0]!r}.", field=unknown[0])
    chosen = {**package.defaults, **(options or {})}
    title = package.title if name is None else name
    if dataset is None:
        # Before the work, not after it.
        refuse(check_name(Dataset, team, title))
    if full := over_quota(team, 1):
        raise BadData(full, field="key")
    rows = _rows(LAYOUTS[package.layout], package.load(chosen), eval_fraction, split_seed)
    version = write_version(team=team, rows=rows)
    origin = {
        "source": "package",
        "key": key,
        "options": chosen,
        "split": {"by": "fraction", "eval_fraction": eval_fraction, "seed": split_seed},
    }
    with transaction.atomic():
        kept_in = dataset or create_dataset(
            team=team,
            user=user,
            name=title,
            task=package.task,
            description=f"{package.description} {package.source}" if description is None else description,
        )
        return keep_version(dataset=kept_in, user=user, version=version, origin=origin)


def _rows(layout: Layout, examples: Examples, fraction: float, seed: int) -> CanonicalRows:
    count = len(next(iter(examples.columns.values())))
    columns = dict(examples.columns)
    labels: tuple[str, ...] = ()
    codes = coded_values(columns[layout.coded.name]) if layout.coded else None
    if codes is not None and layout.coded:
        counts = codes.counts(np.ones(count, dtype=np.bool_))
        labels = order_labels(counts)
        codes = codes.recoded(labels)
        columns[layout.coded.name] = codes.array(slice(0, count))
    if codes is not None and codes.offsets is None:
        check_labels(counts, splittable=True)
        sides = stratified_sides(codes.flat, fraction=fraction, seed=seed)
    else:
        sides = drawn_sides(count, fraction=fraction, seed=seed)
    roles = [role for role in layout.roles if role.name in columns]
    canonical: list[pa.Array] = []
    for role in roles:
        parts = KINDS[role.kind].parts
        canonical += parts(columns[role.name]) if parts else [columns[role.name]]

    def batches() -> Iterator[RowBatch]:
        for start in range(0, count, BATCH_ROWS):
            yield RowBatch([column.slice(start, BATCH_ROWS) for column in canonical], sides[start : start + BATCH_ROWS])

    return CanonicalRows(layout, tuple(role.name for role in roles), labels, batches())
