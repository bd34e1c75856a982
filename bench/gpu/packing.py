"""Packing on a GPU: sweeps with `children: auto` against the plain script. `python -m bench.gpu.packing [--only …] [--quick]`.

The runner is a process of its own with its warm fork server; the server's side of the contract is the tests' own, so that
nothing but the runner is measured. A sweep counts from its offer to its end, its learning included; the script counts as a
whole process, imports included, and once without them. Both train the same model on the same rows with the same arguments.
`--quick` is a dry run with tiny figures, also without a GPU.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from runners.protocol.spec import SweepSpec
from tests.processes import ROOT
from tests.runners.process.fake_server import TOKEN, FakeJob, FakeServer

PLAIN = ROOT / "bench" / "plain" / "text_classification.py"
WORDS, LENGTH, BATCH = 30_000, 128, 32
MINILM = {"hidden_size": 384, "num_hidden_layers": 6, "num_attention_heads": 12, "intermediate_size": 1536}
BERT = {"hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072}
TINY = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64}


@dataclass
class Material:
    """Files on disk, and how large everything is. `gpu`: whether there is one."""

    folder: Path
    gpu: bool
    quick: bool

    @property
    def steps(self) -> int:
        return 10 if self.quick else 100

    def make(self) -> None:
        """Random words: what is measured is time, not what is learned."""
        draw = random.Random(0)
        for split, rows in (("train", 3200), ("eval", 256)):
            count = rows // 10 if self.quick else rows
            text = [" ".join(f"w{draw.randrange(WORDS)}" for _ in range(LENGTH)) for _ in range(count)]
            table = pa.table({"text": text, "label": pa.array([index % 2 for index in range(count)], pa.int64())})
            pq.write_table(table, self.folder / f"{split}.parquet")
        special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
        vocabulary = {word: place for place, word in enumerate([*special, *(f"w{place}" for place in range(WORDS))])}
        words = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
        words.pre_tokenizer = pre_tokenizers.Whitespace()
        made: Any = PreTrainedTokenizerFast
        made(tokenizer_object=words, pad_token="[PAD]", unk_token="[UNK]").save_pretrained(self.folder / "tokenizer")

    def spec(self, server: FakeServer, model: dict[str, int], n_trials: int, **changes: Any) -> SweepSpec:
        files = {split: (self.folder / f"{split}.parquet").read_bytes() for split in ("train", "eval")}
        refs = {split: {"sha256": server.store(data), "size": len(data)} for split, data in files.items()}
        arguments = {
            "max_steps": self.steps,
            "per_device_train_batch_size": BATCH,
            "per_device_eval_batch_size": 128,
            "logging_steps": 10,
            "save_strategy": "no",
            "bf16": self.gpu,
            **changes.pop("arguments", {}),
        }
        rate = {"type": "float", "name": "learning_rate", "low": 1e-5, "high": 1e-4, "log": True}
        return SweepSpec.model_validate(
            {
                "task": "text-classification",
                "model": {"source": "config", "model_type": "bert", "fields": TINY if self.quick else model},
                "processor": {"source": "folder", "path": str(self.folder / "tokenizer")},
                "data": {"source": "artifact", "digest": "d" * 64, **refs, "labels": ["no", "yes"]},
                "data_settings": {"max_length": LENGTH},
                "space": {"parameters": [rate, *changes.pop("rows", [])]},
                "objectives": [{"metric": "eval_loss", "direction": "minimize"}],
                "backend": {"name": "optuna", "sampler": {"name": "random"}},
                "arguments": arguments,
                "budget": {"n_trials": n_trials},
                "keep_best": False,
                "children": "auto",
                **changes,
            }
        )


class Card:
    """Samples the first GPU's utilisation and memory while it is watched; nothing without one."""

    def __init__(self) -> None:
        self._handle: Any = None
        with suppress(Exception):
            import pynvml

            pynvml.nvmlInit()
            self._nvml = pynvml
            self._handle = pynvml.nvmlDeviceGetHandleByIndex(0)

    @property
    def there(self) -> bool:
        return self._handle is not None

    @contextmanager
    def watched(self) -> Iterator[list[tuple[float, float]]]:
        """(utilisation in percent, memory in GB) ten times a second."""
        seen: list[tuple[float, float]] = []
        over = threading.Event()

        def watch() -> None:
            while self.there and not over.wait(0.1):
                used = self._nvml.nvmlDeviceGetMemoryInfo(self._handle).used / 1e9
                seen.append((float(self._nvml.nvmlDeviceGetUtilizationRates(self._handle).gpu), used))

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            yield seen
        finally:
            over.set()
            thread.join()


@contextmanager
def runner(server: FakeServer, folder: Path, roots: Path) -> Iterator[None]:
    """A runner that is warm."""
    log = folder / "runner.log"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HPWEB_")}
    environment |= {
        "HPWEB_SERVER": server.url,
        "HPWEB_RUNNER_TOKEN": TOKEN,
        "HPWEB_RUNNER_HOME": str(folder / "home"),
        "HPWEB_MODEL_ROOTS": str(roots),
    }
    began = time.monotonic()
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, "-m", "runners.process"], env=environment, stdout=out, stderr=out)
    try:
        while "Ready to start children" not in log.read_text():
            if process.poll() is not None or time.monotonic() - began > 120:
                raise RuntimeError(f"the runner does not get warm:\n{log.read_text()[-3000:]}")
            time.sleep(0.1)
        print(f"the runner was warm after {time.monotonic() - began:.1f} s", flush=True)
        yield
    finally:
        process.terminate()
        process.wait(20)
        if trouble := [line for line in log.read_text().splitlines() if "WARN" in line or "ERROR" in line]:
            print("\n".join(trouble[-10:]), flush=True)


def sweep(server: FakeServer, spec: SweepSpec, limit_s: float = 240) -> tuple[FakeJob, float]:
    """The job once it has ended, and its seconds from the offer on."""
    began = time.monotonic()
    job = server.offer(spec, n_trials=spec.budget.n_trials, lease_s=30.0)
    while job.end is None:
        if time.monotonic() - began > limit_s:
            raise RuntimeError(f"not over after {limit_s} s: {[event.type for event in job.events][-20:]}")
        time.sleep(0.02)
    took = time.monotonic() - began
    if job.end.state != "done":
        print(f"the job ended as {job.end.state}: {job.end.failure_message}", flush=True)
    return job, took


def plain(material: Material, spec: SweepSpec) -> tuple[float, float]:
    """The script's seconds as a process, and those without its imports."""
    told = spec.model_dump(mode="json")
    told["arguments"].pop("save_strategy")
    told["use_cpu"] = not material.gpu
    (material.folder / "settings.json").write_text(json.dumps(told))
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(PLAIN), str(material.folder)], check=False, capture_output=True, text=True
    )
    took = time.monotonic() - began
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    loads = "import torch, datasets, optuna, transformers; from transformers import Trainer"
    began = time.monotonic()
    subprocess.run([sys.executable, "-W", "ignore", "-c", loads], check=True)
    return took, took - (time.monotonic() - began)


def ends(job: FakeJob) -> str:
    states = [state for _, state in job.granted.values()]
    return ", ".join(f"{states.count(state)} {state}" for state in sorted(set(states)))


def course(job: FakeJob) -> str:
    """When how many trained: `1 (2.1 s) → 4 (4.0 s)`."""
    return " → ".join(f"{event.children} ({event.t:.1f} s)" for event in job.of("packed"))


def used(seen: list[tuple[float, float]]) -> str:
    return (
        f"{mean(one for one, _ in seen):.0f}% busy, at most {max(one for _, one in seen):.1f} GB" if seen else "no GPU"
    )


def against(server: FakeServer, material: Material, card: Card, model: dict[str, int], name: str) -> None:
    """16 trials, and 64 of the small model, against the script's 16."""
    trials = 4 if material.quick else 16
    spec = material.spec(server, model, trials)
    with card.watched() as seen:
        job, ours = sweep(server, spec)
    print(f"{name}, {trials} trials: {ours:.1f} s ({ends(job)}), GPU {used(seen)}\n  {course(job)}", flush=True)
    for event in job.of("packed"):
        print(f"  {event.why}")
    with card.watched() as seen:
        whole, bare = plain(material, spec)
    print(f"{name}, the script: {whole:.1f} s, {bare:.1f} s without its imports, GPU {used(seen)}")
    print(f"{name}: {whole / ours:.2f} times sooner; {bare / ours:.2f} times without the script's imports", flush=True)
    if model is MINILM:
        many = 4 * trials
        with card.watched() as seen:
            job, ours = sweep(server, material.spec(server, model, many))
        each = bare / trials
        script = whole + each * (many - trials)
        print(
            f"{name}, {many} trials: {ours:.1f} s ({ends(job)}), GPU {used(seen)}; {course(job)}; {script / ours:.2f} times "
            f"sooner than {script:.0f} s, which follows for the script from its {trials} trials",
            flush=True,
        )


def starts(server: FakeServer, material: Material) -> None:
    """Claim → first step, and end of a trial → first step of the next one in the same child. One child."""
    spec = material.spec(server, MINILM, 6, children=1, arguments={"max_steps": 10, "logging_steps": 1})
    job, _ = sweep(server, spec)
    first = {event.number: event.t for event in reversed(job.of("metrics"))}
    over = {event.number: event.t for event in job.of("trial_finished")}
    gaps = [first[number] - over[number - 1] for number in sorted(first) if number - 1 in over]
    began = {event.number: event.t for event in job.of("trial_started")}
    told = [began[number] - over[number - 1] for number in sorted(began) if number - 1 in over]
    print(
        f"claim → first step: {first[0]:.2f} s; end of a trial → the next one's start {median(told):.2f} s, its first step "
        f"{median(gaps):.2f} s (most {max(gaps):.2f} s)",
        flush=True,
    )


def equal(server: FakeServer, material: Material) -> None:
    """The same trials with one child twice, and with four: how far values lie apart, of which the card itself has a part."""
    tables = []
    for children in (1, 1, 4):
        spec = material.spec(server, MINILM, 4, children=children, arguments={"max_steps": 10})
        job, _ = sweep(server, spec)
        rates = {event.number: event.params["learning_rate"] for event in job.of("trial_started")}
        tables.append({rates[event.number]: event.values[0] for event in job.of("trial_finished")})
    for name, table in (("one child again", tables[1]), ("four children", tables[2])):
        shared = tables[0].keys() & table.keys()
        apart = max((abs(tables[0][rate] - table[rate]) for rate in shared), default=float("nan"))
        print(f"one child and {name}: {len(shared)} of 4 trials the same, values at most {apart:.3g} apart", flush=True)


def crowded(server: FakeServer, material: Material) -> None:
    """More children than the memory has room for: trials back off, and none fails. Most of the card is taken by another."""
    hog = None
    if material.gpu:
        code = (
            "import torch, time; free, _ = torch.cuda.mem_get_info(); "
            "held = torch.empty(free - 14 * 10**9, dtype=torch.uint8, device='cuda'); print('held', flush=True); time.sleep(600)"
        )
        hog = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
        assert hog.stdout is not None
        hog.stdout.readline()
    try:
        for children in (8, "auto"):
            arguments = {"max_steps": 10 if material.quick else 30, "per_device_train_batch_size": 256}
            job, took = sweep(server, material.spec(server, MINILM, 8, children=children, arguments=arguments))
            backed = len(job.of("attempt_backed_off"))
            print(
                f"crowded, {children} at a time: {took:.1f} s, {ends(job)}, {backed} attempts backed off; {course(job)}",
                flush=True,
            )
            for event in job.of("packed")[-1:]:
                print(f"  {event.why}")
    finally:
        if hog is not None:
            hog.kill()
            hog.wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.gpu.packing")
    parser.add_argument("--only", nargs="*", default=["starts", "equal", "minilm", "crowded", "bert"])
    parser.add_argument("--quick", action="store_true")
    wanted = parser.parse_args()
    card = Card()
    with tempfile.TemporaryDirectory(prefix="hpweb-packing-") as place, FakeServer().serving() as server:
        material = Material(Path(place), card.there, wanted.quick)
        material.make()
        with runner(server, Path(place), Path(place)):
            for case in wanted.only:
                try:
                    match case:
                        case "starts":
                            starts(server, material)
                        case "equal":
                            equal(server, material)
                        case "minilm":
                            against(server, material, card, MINILM, "MiniLM-sized")
                        case "crowded":
                            crowded(server, material)
                        case "bert":
                            against(server, material, card, BERT, "BERT-base")
                except RuntimeError as error:
                    print(f"{case}: {error}", flush=True)


if __name__ == "__main__":
    main()
