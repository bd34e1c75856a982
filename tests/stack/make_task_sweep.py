"""Make a sweep of a task from package data and a preset's model, and start it: `<package> <changes as JSON>`."""

import json
import os
import secrets
import sys
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hpweb.settings")
django.setup()

from django.db import transaction  # noqa: E402

from runners.protocol.catalogue import catalogue  # noqa: E402
from runners.protocol.space import SearchSpace  # noqa: E402
from sweeps.models import Sweep  # noqa: E402
from sweeps.services.control import start_sweep  # noqa: E402
from sweeps.services.datasets.package import create_package_dataset  # noqa: E402
from sweeps.services.datasets.packages import PACKAGES  # noqa: E402
from sweeps.services.demo import seed_demo  # noqa: E402
from sweeps.services.drafts import save_draft  # noqa: E402
from sweeps.services.library import save_model  # noqa: E402
from sweeps.services.model_presets import MODEL_PRESETS  # noqa: E402
from sweeps.validation.draft import Draft  # noqa: E402

RATE = {"type": "float", "name": "learning_rate", "low": 1e-3, "high": 5e-3, "log": True}


def make(key: str, changes: dict[str, Any]) -> Sweep:
    demo = seed_demo()
    task = PACKAGES[key].task
    entry = catalogue().task(task)
    assert entry is not None
    preset = next(preset for preset in MODEL_PRESETS.values() if preset.task == task)
    metric = next(metric for metric in entry.metrics if metric.name != "eval_loss")
    arguments = {"max_steps": 20, "eval_strategy": "steps", "eval_steps": 20.0, "logging_steps": 5.0}
    draft = Draft.model_validate(
        {
            "space": SearchSpace.model_validate({"parameters": [RATE]}),
            "objectives": [{"metric": metric.name, "direction": metric.direction}],
            "budget": {"n_trials": 2},
            "arguments": {**arguments, "per_device_eval_batch_size": 64},
            **changes,
        }
    )
    team, owner = demo.team, demo.owner
    # One stack serves several tests.
    mark = secrets.token_hex(3)
    version = create_package_dataset(team=team, user=owner, key=key, name=f"Data of {key} {mark}")
    model = save_model(
        team=team,
        user=owner,
        name=f"Model of {key} {mark}",
        task=task,
        source=preset.source,
        processor=preset.processor,
    )
    sweep = save_draft(team=team, user=owner, name=f"Sweep of {key}", draft=draft, model=model, dataset_version=version)
    with transaction.atomic():
        return start_sweep(sweep=sweep, user=owner)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(make(sys.argv[1], json.loads(sys.argv[2])).public_id))
