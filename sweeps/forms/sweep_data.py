"""A draft as what its form holds, and the way from a problem's path to the form's field."""

from collections.abc import Mapping
from typing import Any, Final

from sweeps.forms.adapters import LORA, START, shown_lora
from sweeps.forms.arguments import ARGUMENT, SETTING
from sweeps.forms.backend.choose import backend_of
from sweeps.forms.objectives import place_objective, shown_objectives
from sweeps.forms.placement import START as PLACEMENT
from sweeps.forms.placement import shown_placement
from sweeps.models import DatasetVersion, Model, SearchSpace
from sweeps.validation.draft import Draft, DraftBudget
from sweeps.validation.text import shown

OWN_SPACE: Final = "own"

NEW_DRAFT: Final = Draft(
    arguments={"eval_strategy": "epoch", "logging_steps": 10.0, "save_strategy": "no"},
    budget=DraftBudget(n_trials=20, max_failed_trials=5),
)
"""What a new sweep starts from: an evaluation after each epoch, a loss curve, no checkpoints of every trial, and an end
when a quarter of the trials have failed."""


def draft_data(draft: Draft) -> dict[str, Any]:
    """What a form that was sent with this draft would hold, beside name and parts."""
    timeout = draft.budget.timeout_s
    data: dict[str, Any] = {
        "backend": draft.backend.name,
        "n_trials": _text(draft.budget.n_trials),
        "timeout_minutes": "" if timeout is None else shown(timeout / 60),
        "max_failed_trials": _text(draft.budget.max_failed_trials),
        "seed": str(draft.seed),
        "sampler_seed": str(draft.sampler_seed),
        "threads": str(draft.threads),
        "children": str(draft.children),
        "max_children": _text(draft.max_children),
        "processes": str(draft.processes),
        "report_to": list(draft.report_to),
        "checkpoints": draft.checkpoints.every,
        "checkpoint_steps": _text(draft.checkpoints.steps),
        **({"keep_best": "on"} if draft.keep_best else {}),
    }
    data |= shown_objectives(draft.objectives)
    data |= shown_lora(draft.lora)
    data |= shown_placement(draft.requirements)
    data |= backend_of(draft.backend.name).shown(draft.backend)
    data |= {f"{ARGUMENT}{name}": shown(value) for name, value in draft.arguments.items()}
    data |= {f"{SETTING}{name}": shown(value) for name, value in draft.data_settings.items()}
    return data


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
    """The form's field for a path of `validation.sweep`. `draft_data` says what is chosen."""
    first, _, rest = path.partition(".")

    def chosen(name: str) -> str:
        return str(draft_data.get(name, "") or "")

    match first:
        case "arguments":
            return f"{ARGUMENT}{rest}" if rest != "seed" else "seed"
        case "data_settings":
            return f"{SETTING}{rest}"
        case "objectives":
            return place_objective(rest)
        case "budget":
            return {"timeout_s": "timeout_minutes"}.get(rest, rest)
        case "backend":
            return backend_of(chosen("backend")).place(rest, chosen) if rest else "backend"
        case "lora":
            return f"{START}{rest.partition('.')[0]}" if rest else LORA
        case "requirements":
            return f"{PLACEMENT}{rest.partition('.')[0] or 'runner'}"
        case "data":
            return "dataset_version"
        case _:
            return first


def _text(value: object) -> str:
    return "" if value is None else str(value)
