"""`hyperparameter_search(backend="wandb")` in one call: W&B's server proposes the parameters."""

from pprint import pformat

from runners.optimizers.wandb_configuration import wandb_configuration
from runners.protocol.backends import WandbBackend
from runners.protocol.space import FloatParameter, IntParameter, Place
from sweeps.queries.script.model import build_lines
from sweeps.queries.script.objective import directions
from sweeps.queries.script.parts import Part
from sweeps.queries.script.search import add_trainer, data_lines
from sweeps.queries.script.space import condition
from sweeps.queries.script.tasks.code import TaskCode
from sweeps.queries.script.writer import literal


def add_wandb_space(part: Part, backend: WandbBackend) -> None:
    """`SWEEP`, W&B's configuration, and `draw(given)`: the parameters among what the server has proposed."""
    configuration = wandb_configuration(part.spec.space, backend, part.spec.objectives[0])
    part.writer.add(f"SWEEP = {pformat(configuration, sort_dicts=False)}")
    lines = [
        "def draw(given):",
        "    # Repair: the server's numbers have been through JSON, and it adds entries of its own.",
    ]
    lines.append("    params = {}")
    for row in part.spec.space.parameters:
        kind = {FloatParameter: "float", IntParameter: "int"}.get(type(row), "")
        line = f"params[{row.name!r}] = {kind}(given[{row.name!r}])"
        lines += [f"    {line}"] if row.when is None else [f"    if {condition(row)}:", f"        {line}"]
    part.writer.add("\n".join([*lines, "    return params"]))


def add_wandb_model_init(part: Part, task: TaskCode) -> None:
    """`model_init(trial)`; `trial` is a copy of the run's config."""
    writer = part.writer
    writer.use("transformers", "set_seed")
    arguments = part.searched(Place.ARGUMENTS)
    drawn = "complete(draw(trial))" if part.spec.space.derived else "draw(trial)"
    begins = ["drawn = draw(trial)", f"params = {drawn.replace('draw(trial)', 'drawn')}"]
    begins.append('trials.append({"number": len(trials), "params": drawn, "values": None, "state": "FAIL"})')
    if arguments:
        begins += [
            "# Repair: what an earlier trial set in the arguments would stay.",
            "for name, value in BASE.items():",
            "    setattr(args, name, value)",
        ]
    begins += [
        "# Repair: the Trainer takes its arguments from here next, and would warn of every other name.",
        "trial.clear()",
        'trial.update({name: value for name, value in params.items() if "." not in name})',
        *data_lines(part, task),
    ]
    if any(objective.over == "best" for objective in part.spec.objectives):
        begins.append("seen.clear()")
    seed = f'params.get("seed", {part.seed})' if "seed" in arguments else str(part.seed)
    lines = [
        "params = {}",
        "if trial is not None:",
        *(f"    {line}" for line in begins),
        "# Repair: the Trainer has seeded with the seed of the trial before.",
        f"set_seed({seed})",
        *build_lines(part, labels=task.labels, adapt=task.adapt),
        "return model",
    ]
    writer.add("trials = []")
    writer.add("def model_init(trial=None):\n" + "\n".join(f"    {line}" for line in lines))


def add_wandb_trainer(part: Part, task: TaskCode) -> None:
    """`trainer`, in whose class a trial ends."""
    part.writer.use("transformers", "Trainer")
    part.writer.add(
        f"""
        class AgentTrainer({task.trainer}):
            def train(self, resume_from_checkpoint=None, trial=None, **more):
                # Repair: this is a thread of wandb's, and OpenMP keeps the number of threads by thread.
                torch.set_num_threads({part.spec.threads})
                output = super().train(resume_from_checkpoint, dict(trial or {{}}), **more)
                if self.objective is None:
                    self.objective = self.compute_objective(self.evaluate())
                trials[-1].update(values=[self.objective], state="COMPLETE")
                return output
        """
    )
    add_trainer(part, task, by_epoch=False, kind="AgentTrainer")


def add_wandb(part: Part, backend: WandbBackend) -> None:
    """The search and the table of its trials."""
    spec, writer = part.spec, part.writer
    writer.use("json")
    names = {"project": backend.project or "hpweb", "entity": backend.entity, "name": backend.sweep_name}
    names["sweep_id"] = backend.sweep_id
    told = "".join(f"\n    {name}={literal(value)}," for name, value in names.items() if value is not None)
    metric = wandb_configuration(spec.space, backend, spec.objectives[0])["metric"]["name"]
    writer.add(
        f"""
best = trainer.hyperparameter_search(
    hp_space=lambda _: SWEEP,
    compute_objective=compute_objective,
    n_trials={spec.budget.n_trials},
    # Repair: the default direction is "minimize", whatever the objective.
    direction={directions(spec.objectives)},
    # Repair: the sweep's metric has nothing to do with compute_objective unless one says so.
    metric={metric!r},
    backend="wandb",{told}
)
print(json.dumps({{"sweep": best.run_summary}}))
for line in trials:
    print(json.dumps(line))
"""
    )
