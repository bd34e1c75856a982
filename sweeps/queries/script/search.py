"""The call of `hyperparameter_search`, and what leads to it."""

from runners.protocol.space import Place
from sweeps.queries.script.model import build_lines
from sweeps.queries.script.parts import Part
from sweeps.queries.script.space import drawing, following
from sweeps.queries.script.tasks.code import TaskCode
from sweeps.queries.script.trainer import trainer_class

UNEVEN = frozenset(
    {"per_device_train_batch_size", "gradient_accumulation_steps", "data.train_fraction", "dataloader_drop_last"}
)


def add_space(part: Part) -> None:
    """`draw(trial)`, and `complete(params)` where values follow from others."""
    part.writer.add(drawing(part.spec.space))
    add_following(part)


def add_following(part: Part) -> None:
    """`complete(params)`, where values follow from others."""
    if part.spec.space.derived:
        part.writer.add(following(part.spec))


def add_datasets(part: Part, task: TaskCode) -> None:
    """`datasets(params)`: both splits for a trial."""
    body = "\n".join(f"    {line}" for line in task.datasets)
    part.writer.add(f"def datasets(params):\n{body}\n    return train, evaluation")


def data_lines(part: Part, task: TaskCode) -> list[str]:
    """Lines that bring the Trainer in line with the data settings of a trial, from `params`."""
    if not part.searched(Place.DATA):
        return []
    lines = ["trainer.train_dataset, trainer.eval_dataset = datasets(params)"]
    lines += [
        f"trainer.{name} = {code}"
        for name, code in (("data_collator", task.collator), ("compute_metrics", task.metrics))
        if "params" in code
    ]
    return [*lines, *(line for line in task.each if "params" in line)]


def params_of(part: Part, trial: str) -> str:
    """The expression of a trial's parameters."""
    return f"complete(draw({trial}))" if part.spec.space.derived else f"draw({trial})"


def add_model_init(part: Part, task: TaskCode, *, remembers: bool) -> None:
    """`model_init(trial)` with everything that a trial could inherit from the one before brought to a known state."""
    writer = part.writer
    writer.use("transformers", "set_seed")
    arguments = part.searched(Place.ARGUMENTS)
    lines = [
        "# Repair: this runs before hp_space, so the parameters must be drawn here to be known here.",
        f"params = {params_of(part, 'trial')} if trial is not None else {{}}",
        "if trial is not None:",
    ]
    if arguments:
        lines += [
            "    # Repair: what an earlier trial set in the arguments would stay.",
            "    for name, value in BASE.items():",
            "        setattr(args, name, value)",
        ]
    lines += [f"    {line}" for line in data_lines(part, task)]
    if remembers:
        lines.append("    seen.clear()")
    seed = f'params.get("seed", {part.seed})' if "seed" in arguments else str(part.seed)
    lines += [
        "    # Repair: the Trainer has seeded with the seed of the trial before.",
        f"    set_seed({seed})",
        *build_lines(part, labels=task.labels, adapt=task.adapt),
        "return model",
    ]
    writer.add("def model_init(trial=None):\n" + "\n".join(f"    {line}" for line in lines))


def add_trainer(part: Part, task: TaskCode, *, by_epoch: bool, kind: str | None = None) -> None:
    """`trainer`. `by_epoch`: reports to a pruner compare by hundredths of an epoch. `kind`: its class, if not usual."""
    writer = part.writer
    kind = kind or trainer_class(part, task, by_epoch=by_epoch)
    more = "".join(f"\n    {line}," for line in task.more)
    each = "".join(f"\n{line}" for line in task.each)
    writer.add(
        f"""
params = {{}}  # of no trial yet
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
"""
    )
