"""`TrainingArguments` as the runner makes them."""

from collections.abc import Sequence
from typing import Any

from runners.protocol.arguments import ALWAYS, UNLESS_FIXED
from runners.protocol.mirrors import MIRROR_LABELS
from runners.protocol.space import Place
from runners.protocol.spec import Reporting
from sweeps.queries.script.parts import Part
from sweeps.queries.script.writer import keywords

WHY = {
    "logging_nan_inf_filter": "Repair: otherwise batches that are not a number are left out of the loss.",
    "average_tokens_across_devices": "Repair: it multiplies eval_loss by the number of processes for some models.",
}


def add_arguments(part: Part, more: dict[str, Any] | None = None) -> None:
    """`args`, and `BASE`: what a trial finds there, whatever the one before has set. `more`: values of one trial."""
    spec, writer = part.spec, part.writer
    writer.use("torch")
    writer.use("transformers", "TrainingArguments")
    values: dict[str, Any] = {**UNLESS_FIXED, "seed": spec.seed, **spec.arguments, **ALWAYS, **(more or {})}
    lines = ["args = TrainingArguments(", '    output_dir=str(HERE / "output"),']
    lines.append("    use_cpu=not torch.cuda.is_available(),")
    for name, value in values.items():
        if name in WHY:
            lines.append(f"    # {WHY[name]}")
        if name == "report_to" and spec.report_to:
            lines += [f"    # {line}" for line in _mirrored(spec.report_to)]
        lines.append(keywords({name: value}))
    lines.append(")")
    if more is None:
        lines += _base(part)
    writer.add("\n".join(lines))


def _mirrored(names: Sequence[Reporting]) -> list[str]:
    """Why the script does not do it."""
    return [
        f"hpweb mirrored the trials to {', '.join(MIRROR_LABELS[name] for name in names)}, beside the training: no value depends on it.",
        "Left out here: it needs keys, and transformers' own reporting does not keep the trials of a search apart everywhere.",
    ]


def _base(part: Part) -> list[str]:
    names = part.searched(Place.ARGUMENTS)
    lines = []
    if "warmup_steps" in names:
        lines.append("# Repair: a value is cast to the type that is found here, and 0 would cut 0.1 down to 0.")
        lines.append("args.warmup_steps = float(args.warmup_steps)")
    if names:
        lines.append(f"BASE = {{name: getattr(args, name) for name in {list(names)!r}}}")
    return lines
