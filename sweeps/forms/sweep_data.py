"""A draft as what its form holds, and the way from a problem's path to the form's field."""

from collections.abc import Mapping
from typing import Any, Final

from runners.optimizers.pruners import PRUNERS
from runners.optimizers.samplers import SAMPLERS
from runners.protocol.catalogue import catalogue
from sweeps.models import DatasetVersion, Model, SearchSpace
from sweeps.validation.draft import Draft
from sweeps.validation.text import shown

ARGUMENT: Final = "arg-"
SETTING: Final = "data-"
OWN_SPACE: Final = "own"

NEW_DRAFT: Final = Draft(arguments={"eval_strategy": "epoch", "logging_steps": 10.0, "save_strategy": "no"})
"""What a new sweep starts from: an evaluation after each epoch, a loss curve, no checkpoints of every trial."""

COMMON: Final = (
    "num_train_epochs",
    "max_steps",
    "learning_rate",
    "per_device_train_batch_size",
    "per_device_eval_batch_size",
    "eval_strategy",
    "eval_steps",
    "logging_steps",
    "weight_decay",
    "warmup_steps",
    "lr_scheduler_type",
)
"""The arguments that stand open in the form; the others are below their group's heading."""

FIXABLE: Final = tuple(field for field in catalogue().arguments if field.name != "seed")
"""The sweep's own seed is `seed`, so it is no argument here."""


def option_name(role: str, kind: str, option: str) -> str:
    """The form's field for an option of a sampler or pruner."""
    return f"{role}-{kind}-{option}"


def draft_data(draft: Draft) -> dict[str, str]:
    """What a form that was sent with this draft would hold, beside name and parts."""
    objective = draft.objectives[0] if draft.objectives else None
    timeout = draft.budget.timeout_s
    data = {
        "metric": objective.metric if objective else "",
        "direction": objective.direction if objective else "",
        "sampler": draft.backend.sampler.name,
        "pruner": draft.backend.pruner.name,
        "n_trials": _text(draft.budget.n_trials),
        "timeout_minutes": "" if timeout is None else shown(timeout / 60),
        "max_failed_trials": _text(draft.budget.max_failed_trials),
        "seed": str(draft.seed),
        "sampler_seed": str(draft.sampler_seed),
        "threads": str(draft.threads),
        "children": str(draft.children),
        "keep_best": "on" if draft.keep_best else "",
    }
    for role, choice in (("sampler", draft.backend.sampler), ("pruner", draft.backend.pruner)):
        data |= {option_name(role, choice.name, name): shown(value) for name, value in choice.options.items()}
    data |= {f"{ARGUMENT}{name}": shown(value) for name, value in draft.arguments.items()}
    data |= {f"{SETTING}{name}": shown(value) for name, value in draft.data_settings.items()}
    return {name: text for name, text in data.items() if text or name != "keep_best"}


def parts_data(
    model: Model | None, version: DatasetVersion | None, space: SearchSpace | None, *, own_space: bool
) -> dict[str, str]:
    """The chosen parts, by their public ids."""
    return {
        "model": model.public_id if model else "",
        "dataset_version": version.public_id if version else "",
        "space": OWN_SPACE if own_space else space.public_id if space else "",
    }


def place(path: str, draft_data: Mapping[str, Any]) -> str:
    """The form's field for a path of `validation.sweep`. `draft_data` says which sampler and pruner are chosen."""
    first, _, rest = path.partition(".")
    match first:
        case "arguments":
            return f"{ARGUMENT}{rest}" if rest != "seed" else "seed"
        case "data_settings":
            return f"{SETTING}{rest}"
        case "objectives":
            return "direction" if rest.endswith("direction") else "metric"
        case "budget":
            return {"timeout_s": "timeout_minutes"}.get(rest, rest)
        case "backend":
            role, _, what = rest.partition(".")
            option = what.removeprefix("options.")
            return option_name(role, str(draft_data.get(role, "")), option) if option != what else role
        case "data":
            return "dataset_version"
        case _:
            return first


def kinds(role: str) -> list[tuple[str, str]]:
    """(name, label) of the samplers or pruners."""
    if role == "sampler":
        return [(kind.name, kind.label) for kind in SAMPLERS.values()]
    return [(kind.name, kind.label) for kind in PRUNERS.values()]


def _text(value: object) -> str:
    return "" if value is None else str(value)
