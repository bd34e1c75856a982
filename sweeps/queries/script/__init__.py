"""A sweep as a script of plain transformers."""
