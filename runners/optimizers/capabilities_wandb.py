"""What W&B is given for a row, in words, and what it cannot do."""

from runners.optimizers.wandb_choices import WANDB_METHODS, early_options
from runners.optimizers.wandb_configuration import wandb_parameter
from runners.protocol.backends import WandbBackend
from runners.protocol.space import CategoricalParameter, FloatParameter, IntParameter, SearchSpace


def wandb_text(row: FloatParameter | IntParameter | CategoricalParameter, backend: WandbBackend) -> str:
    """The row's entry of the sweep configuration in a line: `log_uniform_values 1e-05 … 0.001`."""
    entry = wandb_parameter(row, grid=backend.method == "grid")
    if "value" in entry:
        return f"value {entry['value']!r}"
    if "values" in entry:
        values = entry["values"]
        return f"values [{', '.join(map(repr, values[:6]))}{', …' if len(values) > 6 else ''}]"
    said = f"{entry['distribution']} {entry['min']!r} … {entry['max']!r}"
    return said + (f", q {entry['q']}" if "q" in entry else "")


def wandb_problems(space: SearchSpace, backend: WandbBackend) -> list[str]:
    """Why this method cannot do this space; nothing when it can."""
    problems = []
    conditional = next((row.name for row in space.parameters if row.when), None)
    label = WANDB_METHODS[backend.method].label
    if conditional and backend.method == "grid":
        problems.append(
            f"W&B's grid draws every row always, so trials that differ only in {conditional}, where it has no effect, would come "
            "twice. Take the condition out, or choose random, or Optuna's brute force."
        )
    elif conditional and backend.method == "bayes":
        problems.append(
            f"{label} search of W&B would learn from values of {conditional} that had no effect. Take the condition out, or choose "
            "random, or Optuna."
        )
    if backend.method == "grid":
        problems += [
            f"A grid needs a finite space: give {row.name} a step or choices."
            for row in space.parameters
            if row.type == "float" and row.step is None and row.low != row.high
        ]
    try:
        early_options(backend.early_terminate)
    except ValueError as error:
        problems.append(str(error))
    return problems
