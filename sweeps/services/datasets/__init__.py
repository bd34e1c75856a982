"""Data sets: from a file, a package or a Hub id to an immutable version.

A file is read once (`readers`) into a table of its own columns (`table`); a `mapping` says which column is what and how
the rows are split; `canonical` writes the rows of a task as two Parquet files, which are artifacts of the version.
"""

from sweeps.services.datasets.hub import create_hub_version
from sweeps.services.datasets.package import create_package_dataset
from sweeps.services.datasets.problems import BadData
from sweeps.services.datasets.removal import delete_dataset
from sweeps.services.datasets.upload import create_upload_version, load_table, map_upload
from sweeps.services.datasets.versions import rename_dataset

__all__ = [
    "BadData",
    "create_hub_version",
    "create_package_dataset",
    "create_upload_version",
    "delete_dataset",
    "load_table",
    "map_upload",
    "rename_dataset",
]
