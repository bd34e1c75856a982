"""W&B's calls."""

from pprint import pformat

from runners.optimizers.wandb_configuration import wandb_configuration
from runners.protocol.backends import WandbBackend
from runners.protocol.spec import SweepSpec
from sweeps.queries.call_objective import compute_objective, direction
from sweeps.queries.call_optuna import limits
from sweeps.queries.call_rows import derived_lines


def wandb_space(spec: SweepSpec, backend: WandbBackend) -> list[str]:
    """`hp_space(_)` as the sweep configuration that W&B is given."""
    told = wandb_configuration(spec.space, backend, spec.objectives[0])
    shown = pformat(told, width=100, sort_dicts=False).splitlines()
    return [
        "def hp_space(_):",
        f"    return {shown[0]}",
        *(f"           {line}" for line in shown[1:]),
        *derived_lines(spec.space),
    ]


def wandb_call(spec: SweepSpec, backend: WandbBackend) -> list[str]:
    """One call a trial, on one W&B sweep."""
    own = backend.server == "hpweb"
    where = "hpweb's own endpoint" if own else "the server that WANDB_BASE_URL names, or W&B's own"
    metric = wandb_configuration(spec.space, backend, spec.objectives[0])["metric"]["name"]
    joined = f"sweep_id={backend.sweep_id!r}" if backend.sweep_id else "sweep_id=sweep_id"
    return [
        "",
        f"# The W&B client asks {where} for parameters.",
        *limits(spec),
        f"for _ in range({spec.budget.n_trials}):",
        "    trainer.hyperparameter_search(",
        "        hp_space=hp_space,",
        f"        compute_objective={compute_objective(spec.objectives)},",
        "        n_trials=1,",
        f"        direction={direction(spec.objectives)},",
        "        backend='wandb',",
        f"        metric={metric!r},",
        f"        project={backend.project or 'hpweb'!r},",
        f"        entity={backend.entity!r},",
        f"        {joined},",
        "    )",
    ]
