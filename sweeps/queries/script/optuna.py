"""`hyperparameter_search(backend="optuna")` in one call, with the sweep's sampler and pruner."""

from textwrap import indent
from typing import Final

from runners.optimizers.grid import grid_of
from runners.optimizers.options import filled
from runners.optimizers.terminators import TERMINATORS
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
    ends = backend.terminator is not None
    call = f"""trainer.hyperparameter_search(
    hp_space=hp_space,
    compute_objective=compute_objective,
    n_trials={1 if ends else spec.budget.n_trials},
    # Repair: the default direction is "minimize", whatever the objective.
    direction={directions(spec.objectives)},
    backend="optuna",
    sampler={"sampler" if ends else _sampler(part, backend)},
    # Repair: without a pruner Optuna takes its median pruner.
    pruner={_pruner(backend.pruner)},
    # Repair: only the best trial is returned; the others are in the study.
    study_name=study_name,
    storage=storage,{"load_if_exists=True," if ends else ""}
    # Repair: without this one failing trial ends the search.
    catch=(Exception,),
)"""
    writer.add('study_name, storage = "sweep", optuna.storages.InMemoryStorage()')
    writer.add(_until(part, backend, spec.budget.n_trials, _sampler(part, backend), call) if ends else call)
    writer.add(
        """
        for trial in optuna.load_study(study_name=study_name, storage=storage).trials:
            line = {"number": trial.number, "params": trial.params, "values": trial.values, "state": trial.state.name}
            print(json.dumps(line))
        """
    )


def _until(part: Part, backend: OptunaBackend, n_trials: int, sampler: str, call: str) -> str:
    """One trial a call, over one study, until the terminator says that it is enough."""
    assert backend.terminator is not None
    kind = TERMINATORS[backend.terminator.name]
    options = filled(kind.name, kind.options, backend.terminator.options)
    least = options["min_n_trials"]
    if kind.name == "stagnation":
        evaluators = f"BestValueStagnationEvaluator({options['max_stagnation_trials']}), StaticErrorEvaluator(0)"
    else:
        evaluators = f"RegretBoundEvaluator(), StaticErrorEvaluator({options['tolerance']})"
    part.writer.use("optuna.terminator", "StaticErrorEvaluator", "Terminator", evaluators.partition("(")[0])
    return f"""
sampler = {sampler}
terminator = Terminator({evaluators}, min_n_trials={least})
for _ in range({n_trials}):
    try:
        {indent(call, "        ").strip()}
    except ValueError:
        pass  # Repair: raised as long as no trial is complete.
    if terminator.should_terminate(optuna.load_study(study_name=study_name, storage=storage)):
        break
"""


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
        return _call(SAMPLERS["grid"], options, repr(grid_of(part.spec.space)), seed)
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
