"""The W&B-compatible endpoint."""
