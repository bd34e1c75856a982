"""Measurements for machines with GPUs. They need no server and no Django: torch, transformers and the runner's packages."""
