"""Run by `Stack.sweep`, as the server's program: `python -m tests.stack.make_sweep text '{"n_trials": 3}'` prints a public id.

The demo's sweep of that kind with other settings. `n_trials`, `timeout_s`, `seed`, `children`, `sampler`, `pruner`, `start` (true),
`arguments` and `data_settings` (added to the demo's), `keep_best`, `hub_model` (a Hub id instead of the demo's model),
`wandb` (the W&B backend's fields instead of Optuna), `space` (rows instead of the demo's), `spec` (fields of
the frozen spec instead of the demo's).
"""

import json
import sys
from typing import Any

import django

django.setup()

from django.db import transaction  # noqa: E402

from runners.protocol.backends import NamedChoice, OptunaBackend, optuna_of  # noqa: E402
from runners.protocol.space import FloatParameter, SearchSpace  # noqa: E402
from runners.protocol.spec import HubModel, ModelProcessor  # noqa: E402
from sweeps.models import Sweep  # noqa: E402
from sweeps.services.control import start_sweep  # noqa: E402
from sweeps.services.demo import seed_demo  # noqa: E402
from sweeps.services.drafts import read_draft, save_draft  # noqa: E402
from sweeps.services.library import save_model  # noqa: E402

LEARNING_RATE = FloatParameter(name="learning_rate", low=1e-4, high=1e-2, log=True)
KINDS = {"text": 0, "images": 1}


def make(kind: str, changes: dict[str, Any]) -> Sweep:
    demo = seed_demo()
    model = demo.sweeps[KINDS[kind]]
    draft = read_draft(model)
    demos = optuna_of(draft.backend)
    backend = OptunaBackend(
        sampler=NamedChoice.model_validate(changes["sampler"]) if "sampler" in changes else demos.sampler,
        pruner=NamedChoice.model_validate(changes["pruner"]) if "pruner" in changes else demos.pruner,
    )
    draft = draft.model_copy(
        update={
            "backend": backend,
            "budget": draft.budget.model_copy(
                update={"n_trials": changes.get("n_trials", 3), "timeout_s": changes.get("timeout_s")}
            ),
            "arguments": {**draft.arguments, **changes.get("arguments", {})},
            "data_settings": {**draft.data_settings, **changes.get("data_settings", {})},
            **{name: changes[name] for name in ("seed", "children", "keep_best") if name in changes},
        }
    )
    used = model.model
    if "hub_model" in changes:
        used = save_model(
            team=demo.team,
            user=demo.owner,
            name=changes["hub_model"],
            task=str(used and used.task),
            source=HubModel(id=changes["hub_model"]),
            processor=ModelProcessor(),
        )
        draft = draft.model_copy(update={"space": SearchSpace(parameters=(LEARNING_RATE,))})
    sweep = save_draft(
        team=demo.team,
        user=demo.owner,
        name=changes.get("name", f"Test of {kind}"),
        draft=draft,
        model=used,
        dataset_version=model.dataset_version,
        space=model.space,
    )
    if changes.get("start", True):
        with transaction.atomic():
            started = start_sweep(sweep=sweep, user=demo.owner)
            if "wandb" in changes:
                started.spec = {**(started.spec or {}), "backend": {"name": "wandb", **changes["wandb"]}}
            if "space" in changes:
                started.spec = {**(started.spec or {}), "space": {"parameters": changes["space"]}}
            started.spec = {**(started.spec or {}), **changes.get("spec", {})}
            started.save(update_fields=["spec"])
    return sweep


if __name__ == "__main__":
    print(json.dumps(make(sys.argv[1], json.loads(sys.argv[2])).public_id))
