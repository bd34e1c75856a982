"""Backends: known names, known options, and what each needs of the sweep. One module per backend."""
