"""Builds the catalogue from the installed transformers and our own words (`python -m runners.process.catalogue_build`)."""

from runners.process.catalogue_build.build import build

__all__ = ["build"]
