"""A person's own script, without transformers: `python -m tests.e2e.wandb_script '{"method": …}' [SWEEP]`.

Minimises (x - 2)² over a few logged steps. Prints the sweep's id; with SWEEP it joins that one.
"""

import json
import sys
import time

import wandb
from wandb.agents import pyagent

pyagent.Agent.HEARTBEAT_SLEEP_SECONDS = 0.5  # type: ignore[assignment]  # an int there


def train() -> None:
    with wandb.init() as run:
        for step in range(3):
            run.log({"val/loss": (run.config.x - 2) ** 2 + (2 - step) * 0.01, "train/global_step": step + 1})
            time.sleep(0.1)
        if run.config.x == 13:
            raise ValueError("an unlucky number")


if __name__ == "__main__":
    sweep = sys.argv[2] if len(sys.argv) > 2 else wandb.sweep(json.loads(sys.argv[1]), project="mine")
    print(json.dumps({"sweep": sweep}), flush=True)
    wandb.agent(sweep, train)
