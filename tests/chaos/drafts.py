"""Run as the server's program: `python -m tests.chaos.drafts tpe 20 6 8 3` makes 20 drafts and prints their public ids.

`6` trials of `8` steps each, that last well below a second; a checkpoint every `3` steps, or none with `0`.

`tpe`: what is drawn depends on all trials before, so nothing may be forgotten; compared trial by trial. `grid`: a new
job, whose sampler begins anew, must still visit each point once; compared point by point.
"""

import json
import sys
from typing import Final

import django

django.setup()

from runners.protocol.backends import NamedChoice, OptunaBackend  # noqa: E402
from runners.protocol.space import CategoricalParameter, FloatParameter, SearchSpace  # noqa: E402
from runners.protocol.spec import Checkpoints  # noqa: E402
from sweeps.services.demo import seed_demo  # noqa: E402
from sweeps.services.drafts import read_draft, save_draft  # noqa: E402

BATCHES: Final = CategoricalParameter(name="per_device_train_batch_size", choices=(16, 32))
SPACES: Final = {
    "tpe": SearchSpace(parameters=(FloatParameter(name="learning_rate", low=1e-4, high=1e-2, log=True), BATCHES)),
    "grid": SearchSpace(parameters=(FloatParameter(name="learning_rate", low=1e-3, high=3e-3, step=1e-3), BATCHES)),
}
SAMPLERS: Final = {
    "tpe": NamedChoice(name="tpe", options={"n_startup_trials": 3}),
    "grid": NamedChoice(name="grid"),
}


def make(kind: str, count: int, n_trials: int, steps: int, saved: int) -> list[str]:
    demo = seed_demo()
    model = demo.sweeps[1]
    before = read_draft(model)
    draft = before.model_copy(
        update={
            "space": SPACES[kind],
            "backend": OptunaBackend(sampler=SAMPLERS[kind], pruner=NamedChoice(name="none")),
            "checkpoints": Checkpoints(every="steps", steps=saved) if saved else Checkpoints(),
            "budget": before.budget.model_copy(update={"n_trials": n_trials}),
            "arguments": {
                **before.arguments,
                "max_steps": steps,
                "logging_steps": 2.0,
                "eval_strategy": "steps",
                "eval_steps": 4.0,
            },
        }
    )
    return [
        save_draft(
            team=demo.team,
            user=demo.owner,
            name=f"Chaos {kind} {place}",
            draft=draft,
            model=model.model,
            dataset_version=model.dataset_version,
        ).public_id
        for place in range(count)
    ]


if __name__ == "__main__":
    print(json.dumps(make(sys.argv[1], *(int(number) for number in sys.argv[2:]))))
