"""From the click on Start to the first training step, the runner warm: `python -m bench.start`.

The click is the POST that starts a draft. The step is the Trainer's first log (`logging_steps=1`), by the clock of the
process that trains; "told" is when the server's answer shows it. Beside it, in the same run, what a fresh process needs
for its imports alone.
"""

import subprocess
import sys
import time
from typing import Final

from bench.running import first, job_start, quiet, running, seconds
from tests.processes import clean_env
from tests.stack import Stack

TIMES: Final = 5
IMPORTS: Final = (
    "import torch, transformers, datasets, optuna; from transformers import Trainer, AutoModelForSequenceClassification"
)


def measure(stack: Stack, kind: str) -> tuple[float, float, list[str]]:
    """Seconds to the first step, seconds until it is told, and where the time went."""
    arguments = {"logging_steps": 1.0, "num_train_epochs": 1.0}
    sweep = stack.sweep(kind, n_trials=1, start=False, arguments=arguments, keep_best=False)
    quiet(stack)
    client = stack.client()
    begin = time.monotonic()
    client.post(f"/api/v1/sweeps/{sweep}/start/").raise_for_status()
    answered = time.monotonic() - begin
    while not stack.snapshot(sweep)["curves"].get("0", {}).get("loss"):
        time.sleep(0.01)
    told = time.monotonic() - begin
    t0 = job_start(stack, sweep)
    stack.wait_finished(sweep)
    events = stack.events(sweep)
    claimed = t0 - begin
    marks = {"answered": answered, "claimed": claimed}
    for name in ("child_started", "job_prepared", "trial_started", "metrics"):
        marks[name] = claimed + first(events, name)["t"]
    return marks["metrics"], told, [f"{name} {mark:.2f}" for name, mark in marks.items()]


def main() -> None:
    fresh = []
    for _ in range(3):
        begin = time.monotonic()
        subprocess.run([sys.executable, "-W", "ignore", "-c", IMPORTS], check=True, env=clean_env())
        fresh.append(time.monotonic() - begin)
    print(f"a fresh process, imports alone: {seconds(fresh)}")
    with running() as stack:
        for kind in ("text", "images"):
            found = [measure(stack, kind) for _ in range(TIMES + 1)]
            print(f"{kind}: the first sweep over its data: {found[0][0]:.2f} s ({', '.join(found[0][2])})")
            steps, told = [one[0] for one in found[1:]], [one[1] for one in found[1:]]
            print(f"{kind}: start to first step {seconds(steps)}, told {seconds(told)}")
            print(f"{kind}: the last one: {', '.join(found[-1][2])}")


if __name__ == "__main__":
    main()
