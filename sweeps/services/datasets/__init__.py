"""Data sets: from a file, a package or a Hub id to an immutable version.

A file is read once (`readers`) into a table of its own columns; a mapping says which column is what and how the rows
are split; `versions` writes the canonical rows as two Parquet files, which are artifacts.
"""

from sweeps.services.datasets.package import create_package_dataset

__all__ = ["create_package_dataset"]
