"""Distributed data parallel on real devices: what becomes of a trial in each case. `python -m bench.gpu.ddp [--device cpu]`.

One line per case: how the trials ended, what was said, how long it took. Exit code 1 where any is not as it must be. On
GPUs the processes speak NCCL, on the CPU gloo. Faults are real: memory that is not there, SIGKILL, a step that sleeps.
"""

import argparse
import io
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from PIL import Image
from sklearn.datasets import load_digits

from runners.protocol.job import Permit
from runners.protocol.spec import SweepSpec
from tests.runners.process.distributed.hands import at, die, none_left, raises, rank, sleep_for_ever
from tests.runners.process.small_supervisor import Inside, SmallSupervisor

ROWS, EVAL_EVERY = 600, 5
GOOD, BAD = 1e-3, 0.1
MODEL: dict[str, Any] = {
    "source": "config",
    "model_type": "vit",
    "fields": {
        "image_size": 8,
        "patch_size": 2,
        "hidden_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 256,
    },
}
ARGUMENTS: dict[str, Any] = {
    "num_train_epochs": 2,
    "eval_strategy": "epoch",
    "logging_steps": 5,
    "per_device_train_batch_size": 16,
    "per_device_eval_batch_size": 32,
}
MORE_THAN_THERE_IS = 1 << 50
"""Bytes."""


@dataclass(frozen=True)
class Case:
    """`rates`: of each trial. `ends`: how they must end. `said`: part of the failure's sentence, if one must fail."""

    name: str
    rates: tuple[float, ...]
    ends: tuple[str, ...]
    inside: Inside | None = None
    said: str = ""
    attempts: int | None = None
    spec: dict[str, Any] = field(default_factory=dict)
    stall_s: float = 600.0


def cases(device: str, last: int) -> Iterator[Case]:
    """`last`: the last rank."""
    fine, failed = (GOOD, GOOD), ("fail", "complete")
    world = last + 1

    def allocate() -> None:
        torch.empty(MORE_THAN_THERE_IS, dtype=torch.uint8, device="cpu" if device == "cpu" else "cuda")

    def out_of_memory(on: int | None) -> Inside:
        return at("step", 1, allocate, on=on, call=2)

    yield Case("complete", (GOOD, GOOD, GOOD), ("complete",) * 3)
    yield Case("pruned", (GOOD, GOOD, BAD, GOOD), ("complete", "complete", "pruned", "complete"), spec=median())
    yield Case("not finite", (10.0, 0.0), failed, said="not finite", spec=wild())
    yield Case(
        "out of memory, one rank", fine, failed, out_of_memory(last), f"Process {last} of {world}: The trial ran out"
    )
    yield Case("out of memory, all ranks", fine, failed, out_of_memory(None), "The trial ran out of memory.")
    error = at("step", 1, raises(ValueError("broken row")), on=last, call=2)
    yield Case("error, one rank", fine, failed, error, f"Process {last} of {world}: ValueError: broken row")
    for on in (0, last):
        killed = at("step", 1, die, on=on, call=2)
        yield Case(f"killed, rank {on}", fine, ("complete", "complete"), killed, attempts=3)
    hangs = at("step", 1, sleep_for_ever, on=last, call=2)
    place = f"process {last} of {world} in sleep_for_ever"
    yield Case("hangs, one rank", fine, failed, hangs, place, stall_s=10.0)
    yield Case("stopped by a person", fine, ("complete", "complete"), stopped_early)


def median() -> dict[str, Any]:
    pruner = {"name": "median", "options": {"n_startup_trials": 2}}
    return {"backend": {"name": "optuna", "sampler": {"name": "random"}, "pruner": pruner}}


def wild() -> dict[str, Any]:
    """Weights so large, and steps so unbounded, that numbers run out."""
    return {
        "arguments": {**ARGUMENTS, "optim": "sgd", "max_grad_norm": 0},
        "model": {**MODEL, "fields": {**MODEL["fields"], "initializer_range": 5.0}},
    }


def stopped_early() -> None:
    """Rank 0 is told to stop after its second step."""
    from runners.process.training.callback import LogCallback

    def on_step_end(_self: Any, _args: Any, state: Any, control: Any, **_: Any) -> None:
        if rank() == 0 and state.global_step == 2:
            control.should_evaluate = control.should_training_stop = True

    LogCallback.on_step_end = on_step_end  # type: ignore[method-assign, assignment]  # in the forked child alone


def digits(folder: Path) -> dict[str, str]:
    """Scikit-learn's digits in the canonical Parquet: split → file."""
    found = load_digits()
    rows: dict[str, list[dict[str, Any]]] = {"train": [], "eval": []}
    for index in range(ROWS):
        picture = io.BytesIO()
        Image.fromarray((found.images[index] * 15).astype("uint8")).save(picture, "PNG")
        split = "eval" if index % EVAL_EVERY == 0 else "train"
        rows[split].append({"image": picture.getvalue(), "label": int(found.target[index])})
    files = {}
    for split, told in rows.items():
        files[split] = str(folder / f"{split}.parquet")
        pq.write_table(pa.Table.from_pylist(told), files[split])
    return files


def spec_of(case: Case, processes: int) -> SweepSpec:
    ref = {"sha256": "a" * 64, "size": 1}
    labels = tuple(str(digit) for digit in range(10))
    return SweepSpec.model_validate(
        {
            "task": "image-classification",
            "model": MODEL,
            "processor": {"source": "new"},
            "data": {"source": "artifact", "digest": "d" * 64, "train": ref, "eval": ref, "labels": labels},
            "space": {"parameters": [{"type": "float", "name": "learning_rate", "low": 0.0, "high": 10.0}]},
            "objectives": [{"metric": "eval_loss", "direction": "minimize"}],
            "arguments": ARGUMENTS,
            "budget": {"n_trials": len(case.rates)},
            "processes": processes,
            **case.spec,
        }
    )


def job(case: Case, processes: int, device: str, folder: Path, files: dict[str, str]) -> SmallSupervisor:
    """The case's job at its end."""
    supervisor = SmallSupervisor(folder, spec_of(case, processes), files)
    gpus = ",".join(str(index) for index in range(processes))
    where = {"device": "cpu" if device == "cpu" else f"cuda:{gpus}", "stall_s": case.stall_s}
    start = supervisor.folder.start().model_copy(update=where)
    supervisor.folder.start_file.write_text(start.model_dump_json())
    supervisor.lost = [
        Permit(number=number, attempt=1, params={"learning_rate": rate}) for number, rate in enumerate(case.rates)
    ]
    supervisor._next = len(case.rates)  # noqa: SLF001 - no permits beside these
    supervisor.run(len(case.rates), [case.inside] if case.inside else [])
    return supervisor


def verdict(case: Case, supervisor: SmallSupervisor) -> str:
    """Empty where all is as it must be."""
    if supervisor.failed:
        return f"the job failed: {supervisor.failed.message}"
    ends = sorted(supervisor.of_type("trial_finished"), key=lambda end: end["number"])
    if tuple(end["state"] for end in ends) != case.ends:
        return f"must be {', '.join(case.ends)}"
    if case.said and not any(case.said in end.get("failure_message", "") for end in ends):
        return f"nothing says {case.said!r}"
    begun = len(supervisor.of_type("trial_started"))
    if begun != (case.attempts or len(case.rates)):
        return f"{begun} attempts"
    return "" if none_left() else "processes are left"


def same_loss(processes: int, device: str, folder: Path, files: dict[str, str]) -> str:
    """Without training, so that only the measurement can differ."""
    case = Case("", (0.0,), ("complete",))
    values = []
    for count in (1, processes):
        (_, _, found), *_ = job(case, count, device, folder / str(count), files).table()
        values.append(found[0])
    alike = abs(values[0] - values[1]) <= 1e-5 * abs(values[0])
    return f"{values[0]:.7f} in one process, {values[1]:.7f} in {processes}: {'agree' if alike else 'DIFFER'}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--processes", type=int, default=2, help="of a trial; as many GPUs are used")
    parser.add_argument("--only", default="", help="cases whose name has this part")
    given = parser.parse_args()
    bad = False
    with tempfile.TemporaryDirectory(prefix="hpweb-ddp-") as place:
        folder = Path(place)
        files = digits(folder)
        print("| case | trials | said | s | as it must be |\n|---|---|---|---|---|", flush=True)
        for index, case in enumerate(cases(given.device, given.processes - 1)):
            if given.only not in case.name:
                continue
            bad |= _line(case, lambda case=case, index=index: job(case, given.processes, given.device, folder / str(index), files))  # type: ignore[misc]  # bound at once  # fmt: skip
        if given.only in "same loss":
            told = same_loss(given.processes, given.device, folder / "loss", files)
            bad |= "DIFFER" in told
            print(f"\neval_loss: {told}")
    print(f"torch {torch.__version__}, {given.processes} processes on {given.device}; left: {_left()}")
    return int(bad)


def _line(case: Case, work: Callable[[], SmallSupervisor]) -> bool:
    """Print a case's line; True where it is not as it must be."""
    began = time.monotonic()
    try:
        supervisor = work()
    except Exception as error:  # noqa: BLE001 - one broken case must not hide the others
        print(f"| {case.name} | – | {type(error).__name__}: {str(error)[-1500:]} | – | NO |", flush=True)
        return True
    ends = sorted(supervisor.of_type("trial_finished"), key=lambda end: end["number"])
    states = ", ".join(end["state"] for end in ends)
    said = next((end["failure_message"] for end in ends if end["state"] == "fail"), "")
    said = said or next((line for line in supervisor.output.splitlines() if " was killed (" in line), "")
    wrong = verdict(case, supervisor)
    print(
        f"| {case.name} | {states} | {said[:160]} | {time.monotonic() - began:.1f} | {f'NO: {wrong}' if wrong else 'yes'} |",
        flush=True,
    )
    if wrong:
        print(supervisor.output[-3000:], file=sys.stderr, flush=True)
    return bool(wrong)


def _left() -> str:
    """Processes of this one, and what the GPUs still hold for others' sight."""
    children = f"{len(psutil.Process().children(recursive=True))} processes"
    try:
        import pynvml

        pynvml.nvmlInit()
        used = [
            pynvml.nvmlDeviceGetMemoryInfo(pynvml.nvmlDeviceGetHandleByIndex(index)).used // 2**20
            for index in range(pynvml.nvmlDeviceGetCount())
        ]
    except Exception:  # noqa: BLE001 - no driver, no GPU
        return children
    return f"{children}, GPU memory {', '.join(f'{each} MiB' for each in used)}"


if __name__ == "__main__":
    sys.exit(main())
