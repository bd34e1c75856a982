"""Ray Tune on a GPU: do its trials train there, side by side where asked, and is the memory free again?

`python -m bench.gpu.tune`. One line per case; exit code 1 where a trial has not ended as it must, or none was on the GPU.
"""

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pynvml
import torch

from bench.gpu.ddp import ARGUMENTS, MODEL, digits
from runners.protocol.spec import SweepSpec
from tests.runners.process.small_supervisor import SmallSupervisor

TRIALS = 4


@dataclass(frozen=True)
class Case:
    """`children`: trials side by side. `ends`: states that a trial may end in."""

    name: str
    children: int
    backend: dict[str, Any]
    ends: frozenset[str] = frozenset({"complete"})
    arguments: dict[str, Any] = field(default_factory=dict)


CASES = (
    Case("random, no share named", 1, {"gpus": 0}),
    # So long that one still trains when the other's process has been started.
    Case("random, half a GPU each", 2, {"gpus": 0.5}, arguments={"num_train_epochs": 12}),
    Case("Optuna's search, a whole GPU", 1, {"gpus": 1, "search": {"name": "optuna"}}),
    Case(
        "ASHA, half a GPU each",
        2,
        {"gpus": 0.5, "scheduler": {"name": "asha", "options": {"grace_period": 1}}},
        frozenset({"complete", "pruned"}),
    ),
    Case(
        "population-based training, half a GPU each",
        2,
        {
            "gpus": 0.5,
            "mutations": ["learning_rate"],
            "scheduler": {"name": "pbt", "options": {"perturbation_interval": 2}},
        },
        arguments={"save_strategy": "epoch", "num_train_epochs": 4},
    ),
)


@dataclass
class Seen:
    """The most that the first GPU has shown. `processes` with memory on it, `mib` in use."""

    processes: int = 0
    mib: int = 0

    def look(self, card: Any) -> None:
        self.processes = max(self.processes, len(pynvml.nvmlDeviceGetComputeRunningProcesses(card)))
        self.mib = max(self.mib, used(card))


def used(card: Any) -> int:
    return int(pynvml.nvmlDeviceGetMemoryInfo(card).used) // 2**20


@contextmanager
def watched(card: Any) -> Iterator[Seen]:
    seen, over = Seen(), threading.Event()

    def watch() -> None:
        while not over.wait(0.05):
            seen.look(card)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def job(case: Case, folder: Path, files: dict[str, str]) -> SmallSupervisor:
    ref = {"sha256": "a" * 64, "size": 1}
    labels = [str(digit) for digit in range(10)]
    spec = SweepSpec.model_validate(
        {
            "task": "image-classification",
            "model": MODEL,
            "processor": {"source": "new"},
            "data": {"source": "artifact", "digest": "d" * 64, "train": ref, "eval": ref, "labels": labels},
            "space": {"parameters": [{"type": "float", "name": "learning_rate", "low": 1e-4, "high": 1e-2}]},
            "objectives": [{"metric": "eval_loss", "direction": "minimize"}],
            "arguments": {**ARGUMENTS, **case.arguments},
            "budget": {"n_trials": TRIALS},
            "children": case.children,
            "backend": {"name": "ray", **case.backend},
        }
    )
    supervisor = SmallSupervisor(folder, spec, files)
    start = supervisor.folder.start().model_copy(update={"device": "cuda:0"})
    supervisor.folder.start_file.write_text(start.model_dump_json())
    supervisor.run(TRIALS)
    return supervisor


def at_once(supervisor: SmallSupervisor) -> int:
    """The most trials that trained at a time, by their events."""
    turns = [(event["t"], 1) for event in supervisor.of_type("trial_started")]
    turns += [(event["t"], -1) for event in supervisor.of_type("trial_finished")]
    open_now = most = 0
    for _, step in sorted(turns):
        open_now += step
        most = max(most, open_now)
    return most


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="cases whose name has this part")
    only = parser.parse_args().only
    pynvml.nvmlInit()
    card = pynvml.nvmlDeviceGetHandleByIndex(0)
    before, bad = used(card), False
    print(
        "| case | trials | at once | processes on the GPU | most memory | s | as it must be |\n|---|---|---|---|---|---|",
        flush=True,
    )
    with tempfile.TemporaryDirectory(prefix="hpweb-tune-") as place:
        files = digits(Path(place))
        for index, case in enumerate(CASES):
            if only not in case.name:
                continue
            began = time.monotonic()
            with watched(card) as seen:
                supervisor = job(case, Path(place) / str(index), files)
            ends = sorted(end["state"] for end in supervisor.of_type("trial_finished"))
            right = len(ends) == TRIALS and set(ends) <= case.ends and seen.mib > before and not supervisor.failed
            right &= at_once(supervisor) >= case.children
            bad |= not right
            took = f"{time.monotonic() - began:.1f}"
            print(
                f"| {case.name} | {', '.join(ends)} | {at_once(supervisor)} | {seen.processes} | {seen.mib - before} MiB | {took} | {'yes' if right else 'NO'} |",
                flush=True,
            )
            if not right:
                print(supervisor.failed, supervisor.output[-3000:], file=sys.stderr, flush=True)
    time.sleep(2)
    print(
        f"torch {torch.__version__}, {torch.cuda.get_device_name()}; GPU memory before {before} MiB, after {used(card)} MiB"
    )
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
