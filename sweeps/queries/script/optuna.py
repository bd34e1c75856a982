"""`hyperparameter_search(backend="optuna")` in one call, with the sweep's sampler and pruner."""

from typing import Final

from runners.protocol.backends import NamedChoice, OptunaBackend
from runners.protocol.space import Place, place_of
from sweeps.queries.script.objective import directions
from sweeps.queries.script.parts import Part
from sweeps.queries.script.writer import literal

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
}
PRUNERS: Final = {
    "none": "NopPruner",
    "median": "MedianPruner",
    "percentile": "PercentilePruner",
    "threshold": "ThresholdPruner",
    "successive_halving": "SuccessiveHalvingPruner",
    "hyperband": "HyperbandPruner",
    "wilcoxon": "WilcoxonPruner",
}


def add_optuna(part: Part, backend: OptunaBackend) -> None:
    """The search and the table of its trials."""
    spec, writer = part.spec, part.writer
    for module in ("json", "optuna"):
        writer.use(module)
    _add_space(part)
    writer.add(
        f"""
study_name, storage = "sweep", optuna.storages.InMemoryStorage()
trainer.hyperparameter_search(
    hp_space=hp_space,
    compute_objective=compute_objective,
    n_trials={spec.budget.n_trials},
    # Repair: the default direction is "minimize", whatever the objective.
    direction={directions(spec.objectives)},
    backend="optuna",
    sampler={_sampler(part, backend)},
    # Repair: without a pruner Optuna takes its median pruner.
    pruner={_pruner(backend.pruner)},
    # Repair: only the best trial is returned; the others are in the study.
    study_name=study_name,
    storage=storage,
    # Repair: without this one failing trial ends the search.
    catch=(Exception,),
)
"""
    )
    writer.add(
        """
        for trial in optuna.load_study(study_name=study_name, storage=storage).trials:
            line = {"number": trial.number, "params": trial.params, "values": trial.values, "state": trial.state.name}
            print(json.dumps(line))
        """
    )


def _add_space(part: Part) -> None:
    drawn = "complete(draw(trial))" if part.spec.space.derived else "draw(trial)"
    if all(place_of(name) is Place.ARGUMENTS for name in part.rows):
        part.writer.add(f"def hp_space(trial):\n    return {drawn}")
        return
    part.writer.add(
        f"""
def hp_space(trial):
    # Repair: the Trainer warns of names that are no arguments, so only arguments are given to it.
    return {{name: value for name, value in {drawn}.items() if "." not in name}}
"""
    )


def _sampler(part: Part, backend: OptunaBackend) -> str:
    choice = backend.sampler
    options = dict(choice.options)
    seed = f"seed={part.spec.sampler_seed}"
    if choice.name == "partial_fixed":
        inner = NamedChoice(name=str(options.pop("sampler", "tpe")))
        base = _call(SAMPLERS[inner.name], inner.options, seed)
        return f"optuna.samplers.PartialFixedSampler({backend.fixed!r}, {base})"
    if choice.name == "grid":
        return _call(SAMPLERS["grid"], options, repr(_grid(part)), seed)
    return _call(SAMPLERS[choice.name], options, seed)


def _call(kind: str, options: dict[str, object] | dict[str, str | int | float | bool | None], *first: str) -> str:
    more = [f"{name}={literal(value)}" for name, value in options.items()]
    return f"optuna.samplers.{kind}({', '.join([*first, *more])})"


def _pruner(choice: NamedChoice) -> str:
    options = dict(choice.options)
    if choice.name == "patient":
        inner = NamedChoice(name=str(options.pop("pruner", "none")))
        wrapped = "None" if inner.name == "none" else _pruner(inner)
        more = "".join(f", {name}={literal(value)}" for name, value in options.items())
        return f"optuna.pruners.PatientPruner({wrapped}{more})"
    more = ", ".join(f"{name}={literal(value)}" for name, value in options.items())
    return f"optuna.pruners.{PRUNERS[choice.name]}({more})"


def _grid(part: Part) -> dict[str, list[object]]:
    """Every row's values, as `GridSampler` wants them."""
    from runners.optimizers.compile import compiled

    grid: dict[str, list[object]] = {}
    for name, distribution in compiled(part.spec.space).items():
        grid[name] = list(distribution.choices) if hasattr(distribution, "choices") else _steps(distribution)
    return grid


def _steps(distribution: object) -> list[object]:
    low, high, step = (getattr(distribution, name) for name in ("low", "high", "step"))
    return [low + index * step for index in range(round((high - low) / step) + 1)]
