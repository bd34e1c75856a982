"""What a runner holds after many sweeps against after a few: `python -m bench.leaks [sweeps]` (50).

One runner, tiny sweeps one after another, of all kinds: Optuna, Ray, W&B, two processes for each trial, failed and pruned
trials, a killed child, a cancelled sweep. Between them everything is read while the runner rests. Exits with 1 when a
process, a temporary file or a job's folder is left, or when memory has grown by more than a tenth.
"""

import sys
import time
from collections.abc import Callable
from typing import Any, Final

from bench.running import quiet, running
from tests.stack import Stack
from tests.stack.left import Held, held, strangers

SWEEPS: Final = 50
EARLY: Final = 5
MOST_GROWTH: Final = 1.10
TINY: Final = {"n_trials": 2, "arguments": {"num_train_epochs": 1.0}}
RATE: Final = {"type": "float", "name": "learning_rate", "low": 1e-4, "high": 1e-2, "log": True}
HEADS: Final = {"type": "categorical", "name": "model.num_attention_heads", "choices": [4, 5]}


def whole(stack: Stack, **changes: Any) -> None:
    """A sweep to its end."""
    snapshot = stack.wait_finished(stack.sweep("images", **{**TINY, **changes}), 180)
    assert snapshot["sweep"]["state"] == "complete", snapshot["sweep"]["failure_message"]


def optuna(stack: Stack) -> None:
    whole(stack)


def ray(stack: Stack) -> None:
    whole(stack, spec={"backend": {"name": "ray"}}, space=[RATE])


def wandb(stack: Stack) -> None:
    whole(stack, wandb={"method": "random"}, space=[RATE])


def processes(stack: Stack) -> None:
    whole(stack, spec={"processes": 2}, space=[RATE])


def failed_and_pruned(stack: Stack) -> None:
    pruner = {"name": "threshold", "options": {"lower": 0.999}}
    backend = {"name": "optuna", "sampler": {"name": "brute_force"}, "pruner": pruner}
    whole(stack, spec={"backend": backend}, space=[HEADS])


def killed(stack: Stack) -> None:
    sweep = stack.sweep("images", **TINY | {"arguments": {"num_train_epochs": 4.0}})
    stack.wait_trials(sweep, finished=0)
    stack.kill_child(sweep)
    assert stack.wait_finished(sweep, 180)["sweep"]["state"] == "complete"


def cancelled(stack: Stack) -> None:
    sweep = stack.sweep("images", **TINY | {"arguments": {"num_train_epochs": 200.0}})
    stack.wait_trials(sweep, finished=0)
    stack.client().post(f"/api/v1/sweeps/{sweep}/cancel/").raise_for_status()
    assert stack.wait_finished(sweep, 60)["sweep"]["state"] == "cancelled"


KINDS: Final[tuple[Callable[[Stack], None], ...]] = (
    optuna,
    ray,
    wandb,
    processes,
    failed_and_pruned,
    killed,
    cancelled,
)


def rested(stack: Stack) -> Held:
    """After a moment in which what has just ended is reaped."""
    quiet(stack)
    time.sleep(1.5)
    return held(stack)


def said(name: str, found: Held) -> str:
    return (
        f"{name:<22} {found.resident:>8.1f} {found.proportional:>8.1f} {found.threads:>8} {found.open_files:>6}"
        f" {len(found.processes):>10} {len(found.files):>6}"
    )


def main(wanted: int) -> int:
    early: Held | None = None
    with running(HPWEB_RUNNER_SLOTS="2") as stack:
        print(f"{'after':<22} {'RSS MiB':>8} {'PSS MiB':>8} {'threads':>8} {'files':>6} {'processes':>10} {'left':>6}")
        print(said("the start", now := rested(stack)), flush=True)
        for done in range(1, wanted + 1):
            kind = KINDS[(done - 1) % len(KINDS)]
            kind(stack)
            now = rested(stack)
            print(said(f"{done} ({kind.__name__})", now), flush=True)
            for name in now.files[:5]:
                print(f"  left: {name}")
            if done == EARLY:
                early = now
        lost = strangers(stack)
        finished = len(list((stack.data / "runner" / "finished").iterdir()))
    early = early or now
    growth = now.resident / early.resident
    print(
        f"{wanted} sweeps against {EARLY}: resident memory {growth:.3f}, proportional "
        f"{now.proportional / early.proportional:.3f}, threads {now.threads}:{early.threads}, open files "
        f"{now.open_files}:{early.open_files}, processes {len(now.processes)}:{len(early.processes)}, elsewhere {lost}, "
        f"files {len(now.files)}, folders of finished jobs {finished}"
    )
    same = now.processes == early.processes and not now.files and not lost
    return 0 if same and growth <= MOST_GROWTH else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else SWEEPS))
