"""What is wrong with the shape of a document, as sentences that say how to mend it."""

import difflib
from collections.abc import Collection
from typing import Final

from pydantic import ValidationError

from runners.protocol.backends import NamedChoice, OptunaBackend, RayBackend, WandbBackend
from runners.protocol.objective import Objective
from runners.protocol.space import CategoricalParameter, FloatParameter, Formula, IntParameter, Lookup
from runners.protocol.spec import Budget, Checkpoints, ConfigModel, FolderModel, HubModel, Lora, TrainedTokenizer
from sweeps.validation.draft import Draft
from sweeps.validation.problems import Problem, from_pydantic
from sweeps.validation.requirements import Requirements

_SHAPES: Final = (
    *(Draft, Requirements, Budget, Checkpoints, Lora, Objective, NamedChoice, OptunaBackend, RayBackend, WandbBackend),
    *(FloatParameter, IntParameter, CategoricalParameter, Formula, Lookup),
    *(HubModel, FolderModel, ConfigModel, TrainedTokenizer),
)
NAMES: Final = sorted({name for shape in _SHAPES for name in shape.model_fields} | {"name", "kind", "model", "data"})


def problems_of(error: ValidationError, prefix: str = "", tags: Collection[str] = ()) -> list[Problem]:
    """As `from_pydantic`, each path once, and with the mend where pydantic names only the mistake."""
    kinds = [entry["type"] for entry in error.errors(include_url=False, include_context=False, include_input=False)]
    found: dict[str, Problem] = {}
    for kind, problem in zip(kinds, from_pydantic(error, prefix, tags), strict=True):
        found.setdefault(problem.path, Problem(problem.path, _mend(kind, problem)))
    return list(found.values())


def _mend(kind: str, problem: Problem) -> str:
    name = problem.path.rpartition(".")[2]
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(name, NAMES, 1)
        return f"There is no field {name} here: " + (f"is {near[0]} meant?" if near else "take it out.")
    return f"{name} is missing: give it." if kind == "missing" else problem.message
