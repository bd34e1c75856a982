"""Rules, each written once: what a form refuses, the API refuses with the same sentence."""

from sweeps.validation.draft import Draft, DraftBudget
from sweeps.validation.problems import Invalid, Problem

__all__ = ["Draft", "DraftBudget", "Invalid", "Problem"]
