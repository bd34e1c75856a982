"""`hyperparameter_search(backend="optuna")` in one call, with the sweep's sampler and pruner."""

from textwrap import indent
from typing import Final

from runners.optimizers.grid import grid_of
from runners.optimizers.options import filled
from runners.optimizers.pruners import PRUNERS as KINDS_OF_PRUNER
from runners.optimizers.samplers import SAMPLERS as KINDS_OF_SAMPLER
from runners.optimizers.terminators import TERMINATORS
from runners.protocol.backends import NamedChoice, OptunaBackend
from runners.protocol.base import Scalar
from runners.protocol.space import Place, SearchSpace, place_of
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
    # Repair: a pruned trial ends the search on the ranks that have no study, so each trial is a search of its own.
    group = spec.processes > 1
    one_by_one = group or backend.terminator is not None
    sampler = sampler_code(backend, spec.space, spec.sampler_seed)
    n_trials = 1 if one_by_one else spec.budget.n_trials
    call = f"""trainer.hyperparameter_search(
    hp_space=hp_space,
    compute_objective=compute_objective,
    n_trials={n_trials},
    # Repair: the default direction is "minimize", whatever the objective.
    direction={directions(spec.objectives)},
    backend="optuna",
    sampler={"sampler" if one_by_one else sampler},
    # Repair: without a pruner Optuna takes its median pruner.
    pruner={pruner_code(backend.pruner)},
    # Repair: only the best trial is returned; the others are in the study.
    study_name=study_name,
    storage=storage,{"load_if_exists=True," if one_by_one else ""}{GROUP if group else ALONE}
)"""
    writer.add('study_name, storage = "sweep", optuna.storages.InMemoryStorage()')
    writer.add(_one_by_one(part, backend, sampler, call) if one_by_one else call)
    table = """
for trial in optuna.load_study(study_name=study_name, storage=storage).trials:
    line = {"number": trial.number, "params": trial.params, "values": trial.values, "state": trial.state.name}
    print(json.dumps(line))
"""
    if group:
        table = (
            f"if args.process_index == 0:\n{indent(table.strip(), '    ')}\ntorch.distributed.destroy_process_group()"
        )
    writer.add(table)


ALONE: Final = """
    # Repair: without this one failing trial ends the search.
    catch=(Exception,),"""
GROUP: Final = """
    # No catch: a failure on one rank ends the group, or the others would wait for it."""


def _one_by_one(part: Part, backend: OptunaBackend, sampler: str, call: str) -> str:
    """One trial a call, over one study; until the terminator, if there is one, says that it is enough."""
    writer = part.writer
    writer.use("contextlib")
    known = "optuna.TrialPruned, ValueError" if part.spec.processes > 1 else "ValueError"
    lines = [
        f"sampler = {sampler}",
        *_terminator(part, backend),
        f"for _ in range({part.spec.budget.n_trials}):",
        "    # Repair: raised as long as no trial is complete, and on ranks that have no study.",
        f"    with contextlib.suppress({known}):",
        indent(call, "        "),
    ]
    if backend.terminator is None:
        return "\n".join(lines)
    asked = "terminator.should_terminate(optuna.load_study(study_name=study_name, storage=storage))"
    if part.spec.processes == 1:
        return "\n".join([*lines, f"    if {asked}:", "        break"])
    lines += [f"    enough = [args.process_index == 0 and {asked}]"]
    return "\n".join(
        [*lines, "    torch.distributed.broadcast_object_list(enough, src=0)", "    if enough[0]:", "        break"]
    )


def _terminator(part: Part, backend: OptunaBackend) -> list[str]:
    if backend.terminator is None:
        return []
    kind = TERMINATORS[backend.terminator.name]
    options = filled(kind.name, kind.options, backend.terminator.options)
    if kind.name == "stagnation":
        evaluators = f"BestValueStagnationEvaluator({options['max_stagnation_trials']}), StaticErrorEvaluator(0)"
    else:
        evaluators = f"RegretBoundEvaluator(), StaticErrorEvaluator({options['tolerance']})"
    part.writer.use("optuna.terminator", "StaticErrorEvaluator", "Terminator", evaluators.partition("(")[0])
    return [f"terminator = Terminator({evaluators}, min_n_trials={options['min_n_trials']})"]


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


def sampler_code(backend: OptunaBackend, space: SearchSpace, seed: int) -> str:
    """The constructor of the sampler. All options are written out: some defaults are not Optuna's."""
    choice = backend.sampler
    options = filled("sampler", KINDS_OF_SAMPLER[choice.name].options, choice.options)
    if choice.name == "partial_fixed":
        inner = OptunaBackend(sampler=NamedChoice(name=str(options["sampler"])))
        return f"optuna.samplers.PartialFixedSampler({backend.fixed!r}, {sampler_code(inner, space, seed)})"
    first = [repr(grid_of(space))] if choice.name == "grid" else []
    return f"optuna.samplers.{SAMPLERS[choice.name]}({', '.join([*first, f'seed={seed}', *_keywords(options)])})"


def pruner_code(choice: NamedChoice) -> str:
    """The constructor of the pruner."""
    options = filled("pruner", KINDS_OF_PRUNER[choice.name].options, choice.options)
    if choice.name == "patient":
        inner = str(options.pop("pruner"))
        wrapped = "None" if inner == "none" else pruner_code(NamedChoice(name=inner))
        return f"optuna.pruners.PatientPruner({', '.join([wrapped, *_keywords(options)])})"
    return f"optuna.pruners.{PRUNERS[choice.name]}({', '.join(_keywords(options))})"


def _keywords(options: dict[str, Scalar]) -> list[str]:
    """None is Optuna's own default everywhere."""
    return [f"{name}={literal(value)}" for name, value in options.items() if value is not None]
