"""Optuna's calls."""

from collections.abc import Mapping
from typing import Any, Final

from runners.optimizers.grid import grid_of
from runners.protocol.backends import NamedChoice, OptunaBackend
from runners.protocol.spec import SweepSpec
from sweeps.queries.call_objective import compute_objective, direction
from sweeps.queries.call_rows import keywords

SAMPLERS: Final = {
    "tpe": "TPESampler",
    "gp": "GPSampler",
    "cmaes": "CmaEsSampler",
    "nsgaii": "NSGAIISampler",
    "nsgaiii": "NSGAIIISampler",
    "qmc": "QMCSampler",
    "random": "RandomSampler",
    "grid": "GridSampler",
    "brute_force": "BruteForceSampler",
    "partial_fixed": "PartialFixedSampler",
}
PRUNERS: Final = {
    "none": "NopPruner",
    "median": "MedianPruner",
    "percentile": "PercentilePruner",
    "patient": "PatientPruner",
    "threshold": "ThresholdPruner",
    "successive_halving": "SuccessiveHalvingPruner",
    "hyperband": "HyperbandPruner",
    "wilcoxon": "WilcoxonPruner",
}


def optuna_call(spec: SweepSpec, backend: OptunaBackend) -> list[str]:
    """Sampler, pruner, and one call a trial."""
    lines = [f"sampler = {_sampler(spec, backend)}", f"pruner = {_pruner(backend.pruner)}", ""]
    if backend.terminator is not None:
        options = keywords(backend.terminator.options)
        asked = f"{backend.terminator.name}({options})" if options else backend.terminator.name
        lines.append(f"# After each trial the terminator {asked} is asked whether the search is over.")
    return [
        *lines,
        "# One call a trial over one study: the same draws and values as one call with all of them.",
        *limits(spec),
        f"for _ in range({spec.budget.n_trials}):",
        "    trainer.hyperparameter_search(",
        "        hp_space=hp_space,",
        f"        compute_objective={compute_objective(spec.objectives)},",
        "        n_trials=1,",
        f"        direction={direction(spec.objectives)},",
        "        backend='optuna',",
        "        sampler=sampler,",
        "        pruner=pruner,",
        "        storage=storage,",
        "        study_name='sweep',",
        "        load_if_exists=True,",
        "        catch=(Exception,),",
        "    )",
    ]


def limits(spec: SweepSpec) -> list[str]:
    """What else ends the search, as comments."""
    budget = spec.budget
    return [
        *([f"# No trial starts later than {budget.timeout_s:g} s after the first."] if budget.timeout_s else []),
        *([f"# More than {budget.max_failed_trials} failed trials end it."] if budget.max_failed_trials else []),
    ]


def _sampler(spec: SweepSpec, backend: OptunaBackend) -> str:
    choice, seed = backend.sampler, {"seed": spec.sampler_seed}
    if choice.name == "partial_fixed":
        inner = NamedChoice(name=str(choice.options.get("sampler", "tpe")))
        return f"PartialFixedSampler({backend.fixed!r}, {_made(SAMPLERS, inner, seed)})"
    if choice.name == "grid":
        return f"GridSampler({grid_of(spec.space)!r}, seed={spec.sampler_seed})"
    return _made(SAMPLERS, choice, seed)


def _pruner(choice: NamedChoice) -> str:
    if choice.name != "patient":
        return _made(PRUNERS, choice)
    options = dict(choice.options)
    inner = str(options.pop("pruner", "none"))
    wrapped = None if inner == "none" else f"{PRUNERS.get(inner, inner)}()"
    return f"PatientPruner({wrapped}, {keywords({'patience': 3, **options})})"


def _made(names: Mapping[str, str], choice: NamedChoice, more: Mapping[str, Any] | None = None) -> str:
    return f"{names.get(choice.name, choice.name)}({keywords({**choice.options, **(more or {})})})"
