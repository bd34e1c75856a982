"""A sweep, and each of its trials, as one script of plain transformers: the *Python* tab."""

from collections.abc import Mapping

from runners.protocol.backends import OptunaBackend, RayBackend, WandbBackend
from runners.protocol.base import Scalar
from runners.protocol.catalogue.additions import added_metrics
from runners.protocol.space import Place, field_of, place_of
from runners.protocol.spec import SweepSpec
from sweeps.queries.script.arguments import add_arguments
from sweeps.queries.script.model import build_lines
from sweeps.queries.script.objective import add_objective
from sweeps.queries.script.optuna import add_optuna
from sweeps.queries.script.parts import NoScript, Part
from sweeps.queries.script.ray import add_ray, add_ray_model_init, add_ray_space
from sweeps.queries.script.requirements import header
from sweeps.queries.script.search import UNEVEN, add_datasets, add_following, add_model_init, add_space, add_trainer
from sweeps.queries.script.space import completed
from sweeps.queries.script.tasks.registry import TASKS
from sweeps.queries.script.trainer import best_class, population_class, trainer_class
from sweeps.queries.script.wandb import add_wandb, add_wandb_model_init, add_wandb_space, add_wandb_trainer
from sweeps.queries.script.writer import Writer


def sweep_script(spec: SweepSpec, *, name: str, versions: Mapping[str, str]) -> str:
    """The whole search. `versions`: package → version, as the runner told them. Raises `NoScript`."""
    part = _begin(spec)
    task = TASKS[spec.task](part)
    backend = spec.backend
    if isinstance(backend, RayBackend):
        add_ray_space(part, backend)
        add_following(part)
    elif isinstance(backend, OptunaBackend):
        add_space(part)
    else:
        add_wandb_space(part, backend)
        add_following(part)
    add_objective(part.writer, spec.objectives, apart=isinstance(backend, OptunaBackend))
    add_arguments(part)
    add_datasets(part, task)
    match backend:
        case RayBackend():
            add_ray_model_init(part, task)
            kind = trainer_class(part, task, by_epoch=False)
            add_trainer(part, task, by_epoch=False, kind=population_class(part, kind) if backend.mutations else kind)
            add_ray(part, backend)
        case OptunaBackend():
            best = any(objective.over == "best" for objective in spec.objectives)
            add_model_init(part, task, remembers=best)
            prunes = backend.pruner.name != "none"
            kind = trainer_class(part, task, by_epoch=prunes and bool(UNEVEN & set(part.rows)))
            add_trainer(part, task, by_epoch=False, kind=best_class(part, kind) if best else kind)
            add_optuna(part, backend)
        case WandbBackend():
            add_wandb_model_init(part, task)
            add_wandb_trainer(part, task)
            add_wandb(part, backend)
    trials = "1 trial" if spec.budget.n_trials == 1 else f"{spec.budget.n_trials} trials"
    return part.writer.text(header(part, f"{name}: {trials} with {spec.backend.name}.", versions, searches=True))


def trial_script(
    spec: SweepSpec, params: Mapping[str, Scalar], *, name: str, number: int, versions: Mapping[str, str]
) -> str:
    """One trial alone, with its parameters. `params`: as drawn. Raises `NoScript`."""
    values = completed(spec, params)
    part = _begin(spec)
    writer = part.writer
    task = TASKS[spec.task](part)
    add_objective(writer, spec.objectives)
    writer.add(f"params = {values!r}")
    arguments = {field_of(key): value for key, value in values.items() if place_of(key) is Place.ARGUMENTS}
    add_arguments(part, arguments)
    add_datasets(part, task)
    writer.use("transformers", "set_seed")
    seed = arguments.get("seed", part.seed)
    lines = [f"set_seed({seed})", *build_lines(part, labels=task.labels, adapt=task.adapt), "return model"]
    writer.add("def model_init():\n" + "\n".join(f"    {line}" for line in lines))
    writer.use("transformers", "Trainer")
    kind = trainer_class(part, task, by_epoch=False)
    more = "".join(f"\n    {line}," for line in task.more)
    each = "".join(f"\n{line}" for line in task.each)
    writer.add(
        f"""
train, evaluation = datasets(params)
trainer = {kind}(
    model_init=model_init,
    args=args,
    train_dataset=train,
    eval_dataset=evaluation,
    data_collator={task.collator},
    compute_metrics={task.metrics},
    processing_class={task.processor},{more}
){each}
trainer.train()
"""
    )
    writer.use("json")
    adapted = spec.lora is not None or part.searched(Place.LORA)
    merge = "trainer.model = trainer.model.merge_and_unload()\n" if adapted else ""
    printed = f'print(json.dumps({{"number": {number}, "values": values}}))'
    if spec.processes > 1:
        printed = f"if trainer.is_world_process_zero():\n    {printed}"
    writer.add(
        f"""
evaluations = [line for line in trainer.state.log_history if "eval_loss" in line] or [trainer.evaluate()]
for metrics in evaluations:
    values = compute_objective({{name: value for name, value in metrics.items() if name not in ("epoch", "step")}})
{printed}
{merge}trainer.save_model(str(HERE / "trial-{number}"))
"""
    )
    if spec.processes > 1:
        writer.add("torch.distributed.destroy_process_group()")
    return writer.text(header(part, f"{name}: trial {number}.", versions, searches=False))


def _begin(spec: SweepSpec) -> Part:
    if spec.task not in TASKS:
        raise NoScript(f"The task {spec.task} has no script: its code is in a package of its own.")
    foreign = {added.metric.name for added in added_metrics() if spec.task in added.tasks}
    named = {name for objective in spec.objectives for name in (objective.metric, *objective.weights)}
    if foreign & named:
        raise NoScript(f"The metric {min(foreign & named)} has no script: its code is in a package of its own.")
    part = Part(spec, Writer())
    part.writer.use("torch")
    part.writer.use("pathlib", "Path")
    part.writer.add(f"HERE = Path(__file__).resolve().parent\ntorch.set_num_threads({spec.threads})")
    return part
