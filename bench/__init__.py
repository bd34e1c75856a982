"""Measurements. Ratios are taken in one run; docs/benchmarks.md has the figures."""
